"""Rows from JSON, GeoJSON and GeoParquet, as strings under headings like those of a CSV file.

An object of lists, as `{"2026-01-01": [[30.1, 50.2, "boom"], ...]}`, is one row an item: ``@key`` the name that its
list stands under, and the fields of the item, of an item that is a list ``@0``, ``@1`` and so on.

A shape becomes three columns: ``@lon`` and ``@lat`` of the point or of the shape's middle, ``@shape`` its WKT (one that
is cut at the 180th meridian goes on beyond it).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from teisen.errors import BadInput, Problem
from teisen.geodesy import on_globe
from teisen.observation import SET_ASIDE
from teisen.sources.geojson import in_one_piece
from teisen.sources.reader import Source, SourceFile
from teisen.sources.rows import ROW, Rows, read_csv, unpack

GAP = re.compile(r"[\s,]*")
HALF = re.compile("[\ud800-\udfff]")
LON, LAT, SHAPE = "@lon", "@lat", "@shape"
KEY = "@key"


def read_rows(
    file: SourceFile, source: Source, columns: Iterable[str], *, delimiter: str = ",", optional: Iterable[str] = ()
) -> Rows:
    """Rows of a CSV, JSON (list of objects, object of lists), GeoJSON or GeoParquet file, told by their first bytes.

    A JSON that breaks off keeps its whole objects; what is left over is set aside.

    Raises:
        BadInput: the file is none of them, or lacks one of ``columns``.
    """
    content, damage = unpack(file)
    if content.startswith(b"PAR1"):
        frame, aside = _parquet(content, file), None
    elif content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{"):
        records, aside = _records(content, file)
        frame = _frame(records)
    else:
        return read_csv(file, source, columns, delimiter=delimiter, optional=optional)
    if not frame.height:  # a day on which there was nothing to record: no record lacks a field
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(n) for n in columns if n not in frame.columns)
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        has = ", ".join(name for name in frame.columns if name != ROW) or "nothing"
        raise BadInput(
            Problem(
                file.name,
                0,
                ", ".join(missing),
                f"the records lack {', '.join(missing)}; they have {has}",
                "Check that this is the right file for this source, or correct the names.",
            )
        )
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in optional if name not in frame.columns]
    rows = Rows(frame.with_columns(absent), file, source)
    if aside is not None or damage:
        reason = damage or "the file breaks off, or is damaged, after the last whole record"
        rows.aside.append(
            SET_ASIDE.build(
                {
                    "source_id": [source.source_id],
                    "file": [file.name],
                    "blob": [file.blob],
                    "row": [0],
                    "column": [""],
                    "what": [reason],
                    "do": ["Send the file again, whole; the records before the break were kept."],
                    "raw": [(aside or "")[:2000]],
                }
            )
        )
    return rows


def _records(content: bytes, file: SourceFile) -> tuple[list[dict[str, Any]], str | None]:
    """Whole records of a JSON text, and what was left over (None: nothing)."""
    try:
        text, cut = content.decode("utf-8-sig"), False
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":
            what = f"it is not UTF-8 (byte {error.start})"
            raise BadInput(Problem(file.name, 0, "", what, "Save the file as UTF-8 and send it again.")) from None
        text, cut = content[: error.start].decode("utf-8-sig"), True
    if not cut:
        try:
            return _listed(json.loads(text), file), None
        except (ValueError, RecursionError):  # also a number of too many digits, and too deep a nesting
            pass
    at = text.find("[", max(0, text.find('"features"'))) + 1
    decoder, found = json.JSONDecoder(), list[Any]()
    while at:
        at += len(GAP.match(text, at)[0])  # type: ignore[index]
        try:
            record, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(record)
    if not found:
        raise BadInput(
            Problem(file.name, 0, "", "it is not readable as JSON and holds no whole record", "Send the file again.")
        )
    return _listed(found, file), text[at:]


def _listed(data: Any, file: SourceFile) -> list[dict[str, Any]]:
    records = data.get("features", _under_keys(data)) if isinstance(data, dict) else data
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise BadInput(
            Problem(file.name, 0, "", "it is no list of JSON objects and no GeoJSON", "Send a list of records.")
        )
    return records


def _under_keys(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Items of an object of lists as records; any other object as the one record it is."""
    if not data or not all(isinstance(items, list) for items in data.values()):
        return [data]
    return [
        {KEY: key} | (item if isinstance(item, dict) else {f"@{n}": value for n, value in enumerate(_values(item))})
        for key, items in data.items()
        for item in items
    ]


def _values(item: Any) -> list[Any]:
    return item if isinstance(item, list) else [item]


def _frame(records: list[dict[str, Any]]) -> pl.DataFrame:
    geo = any(record.get("type") == "Feature" for record in records)
    flat = [_properties(record) for record in records] if geo else records
    names = list(dict.fromkeys(name for record in flat for name in record if name != ROW))
    columns: dict[str, list[str | None]] = {_whole(n): [_text(record.get(n)) for record in flat] for n in names}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    frame = frame if names else pl.DataFrame({ROW: [0] * len(records)}, schema={ROW: pl.Int64})
    if geo:
        shapes = shapely.from_geojson([json.dumps(r.get("geometry")) for r in records], on_invalid="ignore")
        frame = _shaped(frame, shapes)
    return frame.with_columns(pl.int_range(1, len(records) + 1, dtype=pl.Int64).alias(ROW))


def _properties(record: dict[str, Any]) -> dict[str, Any]:
    found = record.get("properties")
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return _whole(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _whole(text: str) -> str:
    """A text without halves of surrogate pairs, which JSON can write and UTF-8 cannot."""
    return text if text.isascii() else HALF.sub("\ufffd", text)


def _shaped(frame: pl.DataFrame, shapes: Any) -> pl.DataFrame:
    shapes = np.array([in_one_piece(shape) for shape in shapes], dtype=object)
    middle = shapely.centroid(shapes)
    middle[shapely.is_empty(middle)] = None
    lon, lat = on_globe(shapely.get_x(middle)), shapely.get_y(middle)
    return frame.with_columns(
        pl.Series(LON, lon).fill_nan(None).cast(pl.String),
        pl.Series(LAT, lat).fill_nan(None).cast(pl.String),
        pl.Series(SHAPE, shapely.to_wkt(shapes, rounding_precision=-1).tolist(), dtype=pl.String),
    )


def _parquet(content: bytes, file: SourceFile) -> pl.DataFrame:
    try:
        table = pq.read_table(io.BytesIO(content))
    except (pa.ArrowInvalid, OSError) as error:
        what = f"not readable as Parquet: {str(error)[:200]}"
        raise BadInput(Problem(file.name, 0, "", what, "Send the file again, whole.")) from None
    shape, shapes = _shape_column(table), None
    if shape:
        shapes = shapely.from_wkb(table[shape].to_pylist(), on_invalid="ignore")
        table = table.drop_columns([shape])
    frame = pl.DataFrame(pl.from_arrow(table))
    frame = frame.select(_plain(name, dtype) for name, dtype in frame.schema.items() if name != ROW)
    if shapes is not None:
        frame = _shaped(frame, shapes)
    return frame.with_columns(pl.int_range(1, table.num_rows + 1, dtype=pl.Int64).alias(ROW))


def _shape_column(table: pa.Table) -> str | None:
    """The column of shapes as WKB that the file's metadata name (GeoParquet 1.1); None: they name none."""
    try:
        geo = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
        shape = geo["primary_column"]
        kind = table.schema.field(shape).type
        bytes_there = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
        named = bytes_there and geo["columns"][shape]["encoding"] == "WKB"
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return str(shape) if named else None


def _plain(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        form = "%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if dtype.time_zone else "")
        return column.dt.strftime(form)
    if isinstance(dtype, pl.List | pl.Struct | pl.Binary | pl.Array):
        return column.map_elements(str, return_dtype=pl.String).alias(name)
    return column.cast(pl.String)
