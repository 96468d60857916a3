"""Copies: the same text of one group of sources at one place within two days is one report."""

from __future__ import annotations

import numpy as np
import polars as pl

from teisen.fusion.near import Ints
from teisen.fusion.reports import Reports

APART_S = 2 * 86_400.0
"""The same text more than this after its first appearance is a new report (assumed)."""


def originals(reports: Reports) -> Ints:
    """Index of the report that each is a copy of, shape (n,); its own where it is none.

    The original is the earliest; of those that start together, the one with the smallest id.
    """
    lead = np.arange(len(reports))
    key = ["group", "native_id", "lon", "lat", "area_id"]
    text = reports.frame["native_id"]
    at = np.flatnonzero((text.is_duplicated() & text.is_not_null()).to_numpy())
    if not at.size:
        return lead
    texts = reports.frame.select(key)[at].with_columns(at=pl.Series(at), start=pl.Series(reports.start[at]))
    left = texts.filter(pl.struct(key).is_duplicated()).sort("start", "at")
    while left.height:
        first = left.group_by(key).agg(pl.col("at").first().alias("lead"), pl.col("start").first().alias("from"))
        left = left.join(first, on=key, nulls_equal=True, maintain_order="left")
        taken = left.filter(pl.col("start") - pl.col("from") <= APART_S)
        lead[taken["at"].to_numpy()] = taken["lead"].to_numpy()
        left = left.filter(pl.col("start") - pl.col("from") > APART_S).drop("lead", "from")
    return lead
