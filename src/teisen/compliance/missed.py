"""How many violations everybody missed, by capture-recapture and by inverse detection probability, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
import scipy

from teisen.compliance.basis import READING, Basis
from teisen.compliance.captures import STATED, Captures, Linkage, captures, relinked
from teisen.compliance.counts import NOBODY
from teisen.compliance.intervals import QUANTILES
from teisen.compliance.latent import latent_total
from teisen.compliance.loglinear import Averaged, averaged
from teisen.compliance.mixture import mixture_quantiles
from teisen.compliance.rates import Fit
from teisen.compliance.schema import MISSED
from teisen.geodesy import Floats
from teisen.sources import Source

LEAST_SEEN = 20.0
"""Violations seen below which capture-recapture says nothing (assumed)."""
LEAST_OVERLAP = 10.0
"""Violations seen by two lists and more below which it says nothing (assumed)."""
LEAST_PAIR = 1.0
"""A pair of lists that saw fewer than this together says nothing of how the two depend."""
WIDE = 4.0
"""An interval whose ends lie further apart than this factor is no estimate (assumed)."""
MODELS_PART = 1.5
"""Models with a tenth of the weight whose totals lie further apart than this factor disagree (assumed)."""
MISFIT = 0.02
"""P of a deviance as large as the best model's, below which no model fits."""
BLIND = 0.1
"""Share of what happened where nobody could see, from which on a total is of the rest alone (assumed)."""
WEIGHTY = 0.1
MOSTLY = 0.5
"""Weight of models in which violations differ, from which on that is said."""
SURELY = 0.9
"""Weight of models in which lists depend, from which on that is said."""

WARNINGS = {
    "no_list": "no group of sources saw any alone",
    "one_list": "one group of sources alone is no capture and recapture",
    "two_lists": "two lists alone: that they see independently of each other is assumed and cannot be checked",
    "few_seen": "too few violations were seen",
    "sparse_overlap": "hardly any violation was seen by several lists",
    "pair_apart": "some two lists saw nothing in common",
    "wide": "the data leave the total open by more than a factor of four",
    "models_part": "models that fit about as well give totals far apart",
    "lists_depend": "lists depend on each other",
    "differ": "some violations seem easier to see than others, and how many are hard to see no data tells",
    "misfit": "no model fits who saw what: lists depend in more than pairs, or some violations are easier to see",
    "need_not_hold": "lists depend on each other, and then it need not lie below what there was",
    "below_floor": "it lies below the lower bound that holds whatever violations differ in",
    "classes_part": "two latent classes fit as well and give another total",
    "methods_part": "capture-recapture and detection probabilities disagree",
    "too_few_classes": "latent classes need four lists",
    "nobody_watched": "no source's probability to detect is known where they were seen",
    "unwatched": "what happened where and when nobody could see is not in it",
    "declared": "detection probabilities are mostly assumed, not measured",
}
"""What speaks against an estimate, in words."""
FATAL = ("no_list", "one_list", "few_seen", "sparse_overlap", "wide", "too_few_classes", "nobody_watched")
"""With one of these there is no estimate."""
HARMLESS = ("lists_depend", "declared", "pair_apart")
"""Said, but no reason to doubt: models allow for it, or the interval does."""


@dataclass(frozen=True)
class Estimate:
    """A total by one method, with what speaks against it; ``seen`` of what was found does it count (none: all)."""

    method: str
    total: tuple[float, float, float] | None
    warnings: tuple[str, ...]
    seen: float | None = None

    @property
    def word(self) -> str:
        """holds, doubtful or cannot_say."""
        if any(w in FATAL for w in self.warnings) or self.total is None:
            return "cannot_say"
        return "doubtful" if any(w not in HARMLESS for w in self.warnings) else "holds"

    def warned(self, *words: str) -> Estimate:
        """With more against it."""
        return replace(self, warnings=(*self.warnings, *words))


def missed_table(
    rests_on: Basis,
    fitted: Fit,
    evidence: pl.DataFrame,
    sources: Mapping[str, Source],
    linkage: Linkage = STATED,
) -> pl.DataFrame:
    """MISSED: totals of each reading by each method, of what was found in the days in force."""
    rows: list[dict[str, Any]] = []
    for s, reading in enumerate(rests_on.series.select(READING).iter_rows()):
        mine = rests_on.found.filter(*(pl.col(n) == v for n, v in zip(READING, reading, strict=True)))
        found = captures(mine.select("incident_id", "area_id", p="part"), evidence, sources)
        if not mine.is_empty():
            share = rests_on.share[:, s]
            captured = [replace(one, seen=found.total) for one in estimates(found, linkage)]
            both = side_by_side(captured, [by_effort(fitted, s, share)], unwatched(fitted, s, share))
            span = rests_on.span(s)
            rows += [_row(reading, span, found, float(mine["part"].sum()), one) for one in both]
    return MISSED.hand_over(pl.DataFrame(rows, schema=MISSED.schema))


def estimates(found: Captures, linkage: Linkage = STATED) -> list[Estimate]:
    """Totals from capture histories: averaged log-linear models, the lower bound, latent classes."""
    warnings = _before(found)
    if any(w in FATAL for w in warnings):
        return [Estimate("capture", None, tuple(warnings))]
    low_bound = floor(found)
    bound = Estimate("floor", low_bound, ("two_lists",) if len(found.lists) == 2 else ())
    if len(found.lists) == 2:
        return [Estimate("capture", chapman(found), tuple(warnings)), bound]
    central = relinked(found, linkage.false - linkage.missed) if linkage.false != linkage.missed else found
    models = averaged(central)
    if sum(w for m, w in zip(models.models, models.weights, strict=True) if m.pairs) > SURELY:
        bound = bound.warned("need_not_hold")
    total = _total(central, models, linkage)
    warnings += _after(total, models, low_bound, central.total)
    classes = latent_total(central)
    if classes is None:
        latent = Estimate("latent", None, ("too_few_classes",))
    else:
        latent = Estimate("latent", classes, ())
        if classes[0] > total[2] or classes[2] < total[0]:
            warnings.append("classes_part")
    return [Estimate("capture", total, tuple(warnings)), bound, latent]


def _before(found: Captures) -> list[str]:
    """What can be said against it before anything is fitted."""
    warnings = {0: ["no_list"], 1: ["one_list"], 2: ["two_lists"]}.get(len(found.lists), [])
    if len(found.lists) < 2:
        return warnings
    if found.total < LEAST_SEEN:
        warnings.append("few_seen")
    if found.by_number[1:].sum() < LEAST_OVERLAP:
        warnings.append("sparse_overlap")
    if (found.overlaps < LEAST_PAIR).any():
        warnings.append("pair_apart")
    return warnings


def _after(
    total: tuple[float, float, float], models: Averaged, bound: tuple[float, float, float], seen: float
) -> list[str]:
    """What speaks against averaged models once they are fitted."""
    warnings = []
    if total[2] > WIDE * max(total[0], 1.0):
        warnings.append("wide")
    weighty = [m for m, w in zip(models.models, models.weights, strict=True) if w >= WEIGHTY]
    totals = [seen + np.exp(m.log_unseen) for m in weighty]
    if totals and max(totals) > MODELS_PART * min(totals):
        warnings.append("models_part")
    if sum(w for m, w in zip(models.models, models.weights, strict=True) if m.pairs or m.differ) > SURELY:
        warnings.append("lists_depend")
    if sum(w for m, w in zip(models.models, models.weights, strict=True) if m.differ) > MOSTLY:
        warnings.append("differ")
    if models.models[0].misfit < MISFIT:
        warnings.append("misfit")
    if total[2] < bound[0]:
        warnings.append("below_floor")
    return warnings


def _total(found: Captures, models: Averaged, linkage: Linkage) -> tuple[float, float, float]:
    """Quantiles of the total: models averaged, with doubt about findings and errors of fusion."""
    means = np.array([m.log_unseen for m in models.models])
    variances = np.array([m.variance for m in models.models])
    unseen = np.exp(means)
    link = _link_error(found, models, linkage)
    totals = found.total + unseen
    spread = unseen**2 * np.expm1(np.minimum(variances, 20.0)) + unseen + link**2
    inflated = found.doubt * (totals / max(found.total, 1e-9)) ** 2
    low, half, high = mixture_quantiles(models.weights, means, np.sqrt(np.log1p(spread / unseen**2)))
    more = np.sqrt(float(models.weights @ inflated))
    middle = found.total + half
    return tuple(
        middle + np.sign(end - half) * float(np.hypot(end - half, more * abs(scipy.special.ndtri(q))))
        for end, q in zip((low, half, high), QUANTILES, strict=True)
    )


def _link_error(found: Captures, models: Averaged, linkage: Linkage) -> float:
    """Standard deviation of what nobody saw from errors of fusion, by fitting the likeliest model's pairs anew."""
    if not linkage.error:
        return 0.0
    ends = [averaged(relinked(found, share)) for share in (linkage.error, -linkage.error)]
    values = [float(a.weights @ np.exp([m.log_unseen for m in a.models])) for a in ends]
    return abs(values[0] - values[1]) / 2


def chapman(found: Captures) -> tuple[float, float, float]:
    """Chapman's estimator for two lists with a lognormal interval of what was missed (Chapman 1951; Seber 1970)."""
    seen = found.seen.sum(axis=0)
    first, second, both = seen[0] + seen[2], seen[1] + seen[2], seen[2]
    total = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    return _beyond(found.total, total, variance)


def floor(found: Captures) -> tuple[float, float, float]:
    """Chao's lower bound with its interval, whatever violations differ in, if lists are independent (Chao 1989).

    Lists see unequally much: of Z_j that list j alone saw and f2 that two saw, the unseen are at least the sum of
    Z_j Z_k over pairs of lists, divided by f2. With (T - 1) / 2 T f1^2 in place of that sum (Chao 1987, equal lists) no
    bound holds: a list that sees ten times what the other does would give three times what there is. The variance is
    the first order of Poisson counts, and that of the unseen.
    """
    alone = found.seen.sum(axis=0)[found.histories.sum(axis=1) == 1]
    once, twice = float(alone.sum()), float(found.by_number[1])
    products = float(once**2 - np.square(alone).sum()) / 2
    unseen, at_least = products / (twice + 1), products / max(twice, 1.0)
    variance = float((alone * (once - alone) ** 2).sum()) / max(twice, 1.0) ** 2
    variance += at_least**2 / max(twice, 1.0) + at_least
    return _beyond(found.total, found.total + unseen, variance)


def _beyond(seen: float, total: float, variance: float) -> tuple[float, float, float]:
    """Lognormal interval of what lies beyond what was seen (Chao 1987)."""
    missed = max(total - seen, 1e-6)
    width = float(np.exp(scipy.special.ndtri(QUANTILES[2]) * np.sqrt(np.log1p(variance / missed**2))))
    return seen + missed / width, seen + missed, seen + missed * width


def by_effort(fitted: Fit, series: int, share: Floats) -> Estimate:
    """Total by inverse detection probability where some source watched (:func:`inverse`).

    Args:
        fitted: the model.
        series: number of the reading.
        share: part of each day in which it is in force, (days,): a total is of those parts, not of whole days.
    """
    found, doubt = fitted.cells.found[:, series], fitted.cells.doubt[:, series]
    watched = _watched(fitted, series, share)
    there = (watched >= NOBODY) & (found > 0)
    if not there.any():
        return Estimate("effort", None, ("nobody_watched",))
    return inverse(found[there], watched[there], [load[:, series][there] for load in fitted.cells.loads], doubt[there])


def _watched(fitted: Fit, series: int, share: Floats) -> Floats:
    """Share watched while the reading is in force: (days, areas)."""
    return np.asarray(fitted.cells.effort[:, series] / np.where(share > 0, share, 1.0)[:, None])


def inverse(found: Floats, p: Floats, loads: Sequence[Floats], doubt: Floats | float = 0.0) -> Estimate:
    """Each violation found counts 1 / P(detect) (Horvitz and Thompson 1952).

    What declared probabilities may be off is carried along, one error a group of sources. What was seen was seen
    whatever they are: the interval is one of what lies beyond, which errors of the log odds move about in proportion;
    with one of the whole a total that is too low would have too narrow an interval.

    Args:
        found: expected violations found, by area and day or one by one.
        p: P(some source reports it), by the same axis.
        loads: by group of sources, what one standard deviation of error in its detection does to log ``p``.
        doubt: variance of ``found``.
    """
    each = found / p
    total = float(each.sum())
    chance = float((each / p * (1 - p)).sum() + (doubt / p**2).sum())
    detection = sum(float((each * load).sum() / total) ** 2 for load in loads)
    interval = _beyond(float(found.sum()), total, chance + detection * total**2)
    return Estimate("effort", interval, ("declared",) if detection > 0.05 else (), float(found.sum()))


def unwatched(fitted: Fit, series: int, share: Floats) -> float:
    """Share of what happened, by median rates, that happened where and when nobody could see, days in force alone;
    arguments as of :func:`by_effort`."""
    happened = np.exp(fitted.mean[:, series]) * share[:, None] * fitted.cells.inside[series]
    blind = _watched(fitted, series, share) < NOBODY
    return float(happened[blind].sum() / happened.sum()) if happened.sum() > 0 else 1.0


def side_by_side(captured: list[Estimate], looked: list[Estimate], blind: float = 0.0) -> list[Estimate]:
    """Both, with a warning where they disagree (:func:`disagree`); ``blind`` is :func:`unwatched`."""
    if blind > BLIND:
        captured, looked = ([one.warned("unwatched") for one in some] for some in (captured, looked))
    capture, effort = captured[0], looked[0]
    if capture.total is None or effort.total is None or capture.word == "cannot_say":
        return [*captured, *looked]
    if disagree(capture.total, effort.total):
        return [capture.warned("methods_part"), *captured[1:], effort.warned("methods_part")]
    return [*captured, *looked]


def disagree(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    """Whether the 90 % interval of their difference, from both intervals, leaves nought out (Zou and Donner 2008).

    That two intervals do not meet asks for more: of equal width and right, they are apart one time in fifty.
    """
    more, less = (one, other) if one[1] >= other[1] else (other, one)
    return more[1] - less[1] > float(np.hypot(more[1] - more[0], less[2] - less[1]))


NAMES = {
    "capture": "By who saw what",
    "floor": "At least",
    "latent": "By classes of how easily violations are seen",
    "effort": "By how well one looked, where anyone did",
}


def _row(reading: tuple[Any, ...], span: dict[str, Any], found: Captures, seen: float, one: Estimate) -> dict[str, Any]:
    sure = one.word != "cannot_say" and one.total is not None
    low, middle, high = one.total if sure and one.total else (None, None, None)
    seen = one.seen if sure and one.seen is not None else seen
    return {
        **dict(zip(READING, reading, strict=True)),
        **span,
        "method": one.method,
        "lists": list(found.lists),
        "seen": seen,
        "low": low,
        "middle": middle,
        "high": high,
        "word": one.word,
        "warnings": list(one.warnings),
        "says": sentence(seen, one),
    }


def sentence(seen: float, one: Estimate) -> str:
    """The estimate in one sentence."""
    why = "; ".join(WARNINGS[w] for w in one.warnings)
    if one.word == "cannot_say" or one.total is None:
        return f"{NAMES[one.method]}: cannot say: {why}."
    low, middle, high = one.total
    said = (
        f"{NAMES[one.method]}: {middle:.0f} in all that some source could see ({low:.0f} to {high:.0f}), "
        f"of which {seen:.1f} were seen"
    )
    doubt = "" if one.word == "holds" else "doubtful: "
    return f"{said}; {doubt}{why}." if why else f"{said}."
