"""Released tables and what is made of them as files, each with the attributions of its sources beside it.

The bytes depend on the released tables, the sources' licences and the code alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl
import shapely

from teisen.agreement import Agreement
from teisen.errors import BadInput, Problem
from teisen.release.csv_text import TIME_FORMAT, to_csv
from teisen.release.outward import SIMULATED, atom, attributions, cap, geoparquet, hxl_csv, ical, notable
from teisen.release.redaction import Released
from teisen.release.report.context import ReportContext
from teisen.sources import Source

Format = Literal["csv", "geojson", "geoparquet"]
"""Forms of a table."""
Publication = Literal["atom", "cap", "ical"]
"""Forms of the case as a whole: a feed of incidents, safety notices, and a calendar."""
SUFFIX: Mapping[str, str] = {"csv": "csv", "geojson": "geojson", "geoparquet": "parquet"}


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
    path = folder / f"{'simulated-' if simulated else ''}{table}.{SUFFIX[form]}"
    content = table_bytes(released, table, form, sources, hxl=hxl, simulated=simulated)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path, _beside(path, _notice(released, f"Table {table}", {table}, sources), simulated=simulated)


def table_bytes(
    released: Released,
    table: str,
    form: Format,
    sources: Mapping[str, Source],
    *,
    hxl: bool = False,
    simulated: bool = False,
) -> bytes:
    """One released table as the bytes of a file; arguments and refusals as those of :func:`export`."""
    if table not in released.tables:
        what = f"there is no table {table!r} for the audience {released.audience!r}"
        raise BadInput(Problem(table, 0, "", what, f"Write one of {', '.join(sorted(released.tables))}."))
    frame = released.tables[table]
    credit = [*([SIMULATED] if simulated else []), *attributions(sources)]
    match form:
        case "csv":
            return (hxl_csv(frame) if hxl else to_csv(frame)).encode()
        case "geojson":
            return to_geojson(frame, table, credit).encode()
        case "geoparquet":
            return geoparquet(frame, table, credit)


def publish(
    released: Released, about: ReportContext, agreements: Sequence[Agreement], form: Publication, folder: Path
) -> tuple[list[Path], Path]:
    """Write the case in one of :data:`Publication` into ``folder``; return the files and that of attributions.

    Args:
        released: what the audience may have.
        about: the case, its sources and the language; the caller speaks it (:func:`teisen.languages.speaking`).
        agreements: of the case, for the calendar.
        form: a feed and a calendar are one file; of notices there is one an incident.
        folder: made if absent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    prefix = "simulated-" if about.simulated else ""
    match form:
        case "atom":
            made = {f"{prefix}incidents.atom": atom(released, about)}
        case "ical":
            made = {f"{prefix}terms.ics": ical(released, about, agreements)}
        case "cap":
            made = {f"{prefix}{one}.cap.xml": cap(released, about, one) for one in notable(released)}
    for name, content in made.items():
        (folder / name).write_bytes(content)
    beside = folder / f"{prefix}{form}"
    notice = _notice(released, form, {"incident"}, about.sources)
    return [folder / name for name in made], _beside(beside, notice, simulated=about.simulated)


def _beside(path: Path, notice: str, *, simulated: bool) -> Path:
    beside = path.with_name(f"{path.name}.LICENCES.txt")
    heading = f"{SIMULATED}\n\n" if simulated else ""
    beside.write_text(heading + notice, encoding="utf-8", newline="")
    return beside


def to_geojson(frame: pl.DataFrame, name: str, credit: list[str]) -> str:
    """A feature collection (RFC 7946), one feature a row, with the attributions as a foreign member."""
    found = shapes(frame)
    columns = [n for n in frame.columns if n not in ("geometry", "lon", "lat")]
    features = [
        {"type": "Feature", "geometry": shape, "properties": {k: _plain(v) for k, v in row.items()}}
        for shape, row in zip(found, frame.select(columns).iter_rows(named=True), strict=True)
    ]
    collection = {"type": "FeatureCollection", "name": name, "attribution": credit, "features": features}
    return json.dumps(collection, ensure_ascii=False, allow_nan=False) + "\n"


def shapes(frame: pl.DataFrame) -> list[Any]:
    """The geometry of each row as GeoJSON has it: its own shape, else its point, else none."""
    found: list[Any] = [None] * frame.height
    if "lon" in frame.columns:
        found = [
            None if lon is None or lat is None else {"type": "Point", "coordinates": [lon, lat]}
            for lon, lat in frame.select("lon", "lat").iter_rows()
        ]
    if "geometry" in frame.columns:
        fine = shapely.set_precision(shapely.from_wkb(frame["geometry"].to_list()), 1e-5)
        turned = [None if s is None else shapely.orient_polygons(s) for s in fine]
        own = [None if s is None or s.is_empty else json.loads(shapely.to_geojson(s)) for s in turned]
        found = [mine or point for mine, point in zip(own, found, strict=True)]
    return found


def _plain(value: Any) -> Any:
    return value.strftime(TIME_FORMAT) if isinstance(value, datetime) else value


def _notice(released: Released, what: str, tables: set[str], sources: Mapping[str, Source]) -> str:
    """Attributions, terms of use, and what was done to the tables before they left."""
    lines = [f"{what}, audience {released.audience}, as of {released.as_of:{TIME_FORMAT}}.", ""]
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
    log = released.log.filter(pl.col("table").is_in(sorted(tables))).select("what", "count", "reason")
    lines += [f"- {done}: {count} ({reason})" for done, count, reason in log.iter_rows()] or ["- nothing"]
    return "\n".join(lines) + "\n"
