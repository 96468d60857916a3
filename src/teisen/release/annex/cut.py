"""What of a watch plan may leave for an audience.

With ``watch_plan: full`` (the commission and those who negotiate) everything leaves. With ``summary`` no sensor's
place, no sector, no schedule and no least detection does: a plan's blind spots are what a violator looks for. Counts of
a sensor below the smallest cell are withheld, since one device of a kind can be told apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import shapely

from teisen.geodesy import METRES_PER_DEGREE, Floats
from teisen.planning.consent import SIGNATURE
from teisen.planning.difference import PLAN_CHANGE
from teisen.planning.game import TICKETS
from teisen.planning.plan import Plan
from teisen.planning.programme import Programme
from teisen.release.coarsening import snap
from teisen.release.policy import Terms

KM_PER_DEGREE = METRES_PER_DEGREE / 1000
COARSE_KM = 10.0
"""The grid of the line where an audience has a summary and no grid of its own."""

PLACED = pl.Schema(
    {
        "sensor": pl.String, "number": pl.Int64, "sector_id": pl.String, "side": pl.String, "schedule": pl.String,
        "lon": pl.Float64, "lat": pl.Float64, "cost": pl.Float64, "people": pl.Float64,
    }
)  # fmt: skip
PROMISED = pl.Schema(
    {
        "kind": pl.String, "window_h": pl.Float64, "mean": pl.Float64, "by_two": pl.Float64, "least": pl.Float64,
        "least_sector": pl.String,
    }
)  # fmt: skip
GUARANTEED = pl.Schema(
    {
        "sector_id": pl.String, "kind": pl.String, "found": pl.Float64, "reached": pl.Float64, "most": pl.Float64,
        "within_hour": pl.Float64, "within_day": pl.Float64, "within_week": pl.Float64, "surely_h": pl.Float64,
        "hours": pl.Float64,
    }
)  # fmt: skip

PATROLLED = pl.Schema(
    {"sector_id": pl.String, "place_id": pl.String, "lon": pl.Float64, "lat": pl.Float64, "hours": pl.Float64}
)
"""Places that crews watch, and for how many crew hours a day on average."""


@dataclass(frozen=True)
class Cut:
    """What leaves. ``withheld`` says in words what does not; ``patrols`` whether there is a patrol programme.

    ``placed`` (PLACED) holds every device, or with a summary one row a sensor with empty places; ``number`` is empty
    where it is withheld. ``spent`` and ``people`` are totals. ``patrolled`` (PATROLLED) is empty with a summary.
    ``line`` is the line's pieces, longitudes and latitudes,
    shape (nodes, 2); with a summary on the grid of the audience's places.
    """

    plan: Plan
    placed: pl.DataFrame
    promised: pl.DataFrame
    guaranteed: pl.DataFrame
    signatures: pl.DataFrame
    changes: pl.DataFrame
    spent: float
    people: float
    patrols: bool
    withheld: tuple[str, ...]
    line: tuple[Floats, ...] = ()
    patrolled: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PATROLLED))

    @property
    def full(self) -> bool:
        """Whether nothing is withheld."""
        return not self.withheld


def leaves(recorded: datetime, terms: Terms, as_of: datetime) -> bool:
    """Whether what was put on record at a moment leaves under ``terms`` by ``as_of``."""
    return recorded + timedelta(hours=terms.plan_delay_hours) <= as_of


def cut(
    plan: Plan,
    terms: Terms,
    *,
    programme: Programme | None = None,
    signatures: pl.DataFrame | None = None,
    changes: pl.DataFrame | None = None,
    line: pl.DataFrame | None = None,
) -> Cut:
    """What of a plan leaves under ``terms``.

    Args:
        plan: the plan.
        terms: of the audience.
        programme: its patrols.
        signatures: SIGNATURE.
        changes: PLAN_CHANGE since an earlier version.
        line: LINE that it was made from, for the map.
    """
    full = terms.watch_plan == "full"
    placed = _placed(plan)
    spent, people = (
        float((placed[name].fill_null(0) * placed["number"]).sum()) if placed.height else 0.0
        for name in ("cost", "people")
    )
    promised = pl.DataFrame(
        [one.model_dump(include=set(PROMISED.names())) for one in plan.promises], schema=PROMISED
    ).sort("window_h", "kind")
    changed = PLAN_CHANGE.empty() if changes is None else changes
    signed = SIGNATURE.empty() if signatures is None else signatures
    guaranteed = _guaranteed(programme)
    if full:
        return Cut(
            plan,
            placed,
            promised,
            guaranteed,
            signed,
            changed,
            spent,
            people,
            programme is not None,
            withheld=(),
            line=_pieces(line, None),
            patrolled=_patrolled(programme),
        )
    counts = placed.group_by("sensor").agg(pl.col("number").sum()).sort("sensor")
    few = pl.col("number") < terms.smallest_cell
    nothing = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in PLACED.items() if name not in counts.columns]
    counts = counts.with_columns(pl.when(few).then(None).otherwise("number").alias("number"), *nothing)
    return Cut(
        plan,
        counts.select(PLACED.names()),
        promised.with_columns(pl.lit(None, pl.Float64).alias("least"), pl.lit(None, pl.String).alias("least_sector")),
        guaranteed.clear(),
        signed.with_columns(name=pl.lit(""), key=pl.lit(""), reason=pl.lit("")),
        PLAN_CHANGE.empty(),
        spent,
        people,
        programme is not None,
        withheld=("places", "sectors", "least", "patrols", "changes"),
        line=_pieces(line, terms.place_km or COARSE_KM),
    )


def _pieces(line: pl.DataFrame | None, grid_km: float | None) -> tuple[Floats, ...]:
    """The pieces of a line, on a grid where one is asked for; what is a single cell of it is left out."""
    if line is None:
        return ()
    pieces = [shapely.get_coordinates(one) for one in shapely.get_parts(shapely.from_wkb(line["geometry"][0]))]
    if grid_km is None:
        return tuple(pieces)
    coarse = []
    for piece in pieces:
        even = shapely.get_coordinates(shapely.segmentize(shapely.LineString(piece), grid_km / KM_PER_DEGREE / 2))
        at = np.column_stack(snap(even[:, 0], even[:, 1], grid_km * 1000))
        coarse.append(at[np.r_[True, (np.diff(at, axis=0) != 0).any(axis=1)]])
    return tuple(one for one in coarse if len(one) > 1)


def _placed(plan: Plan) -> pl.DataFrame:
    rows = [one.model_dump(include=set(PLACED.names())) for one in plan.placement]
    return pl.DataFrame(rows, schema=PLACED).sort("sensor", "sector_id", "lon", "lat", "schedule", nulls_last=True)


def _guaranteed(programme: Programme | None) -> pl.DataFrame:
    rows = [
        {"sector_id": sector.sector_id, **one.model_dump()}
        for sector in (programme.sectors if programme else ())
        for one in sector.guarantees
    ]
    return pl.DataFrame(rows, schema=GUARANTEED).sort("sector_id", "kind")


def _patrolled(programme: Programme | None) -> pl.DataFrame:
    """Each place of a programme with the crew hours of a day that its mixture gives it on average."""
    rows = []
    for sector in programme.sectors if programme else ():
        tickets = np.zeros(len(sector.places))
        for drawn in sector.drawn:
            np.add.at(tickets, [watch.place for route in drawn.routes for watch in route], drawn.tickets)
        hours = tickets / TICKETS * (programme.slot_h if programme else 0)
        rows += [
            (sector.sector_id, place.id, place.lon, place.lat, round(float(hour), 2))
            for place, hour in zip(sector.places, hours, strict=True)
        ]
    return pl.DataFrame(rows, schema=PATROLLED, orient="row").filter(pl.col("hours") > 0)
