"""A released table as CSV: flat text that anything reads."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def to_csv(frame: pl.DataFrame) -> str:
    """UTF-8 text with a heading; times in UTC (RFC 3339), lists and their parts as JSON, shapes as hex WKB."""
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    return frame.with_columns(
        [pl.Series(n, [_json(v) for v in frame[n].to_list()], dtype=pl.String) for n in nested]
        + [pl.col(n).bin.encode("hex") for n, t in frame.schema.items() if t == pl.Binary]
        + [pl.col(n).dt.strftime(TIME_FORMAT) for n, t in frame.schema.items() if isinstance(t, pl.Datetime)]
    ).write_csv()


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
