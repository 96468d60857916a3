"""The truth beside a simulated case, as `teisen simulate` writes it: what happened, and which row came from what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from teisen.errors import BadInput, Problem
from teisen.simulation import TRUTH

LINKS = {"file": pl.String, "row": pl.Int64, "truth_id": pl.String}


def read_truth(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Truth (TRUTH) and links (``file``, ``row``, ``truth_id``: empty where nothing true is behind the row).

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
        missing = [name for name in schema if name not in frame.columns]
        if missing:
            raise BadInput(Problem(str(path), 1, ", ".join(missing), "the heading lacks it", do))
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
    """``observation_id`` and ``truth_id`` of OBSERVATION rows; ``names`` gives the name of each file by its SHA-256.

    Folders in names do not count.
    """
    bare = {blob: name.rsplit("/", 1)[-1] for blob, name in names.items()}
    told = observations.select("observation_id", "row", file=pl.col("blob").replace_strict(bare, default=None))
    return (
        told.join(links.with_columns(pl.col("file").str.replace(r"^.*/", "")), on=["file", "row"])
        .select("observation_id", "truth_id")
        .with_columns(pl.col("truth_id").fill_null(""))
    )
