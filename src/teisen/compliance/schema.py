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
