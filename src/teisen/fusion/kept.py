"""What is kept of a fusion to fuse again in another process, as plain tables, and how it is taken up from them.

What observations, ground and sources tell is not kept: whoever takes a fusion up gives the same once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from teisen.fusion.copies import originals
from teisen.fusion.density import Around, Cells
from teisen.fusion.fuse import Basis, Fused, Standing, distinct, hear
from teisen.fusion.habits import Habits
from teisen.fusion.kinds import kind_names
from teisen.fusion.making import Joined
from teisen.fusion.reporting import MOST, Reporting
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats
from teisen.observation import BACKGROUND
from teisen.sources import Ground, Source

KEPT = ("incident", "evidence", "learned", "sources", "numbers", "weekly", "cells",
        "placed_joined", "placed_standing", "alone_joined", "alone_standing")  # fmt: skip
"""Tables that are kept, by name; figures are kept to the last bit."""
AROUND = "around-"
"""Densities around a cell are columns of this name, of incidents and of each source's false alarms."""


def kept(fused: Fused) -> dict[str, pl.DataFrame]:
    """Tables of :data:`KEPT`; none of them where ``fused`` has no basis."""
    if fused.basis is None:
        return {}
    placed, alone, cells = fused.basis.placed, fused.basis.alone, fused.basis.placed.joined.cells
    tables = {"incident": fused.incidents, "evidence": fused.evidence, "learned": fused.learned}
    tables["sources"] = pl.DataFrame({"source_id": pl.Series(fused.habits.reporting.sources, dtype=pl.String)})
    tables["numbers"], tables["weekly"] = _numbers(fused.habits), fused.habits.weekly
    tables["cells"] = (
        pl.DataFrame()
        if cells is None
        else cells.frame.with_columns(_columns(cells.around), radius=pl.Series(cells.radius))
    )
    for name, standing in (("placed", placed), ("alone", alone)):
        joined = standing.joined
        at = pl.Series(joined.first, dtype=pl.Int64)
        own = pl.DataFrame({"at": at, "label": joined.label, "component": joined.component})
        own = own.with_columns(incidents=pl.Series(joined.around.incidents), alarms=pl.Series(joined.around.alarms))
        rows = joined.reports.frame.select("observation_id").with_row_index("at").cast({"at": pl.Int64})
        rows = rows.with_columns(
            joined.reports.credit.alias("credit"),
            base=pl.Series(joined.reports.base),
            weighed=pl.Series(joined.reports.weighed),
        )
        tables[f"{name}_joined"] = rows.join(own, on="at", how="left", maintain_order="left").drop("at")
        tables[f"{name}_standing"] = standing.incident_id.to_frame("incident_id").with_columns(
            start=pl.Series(standing.start), end=pl.Series(standing.end)
        )
    return tables


def taken_up(
    tables: Mapping[str, pl.DataFrame],
    observations: pl.DataFrame,
    exposure: pl.DataFrame,
    ground: Ground,
    sources: Mapping[str, Source],
) -> Fused:
    """The fusion that ``tables`` (:func:`kept`) were kept of, to be fused again.

    Args:
        observations: OBSERVATION, those that were fused; so with the others.

    Raises:
        ValueError, KeyError, polars' errors: the tables do not fit these observations.
    """
    habits = _habits(tables)
    heard = hear(distinct(observations), replace(ground, background=BACKGROUND.empty()), sources, habits)
    rows = tables["placed_joined"]  # how they stand against ordinary years is kept, for it takes long to tell
    if not rows["observation_id"].equals(heard.placed.frame["observation_id"]):
        raise ValueError("not the reports that were joined")
    placed = replace(heard.placed, base=rows["base"].to_numpy(), credit=rows["credit"])
    heard = replace(heard, placed=replace(placed, weighed=rows["weighed"].to_numpy()))
    frame = tables["cells"]
    densities = [name for name in frame.columns if name.startswith(AROUND)]
    around, radius = frame.select(densities).to_numpy(), frame["radius"].to_numpy()
    cells = Cells.of(frame.drop(*densities, "radius"), around, radius)
    is_alone = heard.areal.frame["observation_id"].is_in(tables["alone_joined"]["observation_id"].implode())
    alone = heard.areal.take(np.flatnonzero(is_alone.to_numpy()))
    basis = Basis(
        heard,
        _standing(tables, "placed", heard.placed, cells),
        _standing(tables, "alone", alone, None),
        exposure,
        ground,
        sources,
    )
    return Fused(tables["incident"], tables["evidence"], habits, basis)


def _columns(around: Floats) -> list[pl.Series]:
    return [pl.Series(f"{AROUND}{n}", around[:, n]) for n in range(around.shape[1])]


def _standing(tables: Mapping[str, pl.DataFrame], name: str, of: Reports, cells: Cells | None) -> Standing:
    rows, standing = tables[f"{name}_joined"], tables[f"{name}_standing"]
    if not rows["observation_id"].equals(of.frame["observation_id"]):
        raise ValueError(f"{name}: not the reports that were joined")
    own = rows.drop_nulls("label")
    lead = originals(of)
    first = np.flatnonzero(lead == np.arange(len(of)))
    if len(first) != own.height:
        raise ValueError(f"{name}: not the copies that were left out")
    label, component = (own[column].to_numpy().astype(np.int64) for column in ("label", "component"))
    near = Around(own["incidents"].to_numpy(), own["alarms"].to_numpy())
    joined = Joined(of, lead, first, label, component, near, cells)
    return Standing(joined, standing["incident_id"], standing["start"].to_numpy(), standing["end"].to_numpy())


def _numbers(habits: Habits) -> pl.DataFrame:
    reporting = habits.reporting
    arrays = {
        "number": reporting.number,
        "emission": reporting.emission,
        "kind_prior": reporting.kind_prior,
        "usual": reporting.usual,
        "alone": reporting.alone,
        "in_a_cell": reporting.in_a_cell,
        "reach": reporting.reach,
        "unjoined": reporting.unjoined,
        "shown": habits.shown,
        "days": np.array([habits.first_day, habits.last_day], np.float64),
    }
    schema = {"name": pl.String, "value": pl.Float64}
    parts = ({"name": [name] * array.size, "value": array.reshape(-1)} for name, array in arrays.items())
    return pl.concat(pl.DataFrame(part, schema=schema) for part in parts)


def _habits(tables: Mapping[str, pl.DataFrame]) -> Habits:
    sources, k, numbers = tuple(tables["sources"]["source_id"]), len(kind_names()), tables["numbers"]

    def array(name: str, *shape: int) -> Floats:
        return numbers.filter(name=name)["value"].to_numpy().reshape(shape)

    s = len(sources)
    reporting = Reporting(
        sources,
        array("number", s, k, MOST + 1),
        array("emission", s, k, k),
        array("kind_prior", k),
        array("usual", s, k),
        array("alone", s, MOST + 1),
        array("in_a_cell", 1 + s),
        array("reach", s),
        array("unjoined", s),
    )
    first, last = array("days", 2)
    return Habits(tables["learned"], reporting, array("shown", k), int(first), int(last), tables["weekly"])
