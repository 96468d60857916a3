"""How far the sources of one group watch apart: whether three outlets see three times what one sees, or the same.

Sources of one group share failures or copy each other, so that what they agree on counts once. What they could have
seen together lies between what the best of them sees (where all look at the same) and what independent ones would see,

    P(group) = best + apart (1 - product(1 - p) - best),

and their own reports tell where. Of incidents that the group reported, n of them, its sources made m reports: n / m is
expected to be the mean of P(group) over the mean of the sum of p, over where things happen. Whatever part of it the
sources see of what they declare drops out of both.

Of a group in which a source speaks for a party nothing is told: it could make up incidents that the other sources did
not see, and so seem to watch what it does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from teisen.observation import attack_kinds
from teisen.sources import Source

PRIOR_REPORTS = 20.0
"""Reports that speak for the best source alone, besides those counted (assumed)."""


@dataclass(frozen=True)
class Reported:
    """What groups of several sources that make incidents reported, of which none speaks for a party.

    Attributes:
        groups: ``group``, ``incidents`` (reported by any of its sources) and ``reports`` (by each of them), expected
            numbers of those of the conflict.
        kinds: share of each kind of attack among these incidents; empty where there is none.
    """

    groups: pl.DataFrame
    kinds: Mapping[str, float]


def reported(incidents: pl.DataFrame, evidence: pl.DataFrame, sources: Mapping[str, Source]) -> Reported:
    """Count what groups of several sources reported.

    Args:
        incidents: INCIDENT.
        evidence: EVIDENCE.
        sources: by id, for their groups and roles and for whom they speak.
    """
    made = [
        (name, one.profile.group, one.reported_by)
        for name, one in sorted(sources.items())
        if one.profile.role == "makes"
    ]
    who = pl.DataFrame(made, schema={"source_id": pl.String, "group": pl.String, "party": pl.String}, orient="row")
    alone = (pl.len().over("group") == 1) | pl.col("party").is_not_null().any().over("group")
    by_source = (
        evidence.filter(pl.col("relation") == "member")
        .join(who.filter(~alone), on="source_id")
        .select("incident_id", "source_id", "group")
        .unique()
        .join(incidents.select("incident_id", "p_conflict"), on="incident_id")
    )
    groups = (
        by_source.group_by("group", "incident_id")
        .agg(p=pl.col("p_conflict").first(), many=pl.len())
        .sort("group", "incident_id")
        .group_by("group", maintain_order=True)
        .agg(incidents=pl.col("p").sum().round(4), reports=(pl.col("p") * pl.col("many")).sum().round(4))
    )
    kinds = (
        incidents.join(by_source.select("incident_id").unique(), on="incident_id", how="semi")
        .select("incident_id", "p_conflict", one="kinds")
        .explode("one", empty_as_null=True, keep_nulls=True)
        .drop_nulls("one")
        .unnest("one")
        .filter(pl.col("kind").is_in(attack_kinds()))
        .sort("kind", "incident_id")
        .group_by("kind", maintain_order=True)
        .agg(n=(pl.col("p_conflict") * pl.col("p")).sum())
        .select("kind", share=(pl.col("n") / pl.col("n").sum()).round(4))
    )
    return Reported(groups, dict(kinds.iter_rows()))


def apart(groups: pl.DataFrame, chances: pl.DataFrame) -> pl.DataFrame:
    """How far sources of a group watch apart, 0 (as the best of them) to 1 (independently).

    Args:
        groups: of :class:`Reported`.
        chances: ``group``, ``best``, ``free``, ``all``: means, over where and when things happen, of P(detect) of the
            best source, of independent ones, and of the sum over sources.

    Returns:
        ``group``, ``apart``.
    """
    joint = (pl.col("incidents") + PRIOR_REPORTS * pl.col("best") / pl.col("all")) / (pl.col("reports") + PRIOR_REPORTS)
    share = (joint * pl.col("all") - pl.col("best")) / (pl.col("free") - pl.col("best"))
    known = chances.filter(pl.col("free") > pl.col("best"))
    return groups.join(known, on="group").select("group", apart=share.clip(0.0, 1.0).round(4)).sort("group")
