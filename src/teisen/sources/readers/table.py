"""Any table: CSV, JSON, GeoJSON or GeoParquet, by a mapping that says which column is which field; no code.

The option ``mapping`` holds the document (:mod:`teisen.sources.mapping`). A field's text becomes a word by the
mapping's ``values``; whatever is no possible time, number, kind, class or area is set aside with the reason. A shape
that is no point gives its middle, and half its width as place error; what lies some way ``away`` from the place that is
told lies there (:mod:`teisen.sources.away`); degrees and minutes, MGRS, UTM and grids are read by
:mod:`teisen.sources.positions`. Flags: ``date_only``, ``no_place``.

Exposure: what the mapping's ``watched`` declares by UTC day, from and to days of the mapping's zone, and rows that a
file of ``fills: exposure`` holds.
A mapping that says nothing leaves every region ``unknown``: nobody has told what this source could have seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import polars as pl
import shapely

from teisen.errors import BadInput, Problem
from teisen.geodesy import distance_m
from teisen.observation import ALLEGATION, EXPOSURE, OBSERVATION, SET_ASIDE, vocabulary
from teisen.observation.schema import CHANCES, EXPOSURE_STATES, PARTS, ROLES
from teisen.sources import effort
from teisen.sources.away import set_off
from teisen.sources.declared import declared
from teisen.sources.forms import ERROR, only, phone
from teisen.sources.geojson import CUT, LONG_WAY, long_way_round
from teisen.sources.mapping import (
    TIMES,
    AllegationMapping,
    AnyMapping,
    ExposureMapping,
    From,
    ObservationMapping,
    mapping_of,
)
from teisen.sources.moments import interval, is_day
from teisen.sources.objects import LAT, LON, SHAPE, read_rows
from teisen.sources.places import area_of, placed, set_aside_unknown, set_aside_unplaced
from teisen.sources.positions import LETTERS, coordinates, from_grid, positions, rounded
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.sources.rows import ROW, Rows, ids
from teisen.sources.sheets import IN_FORM, holds_sheets, read_sheet
from teisen.tables import Table as Declared

NUMBERS = {
    "lon": (-180.0, 180.0),
    "lat": (-90.0, 90.0),
    "easting": (-1e8, 1e8),
    "northing": (-1e8, 1e8),
    "place_error_m": (0.0, 2e7),
    "radius_m": (0.0, 2e7),
    "strength": (-1e12, 1e12),
    "count": (0.0, 1e12),
    "quantity": (0.0, 1e12),
    "p_detect": (0.0, 1.0),
}
"""Fields that are numbers, and what is possible."""
VALUES: dict[str, tuple[str, ...]] = {
    "kind": tuple(vocabulary().kinds),
    "target_class": tuple(vocabulary().target_classes),
    "weapon": tuple(vocabulary().weapons),
    "role": ROLES,
    "state": EXPOSURE_STATES,
    "basis": ("measured", "declared", "assumed"),
}
"""Fields that are words, and the words there are."""
WHO = ("actor_stated", "accuser", "accused")
"""Fields that name a party, or ``undetermined``: under any other word nobody would be held bound."""
COMMA = 'Write decimals with a point (1234.5), or `decimal: ","` into the mapping; thousands have no mark.'
SAME = "It is counted once. If both happened, map a column that tells them apart as native_id."
MUST = ("start", "stated", "kind", "accuser", "state", "basis", "reason")
"""Fields that may not be empty where they are mapped."""


class Table:
    """Reader of mapped tables."""

    name = "table"
    phase: Literal["watch"] = "watch"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """The table that the mapping fills, from one file; see the module.

        Raises:
            BadInput: the mapping is wrong, the file can't be read, or lacks a column that the mapping names.
        """
        mapping = mapping_of(source)
        if isinstance(mapping, AllegationMapping) and mapping.fields.accuser is None and source.reported_by is None:
            what = "nobody is said to state these allegations"
            do = "Write `reported_by:` with a party, or map the field accuser."
            raise BadInput(Problem("case.yaml", 0, f"source {source.source_id}", what, do))
        fields: dict[str, From] = {n: f for n, f in mapping.fields if f is not None}
        parts = mapping.components if isinstance(mapping, AllegationMapping) else []
        wanted = [name for field in fields.values() for name in field.headings] + [part.column for part in parts]
        wanted += [*mapping.only, *([mapping.phone] if mapping.phone else [])]
        if holds_sheets(file):
            rows = read_sheet(file, source, wanted, sheet=mapping.sheet, delimiter=mapping.delimiter)
        else:
            rows = read_rows(file, source, dict.fromkeys(wanted), delimiter=mapping.delimiter)
        if IN_FORM in rows.frame.columns:
            fields = {"native_id": From(column=IN_FORM)} | fields
        rows.once()
        left_out = only(rows, mapping.only)
        if mapping.phone:
            phone(rows, mapping.phone, mapping.decimal)
        if not {"lon", "position", "easting", "place", "area"} & set(fields) and LON in rows.frame.columns:
            fields |= {"lon": From(column=LON), "lat": From(column=LAT)}
            fields = ({"place_error_m": From(column=ERROR)} if mapping.phone else {}) | fields
        shapes = "place_error_m" not in fields and fields.get("lon") == From(column=LON)
        rows.frame = rows.frame.select(
            *[name for name in (ROW, SHAPE) if name in rows.frame.columns],
            *[_text(field).alias(_raw(name)) for name, field in fields.items()],
            *[pl.col(part.column).alias(_raw(part.label)) for part in parts],
        )
        if fields.get("lon") == From(column=LON) and rows.frame.height:
            wide = pl.Series(long_way_round(shapely.from_wkt(rows.frame[SHAPE].to_list())))
            rows.set_aside(pl.lit(wide), "geometry", f"it {LONG_WAY}", CUT.format("shape of several parts"))
        for name, field in fields.items():
            if field.apart:
                rows.frame = _each(rows.frame, _raw(name), field.apart)
                same = [other for other, of in fields.items() if of.column and of.column == field.column]
                rows.frame = rows.frame.with_columns(pl.col(_raw(name)).alias(_raw(other)) for other in same)
        for name, field in fields.items():
            _fill(rows, name, field, mapping.decimal)
        for part in parts:
            told = {"heading": part.column, "decimal": mapping.decimal, "comma_do": COMMA}
            rows.number(_raw(part.label), 0, 1e12, required=False, **told)
        _when(rows, fields, mapping)
        # Of a long feed the places of the case's own days are looked up, and no others.
        left_out += rows.in_scope(scope, start="start", end="end")
        _where(rows, fields, ground, mapping, scope)
        if shapes:
            rows.frame = rows.frame.with_columns(_extent(rows.frame[SHAPE]).alias("place_error_m"))
        if "away" in fields:
            _away(rows, fields)
        where = {"lon": "lon", "lat": "lat"} if "lon" in rows.frame.columns else {}
        left_out += rows.in_scope(scope, start="start", end="end", **where)
        name, table = _table(rows, fields, mapping, source)
        return Intake({name: table, SET_ASIDE.name: rows.set_aside_table()}, left_out)

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """What the mapping declares as watched, and the exposure rows that the source's files held."""
        mapping = mapping_of(source)
        held = seen.get(EXPOSURE.name, EXPOSURE.empty())
        if held.height:
            held = held.unique("exposure_id", keep="first", maintain_order=True)
        if mapping.watched:
            given = [declared(watched, mapping.zone, source, ground, scope) for watched in mapping.watched]
            rows = EXPOSURE.gather([*given, held])
            return rows.unique("exposure_id", keep="first", maintain_order=True)
        if held.height or isinstance(mapping, AllegationMapping):
            return held
        grid = effort.regions(ground).select("area_id").join(effort.days(scope), how="cross")
        return effort.exposure(
            effort.by_kind(grid, source).with_columns(
                state=pl.lit("unknown"),
                p_detect=pl.lit(None, pl.Float64),
                reason=pl.lit("the mapping does not say what was watched"),
                basis=pl.lit("declared"),
            ),
            source,
        )


def _fill(rows: Rows, name: str, field: From, decimal: str) -> None:
    """Put a field's text into column ``name``; values without a word, and words that there are not, are set aside."""
    text, heading = pl.col(_raw(name)), ", ".join(field.headings) or name
    if field.values is not None:
        word = text.replace_strict(field.likeliest, default=field.otherwise, return_dtype=pl.String)
        rows.frame = rows.frame.with_columns(word.alias(name))
        given = text.is_not_null() & pl.col(name).is_null()
        what = pl.format("'{}' is not among the values of {} in the mapping", text.str.slice(0, 40), pl.lit(name))
        rows.set_aside(given, heading, what, f"Add it under fields.{name}.values, or give {name} an otherwise.")
    else:
        rows.frame = rows.frame.with_columns(text.alias(name))
    if field.shares:
        kinds = [[{"kind": kind, "p": p} for kind, p in shares.items()] for shares in field.shares.values()]
        several = pl.DataFrame({_raw(name): [*field.shares], "kinds": kinds}, schema_overrides={"kinds": CHANCES})
        rows.frame = rows.frame.join(several, on=_raw(name), how="left", maintain_order="left")
    if name in VALUES:
        wrong = pl.col(name).is_not_null() & ~pl.col(name).is_in(VALUES[name])
        says = pl.format("'{}' is no {}", pl.col(name).str.slice(0, 40), pl.lit(name.replace("_", " ")))
        rows.set_aside(wrong, heading, says, f"Give it a word under fields.{name}.values in the mapping.")
    if name in WHO and rows.source.parties:
        known = rows.source.parties
        strange = pl.col(name).is_not_null() & ~pl.col(name).is_in(known)
        says = pl.format("'{}' is no party of this case", pl.col(name).str.slice(0, 40))
        rows.set_aside(
            strange, heading, says, f"Write one of {', '.join(known)}, or map it under fields.{name}.values."
        )
    if name in MUST:
        rows.set_aside(pl.col(name).is_null(), heading, "it is empty", "Give it, or a constant in the mapping.")
    if name in NUMBERS:
        mark = "." if field.values or field.constant is not None else decimal
        if name in LETTERS:
            coordinates(rows, name, heading=heading, decimal=mark)
        rows.number(name, *NUMBERS[name], required=False, heading=heading, decimal=mark, comma_do=COMMA)


def _each(frame: pl.DataFrame, column: str, between: str) -> pl.DataFrame:
    """A row for each of the values of a cell, once."""
    each = pl.col(column).str.split(between).list.eval(pl.element().str.strip_chars().replace("", None))
    listed = frame.with_columns(each.list.drop_nulls().list.unique(maintain_order=True))
    return listed.explode(column, empty_as_null=True, keep_nulls=True)


def _text(field: From) -> pl.Expr:
    if field.constant is not None:
        return pl.lit(str(field.constant))
    parts = [pl.col(name).str.strip_chars() for name in field.headings]
    told = [pl.when(~part.is_in(["", *field.empty])).then(part) for part in parts]
    text = pl.concat_str(told, separator=" ", ignore_nulls=True)
    return pl.when(text != "").then(text)


def _heading(fields: Mapping[str, From], name: str) -> str:
    """What the file calls the columns that a field is read from; the field's name where it is a constant."""
    headings = fields[name].headings
    return name if not headings or headings[0] in (LON, LAT) else ", ".join(headings)


def _raw(name: str) -> str:
    return f"={name}"


def _where(rows: Rows, fields: Mapping[str, From], ground: Ground, mapping: AnyMapping, scope: Scope) -> None:
    """Area ids, and places with both coordinates or none."""
    if "area" in fields:
        known = ground.area_by_name | {area.lower(): area for area in ground.areas["area_id"].unique().sort()}
        area = area_of(pl.col("area"), known)
        rows.frame = rows.frame.with_columns(area_id=pl.when(pl.col("area").is_null()).then(pl.lit("")).otherwise(area))
        set_aside_unknown(rows, "area", "area_id", known, heading=_heading(fields, "area"))
        rows.frame = rows.frame.with_columns(pl.col("area_id").replace("", None))
    if "place" in fields:
        _by_name(rows, fields, ground)
    if "lon" in fields:
        half = pl.col("lon").is_null() != pl.col("lat").is_null()
        both = f"{_heading(fields, 'lon')}, {_heading(fields, 'lat')}"
        rows.set_aside(half, both, "one of longitude and latitude is empty", "Give both, or none.")
    if "position" in fields:
        positions(rows, heading=_heading(fields, "position"), decimal=mapping.decimal, scope=scope)
    if mapping.grid is not None:
        from_grid(rows, mapping.grid, heading=f"{_heading(fields, 'easting')}, {_heading(fields, 'northing')}")
    if {"lon_step", "lat_step"} <= set(rows.frame.columns) and not isinstance(mapping, ExposureMapping):
        rounded(rows, "place_error_m" in fields)


def _by_name(rows: Rows, fields: Mapping[str, From], ground: Ground) -> None:
    """Where a place lies that is told by its name, and by its area where one is, as the case's names have it; its own
    error goes before theirs."""
    told = [pl.col("area_id") if "area" in fields else pl.lit(None, pl.String).alias("area_id")]
    frame = rows.frame.with_columns(*told, town=pl.col("place").str.to_lowercase())
    pairs = frame.select("area_id", name="town").drop_nulls("name").unique().sort("name", "area_id")
    known = placed(pairs, ground).rename({"name": "town", "place_error_m": "town_error_m"})
    rows.frame = frame.join(known, on=["town", "area_id"], how="left", nulls_equal=True, maintain_order="left")
    set_aside_unplaced(rows, "place", ground, heading=_heading(fields, "place"))
    own = [pl.col(name) for name in ("place_error_m",) if name in fields]
    rows.frame = rows.frame.with_columns(
        pl.coalesce("area_id", "town_area").alias("area_id"),
        place_error_m=pl.coalesce(*own, "town_error_m"),
        place_name=pl.col("place_name" if "place_name" in fields else "place"),
    )


def _away(rows: Rows, fields: Mapping[str, From]) -> None:
    """Places that lie some way from the one that is told; the text stands beside its name."""
    absent = [pl.lit(None, pl.Float64).alias(n) for n in ("lon", "lat", "place_error_m") if n not in rows.frame.columns]
    rows.frame = rows.frame.with_columns(absent)
    set_off(rows, heading=_heading(fields, "away"))
    if "place_name" in rows.frame.columns:
        named = pl.concat_str("place_name", pl.format(" ({})", pl.col("away")))
        rows.frame = rows.frame.with_columns(place_name=pl.coalesce(named, "place_name"))


def _when(rows: Rows, fields: Mapping[str, From], mapping: AnyMapping) -> None:
    """Times in UTC; a date alone is a day of the mapping's zone."""
    for name in [name for name in TIMES if name in fields]:
        needed = name in MUST
        kept, heading = {"start": f"{name}<", "end": f"{name}>"}, _heading(fields, name)
        zone = fields[name].zone or mapping.zone
        interval(rows, name, mapping.times, zone, **kept, required=needed, heading=heading, either=True)
    end = pl.coalesce(*[pl.col(f"{name}>") for name in ("end", "start") if name in fields])
    moments = [pl.col(f"{name}<").alias(name) for name in ("stated", "reported") if name in fields]
    rows.frame = rows.frame.with_columns(
        *moments,
        start=pl.col("start<"),
        end=end,
        date_only=is_day("start<", "start>"),
    )
    a_day = is_day("end<", "end>").fill_null(False) if "end" in fields else pl.lit(False)
    rows.set_aside(
        (pl.col("end") < pl.col("start")) | (a_day & (pl.col("end") == pl.col("start"))),
        _heading(fields, "end" if "end" in fields else "start"),
        "it ends before it starts",
        "Correct the times, or exchange the two columns.",
    )


def _extent(shapes: pl.Series) -> pl.Series:
    """Place error in metres of shapes that are no points: a uniform place in half the diagonal of their box."""
    box = shapely.bounds(shapely.from_wkt(shapes.to_list()))
    west, south, east, north = np.asarray(box, float).reshape(-1, 4).T
    half = np.asarray(distance_m(west, south, east, north)) / 2 / 3**0.5
    return pl.Series("place_error_m", np.where(half > 0, half, np.nan)).fill_nan(None)


def _table(rows: Rows, fields: Mapping[str, From], mapping: AnyMapping, source: Source) -> tuple[str, pl.DataFrame]:
    """The filled table's name and rows."""
    frame = rows.frame
    nowhere = pl.all_horizontal(
        [pl.col(n).is_null() for n in ("lon", "area_id") if n in frame.columns] or [pl.lit(True)]
    )
    flags = [pl.when("date_only").then(pl.lit("date_only")), pl.when(nowhere).then(pl.lit("no_place"))]
    common: dict[str, Any] = {
        "source_id": pl.lit(source.source_id),
        "blob": pl.lit(rows.file.blob),
        "flags": pl.concat_list(flags).list.drop_nulls(),
        "source_zone": pl.lit(mapping.zone),
    }
    if "lon" in frame.columns:
        error = pl.col("place_error_m") if "place_error_m" in frame.columns else pl.lit(None, pl.Float64)
        declared = pl.coalesce(error, pl.lit(source.profile.place_error_m.value))
        common["place_error_m"] = pl.when(pl.col("lon").is_not_null()).then(declared)
    if isinstance(mapping, ObservationMapping):
        one = pl.concat_list(pl.struct(kind=pl.col("kind"), p=pl.lit(1.0))).cast(CHANCES)
        kinds = pl.coalesce("kinds", one) if "kinds" in frame.columns else one
        role = pl.lit(source.profile.role)
        made = frame.with_columns(
            **common,
            kinds=kinds,
            time_meaning=pl.lit(mapping.time_meaning),
            role=pl.coalesce("role", role) if "role" in fields else role,
        )
        return OBSERVATION.name, _fitted(rows, OBSERVATION, made, fields, "observation_id")
    if isinstance(mapping, AllegationMapping):
        made = _alleged(frame.with_columns(**common), mapping, source)
        return ALLEGATION.name, _fitted(rows, ALLEGATION, made, fields, "allegation_id")
    absent = [pl.lit(None, pl.Float64).alias(n) for n in ("p_detect",) if n not in frame.columns]
    return EXPOSURE.name, effort.exposure(frame.with_columns(absent), source)


def _alleged(frame: pl.DataFrame, mapping: AllegationMapping, source: Source) -> pl.DataFrame:
    """Accuser, accused, components and their gap, and how much was understood."""
    absent = {"kind": "other", "accuser": source.reported_by, "accused": source.about, "unit": None}
    frame = frame.with_columns(pl.lit(v, pl.String).alias(n) for n, v in absent.items() if n not in frame.columns)
    if "quantity" not in frame.columns:
        frame = frame.with_columns(quantity=pl.lit(None, pl.Float64))
    parts = [
        pl.when(pl.col(_raw(part.label)).is_not_null()).then(
            pl.struct(label=pl.lit(part.label), quantity=pl.col(_raw(part.label)), unit=pl.lit(part.unit))
        )
        for part in mapping.components
    ]
    same = [pl.when(pl.col("unit") == part.unit).then(pl.col(_raw(part.label))) for part in mapping.components]
    known = pl.any_horizontal([column.is_not_null() for column in same] or [pl.lit(False)])
    gap = pl.col("quantity") - pl.sum_horizontal(same or [pl.lit(0.0)])
    whole = (pl.col("kind") != "other") & ~pl.col("flags").list.contains("no_place")
    return frame.with_columns(
        components=(pl.concat_list(parts).list.drop_nulls() if parts else pl.lit([], dtype=PARTS)).cast(PARTS),
        components_gap=pl.when(known).then(gap),
        read=pl.when(whole).then(pl.lit("parsed")).otherwise(pl.lit("partly")),
    )


def _fitted(rows: Rows, table: Declared, frame: pl.DataFrame, fields: Mapping[str, From], key: str) -> pl.DataFrame:
    """``frame`` as ``table``, with ids of what its fields report; the same report twice is one."""
    placed = {"lon", "lat"} if {"position", "easting"} & set(fields) else set()
    placed |= {"lon", "lat", "place_name"} if {"place", "away"} & set(fields) else set()
    told = {*fields, *placed, "start", "end", "area_id"} - {"role"}
    what = [name for name in table.schema if name in told and name in frame.columns]
    frame = frame.with_columns(ids(frame, rows.source.source_id, what).alias(key))
    whole = table.fill(frame.select(name for name in table.schema if name in frame.columns))
    return rows.distinct(whole, key, do=SAME)


READER = Table()
