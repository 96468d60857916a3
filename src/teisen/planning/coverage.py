"""What every option would see: options of a catalogue at candidates, and their detection of every demand.

Held as a sparse matrix, since a plan of 2,000 km has tens of millions of pairs. A *cell* is one demand under one
condition. Where a kind has to be seen by two means, its cells stand twice, for sight from the ground or from orbit and
for all other means, each with half the weight: both halves have to be filled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from teisen.geodesy import Floats, chord, chord_to_m, unit_vectors
from teisen.planning.catalogue import Catalogue, Sensor
from teisen.planning.detection import at_distance, factor, looks, within
from teisen.planning.ground import COAST
from teisen.planning.plan import Condition, Watched
from teisen.planning.schema import COVERAGE, DETECTION, OPTION
from teisen.planning.terrain import LIGHT_K, RADIO_K, Terrain

LEAST = 0.005
"""A detection under this counts as none: it keeps the matrix small and changes no plan."""
MOST = 0.9999
"""No detection is held to be surer than this: two misses are always possible."""
TARGET_UP_M = 2.0
"""Height above the ground of what is looked for, metres: a gun, a vehicle (assumed)."""
PART_OF_DAY = 0.5
"""Running cost and people of a schedule of the day or of the night alone (assumed)."""
BATCH = 8_000_000
"""Entries of the matrix that are computed at a time, for memory."""
EYES = ("sight", "orbit")

Ints = NDArray[np.int64]
ANYWHERE = "anywhere"
"""Site of what has no place, as a satellite."""


@dataclass(frozen=True)
class Coverage:
    """What options see.

    Attributes:
        options: OPTION, in the order of the matrix's rows.
        demand: DEMAND, in the order of cells.
        conditions: in the order of cells.
        matrix: -ln(1 - detection), shape (options, cells), 32 bit.
        weight: of each cell; sums to 1.
        row: the demand row of each cell.
        condition: the index of the condition of each cell.
    """

    options: pl.DataFrame
    demand: pl.DataFrame
    conditions: tuple[Condition, ...]
    matrix: Any
    weight: Floats
    row: Ints
    condition: Ints

    def of(self, number: Ints) -> Floats:
        """Detection of each cell by so many of each option."""
        return np.asarray(-np.expm1(-(self.matrix.T @ number.astype(np.float64))))

    def value(self, number: Ints) -> float:
        """The weighted mean of detection by so many of each option."""
        return float(self.weight @ self.of(number))

    def only(self, rows: Ints) -> Coverage:
        """The same with these options alone."""
        return Coverage(
            self.options[rows.tolist()],
            self.demand,
            self.conditions,
            self.matrix[rows],
            self.weight,
            self.row,
            self.condition,
        )


def make_options(candidates: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Every sensor of the catalogue with each of its schedules at every candidate that it may stand at (OPTION).

    Sensors for the sea stand on the coast alone, and others never.
    """
    person = catalogue.person_cost.value
    frames = []
    for sensor in catalogue.sensors:
        low, high = sensor.depth_m
        if sensor.stands == "anywhere":
            places = pl.DataFrame({"site_id": [ANYWHERE], "side": [""], "consent": [""]})
        else:
            fit = candidates.filter(~pl.col("forbidden") & pl.col("depth_m").is_between(low, high))
            fit = fit.filter((pl.col("sector_id") == COAST) == sensor.at_sea)
            places = fit.select("site_id", "side", "consent")
        for schedule in sensor.schedules:
            share = 1.0 if schedule == "always" else PART_OF_DAY
            frames.append(
                places.with_columns(
                    option_id=pl.format("{}/{}/{}", "site_id", pl.lit(sensor.id), pl.lit(schedule)),
                    sensor=pl.lit(sensor.id),
                    means=pl.lit(sensor.means),
                    schedule=pl.lit(schedule),
                    cost=pl.lit(sensor.cost(person, share)),
                    people=pl.lit(sensor.people.value * share),
                    most=pl.lit(sensor.most, pl.Int64()),
                ).select(OPTION.schema.names())
            )
    return OPTION.hand_over(pl.concat([OPTION.empty(), *frames]))


@dataclass(frozen=True)
class Ground:
    """Where violations are to be seen and where sensors may stand.

    Attributes:
        demand: DEMAND.
        candidates: CANDIDATE.
        terrain: heights; without them everything within reach is in sight.
        forest: for each row of ``demand``, whether it lies in forest; without it nothing does.
    """

    demand: pl.DataFrame
    candidates: pl.DataFrame
    terrain: Terrain | None = None
    forest: NDArray[np.bool_] | None = None


def cover(
    options: pl.DataFrame,
    ground: Ground,
    catalogue: Catalogue,
    *,
    conditions: Sequence[Condition],
    watched: Sequence[Watched],
    window_h: float,
) -> Coverage:
    """What every option sees of every demand under every condition.

    Args:
        options: OPTION.
        ground: where they stand, and what is to be seen.
        catalogue: the sensors.
        conditions: what they watch under.
        watched: weights of the kinds, and which of them two means have to see.
        window_h: hours within which a report has to arrive.
    """
    demand, candidates, terrain = ground.demand, ground.candidates, ground.terrain
    cells = _Cells(demand, tuple(conditions), watched)
    order = {one: n for n, one in enumerate(options["site_id"].unique(maintain_order=True))}
    here = pl.DataFrame({"site_id": list(order)}, schema={"site_id": pl.String}).join(
        candidates.select("site_id", "lon", "lat"), on="site_id", how="left", maintain_order="left"
    )
    where = here.select("lon", "lat").to_numpy().astype(np.float64)
    at = np.array([order[one] for one in options["site_id"]], np.int64)
    sensors = options["sensor"].to_numpy()
    schedules = options["schedule"].to_numpy()
    blocks: list[Any] = []
    rows: list[Ints] = []
    for sensor in catalogue.sensors:
        mine = np.flatnonzero(sensors == sensor.id)
        if not len(mine):
            continue
        pairs = _Pairs.of(sensor, where, np.unique(at[mine]), cells, terrain)
        for schedule in sensor.schedules:
            these = mine[schedules[mine] == schedule]
            blocks.append(_block(sensor, schedule, pairs, at[these], _Asked(cells, window_h, ground.forest)))
            rows.append(these)
    empty = _nothing((0, cells.size))
    matrix = scipy.sparse.vstack(blocks, format="csr", dtype=np.float32) if blocks else empty
    back = np.argsort(np.concatenate(rows)) if rows else np.zeros(0, np.int64)
    return Coverage(
        options,
        demand,
        cells.conditions,
        matrix[back] if not np.array_equal(back, np.arange(len(back))) else matrix,
        cells.weight,
        cells.row,
        cells.condition,
    )


def long(coverage: Coverage) -> pl.DataFrame:
    """The coverage as a table (COVERAGE), without zeros; for the options that were chosen, not for all."""
    entries = coverage.matrix.tocoo()
    cells = entries.col
    frame = pl.DataFrame(
        {
            "option_id": coverage.options["option_id"].gather(entries.row),
            "demand_id": coverage.demand["demand_id"].gather(coverage.row[cells]),
            "kind": coverage.demand["kind"].gather(coverage.row[cells]),
            "condition": pl.Series([one.id for one in coverage.conditions]).gather(coverage.condition[cells]),
            "means": coverage.options["means"].gather(entries.row),
            "detection": -np.expm1(-entries.data.astype(np.float64)),
        }
    )
    return COVERAGE.hand_over(frame)


def detected(coverage: Coverage, number: Ints) -> pl.DataFrame:
    """What so many of each option see of each demand under each condition, alone and by two means (DETECTION)."""
    means = coverage.options["means"].to_numpy()
    many = len(coverage.conditions)
    at = coverage.row * many + coverage.condition
    size = coverage.demand.height * many
    missed = np.ones(size)
    found: list[Floats] = []
    for one in np.unique(means):
        mine = np.flatnonzero(means == one)
        seen = coverage.matrix[mine].T @ number[mine].astype(np.float64)
        miss = np.exp(-np.bincount(at, weights=seen, minlength=size))
        found.append(1 - miss)
        missed = missed * miss
    by_one = np.zeros(size)
    for n, one in enumerate(found):
        others = [1 - other for m, other in enumerate(found) if m != n]
        by_one += one * np.prod(others, axis=0) if others else one
    row, condition = np.divmod(np.arange(size), many)
    frame = pl.DataFrame(
        {
            "demand_id": coverage.demand["demand_id"].gather(row),
            "kind": coverage.demand["kind"].gather(row),
            "condition": pl.Series([one.id for one in coverage.conditions]).gather(condition),
            "detection": 1 - missed,
            "by_two": np.clip(1 - missed - by_one, 0, 1),
        }
    )
    return DETECTION.hand_over(frame)


def _nothing(shape: tuple[int, int]) -> Any:
    none: Any = shape  # scipy's stubs know no empty matrix by its shape
    return scipy.sparse.csr_matrix(none, dtype=np.float32)


class _Cells:
    """Which cells there are: demand by demand, in each the means' halves if it has them, in each the conditions."""

    def __init__(self, demand: pl.DataFrame, conditions: tuple[Condition, ...], watched: Sequence[Watched]) -> None:
        self.conditions = conditions
        by_kind = {one.kind: one for one in watched}
        kinds = demand["kind"].to_numpy()
        self.halves = np.array([2 if by_kind[kind].two_means else 1 for kind in kinds], np.int64)
        self.start = np.concatenate([[0], np.cumsum(self.halves)[:-1]]) * len(conditions)
        self.size = int(self.halves.sum()) * len(conditions)
        self.row = np.repeat(np.arange(len(kinds)), self.halves * len(conditions))
        self.condition = np.tile(np.arange(len(conditions)), int(self.halves.sum()))
        total = sum(one.weight for one in watched)
        mine = demand["weight"].to_numpy() / self.halves * np.array([by_kind[kind].weight for kind in kinds]) / total
        shares = np.array([one.share for one in conditions])
        weight = mine[self.row] * shares[self.condition]
        self.weight = weight / weight.sum()
        ids, self.place = np.unique(demand["demand_id"].to_numpy().astype(str), return_inverse=True)
        first = np.unique(self.place, return_index=True)[1]
        self.where = demand.select("lon", "lat").to_numpy()[first]
        self.of_kind: dict[str, Ints] = {}
        for kind in by_kind:
            rows = np.flatnonzero(kinds == kind)
            at = np.full(len(ids), -1, np.int64)
            at[self.place[rows]] = rows
            self.of_kind[kind] = at


@dataclass(frozen=True)
class _Pairs:
    """Pairs of a site (index) and a place of demand (index) within a sensor's reach and sight, by site."""

    site: Ints
    place: Ints
    far_m: Floats

    @classmethod
    def of(cls, sensor: Sensor, where: Floats, sites: Ints, cells: _Cells, terrain: Terrain | None) -> _Pairs:
        if sensor.stands == "anywhere":
            places = np.arange(len(cells.where))
            return cls(np.repeat(sites, len(places)), np.tile(places, len(sites)), np.zeros(len(places) * len(sites)))
        there = scipy.spatial.cKDTree(unit_vectors(*cells.where.T))
        here = scipy.spatial.cKDTree(unit_vectors(*where[sites].T))
        found = here.sparse_distance_matrix(there, float(chord(sensor.reach_m)), output_type="ndarray")
        site, place, far = sites[found["i"]], found["j"].astype(np.int64), chord_to_m(found["v"])
        if terrain is not None and sensor.needs_sight:
            k = RADIO_K if sensor.means == "radar" else LIGHT_K
            seen = terrain.sight(where[site], sensor.height_m, cells.where[place], TARGET_UP_M, k)
            site, place, far = site[seen], place[seen], far[seen]
        order = np.lexsort((place, site))
        return cls(site[order], place[order], far[order])


@dataclass(frozen=True)
class _Asked:
    """What is asked of every sensor alike."""

    cells: _Cells
    window_h: float
    forest: NDArray[np.bool_] | None


def _block(
    sensor: Sensor,
    schedule: str,
    pairs: _Pairs,
    sites: Ints,
    asked: _Asked,
) -> Any:
    """The rows of the matrix of a sensor with a schedule, one for each of ``sites``."""
    cells = asked.cells
    shape = (len(sites), cells.size)
    seen = [(kind, one, looks(sensor, one, asked.window_h)) for kind, one in sensor.sees.items()]
    seen = [(kind, one, many) for kind, one, many in seen if many > 0 and kind in cells.of_kind]
    conditions = [
        (n, factor(sensor, one))
        for n, one in enumerate(cells.conditions)
        if schedule == "always" or (schedule == "night") == one.night
    ]
    if not seen or not conditions or not len(sites):
        return _nothing(shape)
    begin, end = np.searchsorted(pairs.site, sites, "left"), np.searchsorted(pairs.site, sites, "right")
    counts = np.zeros(len(sites), np.int64)
    cell_parts: list[NDArray[np.int32]] = []
    data_parts: list[NDArray[np.float32]] = []
    for low, high in _batches(begin, end, BATCH // (len(seen) * len(conditions))):
        mine = slice(begin[low], end[high - 1])
        place, far = pairs.place[mine], pairs.far_m[mine]
        data = np.zeros((len(place), len(seen), len(conditions)), np.float32)
        cell = np.zeros(data.shape, np.int32)
        for k, (kind, one, many) in enumerate(seen):
            row = cells.of_kind[kind][place]
            near = np.where(row >= 0, at_distance(one, far), 0).astype(np.float32)
            if asked.forest is not None:
                near = np.where(asked.forest[row], near * np.float32(sensor.forest), near)
            half = np.where(cells.halves[row] == 2, 0 if sensor.means in EYES else len(cells.conditions), 0)
            for c, (n, by) in enumerate(conditions):
                q = within(near * np.float32(by), many, sensor.uptime.value)
                data[:, k, c] = np.where(q >= LEAST, -np.log1p(-np.minimum(q, MOST)), 0)
                cell[:, k, c] = cells.start[row] + half + n
        kept = data > 0
        many_kept = np.concatenate([[0], np.cumsum(kept.sum(axis=(1, 2)))])
        counts[low:high] = np.diff(many_kept[np.append(begin[low:high], end[high - 1]) - begin[low]])
        data_parts.append(data[kept])
        cell_parts.append(cell[kept])
    indptr = np.concatenate([[0], np.cumsum(counts)])
    return scipy.sparse.csr_matrix((np.concatenate(data_parts), np.concatenate(cell_parts), indptr), shape=shape)


def _batches(begin: Ints, end: Ints, most: int) -> Iterator[tuple[int, int]]:
    """Runs of sites (from, to) that have about so many pairs; sites follow each other in the pairs."""
    low = 0
    while low < len(begin):
        high = max(low + 1, int(np.searchsorted(end, begin[low] + most, "right")))
        yield low, high
        low = high
