"""What waits for people, in the order in which a look would change most."""

from __future__ import annotations

import polars as pl

from teisen.decision.states import life_cycle

LOOK = 0.05
"""P(violation) from which on, and up to 1 less this, a look can change a finding (assumed: outside, both answers are
as good as known)."""
WAITS = ("second", "appeal", "state", "doubt")
"""Why a finding waits, the most pressing first: a proposal needs a second person; a party appealed; an inquiry or the
comments are open; nobody has looked, and the answer is not clear."""


def queue(
    findings: pl.DataFrame, incidents: pl.DataFrame, states: pl.DataFrame, decided: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Findings of incidents that wait, one row an incident: its finding nearest one half stands for it.

    Args:
        findings: FINDING.
        incidents: INCIDENT.
        states: FINDING_STATE.
        decided: DECISION; incidents that people confirmed, corrected or dismissed as a whole do not wait out of doubt.

    Returns:
        ``waits`` (a word of :data:`WAITS`), ``finding_id``, ``incident_id``, ``title``, ``state``, ``proposed``,
        ``p_violation``, ``readings`` (findings of the incident in doubt) and ``score``: the sum of 4 p (1 - p) over
        them, that is how many findings a look settles. Ordered by ``waits``, then by score, the highest first.
    """
    waiting = [name for name, state in life_cycle().states.items() if state.waits]
    p = pl.col("p_violation")
    doubt = (4 * p * (1 - p)).round(4)
    rows = (
        findings.filter((pl.col("subject") == "incident") & p.is_not_null())
        .select("finding_id", "subject_id", "p_violation")
        .join(states.select("finding_id", "state", "proposed"), on="finding_id", how="left")
        .with_columns(pl.col("state").fill_null("automatic"))
        .filter(pl.col("state").is_in(waiting))
    )
    looked = pl.Series("subject_id", [], dtype=pl.String)
    if decided is not None:
        whole = (pl.col("subject") == "incident") & (pl.col("standing") == "in_force")
        looked = decided.filter(whole, pl.col("action").is_in(["confirm", "correct", "dismiss"]))["subject_id"]
    why = (
        pl.when(pl.col("proposed").is_not_null())
        .then(0)
        .when(pl.col("state") == "appealed")
        .then(1)
        .when(pl.col("state") != "automatic")
        .then(2)
        .otherwise(3)
    )
    unclear = p.is_between(LOOK, 1 - LOOK)
    ranked = rows.with_columns(why=why, doubt=doubt).filter(
        (pl.col("why") < 3) | (unclear & ~pl.col("subject_id").is_in(looked.implode()))
    )
    one = (
        ranked.sort("subject_id", "why", -pl.col("doubt"), "finding_id")
        .group_by("subject_id", maintain_order=True)
        .agg(
            pl.col("why", "finding_id", "state", "proposed", "p_violation").first(),
            readings=pl.len().cast(pl.Int64),
            score=pl.col("doubt").sum().round(4),
        )
    )
    names = dict(enumerate(WAITS))
    return (
        one.join(incidents.select(subject_id="incident_id", title="title"), on="subject_id")
        .sort("why", -pl.col("score"), "finding_id")
        .select(
            pl.col("why").replace_strict(names, return_dtype=pl.String).alias("waits"),
            "finding_id",
            pl.col("subject_id").alias("incident_id"),
            "title",
            "state",
            "proposed",
            "p_violation",
            "readings",
            "score",
        )
    )
