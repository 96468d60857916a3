"""Smoothing of counts over days: every column of a table of counts follows what all of its kin share, and itself.

A column is one area's series of one reading (or kind, or party). The logarithm of its rate is ``c + z``: ``c`` is
common to all areas and walks at random from day to day; ``z`` is the area's own departure, which fades (a stationary
AR(1)) towards a mean at which areas' rates are ``exp(c)`` on average. Of the others' counts, pooled, each column learns
``c``, and of its own counts both: so areas borrow strength from one another and no count is used twice. Counts are
over-dispersed: each day in each area departs from its rate by a gamma factor, which makes the counts negative binomial
where they are sure (:mod:`teisen.compliance.bursts`). The posterior is Laplace's: a Gaussian whose mode is found by
Fisher scoring with a Kalman filter and smoother over days (Durbin and Koopman, *Time Series Analysis by State Space
Methods*, 2nd ed., chapters 10 and 11), all columns at once, then moved from the mode to the mean: the log of a rate of
which few counts tell is skewed, and with the mode for its mean rates are too high by half its variance, all alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import NDArray

from teisen.compliance.bursts import evidence
from teisen.geodesy import Floats

ROUNDS = 8
"""Rounds of scoring; steps are cut at :data:`FARTHEST`."""
FARTHEST = 2.0
"""Largest change of a log rate in one round of scoring."""
STEADY = 1e-3
"""Rounds end when no log rate changes by more."""
LOG_RATE = 12.0
"""Log rates stay within plus and minus this: no day has 160,000 violations in one area, or one in 400 years."""
VAGUE = 1.5
"""Standard deviation of the common log rate on the day before the first (assumed: a factor of 4.5 either way)."""
TAILS = 4.0
"""Degrees of freedom of the common walk's steps: a truce that begins or breaks is one long step among short ones."""


@dataclass(frozen=True)
class Counts:
    """Counts with effort, each of shape (days, columns) but ``sure`` and ``rest_sure``.

    Attributes:
        found: expected number of violations found.
        effort: share of what happens that would be found: watched times in force.
        rest: what the column's kin found, all but itself.
        rest_effort: effort behind ``rest``, in areas' worth, each weighed by its level.
        rest_spread: 1 / effective number of areas behind ``rest``: 1 where it is one area.
        told: part of what was found in each cell that speaks of it.
        sure: the same of all that was found in the column (columns,).
        rest_sure: the same of ``rest``, of which less is in doubt: what may lie next door is in it either way.
    """

    found: Floats
    effort: Floats
    rest: Floats
    rest_effort: Floats
    rest_spread: Floats
    told: Floats
    sure: Floats
    rest_sure: Floats

    @property
    def few(self) -> Floats:
        """1 / effective number of areas behind the rest, on average over days on which there is one (columns,)."""
        shared = self.rest_effort > 0
        return np.asarray(np.where(shared, self.rest_spread, 0.0).sum(axis=0) / np.maximum(shared.sum(axis=0), 1))

    @property
    def share(self) -> Floats:
        """What part of the rest is a column's to weigh: 1 / areas of its kin, itself included (columns,)."""
        return np.asarray(self.few / (1 + self.few))

    def columns(self, chosen: NDArray[np.intp]) -> Counts:
        """Some columns alone."""
        return Counts(*(part[..., chosen] for part in vars(self).values()))

    def days(self, first: int) -> Counts:
        """From a day on."""
        return replace(self, **{name: part[first:] for name, part in vars(self).items() if part.ndim > 1})


@dataclass(frozen=True)
class Manner:
    """How rates move, each of shape (columns,).

    Attributes:
        drift: scale of a day's step of the common log rate.
        apart: standard deviation of an area's own departure.
        memory: how much of a departure is left a day later.
        burst: shape of the gamma factor by which what happens each day in each area departs from its rate; large: none.
    """

    drift: Floats
    apart: Floats
    memory: Floats
    burst: Floats

    def columns(self, chosen: NDArray[np.intp]) -> Manner:
        """Some columns alone."""
        return Manner(*(part[chosen] for part in vars(self).values()))


@dataclass(frozen=True)
class State:
    """Normal distribution of ``c`` and ``z``: means, variances and covariance."""

    c: Floats
    z: Floats
    cc: Floats
    cz: Floats
    zz: Floats

    def at(self, day: int) -> State:
        """One day of a course."""
        return State(*(part[day] for part in vars(self).values()))


@dataclass(frozen=True)
class Smoothed:
    """Posterior of the states of all days (smoothed; shape (days, columns)), the filtered ones, and the evidence.

    ``steps`` are the variances of the common walk's steps as they were used. ``evidence`` (columns,) is the log
    marginal likelihood by Laplace of own counts, given those of the rest up to their day, and a share of that of the
    rest, which every column of a kin looks at.
    """

    smooth: State
    filtered: State
    steps: Floats
    evidence: Floats

    def columns(self, chosen: NDArray[np.intp]) -> Smoothed:
        """Some columns alone."""
        smooth, filtered = (
            State(*(part[..., chosen] for part in vars(state).values())) for state in (self.smooth, self.filtered)
        )
        return Smoothed(smooth, filtered, self.steps[:, chosen], self.evidence[chosen])

    @property
    def mean(self) -> Floats:
        """Mean of the log rate."""
        return self.smooth.c + self.smooth.z

    @property
    def variance(self) -> Floats:
        """Its variance."""
        return np.maximum(self.smooth.cc + 2 * self.smooth.cz + self.smooth.zz, 1e-9)


def beginning(level: Floats, manner: Manner, counts: Counts) -> State:
    """Before the first day: ``level`` (columns,) is about the common log rate."""
    zero = np.zeros_like(level)
    return State(level, zero + _usual(manner), zero + VAGUE**2, zero, _apart2(manner, counts))


def smooth(counts: Counts, manner: Manner, start: State, guess: Floats | None = None) -> Smoothed:
    """Posterior of each day's common and own log rate.

    Args:
        counts: what was found and how well one looked.
        manner: how rates move.
        start: the state of the day before the first; :func:`beginning`, or the filtered state of an earlier run.
        guess: log rates to begin with (days, columns), twice: of the common and of the area's own.
    """
    days, columns = counts.found.shape
    if guess is None:
        guess = np.stack(
            [np.broadcast_to(start.c, (days, columns)), np.broadcast_to(start.c + start.z, (days, columns))]
        )
    steps = np.broadcast_to(manner.drift**2, (days, columns))
    for _ in range(ROUNDS):
        at = guess
        filtered, gained = _filter(counts, manner, start, steps, at)
        back, moved2 = _back(filtered, manner, start, steps, counts)
        used, steps = steps, (TAILS * manner.drift**2 + moved2) / (TAILS + 1)
        new = np.stack([back.c, back.c + back.z])
        change = np.clip(new - guess, -FARTHEST, FARTHEST)
        guess = np.clip(guess + change, -LOG_RATE, LOG_RATE)
        if np.abs(change).max(initial=0.0) < STEADY:
            break
    log_p = gained + _log_p(counts, manner, *at)
    unsure = np.stack([back.cc, Smoothed(back, filtered, used, log_p).variance])
    filtered, _ = _filter(counts, manner, start, used, guess, unsure=unsure)
    back, _ = _back(filtered, manner, start, used, counts)
    return Smoothed(back, filtered, used, log_p)


def _apart2(manner: Manner, counts: Counts) -> Floats:
    """Variance of a column's departure from what its kin share: its own, and theirs where they are few."""
    return np.asarray(manner.apart**2 * (1 + counts.few))


def _usual(manner: Manner) -> Floats:
    """Mean of a departure: that of a normal variate whose exponential is 1 on average, as the common rate is areas'
    mean."""
    return np.asarray(-(manner.apart**2) / 2)


def _look(
    found: Floats, effort: Floats, log_rate: Floats, shape: Floats, unsure: Floats | None
) -> tuple[Floats, Floats]:
    """One observation made Gaussian at ``log_rate``: weight and pseudo-observation.

    The variance of a count is its mean, and the square of it over ``shape``. With ``unsure``, the variance of the log
    rate, the slope of the likelihood is taken on average over what the rate may be, so that the posterior's mean
    follows and not its mode: to first order (Tierney and Kadane 1986, *J. Am. Stat. Assoc.* 81:82), by the third
    derivative, which is minus the weight times (shape - mean) / (shape + mean).
    """
    mean = np.maximum(effort, 1e-12) * np.exp(log_rate)
    weight = np.where(effort > 0, mean / (1 + mean / shape), 0.0)
    told = (found - mean) / mean
    if unsure is not None:
        told = told - unsure / 2 * (shape - mean) / (shape + mean)
    return weight, np.where(effort > 0, log_rate + told, 0.0)


def _log_p(counts: Counts, manner: Manner, common: Floats, own: Floats) -> Floats:
    """Log likelihood of own counts and a share of the rest by column, scaled so that they scatter as counts do
    (:func:`teisen.compliance.counts.columns`)."""
    usual, mean = _poisson(counts.found, counts.effort, own)
    bursts = evidence(counts.found * counts.sure, mean * counts.sure, counts.told, manner.burst)
    of_rest, mean = _poisson(counts.rest, counts.rest_effort, common)
    together = evidence(counts.rest, mean, np.ones_like(mean), _together(counts, manner))
    alone = np.where(counts.effort > 0, usual + bursts, 0.0).sum(axis=0)
    return np.asarray(alone + counts.share * np.where(counts.rest_effort > 0, of_rest + together, 0.0).sum(axis=0))


def _poisson(found: Floats, effort: Floats, log_rate: Floats) -> tuple[Floats, Floats]:
    """Log likelihood of counts that do not burst, and their mean."""
    mean = np.maximum(effort, 1e-12) * np.exp(log_rate)
    return found * np.log(mean) - mean - scipy.special.gammaln(found + 1), mean


def _together(counts: Counts, manner: Manner) -> Floats:
    """Shape of the bursts of the rest: of as many areas together as are behind it."""
    return np.asarray(manner.burst / counts.rest_sure**2 / np.maximum(counts.rest_spread, 1e-9))


def _filter(
    counts: Counts, manner: Manner, start: State, steps: Floats, guess: Floats, *, unsure: Floats | None = None
) -> tuple[State, Floats]:
    """Filtered states, and by column what the observations gain over their pseudo-observations.

    Args:
        counts: what was found, (days, columns).
        manner: how rates move.
        start: the day before the first.
        steps: variance of each day's step of the common rate, (days, columns).
        guess: log rates at which counts are made Gaussian, the common and the area's own, (2, days, columns).
        unsure: variances of these, likewise: the state's mean is looked for and not its mode (:func:`_look`).
    """
    common, own = guess
    of_rest, of_own = (None, None) if unsure is None else unsure
    w_rest, y_rest = _look(counts.rest, counts.rest_effort, common, _together(counts, manner), of_rest)
    w_own, y_own = _look(counts.found, counts.effort, own, manner.burst / counts.sure**2, of_own)
    share = counts.share
    gained = 0.5 * (w_own * (y_own - own) ** 2 + share * w_rest * (y_rest - common) ** 2).sum(axis=0)
    memory, fresh = manner.memory, _apart2(manner, counts) * (1 - manner.memory**2)
    back_to = (1 - memory) * _usual(manner)
    c, z, cc, cz, zz = start.c, start.z, start.cc, start.cz, start.zz
    out = np.empty((5, *counts.found.shape))
    for t in range(len(steps)):
        z, cc, cz, zz = memory * z + back_to, cc + steps[t], memory * cz, memory**2 * zz + fresh
        # what the rest found speaks of c
        w = w_rest[t]
        off, scale = y_rest[t] - c, 1 + w * cc
        gain = w / scale
        gained = gained - 0.5 * share * (np.log(scale) + gain * off**2)
        c, z = c + cc * gain * off, z + cz * gain * off
        zz = zz - cz * cz * gain
        cc, cz = cc / scale, cz / scale
        # its own speaks of c + z
        w = w_own[t]
        hc, hz = cc + cz, cz + zz
        off, scale = y_own[t] - c - z, 1 + w * (hc + hz)
        gain = w / scale
        gained = gained - 0.5 * (np.log(scale) + gain * off**2)
        c, z = c + hc * gain * off, z + hz * gain * off
        cc, cz, zz = cc - hc * hc * gain, cz - hc * hz * gain, zz - hz * hz * gain
        out[:, t] = c, z, cc, cz, zz
    return State(*out), gained


@dataclass(frozen=True)
class _Link:
    """How a day's state follows from the next day's: the prediction and its gain, row by row."""

    z: Floats
    cc: Floats
    cz: Floats
    zz: Floats
    gcc: Floats
    gcz: Floats
    gzc: Floats
    gzz: Floats


def _link(past: State, step: Floats, manner: Manner, fresh: Floats) -> _Link:
    memory = manner.memory
    cc, cz, zz = past.cc + step, memory * past.cz, memory**2 * past.zz + fresh
    det = cc * zz - cz * cz
    return _Link(
        memory * past.z + (1 - memory) * _usual(manner),
        cc,
        cz,
        zz,
        (past.cc * zz - memory * past.cz * cz) / det,
        (memory * past.cz * cc - past.cc * cz) / det,
        (past.cz * zz - memory * past.zz * cz) / det,
        (memory * past.zz * cc - past.cz * cz) / det,
    )


def _back(filtered: State, manner: Manner, start: State, steps: Floats, counts: Counts) -> tuple[State, Floats]:
    """Smoothed states, and the expected square of each step of the common walk, day by day."""
    fresh = _apart2(manner, counts) * (1 - manner.memory**2)
    days = len(steps)
    out, moved2 = np.empty((5, *filtered.c.shape)), np.empty(filtered.c.shape)
    c, z, cc, cz, zz = (part[-1] for part in vars(filtered).values())
    out[:, -1] = c, z, cc, cz, zz
    for t in range(days - 1, -1, -1):
        past = filtered.at(t - 1) if t else start
        k = _link(past, steps[t], manner, fresh)
        dc, dz = c - past.c, z - k.z
        dcc, dcz, dzz = cc - k.cc, cz - k.cz, zz - k.zz
        across = k.gcc * cc + k.gcz * cz  # covariance of yesterday's and today's c, given everything
        nc, nz = past.c + k.gcc * dc + k.gcz * dz, past.z + k.gzc * dc + k.gzz * dz
        ncc = past.cc + k.gcc**2 * dcc + 2 * k.gcc * k.gcz * dcz + k.gcz**2 * dzz
        ncz = past.cz + k.gcc * k.gzc * dcc + (k.gcc * k.gzz + k.gcz * k.gzc) * dcz + k.gcz * k.gzz * dzz
        nzz = past.zz + k.gzc**2 * dcc + 2 * k.gzc * k.gzz * dcz + k.gzz**2 * dzz
        moved2[t] = (c - nc) ** 2 + np.maximum(cc + ncc - 2 * across, 0.0)
        c, z, cc, cz, zz = nc, nz, ncc, ncz, nzz
        if t:
            out[:, t - 1] = c, z, cc, cz, zz
    return State(*out), moved2


def draw(done: Smoothed, manner: Manner, counts: Counts, draws: int, seed: int) -> Floats:
    """Paths of log rates from the posterior, shape (draws, days, columns), by sampling backward from the last day.

    What is common to all columns moves with the same random numbers in each: their paths rise and fall together.
    """
    rng = np.random.default_rng(seed)
    fresh = _apart2(manner, counts) * (1 - manner.memory**2)
    days, columns = done.filtered.c.shape
    out = np.empty((draws, days, columns))
    c = z = np.zeros((draws, columns))
    for t in range(days - 1, -1, -1):
        past = done.filtered.at(t)
        mc, mz, cc, cz, zz = past.c, past.z, past.cc, past.cz, past.zz
        if t < days - 1:
            k = _link(past, done.steps[t + 1], manner, fresh)
            mc, mz = (
                past.c + k.gcc * (c - past.c) + k.gcz * (z - k.z),
                past.z + k.gzc * (c - past.c) + k.gzz * (z - k.z),
            )
            cc = cc - (k.gcc**2 * k.cc + 2 * k.gcc * k.gcz * k.cz + k.gcz**2 * k.zz)
            cz = cz - (k.gcc * k.gzc * k.cc + (k.gcc * k.gzz + k.gcz * k.gzc) * k.cz + k.gcz * k.gzz * k.zz)
            zz = zz - (k.gzc**2 * k.cc + 2 * k.gzc * k.gzz * k.cz + k.gzz**2 * k.zz)
        shared, own = rng.standard_normal((draws, 1)), rng.standard_normal((draws, columns))
        first = np.sqrt(np.maximum(cc, 1e-12))
        c = mc + first * shared
        z = mz + cz / first * shared + np.sqrt(np.maximum(zz - (cz / first) ** 2, 0.0)) * own
        out[:, t] = c + z
    return out
