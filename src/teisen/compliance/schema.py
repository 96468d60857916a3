"""What compliance hands over: counts with what could have been seen beside them."""

from __future__ import annotations

import polars as pl

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
        Column("rate", NUMBER, "posterior median; empty: nobody watched, or says how well", decimals=2),
        Column("rate_high", NUMBER, "95 % quantile", decimals=2),
        Column("word", TEXT, "seen, nothing_seen, nobody_could_see, out_of_window", nullable=False),
    ),
    key=("agreement_id", "provision_id", "reading_id", "area_id", "start"),
)

SECTOR_RATE = Table(
    "sector_rate",
    "The same by sector of the line of contact. An incident whose place is uncertain is divided over sectors.",
    RATE.columns,
    key=RATE.key,
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

_READING = (
    Column("agreement_id", TEXT, "the agreement", nullable=False),
    Column("provision_id", TEXT, "the provision", nullable=False),
    Column("reading_id", TEXT, "the reading", nullable=False),
)

RATE_PART = Table(
    "rate_part",
    "The same rates by kind and by party to whom violations are attributed; of what was found of some kind or party.",
    (
        *_READING,
        Column("by", TEXT, "kind or party", nullable=False),
        Column("value", TEXT, "the kind, or the party id; undetermined: attributed to nobody", nullable=False),
        Column("area_id", TEXT, "the area; * for all", nullable=False),
        *WHEN,
        Column(
            "expected", NUMBER, "expected number of violations found", nullable=False, decimals=PROBABILITY_DECIMALS
        ),
        Column("watched", NUMBER, "share watched, for this kind; empty: unknown", decimals=PROBABILITY_DECIMALS),
        Column("rate_low", NUMBER, "violations per day, 5 % quantile", decimals=2),
        Column("rate", NUMBER, "posterior median; empty: nobody watched, or says how well", decimals=2),
        Column("rate_high", NUMBER, "95 % quantile", decimals=2),
        Column("word", TEXT, "seen, nothing_seen, nobody_could_see, out_of_window", nullable=False),
    ),
    key=("agreement_id", "provision_id", "reading_id", "by", "value", "area_id", "start"),
)

COURSE = Table(
    "course",
    "The rate of a reading over all days in force, over those before and after a date, its trend, and after against "
    "before: of the underlying rate, without the bursts of single days.",
    (
        *_READING,
        Column("area_id", TEXT, "the area; * for all", nullable=False),
        Column(
            "measure",
            TEXT,
            "rate, before, after (violations per day); trend (factor in 30 days); change (after over before)",
            nullable=False,
        ),
        *WHEN,
        Column("days", NUMBER, "days in force in it", nullable=False, decimals=2),
        Column("expected", NUMBER, "violations found in it", nullable=False, decimals=PROBABILITY_DECIMALS),
        Column("watched", NUMBER, "mean share watched", decimals=PROBABILITY_DECIMALS),
        Column("low", NUMBER, "5 % quantile", decimals=3),
        Column("middle", NUMBER, "median; empty: nobody watched, or says how well", decimals=3),
        Column("high", NUMBER, "95 % quantile", decimals=3),
        Column("p_below", NUMBER, "trend, change: P(below 1), that it falls", decimals=3),
    ),
    key=("agreement_id", "provision_id", "reading_id", "area_id", "measure"),
)

WEEK = Table(
    "week",
    "The rate of a reading in each week (from Monday, in the case's zone), all areas together, and times that of the "
    "week before: of the underlying rate, without the bursts of single days.",
    (
        *_READING,
        *WHEN,
        Column("days", NUMBER, "days in force in it", nullable=False, decimals=2),
        Column("expected", NUMBER, "violations found in it", nullable=False, decimals=PROBABILITY_DECIMALS),
        Column("watched", NUMBER, "mean share watched", decimals=PROBABILITY_DECIMALS),
        Column("low", NUMBER, "violations per day, 5 % quantile", decimals=3),
        Column("middle", NUMBER, "median; empty: nobody watched, or says how well", decimals=3),
        Column("high", NUMBER, "95 % quantile", decimals=3),
        Column("times_low", NUMBER, "times the week before, 5 % quantile; empty: not in force then", decimals=3),
        Column("times", NUMBER, "median; empty: nobody could see one of the two", decimals=3),
        Column("times_high", NUMBER, "95 % quantile", decimals=3),
        Column("p_below", NUMBER, "P(less than in the week before)", decimals=3),
    ),
    key=("agreement_id", "provision_id", "reading_id", "start"),
)

PROFILE = Table(
    "profile",
    "Days of the week and hours of the day on which violations of a reading are more or less frequent than on average, "
    "all areas together, given how well each was watched.",
    (
        *_READING,
        Column("by", TEXT, "weekday (1 is Monday) or hour, in the case's zone", nullable=False),
        Column("value", pl.Int64(), "1 to 7, or 0 to 23", nullable=False),
        *WHEN,
        Column("expected", NUMBER, "violations found", nullable=False, decimals=PROBABILITY_DECIMALS),
        Column("even", NUMBER, "how many it would be if all were alike, as watched", nullable=False, decimals=3),
        Column("low", NUMBER, "times the average, 5 % quantile", nullable=False, decimals=3),
        Column("middle", NUMBER, "median", nullable=False, decimals=3),
        Column("high", NUMBER, "95 % quantile", nullable=False, decimals=3),
    ),
    key=("agreement_id", "provision_id", "reading_id", "by", "value"),
)

MISSED = Table(
    "missed",
    "How many violations there were in all, those that everybody missed included, by several ways that share no "
    "assumption; side by side, with what speaks against each.",
    (
        *_READING,
        Column(
            "method", TEXT, "capture (several lists), floor (lower bound), latent, effort (detection)", nullable=False
        ),
        *WHEN,
        Column("lists", pl.List(pl.String), "groups of sources that count as lists", nullable=False),
        Column("seen", NUMBER, "violations seen that this way counts", nullable=False, decimals=2),
        Column("low", NUMBER, "in all, 5 % quantile; empty: cannot say", decimals=1),
        Column("middle", NUMBER, "median", decimals=1),
        Column("high", NUMBER, "95 % quantile", decimals=1),
        Column("word", TEXT, "holds, doubtful or cannot_say", nullable=False),
        Column("warnings", pl.List(pl.String), "what speaks against it, words of docs/methods.md", nullable=False),
        Column("says", TEXT, "one sentence in English", nullable=False),
    ),
    key=("agreement_id", "provision_id", "reading_id", "method"),
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
