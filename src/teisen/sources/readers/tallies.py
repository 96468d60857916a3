"""Daily tallies of what was launched: a party's statement about another's missiles and drones.

Columns ``time_start`` and ``time_end`` (local time of option ``zone``; a date alone is a whole local day), ``model``,
``target``, ``launched``, ``destroyed``, and where present ``not_reach_goal``, ``still_attacking``,
``num_hit_location``, ``num_fall_fragment_location``, ``launch_place`` (it tells rows apart and goes no further) and
``source``. Models become kinds, and written areas area ids, by ``tallies.yaml`` beside this file and the options of the
same names, which go first.

A row supports incidents and makes none. ``count`` is what was launched; the other numbers stand in ``text``, as stated.
The actor is the party that the source is ``about``. Flags: ``unknown_model`` (kind other), ``several_models``,
``several_places``, ``part_of_area`` (a part of the area named), ``whole_area`` (no area that is known: a country, a
part of the world). A town that the case's names know has a place; several places in one row have none.

Exposure is one row for each region, UTC day and kind: P(stated | an incident), the profile's figure, on each day
between the file's first and last. A day without a row is one on which nothing was stated, and watched all the
same: that nothing happened and that nothing was said look alike, and the figure tells how often. Where the tallies are
silent for longer than is their habit the day is ``unknown`` (:mod:`teisen.sources.feeds`). Other days: no data.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import polars as pl
from pydantic import Field, field_validator

from teisen.documents import Strict
from teisen.observation import CONDITION, OBSERVATION, SET_ASIDE, vocabulary
from teisen.observation.schema import CHANCES
from teisen.shipped import shipped
from teisen.sources import effort, feeds
from teisen.sources.moments import interval
from teisen.sources.options import options as options_of
from teisen.sources.places import area_of, towns
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.sources.rows import Rows, ids, read_csv

AND = " and "
FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
PARTS = {
    "launched": "launched",
    "destroyed": "destroyed",
    "not_reach_goal": "did not reach the goal",
    "still_attacking": "still attacking",
    "num_hit_location": "places hit",
    "num_fall_fragment_location": "places where fragments fell",
}
"""Columns of numbers, and how ``text`` says them."""
Chances = dict[str, float]


class Words(Strict):
    """Meanings of models and areas, as ``tallies.yaml`` and a source's options give them."""

    models: dict[str, Chances] = Field(default_factory=dict)
    areas: dict[str, str] = Field(default_factory=dict)
    link_prefix: str = ""

    @field_validator("models", mode="before")
    @classmethod
    def _chances(cls, models: dict[str, str | Chances]) -> dict[str, Chances]:
        return {name: {kind: 1.0} if isinstance(kind, str) else kind for name, kind in models.items()}

    @field_validator("models")
    @classmethod
    def _known(cls, models: dict[str, Chances]) -> dict[str, Chances]:
        for name, chances in models.items():
            unknown = [kind for kind in chances if kind not in vocabulary().kinds]
            if unknown or abs(sum(chances.values()) - 1) > 1e-6:
                raise ValueError(f"model {name}: {unknown or chances} are no kinds whose probabilities sum to 1")
        return models


class Options(Words):
    """Options of the source.

    Attributes:
        zone: time zone of the tallies (IANA name).
        watched: shell patterns of ids of the regions that the tallies speak about.
        models, areas, link_prefix: meanings that go before those of ``tallies.yaml``.
    """

    zone: str
    watched: list[str] = Field(default_factory=lambda: ["*"])


@cache
def words() -> Words:
    """Meanings of models and areas from ``tallies.yaml`` beside this file."""
    text = files("teisen.sources.readers").joinpath("tallies.yaml").read_text(encoding="utf-8")
    return Words.model_validate(shipped(text))


class Tallies:
    """Reader of daily tallies."""

    name = "tallies"
    phase: Literal["watch"] = "watch"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """Tallies of one file; see the module.

        Raises:
            BadInput: a heading is missing, or an option is wrong.
        """
        options = options_of(source, Options)
        numbers = [name for name in PARTS if name not in ("launched", "destroyed")]
        rows = read_csv(
            file,
            source,
            ["time_start", "time_end", "model", "target", "launched", "destroyed"],
            optional=[*numbers, "launch_place", "source"],
        )
        rows.once()
        # of a time that the clock shows twice the start is the earlier, the end the later one
        interval(rows, "time_start", FORMATS, options.zone, start="start", end="_")
        interval(rows, "time_end", FORMATS, options.zone, start="_", end="end", either=True)
        rows.set_aside(
            pl.col("end") < pl.col("start"),
            "time_end",
            "it ends before it starts",
            "Correct the times, or exchange the two columns.",
        )
        for column in PARTS:
            rows.number(column, 0, 100_000, required=False)
        rows.set_aside(
            (pl.col("destroyed") > pl.col("launched")).fill_null(False),
            "destroyed",
            "more were destroyed than launched",
            "Correct the numbers, or exchange the two columns.",
        )
        rows.set_aside(
            pl.col("model").str.strip_chars().fill_null("") == "",
            "model",
            "it is empty",
            "Name the model, or write Unknown Missile or Unknown UAV.",
        )
        day = rows.frame.select(pl.col("start").min().alias("start"), pl.col("end").max().alias("end")).drop_nulls()
        span = effort.covers(file, source, effort.SPAN, day["start"], day["end"])
        covers = pl.concat([span, feeds.states_silences(file, source, rows.frame)])
        left_out = rows.in_scope(scope, start="start", end="end")
        table = _observations(_placed(_named(rows.frame, options), ground, options), rows, options)
        return Intake(
            {OBSERVATION.name: table, CONDITION.name: covers, SET_ASIDE.name: rows.set_aside_table()}, left_out
        )

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """Exposure by region, UTC day and kind; see the module."""
        options = options_of(source, Options)
        days = effort.held(effort.days(scope), seen)
        stated = effort.covered(days, seen.get(OBSERVATION.name, OBSERVATION.empty())).select(
            "start", said=pl.lit(True)
        )
        days = days.join(stated, on="start", how="left")
        grid = effort.by_kind(effort.regions(ground, options.watched).select("area_id").join(days, how="cross"), source)
        none = pl.col("held") == 0
        grid = grid.with_columns(
            state=pl.when(none).then(pl.lit("no_data")).otherwise(pl.lit("watched")),
            p_detect=pl.col("held") * pl.col("chance"),
            reason=pl.when(none)
            .then(pl.lit("the tallies hold nothing for this day"))
            .when(pl.col("said"))
            .then(pl.lit("the tallies speak about this day"))
            .otherwise(pl.lit("the tallies state nothing about this day")),
            basis=pl.lit("declared"),
        )
        return effort.exposure(feeds.with_silences(grid, days, seen), source)


def _named(frame: pl.DataFrame, options: Options) -> pl.DataFrame:
    """Add ``kinds`` (likeliest first), ``kind`` and flags of models."""
    known = {name.lower(): chances for name, chances in (words().models | options.models).items()}
    stated = frame["model"].str.strip_chars().str.to_lowercase().unique().sort()
    chances: list[list[dict[str, object]]] = []
    unread: list[bool] = []
    for model in stated:
        parts = [model] if model in known else [part.strip() for part in model.split(AND)]
        total: Chances = {}
        for part in parts:
            for kind, p in known.get(part, {"other": 1.0}).items():
                total[kind] = total.get(kind, 0.0) + p / len(parts)
        best = sorted(total.items(), key=lambda item: (-item[1], item[0]))
        chances.append([{"kind": kind, "p": round(p, 4)} for kind, p in best])
        unread.append(any(part not in known for part in parts))
    table = pl.DataFrame(
        {"_model": stated, "kinds": pl.Series(chances, dtype=CHANCES), "unread": pl.Series(unread, dtype=pl.Boolean)}
    )
    joined = frame.with_columns(_model=pl.col("model").str.strip_chars().str.to_lowercase()).join(
        table, on="_model", how="left"
    )
    return joined.with_columns(kind=pl.col("kinds").list.first().struct.field("kind"))


def _placed(frame: pl.DataFrame, ground: Ground, options: Options) -> pl.DataFrame:
    """Add ``area_id``, ``lon``, ``lat``, ``place_error_m`` and flags of places: a town first, then an area."""
    areas = {name.lower(): area for name, area in (words().areas | options.areas).items()}
    known = areas | ground.area_by_name | {name.lower(): area for name, area in options.areas.items()}
    target = pl.col("target").str.strip_chars().replace("", None)
    several = target.str.contains(AND, literal=True)
    head, tail = target.str.split(",").list.first(), target.str.split(",").list.last()
    frame = frame.with_columns(
        several=several.fill_null(False),
        name=target.str.to_lowercase(),
        whole=pl.coalesce(area_of(target, known), area_of(tail, known)),
        larger=area_of(head.str.replace(r"\s*\(.*\)$", ""), known),
    )
    frame = frame.join(towns(ground).rename({"area_id": "town_area"}), on="name", how="left", maintain_order="left")
    lost = pl.col("several")
    return frame.with_columns(
        area_id=pl.when(~lost).then(pl.coalesce("town_area", "whole", "larger")),
        part=~lost
        & pl.coalesce("lon", pl.lit(None)).is_null()
        & pl.col("whole").is_null()
        & pl.col("larger").is_not_null(),
    )


def _observations(frame: pl.DataFrame, rows: Rows, options: Options) -> pl.DataFrame:
    source = rows.source
    link = pl.col("source").str.strip_chars().replace("", None)
    prefix = options.link_prefix or words().link_prefix
    parts = [
        pl.when(pl.col(column).is_not_null()).then(
            pl.concat_str(pl.lit(f"{says} "), pl.col(column).cast(pl.Int64).cast(pl.String))
        )
        for column, says in PARTS.items()
    ]
    nowhere = pl.col("area_id").is_null() & pl.col("lon").is_null() & ~pl.col("several")
    flags = {
        "unknown_model": pl.col("unread"),
        "several_models": pl.col("model").str.contains(AND, literal=True),
        "several_places": pl.col("several"),
        "part_of_area": pl.col("part"),
        "whole_area": nowhere,
    }
    error = pl.coalesce("place_error_m", pl.lit(source.profile.place_error_m.value))
    table = frame.select(
        "start",
        "end",
        "lon",
        "lat",
        "launch_place",
        "area_id",
        "kind",
        "kinds",
        "row",
        place_error_m=pl.when(pl.col("lon").is_not_null()).then(error),
        time_meaning=pl.lit("within"),
        source_zone=pl.lit(options.zone),
        place_name="target",
        count="launched",
        count_unit=pl.when(pl.col("launched").is_not_null()).then(pl.lit("launched")),
        actor_stated=pl.lit(source.about, dtype=pl.String),
        role=pl.lit(source.profile.role),
        flags=pl.concat_list(pl.when(holds).then(pl.lit(flag)) for flag, holds in flags.items()).list.drop_nulls(),
        language=pl.lit("en"),
        text=pl.concat_str(
            pl.col("model").str.strip_chars(),
            pl.lit(": "),
            pl.concat_str(parts, separator=", ", ignore_nulls=True),
            pl.when(pl.col("target").is_not_null())
            .then(pl.concat_str(pl.lit("; target "), "target"))
            .otherwise(pl.lit("")),
        ),
        link=pl.when(link.str.contains("^https?://")).then(link).otherwise(pl.concat_str(pl.lit(prefix), link)),
        source_id=pl.lit(source.source_id),
        blob=pl.lit(rows.file.blob),
    )
    what = ["start", "end", "place_name", "launch_place", "kind", "text", "link"]
    key = ids(table, source.source_id, what).alias("observation_id")
    return rows.distinct(OBSERVATION.fill(table.drop("launch_place").with_columns(key)), "observation_id")


READER = Tallies()
