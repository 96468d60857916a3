"""Air-raid alerts: a threat over an area from one time to another; an alert is no strike.

Read, told apart by their headings: a merged feed (``region``, ``started_at``, ``finished_at``), an official feed with
``oblast``, ``raion``, ``hromada`` and ``level`` (an alert of a smaller area that the ground does not know stands for
the larger one, flag ``part_of_area``), and a volunteers' feed with ``naive`` (true: the end was not recorded and is the
volunteers' assumption, flag ``end_assumed``). A region that the ground does not know is set aside.

Exposure is one row for each region, UTC day and kind: P(an alert over the region | an incident), the profile's figure,
while the feed runs; a region that never stands in the feed is ``unknown``, a day outside it ``no_data``, and a day on
which the whole feed is silent for longer than its habit ``unknown`` too (:mod:`teisen.sources.feeds`). Where alerts
fill most of a day the reason says so: there an alert tells little.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import polars as pl
from pydantic import Field

from teisen.documents import Strict
from teisen.errors import BadInput, Problem
from teisen.observation import CONDITION, OBSERVATION, SET_ASIDE
from teisen.sources import effort, feeds
from teisen.sources.moments import interval
from teisen.sources.options import options as options_of
from teisen.sources.places import area_of, set_aside_unknown
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.sources.rows import Rows, ids, read_csv

FORMATS = ("%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S")
LONG_SHARE = 0.5
"""Share of a day under alert from which the reason says that an alert tells little: it moves the odds by 2 at most."""
OPTIONAL = ("region", "oblast", "raion", "hromada", "level", "n_subalerts", "naive")


class Options(Strict):
    """Options of the source: ``areas`` are shell patterns of ids of the regions to state exposure for."""

    areas: list[str] = Field(default_factory=lambda: ["*"])


class Alerts:
    """Reader of air-raid alerts."""

    name = "alerts"
    phase: Literal["watch"] = "watch"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """Alerts of one file; see the module.

        Raises:
            BadInput: no heading of a region, or an option is wrong.
        """
        options_of(source, Options)
        rows = read_csv(file, source, ["started_at", "finished_at"], optional=OPTIONAL)
        if rows.frame.height and rows.frame.select(pl.col("region", "oblast").is_null().all()).row(0) == (True, True):
            what = "neither region nor oblast stands in the heading, or all are empty"
            raise BadInput(Problem(file.name, 1, "region", what, "Send the feed with the regions of its alerts."))
        rows.once()
        known = ground.area_by_name
        rows.frame = rows.frame.with_columns(region=pl.coalesce("region", "oblast"))
        part = pl.coalesce(
            pl.when(pl.col("level") == "hromada").then("hromada"), pl.when(pl.col("level") != "oblast").then("raion")
        ).replace("", None)
        rows.frame = rows.frame.with_columns(part=part, area_id=area_of(pl.col("region"), known))
        rows.frame = rows.frame.with_columns(own=area_of(pl.col("part"), known))
        set_aside_unknown(rows, "region", "area_id", known)
        interval(rows, "started_at", FORMATS, "UTC", start="start", end="_")
        interval(rows, "finished_at", FORMATS, "UTC", start="end", end="_")
        rows.set_aside(
            pl.col("end") < pl.col("start"),
            "finished_at",
            "it ends before it starts",
            "Correct the times, or exchange the two columns.",
        )
        rows.number("n_subalerts", 1, 1e6, required=False)
        covers = pl.concat([self._covers(rows), feeds.states_silences(file, source, rows.frame)])
        left_out = rows.in_scope(scope, start="start", end="end")
        return Intake(
            {
                OBSERVATION.name: _observations(rows),
                CONDITION.name: covers,
                SET_ASIDE.name: rows.set_aside_table(),
            },
            left_out,
        )

    def _covers(self, rows: Rows) -> pl.DataFrame:
        """Which regions the feed names, and from when to when it runs."""
        spans = rows.frame.group_by("area_id").agg().sort("area_id")
        first, last = rows.frame.select(pl.col("start").min(), pl.col("end").max()).row(0)
        spans = spans.with_columns(
            start=pl.lit(first, dtype=pl.Datetime("us", "UTC")), end=pl.lit(last, dtype=pl.Datetime("us", "UTC"))
        )
        return effort.covers(
            rows.file, rows.source, effort.SPAN, spans["start"], spans["end"], area_id=spans["area_id"]
        )

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """Exposure by region, UTC day and kind; see the module."""
        options = options_of(source, Options)
        stated = seen.get(CONDITION.name, CONDITION.empty()).filter(pl.col("quantity") == effort.SPAN)
        days = effort.days(scope)
        alerts = seen.get(OBSERVATION.name, OBSERVATION.empty()).filter(pl.col("area_id").is_not_null())
        under = effort.covered(days, alerts, by=["area_id"]).select("area_id", "start", under="share")
        named = stated.select("area_id", named=pl.lit(True)).unique()
        grid = (
            effort.by_kind(effort.regions(ground, options.areas).select("area_id").join(days, how="cross"), source)
            .join(named, on="area_id", how="left")
            .join(effort.covered(days, stated).select("start", runs="share"), on="start", how="left")
            .join(under, on=["area_id", "start"], how="left")
            .with_columns(pl.col("under", "runs").fill_null(0.0), pl.col("named").fill_null(False))
        )
        off, out = pl.col("runs") == 0, ~pl.col("named")
        share = effort.percent(pl.col("under"))
        usual = pl.concat_str(pl.lit("the feed runs; under alert for "), share, pl.lit(" of the day"))
        reason = (
            pl.when(out)
            .then(pl.lit("the region never stands in this feed"))
            .when(off)
            .then(pl.lit("the feed holds nothing for this day"))
            .when(pl.col("under") >= LONG_SHARE)
            .then(pl.concat_str(usual, pl.lit(": an alert tells little here")))
            .otherwise(usual)
        )
        grid = grid.with_columns(
            state=pl.when(out).then(pl.lit("unknown")).when(off).then(pl.lit("no_data")).otherwise(pl.lit("watched")),
            p_detect=pl.when(out).then(None).otherwise(pl.col("chance") * pl.col("runs")),
            reason=reason,
            basis=pl.lit("declared"),
        )
        return effort.exposure(feeds.with_silences(grid, days, seen), source)


def _observations(rows: Rows) -> pl.DataFrame:
    source = rows.source
    smaller = pl.col("part").is_not_null() & (pl.col("own").is_null() | (pl.col("own") == pl.col("area_id")))
    flags = [
        pl.when(smaller).then(pl.lit("part_of_area")),
        pl.when(pl.col("naive").str.to_lowercase() == "true").then(pl.lit("end_assumed")),
    ]
    frame = rows.frame.select(
        "start",
        "end",
        "row",
        time_meaning=pl.lit("throughout"),
        source_zone=pl.lit("UTC"),
        area_id=pl.coalesce("own", "area_id"),
        place_name=pl.concat_str("part", "region", separator=", ", ignore_nulls=True),
        kind=pl.lit("alert"),
        kinds=pl.concat_list(pl.struct(kind=pl.lit("alert"), p=pl.lit(1.0))),
        count="n_subalerts",
        count_unit=pl.when(pl.col("n_subalerts").is_not_null()).then(pl.lit("alerts")),
        role=pl.lit(source.profile.role),
        flags=pl.concat_list(flags).list.drop_nulls(),
        source_id=pl.lit(source.source_id),
        blob=pl.lit(rows.file.blob),
    )
    key = ids(frame, source.source_id, ["area_id", "place_name", "start", "end"]).alias("observation_id")
    return rows.distinct(OBSERVATION.fill(frame.with_columns(key)), "observation_id")


READER = Alerts()
