"""How probable it is that some reports are all of one incident, by sums over them.

The posterior of a partition of reports into incidents is a product over incidents (Daley and Vere-Jones, "An
Introduction to the Theory of Point Processes", 2003, chapter 6.3: a Poisson process of incidents, each seen by
independent sources). An incident's factor has a closed form in sums over its reports, so that any two clusters can be
tried together at once:

- place: reports are normal around the incident, which is even over the ground; the integral over its place is normal;
- time: moments are normal around it, other reports even over their interval; the integral is the product of the
  normals, cut to what the intervals share;
- kind: for each that it may be, how often each source makes so many reports of one (none, one, two, ...) and how often
  it says what it said;
- target: for each that it may be, how often a source says what it said;
- the local density of incidents, against which all this stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from teisen.fusion.density import Around
from teisen.fusion.kinds import class_names, target_likelihoods
from teisen.fusion.near import Ints
from teisen.fusion.normal import below, log_below
from teisen.fusion.reporting import Reporting
from teisen.fusion.reports import Reports
from teisen.geodesy import METRES_PER_DEGREE, Floats, moved

EE, EN, NN, E, N, SQUARE, LOG_PLACE, T_WEIGHT, T, T_SQUARE, LOG_TIME, LOG_DENSITY, LOG_ALARM, SIZE = range(14)
"""Columns of :attr:`Sums.rows`."""
NEVER = -1e9
"""Log of a probability that is none."""
CERTAIN = 9.0
"""Beyond so many standard deviations lies 1e-19, which 1 is not changed by."""


@dataclass(frozen=True)
class Sums:
    """What is known of clusters of reports, one row each; two clusters together are the sum of their rows.

    Attributes:
        rows: shape (clusters, columns). Place is metres and time seconds from the anchor.
        tags: of kinds and sources, and of targets where any report states one, shape (clusters, columns).
        lon, lat, when: the anchor, degrees and seconds since 1970: place and time of the cluster's first report.
        low, high: seconds since 1970 that all intervals of the cluster share.
    """

    rows: Floats
    tags: Floats
    lon: Floats
    lat: Floats
    when: Floats
    low: Floats
    high: Floats

    def take(self, index: Ints) -> Sums:
        """The clusters at ``index``."""
        lon, lat, when, low, high = (one[index] for one in (self.lon, self.lat, self.when, self.low, self.high))
        # Rows are taken by ``take``: indexing takes twice as long.
        return Sums(self.rows.take(index, axis=0), self.tags.take(index, axis=0), lon, lat, when, low, high)

    def with_(self, other: Sums) -> Sums:
        """Each cluster together with that of ``other`` in the same row; the anchor stays."""
        east, north = offset_m(self.lon, self.lat, other.lon, other.lat)
        rows = self.rows + other.rows
        ee, en, nn = other.rows[:, EE], other.rows[:, EN], other.rows[:, NN]
        shift_e, shift_n = ee * east + en * north, en * east + nn * north
        rows[:, E] += shift_e
        rows[:, N] += shift_n
        shifted = 2 * (other.rows[:, E] * east + other.rows[:, N] * north) + shift_e * east + shift_n * north
        rows[:, SQUARE] += shifted
        late, weight = other.when - self.when, other.rows[:, T_WEIGHT]
        rows[:, T] += weight * late
        rows[:, T_SQUARE] += (2 * other.rows[:, T] + weight * late) * late
        low, high = np.maximum(self.low, other.low), np.minimum(self.high, other.high)
        return replace(self, rows=rows, tags=self.tags + other.tags, low=low, high=high)

    def middle(self) -> tuple[Floats, Floats]:
        """Mean place of each cluster, degrees."""
        rows = self.rows
        det = rows[:, EE] * rows[:, NN] - rows[:, EN] ** 2
        east = (rows[:, NN] * rows[:, E] - rows[:, EN] * rows[:, N]) / det
        north = (rows[:, EE] * rows[:, N] - rows[:, EN] * rows[:, E]) / det
        return moved(self.lon, self.lat, east, north)

    def put(self, index: Ints, other: Sums) -> None:
        """Replace the clusters at ``index``."""
        self.tags[index] = other.tags
        self.rows[index], self.low[index], self.high[index] = other.rows, other.low, other.high
        self.lon[index], self.lat[index], self.when[index] = other.lon, other.lat, other.when


def without(clusters: Sums, owner: Ints, single: Sums, leaving: Ints) -> Sums:
    """The cluster of each report of ``leaving`` (clusters at ``owner``) without it; all clusters are of two at least.

    ``leaving`` holds all reports of the clusters that it touches.
    """
    home, one = owner[leaving], single.take(leaving)
    rest = clusters.take(home).with_(replace(one, rows=-one.rows, tags=-one.tags))
    of = np.unique(home, return_inverse=True)[1]
    return replace(rest, low=-_second(-one.low, of), high=_second(one.high, of))


def _second(values: Floats, of: Ints) -> Floats:
    """Of each value the smallest of the others in its group."""
    order = np.lexsort((values, of))
    first = np.searchsorted(of[order], np.arange(of.max(initial=-1) + 1))
    least, next_ = order[first], order[first + 1]
    smallest = values[least][of]
    smallest[least] = values[next_]
    return smallest


def together(sums: Sums, label: Ints) -> Sums:
    """Tags, density, alarms and size of clusters ``label`` (0, 1, ...); places and times are those of their first."""
    first = np.unique(label, return_index=True)[1]
    whole = sums.take(first)
    rows, tags = np.zeros_like(whole.rows), np.zeros_like(whole.tags)
    np.add.at(rows, label, sums.rows)
    np.add.at(tags, label, sums.tags)
    return replace(whole, rows=rows, tags=tags)


def offset_m(lon: Floats, lat: Floats, to_lon: Floats, to_lat: Floats) -> tuple[Floats, Floats]:
    """Metres east and north from one place to another that is near."""
    turn = (to_lon - lon + 180) % 360 - 180
    return turn * METRES_PER_DEGREE * np.cos(np.radians((lat + to_lat) / 2)), (to_lat - lat) * METRES_PER_DEGREE


@dataclass(frozen=True)
class Likelihood:
    """Weighs clusters of reports by the way that their sources report; ``placed``: by place too; ``alarms``: those of
    one source may be a false alarm."""

    reporting: Reporting
    placed: bool = True
    alarms: bool = True

    def sums(self, reports: Reports, around: Around) -> Sums:
        """Each report as a cluster of its own."""
        source = self.reporting.index(reports)
        tags = [self.reporting.kinds(reports, source), np.eye(len(self.reporting.sources))[source]]
        if (reports.target < len(class_names())).any():
            tags.append(target_likelihoods()[reports.target])
        return replace(self.plain(reports, around), tags=np.concatenate(tags, axis=1))

    def plain(self, reports: Reports, around: Around) -> Sums:
        """The same without tags."""
        rows = np.zeros((len(reports), SIZE + 1))
        ee, en, nn = reports.cov.T
        det = ee * nn - en**2
        rows[:, EE], rows[:, EN], rows[:, NN] = nn / det, -en / det, ee / det
        rows[:, LOG_PLACE] = -np.log(2 * np.pi) - 0.5 * np.log(det)
        rows[:, T_WEIGHT], rows[:, LOG_TIME], low, high = times(reports)
        rows[:, LOG_DENSITY], rows[:, LOG_ALARM], rows[:, SIZE] = np.log(around.incidents), np.log(around.alarms), 1.0
        lon, lat = (np.nan_to_num(axis) for axis in (reports.lon, reports.lat))
        return Sums(rows, np.empty((0, 0)), lon, lat, (reports.start + reports.end) / 2, low, high)

    def value(self, sums: Sums) -> Floats:
        """Log of each cluster's factor, shape (clusters,)."""
        return np.asarray(sum(self.parts(sums).values()))

    def parts(self, sums: Sums) -> dict[str, Floats]:
        """The terms of :meth:`value`: ``place``, ``time``, ``kind``, ``target`` and ``density``."""
        kinds, counted, targets = self._tags(sums)
        density = self._density(sums)
        true = density + log_sum(self.reporting.shares(kinds, counted))
        return {
            "place": self._place(sums.rows),
            "time": _during(sums),
            "kind": np.logaddexp(true, self._alarm(sums, counted)) - density,
            "target": _target(targets),
            "density": density,
        }

    def placing(self, sums: Sums) -> Floats:
        """Those of place and time together, which need no tags."""
        return np.asarray(self._place(sums.rows) + _during(sums))

    def truth(self, sums: Sums) -> Floats:
        """P(it is an incident and no false alarm) of each cluster, by its reports alone."""
        kinds, counted, _ = self._tags(sums)
        true = self._density(sums) + log_sum(self.reporting.shares(kinds, counted))
        return np.asarray(1 / (1 + np.exp(np.clip(self._alarm(sums, counted) - true, -300, 300))))

    def _tags(self, sums: Sums) -> tuple[Floats, Floats, Floats]:
        """Those of kinds, of sources and of targets."""
        kinds = len(self.reporting.kind_prior)
        sources = kinds + len(self.reporting.sources)
        return sums.tags[:, :kinds], sums.tags[:, kinds:sources], sums.tags[:, sources:]

    def _density(self, sums: Sums) -> Floats:
        return np.asarray(sums.rows[:, LOG_DENSITY] / sums.rows[:, SIZE])

    def _alarm(self, sums: Sums, counted: Floats) -> Floats:
        """Log of the density of false alarms with so many reports of one source; of two there is none."""
        if not self.alarms:
            return np.full(len(counted), NEVER)
        alarms = sums.rows[:, LOG_ALARM] / sums.rows[:, SIZE] + self.reporting.repeated(counted)
        return np.asarray(np.where((counted > 0).sum(axis=1) == 1, alarms, NEVER))

    def _place(self, rows: Floats) -> Floats:
        if not self.placed:
            return np.zeros(len(rows))
        det = rows[:, EE] * rows[:, NN] - rows[:, EN] ** 2
        e, n = rows[:, E], rows[:, N]
        explained = (rows[:, NN] * e**2 - 2 * rows[:, EN] * e * n + rows[:, EE] * n**2) / det
        rest = np.maximum(rows[:, SQUARE] - explained, 0.0)
        return np.asarray(rows[:, LOG_PLACE] - 0.5 * rest + np.log(2 * np.pi) - 0.5 * np.log(det))

    def gain(self, left: Sums, right: Sums) -> Floats:
        """Log of how much more probable each pair of clusters is as one incident than as two."""
        return np.asarray(self.value(left.with_(right)) - self.value(left) - self.value(right))


def times(reports: Reports) -> tuple[Floats, Floats, Floats, Floats]:
    """Of each report what it adds to ``T_WEIGHT`` and ``LOG_TIME``, and the interval that bounds it, seconds."""
    start, end = reports.core
    moment = reports.moment & (start >= end - 1e-6)
    blur = np.maximum(reports.blur, 1.0)
    low = np.where(moment, -np.inf, np.where(reports.moment, reports.since, start))
    high = np.where(moment, np.inf, np.where(reports.moment, reports.end, end))
    with np.errstate(invalid="ignore"):
        even = -np.log(np.maximum(high - low, 1.0))
    weight, log = 1 / blur**2, -0.5 * np.log(2 * np.pi) - np.log(blur)
    return np.where(moment, weight, 0.0), np.where(moment, log, even), low, high


def during(log: Floats, when: Floats, sums: tuple[Floats, Floats, Floats], within: tuple[Floats, Floats]) -> Floats:
    """Log of the integral over the time of each incident, ``log`` being that of its factors' heights.

    Args:
        when: the anchor, seconds since 1970.
        sums: of weights, and of times and squares of times from the anchor with these weights.
        within: seconds since 1970 that it has to lie between.
    """
    (weight, total, square), (low, high) = sums, within
    value = log.copy()
    some = np.flatnonzero(weight > 0)
    each, of = weight[some], total[some]
    mean, spread = when[some] + of / each, each**-0.5
    rest = np.maximum(square[some] - of**2 / each, 0.0)
    value[some] += -0.5 * rest + 0.5 * np.log(2 * np.pi) + np.log(spread)
    cut = np.flatnonzero(np.isfinite(low[some]) | np.isfinite(high[some]))
    at = some[cut]
    value[at] += _log_between((low[at] - mean[cut]) / spread[cut], (high[at] - mean[cut]) / spread[cut])
    even = np.flatnonzero(weight <= 0)
    value[even] += np.log(np.maximum(high[even] - low[even], 1e-300))
    return np.asarray(np.where(high > low, np.maximum(value, NEVER), NEVER))


def _during(sums: Sums) -> Floats:
    rows = sums.rows
    moments = rows[:, T_WEIGHT], rows[:, T], rows[:, T_SQUARE]
    return during(rows[:, LOG_TIME], sums.when, moments, (sums.low, sums.high))


def _log_between(a: Floats, b: Floats) -> Floats:
    """Log of the standard normal probability between ``a`` and ``b``."""
    log = np.zeros(len(a))
    # Most incidents are certain to lie in time that is shared: a day, by the error of a moment.
    open_ = np.flatnonzero(~((a < -CERTAIN) & (b > CERTAIN)))
    a, b = a[open_], b[open_]
    chance = below(np.concatenate([a, b]))
    between = chance[len(a) :] - chance[: len(a)]
    with np.errstate(divide="ignore"):
        log[open_] = np.log(np.maximum(between, 0.0))
    far = np.flatnonzero(~(between > 0))
    if far.size:
        a, b = a[far], b[far]
        log[open_[far]] = np.where(b > a, log_below(np.where(a > 0, -a, b)), NEVER)
    return log


def _target(logs: Floats) -> Floats:
    """Log of the mean over targets, shape (n,): 0 where none is stated, as it seldom is."""
    value = np.zeros(len(logs))
    if not logs.size:
        return value
    stated = np.flatnonzero(logs.any(axis=1))
    value[stated] = log_sum(logs[stated]) - np.log(logs.shape[1])
    return value


def log_sum(logs: Floats) -> Floats:
    """Log of the sum of exponentials along the last axis."""
    top = logs.max(axis=-1)
    return np.asarray(top + np.log(np.exp(logs - top[..., None]).sum(axis=-1)))
