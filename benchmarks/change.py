"""How soon changes are found, at a stated rate of false alarms, on lines of known truth.

    python benchmarks/change.py             prints the tables and rewrites docs/benchmarks.md
    python benchmarks/change.py fall        that table alone; so do ``return`` and ``watch``

Seeds are held out: the model's numbers were chosen on others. Rivals (``detectors.py``) get the threshold at which they
raise one false alarm a year and line on lines without change, taken from other seeds than those that are scored; PELT
runs on 4 years of calm and 12 lines, at one rate and level.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import numpy as np
from detectors import METHODS, alarm_days, threshold_for
from made_lines import AFTER, AT, MANY, MEANS, WARM, simulate, weekdays
from page import rewrite

from teisen.compliance.alarms import alarms
from teisen.compliance.level import follow
from teisen.geodesy import Floats

RATIOS = (0.5, 0.33, 0.12, 0.06)
LINES, CALM = 120, 60
"""Lines a row on which the change comes, and lines of a year without it, from which false alarms are counted."""
SCATTERED = "28 by each source, which scatter more"
KINDS: Mapping[str, tuple[tuple[float, ...], Mapping[str, float]]] = {
    **{name: (means, {}) for name, means in {**MEANS, **MANY}.items()},
    SCATTERED: (MANY["28 by each source"], {"own": 0.5, "shared": 0.4}),
}
"""What sources report on a day before, and how it scatters where that is not as on the others."""
SEEDS = {True: 1011, False: 1021}
"""Of the lines whose level falls, and of those on which it comes back."""


def delays(down: bool, seed: int) -> list[str]:
    """Days until the change is found, at one false alarm a year."""
    rows = []
    for name, (means, scatters) in KINDS.items():
        known: dict[str, Floats] = {}
        for ratio in RATIOS:
            level = np.ones((CALM, WARM + 365))
            changed = np.ones((LINES, WARM + AT + AFTER))
            if down:
                changed[:, WARM + AT :] = ratio
            else:
                level[:, WARM:] = ratio
                changed[:, WARM : WARM + AT] = ratio
            calm = simulate(np.random.default_rng(seed), level, means, **scatters)
            scored = simulate(np.random.default_rng(seed + 1), changed, means, **scatters)
            cells = []
            for method, make in METHODS.items():
                if method == "pelt" and (name != "14 a day" or ratio != 0.12):
                    cells.append("")
                    continue
                few = method == "pelt"
                if method not in known or not down or method == "cusum":
                    known[method] = make(down)(calm[: 4 if few else None], ratio)[:, WARM + 14 :]
                quiet = known[method]
                years = len(quiet) * quiet.shape[1] / 365
                at = 1.0 if method == "Teisen" else threshold_for(quiet, years)
                after = make(down)(scored[: 12 if few else None], ratio)[:, WARM + AT :]
                wait = [next((n + 1 for n, x in enumerate(row) if x >= at), 31) for row in after]
                within = np.mean([w <= 2 for w in wait])
                cells.append(f"{np.median(wait):.0f} ({np.quantile(wait, 0.9):.0f}), {within:.0%}")
                if method == "Teisen":
                    cells.append(f"{sum(map(len, alarm_days(quiet, at))) / years:.2f}")
            rows.append(f"| {name} | {ratio:g} | {' | '.join(cells)} |")
            print(rows[-1], flush=True)
    return rows


STANDS = (1.0, 0.5, 0.33, 0.12)
"""Levels at which lines stand for a year while the watch rings for nothing."""
WATCHED = 1041
"""Seed of those lines."""


def watched() -> list[str]:
    """Falls and returns a year that the watch calls on lines whose level stays where it went."""
    rows = []
    for name, (means, scatters) in KINDS.items():
        cells = []
        for stands in STANDS:
            level = np.ones((CALM, WARM + 365))
            level[:, WARM:] = stands
            counts = simulate(np.random.default_rng(WATCHED), level, means, **scatters)
            begins = np.full(CALM, WARM)
            rung = alarms(follow(counts, np.ones_like(counts), weekdays(counts.shape[1]), begins))
            years = CALM * (365 - 14) / 365
            each = [sum(a.what == what and a.found >= WARM + 14 for a in rung) / years for what in ("fall", "return")]
            cells.append(" + ".join(f"{n:.1f}" for n in each))
        rows.append(f"| {name} | {' | '.join(cells)} |")
        print(rows[-1], flush=True)
    return rows


def delay_tables(wanted: list[str]) -> None:
    head = [
        "| counts before | level | Teisen | its false alarms a year | cusum | mean of 3 days | pelt |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, down in (("fall", True), ("return", False)):
        if name in wanted:
            rewrite(f"change-{name}", [*head, *delays(down, SEEDS[down])])


def watch_table() -> None:
    head = ["| counts before | " + " | ".join(f"at {stands:g}" for stands in STANDS) + " |"]
    rewrite("change-watch", [*head, f"|---|{'---:|' * len(STANDS)}", *watched()])


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["fall", "return", "watch"]
    delay_tables(wanted)
    if "watch" in wanted:
        watch_table()
