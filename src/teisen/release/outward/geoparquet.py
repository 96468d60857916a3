"""A released table as GeoParquet 1.1 (geoparquet.org): WKB in CRS84 with its extent, attributions in the metadata."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

import polars as pl
import pyarrow.parquet as pq

from teisen.parquet import to_arrow
from teisen.release.tables import TABLES


def geoparquet(frame: pl.DataFrame, table: str, credit: Sequence[str]) -> bytes:
    """The bytes of a Parquet file; with ``geo`` metadata where the table has places.

    Args:
        frame: the released table.
        table: its name, one of :data:`~teisen.release.tables.TABLES`.
        credit: attributions, and what else has to stand beside the rows.
    """
    arrow = to_arrow(TABLES[table], frame)
    metadata = {**(arrow.schema.metadata or {}), b"attribution": json.dumps([*credit], ensure_ascii=False).encode()}
    out = io.BytesIO()
    pq.write_table(arrow.replace_schema_metadata(metadata), out, compression="zstd", version="2.6")
    return out.getvalue()
