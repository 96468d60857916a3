"""Reports of events by news outlets, geocoded by machine: a row is a report, not an event.

The columns are those of the monthly extracts of VIINA: ``datetime`` (no zone is given: option ``zone``), ``lon``,
``lat``, ``place_name`` (Latin letters), ``event_type`` (labels joined by ``|``), ``headline`` (Ukrainian or Russian,
sometimes several headlines glued together). A row's role follows from its sentences and from where it was put:

- ``makes``: a sentence reports the use of force and names the place;
- ``supports``: the force is a follow-up, a reaction, a sum or traces, or only its region or direction is told;
- ``context``: all else, kept so that nothing is lost and the feed's own gaps can be seen.

Flags: ``date_only`` (no hour), ``glued`` (several sentences), ``place_not_named`` (the text does not name the place: it
has no place then), ``oblast_mention`` (a region put on a village: ``area_id`` and no place), ``word_as_place``,
``quarter`` (a quarter stands for its town), ``other_region`` (the text names a region that the place is not in: a
namesake), ``direction`` (a stretch of front named after the place), ``many_places`` (one text at several places),
``repeated`` (the same text at the same place on an earlier day of the file), ``follow_up``, ``summary``, ``unlabelled``
(no ``event_type``), ``kind_unsaid``. Copies of one text have the same ``native_id``, a hash of the text's letters and
digits. Who did it is not read from texts: ``actor_stated`` stays empty.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from teisen.observation import CONDITION, EXPOSURE, OBSERVATION
from teisen.sources import effort, texts
from teisen.sources.clocks import moment
from teisen.sources.named import elsewhere, spoken_of
from teisen.sources.options import options as options_of
from teisen.sources.places import towns
from teisen.sources.reach import Reach, within_reach
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.sources.rows import ROW, Rows, ids, read_csv

COLUMNS = ("datetime", "lon", "lat", "place_name", "event_type", "headline")
FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
ROWS_A_DAY = "rows_a_day"
"""Condition: how many rows the source's files hold for a day of its zone."""
MANY = 3
"""One text at more places than this is a summary of a region."""


class Options(BaseModel):
    """How to read a file of event reports.

    ``zone``: of the file's times. ``lookback_h``: how long before its report an event may lie. ``town_error_m``:
    standard deviation of a place that only stands for its town. ``covers``: shell patterns of the ids of the regions
    that the outlets cover. ``low_share``: a day with a smaller share of the usual rows is an outage of the feed.
    ``reach``: where distance, access, language and curfew keep reporters from it (:mod:`teisen.sources.reach`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    zone: str = "UTC"
    lookback_h: float = Field(24, ge=0)
    town_error_m: float = Field(5000, gt=0)
    covers: list[str] = ["*"]
    low_share: float = Field(0.35, ge=0, le=1)
    reach: Reach = Reach()


class EventReports:
    """Reader of geocoded event reports."""

    name = "event_reports"
    phase: Literal["ground", "watch"] = "watch"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """Observations of one file, and a count of its rows by day as conditions."""
        options = options_of(source, Options)
        rows = read_csv(file, source, COLUMNS)
        rows.set_aside(
            pl.col("headline").str.strip_chars().fill_null("") == "",
            "headline",
            "it is empty",
            "A report without text says nothing; send the row with its headline.",
        )
        rows.number("lon", -180, 180)
        rows.number("lat", -90, 90)
        rows.time("datetime", FORMATS, options.zone, into="at")
        later = moment(pl.col("datetime").str.strip_chars(), FORMATS, options.zone, "latest")
        rows.frame = rows.frame.with_columns(later.alias("at_latest"))
        rows.once()
        days = _rows_a_day(rows, options.zone)
        rows.frame = _times(rows.frame, options)
        left_out = rows.in_scope(scope, start="start", end="end", lon="lon", lat="lat")
        read = _observations(rows, source, options, ground)
        tables = {
            OBSERVATION.name: read,
            CONDITION.name: _counts(days, file, source, options.zone),
            "set_aside": rows.set_aside_table(),
        }
        return Intake(tables, left_out)

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """One row a region, UTC day and kind: watched, outage (far fewer reports than usual) or no_data (no file).

        What the outlets miss is not known from the outlets: chances are the profile's, for towns of the region.
        """
        options = options_of(source, Options)
        counts = seen.get(CONDITION.name, CONDITION.empty()).filter(pl.col("quantity") == ROWS_A_DAY)
        known = counts.group_by(pl.col("start").dt.offset_by("12h").dt.truncate("1d")).agg(rows=pl.col("value").sum())
        usual = known["rows"].median() if known.height else None
        areas = effort.regions(ground, options.covers)
        grid = effort.by_kind(
            areas.select("area_id").join(effort.days(scope).join(known, on="start", how="left"), how="cross"),
            source,
        )
        if not grid.height:
            return EXPOSURE.empty()
        typical = float(usual) if isinstance(usual, float) else 0.0
        number = pl.col("rows").cast(pl.Int64).cast(pl.String)
        low = pl.col("rows") < options.low_share * typical
        state = (
            pl.when(pl.col("rows").is_null())
            .then(pl.lit("no_data"))
            .when(low)
            .then(pl.lit("outage"))
            .otherwise(pl.lit("watched"))
        )
        grid = grid.with_columns(
            state=state,
            reason=pl.when(pl.col("rows").is_null())
            .then(pl.lit("no file holds this day"))
            .when(low)
            .then(pl.concat_str(number, pl.lit(f" reports, usually {typical:.0f}: the feed failed in part")))
            .otherwise(pl.concat_str(number, pl.lit(f" reports, usually {typical:.0f}; what outlets miss is unknown"))),
            basis=pl.lit("assumed"),
        ).with_columns(p_detect=pl.when(pl.col("state") == "watched").then(pl.col("chance")))
        return effort.exposure(within_reach(grid, areas, ground, source, options.reach), source)


READER = EventReports()


def _rows_a_day(rows: Rows, zone: str) -> pl.DataFrame:
    day = pl.col("at").dt.convert_time_zone(zone).dt.truncate("1d")
    return rows.frame.group_by(day.alias("day")).agg(n=pl.len()).sort("day")


def _counts(days: pl.DataFrame, file: SourceFile, source: Source, zone: str) -> pl.DataFrame:
    utc = days.select(
        start=pl.col("day").dt.convert_time_zone("UTC"),
        end=pl.col("day").dt.offset_by("1d").dt.convert_time_zone("UTC"),
        value=pl.col("n").cast(pl.Float64),
    )
    n = utc.height
    return CONDITION.build(
        {
            "start": utc["start"],
            "end": utc["end"],
            "quantity": [ROWS_A_DAY] * n,
            "value": utc["value"],
            "source_id": [source.source_id] * n,
            "blob": [file.blob] * n,
            "row": list(range(1, n + 1)),
        }
    )


def _times(frame: pl.DataFrame, options: Options) -> pl.DataFrame:
    """``start``, ``end``, ``reported``: an event lies from the look-back before its report to it (or the day's end)."""
    local = pl.col("at").dt.convert_time_zone(options.zone)
    date_only = local.dt.time() == pl.time(0, 0, 0)
    day_end = local.dt.offset_by("1d").dt.convert_time_zone("UTC")
    end = pl.when(date_only).then(day_end).otherwise(pl.col("at_latest"))
    return frame.with_columns(
        date_only=date_only,
        start=pl.col("at") - timedelta(hours=options.lookback_h),
        end=end,
        reported=end,
    )


def _observations(rows: Rows, source: Source, options: Options, ground: Ground) -> pl.DataFrame:
    frame = rows.frame.with_columns(pl.col("place_name", "event_type").fill_null("").str.strip_chars())
    frame = frame.with_columns(ids(frame, source.source_id, list(COLUMNS)).alias("observation_id"))
    rows.frame = frame
    rows.set_aside(
        ~pl.col("observation_id").is_first_distinct(),
        "",
        "the same report stands in an earlier row, written otherwise",
        "Nothing to do: it is counted once.",
    )
    frame = rows.frame
    if not frame.height:
        return OBSERVATION.empty()
    frame = spoken_of(frame, towns(ground))
    frame = frame.join(_said(frame), on=ROW, how="left", maintain_order="left")
    frame = _copies(frame)
    return _table(frame.with_columns(elsewhere(frame, ground)), rows.file, source, options)


def _said(frame: pl.DataFrame) -> pl.DataFrame:
    """What the sentences of each row's text say, one row a text: booleans, region, target class, weapons."""
    words = texts.lexicon("events")
    parts = (
        frame.select(ROW, "headline", "place_name", "own", "town", "astray", "town_astray")
        .with_columns(part=texts.sentences(pl.col("headline")))
        .explode("part", empty_as_null=True, keep_nulls=True)
        .with_columns(folded=texts.folded(pl.col("part")), parts=pl.len().over(ROW))
    )
    part = pl.col("part")
    # who says it, before a colon or after a dash, is no reaction
    bare = part.str.replace(r"\s[–—]\s[^–—:]{1,40}$", "").str.replace(r"^[^:]{1,30}:\s", "")
    targets = [pl.when(texts.has(part, stems)).then(pl.lit(name)) for name, stems in words["targets"].items()]
    parts = parts.with_columns(
        own_name=pl.col("folded").str.contains(pl.col("own")) & (pl.col("place_name") != ""),
        town_name=pl.col("folded").str.contains(pl.col("town")) & (pl.col("place_name") != ""),
        astray=pl.col("folded").str.contains(pl.col("astray")),
        town_astray=pl.col("folded").str.contains(pl.col("town_astray")),
        force=texts.has(part, words["force"]) & ~texts.has(part, words["private"]),
        traces=texts.has(part, words["traces"]) & ~texts.has(part, words["private"]),
        air_defence=texts.has(part, words["air_defence"]),
        ground=texts.has(part, words["ground"]),
        after=texts.has(bare, words["after"]),
        summary=texts.has(part, words["summary"]),
        unreal=texts.has(part, words["unreal"]),
        regions=texts.regions_in(part),
        target=pl.coalesce([*targets, pl.lit(None, dtype=pl.String)]),
        **{f"_{kind}": texts.has(part, stems) for kind, stems in words["weapons"].items()},
    )
    parts = parts.with_columns(named=pl.col("own_name") | pl.col("town_name"))
    # a sentence counts for the row if it names the place, or its region, or is the only one
    ours = pl.col("named") | (pl.col("regions").list.len() > 0) | (pl.col("parts") == 1)
    acts = pl.col("force") | pl.col("air_defence") | pl.col("ground")
    clean = ~pl.col("after") & ~pl.col("summary") & ~pl.col("unreal")
    here = pl.when(pl.col("own_name")).then(~pl.col("astray")).otherwise(pl.col("town_name") & ~pl.col("town_astray"))
    weapons = [pl.col(f"_{kind}") for kind in words["weapons"]]
    return parts.group_by(ROW, maintain_order=True).agg(
        parts=pl.col("parts").first(),
        named=pl.col("named").any(),
        quarter=~pl.col("own_name").any() & pl.col("town_name").any(),
        here=here.any(),
        regions=pl.col("regions").list.explode(keep_nulls=False, empty_as_null=False),
        reports=(here & pl.col("force") & clean).any(),
        touches=(ours & (acts | (pl.col("traces") & texts.has(part, words["war"])))).any(),
        force=(ours & pl.col("force")).any(),
        ground=(ours & pl.col("ground")).any(),
        air_defence=(ours & pl.col("air_defence") & ~pl.col("force")).any(),
        traces=(ours & pl.col("traces")).any(),
        fire=(ours & texts.has(part, words["traces"][:7])).any(),
        follow_up=(ours & pl.col("after")).any(),
        summary=(ours & pl.col("summary")).any(),
        unreal=(ours & pl.col("unreal")).any(),
        target=pl.col("target").filter(ours & pl.col("force") & ~pl.col("unreal")).drop_nulls().first(),
        **{f"_{kind}": (ours & weapon & acts).any() for kind, weapon in zip(words["weapons"], weapons, strict=True)},
    )


def _copies(frame: pl.DataFrame) -> pl.DataFrame:
    """Adds ``native_id`` (a key of the text), ``places`` (how many it stands at) and ``repeated``."""
    letters = [re.sub(r"[\W_]+", " ", text.lower()).strip() for text in frame["headline"]]
    keys = [hashlib.sha256(text.encode()).hexdigest()[:16] for text in letters]
    day = pl.col("at").dt.truncate("1d")
    return frame.with_columns(native_id=pl.Series(keys, dtype=pl.String)).with_columns(
        places=pl.col("place_name").n_unique().over("native_id"),
        repeated=day > day.min().over("native_id", "place_name"),
    )


def _table(frame: pl.DataFrame, file: SourceFile, source: Source, options: Options) -> pl.DataFrame:
    one_region = pl.col("regions").list.unique().list.len() == 1
    frame = frame.with_columns(
        region=pl.when(one_region)
        .then(pl.col("regions").list.first())
        .otherwise(pl.when(pl.col("regions").list.len() == 0).then(pl.col("trap_area"))),
        word=pl.col("trap") == "word",
        namesake=pl.col("elsewhere") & (pl.col("places") == 1),
    ).with_columns(placed=pl.col("named") & ~pl.col("word") & ~pl.col("namesake"))
    oblast = ~pl.col("placed") & pl.col("region").is_not_null() & ~pl.col("word")
    many = pl.col("places") > MANY
    held_back = many | pl.col("repeated") | ((pl.col("parts") > 1) & ~pl.col("named"))
    makes = pl.col("reports") & pl.col("placed") & ~held_back
    told = pl.col("placed") | oblast
    role = (
        pl.when(makes)
        .then(pl.lit("makes"))
        .when(told & pl.col("touches") & ~pl.col("unreal"))
        .then(pl.lit("supports"))
        .when(told & pl.col("reports"))
        .then(pl.lit("supports"))
        .otherwise(pl.lit("context"))
    )
    frame = frame.with_columns(role=role, oblast=oblast)
    frame = frame.with_columns(_kinds())
    flags = {
        "date_only": pl.col("date_only"),
        "glued": pl.col("parts") > 1,
        "place_not_named": ~pl.col("named"),
        "oblast_mention": pl.col("oblast"),
        "word_as_place": pl.col("word"),
        "quarter": pl.col("quarter"),
        "other_region": pl.col("named") & pl.col("namesake"),
        "direction": pl.col("named") & ~pl.col("here"),
        "many_places": pl.col("places") > 1,
        "repeated": pl.col("repeated"),
        "follow_up": pl.col("follow_up") & (pl.col("role") != "context"),
        "summary": pl.col("summary") & (pl.col("role") != "context"),
        "unlabelled": pl.col("event_type") == "",
        "kind_unsaid": pl.col("unsaid") & (pl.col("role") != "context"),
    }
    best = pl.col("kinds").list.eval(pl.element().sort_by(pl.element().struct.field("p"), descending=True)).list.first()
    error = (
        pl.when(pl.col("quarter") | ~pl.col("here"))
        .then(pl.lit(options.town_error_m))
        .otherwise(pl.lit(source.profile.place_error_m.value))
    )
    return OBSERVATION.fill(
        frame.select(
            "observation_id",
            "native_id",
            "start",
            "end",
            time_meaning=pl.lit("within"),
            source_zone=pl.lit(options.zone),
            reported=pl.col("reported"),
            lon=pl.when("placed").then("lon"),
            lat=pl.when("placed").then("lat"),
            place_error_m=pl.when("placed").then(error),
            area_id=pl.when(~pl.col("placed")).then("region"),
            place_name=pl.when(pl.col("place_name") != "").then("place_name"),
            kind=best.struct.field("kind"),
            kinds=pl.col("kinds"),
            target_class=pl.when((pl.col("role") != "context") & (pl.col("places") == 1)).then("target"),
            role=pl.col("role"),
            flags=pl.concat_list([pl.when(flag).then(pl.lit(name)) for name, flag in flags.items()]).list.drop_nulls(),
            language=texts.language(pl.col("headline")),
            text=pl.col("headline"),
            source_id=pl.lit(source.source_id),
            blob=pl.lit(file.blob),
            row=pl.col(ROW),
        )
    )


def _kinds() -> list[pl.Expr]:
    """``kinds``: what the words say, else what is usual for force without a weapon named; ``unsaid``: the latter."""
    words = texts.lexicon("events")
    named = {kind: pl.col(f"_{kind}").cast(pl.Float64) for kind in words["weapons"]}
    # "explosions" beside a weapon adds nothing, and shelling is often a word for any strike
    specific = ["drone-strike", "missile-strike", "air-strike", "mine-or-ied", "naval-force"]
    some = pl.any_horizontal(pl.col(f"_{kind}") for kind in specific)
    named["explosion"] = pl.when(some | pl.col("_shelling")).then(0.0).otherwise(named["explosion"])
    named["shelling"] = pl.when(some).then(named["shelling"] * 0.5).otherwise(named["shelling"])
    named["ground-assault"] = pl.when(pl.col("ground") & ~some & ~pl.col("_shelling")).then(1.0).otherwise(0.0)
    told = pl.sum_horizontal(named.values())
    unsaid = (told == 0) & pl.col("force")
    usual: dict[str, float] = words["unsaid"]
    labels = {kind: pl.lit(0.0) for kind in usual}
    for label, kind in words["flags"].items():
        has_label = pl.col("event_type").str.split("|").list.contains(label)
        labels[kind] = labels.get(kind, pl.lit(0.0)) + has_label.cast(pl.Float64) * words["flag_weight"]
    slip: float = words["slip"]
    shares: dict[str, pl.Expr] = {}
    for kind in sorted({*named, *usual, *labels, "air-defence", "fire", "damage", "other"}):
        base = pl.lit(usual.get(kind, 0.0))
        by_words = named.get(kind, pl.lit(0.0)) / told * (1 - slip) + base * slip
        by_habit = base + labels.get(kind, pl.lit(0.0))
        quiet = {
            "air-defence": pl.col("air_defence"),
            "fire": ~pl.col("air_defence") & pl.col("fire"),
            "damage": ~pl.col("air_defence") & pl.col("traces") & ~pl.col("fire"),
            "other": ~pl.col("air_defence") & ~pl.col("traces"),
        }.get(kind, pl.lit(False))
        shares[kind] = (
            pl.when(pl.col("role") == "context")
            .then(pl.lit(1.0 if kind == "other" else 0.0))
            .when(told > 0)
            .then(by_words)
            .when(unsaid)
            .then(by_habit)
            .otherwise(quiet.cast(pl.Float64))
        )
    total = pl.sum_horizontal(shares.values())
    structs = [
        pl.when(share > 0).then(pl.struct(kind=pl.lit(kind), p=(share / total).round(4)))
        for kind, share in shares.items()
    ]
    return [pl.concat_list(structs).list.drop_nulls().alias("kinds"), unsaid.alias("unsaid")]
