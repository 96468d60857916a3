"""How right totals are that include what everybody missed, and whether they say so where their assumptions are broken.

    python benchmarks/missed.py      prints the table and rewrites docs/benchmarks.md

Some 600 violations in six areas are drawn with who saw them: groups of sources with detection of their own in each
area. Which of them depend, how much, and whether violations differ in how easily they are seen is drawn for each seed
as the method assumes it (:func:`as_assumed`), or it is one case of all these, or breaks what is assumed. Beside
capture-recapture stands inverse detection probability, whose declared figures are off by a factor for each group
(standard deviation of its log: 0.3), and what the rivals say: the number seen, Chao's lower bound, and Chapman's
estimator from the first two lists. "Says so" is a total that is called doubtful or that is not given; "confidently
wrong" one that is called sound and whose interval misses the truth.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from page import rewrite

from teisen.compliance.captures import Captures, Linkage, all_histories, pairs
from teisen.compliance.loglinear import ALL_PAIRS_SD, MOST_PAIRS, PAIR_SD
from teisen.compliance.missed import Estimate, chapman, estimates, floor, inverse, side_by_side

SEEDS, FEWER_SEEDS = range(5000, 5500), range(5000, 5300)
NUMBER, AREAS = 600, 6
P = (0.35, 0.3, 0.25, 0.2)
AREA_SD = 0.5
DETECTION_ERROR = 0.3
FITTING, FITTING_STEP = 200, 0.7
"""Steps by which odds of lists that depend are brought to what they see, and how far each goes."""
ASSUMED: Mapping[str, Mapping[str, Any]] = {
    "four lists, as assumed": {"assumed": True},
    "three lists, as assumed": {"assumed": True, "lists": 3},
    "200 violations, as assumed": {"assumed": True, "number": 200},
    "links missed at a known rate of 10 %, as assumed": {
        "assumed": True,
        "links_missed": 0.1,
        "linkage": Linkage(0.1, 0.0, 0.02),
    },
}
CASES: Mapping[str, Mapping[str, Any]] = {
    "four lists, independent": {"dependence": 0.0},
    "four lists, two depend": {},
    "three lists, independent": {"lists": 3, "dependence": 0.0},
    "three lists, two depend": {"lists": 3},
    "200 violations, two lists depend": {"number": 200},
    "links missed at a known rate of 10 %, two lists depend": {
        "links_missed": 0.1,
        "linkage": Linkage(0.1, 0.0, 0.02),
    },
}
BROKEN: Mapping[str, Mapping[str, Any]] = {
    "two areas of six that nobody watches, as exposure tells": {"hidden_areas": 2},
    "a third that no list can see, and exposure does not tell": {"hidden": 0.33},
    "the same, against those that some list can see, of which totals say they are": {
        "hidden": 0.33,
        "of_seeable": True,
    },
    "some much easier to see (odds, sd of log 1.5)": {"differ": 1.5, "dependence": 0.0},
    "three lists copy from one another": {"copy": 0.5},
    "links missed, 20 %, not known": {"links_missed": 0.2},
    "two lists that depend": {"lists": 2, "dependence": 1.5},
    "hardly any overlap": {"number": 150, "scale": 0.2},
    "one list": {"lists": 1},
}
LINES = (
    "| scenario | bias | covered | says so | confidently wrong | by detection | seen | floor | Chapman |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
)


def drawn(
    seed: int,
    *,
    lists: int = 4,
    number: int = NUMBER,
    dependence: float = 0.8,
    differ: float = 0.0,
    hidden: float = 0.0,
    hidden_areas: int = 0,
    copy: float = 0.0,
    links_missed: float = 0.0,
    scale: float = 1.0,
    assumed: bool = False,
    of_seeable: bool = False,
) -> tuple[Captures, int, Estimate]:
    """Capture histories, the true total, and the estimate by detection probability."""
    rng = np.random.default_rng(seed)
    odds = np.log(np.array(P[:lists]) * scale / (1 - np.array(P[:lists]) * scale))
    total = int(rng.poisson(number))
    area = rng.integers(0, AREAS, total)
    by_area = rng.normal(0, AREA_SD, (AREAS, lists))
    if assumed:
        p, saw = as_assumed(rng, np.array(P[:lists]), by_area, area)
        return _captures(rng, area, saw, links_missed), total, _by_detection(rng, p, saw)
    log_odds = odds + by_area[area]
    can = (rng.random(total) >= hidden) & (area >= hidden_areas)
    p = 1 / (1 + np.exp(-log_odds)) * can[:, None]
    eased = 1 / (1 + np.exp(-log_odds - rng.normal(0, differ, (total, 1)))) * can[:, None]
    saw = rng.random((total, lists)) < eased
    if lists > 1 and dependence:
        shifted = log_odds[:, 1] + dependence * (saw[:, 0] - p[:, 0])
        saw[:, 1] = can & (rng.random(total) < 1 / (1 + np.exp(-shifted)))
    if copy:
        for g in range(1, 3):
            saw[:, g] |= saw[:, 0] & (rng.random(total) < copy)
    by_detection = _by_detection(rng, p, saw)
    return _captures(rng, area, saw, links_missed), int(can.sum()) if of_seeable else total, by_detection


def as_assumed(
    rng: np.random.Generator, usual: NDArray[np.float64], by_area: NDArray[np.float64], area: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """P(see) and who saw, violations by lists, drawn from what :mod:`teisen.compliance.loglinear` assumes.

    None to three pairs of lists depend, and with one chance in two violations differ, by as much as priors say.

    Args:
        usual: P(see) of each list in the middle of the areas, whatever depends.
        by_area: what areas move its log odds by.
        area: of each violation.
    """
    every = pairs(len(usual))
    some = rng.choice(len(every), int(rng.integers(0, MOST_PAIRS + 1)), replace=False)
    shared = abs(rng.normal(0, ALL_PAIRS_SD)) * rng.integers(0, 2)
    patterns = np.concatenate([np.zeros((1, len(usual)), bool), all_histories(len(usual))])
    bond = shared * np.array([patterns[:, g] & patterns[:, k] for g, k in every]).sum(axis=0)
    for (g, k), strength in zip((every[n] for n in some), rng.normal(0, PAIR_SD, len(some)), strict=True):
        bond = bond + strength * (patterns[:, g] & patterns[:, k])
    aim = odds = np.log(usual / (1 - usual))
    for _ in range(FITTING):
        p = _by_pattern(odds[None], patterns, bond) @ patterns
        odds = odds + (aim - np.log(p / (1 - p)))[0] * FITTING_STEP
    chances = _by_pattern(odds + by_area, patterns, bond)
    drew = (rng.random((len(area), 1)) > chances.cumsum(axis=1)[area]).sum(axis=1).clip(0, len(patterns) - 1)
    return (chances @ patterns)[area], patterns[drew]


def _by_pattern(
    odds: NDArray[np.float64], patterns: NDArray[np.bool_], bond: NDArray[np.float64]
) -> NDArray[np.float64]:
    """P(pattern), areas by patterns."""
    weight = np.exp(odds @ patterns.T + bond)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _captures(rng: np.random.Generator, area: NDArray[np.int64], saw: NDArray[np.bool_], missed: float) -> Captures:
    lists = saw.shape[1]
    bits = saw @ (1 << np.arange(lists))
    seen = np.zeros((AREAS, 2**lists - 1))
    for i in np.flatnonzero((saw.sum(axis=1) > 1) & (rng.random(len(saw)) < missed)):
        apart = 1 << int(rng.choice(np.flatnonzero(saw[i])))
        seen[area[i], apart - 1] += 1
        bits[i] -= apart
    np.add.at(seen, (area[bits > 0], bits[bits > 0] - 1), 1)
    return Captures(tuple("abcd"[:lists]), all_histories(lists), seen, 0.0)


def _by_detection(rng: np.random.Generator, p: NDArray[np.float64], saw: NDArray[np.bool_]) -> Estimate:
    """Inverse detection probability with declared figures; what cannot be seen is declared as if it could."""
    mean = np.where(p > 0, p, np.nan)
    usual = np.where(np.isnan(mean), np.nanmean(mean, axis=0), mean)
    declared = np.clip(usual * np.exp(rng.normal(0, DETECTION_ERROR, p.shape[1])), 0.01, 0.95)
    seen = saw.any(axis=1)
    declared = declared[seen]
    miss = np.prod(1 - declared, axis=1)
    loads = DETECTION_ERROR * declared / (1 - declared) * (miss / (1 - miss))[:, None]
    return inverse(np.ones(len(declared)), 1 - miss, list(loads.T))


def line(name: str, settings: Mapping[str, Any], seeds: range) -> str:
    settings = dict(settings)
    blind = settings.get("hidden_areas", 0) / AREAS
    linkage = settings.pop("linkage", None)
    rows = []
    for seed in seeds:
        found, total, looked = drawn(seed, **settings)
        fewer = Linkage(error=0.0) if "links_missed" not in settings else Linkage()
        both = side_by_side(estimates(found, linkage or fewer), [looked], blind)
        rows.append(_scored(found, total, both))
    scored = np.array(rows)
    given = scored[:, 0] == 1
    bias, inside = (scored[given, n].mean() if given.any() else np.nan for n in (1, 2))
    rest = scored[:, 3:].mean(axis=0)
    said, wrong, by_bias, by_inside, seen, low, two = rest
    shown = "- | -" if not given.any() else f"{bias:+.1%} | {inside:.0%}"
    return (
        f"| {name} | {shown} | {said:.0%} | {wrong:.0%} | {by_bias:+.1%}, {by_inside:.0%} "
        f"| {seen:+.0%} | {low:+.0%} | {two:+.0%} |"
    )


def _scored(found: Captures, total: int, both: list[Estimate]) -> list[float]:
    capture, looked = both[0], both[-1]
    given = capture.word != "cannot_say" and capture.total is not None
    off, inside = 0.0, False
    if given and capture.total:
        off, inside = capture.total[1] / total - 1, capture.total[0] <= total <= capture.total[2]
    assert looked.total is not None
    rivals = [found.total, floor(found)[1] if len(found.lists) > 1 else found.total, _two(found)]
    return [
        float(given),
        off,
        float(inside),
        float(capture.word != "holds"),
        float(capture.word == "holds" and not inside),
        looked.total[1] / total - 1,
        float(looked.total[0] <= total <= looked.total[2]),
        *(value / total - 1 for value in rivals),
    ]


def _two(found: Captures) -> float:
    """Chapman's estimate from the first two lists."""
    if len(found.lists) < 2:
        return found.total
    pair = found.histories[:, :2] @ np.array([1, 2])
    seen = np.bincount(pair, found.seen.sum(axis=0), minlength=4)[None, 1:]
    return chapman(Captures(found.lists[:2], all_histories(2), seen, 0.0))[1]


def main(arguments: list[str]) -> None:
    del arguments
    lines = list(LINES)
    for scenarios, seeds in ((ASSUMED, SEEDS), (CASES, SEEDS), (BROKEN, FEWER_SEEDS)):
        lines += [line(name, settings, seeds) for name, settings in scenarios.items()]
    rewrite("missed", lines)


if __name__ == "__main__":
    main(sys.argv[1:])
