"""Tables to Parquet and back, the same bytes for the same rows; with a place column they are GeoParquet.

GeoParquet 1.1: column ``geometry`` in WKB, CRS84 by default, described under the file's ``geo`` key.
"""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from teisen.tables import Table

GEOPARQUET_VERSION = "1.1.0"


def write(table: Table, frame: pl.DataFrame, path: Path) -> None:
    """Write ``frame`` to ``path``; a table with ``lon`` and ``lat`` and no geometry of its own gets points.

    The bytes depend on the rows, the declared table and the Arrow version alone.
    """
    arrow = to_arrow(table, frame)
    pq.write_table(
        arrow,
        path,
        compression="zstd",
        version="2.6",
        data_page_version="1.0",
        store_schema=True,
        write_statistics=True,
        row_group_size=1 << 20,
    )


def to_arrow(table: Table, frame: pl.DataFrame) -> pa.Table:
    """The Arrow table of ``frame``, with column meanings and GeoParquet metadata on its schema."""
    frame = table.check(frame)
    if "lon" in frame.columns:
        lon, lat = frame["lon"].to_numpy(), frame["lat"].to_numpy()
        points = shapely.to_wkb(shapely.points(lon, lat), byte_order=1)
        given = frame["lon"].is_not_null().to_list()
        cells = [point if has else None for point, has in zip(points, given, strict=True)]
        point = pl.Series("geometry", cells, dtype=pl.Binary)
        if "geometry" in frame.columns:
            point = pl.select(pl.coalesce(frame["geometry"], point)).to_series().alias("geometry")
        frame = frame.with_columns(point)
    arrow = frame.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    docs = {column.name: column.doc for column in table.columns} | {"geometry": "place, WKB, WGS84"}
    fields = [field.with_metadata({"doc": docs[field.name]}) for field in arrow.schema]
    metadata = {"teisen_table": table.name, "doc": table.doc}
    if "geometry" in frame.columns:
        metadata["geo"] = json.dumps(_geo(frame), sort_keys=True)
    return arrow.cast(pa.schema(fields, metadata=metadata))


def _geo(frame: pl.DataFrame) -> dict[str, object]:
    shapes = shapely.from_wkb(frame["geometry"].drop_nulls().to_list())
    types = sorted({str(shape.geom_type) for shape in shapes})
    column: dict[str, object] = {"encoding": "WKB", "geometry_types": types}
    if len(shapes):
        column["bbox"] = [round(float(value), 5) for value in shapely.total_bounds(shapes)]
    return {"version": GEOPARQUET_VERSION, "primary_column": "geometry", "columns": {"geometry": column}}


def read(table: Table, path: Path) -> pl.DataFrame:
    """Read a file that :func:`write` wrote back into the declared table."""
    arrow = pq.read_table(path, columns=[column.name for column in table.columns])
    frame = pl.DataFrame(pl.from_arrow(arrow))
    return table.check(frame.cast(table.schema))
