"""Reports: observations as arrays that the arithmetic of fusion works on, with the sources' errors filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from teisen.fusion.kinds import class_index, distinct_chances, numbered
from teisen.fusion.near import FARTHEST_SIGMAS, Ints, Spots
from teisen.geodesy import MEAN_RADIUS_M, Floats, unit_vectors
from teisen.observation import Profile
from teisen.sources import Source

TRACE_LASTS_S = {"fire": 43_200.0, "damage": 86_400.0, "casualties": 86_400.0}
"""A trace of this kind may be seen this long after what left it, seconds (assumed; a fire: one half of a day, the time
between a polar orbiter's day and night passes)."""
EXTENT_M = {"fire": 375.0}
"""Size of an incident of this kind as a standard deviation, metres (assumed: a pixel): neighbouring fire pixels are one
fire."""
EXTENT_ELSE_M = 300.0
PLACE_ERROR_ELSE_M, TIME_ERROR_ELSE_S, FALSE_SHARE_ELSE = 10_000.0, 3_600.0, 0.5
"""Errors of place and time (metres, seconds) and share of false alarms of a source that the case does not declare
(assumed)."""
ACTOR_RIGHT = 0.6
ACTOR_RIGHT_OF_PARTY = 0.4
"""Probability that who a source says did it is right where its profile states no ``wrong_actor_share``, and where it
speaks for a party besides (assumed; the same for every party)."""
NEEDED = (
    "observation_id", "source_id", "native_id", "start", "end", "reported", "lon", "lat", "place_error_m",
    "place_error_minor_m", "place_azimuth_deg", "area_id", "place_name", "kind", "kinds", "target_class",
    "weapon", "actor_stated", "role",
)  # fmt: skip
"""Columns that fusion looks at: no words of a source but the name of a place."""
AXES = ("place_error_m", "place_error_minor_m", "place_azimuth_deg")
UNIFORM_HALF_WIDTH = float(np.sqrt(3.0))
"""Half the width of a uniform distribution of standard deviation one."""


@dataclass(frozen=True)
class Reports:
    """Observations of one role, in the order of their ids; arrays of shape (n,) unless said.

    ``source`` is the place of each one's source among ``names``, ids in order, whose ``groups`` those are. ``lon`` and
    ``lat`` are degrees, NaN where only an area is known; ``xyz`` is metres on the sphere, shape (n, 3). ``start`` and
    ``end`` are seconds since 1970; a moment is widened by the source's time error. ``since`` is ``start`` moved back by
    how long a trace of this kind lasts. ``cov`` is the covariance of the place, m2, shape (n, 3): ee, en, nn; ``sigma``
    its largest standard deviation. ``extent`` is the part of an axis' standard deviation in it that is the incident's
    own size; ``moment`` tells where the source states a moment, so that the interval is its error. ``kind_of`` is each
    one's row in ``distinct``, the distributions over kinds that occur, shape (d, kinds). ``base`` is the odds that the
    report is of the conflict, as a log, ``credit`` the reason in words; both as the source's profile declares, or as
    :mod:`teisen.fusion.background` finds: ``weighed`` tells which. What lies about a weighed report is in its odds
    already.
    """

    frame: pl.DataFrame
    names: tuple[str, ...]
    groups: tuple[str, ...]
    source: Ints
    lon: Floats
    lat: Floats
    xyz: Floats
    start: Floats
    end: Floats
    since: Floats
    cov: Floats
    sigma: Floats
    extent: Floats
    moment: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    kind_of: Ints
    distinct: Floats
    target: Ints
    base: Floats
    credit: pl.Series
    weighed: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

    def __len__(self) -> int:
        return self.frame.height

    @cached_property
    def speaking(self) -> tuple[tuple[str, ...], Ints]:
        """Ids of the sources that report, in order, and the place of each one's source among them."""
        speaks = np.bincount(self.source, minlength=len(self.names)) > 0
        return tuple(np.array(self.names, dtype=np.object_)[speaks]), (np.cumsum(speaks) - 1)[self.source]

    @property
    def kinds(self) -> Floats:
        """Probabilities of kinds, shape (n, kinds)."""
        return np.asarray(self.distinct[self.kind_of])

    @property
    def blur(self) -> Floats:
        """Standard deviation of the time of a moment, seconds; 0 where an interval is stated."""
        return np.where(self.moment, (self.end - self.start) / 2 / UNIFORM_HALF_WIDTH, 0.0)

    @property
    def core(self) -> tuple[Floats, Floats]:
        """The time without its blur: a moment or the interval stated, begun as early as a trace allows."""
        middle, lasts = (self.start + self.end) / 2, self.start - self.since
        return np.where(self.moment, middle, self.start) - lasts, np.where(self.moment, middle, self.end)

    @property
    def spots(self) -> Spots:
        """Places and intervals with all their blur, to search for neighbours."""
        start, end = self.core
        return Spots(self.xyz, self.sigma, start - FARTHEST_SIGMAS * self.blur, end + FARTHEST_SIGMAS * self.blur)

    def take(self, index: Ints) -> Reports:
        """The reports at ``index``, in that order."""
        return Reports(
            frame=self.frame[index],
            names=self.names,
            groups=self.groups,
            source=self.source[index],
            lon=self.lon[index],
            lat=self.lat[index],
            xyz=self.xyz[index],
            start=self.start[index],
            end=self.end[index],
            since=self.since[index],
            cov=self.cov[index],
            sigma=self.sigma[index],
            extent=self.extent[index],
            moment=self.moment[index],
            kind_of=self.kind_of[index],
            distinct=self.distinct,
            target=self.target[index],
            base=self.base[index],
            credit=self.credit[index],
            weighed=self.weighed[index],
        )


def reports(observations: pl.DataFrame, sources: Mapping[str, Source]) -> Reports:
    """Arrays of ``observations`` (OBSERVATION), in the order of ids; places that are not known are NaN.

    Adds the columns ``group``, the group of the source (itself where the case declares none), ``actor_right``, the
    probability that it names who did it rightly, if it names anybody, and ``place_assumed``: how far off it is was not
    measured.
    """
    frame = observations.select(NEEDED).sort("observation_id")
    kind_of, distinct = distinct_chances(frame["kinds"])
    names, source = numbered(frame["source_id"])
    kinds, kind = numbered(frame["kind"])
    profiles = [sources[name].profile if name in sources else None for name in names]

    def declared(of: Callable[[Profile], float], default: float) -> Floats:
        return np.array([of(one) if one else default for one in profiles], np.float64)[source]

    groups = tuple(one.group if one else name for name, one in zip(names, profiles, strict=True))
    right = np.array([_actor_right(sources.get(name)) for name in names], np.float64)
    # Empty ones become NaN.
    lon, lat, major, minor, azimuth = (frame[name].to_numpy() for name in ("lon", "lat", *AXES))
    start, end = (frame[name].to_physical().cast(pl.Float64).to_numpy() for name in ("start", "end"))  # microseconds
    place_error = declared(lambda one: one.place_error_m.value, PLACE_ERROR_ELSE_M)
    major = np.maximum(np.where(np.isnan(major), place_error, major), 1.0)
    assumed = declared(lambda one: one.place_error_m.basis == "assumed", True) > 0
    frame = frame.drop("kinds").with_columns(
        pl.Series("group", groups, dtype=pl.String).gather(source),
        pl.Series("actor_right", right[source]),
        pl.Series("place_error_m", major),
        pl.Series("place_assumed", assumed, dtype=pl.Boolean),
    )
    time_error = declared(lambda one: one.time_error_s.value, TIME_ERROR_ELSE_S)
    share = np.clip(declared(lambda one: one.false_share.value, FALSE_SHARE_ELSE), 0.01, 0.99)
    lasts = np.array([TRACE_LASTS_S.get(name, 0.0) for name in kinds], np.float64)[kind]
    extent = np.array([EXTENT_M.get(name, EXTENT_ELSE_M) for name in kinds], np.float64)[kind]
    start, end = start / 1e6, end / 1e6
    middle = (start + end) / 2
    moment = end <= start
    error = np.maximum(time_error, 1.0) * UNIFORM_HALF_WIDTH
    half = np.where(moment, error, np.maximum((end - start) / 2, 1.0))
    start, end = middle - half, middle + half
    cov = _covariance(major, minor, np.nan_to_num(azimuth), extent)
    return Reports(
        frame=frame,
        names=names,
        groups=groups,
        source=source,
        lon=lon,
        lat=lat,
        xyz=unit_vectors(lon, lat) * MEAN_RADIUS_M,
        start=start,
        end=end,
        since=start - lasts,
        cov=cov,
        sigma=np.sqrt(np.maximum(cov[:, 0], cov[:, 2])),
        extent=extent,
        moment=moment,
        kind_of=kind_of,
        distinct=distinct,
        target=class_index(frame["target_class"]),
        base=np.log((1 - share) / share),
        credit=_credit(share),
        weighed=np.zeros(len(share), np.bool_),
    )


def _actor_right(source: Source | None) -> float:
    """P(who the source says did it is right), as declared."""
    if source is None:
        return ACTOR_RIGHT
    wrong = source.profile.wrong_actor_share
    if wrong:
        return 1 - wrong.value
    return ACTOR_RIGHT if source.reported_by is None else ACTOR_RIGHT_OF_PARTY


def _credit(false_share: Floats) -> pl.Series:
    percent = np.round((1 - false_share) * 100).astype(np.int64)
    words = pl.Series([f"reported it; {p} % of this source's reports are true" for p in range(101)], dtype=pl.String)
    return words.gather(percent).alias("credit")


def _covariance(major: Floats, minor: Floats, azimuth: Floats, extent: Floats) -> Floats:
    """Covariance of each place with the extent of its kind added, m2, shape (n, 3): ee, en, nn.

    Args:
        major, minor: standard deviations along the axes, metres, the latter NaN where the place is round.
        azimuth: of the major axis, degrees.
    """
    minor = np.minimum(minor, major)
    minor = np.where(np.isnan(minor), major, np.maximum(minor, 1.0))
    sin, cos = np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))
    ee = (major * sin) ** 2 + (minor * cos) ** 2 + extent**2
    nn = (major * cos) ** 2 + (minor * sin) ** 2 + extent**2
    en = (major**2 - minor**2) * sin * cos
    return np.stack([ee, en, nn], axis=1)
