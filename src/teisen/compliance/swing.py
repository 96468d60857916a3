"""What an error in a source's figures does to what it sees.

The odds of the figure of a kind, c, may be off: its error is one of the source, not of its opportunity (passes, cloud,
hours, share of an area). P(detect) = opportunity x c then moves by 1 - c of itself for each unit of log odds, however
small the opportunity: a post that hears nine in ten can hardly hear more, also where it listens one hour in four.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from teisen.compliance.schema import DETECTION
from teisen.fusion.detection import detection as declared
from teisen.fusion.kinds import kind_names
from teisen.sources import Source

EVERY = "*"


def figures(sources: Mapping[str, Source] | None, detection: pl.DataFrame | None) -> pl.DataFrame:
    """``source_id``, ``kind``, ``figure``: P(detect) where there is every opportunity, of sources that state it.

    Args:
        sources: by id.
        detection: DETECTION; what was measured stands in place of what is declared
            (:func:`teisen.compliance.detection.recalibrated`).
    """
    stated = {name: source for name, source in sorted((sources or {}).items()) if source.profile.detection}
    rows = [
        (name, kind, float(figure))
        for name, source in stated.items()
        for kind, figure in zip(kind_names(), declared(source), strict=True)
        if figure > 0
    ]
    frame = pl.DataFrame(rows, schema={"source_id": pl.String, "kind": pl.String, "figure": pl.Float64}, orient="row")
    told = DETECTION.empty() if detection is None else detection
    measured = told.filter((pl.col("feature") == "kind") & (pl.col("basis") == "measured"))
    own = measured.select("source_id", "factor", kind="value")
    whole = measured.filter(pl.col("value") == EVERY).select("source_id", whole="factor")
    times = pl.coalesce("factor", "whole", pl.lit(1.0))
    return (
        frame.join(own, on=["source_id", "kind"], how="left", maintain_order="left")
        .join(whole, on="source_id", how="left", maintain_order="left")
        .select("source_id", "kind", figure=(pl.col("figure") * times).clip(0.0, 1.0))
    )


def swings(figure: pl.DataFrame, mix: Mapping[str, float]) -> pl.DataFrame:
    """``source_id`` and ``swing``: by what part P(detect) of a mix of kinds moves for each unit of log odds."""
    weights = pl.DataFrame({"kind": list(mix), "weight": list(mix.values())}, schema_overrides={"weight": pl.Float64})
    seen = pl.col("weight") * pl.col("figure")
    return (
        figure.join(weights, on="kind")
        .group_by("source_id", maintain_order=True)
        .agg(swing=1 - (seen * pl.col("figure")).sum() / seen.sum())
        .filter(pl.col("swing").is_not_nan())
        .with_columns(pl.col("swing").round(6))
        .sort("source_id")
    )
