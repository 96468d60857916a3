"""Totals that name no place ("about 30 strikes", a month's sum) against the number of incidents that are on record.

Such a statement is about no single incident, so nothing is matched one by one: what counts is how many incidents of
the kind and target alleged others recorded in the window, and how many they would have, had it all happened.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from teisen.judgement.matching import Fits
from teisen.observation import vocabulary
from teisen.tables import PROBABILITY_DECIMALS

COUNTED = ("strikes", "hits", "attacks", "violations", "incidents", "air strikes", "shellings", "assaults")
"""Units in which incidents can be counted; drones, shells and people are not among them."""
REGIONS = "regions"
"""The unit of statements that count the regions in which something happened."""
ABOUT = 0.1
"""A number said to be rounded ("about") may be this share lower. Assumed."""
COUNTING = Fits(target_untold=0.0, actor_untold=0.5, area_alone=1.0, nowhere=1.0)
"""A total is held against incidents whose target is stated, for weak fits would add up; where nobody says who did one,
it is as likely one party's as the other's."""

Floats = NDArray[np.float64]


def is_total() -> pl.Expr:
    """Whether an allegation is a total that can be counted: no place, a number of incidents, a kind or a target."""
    nowhere = pl.col("lon").is_null() & pl.col("area_id").is_null()
    counted = (pl.col("quantity") > 0) & pl.col("unit").is_in([*COUNTED, REGIONS])
    return nowhere & counted.fill_null(False) & (pl.col("target_class").is_not_null() | (pl.col("kind") != "other"))


def count(
    totals: pl.DataFrame,
    placed: pl.DataFrame,
    incidents: pl.DataFrame,
    met: Callable[..., pl.DataFrame],
    *,
    shares: tuple[float, float],
) -> pl.DataFrame:
    """Totals against the record.

    Where a total's incidents would lie is taken from the same accuser's other statements about the same party in its
    window that name a region: only incidents there count, and it could have been seen as well as those. Without such
    statements incidents anywhere count, and what could have been seen is not known.

    Args:
        totals: those of :func:`is_total`. placed: allegations with a place, with ``p_would_see``.
        incidents: INCIDENT. met: :func:`~teisen.judgement.matching.matches` with all but the allegations given.
        shares: of the number stated that make it corroborated, and partly so.

    Returns:
        Columns ``allegation_id``, ``p_corroborated`` and ``p_part`` (that the record reaches either share),
        ``p_would_see`` (that it would have reached the lower, had it all happened), ``matched`` and ``would_record``
        (expected numbers on record, and had it all happened), ``incident_ids`` (best first).
    """
    pairs = met(totals, fits=COUNTING)
    pairs = pairs.join(incidents.select("incident_id", "area_id"), on="incident_id", maintain_order="left")
    told = _told(incidents)
    rows = []
    for total in totals.iter_rows(named=True):
        alike = placed.filter(
            (pl.col("accuser") == total["accuser"]) & pl.col("accused").eq_missing(pl.lit(total["accused"])),
            (pl.col("start") < total["end"]) & (pl.col("end") > total["start"]),
        )
        mine = pairs.filter(pl.col("allegation_id") == total["allegation_id"])
        if alike["area_id"].count():
            mine = mine.filter(pl.col("area_id").is_in(alike["area_id"].unique().drop_nulls().implode()))
        stated = total["quantity"] * (1 - ABOUT if "about" in total["flags"] else 1)
        half, part = (max(1, int(np.ceil(round(share * stated, 6)))) for share in shares)
        chances = _by_region(mine) if total["unit"] == REGIONS else mine["p"].to_numpy()
        seen = alike["p_would_see"].mean()
        each = None if seen is None else float(str(seen)) * (told if total["target_class"] else 1.0)
        rows.append(
            {
                "allegation_id": total["allegation_id"],
                "p_corroborated": at_least(half, chances),
                "p_part": at_least(part, chances),
                "p_would_see": None
                if each is None
                else float(scipy.special.bdtrc(part - 1, max(part, round(stated)), each)),
                "matched": float(np.sort(chances).sum()),
                "would_record": None if each is None else each * stated,
                "incident_ids": mine["incident_id"].to_list(),
            }
        )
    schema = pl.Schema(
        {"allegation_id": pl.String}
        | dict.fromkeys(("p_corroborated", "p_part", "p_would_see", "matched", "would_record"), pl.Float64())
        | {"incident_ids": pl.List(pl.String)}
    )
    return pl.DataFrame(rows, schema=schema).with_columns(
        pl.col("p_corroborated", "p_part", "p_would_see").round(PROBABILITY_DECIMALS),
        pl.col("matched", "would_record").round(2),
    )


def at_least(k: int, chances: Floats) -> float:
    """P(at least ``k`` of some things hold), each with its own chance and apart from the others."""
    below = np.zeros(k)  # P(exactly n hold) for n < k
    below[:1] = 1.0
    for p in np.sort(chances):
        below[1:] = below[1:] * (1 - p) + below[:-1] * p
        below[0] *= 1 - p
    return float(np.clip(1 - below.sum(), 0.0, 1.0))


def _by_region(pairs: pl.DataFrame) -> Floats:
    """For each region, the chance that one of its incidents is what was alleged."""
    chances = (
        pairs.drop_nulls("area_id")
        .group_by("area_id")
        .agg(p=1 - (1 - pl.col("p")).sort().product())
        .sort("area_id")["p"]
        .to_numpy()
    )
    return np.asarray(chances, dtype=np.float64)


def _told(incidents: pl.DataFrame) -> float:
    """Share of the uses of force on record whose target somebody stated: what is seen may go without it."""
    attacks = [name for name, kind in vocabulary().kinds.items() if kind.attack]
    stated = pl.col("targets").list.eval(pl.element().struct.field("p")).list.sum().fill_null(0.0).clip(0.0, 1.0)
    share = incidents.filter(pl.col("kind").is_in(attacks)).select(stated.sort().mean()).item()
    return round(float(share), PROBABILITY_DECIMALS) if share is not None else 0.0
