"""Capture-recapture by log-linear models: lists depend in pairs, areas differ, models are averaged.

The number of violations with history h in stratum s is Poisson with log mean ``a_s + sum of (b_g + d_sg) over lists
that saw it + sum of c_gk over pairs that both did``; what nobody saw is ``exp(a_s)`` (Fienberg 1972; Bishop, Fienberg
and Holland, *Discrete Multivariate Analysis*, chapter 6). Violations that differ in how easily they are seen make all
pairs depend alike: one more term for the number of pairs (Darroch and others 1993). It is above nought: what is easy
for one list to see is not for that reason hard for the next. Which of this holds is not known: every choice of a few
pairs, with and without that term, is a model; models are averaged by their marginal likelihood (Laplace), of which BIC
is the limit. A stratum's own detection d_sg is drawn towards that of all strata.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy

from teisen.compliance.captures import Captures, pairs
from teisen.geodesy import Floats

LEVEL_SD, LIST_SD, PAIR_SD, ALL_PAIRS_SD = 5.0, 3.0, 1.0, 0.7
"""Standard deviations of the priors of a_s, b_g, c_gk and of what all pairs share (assumed): the first two say
nothing; two lists that depend have odds ratios within a factor of 5 in nine of ten cases. The last is of a normal of
which the half above nought counts."""
STRATUM_SDS = (0.25, 0.7, 1.4)
"""Standard deviations of d_sg that are tried; the likeliest without any pair is kept."""
MOST_PAIRS = 3
"""Pairs of lists that a model lets depend, at most."""
STEPS = 30
STEADY = 1e-8
LEAST_WEIGHT = 1e-4


@dataclass(frozen=True)
class Model:
    """One fitted model: its pairs, whether violations differ in how easily they are seen, its log marginal likelihood,
    the log of what nobody saw with its variance, and P of a deviance as large."""

    pairs: tuple[tuple[int, int], ...]
    differ: bool
    evidence: float
    log_unseen: float
    variance: float
    misfit: float


@dataclass(frozen=True)
class Averaged:
    """Models with their weights (sum 1), likeliest first."""

    models: tuple[Model, ...]
    weights: Floats


def averaged(found: Captures) -> Averaged:
    """All models of up to :data:`MOST_PAIRS` pairs, weighed; those of next to no weight left out.

    With three lists the model in which all pairs depend has as many parameters as counts; its prior keeps it honest.
    """
    every = pairs(len(found.lists))
    chosen = [c for n in range(min(MOST_PAIRS, len(every)) + 1) for c in combinations(every, n)]
    sds = STRATUM_SDS if len(found.seen) > 1 else STRATUM_SDS[:1]
    simple = {sd: max(_fitted(found, (), differ, sd).evidence for differ in (False, True)) for sd in sds}
    best = max(sds, key=lambda sd: round(simple[sd], 6))
    models = [_fitted(found, some, differ, best) for some in chosen for differ in (False, True)]
    evidence = np.array([m.evidence - np.log(_ways(len(every), len(m.pairs))) for m in models])
    weights = np.exp(evidence - evidence.max())
    order = np.argsort(-np.round(weights, 9), kind="stable")
    order = order[weights[order] > LEAST_WEIGHT]
    kept = weights[order]
    return Averaged(tuple(models[n] for n in order), kept / kept.sum())


def _ways(many: int, some: int) -> float:
    """Each number of pairs is as likely as any other, and so is each choice of that many."""
    return float(len(list(combinations(range(many), some))))


def _fitted(found: Captures, some: tuple[tuple[int, int], ...], differ: bool, stratum_sd: float) -> Model:
    strata, lists = len(found.seen), len(found.lists)
    h = found.histories.astype(float)
    both = np.stack([h[:, g] * h[:, k] for g, k in some], axis=1) if some else np.zeros((len(h), 0))
    seen_by = h.sum(axis=1)
    every = (seen_by * (seen_by - 1) / 2)[:, None] if differ else np.zeros((len(h), 0))
    levels = np.kron(np.eye(strata), np.ones((len(h), 1)))
    shared = np.kron(np.ones((strata, 1)), np.concatenate([h, both, every], axis=1))
    own = np.kron(np.eye(strata), h) if strata > 1 else np.zeros((len(h), 0))
    design = np.concatenate([levels, shared, own], axis=1)
    sds = np.concatenate(
        [
            np.full(strata, LEVEL_SD),
            np.full(lists, LIST_SD),
            np.full(len(some), PAIR_SD),
            np.full(every.shape[1], ALL_PAIRS_SD),
            np.full(own.shape[1], stratum_sd),
        ]
    )
    precision = sds**-2
    counts = found.seen.ravel()
    middle = np.concatenate([np.log(found.seen.sum(axis=1) + 1), np.zeros(design.shape[1] - strata)])
    at = middle.copy()
    at[strata : strata + lists] = -1.0
    for _ in range(STEPS):
        mean = np.exp(np.clip(design @ at, -30, 30))
        slope = design.T @ (counts - mean) - precision * (at - middle)
        curve = design.T @ (design * mean[:, None]) + np.diag(precision)
        step = np.linalg.solve(curve, slope)
        at = at + np.clip(step, -2, 2)
        if np.abs(step).max() < STEADY:
            break
    mean = np.exp(np.clip(design @ at, -30, 30))
    curve = design.T @ (design * mean[:, None]) + np.diag(precision)
    log_p = float(counts @ np.log(mean) - mean.sum() - 0.5 * (precision * (at - middle) ** 2).sum())
    evidence = log_p + 0.5 * float(np.log(precision).sum() - np.linalg.slogdet(curve)[1])
    unseen = np.exp(at[:strata])
    spread = np.linalg.inv(curve)
    share = np.concatenate([unseen / unseen.sum(), np.zeros(len(at) - strata)])
    log_unseen, variance = float(np.log(unseen.sum())), float(share @ spread @ share)
    if differ:
        n = strata + lists + len(some)
        log_half, up, less = above_nought(float(at[n]), float(np.sqrt(spread[n, n])))
        slope_on = float(share @ spread[:, n] / spread[n, n])
        evidence += log_half + np.log(2)
        log_unseen += slope_on * up
        variance -= slope_on**2 * less
    deviance = 2 * float((counts * np.log(np.maximum(counts, 1e-12) / mean) - (counts - mean)).sum())
    used = float(np.trace(np.linalg.solve(curve, design.T @ (design * mean[:, None]))))
    left = max(len(counts) - used, 1.0)
    return Model(
        some,
        differ,
        evidence,
        log_unseen,
        variance,
        float(scipy.stats.chi2.sf(deviance, left)),
    )


def above_nought(mean: float, sd: float) -> tuple[float, float, float]:
    """Of a normal: log P(above 0), and by how much its mean is more and its variance less if it is."""
    at = mean / sd
    log_p = float(scipy.special.log_ndtr(at))
    ratio = float(np.exp(-0.5 * at**2 - log_p) / np.sqrt(2 * np.pi))
    return log_p, sd * ratio, sd**2 * ratio * (at + ratio)
