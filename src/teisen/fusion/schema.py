"""What fusion hands over: incidents, and the evidence under each."""

from __future__ import annotations

import polars as pl

from teisen.observation.schema import CHANCES, NUMBER, TEXT, WHEN, WHERE
from teisen.tables import PROBABILITY_DECIMALS, Column, Table

ACTORS = pl.List(pl.Struct({"party": pl.String, "p": pl.Float64}))
"""Who did it: probabilities over party ids; what is missing to 1 is undetermined."""

INCIDENT = Table(
    "incident",
    "What happened, fused from observations: place a normal, time an interval, kind and actor distributions.",
    (
        Column("incident_id", TEXT, "inc-, 12 hex digits of a hash of its founding observation", nullable=False),
        *WHEN,
        *WHERE,
        Column(
            "kind",
            TEXT,
            "likeliest kind; where P(conflict) is under 0.5 or no report tells of force, what most say",
            nullable=False,
        ),
        Column("kinds", CHANCES, "kinds with probabilities, if it is of the conflict", nullable=False),
        Column(
            "targets",
            CHANCES,
            "classes of the thing hit as stated, with probabilities; missing to 1: not stated",
            nullable=False,
        ),
        Column("weapons", CHANCES, "weapons as stated, likewise", nullable=False),
        Column(
            "actors",
            ACTORS,
            "party ids with probabilities as stated by sources; missing to 1: undetermined",
            nullable=False,
        ),
        Column(
            "p_conflict",
            NUMBER,
            "P(it is an incident of the conflict, no harvest fire or false report)",
            nullable=False,
            decimals=PROBABILITY_DECIMALS,
        ),
        Column("n_observations", pl.Int64(), "observations that make it", nullable=False),
        Column("n_groups", pl.Int64(), "independent groups of sources among them and their supports", nullable=False),
        Column("title", TEXT, "one line: kind and place", nullable=False),
    ),
    key=("incident_id",),
)

EVIDENCE = Table(
    "evidence",
    "Why an incident stands: its members, what supports it, which sources missed it and which could not have seen it.",
    (
        Column("incident_id", TEXT, "the incident", nullable=False),
        Column("source_id", TEXT, "the source", nullable=False),
        Column("observation_id", TEXT, "the observation; empty for missed and could_not_see", nullable=False),
        Column("relation", TEXT, "member, supports, missed or could_not_see", nullable=False),
        Column("log_ratio", NUMBER, "natural log of the evidence ratio that it adds", decimals=3),
        Column(
            "p_detect",
            NUMBER,
            "missed, could_not_see: P(the source would have reported it)",
            decimals=PROBABILITY_DECIMALS,
        ),
        Column("reason", TEXT, "in words", nullable=False),
    ),
    key=("incident_id", "relation", "source_id", "observation_id"),
)

LEARNED = Table(
    "learned",
    "How far off each source is, as learned from where and when other sources put the same incidents.",
    (
        Column("source_id", pl.String(), "the source", nullable=False),
        Column("figure", pl.String(), "figure of its profile: place_error_m or time_error_s", nullable=False),
        Column("factor", pl.Float64(), "what the declared figure is to be multiplied by", nullable=False, decimals=3),
        Column("pairs", pl.Float64(), "reports of the same incidents that it was learned from", False, decimals=1),
    ),
    key=("source_id", "figure"),
)

HABIT = Table(
    "habit",
    "How sources report, as learned and as reports were put together with it: shares, in coarse steps.",
    (
        Column(
            "habit",
            pl.String(),
            "reports (how many a source makes of an incident of a kind), says (what it calls one), usual (what it"
            " says at all), true (share of a kind among incidents), shown (share of a kind among all that is said),"
            " work (spots whose reports keep to the working week), unjoined (true reports that no other source of"
            " the group joins)",
            nullable=False,
        ),
        Column("source_id", TEXT, "the source; empty for true and shown"),
        Column("kind", TEXT, "the kind that it truly is; empty for usual, shown, work and unjoined"),
        Column("said", TEXT, "the kind said; empty for reports, true and unjoined"),
        Column(
            "n",
            pl.Int64(),
            "reports: how many of one incident, the last stands for as many and more; work: how many spots",
        ),
        Column(
            "p",
            NUMBER,
            "the share; of work the mean over spots, in working hours",
            nullable=False,
            decimals=PROBABILITY_DECIMALS,
        ),
    ),
    key=("habit", "source_id", "kind", "said", "n"),
)

SUCCESSION = Table(
    "succession",
    "What became of incidents between two derivations: a row for every two with shared members, or for one alone.",
    (
        Column("before", TEXT, "incident of the earlier derivation; empty: new"),
        Column("after", TEXT, "incident of the later derivation; empty: gone"),
        Column("n_observations", pl.Int64(), "observations that both have as members", nullable=False),
        Column(
            "what",
            TEXT,
            "goes_on (same id), renamed (the same under a new id), merged (into one that goes on from another), split"
            " (off one that goes on in another), new, gone",
            nullable=False,
        ),
    ),
    key=("before", "after"),
)
