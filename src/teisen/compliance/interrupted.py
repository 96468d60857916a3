"""What changed at a stated date: an interrupted time series with effort, weekly rhythm and controls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen.compliance.change_schema import INTERRUPTION
from teisen.compliance.lines import EVERYTHING, Lines
from teisen.geodesy import Floats

LAGS = 7
"""Days over which neighbouring residuals are taken to hang together (Newey and West 1987)."""
LEAST_DAYS, LEAST_COUNT = 7, 5.0
"""Days on either side, and acts in all, below which nothing is estimated (assumed)."""
LEFT_OUT = 0.2
"""Share of all that is reported that a reading has to leave out for the rest to be a control (assumed)."""
SEASONS = 425
"""Days of a case from which on the season is a control: fourteen months, so that a step is not taken for one."""
Z90 = 1.6449
RIDGE = 1e-3
"""Weak pull of coefficients to none, so that a weekday that never came has one."""


@dataclass(frozen=True)
class Interruption:
    """Ratio of counts after over before, with its 5 % and 95 % bounds."""

    ratio_low: float
    ratio: float
    ratio_high: float


def interruption(
    counts: Floats,
    effort: Floats,
    after: NDArray[np.bool_],
    weekday: NDArray[np.int64],
    controls: Floats | None = None,
) -> Interruption | None:
    """The step at a date, by a log-linear model of counts with log effort as offset.

    Args:
        counts: by day.
        effort: by day; days without effort are left out.
        after: days on the far side of the date.
        weekday: of each day.
        controls: days by series that the change should not touch (other kinds, other sectors, cloud); each enters as
            the log of one plus it, about its mean.

    Quasi-Poisson by iterated weighted least squares; errors by Newey and West, so that scatter and a week's memory are
    in the bounds. None where either side has less than a week, or hardly anything was counted.
    """
    used = effort > 0
    if min((used & after).sum(), (used & ~after).sum()) < LEAST_DAYS or counts[used].sum() < LEAST_COUNT:
        return None
    columns = [np.ones(len(counts)), after.astype(float)]
    if used.sum() >= 28:
        columns += [(weekday == d).astype(float) - 1 / 7 for d in range(1, 7)]
    for series in () if controls is None else controls.T:
        logged = np.log1p(series)
        spread = logged[used].std()
        if spread > 0:
            columns.append((logged - logged[used].mean()) / spread)
    x, y, offset = np.stack(columns, axis=1)[used], counts[used], np.log(effort[used])
    beta = np.zeros(x.shape[1])
    beta[0] = np.log((y.sum() + 0.5) / np.exp(offset).sum())
    pull = np.diag([0.0, *[RIDGE] * (x.shape[1] - 1)])
    for _ in range(50):
        mean = np.exp(np.clip(x @ beta + offset, -20, 20))
        score = x.T @ (y - mean) - pull @ beta
        step = np.linalg.solve(x.T @ (x * mean[:, None]) + pull + 1e-9 * np.eye(len(beta)), score)
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    mean = np.exp(np.clip(x @ beta + offset, -20, 20))
    bread = np.linalg.inv(x.T @ (x * mean[:, None]) + pull + 1e-9 * np.eye(len(beta)))
    error = x * (y - mean)[:, None]
    meat = error.T @ error
    for lag in range(1, LAGS + 1):
        both = error[lag:].T @ error[:-lag]
        meat += (1 - lag / (LAGS + 1)) * (both + both.T)
    dispersion = max(float(((y - mean) ** 2 / np.maximum(mean, 1e-9)).sum() / max(len(y) - len(beta), 1)), 1.0)
    spread = np.sqrt(max(float((bread @ meat @ bread)[1, 1]), float(bread[1, 1]) * dispersion))
    low, middle, high = (float(np.exp(beta[1] + z * spread)) for z in (-Z90, 0.0, Z90))
    return Interruption(low, middle, high)


def interruptions(of: Lines, cloud: Floats | None = None) -> pl.DataFrame:
    """The step at the beginning of every reading (INTERRUPTION), of its own acts.

    Controls, each where it is known and varies: sources that the reading does not concern; what the others reported
    that it leaves out, elsewhere or of other kinds (a reading of everything leaves nothing out); cloud, as far as
    stated effort does not tell it; the season, from fourteen months on. A fall that its controls share is no effect of
    the reading.

    Args:
        of: lines.
        cloud: mean cloud of each day, 0 to 1 (NaN: unknown).
    """
    rows: list[dict[str, object]] = []
    every = of.counts[of.keys.index(EVERYTHING)] if EVERYTHING in of.keys else np.zeros_like(of.counts[0])
    for line, key in enumerate(of.keys):
        begins = int(of.begins[line])
        if key == EVERYTHING or begins == 0 or begins >= len(of.weekday):
            continue
        on = of.share[line] > 0
        near = on | (np.arange(len(on)) < begins)
        looked = of.effort[line] > 0
        counts = np.where(looked, of.counts[line], 0.0)[near]
        effort = of.effort[line][near]
        level = counts.sum(axis=0) / np.maximum(effort.sum(axis=0), 1e-9)
        weight = (effort * level).sum(axis=1)
        outside = [g for g in range(len(of.groups)) if not looked[:, g].any() and every[:, g].sum() > 0]
        named = {of.groups[g]: every[:, g] for g in outside} | _surroundings(of, line, every, looked, cloud)
        named = {name: series for name, series in named.items() if series[near].std() > 0}
        controls = np.stack([series[near] for series in named.values()], axis=1) if named else None
        found = (
            interruption(counts.sum(axis=1), weight / max(weight.max(), 1e-9), on[near], of.weekday[near], controls)
            if weight.max() > 0
            else None
        )
        total = counts.sum(axis=1)
        before, after = total[~on[near]], total[on[near]]
        plain = float(after.mean() / before.mean()) if len(before) and before.mean() > 0 else None
        agreement, provision, reading = key
        rows.append(
            {
                "agreement_id": agreement,
                "provision_id": provision,
                "reading_id": reading,
                "at": of.starts[begins],
                "days_before": float(len(before)),
                "days_after": float(len(after)),
                "plain": plain,
                "ratio_low": found and min(found.ratio_low, 999.0),
                "ratio": found and min(found.ratio, 999.0),
                "ratio_high": found and min(found.ratio_high, 999.0),
                "controls": ", ".join(named),
                "word": _word(found),
            }
        )
    return INTERRUPTION.hand_over(INTERRUPTION.build({c.name: [r[c.name] for r in rows] for c in INTERRUPTION.columns}))


def _surroundings(
    of: Lines, line: int, every: Floats, looked: NDArray[np.bool_], cloud: Floats | None
) -> dict[str, Floats]:
    """Controls that are no source: by name, a number of each day, none below 0."""
    out: dict[str, Floats] = {}
    rest = np.where(looked, np.maximum(every - of.counts[line], 0.0), 0.0).sum(axis=1)
    if rest.sum() >= LEFT_OUT * np.where(looked, every, 0.0).sum() > 0:
        out["what it leaves out"] = rest
    if cloud is not None and np.isfinite(cloud).any():
        out["cloud"] = np.where(np.isfinite(cloud), cloud, np.nanmean(cloud))
    if len(of.weekday) >= SEASONS:
        turn = np.array([start.timetuple().tm_yday for start in of.starts[:-1]]) / 365.25 * 2 * np.pi
        out |= {"season": np.expm1(1 + np.sin(turn)), "season, half a year on": np.expm1(1 + np.cos(turn))}
    return out


def _word(found: Interruption | None) -> str:
    if found is None:
        return "cannot_tell"
    if found.ratio_high < 1:
        return "fell"
    if found.ratio_low > 1:
        return "rose"
    return "no_change" if found.ratio_low > 0.5 and found.ratio_high < 2 else "cannot_tell"
