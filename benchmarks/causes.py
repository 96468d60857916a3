"""What a fall is put down to: changes of what happens told from changes of what could be seen, on lines of known truth.

    python benchmarks/causes.py             prints the tables and rewrites docs/benchmarks.md

Seeds are held out: the model's numbers were chosen on others.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from made_lines import AFTER, AT, LINES, MEANS, WARM, simulate, weekdays
from page import rewrite

from teisen.compliance.change import changes
from teisen.compliance.lines import Lines
from teisen.compliance.verdict import verdict
from teisen.geodesy import Floats

DAY0 = datetime(2021, 1, 1, tzinfo=UTC)
BEGINS = WARM + AT
TOLD_FROM = 14
"""Days before the change from which on a fall may be dated and count as its own: low days before may be taken along."""
SETTLED = 7
"""Days after the change before words of days are counted."""
SEED = 1031
SCENARIOS = {
    "nothing": "none",
    "one source of three falls silent": "source",
    "one source reports a third of what it did": "third",
    "one source is cut off, and says so": "outage",
    "clouds come over one source, and it says so": "cloud",
    "access shrinks to 15 %, and it is stated": "access",
    "the only source falls silent": "alone",
    "two sources of three fall silent": "two",
    "all sources lose 88 % alike, unstated": "all",
    "a truce: 12 % of before": "truce",
    "a truce, and one source falls silent": "truce, one source fails",
}


def of_lines(counts: Floats, effort: Floats, begins: int | None = None) -> Lines:
    """Lines under a name each, of a reading that is in force from a day on (none: never)."""
    n, days, sources = counts.shape
    starts = tuple(DAY0 + timedelta(days=d) for d in range(days + 1))
    keys = tuple((f"line-{i:04d}", "", "whole") for i in range(n))
    share = np.zeros((n, days))
    share[:, days if begins is None else begins :] = 1.0
    return Lines(keys, starts, tuple("abcdef"[:sources]), counts, effort, share, weekdays(days))


def drawn(rng: np.random.Generator, change: str, means: tuple[float, ...]) -> tuple[Floats, Floats]:
    """Counts and stated effort of lines on which the change comes."""
    level = np.ones((LINES, BEGINS + AFTER))
    after = slice(BEGINS, None)
    if change.startswith("truce"):
        level[:, after] = 0.12
    counts = simulate(rng, level, means)
    effort = np.ones_like(counts)
    match change:
        case "source" | "truce, one source fails":
            counts[:, after, 0] = 0.0
        case "third":
            counts[:, after, 0] = rng.binomial(counts[:, after, 0].astype(int), 0.33)
        case "access":
            effort[:, after] = 0.15
            counts[:, after] = rng.binomial(counts[:, after].astype(int), 0.15)
        case "cloud":
            effort[:, after, 0] = np.clip(rng.beta(1.2, 4.0, size=effort[:, after, 0].shape), 0.02, 1)
            counts[:, after, 0] = rng.binomial(counts[:, after, 0].astype(int), effort[:, after, 0])
        case "outage":
            effort[:, after, 0] = 0.0
            counts[:, after, 0] = 0.0
        case "alone":
            counts, effort = counts[:, :, :1].copy(), effort[:, :, :1]
            counts[:, after] = 0.0
        case "two":
            counts[:, after, :2] = 0.0
        case "all":
            counts[:, after] = rng.binomial(counts[:, after].astype(int), 0.12)
    return counts, effort


def told(counts: Floats, effort: Floats) -> list[str]:
    """Cells: share of lines with a fall of each word, without any, how far off falls are dated; and words of days."""
    found = changes(of_lines(counts, effort)).with_columns(off=(pl.col("start") - DAY0).dt.total_days() - BEGINS)
    found = found.filter((pl.col("what") == "fall") & (pl.col("off") >= -TOLD_FROM))
    lines = {word: of["agreement_id"].n_unique() for (word,), of in found.group_by("word")}
    words = ("behaviour", "instrument", "access", "cannot_tell", "scatter")
    quiet = LINES - found["agreement_id"].n_unique()
    nearest = found.group_by("agreement_id").agg(pl.col("off").abs().min())["off"]
    off = f"{nearest.median():.0f} ({nearest.quantile(0.9):.0f})" if len(nearest) > LINES / 2 else ""
    said = verdict(of_lines(counts, effort, BEGINS)).filter(pl.col("start") >= DAY0 + timedelta(days=BEGINS + SETTLED))
    days = [f"{(said['word'] == word).mean():.0%}" for word in ("holding", "collapsed", "cannot_tell")]
    return [*(f"{n / LINES:.0%}" for n in (*(lines.get(w, 0) for w in words), quiet)), off, *days]


def tables() -> None:
    """Scenarios in which nothing changed but what could be seen, and those in which something did."""
    columns = "behaviour instrument access cannot_tell scatter no_row dated_off_by days_holding collapsed cannot_tell"
    heads = ["what happens on the day", *(word.replace("_", " ") for word in columns.split())]
    head = [f"| {' | '.join(heads)} |", f"|---|{'---:|' * (len(heads) - 1)}"]
    for name, mark in (("14 a day", "change-rivals"), ("3.5 a day", "change-rivals-few")):
        rng = np.random.default_rng(SEED)
        rows = []
        for says, change in SCENARIOS.items():
            rows.append(f"| {says} | {' | '.join(told(*drawn(rng, change, MEANS[name])))} |")
            print(rows[-1], flush=True)
        rewrite(mark, [*head, *rows])


if __name__ == "__main__":
    tables()
