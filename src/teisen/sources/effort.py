"""Effort by area and day: the grid on which sources that watch whole regions state their exposure.

A source learns what its files cover while it reads them and keeps it as rows of the condition table
(:func:`covers`), because a file says so whether or not a row of it lies in the case's scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

import polars as pl
import shapely

from teisen.observation import CONDITION, EXPOSURE
from teisen.sources.reader import Ground, Scope, Source, SourceFile
from teisen.sources.rows import ids
from teisen.tables import UTC_TIME

SPAN = "file_span"
"""Condition: the file (for ``area_id``, if given) holds what there was from ``start`` to ``end``."""
SNAPSHOT = "file_snapshot"
"""Condition: a snapshot holds what there was from ``start`` to ``end``; snapshots replace spans."""
DAY = timedelta(days=1)


def covers(
    file: SourceFile,
    source: Source,
    quantity: str,
    start: Sequence[datetime] | pl.Series,
    end: Sequence[datetime] | pl.Series,
    *,
    area_id: Sequence[str] | pl.Series | None = None,
) -> pl.DataFrame:
    """Condition rows (CONDITION) that state what a file covers, one for each interval; ``row`` counts them."""
    n = len(start)
    columns: dict[str, object] = {
        "start": start,
        "end": end,
        "quantity": [quantity] * n,
        "value": [1.0] * n,
        "source_id": [source.source_id] * n,
        "blob": [file.blob] * n,
        "row": list(range(1, n + 1)),
    }
    return CONDITION.build(columns | ({"area_id": area_id} if area_id is not None else {}))


def regions(ground: Ground, patterns: Iterable[str] = ("*",)) -> pl.DataFrame:
    """Areas of level region whose id fits one of the shell patterns: ``area_id``, ``geometry``, ordered by id."""
    wanted = tuple(patterns)
    known = ground.areas.filter(pl.col("level") == "region").sort("area_id", "source_id", "blob", "row")
    known = known.unique("area_id", keep="first", maintain_order=True).select("area_id", "geometry")
    fits = [any(fnmatchcase(area, pattern) for pattern in wanted) for area in known["area_id"]]
    return known.filter(pl.Series(fits, dtype=pl.Boolean))


def days(scope: Scope) -> pl.DataFrame:
    """UTC days that the scope touches: ``start``, ``end``."""
    first = scope.start.replace(hour=0, minute=0, second=0, microsecond=0)
    count = -((first - scope.end) // DAY)
    starts = [first + n * DAY for n in range(count)]
    return pl.DataFrame(
        {"start": starts, "end": [start + DAY for start in starts]}, schema={"start": UTC_TIME, "end": UTC_TIME}
    )


def runs(intervals: pl.DataFrame, by: Sequence[str] = (), gap: str = "0s") -> pl.DataFrame:
    """The union of ``intervals`` (``start``, ``end``) of each ``by``: intervals that are apart, in order.

    ``gap`` is a silence between two intervals that is overlooked.
    """
    keys = [*by]
    before = pl.col("end").shift(1).cum_max()
    fresh = (pl.col("start") > (before.over(keys) if keys else before).dt.offset_by(gap)).fill_null(True)
    number = fresh.cast(pl.Int64).cum_sum()
    return (
        intervals.select(*keys, "start", "end")
        .sort(*keys, "start", "end")
        .with_columns(run=number.over(keys) if keys else number)
        .group_by(*keys, "run")
        .agg(pl.col("start").min(), pl.col("end").max())
        .drop("run")
        .sort(*keys, "start")
    )


def covered(days: pl.DataFrame, intervals: pl.DataFrame, by: Sequence[str] = (), gap: str = "0s") -> pl.DataFrame:
    """Share of each UTC day that the union of ``intervals`` (``start``, ``end``, ``by``) covers, 0 to 1, in ``share``.

    Days (of each ``by``) that nothing covers are left out. ``gap`` is a silence between two intervals that is
    overlooked.
    """
    keys = [*by]
    merged = runs(intervals, by, gap)
    touched = (
        merged.with_columns(day=pl.datetime_ranges(pl.col("start").dt.truncate("1d"), "end", "1d", closed="both"))
        .explode("day", empty_as_null=True, keep_nulls=True)
        .with_columns(from_=pl.max_horizontal("start", "day"), to=pl.min_horizontal("end", pl.col("day") + DAY))
        .group_by(*keys, "day")
        .agg(share=((pl.col("to") - pl.col("from_")).dt.total_microseconds().sum() / 86_400e6).clip(0, 1))
    )
    return days.join(touched, left_on="start", right_on="day", how="inner").filter(pl.col("share") > 0)


def held_runs(seen: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """When the source's files hold what there was, ``start`` and ``end``: by snapshots if it has any, else by spans.

    Snapshots that touch within an hour count as one run: they are not taken to the minute.
    """
    stated = seen.get(CONDITION.name, CONDITION.empty())
    snapshots = stated.filter(pl.col("quantity") == SNAPSHOT)
    return runs(snapshots if snapshots.height else stated.filter(pl.col("quantity") == SPAN), gap="1h")


def held(days: pl.DataFrame, seen: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Share of each day that the source's files hold (:func:`held_runs`), in ``held``, 0 to 1."""
    share = covered(days, held_runs(seen)).select("start", held="share")
    return days.join(share, on="start", how="left").with_columns(pl.col("held").fill_null(0.0))


def middles(areas: pl.DataFrame) -> pl.DataFrame:
    """A place inside each area (``area_id``, ``geometry``) that stands for it: ``area_id``, ``lon``, ``lat``."""
    middle = shapely.point_on_surface(shapely.from_wkb(areas["geometry"].to_list()))
    return areas.select("area_id").with_columns(
        lon=pl.Series(shapely.get_x(middle), dtype=pl.Float64), lat=pl.Series(shapely.get_y(middle), dtype=pl.Float64)
    )


def by_kind(grid: pl.DataFrame, source: Source) -> pl.DataFrame:
    """``grid`` repeated for each kind of the profile's detection: adds ``kind`` and ``chance``."""
    detection = source.profile.detection
    kinds = pl.DataFrame(
        {"kind": list(detection), "chance": [figure.value for figure in detection.values()]},
        schema={"kind": pl.String, "chance": pl.Float64},
    )
    return grid.join(kinds, how="cross")


def exposure(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """The exposure table (EXPOSURE) of a frame with its columns but ids and source; others are dropped."""
    names = [name for name in EXPOSURE.schema if name in frame.columns]
    frame = EXPOSURE.fill(frame.select(names).with_columns(exposure_id=pl.lit(""), source_id=pl.lit(source.source_id)))
    what = ["start", "end", "area_id", "lon", "lat", "radius_m", "kind"]
    return frame.with_columns(ids(frame, source.source_id, what).alias("exposure_id"))


def percent(share: pl.Expr) -> pl.Expr:
    """A share as whole percent in words, e.g. ``59 %``."""
    return pl.concat_str((share * 100).round(0).cast(pl.Int64).cast(pl.String), pl.lit(" %"))
