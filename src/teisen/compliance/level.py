"""The level of what happens, followed day by day through several independent sources and the faults of each.

A hidden level (how much happens, against the time of reference) and the state of every source (works, or shows only a
part of it) are filtered together: Bayesian change-point detection in the manner of Adams and MacKay (2007,
arXiv:0710.3742), with the level of a segment on a grid, so that the filter is exact and needs no run lengths. A fall in
all sources is a change of behaviour; a fall in one alone is that source's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from teisen.compliance.reference import Reference, reference
from teisen.geodesy import Floats

OCTAVES = np.arange(-12, 7) / 2
"""Levels against the reference, as powers of two: from 1/64 to 8 in steps of the square root of two."""
LOW, HIGH = -1.25, 0.75
"""A level is low at about a third of the reference and less, and high at about twice of it and more (assumed)."""
JUMP = 1 / 365
"""Chance a day that the level jumps anywhere (assumed): one change a year and line."""
RETURN = 1 / 20
"""Chance a day that a low or high level goes back to about the reference (assumed): small failures of truces come
mostly within 10 days, larger ones after months (Jensen, CSIS 2025)."""
STEP = 0.02
"""Chance a day that the level slips to the next one up, or down (assumed): how a truce erodes."""
FAULT = 1 / 365
"""Chance a day that a source that works begins to show another part of what happens (assumed): as often as a change, so
that a fall that one source alone could show is put down to either alike."""
START = 0.5
"""Chance that the level jumps, and the chance that a source changes, on a day on which a truce is to begin (assumed):
an announcement may change what happens, and as well who may look and who reports."""
MEND = 1 / 20
"""Chance a day that such a source works again (assumed): as a level returns, so that time alone favours neither."""
FAULTS = np.array([-1.0, -2.0, -3.0, -4.0, -7.0, 1.0])
"""What a faulty source shows of what happens, as powers of two; the fifth is as good as nothing."""
FLOORS = ((0.0, 0.5), (0.15, 0.25), (0.35, 0.25))
"""Shares of what a source shows at the reference that it goes on showing when nothing happens (late reports, alerts of
something else), each with its probability (assumed): sources need not fall by the same part."""
FINE = 4
"""Points an octave at which the likelihood is taken, for shocks of a single day."""
_EDGE = 1e-300


@dataclass(frozen=True)
class Followed:
    """What is known of the level: axes are lines, days, and levels (:data:`OCTAVES`) or sources.

    Attributes:
        level: P(level | data up to the day).
        off: P(the source shows another part of what happens, and the level is not low | data up to the day).
        smooth: P(level | all data).
        smooth_off: the same as ``off``, given all data.
        reference: what every source is expected to show at the reference level.
    """

    level: Floats
    off: Floats
    smooth: Floats
    smooth_off: Floats
    reference: Reference

    @property
    def low(self) -> Floats:
        """P(the level is low | data up to the day): lines by days."""
        return np.asarray(self.level[..., OCTAVES < LOW].sum(axis=-1))

    @property
    def high(self) -> Floats:
        """P(the level is high | data up to the day)."""
        return np.asarray(self.level[..., OCTAVES > HIGH].sum(axis=-1))


def follow(
    counts: Floats,
    effort: Floats,
    weekday: NDArray[np.int64],
    begins: NDArray[np.int64] | None = None,
    *,
    told: bool = False,
) -> Followed:
    """Follow the level of every line.

    Args:
        counts: what each source reported: lines by days by sources. May be fractions (expected numbers).
        effort: share of what happens that each source could have reported, by the same axes; 0 where it did not look.
        weekday: of each day, 0 to 6.
        begins: for each line the day from which on the reference no longer learns, on which the truce begins (the
            number of days: none does); empty: it goes on learning from the last twelve weeks.
        told: expect a change on that day, of what happens or of a source, one as much as the other.
    """
    lines, days, sources = counts.shape
    configs = 1 + sources * len(FAULTS)
    moves, faults = _moves(JUMP), _faulting(sources, FAULT)
    at_start = _moves(START), _faulting(sources, START / max(sources, 1))
    first = np.full(lines, days) if begins is None or not told else begins
    later = np.full(lines, days) if begins is None else begins
    state = np.zeros((lines, len(OCTAVES), configs))
    state[:, OCTAVES == 0.0, 0] = 1.0
    filtered = np.empty((lines, days, len(OCTAVES), configs))
    predicted = np.empty_like(filtered)
    ordinary, works = np.ones((lines, days)), np.ones((lines, days, sources))
    kept: list[Reference] = []
    for day in range(days):
        ref = reference(counts, effort, weekday, day, until=np.minimum(day, later), weight=ordinary[:, :, None] * works)
        kept.append(ref)
        starts = (first == day)[:, None, None]
        state = np.where(starts, at_start[0].T @ state @ at_start[1], moves.T @ state @ faults)
        predicted[:, day] = state
        state = state * _likelihood(counts[:, day], effort[:, day], ref)
        state /= np.maximum(state.sum(axis=(1, 2), keepdims=True), _EDGE)
        filtered[:, day] = state
        ordinary[:, day] = 1 - state[:, OCTAVES < LOW].sum(axis=(1, 2))
        works[:, day] = 1 - _off(state[:, None])[:, 0]
    smoothed = np.empty_like(filtered)
    last = filtered[:, -1] if days else state
    for day in range(days - 1, -1, -1):
        if day < days - 1:
            ratio = last / np.maximum(predicted[:, day + 1], _EDGE)
            starts = (first == day + 1)[:, None, None]
            last = filtered[:, day] * np.where(starts, at_start[0] @ ratio @ at_start[1].T, moves @ ratio @ faults.T)
            last = last / np.maximum(last.sum(axis=(1, 2), keepdims=True), _EDGE)
        smoothed[:, day] = last
    above = OCTAVES > LOW
    return Followed(
        filtered.sum(axis=3),
        _off(filtered[:, :, above]),
        smoothed.sum(axis=3),
        _off(smoothed[:, :, above]),
        Reference.stack(kept, sources),
    )


def _moves(jump: float) -> Floats:
    """Transition of the level: stays, slips by one, jumps anywhere from about the reference, or back to it."""
    size = len(OCTAVES)
    slips = np.eye(size) * (1 - 2 * STEP) + (np.eye(size, k=1) + np.eye(size, k=-1)) * STEP
    slips /= slips.sum(axis=1, keepdims=True)
    usual, low = (OCTAVES > -HIGH) & (OCTAVES < HIGH), OCTAVES < LOW
    away = (1 - jump) * slips + jump * (0.5 / size + 0.5 * low / low.sum())
    back = (1 - RETURN) * slips + RETURN * usual / usual.sum()
    return np.asarray(np.where((low | (OCTAVES > HIGH))[:, None], back, away))


def _faulting(sources: int, fault: float) -> Floats:
    """Transition of the sources' state: all work, or one of them shows another part; at most one at a time."""
    n = len(FAULTS)
    move = np.eye(1 + sources * n) * (1 - MEND)
    move[:, 0] += MEND
    move[0] = fault / n
    move[0, 0] = 1 - sources * fault
    return move


def _off(state: Floats) -> Floats:
    """P(a source is off) by source, of states by lines, days, levels and configurations."""
    by = state[..., 1:].sum(axis=-2)
    return np.asarray(by.reshape(*by.shape[:-1], -1, len(FAULTS)).sum(axis=-1))


def _likelihood(counts: Floats, effort: Floats, ref: Reference) -> Floats:
    """Likelihood of one day's counts (lines, sources) at each level in each configuration, up to a factor a line.

    Given the level and the day's shock, common to all sources, counts are negative binomial; the shock is log-normal
    and summed out on a grid.
    """
    reach, low = 3 * FINE, int(OCTAVES[0] * FINE)
    points = np.arange(low - reach, int(OCTAVES[-1] * FINE) + reach + 1)
    deepest, highest = int(FAULTS.min() * FINE), int(FAULTS.max() * FINE)
    wide = np.arange(points[0] + deepest, points[-1] + highest + 1)
    usual, ratio = (effort * ref.mean)[..., None], np.exp2(wide / FINE)
    parts = [
        np.log(chance)
        + _negative_binomial(
            counts[..., None],
            np.maximum(usual * np.where(ratio < 1, floor + (1 - floor) * ratio, ratio), 1e-9),
            1 / ref.own[..., None],
        )
        for floor, chance in FLOORS
    ]
    log = np.logaddexp.reduce(parts)
    log = np.where(effort[..., None] > 0, log, 0.0)
    start = -deepest
    works = log[..., start : start + len(points)]
    together = works.sum(axis=1)
    configs = [together]
    for source in range(counts.shape[1]):
        for fault in FAULTS:
            at = start + int(fault * FINE)
            configs.append(together - works[:, source] + log[:, source, at : at + len(points)])
    every = np.stack(configs, axis=2)
    every = np.exp(every - every.max(axis=(1, 2), keepdims=True))
    shock = _shock(points, np.sqrt(ref.shared))
    return np.asarray(np.einsum("nlf,nfc->nlc", shock, every))


def _shock(points: NDArray[np.int64], sigma: Floats) -> Floats:
    """Weights of the fine points for each level: a log-normal of the mean 1 about it, by line."""
    log = points[None, None, :] / FINE * np.log(2) - OCTAVES[None, :, None] * np.log(2)
    sd = np.maximum(sigma, 0.1)[:, None, None]
    weight = np.exp(-0.5 * ((log + sd**2 / 2) / sd) ** 2)
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True))


def _negative_binomial(y: Floats, mean: Floats, shape: Floats) -> Floats:
    """Log probability of ``y`` without the part that depends on ``y`` alone; variance mean + mean^2 / shape."""
    return np.asarray(
        gammaln(y + shape) - gammaln(shape) + shape * np.log(shape / (shape + mean)) + y * np.log(mean / (shape + mean))
    )
