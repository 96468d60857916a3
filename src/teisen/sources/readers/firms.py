"""Fires that satellites saw: NASA FIRMS, MODIS and VIIRS, standard and near-real-time products and derived files.

Read, told apart by their headings: the official CSV of either instrument; CSV and JSON with ``lat`` and ``lng`` and
times without leading zeros; files of places and dates alone (a fire at any hour of that UTC day); and
``snapshot_committed_utc``, a list of snapshots of which a collection was made: no observations, but it says which days
the collection covers.

An observation is a fire that burned at the moment of the overpass. Its place is the middle of a pixel, and
``place_error_m`` the standard deviation of a uniform place in it: pixel width / sqrt(12), mean square of scan and
track. Flags:
``low_confidence`` (l, low or under 30), ``volcano``, ``static_land_source``, ``offshore`` (the product's own type),
``date_only``.

Exposure is one row for each region, UTC day and kind: P = P(a fire of ``fire_hours`` that starts on that day burns at
a pass that the files hold) x (1 - cloud) x P(such an incident leaves a fire that is seen), the profile's figure;
``basis`` tells how the cloud is known. The moments of passing over the region's middle follow from orbital elements
where the case brings them (reader ``orbits``), with less chance towards the edge of the swath; else from the sensor's
usual times of day. State ``cloud`` from 90 % of cloud; ``no_data``, with P 0, for a day that no file holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Literal

import polars as pl
from pydantic import Field

from teisen.documents import Strict
from teisen.errors import BadInput, Problem
from teisen.observation import OBSERVATION, SET_ASIDE
from teisen.shipped import shipped
from teisen.sources import effort
from teisen.sources.cloud import cloud_over
from teisen.sources.moments import interval
from teisen.sources.objects import read_rows
from teisen.sources.options import options as options_of
from teisen.sources.orbits import passes
from teisen.sources.overpasses import LOOKS, Pass, scheduled, seen_by_day, weighed, within
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.sources.rows import Rows, ids

OVERCAST = 0.9
"""Cloud fraction from which a day counts as ``cloud``; what is left is in its P(detect)."""
SNAPSHOT_HOLDS = timedelta(hours=24)
LOW = 30
"""Confidence in percent below which FIRMS calls a MODIS fire low."""
WORDS = ("l", "n", "h", "low", "nominal", "high")
PLACES = (("latitude", "longitude"), ("lat", "lng"), ("LATITUDE", "LONGITUDE"))


class Options(Strict):
    """Options of the source.

    Attributes:
        sensor: which satellites' times of passing apply.
        fire_hours: how long a fire burns that an incident leaves; 3 h is the worked example of the domain figures,
            assumed.
        cloud_by_month: mean cloud fraction by month (1 to 12) where neither a day's cloud nor a normal is known.
        box: west, south, east, north that the files cover, if smaller than the case; regions outside have no data.
        areas: shell patterns of ids of the regions to state exposure for.
    """

    sensor: Literal["modis", "viirs"]
    fire_hours: float = Field(default=3, gt=0, le=24)
    cloud_by_month: dict[int, float] = Field(default_factory=dict)
    box: tuple[float, float, float, float] | None = None
    areas: list[str] = Field(default_factory=lambda: ["*"])


class Swath(Strict):
    """Which satellites (catalogue numbers) carry a sensor, how wide it sees, how well by kilometres from the track."""

    swath_km: float
    satellites: list[int]
    edge: list[tuple[float, float]]


class Facts(Strict):
    """What ``firms.yaml`` says about the products."""

    passes: dict[str, list[Pass]]
    orbits: dict[str, Swath]
    satellites: dict[str, str]
    types: dict[str, str]


@cache
def facts() -> Facts:
    """Times of passing, swaths, names of satellites and types of fires, from ``firms.yaml`` beside this file."""
    text = files("teisen.sources.readers").joinpath("firms.yaml").read_text(encoding="utf-8")
    return Facts.model_validate(shipped(text))


class Firms:
    """Reader of FIRMS fires."""

    name = "firms"
    phase: Literal["watch"] = "watch"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """Fires of one file, or the days that a list of snapshots covers; see the module.

        Raises:
            BadInput: no known heading, or an option is wrong.
        """
        options_of(source, Options)
        rows = read_rows(file, source, ())
        if "snapshot_committed_utc" in rows.frame.columns:
            return self._snapshots(rows, scope)
        return self._fires(rows, scope)

    def _snapshots(self, rows: Rows, scope: Scope) -> Intake:
        rows.once()
        interval(rows, "snapshot_committed_utc", ["%Y-%m-%dT%H:%M:%S%z"], "UTC", start="start", end="end")
        before = rows.frame.height
        covers = _snapshot_rows(rows, rows.frame["end"], scope)
        tables = {covers[0]: covers[1], SET_ASIDE.name: rows.set_aside_table()}
        return Intake(tables, before - covers[1].height)

    def _fires(self, rows: Rows, scope: Scope) -> Intake:
        frame = rows.frame
        lat, lon, date, time = _columns(rows)
        rows.once()
        rows.number(lat, -90, 90)
        rows.number(lon, -180, 180)
        if time:
            when = f"{date} {time}"
            digits = pl.col(time).str.strip_chars().str.replace(":", "").str.zfill(4)
            rows.frame = rows.frame.with_columns(pl.concat_str(date, digits, separator=" ").alias(when))
            rows.time(when, ["%Y-%m-%d %H%M"], "UTC", into="start")
            rows.frame = rows.frame.with_columns(end="start")
        else:
            interval(rows, date, ["%Y-%m-%d"], "UTC", start="start", end="end")
        absent = ["scan", "track", "frp", "brightness", "bright_ti4", "satellite", "confidence", "type", "newest"]
        rows.frame = rows.frame.with_columns(pl.lit(None, pl.String).alias(n) for n in absent if n not in frame.columns)
        for column, low, high in (
            ("scan", 0.1, 12), ("track", 0.1, 12), ("frp", 0, 50_000), ("brightness", 150, 1000),
            ("bright_ti4", 150, 1000),
        ):  # fmt: skip
            rows.number(column, low, high, required=False)
        sure = pl.col("confidence").str.strip_chars().str.to_lowercase()
        percent = sure.cast(pl.Float64, strict=False)
        rows.set_aside(
            (sure.fill_null("") != "") & ~sure.is_in(WORDS) & ~percent.is_between(0, 100).fill_null(False),
            "confidence",
            pl.format("'{}' is no confidence: neither l, n, h nor 0 to 100", pl.col("confidence").str.slice(0, 40)),
            "Correct the value, or check that the columns of the file stand under their own headings (confidence).",
        )
        covers = self._covers(rows, scope)
        left_out = rows.in_scope(scope, start="start", end="end", lon=lon, lat=lat)
        doubt = sure.is_in(("l", "low")) | (percent < LOW)
        table = _observations(rows, lon, lat, doubt.fill_null(False), date_only=not time)
        return Intake({OBSERVATION.name: table, covers[0]: covers[1], SET_ASIDE.name: rows.set_aside_table()}, left_out)

    def _covers(self, rows: Rows, scope: Scope) -> tuple[str, pl.DataFrame]:
        """What the file says about the days it holds: its snapshots if its rows name them, else first to last day."""
        frame = rows.frame
        if "newest_snapshot_utc" in frame.columns:
            taken = frame["newest_snapshot_utc"].unique().sort().str.to_datetime("%Y-%m-%dT%H:%M:%S%z", strict=False)
            return _snapshot_rows(rows, taken.cast(pl.Datetime("us", "UTC")), scope)
        if not frame.height:
            return "condition", effort.covers(rows.file, rows.source, effort.SPAN, [], [])
        day = frame["start"].dt.truncate("1d")
        span = pl.DataFrame({"start": [day.min()], "end": [day.max()]}, schema=frame.select("start", "end").schema)
        span = span.with_columns(pl.col("end") + effort.DAY)
        return "condition", effort.covers(rows.file, rows.source, effort.SPAN, span["start"], span["end"])

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """Exposure by region, UTC day and kind; see the module."""
        options = options_of(source, Options)
        areas = effort.regions(ground, options.areas)
        days, places = effort.days(scope), effort.middles(areas)
        grid = areas.select("area_id").join(effort.held(days, seen), how="cross")
        if options.box:
            west, south, east, north = options.box
            inside = places.filter(pl.col("lon").is_between(west, east) & pl.col("lat").is_between(south, north))
            held = pl.when(pl.col("area_id").is_in(inside["area_id"].implode())).then("held").otherwise(0.0)
            grid = grid.with_columns(held=held)
        looks, by_orbits = _looks(places, days, options.sensor, ground)
        passing = seen_by_day(within(looks, effort.held_runs(seen)), places["area_id"], days, options.fire_hours)
        grid = grid.join(passing, on=["area_id", "start"], how="left").join(by_orbits, on="start", how="left")
        grid = effort.by_kind(cloud_over(grid, areas, ground, options.cloud_by_month), source)
        none, unknown = pl.col("held") == 0, pl.col("cloud").is_null()
        state = (
            pl.when(none)
            .then(pl.lit("no_data"))
            .when(unknown)
            .then(pl.lit("unknown"))
            .when(pl.col("cloud") >= OVERCAST)
            .then(pl.lit("cloud"))
            .otherwise(pl.lit("watched"))
        )
        seen_as = pl.col("overpass") * (1 - pl.col("cloud")) * pl.col("chance")
        partly = (
            pl.when(pl.col("held") > 0.995)
            .then(pl.lit(""))
            .otherwise(
                pl.concat_str(pl.lit("; the files hold "), effort.percent(pl.col("held")), pl.lit(" of the day"))
            )
        )
        counted = pl.concat_str(pl.lit("; "), pl.col("looks").cast(pl.String), pl.lit(" passes"))
        partly = pl.concat_str(partly, pl.when("by_orbits").then(counted).otherwise(pl.lit("")))
        says = pl.concat_str(pl.lit("cloud "), effort.percent(pl.col("cloud")), pl.lit(" ("), "cloud_from", pl.lit(")"))
        reason = (
            pl.when(none)
            .then(pl.lit("no file for this day"))
            .when(unknown)
            .then(pl.concat_str(pl.lit("cloud unknown"), partly))
            .otherwise(pl.concat_str(says, partly))
        )
        return effort.exposure(
            grid.with_columns(
                state=state,
                p_detect=pl.when(none).then(0.0).otherwise(seen_as),
                reason=reason,
                basis=pl.when(none).then(pl.lit("measured")).otherwise("basis"),
            ),
            source,
        )


def _looks(places: pl.DataFrame, days: pl.DataFrame, sensor: str, ground: Ground) -> tuple[pl.DataFrame, pl.DataFrame]:
    """When the sensor looks at each place (LOOKS), and which ``days`` know it ``by_orbits``.

    A day of which elements tell no pass over any place is one of the schedule.
    """
    swath = facts().orbits[sensor]
    elements = ground.orbits.filter(pl.col("catalogue_number").is_in(swath.satellites))
    usual = scheduled(places, days, facts().passes[sensor])
    if elements.is_empty() or days.is_empty() or places.is_empty():
        return usual, days.select("start", by_orbits=pl.lit(False))
    first, last = days["start"][0] - effort.DAY, days["end"][-1] + effort.DAY
    exact = weighed(passes(elements, places, first, last, swath.swath_km * 500), swath.edge)
    of_day = pl.col("start").dt.truncate("1d")
    known = exact.select(of_day).unique()
    looks = pl.concat([exact, usual.join(known, left_on=of_day, right_on="start", how="anti")])
    by_orbits = days.select("start", by_orbits=pl.col("start").is_in(known["start"].implode()))
    return looks.select(LOOKS.names()).sort("area_id", "start"), by_orbits


def _columns(rows: Rows) -> tuple[str, str, str, str | None]:
    """Headings of latitude, longitude, date and time.

    Raises:
        BadInput: they are none that FIRMS files have.
    """
    names = rows.frame.columns
    for lat, lon in PLACES:
        date = "ACQ_DATE" if lat.isupper() else "acq_date"
        if {lat, lon, date} <= set(names):
            return lat, lon, date, "acq_time" if "acq_time" in names else None
    raise BadInput(
        Problem(
            rows.file.name,
            1,
            "latitude, longitude, acq_date",
            f"the heading is none of FIRMS; it has {', '.join(n for n in names if n != 'row')}",
            "Check that this is the right file for this source, or correct the headings.",
        )
    )


def _snapshot_rows(rows: Rows, taken: pl.Series, scope: Scope) -> tuple[str, pl.DataFrame]:
    frame = pl.DataFrame({"end": taken.drop_nulls()}).with_columns(start=pl.col("end") - SNAPSHOT_HOLDS)
    frame = frame.filter((pl.col("end") > scope.start) & (pl.col("start") < scope.end)).unique().sort("end")
    return "condition", effort.covers(rows.file, rows.source, effort.SNAPSHOT, frame["start"], frame["end"])


def _observations(rows: Rows, lon: str, lat: str, doubt: pl.Expr, *, date_only: bool) -> pl.DataFrame:
    """The observation table of the rows that are left."""
    source = rows.source
    pixel = ((pl.col("scan").pow(2) + pl.col("track").pow(2)) / 2).sqrt() * 1000 / 12**0.5
    kind = pl.col("type").str.strip_chars().replace_strict(facts().types, default=None, return_dtype=pl.String)
    doubts = pl.when(doubt).then(pl.lit("low_confidence"))
    flags = [doubts, kind, pl.lit("date_only" if date_only else None, dtype=pl.String)]
    frame = rows.frame.select(
        "start",
        "end",
        "row",
        native_id=pl.lit(None, pl.String),
        time_meaning=pl.lit("within"),
        source_zone=pl.lit("UTC"),
        lon=pl.col(lon).round(5),
        lat=pl.col(lat).round(5),
        place_error_m=pl.coalesce(pixel, pl.lit(source.profile.place_error_m.value)),
        kind=pl.lit("fire"),
        kinds=pl.concat_list(pl.struct(kind=pl.lit("fire"), p=pl.lit(1.0))),
        strength="frp",
        strength_unit=pl.when(pl.col("frp").is_not_null()).then(pl.lit("frp_mw")),
        role=pl.lit(source.profile.role),
        flags=pl.concat_list(flags).list.drop_nulls(),
        satellite=pl.col("satellite").replace(facts().satellites),
        source_id=pl.lit(source.source_id),
        blob=pl.lit(rows.file.blob),
    )
    key = ids(frame, source.source_id, ["start", "lon", "lat", "satellite"]).alias("observation_id")
    return rows.distinct(OBSERVATION.fill(frame.with_columns(key).drop("satellite")), "observation_id")


READER = Firms()
