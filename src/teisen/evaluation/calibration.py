"""Stated probabilities against how often they were right: a reliability table, and the expected calibration error."""

from __future__ import annotations

import math

import polars as pl

from teisen.evaluation.schema import CALIBRATION

BINS = 10


def reliability(probability: str, stated: pl.Series, right: pl.Series, of: pl.Series | None = None) -> pl.DataFrame:
    """Rows of CALIBRATION: ten bins of equal width; those without a probability are left out.

    Were each probability right, stated and true would yet differ by chance. Of one incident at most one is right, with
    the sum q of those in a bin, so the difference of sums has the variance of all q (1 - q) together, and as it is near
    normal the mean of its size is the root of that times the root of 2 / pi.

    Args:
        of: the incident that each is of; None: each is of its own.
    """
    own = pl.arange(0, len(stated), eager=True)
    frame = pl.DataFrame(
        {"p": stated.cast(pl.Float64), "right": right.cast(pl.Float64), "of": own if of is None else of}
    )
    frame = frame.with_columns(bin=(pl.col("p") * BINS).floor().clip(0, BINS - 1))
    chance = frame.group_by("bin", "of").agg(q=pl.col("p").sum().clip(0, 1))
    varies = chance.group_by("bin").agg(varies=(pl.col("q") * (1 - pl.col("q"))).sort().sum())
    rows = (
        frame.group_by("bin")
        .agg(n=pl.len().cast(pl.Int64), stated=pl.col("p").mean(), true=pl.col("right").mean())
        .join(varies, on="bin")
        .with_columns(
            probability=pl.lit(probability),
            low=pl.col("bin") / BINS,
            high=(pl.col("bin") + 1) / BINS,
            by_chance=(2 / math.pi * pl.col("varies")).sqrt() / pl.col("n"),
        )
    )
    return CALIBRATION.check(rows.drop("bin", "varies"))


def expected_error(rows: pl.DataFrame) -> tuple[float | None, float | None, int]:
    """Expected calibration error of rows of one probability, that which chance makes, and how many these are over.

    Mean absolute difference of stated and true by bin, weighed by the number in it (Naeini et al., "Obtaining well
    calibrated probabilities using Bayesian binning", 2015).
    """
    n = int(rows["n"].sum())
    if not n:
        return None, None, 0
    error = float((rows["n"] * (rows["stated"] - rows["true"]).abs()).sum()) / n
    return error, float((rows["n"] * rows["by_chance"]).sum()) / n, n
