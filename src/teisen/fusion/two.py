"""Reports alone and by twos: most never come into a larger cluster, and for these no sums are needed.

The same as :class:`teisen.fusion.likelihood.Likelihood` says of sums over one report or two, sooner: place and time
from a few arrays, what is said from tables of the distinct things that sources say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from teisen.fusion.density import Around
from teisen.fusion.kinds import class_names, target_likelihoods
from teisen.fusion.likelihood import (
    LOG_ALARM,
    LOG_DENSITY,
    NEVER,
    Likelihood,
    Sums,
    during,
    log_sum,
    offset_m,
    times,
)
from teisen.fusion.near import Ints
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats

CELLS = 5_000_000
"""Numbers that are held at a time."""


@dataclass(frozen=True)
class Closeness:
    """What place and time say of any two of some reports as one incident; arrays of shape (n,), those of place None
    where it is not known."""

    place: tuple[Floats, Floats, Floats, Floats, Floats] | None
    when: Floats
    weight: Floats
    log_time: Floats
    low: Floats
    high: Floats

    @staticmethod
    def of(reports: Reports, placed: bool) -> Closeness:
        """That of ``reports``; ``placed``: by place too."""
        weight, log_time, low, high = times(reports)
        ee, en, nn = (np.ascontiguousarray(one) for one in reports.cov.T)
        place = (reports.lon, reports.lat, ee, en, nn) if placed else None
        return Closeness(place, (reports.start + reports.end) / 2, weight, log_time, low, high)

    def where(self, i: Ints, j: Ints) -> tuple[Floats, Floats]:
        """Square of the distance of each pair, in standard deviations of it, and what place says of the two as one."""
        if self.place is None:
            return np.zeros(len(i)), np.zeros(len(i))
        lon, lat, *cov = self.place
        east, north = offset_m(lon[i], lat[i], lon[j], lat[j])
        ee, en, nn = (one[i] + one[j] for one in cov)
        det = ee * nn - en * en
        apart2 = (nn * east * east - 2 * en * east * north + ee * north * north) / det
        return apart2, -0.5 * apart2 - np.log(2 * np.pi) - 0.5 * np.log(det)

    def time(self, i: Ints, j: Ints) -> Floats:
        """What time says of each pair as one."""
        first, late, weight = self.when[i], self.when[j], self.weight[j]
        late -= first
        total = weight * late
        sums = self.weight[i] + weight, total, total * late
        within = np.maximum(self.low[i], self.low[j]), np.minimum(self.high[i], self.high[j])
        return during(self.log_time[i] + self.log_time[j], first, sums, within)


@dataclass(frozen=True)
class Saying:
    """What reports say, each alone and any two together.

    Attributes:
        plain: what is known of each as a cluster of its own, without tags.
        alone: what place and time say of each.
        of: row of each in ``distinct``, the tags (of kinds and source) of one report each for all that is said of kinds
            by a source.
        kind, pair: log of the sum over kinds for each of these, and for any two.
        source: of each of these.
        target: class stated by each report.
    """

    likelihood: Likelihood
    plain: Sums
    alone: Floats
    of: Ints
    distinct: Floats
    source: Ints
    kind: Floats
    pair: Floats
    target: Ints

    @staticmethod
    def by(likelihood: Likelihood, reports: Reports, around: Around) -> Saying:
        """That of ``reports``, weighed by ``likelihood``."""
        reporting = likelihood.reporting
        source, every = reporting.index(reports), len(reports.distinct)
        _, first, of = np.unique(source * every + reports.kind_of, return_index=True, return_inverse=True)
        kinds = reporting.kinds(reports.take(first), source[first])
        who = np.eye(len(reporting.sources))[source[first]]
        pair = np.empty((len(first), len(first)))
        step = max(CELLS // max(kinds.size, 1), 1)
        for at in range(0, len(first), step):
            some = slice(at, at + step)
            logs = (kinds[some, None] + kinds).reshape(-1, kinds.shape[1])
            counted = (who[some, None] + who).reshape(-1, who.shape[1])
            pair[some] = log_sum(reporting.shares(logs, counted)).reshape(-1, len(first))
        plain = likelihood.plain(reports, around)
        kind, alone = log_sum(reporting.shares(kinds, who)), likelihood.placing(plain)
        tags = np.concatenate([kinds, who], axis=1)
        return Saying(likelihood, plain, alone, of, tags, source[first], kind, pair, reports.target)

    def sums(self, index: Ints) -> Sums:
        """The reports at ``index``, each as a cluster of its own."""
        of, tags = self.plain, self.distinct.take(self.of[index], axis=0)
        if (self.target < len(class_names())).any():
            tags = np.concatenate([tags, target_likelihoods().take(self.target[index], axis=0)], axis=1)
        lon, lat, when, low, high = (one[index] for one in (of.lon, of.lat, of.when, of.low, of.high))
        return Sums(of.rows.take(index, axis=0), tags, lon, lat, when, low, high)

    @cached_property
    def one(self) -> Floats:
        """Log of the factor of each report as a cluster of its own."""
        false = self.plain.rows[:, LOG_ALARM] + self.likelihood.reporting.alone[self.source[self.of], 1]
        return np.asarray(np.logaddexp(self._true, false) + self._beside)

    @cached_property
    def one_trusting(self) -> Floats:
        """The same as if none were a false alarm."""
        return np.asarray(self._true + self._beside)

    @cached_property
    def _true(self) -> Floats:
        return np.asarray(self.plain.rows[:, LOG_DENSITY] + self.kind[self.of])

    @cached_property
    def _beside(self) -> Floats:
        targets = log_sum(target_likelihoods()) - np.log(len(class_names()))
        return np.asarray(self.alone + targets[self.target])

    def two(self, i: Ints, j: Ints, alarms: bool) -> Floats:
        """Log of the factor of each pair as a cluster, but for what place and time say."""
        density, alarm = self.plain.rows[:, LOG_DENSITY], self.plain.rows[:, LOG_ALARM]
        one, two = self.of[i], self.of[j]
        value = (density[i] + density[j]) / 2 + self.pair[one, two]
        if alarms:
            who = self.source[one]
            both = np.where(who == self.source[two], self.likelihood.reporting.alone[who, 2], NEVER)
            value = np.logaddexp(value, (alarm[i] + alarm[j]) / 2 + both)
        return np.asarray(value + both_targets()[self.target[i], self.target[j]])


@cache
def both_targets() -> Floats:
    """What two stated target classes say of their being one, shape (classes + 1, classes + 1)."""
    told = target_likelihoods()
    return np.asarray(log_sum(told[:, None] + told) - np.log(told.shape[1]))
