"""What judgement hands over: findings of incidents and allegations under each reading, and outcomes of allegations."""

from __future__ import annotations

import polars as pl

from teisen.fusion.schema import ACTORS
from teisen.observation.schema import NUMBER, TEXT, WHEN
from teisen.tables import PROBABILITY_DECIMALS, Column, Table

REASONS = pl.List(pl.Struct({"predicate": pl.String, "share": pl.Float64, "says": pl.String}))
"""Predicates of the rule with the share of possible worlds in which each holds, and one sentence."""

FINDING = Table(
    "finding",
    "One incident, allegation or tally under one provision under one reading.",
    (
        Column("finding_id", TEXT, "fnd-, 12 hex digits of subject, provision and reading", nullable=False),
        Column("subject", TEXT, "incident, allegation or tally", nullable=False),
        Column("subject_id", TEXT, "its id", nullable=False),
        Column("agreement_id", TEXT, "the agreement", nullable=False),
        Column("provision_id", TEXT, "the provision", nullable=False),
        Column("reading_id", TEXT, "the reading", nullable=False),
        Column("held_by", TEXT, "party id or name of who reads it so", nullable=False),
        Column(
            "p_in_scope",
            NUMBER,
            "P(the reading forbids it | it happened as described)",
            nullable=False,
            decimals=PROBABILITY_DECIMALS,
        ),
        Column(
            "p_violation",
            NUMBER,
            "P(it happened and the reading forbids it); empty for allegations",
            decimals=PROBABILITY_DECIMALS,
        ),
        Column("level", TEXT, "word for the probability under the agreement's standard of proof", nullable=False),
        Column("severity", TEXT, "how grave the agreement calls a violation of the provision; empty: not said"),
        Column("reasons", REASONS, "shares and sentences of the predicates, in the rule's order", nullable=False),
        Column("decides", pl.Int64(), "which condition of the rule decides, from 1: the least sure", nullable=False),
        Column("explanation", TEXT, "one sentence in English", nullable=False),
        Column("attribution", ACTORS, "who, apart from whether; missing to 1: undetermined", nullable=False),
    ),
    key=("finding_id",),
)

COUNTS = pl.List(pl.Struct({"source_id": pl.String, "count": pl.Float64, "p": pl.Float64}))
"""What each source counted, and its share of the voices."""

TALLY = Table(
    "tally",
    "What sources counted of a thing in a period that some quota of the case's agreements asks about.",
    (
        Column("tally_id", TEXT, "tly-, 12 hex digits of unit, per, zone and period", nullable=False),
        Column("unit", TEXT, "what was counted, as sources and agreements write it", nullable=False),
        Column("per", TEXT, "day, week, month or window", nullable=False),
        Column("zone", TEXT, "time zone in which the period begins and ends (IANA name)", nullable=False),
        Column(
            "stays",
            pl.Boolean(),
            "it is there again at the next count: of each place the last one stands",
            nullable=False,
        ),
        *WHEN,
        Column(
            "state",
            TEXT,
            "counted (each place that the source counts, on every local day of the period or, of what stays, once), "
            "counted_in_part, or nobody_counted, which is no zero",
            nullable=False,
        ),
        Column(
            "counts",
            COUNTS,
            "sums by source, with shares that sum to 1; 0: not heard, as others counted the whole or speak for no "
            "party; none: nobody counted",
            nullable=False,
        ),
    ),
    key=("tally_id",),
)

PARTING = Table(
    "parting",
    "Where readings of one provision part: subjects that are in scope under one and not under another.",
    (
        Column("agreement_id", TEXT, "the agreement", nullable=False),
        Column("provision_id", TEXT, "the provision", nullable=False),
        Column("subject", TEXT, "incident, allegation or tally", nullable=False),
        Column("subject_id", TEXT, "its id", nullable=False),
        Column("in_under", pl.List(pl.String), "readings under which it is in scope", nullable=False),
        Column("out_under", pl.List(pl.String), "readings under which it is not", nullable=False),
        Column("because", TEXT, "window, place, target, kind or several: what decides", nullable=False),
    ),
    key=("agreement_id", "provision_id", "subject", "subject_id"),
)

UNDER = pl.List(
    pl.Struct(
        dict.fromkeys(("agreement_id", "provision_id", "reading_id"), pl.String())
        | dict.fromkeys(("record_low", "record_high", "number_low", "number_high"), pl.Int64())
        | {"p_number": pl.Float64()}
    )
)
"""Readings that a statement of a number would break, each with the numbers of incidents in its scope."""

OUTCOME = Table(
    "outcome",
    "What became of an allegation when it met incidents and exposure; the same way for every party.",
    (
        Column("allegation_id", TEXT, "the allegation", nullable=False),
        Column("accuser", TEXT, "party id", nullable=False),
        Column("accused", TEXT, "party id"),
        Column(
            "outcome",
            TEXT,
            "corroborated, partly, not_seen_blind (would have gone unseen), not_seen_watched (would "
            "probably have been seen), unread",
            nullable=False,
        ),
        Column(
            "p_corroborated",
            NUMBER,
            "P(some incident is what is alleged); of a number, P(incidents on record stand for half of it or more)",
            decimals=PROBABILITY_DECIMALS,
        ),
        Column(
            "p_would_see",
            NUMBER,
            "P(some source not of the accuser would have reported it); of a number, P(a fifth of it or more)",
            decimals=PROBABILITY_DECIMALS,
        ),
        Column("matched", NUMBER, "of a number: expected number of incidents on record that fit it", decimals=2),
        Column("would_record", NUMBER, "of a number: how many others would have, had all happened", decimals=2),
        Column(
            "number",
            TEXT,
            "of a number of two and more: borne_out (so many are on record), possible "
            "(within the 90 % interval), not_supported (above it), cannot_tell (most would probably go unseen), "
            "not_comparable (the unit counts no incidents)",
        ),
        Column("p_number", NUMBER, "P(so many and more happened); empty: not known", decimals=PROBABILITY_DECIMALS),
        Column("record_low", pl.Int64(), "how many on record are of that number, 5 % quantile"),
        Column("record_high", pl.Int64(), "95 % quantile"),
        Column("number_low", pl.Int64(), "how many happened, with what nobody recorded, 5 % quantile"),
        Column("number_high", pl.Int64(), "95 % quantile; empty: nothing bounds it"),
        Column("under", UNDER, "the same under each reading that the statement would break, of what is in its scope"),
        Column("incident_ids", pl.List(pl.String), "incidents that match, best first", nullable=False),
        Column("explanation", TEXT, "one sentence in English", nullable=False),
    ),
    key=("allegation_id",),
)

CORROBORATION = Table(
    "corroboration",
    "What became of each party's allegations against others, in all (*) and under each reading, given the opportunity "
    "to observe; the same way for every party. No measure of who violates more, nor of who tells the truth.",
    (
        Column("agreement_id", TEXT, "the agreement; *: all", nullable=False),
        Column("provision_id", TEXT, "the provision; *: all", nullable=False),
        Column("reading_id", TEXT, "reading that, taken as stated, they would break; *: all", nullable=False),
        Column("nth", pl.UInt32(), "the party's place in the case's order", nullable=False),
        Column("accuser", TEXT, "party id", nullable=False),
        Column("allegations", pl.Int64(), "how many, what is said of one's own acts left out", nullable=False),
        Column("corroborated", pl.Int64(), "how many of them with this outcome", nullable=False),
        Column("partly", pl.Int64(), "likewise", nullable=False),
        Column("not_seen_watched", pl.Int64(), "likewise", nullable=False),
        Column("not_seen_blind", pl.Int64(), "likewise", nullable=False),
        Column("unread", pl.Int64(), "likewise", nullable=False),
        Column("unplaced", pl.Int64(), "of those read, for how many what could be seen is not known", nullable=False),
        Column("opportunity", NUMBER, "how many others would have recorded, had all happened as alleged", decimals=2),
        Column("share_low", NUMBER, "share of those read that happened, 5 % quantile", decimals=3),
        Column("share", NUMBER, "median", decimals=3),
        Column("share_high", NUMBER, "95 % quantile", decimals=3),
    ),
    key=("agreement_id", "provision_id", "reading_id", "nth"),
)
