"""A stretch of time, and what meets it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from teisen.fusion.near import Ints
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats

Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Span:
    """A stretch of time, seconds; empty where ``end`` is before ``start``."""

    start: float = np.inf
    end: float = -np.inf

    def over(self, start: Floats, end: Floats) -> Span:
        """The shortest that holds this one and all of these intervals."""
        return Span(min(self.start, start.min(initial=np.inf)), max(self.end, end.max(initial=-np.inf)))

    def over_reports(self, reports: Reports, which: Ints | Flags) -> Span:
        """The same with the times of some reports."""
        return self.over(reports.since[which], reports.end[which])

    def meets(self, start: Floats, end: Floats) -> Flags:
        """Which intervals share time with it or touch it."""
        return np.asarray((start <= self.end) & (end >= self.start))

    def holds(self, start: Floats, end: Floats) -> Flags:
        """Which intervals lie in it."""
        return np.asarray((start >= self.start) & (end <= self.end))

    def without(self, start: Floats, end: Floats, middle: float) -> Span:
        """What is left of it about ``middle`` when these intervals are cut off, each with all that lies beyond it."""
        before = (start + end) / 2 < middle
        return Span(
            max(self.start, end[before].max(initial=-np.inf)), min(self.end, start[~before].min(initial=np.inf))
        )


def meeting(exposure: pl.DataFrame, span: Span) -> pl.DataFrame:
    """Rows of exposure (EXPOSURE) that meet ``span``."""
    start, end = (exposure[name].dt.epoch("us").to_numpy() / 1e6 for name in ("start", "end"))
    return exposure.filter(pl.Series(span.meets(start, np.maximum(end, start + 1.0)), dtype=pl.Boolean))
