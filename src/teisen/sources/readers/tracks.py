"""Tracks of patrols, drones and vehicles: GPX, GeoJSON points, JSON or CSV with a time and a place in each row.

Columns of CSV, JSON and GeoJSON: ``time``, ``lon`` and ``lat`` (not in GeoJSON), and where present ``track`` (which
patrol), ``state`` (``refused``, ``jammed``, ``outage``: from this row to the next one of the track; empty: watched) and
``reason``. Of GPX the track and way points with a time are read; the name of a track is its ``track``.

Exposure: between two points of a track that lie no more than ``gap_min`` apart the patrol watches the circle in which
each kind is noticed (option ``sees``) around where it was, in steps of ``step_min``. A longer silence of the track was
not watched. Refusals of access and jamming are rows of their own, with P 0. A time that the clock shows twice as it is
put back is set aside: which of the two it was the track does not tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from xml.etree.ElementTree import Element, ParseError, XMLParser

import polars as pl
from pydantic import Field

from teisen.errors import BadInput, Problem
from teisen.observation import EXPOSURE, SET_ASIDE
from teisen.observation.schema import EXPOSURE_STATES
from teisen.sources.clocks import OFFSET
from teisen.sources.moments import ISO, interval, is_day
from teisen.sources.objects import LAT, LON, read_rows
from teisen.sources.options import options as options_of
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.sources.rows import ROW, Rows, unpack
from teisen.sources.watches import Watching, held, watches

POINTS = ("trkpt", "wpt", "rtept")


class Options(Watching):
    """Options of the source.

    Attributes:
        zone: of times that state none.
        step_min: minutes that one circle stands for.
        gap_min: minutes between two points from which the track counts as broken off.
    """

    zone: str = "UTC"
    step_min: float = Field(default=15, ge=1, le=240)
    gap_min: float = Field(default=30, ge=1, le=1440)


class Tracks:
    """Reader of tracks."""

    name = "tracks"
    phase: Literal["watch"] = "watch"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """What the patrols of one file watched; see the module.

        Raises:
            BadInput: the file is none of these, lacks times or places, or an option is wrong.
        """
        options = options_of(source, Options)
        head = unpack(file)[0][:200].removeprefix(b"\xef\xbb\xbf").lstrip()
        rows = _gpx(file, source) if head.startswith(b"<") else read_rows(file, source, ["time"])
        if LON in rows.frame.columns:
            rows.frame = rows.frame.rename({LON: "lon", LAT: "lat"}, strict=False)
        missing = [name for name in ("lon", "lat") if name not in rows.frame.columns]
        if missing:
            what = f"it lacks {', '.join(missing)}"
            raise BadInput(Problem(file.name, 1, ", ".join(missing), what, "Send the track with its places."))
        absent = [name for name in ("track", "state", "reason") if name not in rows.frame.columns]
        rows.frame = rows.frame.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
        rows.once()
        rows.number("lon", -180, 180)
        rows.number("lat", -90, 90)
        interval(rows, "time", ISO, options.zone, start="start", end="end", either=True)
        rows.set_aside(is_day("start", "end"), "time", "it is a day without an hour", "Give the time of day.")
        twice = pl.format("the clock of {} shows '{}' twice", pl.lit(options.zone), "time")
        rows.set_aside(pl.col("end") > pl.col("start"), "time", twice, f"Write it as {OFFSET}.")
        rows.frame = rows.frame.with_columns(pl.col("track", "reason").str.strip_chars().fill_null("")).with_columns(
            pl.col("state").str.strip_chars().replace("", None).fill_null("watched")
        )
        rows.set_aside(
            ~pl.col("state").is_in(EXPOSURE_STATES),
            "state",
            pl.format("'{}' is no state", pl.col("state").str.slice(0, 40)),
            f"Write one of {', '.join(EXPOSURE_STATES)}, or leave it empty: watched.",
        )
        left_out = rows.in_scope(scope, start="start", end="end", lon="lon", lat="lat")
        table = watches(_steps(rows.frame, options), source, options, ground)
        return Intake({EXPOSURE.name: table, SET_ASIDE.name: rows.set_aside_table()}, left_out)

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """What the files held."""
        return held(seen, scope)


def _steps(frame: pl.DataFrame, options: Options) -> pl.DataFrame:
    """Watches by step along each track: ``start``, ``end``, ``lon``, ``lat``, ``state``, ``reason``."""
    step, gap = f"{round(options.step_min * 60)}s", pl.duration(seconds=round(options.gap_min * 60))
    points = frame.sort("track", "start", ROW).select("track", "start", "lon", "lat", "state", "reason")
    after = {name: pl.col(name).shift(-1).over("track") for name in ("start", "lon", "lat")}
    on = pl.col("state") == "watched"
    legs = points.with_columns(end=after["start"], lon_2=after["lon"], lat_2=after["lat"])
    # the last word of a track may be a refusal: it holds for one step, as nobody tells how long
    legs = legs.with_columns(
        pl.when(on).then("end").otherwise(pl.col("end").fill_null(pl.col("start").dt.offset_by(step)))
    )
    broken = on & (pl.col("end") - pl.col("start") > gap)
    legs = legs.filter(pl.col("end").is_not_null() & ~broken & (pl.col("end") > pl.col("start")))
    # across the 180th meridian the way goes on beyond it: the middle of 179.9 and -179.9 is 180, not 0
    turn = (pl.col("lon_2") - pl.col("lon") + 180).mod(360) - 180
    legs = legs.with_columns(
        lon=pl.when(on).then(pl.col("lon") + turn / 2).otherwise("lon"),
        lat=pl.when(on).then((pl.col("lat") + pl.col("lat_2")) / 2).otherwise("lat"),
        seconds=(pl.col("end") - pl.col("start")).dt.total_microseconds() / 1e6,
        run=(pl.col("start") != pl.col("end").shift(1).over("track")).fill_null(True).cum_sum().over("track"),
        step=pl.col("start").dt.truncate(step),
    )
    said = pl.when(pl.col("reason") != "").then("reason").when(on).then(pl.lit("on patrol")).otherwise("state")
    weight = pl.col("seconds").sum()
    off = (pl.col("lon") - pl.col("lon").first() + 180).mod(360) - 180
    return (
        legs.with_columns(reason=said)
        .group_by("track", "run", "step", "state", "reason", maintain_order=True)
        .agg(
            pl.col("start").min(), pl.col("end").max(),
            at=pl.col("lon").first(), lon=(off * pl.col("seconds")).sum() / weight,
            lat=(pl.col("lat") * pl.col("seconds")).sum() / weight,
        )
        .with_columns(lon=(pl.col("at") + pl.col("lon") + 180).mod(360) - 180)
        .select("start", "end", pl.col("lon").round(5), pl.col("lat").round(5), "state", "reason")
    )  # fmt: skip


def _gpx(file: SourceFile, source: Source) -> Rows:
    """Points of a GPX file as rows of text.

    Raises:
        BadInput: it is no GPX, or declares a document type, which no GPX needs.
    """
    content, damage = unpack(file)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise BadInput(Problem(file.name, 0, "", "it declares a document type, which no GPX needs", "Send plain GPX."))
    parser = XMLParser()  # noqa: S314  entities are refused above
    try:
        parser.feed(content)
        root: Element = parser.close()
    except ParseError as error:
        what = damage or f"not readable as GPX: {error}"
        raise BadInput(Problem(file.name, 0, "", what, "Send the file again, whole.")) from None
    found: list[dict[str, str | None]] = []

    def walk(node: Element, track: str) -> None:
        tag = node.tag.rpartition("}")[2]
        children = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in node}
        if tag in POINTS:
            point = {"time": children.get("time"), "lon": node.get("lon"), "lat": node.get("lat"), "track": track}
            found.append(point)
            return
        for child in node:
            walk(child, children.get("name", track) if tag in ("trk", "rte") else track)

    walk(root, "")
    if not found:
        raise BadInput(Problem(file.name, 0, "", "it holds no points", "Send a GPX file with track points."))
    schema = {"time": pl.String, "lon": pl.String, "lat": pl.String, "track": pl.String}
    frame = pl.DataFrame(found, schema=schema).with_columns(pl.int_range(1, len(found) + 1).alias(ROW))
    return Rows(frame, file, source)


READER = Tracks()
