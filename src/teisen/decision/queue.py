"""What waits for people, in the order in which a look would change most."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from teisen.agreement import Clocks
from teisen.decision.states import AUTOMATIC, life_cycle

LOOK = 0.05
"""P(violation) from which on, and up to 1 less this, a look can change a finding (assumed: outside, both answers are
as good as known)."""
WAITS = ("second", "appeal", "state", "doubt")
"""Why something waits, the most pressing first: a proposal needs a second person; a party appealed; an inquiry or the
comments are open; nobody has looked, and the answer is not clear."""


def queue(
    findings: pl.DataFrame,
    incidents: pl.DataFrame,
    states: pl.DataFrame,
    clocks: Mapping[str, Clocks] | None = None,
) -> pl.DataFrame:
    """What waits, one row an incident (or allegation): its finding nearest one half stands for it.

    Args:
        findings: FINDING.
        incidents: INCIDENT.
        states: SUBJECT_STATE; incidents on which people ruled as a whole do not wait out of doubt.
        clocks: how soon agreements want a matter taken up and decided, by agreement id.

    Returns:
        ``waits`` (a word of :data:`WAITS`), ``subject_id`` (of a finding, an incident or an allegation),
        ``incident_id``, ``title``, ``state``, ``proposed``, ``p_violation``, ``open`` (how many subjects of the
        incident wait), ``score``: the sum of 4 p (1 - p) over them, that is how many findings a look settles, and
        ``due``: by when the agreement wants it taken up or, once it is, decided, counted from the end of the incident
        (when it came to be known differs by source); empty where it states no clock.
        Ordered by ``waits``, then by score, the highest first.
    """
    p = pl.col("p_violation")
    doubtful = findings.filter(pl.col("subject") == "incident", p.is_not_null()).select(
        "p_violation", "agreement_id", subject_id="finding_id", incident_id="subject_id"
    )
    others = states.filter(~pl.col("subject_id").is_in(doubtful["subject_id"].implode()))
    rows = pl.concat(
        [
            doubtful,
            others.select(
                pl.lit(None, pl.Float64).alias("p_violation"),
                pl.lit(None, pl.String).alias("agreement_id"),
                "subject_id",
                "incident_id",
            ),
        ]
    )
    ruled = states.filter(pl.col("subject") == "incident", pl.col("ruling").is_not_null())["incident_id"]
    state = pl.col("state")
    why = (
        pl.when(pl.col("proposed").is_not_null())
        .then(0)
        .when(state == "appealed")
        .then(1)
        .when(state != AUTOMATIC)
        .then(2)
        .otherwise(3)
    )
    unclear = p.is_between(LOOK, 1 - LOOK).fill_null(False) & ~pl.col("incident_id").is_in(ruled.implode())
    waits = pl.col("proposed").is_not_null() | state.is_in([n for n, s in life_cycle().states.items() if s.waits])
    ranked = (
        rows.join(states.select("subject_id", "state", "proposed"), on="subject_id", how="left")
        .with_columns(state.fill_null(AUTOMATIC))
        .with_columns(why=why, doubt=(4 * p * (1 - p)).round(4).fill_null(0.0))
        .filter(waits, (pl.col("why") < 3) | unclear)
        .with_columns(whole=pl.coalesce("incident_id", "subject_id"))
    )
    one = (
        ranked.sort("whole", "why", -pl.col("doubt"), "subject_id")
        .group_by("whole", maintain_order=True)
        .agg(
            pl.col("why", "subject_id", "incident_id", "agreement_id", "state", "proposed", "p_violation").first(),
            open=pl.len().cast(pl.Int64),
            score=pl.col("doubt").sum().round(4),
        )
    )
    names = dict(enumerate(WAITS))
    return (
        one.join(incidents.select("incident_id", "title", "end"), on="incident_id", how="left")
        .with_columns(due=pl.col("end") + _time_given(clocks or {}))
        .sort("why", -pl.col("score"), "subject_id")
        .select(
            pl.col("why").replace_strict(names, return_dtype=pl.String).alias("waits"),
            "subject_id",
            "incident_id",
            "title",
            "state",
            "proposed",
            "p_violation",
            "open",
            "score",
            "due",
        )
    )


def _time_given(clocks: Mapping[str, Clocks]) -> pl.Expr:
    """How long an agreement gives, by ``agreement_id`` and ``state``."""

    def hours(field: str) -> pl.Expr:
        given = {agreement: getattr(clock, field) for agreement, clock in sorted(clocks.items())}
        return pl.col("agreement_id").replace_strict(given, default=None, return_dtype=pl.Float64)

    untouched = hours("inquiry_hours")
    some = pl.when(pl.col("state") == AUTOMATIC).then(untouched).otherwise(hours("finding_hours"))
    return pl.duration(seconds=(some * 3600).round(0).cast(pl.Int64))
