"""How long changes and weeks take on a line of 2,000 km: five years of days, ten kinds.

    python benchmarks/change_speed.py       prints the table and rewrites docs/benchmarks.md

The line of everything and ten more, one a kind, watched by four groups of sources, are followed (``follow``), told of
their changes (``change``) and answered day by day (``verdict``). Weeks and courses are drawn for the ten kinds in 25
regions. The daily update is of the newest 90 days: lines with the twelve weeks before as reference, weeks from the
state in which a whole fit left the day before. Rates by sector of 10 km: ``python benchmarks/rates.py speed``. Seconds
are those of processors.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any, TypeVar

import numpy as np
from made_lines import WARM, simulate, weekdays
from page import rewrite
from rates import FIVE_YEARS, KINDS, NEWEST, large

from teisen.compliance.change import changes
from teisen.compliance.course import paths
from teisen.compliance.level import Followed, follow
from teisen.compliance.lines import EVERYTHING, Lines
from teisen.compliance.rates import Fit, fit, update
from teisen.compliance.verdict import verdict
from teisen.geodesy import Floats

Result = TypeVar("Result")
REGIONS = 25
MEANS = (8.0, 4.0, 2.0, 1.0)
DAY0 = datetime(2021, 1, 1, tzinfo=UTC)


def of_lines(counts: Floats, first: int) -> Lines:
    """The newest days of lines, from ``first`` on, of readings that begin with the newest 90."""
    newest = counts[:, first:]
    n, days, sources = newest.shape
    share = np.zeros((n, days))
    share[1:, -NEWEST:] = 1.0
    starts = tuple(DAY0 + timedelta(days=first + d) for d in range(days + 1))
    keys = (EVERYTHING, *((f"kind-{i}", "", "whole") for i in range(n - 1)))
    weekday = weekdays(counts.shape[1])[first:]
    return Lines(
        keys, starts, tuple("abcdef"[:sources]), counts[:, first:], np.ones((n, days, sources)), share, weekday
    )


def taken(work: Callable[..., Result], *given: Any) -> tuple[float, Result]:
    """Seconds of processors that ``work`` takes with what it is given, and what it gives."""
    begun = process_time()
    done = work(*given)
    return process_time() - begun, done


def followed(of: Lines) -> Followed:
    return follow(of.counts, of.effort, of.weekday, of.begins)


def courses(fitted: Fit, days: int) -> list[Floats]:
    """Log rates drawn for every kind over so many days, (draws, days, areas) each."""
    return [paths(fitted, kind, np.arange(days)) for kind in range(KINDS)]


def table() -> list[str]:
    counts = simulate(np.random.default_rng(5), np.ones((1 + KINDS, FIVE_YEARS)), MEANS)
    whole, newest = of_lines(counts, 0), of_lines(counts, FIVE_YEARS - NEWEST - WARM)
    rows, last = [], []
    for name, of in (("whole", whole), ("daily update", newest)):
        follows, levels = taken(followed, of)
        tells, _ = taken(changes, of, levels)
        answers, answer = taken(verdict, of)
        last.append(answer.filter(start=whole.starts[-2])["p_holding"].to_numpy())
        rows.append([name, follows, tells, answers])
    cells = large(REGIONS)
    fitted = fit(cells)
    done = update(cells.since(FIVE_YEARS - NEWEST), fitted.manner, fitted.before(FIVE_YEARS - NEWEST))
    for row, one, days in ((rows[0], fitted, FIVE_YEARS), (rows[1], done, NEWEST)):
        row.append(taken(courses, one, days)[0])
    print("P(holding) of the last day differs by at most", np.abs(last[0] - last[1]).max())
    head = ["| | follow s | change s | verdict s | weeks s | in all s |", "|---|---:|---:|---:|---:|---:|"]
    return [*head, *(f"| {name} | {' | '.join(f'{s:.1f}' for s in (*spent, sum(spent)))} |" for name, *spent in rows)]


if __name__ == "__main__":
    rewrite("change-speed", table())
