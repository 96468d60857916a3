"""What compliance hands over: counts with what could have been seen beside them."""

from __future__ import annotations

from teisen.observation.schema import NUMBER, TEXT, WHEN
from teisen.tables import PROBABILITY_DECIMALS, Column, Table

RATE = Table(
    "rate",
    "Violations of one provision under one reading in one area on one day, with the exposure behind them.",
    (
        Column("agreement_id", TEXT, "the agreement", nullable=False),
        Column("provision_id", TEXT, "the provision", nullable=False),
        Column("reading_id", TEXT, "the reading", nullable=False),
        Column("area_id", TEXT, "the area; * for all", nullable=False),
        *WHEN,
        Column("recorded", NUMBER, "incidents recorded in the area on the day, whatever they are", nullable=False),
        Column(
            "expected",
            NUMBER,
            "expected number of violations among them: the sum of p_violation",
            nullable=False,
            decimals=PROBABILITY_DECIMALS,
        ),
        Column(
            "watched",
            NUMBER,
            "share of area and day that any source watched, by P(detect); empty: unknown",
            decimals=PROBABILITY_DECIMALS,
        ),
        Column(
            "rate_low", NUMBER, "violations per day, 5 % quantile, corrected for what could not be seen", decimals=2
        ),
        Column("rate", NUMBER, "posterior median", decimals=2),
        Column("rate_high", NUMBER, "95 % quantile", decimals=2),
        Column("word", TEXT, "seen, nothing_seen, nobody_could_see, out_of_window", nullable=False),
    ),
    key=("agreement_id", "provision_id", "reading_id", "area_id", "start"),
)

DETECTION = Table(
    "detection",
    "How well a source detects, estimated from incidents known from others, beside what its profile declares: P(it "
    "reports one | it happened where and when the source was watching).",
    (
        Column("source_id", TEXT, "the source", nullable=False),
        Column("feature", TEXT, "what is told apart: kind, cloud, hour or town (distance to one)", nullable=False),
        Column("value", TEXT, "a kind or a level; * for all", nullable=False),
        Column("known", NUMBER, "incidents known from others and watched, each with its probability", False, 1),
        Column(
            "seen",
            NUMBER,
            "those that the source reported, less what it would have said anyway",
            nullable=False,
            decimals=1,
        ),
        Column("declared", NUMBER, "what the profile declares", nullable=False, decimals=PROBABILITY_DECIMALS),
        Column("estimate", NUMBER, "what is estimated", nullable=False, decimals=PROBABILITY_DECIMALS),
        Column("low", NUMBER, "5 % quantile", nullable=False, decimals=PROBABILITY_DECIMALS),
        Column("high", NUMBER, "95 % quantile", nullable=False, decimals=PROBABILITY_DECIMALS),
        Column("factor", NUMBER, "estimate over declared: what p_detect is multiplied by", nullable=False, decimals=3),
        Column("basis", TEXT, "measured; declared where too few are known and nothing is changed", nullable=False),
    ),
    key=("source_id", "feature", "value"),
)

ACTIVITY = Table(
    "activity",
    "What each source reported on each day, as counts over the whole case. Sums are no rows: a source whose rows may "
    "not be passed on still shows its days.",
    (
        Column("source_id", TEXT, "the source", nullable=False),
        Column("role", TEXT, "role of the rows: makes, supports or context", nullable=False),
        Column("kind", TEXT, "kind of the rows", nullable=False),
        Column("count_unit", TEXT, "what the rows count; empty text: nothing", nullable=False),
        *WHEN,
        Column("zone", TEXT, "the clock of the day", nullable=False),
        Column("rows", NUMBER, "rows of that day", nullable=False),
        Column("total", NUMBER, "sum of what they count; empty: nothing counted"),
    ),
    key=("source_id", "role", "kind", "count_unit", "start"),
)
