"""The truth beside a simulated case, as `teisen simulate` writes it: what happened, and which row came from what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from teisen.errors import BadInput, Problem
from teisen.simulation import LINKS, TRUTH

OPTIONAL = ("set_off_by", "generation", "other_id", "copy_of")
"""Columns that a truth from elsewhere may lack."""


def read_truth(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Truth (TRUTH) and links (LINKS): empty where nothing is behind the row.

    Raises:
        BadInput: a file is missing, or is none of these.
    """
    return _read(folder / "truth.csv", dict(TRUTH.schema)), _read(folder / "links.csv", dict(LINKS))


def _read(path: Path, schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    do = "Name with --truth the folder `truth` that `teisen simulate` wrote."
    if not path.is_file():
        raise BadInput(Problem(str(path), 0, "", "there is no such file: the truth is not known here", do))
    text = {name: pl.String if isinstance(dtype, pl.Datetime) else dtype for name, dtype in schema.items()}
    try:
        frame = pl.read_csv(path, schema_overrides=text)
        absent = [name for name in schema if name not in frame.columns]
        if missing := [name for name in absent if name not in OPTIONAL]:
            raise BadInput(Problem(str(path), 1, ", ".join(missing), "the heading lacks it", do))
        frame = frame.with_columns(pl.lit(None, text[name]).alias(name) for name in absent)
        return frame.select(
            pl.col(name).str.to_datetime(time_zone="UTC", time_unit="us")
            if isinstance(dtype, pl.Datetime)
            else pl.col(name).cast(dtype)
            for name, dtype in schema.items()
        )
    except pl.exceptions.PolarsError as error:
        what = f"not readable: {str(error).splitlines()[0][:200]}"
        raise BadInput(Problem(str(path), 0, "", what, do)) from None


def links_of(observations: pl.DataFrame, links: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """``observation_id``, ``truth_id``, ``other_id`` of OBSERVATION rows; ``names``: name of each file by its SHA-256.

    Folders in names do not count.
    """
    bare = {blob: name.rsplit("/", 1)[-1] for blob, name in names.items()}
    told = observations.select("observation_id", "row", file=pl.col("blob").replace_strict(bare, default=None))
    return (
        told.join(links.with_columns(pl.col("file").str.replace(r"^.*/", "")), on=["file", "row"])
        .select("observation_id", "truth_id", "other_id")
        .with_columns(pl.col("truth_id", "other_id").fill_null(""))
    )
