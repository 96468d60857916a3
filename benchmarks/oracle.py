"""An oracle that is told how the world was made: what fusion could do at best with these reports.

It knows, from the truth itself, how far off each source is in place and time, how often it takes one kind for another,
how many reports it makes of an incident, how many false ones and where, how dense true incidents are around each place
and time, and which report is a copy of which. It does not know which report is of which incident. It puts reports
together so that the posterior of the whole partition is as high as a greedy merge, best first, and then moves of
single reports make it.

The posterior of a cluster, up to a constant, is that of a Poisson process of incidents (density as above) seen by
independent sources: Daley and Vere-Jones, "An Introduction to the Theory of Point Processes", 2003, chapter 6.3 (marked
cluster processes). Place errors are normal; times of moments are normal or uniform, whichever fits that source better.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from scipy.special import ndtr

from teisen.evaluation.partitions import pairwise
from teisen.fusion.density import local_density
from teisen.fusion.kinds import kind_names
from teisen.fusion.near import near_within
from teisen.fusion.reports import Reports
from teisen.geodesy import MEAN_RADIUS_M, METRES_PER_DEGREE, Floats, unit_vectors

METRES_PER_SECOND = 5_000 / 86_400
NEIGHBOURS = 10
SWEEPS = 5
LONGEST_S = 7 * 86_400.0
"""Time over which a report that fits nothing may lie, so that every likelihood is above 0."""
SMALL = 1e-9
PSEUDO = 0.1


CROWDINGS = (-2.0, -1.0, 0.0, 1.0, 2.0)
"""What is tried to be added to the log of the density, in its favour."""


def best(reports: Reports, truth_id: pl.Series, truth: pl.DataFrame, lead: np.ndarray) -> np.ndarray:
    """Label of each report as the oracle puts them together, at the settings of density that the truth likes best.

    Args:
        reports: those that make incidents, all with a place.
        truth_id: of each; null: nothing true.
        truth: ``truth_id``, ``time``, ``lon``, ``lat`` and ``kind`` of all that happened.
        lead: index of the report that each is a copy of; its own where it is none.
    """
    at = np.flatnonzero(lead == np.arange(len(reports)))
    world = _World(reports.take(at), truth_id.gather(at).fill_null(""), truth)
    chosen, highest = np.arange(len(reports)), -1.0
    for density, more in itertools.product((world.density, np.log(local_density(world.reports))), CROWDINGS):
        world.density = density + more
        label = _partition(world)[np.searchsorted(at, lead)]
        score = pairwise(pl.DataFrame({"incident": label, "truth": truth_id})).f1
        if score > highest:
            chosen, highest = label, score
    return chosen


@dataclass
class _Cluster:
    """What is needed of a cluster to tell its posterior: sums over its reports."""

    members: list[int]
    weight: float
    east: float
    north: float
    square: float
    log_place: float
    t_weight: float
    t: float
    t_square: float
    log_time: float
    low: float
    high: float
    kinds: Floats
    sources: Counter[int]
    density: float
    false: float
    value: float = 0.0


class _World:
    def __init__(self, reports: Reports, truth_id: pl.Series, truth: pl.DataFrame) -> None:
        self.reports, self.n = reports, len(reports)
        self.pairs = [pair for found in near_within(reports.spots) for pair in zip(*map(list, found), strict=True)]
        self._plane()
        sources = reports.frame["source_id"].to_numpy()
        self.sources = sorted(set(sources.tolist()))
        self.source = np.searchsorted(np.array(self.sources), sources.astype(str))
        at = truth.with_row_index("at").select("truth_id", "at")
        of = pl.DataFrame({"truth_id": truth_id}).join(at, on="truth_id", how="left", maintain_order="left")["at"]
        self.of = of.fill_null(-1).cast(pl.Int64).to_numpy()
        self.true_time = truth["time"].dt.epoch("us").to_numpy() / 1e6
        self.true_lon, self.true_lat = truth["lon"].to_numpy(), truth["lat"].to_numpy()
        self._errors()
        self._kinds(truth)
        self._counts(len(truth))
        self._densities()

    def _plane(self) -> None:
        """Metres east and north on a plane for each connected component of reports that may be of one incident."""
        i, j = np.array(self.pairs, dtype=np.int64).reshape(-1, 2).T
        graph = coo_matrix((np.ones(len(i), np.int8), (i, j)), shape=(self.n, self.n))
        part = connected_components(graph, directed=False)[1]
        lon, lat, size = self.reports.lon, self.reports.lat, np.bincount(part)
        lon0, lat0 = (np.bincount(part, axis) / size for axis in (lon, lat))
        self.east = (lon - lon0[part]) * METRES_PER_DEGREE * np.cos(np.radians(lat0[part]))
        self.north = (lat - lat0[part]) * METRES_PER_DEGREE

    def _errors(self) -> None:
        r, here = self.reports, self.of >= 0
        of = self.of[here]
        east = (r.lon[here] - self.true_lon[of]) * METRES_PER_DEGREE * np.cos(np.radians(r.lat[here]))
        north = (r.lat[here] - self.true_lat[of]) * METRES_PER_DEGREE
        middle = (r.start + r.end) / 2
        late = middle[here] - self.true_time[of]
        stated = r.frame["place_error_m"].to_numpy()
        stratum = pl.DataFrame(
            {"s": self.source, "moment": r.moment, "error": np.round(np.log2(np.maximum(stated, 1)))}
        )
        group = stratum.select(pl.struct(pl.all()).rank("dense")).to_series().to_numpy().astype(np.int64) - 1
        size = int(group.max(initial=-1)) + 1
        self.variance = np.full(self.n, 1e6)
        self.shift, self.spread = np.zeros(self.n), np.full(self.n, np.inf)
        self.low, self.high = r.core[0].copy(), r.core[1].copy()
        for g in range(size):
            mine, seen = group == g, group[here] == g
            if not seen.any():
                continue
            self.variance[mine] = max(float(np.mean((east[seen] ** 2 + north[seen] ** 2) / 2)), 100.0)
            if not r.moment[mine][0]:
                # an interval: as far before and after it as truth ever lay
                a, b = (
                    r.core[0][here][seen] - self.true_time[of][seen],
                    r.core[1][here][seen] - self.true_time[of][seen],
                )
                self.low[mine] -= max(float(np.quantile(a, 0.99)), 0.0)
                self.high[mine] += max(float(-np.quantile(b, 0.01)), 0.0)
                continue
            mean, sd = float(late[seen].mean()), max(float(late[seen].std()), 1.0)
            first, last = float(late[seen].min()), float(late[seen].max())
            if np.log(max(last - first, 1.0)) < np.log(sd) + 0.5 * np.log(2 * np.pi * np.e):
                self.low[mine], self.high[mine] = middle[mine] - last, middle[mine] - first
            else:
                self.shift[mine], self.spread[mine] = mean, sd
                self.low[mine], self.high[mine] = -np.inf, np.inf
        self.middle = middle - self.shift

    def _kinds(self, truth: pl.DataFrame) -> None:
        names = list(kind_names())
        true = truth["kind"].replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()
        self.prior = np.log(np.bincount(true, minlength=len(names)) + SMALL) - np.log(len(true) + SMALL)
        self.likelihood = np.zeros((self.n, len(names)))
        for s in range(len(self.sources)):
            table = np.full((len(names), len(names)), PSEUDO / len(names))
            mine = (self.source == s) & (self.of >= 0)
            np.add.at(table, true[self.of[mine]], self.reports.kinds[mine])
            table /= table.sum(axis=1, keepdims=True)
            every = self.source == s
            self.likelihood[every] = np.log(self.reports.kinds[every] @ table.T + SMALL)
        self.false_kind = np.zeros(self.n)
        for s in range(len(self.sources)):
            mine = (self.source == s) & (self.of < 0)
            share = self.reports.kinds[mine].sum(axis=0) + PSEUDO / len(names)
            every = self.source == s
            self.false_kind[every] = np.log(self.reports.kinds[every] @ (share / share.sum()) + SMALL)

    def _counts(self, happened: int) -> None:
        self.count: list[Floats] = []
        for s in range(len(self.sources)):
            times = np.bincount(self.of[(self.source == s) & (self.of >= 0)], minlength=happened)
            share = np.bincount(times, minlength=40).astype(float)
            share[0] += PSEUDO
            share += PSEUDO * 0.5 ** np.arange(len(share))
            self.count.append(np.log(share / share.sum()))
        self.unseen = float(sum(log[0] for log in self.count))

    def _densities(self) -> None:
        r = self.reports
        here = np.column_stack([r.xyz, (r.start + r.end) / 2 * METRES_PER_SECOND])
        true = np.column_stack(
            [unit_vectors(self.true_lon, self.true_lat) * MEAN_RADIUS_M, self.true_time * METRES_PER_SECOND]
        )
        self.density = _around(here, true)
        self.false = np.full(self.n, -np.inf)
        for s in range(len(self.sources)):
            mine, false = self.source == s, (self.source == s) & (self.of < 0)
            if false.any():
                self.false[mine] = _around(here[mine], here[false])

    def alone(self, i: int) -> _Cluster:
        v, x, y = self.variance[i], self.east[i], self.north[i]
        gauss = np.isfinite(self.spread[i])
        tw = 1 / self.spread[i] ** 2 if gauss else 0.0
        cluster = _Cluster(
            [i], 1 / v, x / v, y / v, (x * x + y * y) / v, -np.log(2 * np.pi * v),
            tw, self.middle[i] * tw, self.middle[i] ** 2 * tw,
            -0.5 * np.log(2 * np.pi * self.spread[i] ** 2) if gauss else -np.log(max(self.high[i] - self.low[i], 1.0)),
            self.low[i], self.high[i], self.likelihood[i], Counter([int(self.source[i])]),
            self.density[i], self.false[i] + self.false_kind[i],
        )  # fmt: skip
        cluster.value = self.value(cluster)
        return cluster

    def joined(self, a: _Cluster, b: _Cluster) -> _Cluster:
        cluster = _Cluster(
            a.members + b.members, a.weight + b.weight, a.east + b.east, a.north + b.north, a.square + b.square,
            a.log_place + b.log_place, a.t_weight + b.t_weight, a.t + b.t, a.t_square + b.t_square,
            a.log_time + b.log_time, max(a.low, b.low), min(a.high, b.high), a.kinds + b.kinds, a.sources + b.sources,
            max(a.density, b.density), -np.inf,
        )  # fmt: skip
        cluster.value = self.value(cluster)
        return cluster

    def value(self, c: _Cluster) -> float:
        """Log of the posterior's factor of a cluster."""
        rest = c.square - (c.east**2 + c.north**2) / c.weight
        place = c.log_place - 0.5 * max(rest, 0.0) + np.log(2 * np.pi / c.weight)
        if c.t_weight > 0:
            mean, sd = c.t / c.t_weight, c.t_weight**-0.5
            mass = ndtr((c.high - mean) / sd) - ndtr((c.low - mean) / sd) if c.high > c.low else 0.0
            rest = max(c.t_square - c.t**2 / c.t_weight, 0.0)
            time = c.log_time - 0.5 * rest + 0.5 * np.log(2 * np.pi * sd**2) + np.log(mass + 1e-300)
        else:
            time = c.log_time + np.log(max(c.high - c.low, 0.0) + 1e-300)
        kinds = float(np.logaddexp.reduce(self.prior + c.kinds))
        seen = sum(self.count[s][min(k, len(self.count[s]) - 1)] - self.count[s][0] for s, k in c.sources.items())
        true = c.density + place + time + kinds + seen + self.unseen
        return float(np.logaddexp(true, c.false)) if len(c.members) == 1 else float(true)


def _around(here: Floats, things: Floats) -> Floats:
    """Log of the number of ``things`` per m2 and second around each of ``here``."""
    tree = cKDTree(things)
    k = min(NEIGHBOURS, len(things))
    radius = np.clip(np.asarray(tree.query(here, k=[k])[0])[:, 0], 2_000, 200_000)
    inside = np.asarray(tree.query_ball_point(here, radius, return_length=True), float)
    return np.log(np.maximum(inside, 1.0) / (4 / 3 * np.pi * radius**3 / METRES_PER_SECOND))


def _partition(world: _World) -> np.ndarray:
    clusters: dict[int, _Cluster] = {i: world.alone(i) for i in range(world.n)}
    owner = np.arange(world.n)
    near: dict[int, set[int]] = {i: set() for i in range(world.n)}
    for a, b in world.pairs:
        near[a].add(b)
        near[b].add(a)
    _merge(world, clusters, owner, near)
    for _ in range(SWEEPS):
        if not _move(world, clusters, owner, near):
            break
    return np.unique(owner, return_inverse=True)[1]


def _merge(world: _World, clusters: dict[int, _Cluster], owner: np.ndarray, near: dict[int, set[int]]) -> None:
    """Merge the two clusters that gain most, while any gain."""
    touching = {i: set(js) for i, js in near.items()}
    heap: list[tuple[float, int, int, int]] = []
    version = dict.fromkeys(clusters, 0)

    def offer(a: int, b: int) -> None:
        gain = world.joined(clusters[a], clusters[b]).value - clusters[a].value - clusters[b].value
        if gain > 0:
            heapq.heappush(heap, (-gain, min(a, b), max(a, b), version[a] + version[b]))

    for a, others in touching.items():
        for b in others:
            if a < b:
                offer(a, b)
    while heap:
        _, a, b, when = heapq.heappop(heap)
        if a not in clusters or b not in clusters or version[a] + version[b] != when:
            continue
        clusters[a] = world.joined(clusters[a], clusters.pop(b))
        version[a] += 1 + version.pop(b)
        owner[clusters[a].members] = a
        touching[a] = (touching[a] | touching.pop(b)) - {a, b}
        for other in touching[a]:
            touching[other].discard(b)
            touching[other].add(a)
            offer(a, other)


def _move(world: _World, clusters: dict[int, _Cluster], owner: np.ndarray, near: dict[int, set[int]]) -> bool:
    """Move single reports to where the posterior is highest; whether any moved."""
    moved = False
    for i in range(world.n):
        home = int(owner[i])
        places = {int(owner[j]) for j in near[i]} - {home}
        if len(clusters[home].members) == 1 and not places:
            continue
        alone = world.alone(i)
        left = _of(world, [m for m in clusters[home].members if m != i])
        stays = clusters[home].value - (left.value if left else 0.0)
        best, best_gain, best_cluster = home, stays + SMALL, None
        if left and alone.value > best_gain:
            best, best_gain, best_cluster = -1, alone.value, alone
        for place in sorted(places):
            joined = world.joined(clusters[place], alone)
            gain = joined.value - clusters[place].value
            if gain > best_gain:
                best, best_gain, best_cluster = place, gain, joined
        if best_cluster is None:
            continue
        moved = True
        if left:
            key = min(left.members) if best == -1 or home == i else home
            del clusters[home]
            clusters[key] = left
            owner[left.members] = key
        else:
            del clusters[home]
        if best == -1:
            clusters[i] = best_cluster
            owner[i] = i
        else:
            clusters[best] = best_cluster
            owner[best_cluster.members] = best
    return moved


def _of(world: _World, members: list[int]) -> _Cluster | None:
    cluster: _Cluster | None = None
    for i in members:
        cluster = world.alone(i) if cluster is None else world.joined(cluster, world.alone(i))
    return cluster
