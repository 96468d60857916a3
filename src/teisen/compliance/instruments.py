"""Sources that changed and did not say so: what share of its usual reports each still makes, day by day.

A source that falls silent while its exposure says that it watches reads as calm. Whether it is the source or what
happens is told by the others (:mod:`teisen.compliance.level`). Where it is likelier the source, rates take its
detection to have fallen by as much as its reports did against what the others let expect.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen.compliance.level import OCTAVES, Followed
from teisen.compliance.lines import EVERYTHING, Lines

LIKELIER = 0.5
"""P(the source changed) above which it is taken to have (all else given: the likelier of two)."""
PRIOR_REPORTS = 1.0
"""Expected reports' worth of evidence that it reports as it did."""


def working(of: Lines, followed: Followed) -> pl.DataFrame:
    """Which groups of sources report less than they did, while as much happens.

    Args:
        of: lines; the one of everything is looked at.
        followed: their levels.

    Returns:
        ``group``, ``start`` (first moment of the day, UTC), ``end`` (when it is over), ``share`` of what it used to
        report, and ``p_off``; rows only where it is likelier than not that the source changed, and others tell. A group
        beside which no other looks at its regions is taken at its word: its silence and a calm look alike, and what
        others see elsewhere tells nothing of either.
    """
    moment = pl.Datetime("us", "UTC")
    schema = pl.Schema(
        {"group": pl.String(), "start": moment, "end": moment, "share": pl.Float64(), "p_off": pl.Float64()}
    )
    if EVERYTHING not in of.keys:
        return pl.DataFrame(schema=schema)
    line = of.keys.index(EVERYTHING)
    off = np.round(followed.smooth_off[line], 4)
    level = followed.smooth[line] @ np.exp2(OCTAVES)
    expected = of.effort[line] * followed.reference.mean[line] * level[:, None]
    rows = []
    for source, group in enumerate(of.groups):
        if not _told(of, source):
            continue
        for spell in _spells(off[:, source] > LIKELIER):
            seen = float(of.counts[line, spell, source].sum()) + PRIOR_REPORTS
            share = min(seen / (float(expected[spell, source].sum()) + PRIOR_REPORTS), 1.0)
            rows += [
                (group, of.starts[day], of.starts[day + 1], round(share, 4), float(off[day, source])) for day in spell
            ]
    return pl.DataFrame(rows, schema=schema, orient="row").sort("group", "start")


def _told(of: Lines, source: int) -> bool:
    """Whether another group looks where this one does."""
    others = np.ones(len(of.groups), dtype=np.bool_) if of.beside is None else of.beside[source]
    return bool(np.delete(others, source).any())


def _spells(on: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Runs of days on which something holds."""
    days = np.flatnonzero(on)
    return [spell for spell in np.split(days, np.flatnonzero(np.diff(days) > 1) + 1) if len(spell)]
