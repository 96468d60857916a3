"""Stated probabilities against how often they were right: a reliability table, and the expected calibration error."""

from __future__ import annotations

import polars as pl

from teisen.evaluation.schema import CALIBRATION

BINS = 10


def reliability(probability: str, stated: pl.Series, right: pl.Series) -> pl.DataFrame:
    """Rows of CALIBRATION: ten bins of equal width; those without a probability are left out."""
    frame = pl.DataFrame({"p": stated.cast(pl.Float64), "right": right.cast(pl.Float64)}).with_columns(
        bin=(pl.col("p") * BINS).floor().clip(0, BINS - 1)
    )
    rows = (
        frame.group_by("bin")
        .agg(n=pl.len().cast(pl.Int64), stated=pl.col("p").mean(), true=pl.col("right").mean())
        .with_columns(probability=pl.lit(probability), low=pl.col("bin") / BINS, high=(pl.col("bin") + 1) / BINS)
    )
    return CALIBRATION.check(rows.drop("bin"))


def expected_error(rows: pl.DataFrame) -> tuple[float | None, int]:
    """Expected calibration error of rows of one probability, and how many probabilities it is over.

    Mean absolute difference of stated and true by bin, weighed by the number in it (Naeini et al., "Obtaining well
    calibrated probabilities using Bayesian binning", 2015).
    """
    n = int(rows["n"].sum())
    if not n:
        return None, 0
    return float((rows["n"] * (rows["stated"] - rows["true"]).abs()).sum()) / n, n
