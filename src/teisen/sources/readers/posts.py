"""Posts that watch from a place: cameras, acoustic and seismic posts, observers' posts. CSV, one row a span of time.

Columns: ``post``, ``lon``, ``lat``, ``from``, ``to`` (a date alone: the whole day of ``zone``, ``to`` with its end),
and where present ``hours`` (``20:00-06:00`` of ``zone``; empty: day and night), ``state`` (empty: watched;
``outage``, ``refused``, ``jammed``) and ``reason``. How far the posts see or hear each kind stands in the option
``sees``.

Exposure is one row a post, span and kind, cut at UTC midnight: what a post watches, less what other rows of the same
post say it could not, and those as rows of their own with P 0. Times that no row names were not watched. Where the
clock shows a time twice as it is put back, a watch lasts from the later to the earlier of the two, and what kept a post
from watching from the earlier to the later: no more is watched than surely was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import polars as pl

from teisen.observation import EXPOSURE, SET_ASIDE
from teisen.observation.schema import EXPOSURE_STATES
from teisen.sources import spans
from teisen.sources.clocks import OFFSET
from teisen.sources.moments import ISO, clock, interval, is_day
from teisen.sources.options import options as options_of
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.sources.rows import Rows, read_csv
from teisen.sources.watches import Watching, held, watches

HOURS = r"^([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)$"


class Options(Watching):
    """Options of the source: ``zone`` of times that state none, and those of :class:`Watching`."""

    zone: str = "UTC"


class Posts:
    """Reader of posts."""

    name = "posts"
    phase: Literal["watch"] = "watch"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """What the posts of one file watched; see the module.

        Raises:
            BadInput: a heading is missing, or an option is wrong.
        """
        options = options_of(source, Options)
        rows = read_csv(file, source, ("post", "lon", "lat", "from", "to"), optional=("hours", "state", "reason"))
        rows.once()
        rows.number("lon", -180, 180)
        rows.number("lat", -90, 90)
        rows.set_aside(
            pl.col("post").str.strip_chars().fill_null("") == "", "post", "it is empty", "Give every post a name."
        )
        rows.frame = rows.frame.with_columns(
            pl.col("state").str.strip_chars().replace("", None).fill_null("watched"),
            pl.col("reason").str.strip_chars().replace("", None),
            pl.col("hours").str.strip_chars().replace("", None),
        )
        rows.set_aside(
            ~pl.col("state").is_in(EXPOSURE_STATES),
            "state",
            pl.format("'{}' is no state", pl.col("state").str.slice(0, 40)),
            f"Write one of {', '.join(EXPOSURE_STATES)}, or leave it empty: watched.",
        )
        _surely(rows, options)
        rows.set_aside(
            pl.col("hours").is_not_null() & ~pl.col("hours").str.contains(HOURS),
            "hours",
            pl.format("'{}' are no hours", pl.col("hours").str.slice(0, 40)),
            "Write them as 20:00-06:00, or leave them empty: day and night.",
        )
        left_out = rows.in_scope(scope, start="start", end="end", lon="lon", lat="lat")
        table = watches(_spans(rows, options), source, options, ground)
        return Intake({EXPOSURE.name: table, SET_ASIDE.name: rows.set_aside_table()}, left_out)

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """What the files held."""
        return held(seen, scope)


def _surely(rows: Rows, options: Options) -> None:
    """``start`` and ``end`` in UTC: of a watch for sure, of what kept a post from watching at most."""
    interval(rows, "from", ISO, options.zone, start="start", end="_later", either=True)
    interval(rows, "to", ISO, options.zone, start="_earlier", end="end", either=True)
    rows.set_aside(pl.col("end") <= pl.col("start"), "to", "it ends before it starts", "Correct the times.")
    on = pl.col("state") == "watched"
    rows.frame = rows.frame.with_columns(
        start=pl.when(on & ~is_day("start", "_later")).then("_later").otherwise("start"),
        end=pl.when(on & ~is_day("_earlier", "end")).then("_earlier").otherwise("end"),
    )
    what = "the clock shows these times twice, and which are meant is not told"
    rows.set_aside(pl.col("end") <= pl.col("start"), "from, to", what, f"Write them as {OFFSET}.")


def _spans(rows: Rows, options: Options) -> pl.DataFrame:
    """Spans of watching and not, apart, cut at UTC midnight."""
    default = pl.when(pl.col("state") == "watched").then(pl.lit("on watch")).otherwise(pl.col("state"))
    frame = rows.frame.select(
        "post", "lon", "lat", "start", "end", "hours", "state", reason=pl.coalesce("reason", default)
    )
    kept = [frame.filter(pl.col("hours").is_null())]
    for (hours,), part in frame.filter(pl.col("hours").is_not_null()).group_by("hours", maintain_order=True):
        first, last = (clock(text) for text in str(hours).split("-"))
        on = pl.col("state") == "watched"
        for some, surely in ((part.filter(on), True), (part.filter(~on), False)):
            kept.append(spans.common(some, spans.daily(some, first, last, options.zone, surely=surely)))
    every = pl.concat(kept).drop("hours")
    on = pl.col("state") == "watched"
    left = spans.without(every.filter(on), every.filter(~on), by=["post"])
    days = (
        pl.concat([left, every.filter(~on)])
        .with_columns(day=pl.datetime_ranges(pl.col("start").dt.truncate("1d"), "end", "1d", closed="left"))
        .explode("day", empty_as_null=True, keep_nulls=True)
    )
    next_day = pl.col("day").dt.offset_by("1d")
    return days.select(
        start=pl.max_horizontal("start", "day"), end=pl.min_horizontal("end", next_day), lon="lon", lat="lat",
        state="state", reason="reason",
    ).filter(pl.col("start") < pl.col("end"))  # fmt: skip


READER = Posts()
