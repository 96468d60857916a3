"""The evidence ratio of two reports: of one incident, against two different incidents nearby."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from teisen.fusion.kinds import either_way, target_ratios
from teisen.fusion.near import FARTHEST_SIGMAS, Ints
from teisen.fusion.normal import below
from teisen.fusion.reports import Reports
from teisen.geodesy import METRES_PER_DEGREE, Floats

FLOOR, CEILING = -20.0, 12.0
"""Log ratios are kept within these, so that no one pair decides for a whole cluster."""
DECIMALS = 3
"""Log ratios are rounded to this before any threshold looks at them."""
TABLED = 2_000
"""Distinct distributions of kinds up to which any two are weighed beforehand."""
SHORTEST = 0.3
"""Intervals shorter than this share of the blur are taken as this long: the difference is lost in the blur."""
AREA_RATE = 1 / (3 * 86_400.0)
"""Incidents per second of one area that reports of the area alone can tell apart: one in three days (assumed)."""


@dataclass(frozen=True)
class Pairs:
    """What pairs of ``reports`` are weighed with: the local ``density`` of each, and the kinds that a random report
    has ``shown``."""

    reports: Reports
    density: Floats
    shown: Floats

    def of_places(self, i: Ints, j: Ints) -> Floats:
        """Log of the evidence that reports ``i`` and ``j`` are of one incident, shape (pairs,).

        Place: normal of the difference under the summed covariances; time: density of the difference of two uniform
        intervals with normal blur; both against the geometric mean of the local densities. Kinds: compatibility against
        that of random reports. Target: agreement or not, where both state one. Reports more than four standard
        deviations apart get the floor.
        """
        east, north = self._offset(i, j)
        ee, en, nn = (self.reports.cov[i] + self.reports.cov[j]).T
        det = ee * nn - en**2
        mahalanobis = (nn * east**2 - 2 * en * east * north + ee * north**2) / det
        place = -0.5 * mahalanobis - np.log(2 * np.pi) - 0.5 * np.log(det)
        value = place + self.time(i, j) - self.rival(i, j) + self.kind(i, j)
        return _bounded(np.where(mahalanobis > FARTHEST_SIGMAS**2, -np.inf, value))

    def rival(self, i: Ints, j: Ints) -> Floats:
        """Log of the geometric mean of the local densities, a m2 and second."""
        return np.asarray((self._log_density[i] + self._log_density[j]) / 2)

    def of_areas(self, i: Ints, j: Ints) -> Floats:
        """As :meth:`of_places` for reports that state an area alone: same area, shared time, kind and target."""
        value = self.time(i, j) - np.log(AREA_RATE) + self.kind(i, j)
        return _bounded(np.where(self._area[i] == self._area[j], value, -np.inf))

    def _offset(self, i: Ints, j: Ints) -> tuple[Floats, Floats]:
        lon, lat = self._lon, self._lat
        turn = (lon[j] - lon[i] + 180) % 360 - 180
        middle = np.radians((lat[i] + lat[j]) / 2)
        return turn * METRES_PER_DEGREE * np.cos(middle), (lat[j] - lat[i]) * METRES_PER_DEGREE

    def time(self, i: Ints, j: Ints) -> Floats:
        """Log density of the difference of times: two uniform intervals and a normal blur, all convolved."""
        (start, end), blur = self._core, self._blur
        spread = np.maximum(np.hypot(blur[i], blur[j]), 1.0)
        one = np.maximum(end[i] - start[i], SHORTEST * spread)
        two = np.maximum(end[j] - start[j], SHORTEST * spread)
        apart = (start[i] + end[i] - start[j] - end[j]) / 2
        outer, inner = (one + two) / 2, (one - two) / 2
        edges = np.concatenate([apart + outer, apart + inner, apart - inner, apart - outer]).reshape(4, -1)
        ramps = _ramp((edges / spread).ravel()).reshape(4, -1)
        density = (ramps[0] - ramps[1] - ramps[2] + ramps[3]) * spread / (one * two)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.maximum(density, 0.0)))

    def kind(self, i: Ints, j: Ints) -> Floats:
        """Log ratio of kinds and targets."""
        target = target_ratios()[self.reports.target[i], self.reports.target[j]]
        i, j = self.reports.kind_of[i], self.reports.kind_of[j]
        if self._ratios is not None:
            return np.asarray(self._ratios[i, j] + target)
        fitting, typical = self._kinds
        fit = np.einsum("nk,nk->n", fitting[i], self.reports.distinct[j])
        return np.asarray(np.log(fit) - (typical[i] + typical[j]) / 2 + target)

    @cached_property
    def _log_density(self) -> Floats:
        return np.log(self.density)

    @cached_property
    def _lon(self) -> Floats:
        return self.reports.lon

    @cached_property
    def _lat(self) -> Floats:
        return self.reports.lat

    @cached_property
    def _core(self) -> tuple[Floats, Floats]:
        return self.reports.core

    @cached_property
    def _blur(self) -> Floats:
        return self.reports.blur

    @cached_property
    def _area(self) -> NDArray[np.str_]:
        return self.reports.frame["area_id"].fill_null("").to_numpy().astype(str)

    @cached_property
    def _kinds(self) -> tuple[Floats, Floats]:
        """How well each kind fits the distinct distributions of kinds, and the log of how well a random report does."""
        fitting = self.reports.distinct @ either_way()
        return fitting, np.log(fitting @ self.shown)

    @cached_property
    def _ratios(self) -> Floats | None:
        """Log ratios of the kinds of any two reports, by distinct kinds; None where those are too many for a table."""
        distinct = self.reports.distinct
        fitting, typical = self._kinds
        if len(distinct) > TABLED:
            return None
        return np.asarray(np.log(fitting @ distinct.T) - (typical[:, None] + typical[None, :]) / 2)


def _ramp(z: Floats) -> Floats:
    """Integral of the standard normal distribution function from minus infinity to ``z``."""
    return np.asarray(z * below(z) + np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi))


def _bounded(value: Floats) -> Floats:
    return np.asarray(np.round(np.clip(value, FLOOR, CEILING), DECIMALS) + 0.0)
