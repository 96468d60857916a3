"""Rates by kind, and by the party to whom violations are attributed."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen.compliance.assess import in_words, rates_of
from teisen.compliance.basis import READING, Basis, both
from teisen.compliance.rates import Fit, fit
from teisen.compliance.schema import RATE_PART
from teisen.compliance.smoothing import Manner

PARTS = ("kind", "party")


def part_table(rests_on: Basis, fitted: Fit) -> pl.DataFrame:
    """RATE_PART: readings and areas in which something of a kind, or attributed to a party, was found, and all areas.

    Each kind and each party is smoothed apart, in the manner learned from all of the reading. A kind is measured
    against what could have been seen of it, a party against what could have been seen of anything. Rates of parts need
    not add up to that of the whole: quantiles don't.
    """
    unplaced = rests_on.unplaced()
    frames = [RATE_PART.empty()]
    for by in PARTS:
        for value, cells, seen, found in rests_on.parts(by):
            there = np.flatnonzero(cells.found.sum(axis=(0, 2)) > 0)
            if not len(there):
                continue
            part = rests_on.only(there)
            rated = rates_of(part, fit(cells.series(there), _manner(fitted, there)), unplaced[there])
            expected = both(found).group_by(*READING, "area_id", "day").agg(expected=pl.col("part").sum().round(4))
            found_in = both(found).select(*READING, "area_id").unique()
            table = (
                part.readings.join(seen, on=[*READING, "day"])
                .join(found_in, on=[*READING, "area_id"], how="semi")
                .join(expected, on=[*READING, "area_id", "day"], how="left")
                .with_columns(pl.col("expected").fill_null(0.0), by=pl.lit(by), value=pl.lit(value))
                .join(rests_on.days.select("day", "start", "end"), on="day")
                .join(rated, on=[*READING, "area_id", "day"])
            )
            frames.append(in_words(table).select(RATE_PART.schema.names()))
    return RATE_PART.hand_over(pl.concat(frames))


def unstated() -> pl.Expr:
    """Whether no source says how well it sees what the rows (RATE_PART) of a kind in a reading and area are of."""
    return (pl.col("by") == "kind").all() & pl.col("watched").is_null().all()


def _manner(fitted: Fit, series: NDArray[np.intp]) -> Manner:
    areas = fitted.cells.found.shape[2]
    return fitted.manner.columns((series[:, None] * areas + np.arange(areas)).ravel())
