"""What is handed over on change: when it came, what else could explain it, and the answer of each day."""

from __future__ import annotations

from teisen.observation.schema import NUMBER, TEXT, WHEN
from teisen.tables import PROBABILITY_DECIMALS, UTC_TIME, Column, Table

READING = (
    Column("agreement_id", TEXT, "the agreement; empty text: all that is reported, under no reading", nullable=False),
    Column("provision_id", TEXT, "the provision", nullable=False),
    Column("reading_id", TEXT, "the reading", nullable=False),
)


def _chance(name: str, doc: str, *, nullable: bool = False) -> Column:
    return Column(name, NUMBER, doc, nullable=nullable, decimals=PROBABILITY_DECIMALS)


CHANGE = Table(
    "change",
    "A change in what is reported, with the probability of each explanation. They sum to 1.",
    (
        *READING,
        *WHEN,
        Column("found", UTC_TIME, "end of the day on which the daily watch gave the alarm; empty: seen only later"),
        Column("what", TEXT, "fall or return", nullable=False),
        Column("ratio_low", NUMBER, "level after over the reference, 5 % quantile", decimals=2),
        Column("ratio", NUMBER, "median", decimals=2),
        Column("ratio_high", NUMBER, "95 % quantile", decimals=2),
        _chance("p_behaviour", "P(less, or again more, happened: what independent sources show alike)"),
        _chance("p_instrument", "P(one source shows another part of what happens, and the level did not change)"),
        _chance("p_access", "P(less could be seen: effort explains it)"),
        _chance("p_scatter", "P(none of these: a quiet day among others)"),
        Column("instrument", TEXT, "the source that most likely changed; empty: none"),
        Column("word", TEXT, "behaviour, instrument, access, scatter, or cannot_tell", nullable=False),
        Column("says", TEXT, "one sentence", nullable=False),
    ),
    key=("agreement_id", "provision_id", "reading_id", "start", "what"),
)

VERDICT = Table(
    "verdict",
    "Is it holding? The answer of each day under each reading, from what was known up to it.",
    (
        *READING,
        *WHEN,
        _chance("p_holding", "P(low, and not risen since the truce's quietest)"),
        _chance("p_eroding", "P(low, but twice the truce's quietest and more)"),
        _chance("p_collapsed", "P(as in the time before, or half of it and more: it never began, or is over)"),
        _chance("p_cannot_tell", "P(the one source that looks is the cause), or 1 where nothing can be compared"),
        Column("ratio_low", NUMBER, "level over that of the time before, 5 % quantile", decimals=2),
        Column("ratio", NUMBER, "median", decimals=2),
        Column("ratio_high", NUMBER, "95 % quantile", decimals=2),
        Column("effort", NUMBER, "effort of the day over that of the time before; empty: none before", decimals=2),
        Column("sources", NUMBER, "independent sources that could have shown it on the day", nullable=False),
        Column("word", TEXT, "holding, eroding, collapsed or cannot_tell", nullable=False),
        _chance("p", "probability of the word; of cannot_tell that of the likeliest of the three"),
        Column("says", TEXT, "one sentence of reason", nullable=False),
    ),
    key=("agreement_id", "provision_id", "reading_id", "start"),
)

INTERRUPTION = Table(
    "interruption",
    "What changed at the date on which a reading begins: ratio of counts after over before, given effort and controls.",
    (
        *READING,
        Column("at", UTC_TIME, "the day on which it begins", nullable=False),
        Column("days_before", NUMBER, "days before that were compared", nullable=False),
        Column("days_after", NUMBER, "days in force that were compared", nullable=False),
        Column("plain", NUMBER, "ratio of counts after over before, without effort or control", decimals=2),
        Column("ratio_low", NUMBER, "ratio given effort, weekly rhythm and controls, 5 % bound", decimals=2),
        Column("ratio", NUMBER, "the estimate", decimals=2),
        Column("ratio_high", NUMBER, "95 % bound", decimals=2),
        Column("controls", TEXT, "series that the reading does not concern, used as controls", nullable=False),
        Column("word", TEXT, "fell, rose, no_change or cannot_tell", nullable=False),
    ),
    key=("agreement_id", "provision_id", "reading_id", "at"),
)

FORECAST = Table(
    "forecast",
    "Where use of force is likeliest in the next days, by area and day.",
    (
        Column("area_id", TEXT, "the area", nullable=False),
        *WHEN,
        Column("expected", NUMBER, "expected incidents", nullable=False, decimals=3),
        _chance("p_any", "P(one or more)"),
        Column("high", NUMBER, "95 % quantile of the count", nullable=False),
        Column("usual", NUMBER, "expected by the area's own mean and weekly rhythm alone", nullable=False, decimals=3),
        Column("triggered", NUMBER, "part of expected that recent incidents add", nullable=False, decimals=3),
        Column("rank", NUMBER, "1: the area where most is expected on that day", nullable=False),
    ),
    key=("start", "area_id"),
)
