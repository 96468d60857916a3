"""Posts of a party's ministry or of those who speak for a side, read as allegations; what cannot be read stays as text.

A post is cut into the items of its list; each item that alleges an attack is one row. Its day, hour, place, class of
target, kind and number are taken where the item says them. ``read`` is ``parsed`` (day, place and target or number),
``partly`` (some of it) or ``unread`` (it accuses, and nothing more could be told). Items that accuse nobody are counted
by day (condition ``posts_read``, ``posts_alleging``) and not kept.

With ``admits: true`` the posts tell of their own side's strikes on the other: accuser and accused are then both the
party that speaks, with the flag ``own_act_claimed``: a claim, against interest or boastful, and never a proof.
Coordinates that such posts give are not read.

Flags: ``cut`` (the text breaks off), ``intercepted`` (drones said to be brought down), ``summary`` (a day's digest,
which repeats other posts), ``follow_up``, ``own_act_claimed``, ``day_unsaid``, ``target_from_heading`` (an item of a
list about such targets), ``several_regions``, ``several_places``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, field_validator

from teisen.errors import BadInput, Problem
from teisen.observation import ALLEGATION, CONDITION, EXPOSURE
from teisen.sources.claims import Claim, Reading
from teisen.sources.options import options as options_of
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.sources.rows import ROW, ids, read_csv

FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d")


class Options(BaseModel):
    """How to read a file of posts.

    ``time`` and ``text``: columns. ``time_zone``: of the posts' times; ``zone``: in which the texts speak.
    ``language``: of the texts. ``words``: the word list; left out, that of the language. ``cut_at``: characters at
    which the file cuts texts; 0: whole. ``admits``: the posts tell of their own side's acts. ``days``: a time of
    midnight stands for the day, whose end is taken. ``quotes``: the texts are of others who quote; the same text again
    is one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    time: str = "datetime"
    text: str = "text_snippet"
    time_zone: str = "UTC"
    zone: str = "UTC"
    language: Literal["ru", "uk"]
    words: Literal["ru", "uk", "uk-press"] | None = None
    cut_at: int = Field(0, ge=0)
    admits: bool = False
    days: bool = False
    quotes: bool = False

    @field_validator("time_zone", "zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{zone} is no time zone; write an IANA name such as Europe/Vienna") from None
        return zone


class Statements:
    """Reader of statements."""

    name = "statements"
    phase: Literal["ground", "watch"] = "watch"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """Allegations of one file."""
        options = options_of(source, Options)
        if source.reported_by is None:
            do = "Write `reported_by:` with the party that speaks through this source."
            raise BadInput(Problem("case.yaml", 0, f"sources.{source.source_id}", "it names no party that speaks", do))
        rows = read_csv(file, source, (options.time, options.text))
        rows.set_aside(
            pl.col(options.text).str.strip_chars().fill_null("") == "",
            options.text,
            "it is empty",
            "Send the post with its text, or leave the row out.",
        )
        rows.time(options.time, FORMATS, options.time_zone, into="at")
        rows.once()
        left_out = rows.in_scope(scope, start="at", end="at")
        words = options.words or options.language
        reading = Reading(ground, words, zone=options.zone, cut_at=options.cut_at, admits=options.admits)
        posts = rows.frame.select(ROW, _stated(options).alias("at"), pl.col(options.text).alias("text")).sort(ROW)
        if options.quotes:
            posts = posts.sort("at", ROW).unique("text", keep="first").sort(ROW)
        found = [
            (row, at, number, claim)
            for row, at, text in posts.iter_rows()
            for number, claim in enumerate(reading.claims(text, at), 1)
        ]
        table = _table(found, file, source, options)
        days = _days(posts, {row for row, *_ in found}, file, source)
        return Intake({ALLEGATION.name: table, CONDITION.name: days, "set_aside": rows.set_aside_table()}, left_out)

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """None: a party's statements show what it says, not what could be seen."""
        return EXPOSURE.empty()


READER = Statements()


def _stated(options: Options) -> pl.Expr:
    """When a post was made: at its time, or at the end of its day where only that is known."""
    local = pl.col("at").dt.convert_time_zone(options.time_zone)
    end = local.dt.offset_by("1d").dt.convert_time_zone("UTC")
    return pl.when(pl.lit(options.days) & (local.dt.time() == time())).then(end).otherwise("at")


def _table(
    found: list[tuple[int, datetime, int, Claim]], file: SourceFile, source: Source, options: Options
) -> pl.DataFrame:
    claims = [claim for *_, claim in found]
    n = len(claims)
    gaps = [  # where the text breaks off, missing parts are nobody's mistake
        c.quantity - sum(p["quantity"] for p in c.parts)
        if c.parts and c.quantity is not None and "cut" not in c.flags
        else None
        for c in claims
    ]
    accused = source.reported_by if options.admits else source.about
    frame = ALLEGATION.build(
        {
            "allegation_id": [""] * n,
            "native_id": [f"{at:%Y-%m-%dT%H:%M:%SZ}#{number}" for _, at, number, _ in found],
            "accuser": [source.reported_by] * n,
            "accused": [accused] * n,
            "stated": [at for _, at, _, _ in found],
            "start": [c.start for c in claims],
            "end": [c.end for c in claims],
            "source_zone": [options.zone] * n,
            "lon": [c.lon for c in claims],
            "lat": [c.lat for c in claims],
            "place_error_m": [
                (c.error_m or source.profile.place_error_m.value) if c.lon is not None else None for c in claims
            ],
            "area_id": [c.area for c in claims],
            "place_name": [c.place for c in claims],
            "kind": [c.kind for c in claims],
            "target_class": [c.target for c in claims],
            "quantity": [c.quantity for c in claims],
            "unit": [c.unit for c in claims],
            "components": [c.parts for c in claims],
            "components_gap": gaps,
            "read": [c.read for c in claims],
            "flags": [c.flags for c in claims],
            "language": [options.language] * n,
            "text": [c.text for c in claims],
            "source_id": [source.source_id] * n,
            "blob": [file.blob] * n,
            "row": [row for row, *_ in found],
        }
    )
    frame = frame.with_columns(ids(frame, source.source_id, ["stated", "text", "native_id"]).alias("allegation_id"))
    return frame.unique("allegation_id", keep="first", maintain_order=True)


def _days(posts: pl.DataFrame, alleging: set[int], file: SourceFile, source: Source) -> pl.DataFrame:
    """How many posts were read on each UTC day, and how many of them allege something (CONDITION)."""
    days = (
        posts.group_by(start=pl.col("at").dt.truncate("1d"))
        .agg(posts_read=pl.len(), posts_alleging=pl.col(ROW).is_in(list(alleging)).sum())
        .sort("start")
        .with_row_index("n", 1)
        .unpivot(["posts_read", "posts_alleging"], index=["n", "start"], variable_name="quantity", value_name="value")
    )
    return CONDITION.fill(
        days.select(
            "start",
            pl.col("start").dt.offset_by("1d").alias("end"),
            "quantity",
            pl.col("value").cast(pl.Float64),
            source_id=pl.lit(source.source_id),
            blob=pl.lit(file.blob),
            row=pl.col("n").cast(pl.Int64),
        )
    )
