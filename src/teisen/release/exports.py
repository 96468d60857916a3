"""Released tables as CSV, GeoJSON (RFC 7946) and GeoParquet, each with the attributions of its sources beside it.

The bytes depend on the released tables, the sources' licences and the code alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pyarrow.parquet as pq
import shapely

from teisen.errors import BadInput, Problem
from teisen.parquet import to_arrow
from teisen.release.redaction import Released
from teisen.release.tables import TABLES
from teisen.sources import Source

Format = Literal["csv", "geojson", "geoparquet"]
SUFFIX: Mapping[str, str] = {"csv": "csv", "geojson": "geojson", "geoparquet": "parquet"}
SIMULATED = "SIMULATED: nothing in this file happened."
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
HXL: Mapping[str, str] = {
    "start": "#date+start",
    "end": "#date+end",
    "reported": "#date+reported",
    "stated": "#date+reported",
    "lon": "#geo+lon",
    "lat": "#geo+lat",
    "area_id": "#adm1+code",
    "place_name": "#loc+name",
    "kind": "#event+type",
    "title": "#event+name",
    "source_id": "#meta+source",
    "link": "#meta+url",
    "recorded": "#event+num",
}
"""Tags of the Humanitarian Exchange Language (hxlstandard.org) for columns that have one."""


def export(
    released: Released,
    table: str,
    form: Format,
    folder: Path,
    sources: Mapping[str, Source],
    *,
    hxl: bool = False,
    simulated: bool = False,
) -> tuple[Path, Path]:
    """Write one released table into ``folder``; return the file and the file of attributions beside it.

    Args:
        released: what the audience may have.
        table: name of a table in it.
        form: CSV (lists as JSON), GeoJSON (features without a place have no geometry) or GeoParquet.
        folder: made if absent.
        sources: by id, for attributions.
        hxl: put a row of HXL tags under the heading of a CSV.
        simulated: nothing of it happened; the files say so in their names, and in what stands beside the rows.

    Raises:
        BadInput: there is no such table for this audience.
    """
    if table not in released.tables:
        raise BadInput(
            Problem(
                table,
                0,
                "",
                f"there is no table {table!r} for the audience {released.audience!r}",
                f"Write one of {', '.join(sorted(released.tables))}.",
            )
        )
    folder.mkdir(parents=True, exist_ok=True)
    frame = released.tables[table]
    path = folder / f"{'simulated-' if simulated else ''}{table}.{SUFFIX[form]}"
    credit = [*([SIMULATED] if simulated else []), *attributions(sources)]
    if form == "csv":
        path.write_text(to_csv(frame, hxl=hxl), encoding="utf-8", newline="")
    elif form == "geojson":
        path.write_text(to_geojson(frame, table, credit), encoding="utf-8", newline="")
    else:
        arrow = to_arrow(TABLES[table], frame)
        metadata = {**(arrow.schema.metadata or {}), b"attribution": json.dumps(credit, ensure_ascii=False).encode()}
        pq.write_table(arrow.replace_schema_metadata(metadata), path, compression="zstd", version="2.6")
    beside = path.with_name(f"{path.name}.LICENCES.txt")
    heading = f"{SIMULATED}\n\n" if simulated else ""
    beside.write_text(heading + _notice(released, table, sources), encoding="utf-8", newline="")
    return path, beside


def attributions(sources: Mapping[str, Source]) -> list[str]:
    """One line for each licence that the sources come under, in alphabetical order."""
    licences = {source.profile.licence for source in sources.values()}
    return sorted(f"{lic.attribution} ({lic.name}{', ' + lic.url if lic.url else ''})" for lic in licences)


def to_csv(frame: pl.DataFrame, *, hxl: bool = False) -> str:
    """UTF-8 text with a heading; times in UTC (RFC 3339), lists and their parts as JSON, shapes as hex WKB."""
    flat = frame.with_columns(
        [pl.Series(n, [_json(v) for v in frame[n].to_list()], dtype=pl.String) for n in _nested(frame)]
        + [pl.col(n).bin.encode("hex") for n, t in frame.schema.items() if t == pl.Binary]
        + [pl.col(n).dt.strftime(TIME_FORMAT) for n, t in frame.schema.items() if isinstance(t, pl.Datetime)]
    )
    text = flat.write_csv()
    if not hxl:
        return text
    heading, _, rows = text.partition("\n")
    return f"{heading}\n{','.join(HXL.get(name, '') for name in frame.columns)}\n{rows}"


def to_geojson(frame: pl.DataFrame, name: str, credit: list[str]) -> str:
    """A feature collection (RFC 7946), one feature a row, with the attributions as a foreign member."""
    shapes = _shapes(frame)
    columns = [n for n in frame.columns if n not in ("geometry", "lon", "lat")]
    features = [
        {"type": "Feature", "geometry": shape, "properties": {k: _plain(v) for k, v in row.items()}}
        for shape, row in zip(shapes, frame.select(columns).iter_rows(named=True), strict=True)
    ]
    collection = {"type": "FeatureCollection", "name": name, "attribution": credit, "features": features}
    return json.dumps(collection, ensure_ascii=False, allow_nan=False) + "\n"


def _shapes(frame: pl.DataFrame) -> list[Any]:
    found: list[Any] = [None] * frame.height
    if "lon" in frame.columns:
        found = [
            None if lon is None or lat is None else {"type": "Point", "coordinates": [lon, lat]}
            for lon, lat in frame.select("lon", "lat").iter_rows()
        ]
    if "geometry" in frame.columns:
        shapes = shapely.set_precision(shapely.from_wkb(frame["geometry"].to_list()), 1e-5)
        shapes = [None if s is None else shapely.orient_polygons(s) for s in shapes]
        own = [None if s is None or s.is_empty else json.loads(shapely.to_geojson(s)) for s in shapes]
        found = [mine or point for mine, point in zip(own, found, strict=True)]
    return found


def _nested(frame: pl.DataFrame) -> list[str]:
    return [name for name, dtype in frame.schema.items() if dtype.is_nested()]


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _plain(value: Any) -> Any:
    return value.strftime(TIME_FORMAT) if isinstance(value, datetime) else value


def _notice(released: Released, table: str, sources: Mapping[str, Source]) -> str:
    """Attributions, terms of use, and what was done to the table before it left."""
    lines = [f"Table {table}, audience {released.audience}, as of {released.as_of:{TIME_FORMAT}}.", ""]
    lines += ["Sources and licences:"]
    for source_id, source in sources.items():
        licence = source.profile.licence
        lines.append(f"- {source_id}: {source.profile.title}. {licence.attribution} ({licence.name})")
        lines += [f"  {licence.url}"] if licence.url else []
        if not licence.redistribute:
            kept = released.terms.closed_sources == "keep"
            lines.append(
                "  Not to be passed on: this file is for internal use."
                if kept
                else "  Its rows and texts are not in this file."
            )
    lines += ["", "Withheld or made coarser before release:"]
    log = released.log.filter(pl.col("table") == table).select("what", "count", "reason")
    lines += [f"- {what}: {count} ({reason})" for what, count, reason in log.iter_rows()] or ["- nothing"]
    return "\n".join(lines) + "\n"
