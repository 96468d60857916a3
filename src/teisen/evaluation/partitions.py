"""How well one partition of reports, into incidents as fused, agrees with another, into true incidents."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Agreement:
    """Precision and recall of a partition, and how many things they are shares of (0: nothing to measure)."""

    precision: float
    recall: float
    n: int

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def pairwise(reports: pl.DataFrame) -> Agreement:
    """Over pairs of reports: of those put together the share that is, and of those that are together the share put so.

    Args:
        reports: ``incident`` as fused and ``truth``; a report of nothing true is together with no other.
    """
    true = reports.drop_nulls("truth")
    put, are, both = _pairs(reports, "incident"), _pairs(true, "truth"), _pairs(true, "incident", "truth")
    return Agreement(both / put if put else 1.0, both / are if are else 1.0, are)


def _pairs(reports: pl.DataFrame, *by: str) -> int:
    size = pl.col("len").cast(pl.Int64)
    return int(reports.group_by(by).len().select((size * (size - 1) // 2).sum()).item() or 0)


def b_cubed(reports: pl.DataFrame) -> Agreement:
    """Mean over reports of the share of its incident that is of its truth, and of its truth that is in its incident.

    Bagga and Baldwin, "Entity-based cross-document coreferencing using the vector space model", 1998. Unlike pairs, a
    large incident weighs no more than its reports.
    """
    if reports.is_empty():
        return Agreement(1.0, 1.0, 0)
    alone = pl.format("alone-{}", pl.int_range(pl.len()))
    rows = reports.with_columns(truth=pl.coalesce("truth", alone))
    both = pl.len().over("incident", "truth").cast(pl.Float64)
    precision, recall = rows.select(
        p=(both / pl.len().over("incident")).mean(), r=(both / pl.len().over("truth")).mean()
    ).row(0)
    return Agreement(precision, recall, rows.height)
