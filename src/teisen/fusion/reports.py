"""Reports: observations as arrays that the arithmetic of fusion works on, with the sources' errors filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from teisen.fusion.kinds import class_index, distinct_chances
from teisen.fusion.near import FARTHEST_SIGMAS, Ints, Spots
from teisen.geodesy import MEAN_RADIUS_M, Floats, unit_vectors
from teisen.sources import Source

TRACE_LASTS_S = {"fire": 43_200.0, "damage": 86_400.0, "casualties": 86_400.0}
"""A trace of this kind may be seen this long after what left it, seconds (assumed; a fire: one half of a day, the time
between a polar orbiter's day and night passes)."""
EXTENT_M = {"fire": 375.0}
"""Size of an incident of this kind as a standard deviation, metres (assumed: a pixel): neighbouring fire pixels are one
fire."""
EXTENT_ELSE_M = 300.0
TIME_ERROR_ELSE_S = 3_600.0
"""Time error of a source that the case does not declare, seconds (assumed)."""
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
UNIFORM_HALF_WIDTH = float(np.sqrt(3.0))
"""Half the width of a uniform distribution of standard deviation one."""


@dataclass(frozen=True)
class Reports:
    """Observations of one role, in the order of their ids; arrays of shape (n,) unless said.

    ``xyz`` is metres on the sphere, shape (n, 3). ``start`` and ``end`` are seconds since 1970; a moment is widened
    by the source's time error. ``since`` is ``start`` moved back by how long a trace of this kind lasts. ``cov`` is
    the covariance of the place, m2, shape (n, 3): ee, en, nn; ``sigma`` its largest standard deviation.
    ``extent`` is the part of an axis' standard deviation in it that is the incident's own size; ``moment`` tells where
    the source states a moment, so that the interval is its error.
    ``kind_of`` is each one's row in ``distinct``, the distributions over kinds that occur, shape (d, kinds). ``base``
    is the odds that the report is of the conflict, as a log, ``credit`` the
    reason in words; both as the source's profile declares, or as :mod:`teisen.fusion.background` finds: ``weighed``
    tells which. What lies about a weighed report is in its odds already.
    """

    frame: pl.DataFrame
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
    def lon(self) -> Floats:
        """Longitudes, degrees; NaN where only an area is known."""
        return self.frame["lon"].fill_null(float("nan")).to_numpy()

    @cached_property
    def lat(self) -> Floats:
        """Latitudes, degrees; NaN where only an area is known."""
        return self.frame["lat"].fill_null(float("nan")).to_numpy()

    @cached_property
    def speaking(self) -> tuple[tuple[str, ...], Ints]:
        """Ids of the sources that report, in order, and the place of each one's source among them."""
        names = self.frame["source_id"].unique().sort()
        return tuple(names), names.search_sorted(self.frame["source_id"]).to_numpy().astype(np.int64)

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
    known = sources.items()
    groups = {name: source.profile.group for name, source in known}
    frame = (
        observations.select(NEEDED)
        .sort("observation_id")
        .with_columns(
            group=pl.col("source_id").replace(groups),
            actor_right=_figure({name: _actor_right(source) for name, source in known}, ACTOR_RIGHT),
            place_error_m=pl.coalesce(
                "place_error_m", _figure({n: s.profile.place_error_m.value for n, s in known}, 10_000.0)
            ).clip(1.0),
            place_assumed=_figure({n: s.profile.place_error_m.basis == "assumed" for n, s in known}, True) > 0,
        )
    )
    numbers = frame.select(
        pl.col("lon", "lat").fill_null(float("nan")),
        pl.col("start", "end").dt.epoch("us").cast(pl.Float64),
        time_error=_figure({n: s.profile.time_error_s.value for n, s in known}, TIME_ERROR_ELSE_S),
        false_share=_figure({n: s.profile.false_share.value for n, s in known}, 0.5).clip(0.01, 0.99),
        lasts=pl.col("kind").replace_strict(TRACE_LASTS_S, default=0.0, return_dtype=pl.Float64),
        extent=pl.col("kind").replace_strict(EXTENT_M, default=EXTENT_ELSE_M, return_dtype=pl.Float64),
    )
    lon, lat, start, end, time_error, share, lasts, extent = (column.to_numpy() for column in numbers)
    start, end = start / 1e6, end / 1e6
    middle = (start + end) / 2
    moment = end <= start
    error = np.maximum(time_error, 1.0) * UNIFORM_HALF_WIDTH
    half = np.where(moment, error, np.maximum((end - start) / 2, 1.0))
    start, end = middle - half, middle + half
    cov = _covariance(frame, extent)
    kind_of, distinct = distinct_chances(frame["kinds"])
    return Reports(
        frame=frame.drop("kinds"),
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


def _actor_right(source: Source) -> float:
    """P(who the source says did it is right), as declared."""
    wrong = source.profile.wrong_actor_share
    if wrong:
        return 1 - wrong.value
    return ACTOR_RIGHT if source.reported_by is None else ACTOR_RIGHT_OF_PARTY


def _credit(false_share: Floats) -> pl.Series:
    percent = np.round((1 - false_share) * 100).astype(np.int64)
    words = pl.Series([f"reported it; {p} % of this source's reports are true" for p in range(101)], dtype=pl.String)
    return words.gather(percent).alias("credit")


def _figure(values: Mapping[str, float], default: float) -> pl.Expr:
    return pl.col("source_id").replace_strict(values, default=default, return_dtype=pl.Float64)


def _covariance(frame: pl.DataFrame, extent: Floats) -> Floats:
    """Covariance of each place with the extent of its kind added, m2, shape (n, 3): ee, en, nn."""
    major, minor, azimuth = (
        column.to_numpy()
        for column in frame.select(
            "place_error_m",
            pl.col("place_error_minor_m").fill_null(float("nan")),
            pl.col("place_azimuth_deg").fill_null(0.0),
        )
    )
    minor = np.minimum(minor, major)
    minor = np.where(np.isnan(minor), major, np.maximum(minor, 1.0))
    sin, cos = np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))
    ee = (major * sin) ** 2 + (minor * cos) ** 2 + extent**2
    nn = (major * cos) ** 2 + (minor * sin) ** 2 + extent**2
    en = (major**2 - minor**2) * sin * cos
    return np.stack([ee, en, nn], axis=1)
