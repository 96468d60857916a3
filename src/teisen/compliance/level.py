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
TOGETHER = 0.1
"""Share of such faults that hit two sources alike at once (assumed): one power cut, one curfew, one wire service."""
SILENCED = 0.06
"""Share, besides, of the changes of sources on a day on which a truce is to begin that leave two silent (assumed): what
is announced may keep two from looking, or give them nothing to say."""
WITNESSES = 3
"""Sources that could show a change without which two that fall alike are no common fault: nobody else would tell."""
SHOWS = 0.1
"""Acts a day that a source is expected to report at the reference level, below which it shows nothing (assumed)."""
START = 0.5
"""Chance that the level jumps, and the chance that a source changes, on a day on which a truce is to begin (assumed):
an announcement may change what happens, and as well who may look and who reports."""
MEND = 1 / 20
"""Chance a day that such a source works again (assumed): as a level returns, so that time alone favours neither."""
FAULTS = np.array([-1.0, -2.0, -3.0, -4.0, -7.0, 1.0])
"""What a faulty source shows of what happens, as powers of two; the fifth is as good as nothing."""
FLOORS = np.array([0.0, 0.15, 0.35, 0.55])
"""Shares of what a source shows at the reference that it may go on showing when nothing happens: late reports, alerts
of something else. So sources need not fall by the same part."""
FLOOR_CHANCES = np.array([0.45, 0.25, 0.15, 0.15])
"""Their probabilities before data speak (assumed); which one a source has is learned while the level is low."""
FORGET = 0.01
"""Share of what was learned of a floor that is lost a day (assumed)."""
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
    def back(self) -> Floats:
        """P(the level is about that of the reference or more | data up to the day)."""
        return np.asarray(self.level[..., OCTAVES > -HIGH].sum(axis=-1))


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
    configs = _configurations(sources)
    moves, faults = _moves(JUMP), _faulting(configs, min(FAULT * sources, 1.0))
    at_start = _moves(START), _faulting(configs, START, SILENCED)
    first = np.full(lines, days) if begins is None or not told else begins
    later = np.full(lines, days) if begins is None else begins
    state = np.zeros((lines, len(OCTAVES), len(configs)))
    state[:, OCTAVES == 0.0, 0] = 1.0
    filtered = np.empty((lines, days, len(OCTAVES), len(configs)))
    ordinary, works = np.ones((lines, days)), np.ones((lines, days, sources))
    floors = np.broadcast_to(FLOOR_CHANCES, (lines, sources, len(FLOORS)))
    member = _members(configs, sources)
    kept: list[Reference] = []
    for day in range(days):
        ref = reference(counts, effort, weekday, day, until=np.minimum(day, later), weight=ordinary[:, :, None] * works)
        kept.append(ref)
        state = _mixed(first == day, state, at_start, (moves, faults))
        shows = (effort[:, day] * ref.mean >= SHOWS).sum(axis=1)
        state[np.ix_(shows < WITNESSES, np.arange(len(OCTAVES)), member.sum(axis=1) > 1)] = 0.0
        likelihood, by_floor = _likelihood(counts[:, day], effort[:, day], ref, configs, floors=floors)
        state = state * likelihood
        state /= np.maximum(state.sum(axis=(1, 2), keepdims=True), _EDGE)
        filtered[:, day] = state
        ordinary[:, day] = np.maximum(1 - state[:, OCTAVES < LOW].sum(axis=(1, 2)), 0.0)
        of_level = np.einsum("nlc,ck->nkl", state, 1 - member)
        learned = np.einsum("nkl,nkfl->nkf", of_level, by_floor) + (1 - of_level.sum(axis=2))[..., None] * floors
        floors = (1 - FORGET) * learned + FORGET * FLOOR_CHANCES
        works[:, day] = np.maximum(1 - _off(state, member), 0.0)
    back = (at_start[0].T, at_start[1].T), (moves.T, faults.T)
    above = OCTAVES > LOW
    smooth, smooth_off = np.empty((lines, days, len(OCTAVES))), np.empty((lines, days, sources))
    last = filtered[:, -1] if days else state
    for day in range(days - 1, -1, -1):
        if day < days - 1:
            predicted = _mixed(first == day + 1, filtered[:, day], at_start, (moves, faults))
            ratio = last / np.maximum(predicted, _EDGE)
            last = filtered[:, day] * _mixed(first == day + 1, ratio, *back)
            last = last / np.maximum(last.sum(axis=(1, 2), keepdims=True), _EDGE)
        smooth[:, day], smooth_off[:, day] = last.sum(axis=2), _off(last[:, above], member)
    return Followed(
        filtered.sum(axis=3),
        _off(filtered[:, :, above], member),
        smooth,
        smooth_off,
        Reference.stack(kept, sources),
    )


def _mixed(
    starts: NDArray[np.bool_], state: Floats, at_start: tuple[Floats, Floats], usual: tuple[Floats, Floats]
) -> Floats:
    """States of lines a day on; of those that start on it by the transition of a start."""
    moved = usual[0].T @ state @ usual[1]
    if starts.any():
        moved[starts] = at_start[0].T @ state[starts] @ at_start[1]
    return np.asarray(moved)


def _moves(jump: float) -> Floats:
    """Transition of the level: stays, slips by one, jumps anywhere from about the reference, or back to it."""
    size = len(OCTAVES)
    slips = np.eye(size) * (1 - 2 * STEP) + (np.eye(size, k=1) + np.eye(size, k=-1)) * STEP
    slips /= slips.sum(axis=1, keepdims=True)
    usual, low = (OCTAVES > -HIGH) & (OCTAVES < HIGH), OCTAVES < LOW
    away = (1 - jump) * slips + jump * (0.5 / size + 0.5 * low / low.sum())
    back = (1 - RETURN) * slips + RETURN * usual / usual.sum()
    return np.asarray(np.where((low | (OCTAVES > HIGH))[:, None], back, away))


def _configurations(sources: int) -> list[tuple[tuple[int, ...], float]]:
    """Which sources are off, and by how much: none, each alone, and each two that lose alike."""
    single = [((a,), float(f)) for a in range(sources) for f in FAULTS]
    double = [((a, b), float(f)) for a in range(sources) for b in range(a + 1, sources) for f in FAULTS if f < 0]
    return [((), 0.0), *single, *(double if sources > 2 else [])]


def _faulting(configs: list[tuple[tuple[int, ...], float]], fault: float, silenced: float = 0.0) -> Floats:
    """Transition of the sources' state: all work; one of them, or two alike, begin to show another part; they mend.

    Args:
        configs: :func:`_configurations`.
        fault: chance a day that some source changes.
        silenced: share of such changes that leave two silent, besides :data:`TOGETHER`.
    """
    move = np.eye(len(configs)) * (1 - MEND)
    move[:, 0] += MEND
    double = np.array([len(who) == 2 for who, _ in configs])
    single = np.array([len(who) == 1 for who, _ in configs])
    silent = double & np.array([part == FAULTS.min() for _, part in configs])
    shares = ((double, TOGETHER), (silent, silenced)) if double.any() else ()
    move[0] = fault * (1 - sum(share for _, share in shares)) * single / max(single.sum(), 1)
    for kind, share in shares:
        move[0] += fault * share * kind / kind.sum()
    move[0, 0] = 1 - fault if single.any() else 1.0
    return move


def _members(configs: list[tuple[tuple[int, ...], float]], sources: int) -> Floats:
    """1 where a source is off: configurations by sources."""
    return np.array([[float(source in who) for source in range(sources)] for who, _ in configs]).reshape(
        len(configs), sources
    )


def _off(state: Floats, member: Floats) -> Floats:
    """P(a source is off) by source, of states by lines, days, levels and configurations."""
    return np.asarray(state.sum(axis=-2) @ member)


def _likelihood(
    counts: Floats, effort: Floats, ref: Reference, configs: list[tuple[tuple[int, ...], float]], *, floors: Floats
) -> tuple[Floats, Floats]:
    """Likelihood of one day's counts (lines, sources) at each level in each configuration, up to a factor a line.

    Given the level and the day's shock, common to all sources, counts are negative binomial; the shock is log-normal
    and summed out on a grid.

    Args:
        floors: probability of each floor: lines by sources by floors.

    Returns:
        The likelihood (lines, levels, configurations), and the probability of each floor given the level and that the
        source works (lines, sources, floors, levels).
    """
    reach, low = 3 * FINE, int(OCTAVES[0] * FINE)
    points = np.arange(low - reach, int(OCTAVES[-1] * FINE) + reach + 1)
    deepest, highest = int(FAULTS.min() * FINE), int(FAULTS.max() * FINE)
    wide = np.arange(points[0] + deepest, points[-1] + highest + 1)
    usual, ratio = (effort * ref.mean)[..., None], np.exp2(wide / FINE)
    shape = 1 / ref.own[..., None]
    parts = np.stack(
        [
            _negative_binomial(
                counts[..., None], np.maximum(usual * np.where(ratio < 1, f + (1 - f) * ratio, ratio), 1e-9), shape
            )
            for f in FLOORS
        ],
        axis=2,
    )
    parts = np.where(effort[..., None, None] > 0, parts, 0.0) + np.log(floors)[..., None]
    log = np.logaddexp.reduce(parts, axis=2)
    levels = np.searchsorted(wide, (OCTAVES * FINE).astype(int))
    by_floor = np.exp(parts[..., levels] - log[..., None, levels])
    start = -deepest
    works = log[..., start : start + len(points)]
    by_fault = {f: log[..., start + int(f * FINE) :][..., : len(points)] - works for f in FAULTS.tolist()}
    together = works.sum(axis=1)
    changed = np.zeros((len(configs), *together.shape))
    for n, (who, fault) in enumerate(configs):
        for source in who:
            changed[n] += by_fault[fault][:, source]
    every = np.ascontiguousarray((together + changed).transpose(1, 2, 0))
    every = np.exp(every - every.max(axis=(1, 2), keepdims=True))
    return _shock(points, np.sqrt(ref.shared)) @ every, by_floor


def _shock(points: NDArray[np.int64], sigma: Floats) -> Floats:
    """Weights of the fine points for each level: a log-normal of the mean 1 about it, by line."""
    log = points[None, None, :] / FINE * np.log(2) - OCTAVES[None, :, None] * np.log(2)
    sd = np.maximum(sigma, 0.1)[:, None, None]
    weight = np.exp(-0.5 * ((log + sd**2 / 2) / sd) ** 2)
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True))


def _negative_binomial(y: Floats, mean: Floats, shape: Floats) -> Floats:
    """Log probability of ``y`` up to what does not depend on ``mean``; variance mean + mean^2 / shape."""
    return np.asarray(y * np.log(mean / (shape + mean)) - shape * np.log1p(mean / shape))
