"""Detection within an hour, a day or a week as a rule: the cheapest placement found that keeps to all such rules.

Each rule is a covering problem of one kind within one window, alone; they stand side by side as one, in which every
place (or sector) of every rule is a group that has to have enough (Wolsey 1982, :func:`.placement.reach`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import scipy

from teisen.errors import BadInput
from teisen.errors import Problem as Wrong
from teisen.geodesy import Floats
from teisen.planning.alone import alone
from teisen.planning.bound import costs_at_least
from teisen.planning.coverage import Ints
from teisen.planning.limits import Limits
from teisen.planning.placement import Problem, reach
from teisen.planning.plan import InTime

if TYPE_CHECKING:
    from teisen.planning.solve import Setting

STEPS = 20
"""Planes that are tried to prove what keeping to a rule costs at least."""
SLACK = 1e-9


def in_time(here: Setting) -> Ints:
    """A placement that keeps to the rules' ``in_time``, as cheap as was found; shape (options,).

    Raises:
        BadInput: there is none, or it does not fit into the other rules; says which, and what is proven of it.
    """
    rules, within = here.brief.rules, here.limits
    parts = [_alone(here, rule) for rule in rules.in_time]
    problem, group, enough = _together(parts, rules.in_time)
    _possible(here, within, parts)
    price = np.maximum(here.coverage.options["cost"].to_numpy().astype(np.float64), 1.0)
    number = reach(problem, within, group, enough, price)
    short = np.bincount(group, weights=problem.weight * problem.of(number)) < enough - SLACK
    over = np.flatnonzero(within.use @ number > within.most * (1 + SLACK))
    if short.any() or len(over):
        raise BadInput(_unfit(here, within, parts, number, price))
    return number


def broken(here: Setting, number: Ints) -> list[tuple[InTime, float]]:
    """The rules of ``in_time`` that a placement does not keep to, each with what it reaches at its worst."""
    found = []
    for rule in here.brief.rules.in_time:
        problem, group = _alone(here, rule)
        least = _least(problem, group, number)
        if least < rule.detection - SLACK:
            found.append((rule, least))
    return found


def told(rule: InTime) -> str:
    """A rule in words."""
    where = "every place" if rule.where == "place" else "every sector"
    return f"{rule.detection:.0%} of {rule.kind} within {rule.within_h:g} h at {where}"


def _alone(here: Setting, rule: InTime) -> tuple[Problem, Ints]:
    """The problem of a rule, and the place or sector of each of its cells; the weights of each of those sum to 1."""
    plain = tuple(one.model_copy(update={"two_means": False}) for one in here.brief.watched)
    there = alone(replace(here, brief=here.brief.model_copy(update={"watched": plain})), rule.kind, rule.within_h)
    if there.ground.demand.is_empty():
        do = "Watch for it under `watched:`, or leave the rule out."
        raise BadInput(Wrong(here.brief.id, 0, "in_time", f"{rule.kind} is not watched for", do))
    key = "demand_id" if rule.where == "place" else "sector_id"
    group = there.ground.demand[key].rank("dense").to_numpy().astype(np.int64)[there.coverage.row] - 1
    weight = there.puzzle.weight / np.bincount(group, weights=there.puzzle.weight)[group]
    return Problem(there.puzzle.miss, there.puzzle.seen, weight), group


def _together(parts: list[tuple[Problem, Ints]], rules: tuple[InTime, ...]) -> tuple[Problem, Ints, Floats]:
    many = [int(group.max()) + 1 for _, group in parts]
    first = np.cumsum([0, *many[:-1]])
    miss = scipy.sparse.hstack([problem.miss for problem, _ in parts], format="csr")
    seen = scipy.sparse.hstack([problem.seen for problem, _ in parts], format="csr")
    weight = np.concatenate([problem.weight for problem, _ in parts])
    group = np.concatenate([group + n for (_, group), n in zip(parts, first, strict=True)])
    return Problem(miss, seen, weight), group, np.repeat([rule.detection for rule in rules], many)


def _least(problem: Problem, group: Ints, number: Ints) -> float:
    return float(np.bincount(group, weights=problem.weight * problem.of(number)).min())


def _possible(here: Setting, within: Limits, parts: list[tuple[Problem, Ints]]) -> None:
    for rule, (problem, group) in zip(here.brief.rules.in_time, parts, strict=True):
        most = _least(problem, group, within.each)
        if most < rule.detection:
            what = f"{told(rule)} is impossible at any price: all that may stand there sees {most:.1%} at the worst"
            do = "Ask for less or later, or allow other sites and sensors."
            raise BadInput(Wrong(here.brief.id, 0, "in_time", what, do))


def _unfit(here: Setting, within: Limits, parts: list[tuple[Problem, Ints]], number: Ints, price: Floats) -> Wrong:
    """What is said where the placement that was found breaks another rule."""
    takes = within.use @ number
    broke = [f"{name}: {x:,.0f} of {most:,.0f}" for name, x, most in zip(within.names, takes, within.most, strict=True)
             if x > most * (1 + SLACK)]  # fmt: skip
    least = 0.0
    for rule, (problem, group) in zip(here.brief.rules.in_time, parts, strict=True):
        mean = Problem(problem.miss, problem.seen, problem.weight / (int(group.max()) + 1))
        least = max(least, costs_at_least(mean, within, price, rule.detection, number, steps=STEPS))
    said = ", ".join(told(rule) for rule in here.brief.rules.in_time)
    what = (
        f"the cheapest plan found for {said} costs {price @ number:,.0f} US dollars a year and takes too much of "
        f"{', '.join(broke) or 'the sites'}; no plan for it costs less than {least:,.0f}"
    )
    return Wrong(here.brief.id, 0, "in_time", what, "Allow more, or ask for less or later.")
