"""Zones along the line that an agreement makes: how far back which weapons go, where what is forbidden."""

from __future__ import annotations

from itertools import product

import polars as pl

from teisen.agreement import UNDETERMINED, Agreement, Leaf, Predicate
from teisen.observation.schema import NUMBER, TEXT
from teisen.tables import METRE_DECIMALS, Column, Table

ZONE = Table(
    "zone",
    "A zone along a line in which a provision forbids something, under a reading.",
    (
        Column("provision_id", TEXT, "the provision", nullable=False),
        Column("reading_id", TEXT, "the reading of it", nullable=False),
        Column("line_id", TEXT, "the line that the distance is taken from", nullable=False),
        Column("party", TEXT, "whom it binds; empty: every party", nullable=False),
        Column("distance_m", NUMBER, "how far the zone reaches, metres", nullable=False, decimals=METRE_DECIMALS),
        Column("kinds", TEXT, "kinds of incident that it forbids, joined by commas; empty: any", nullable=False),
        Column("weapons", TEXT, "weapons that it forbids, joined by commas; empty: any", nullable=False),
    ),
    key=("provision_id", "reading_id", "line_id", "party", "distance_m", "kinds", "weapons"),
)


def zones(agreement: Agreement) -> pl.DataFrame:
    """The zones (ZONE) of every provision under every reading; buffer zones and withdrawals are the same in form."""
    rows: list[dict[str, object]] = []
    for provision in agreement.provisions:
        for reading in provision.readings:
            for together in _ways(agreement.rule(provision, reading)):
                rows += _zones(provision.id, reading.id, together)
    return ZONE.hand_over(pl.DataFrame(rows, schema=ZONE.schema).unique(maintain_order=True))


def depths_m(found: pl.DataFrame, kind: str, steps: int = 3) -> tuple[float, ...]:
    """Distances from the line at which a kind that zones (ZONE) forbid is to be looked for, up to the deepest.

    They lie in the middle of ``steps`` equal strips, so that each stands for as much ground. Empty: no zone forbids it.
    """
    reach = found.filter(pl.col("kinds").str.split(",").list.contains(kind))["distance_m"].max()
    if not isinstance(reach, float):
        return ()
    return tuple(round(reach * (n + 0.5) / steps) for n in range(steps))


def _zones(provision_id: str, reading_id: str, together: tuple[Leaf, ...]) -> list[dict[str, object]]:
    said = {leaf.name: getattr(leaf, leaf.name) for leaf in together}
    near = said.get("near_line")
    if near is None:
        return []
    arms = said.get("with_weapon")
    parties = said.get("bound_party") or ("",)
    return [
        {
            "provision_id": provision_id,
            "reading_id": reading_id,
            "line_id": line_id,
            "party": party,
            "distance_m": float(near.distance_m),
            "kinds": ",".join(said.get("is_kind", ())),
            "weapons": ",".join(arms.weapons) if arms is not None else "",
        }
        for line_id in near.lines
        for party in parties
        if party != UNDETERMINED
    ]


def _ways(rule: Predicate) -> list[tuple[Leaf, ...]]:
    """The ways in which a rule may hold, each the leaves that hold together; exceptions are left out."""
    if isinstance(rule, Leaf):
        return [(rule,)]
    if rule.name == "any_of":
        return [way for part in rule.parts for way in _ways(part)]
    if rule.name == "all_of":
        return [tuple(leaf for way in ways for leaf in way) for ways in product(*map(_ways, rule.parts))]
    return [()]
