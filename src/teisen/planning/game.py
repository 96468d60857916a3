"""The patrol game: what detection the mission can guarantee against a violator who knows its plan.

The mission commits to a mixture of joint routes; the violator knows the mixture, what stands there anyway and when
crews change, not what is drawn, and chooses place, slot and kind. Its gain is the mission's loss, so that the
Stackelberg mixture is the minimax one (von Stengel and Zamir, Games and Economic Behavior 69, 2010) and a linear
programme finds it; joint routes come in by column generation, as in Jain, Kardes, Kiekintveld, Ordóñez and Tambe (AAAI
2010).

Every guarantee is computed from the mixture as it is handed over (whole tickets), not taken from the solver; every
bound from the violator's mixture: no mixture of the mission can do better against it. Both are sums that anybody can
do again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy

from teisen.geodesy import Floats
from teisen.planning.answer import best_joint
from teisen.planning.deciding import deciding
from teisen.planning.mixture import Answer, Asked, Mixture, tickets
from teisen.planning.patrol import Bools, Crew, Ints, Network, Route

TICKETS = 1_000_000
"""A mixture is drawn from so many tickets: probabilities are kept to a millionth."""
DECIMALS = 6
GAP = 0.005
"""Between guarantee and bound the search ends (of detection probability)."""
SLACK = 1e-7
"""What a guarantee may give way while others are raised: the solver's own tolerance."""
ROUNDS = 400
"""Joint routes that are taken in at most."""
SURE = 1 - 1e-9
"""Chances above this count as this: a logarithm of nothing is not a number."""
LATER = 60
"""The same for a kind that comes after the hardest one: nothing is proven of it there."""
PATIENCE = 25
"""Rounds in which the gap has to close by a tenth of what is asked for, or the search ends."""
SMOOTHING = 0.5
"""Weight of the best duals so far when a joint route is priced (Wentges 1997): less of a zigzag."""

Joint = tuple[Route, ...]
"""A route for each crew, in the order of the crews."""


@dataclass(frozen=True)
class Game:
    """A patrol game.

    Attributes:
        network: where crews can be.
        crews: who patrols.
        sees: P(a visit finds | a choice of the violator), shape (visits, choices).
        base: P(found without any patrol) of each choice, shape (choices,), independent of the patrols.
        kind: number of the kind of each choice, shape (choices,).
    """

    network: Network
    crews: tuple[Crew, ...]
    sees: Floats
    base: Floats
    kind: Ints

    def __post_init__(self) -> None:
        visits = self.network.places * self.network.slots
        if self.sees.shape != (visits, len(self.base)) or self.kind.shape != self.base.shape:
            raise ValueError("sees is not (visits, choices)")
        if self.sees.size and not (self.sees.min() >= 0 and self.sees.max() <= 1):
            raise ValueError("chances lie between 0 and 1")

    @cached_property
    def log_missed(self) -> Floats:
        """Logarithm of what each visit misses, shape (visits, choices)."""
        return np.asarray(np.log1p(-np.minimum(self.sees, SURE)), np.float64)

    @cached_property
    def reached(self) -> Bools:
        """Choices that some visit can find, shape (choices,); of the others all that stands there anyway finds."""
        return np.asarray(self.finds.any(axis=0), np.bool_)

    @cached_property
    def finds(self) -> Bools:
        """Whether a visit can find a choice at all, shape (visits, choices)."""
        return np.asarray(self.sees > 0, np.bool_)

    @cached_property
    def few(self) -> tuple[Any, Any]:
        """``sees`` and ``log_missed`` as sparse matrices: a visit finds little of all that may be chosen."""
        return scipy.sparse.csr_array(self.sees), scipy.sparse.csr_array(self.log_missed)

    def only(self, choices: Ints) -> Game:
        """The game in which the violator has these choices alone, by their numbers."""
        return Game(self.network, self.crews, self.sees[:, choices], self.base[choices], self.kind[choices])

    def missed(self, joint: Joint) -> Floats:
        """P(a choice is missed by all crews), without what stands there anyway, shape (choices,)."""
        visits = [visit for route in joint for visit in route]
        return np.asarray(np.exp(self.log_missed[visits].sum(axis=0)), np.float64)

    def detection(self, joint: Joint) -> Floats:
        """P(a choice is found), shape (choices,)."""
        return 1 - (1 - self.base) * self.missed(joint)

    def effort(self, joint: Joint) -> int:
        """Slots on the first party's side less those on the second's."""
        return sum(self.network.effort(route) for route in joint)


@dataclass(frozen=True)
class Mix:
    """What the mission commits to: joint routes with tickets of TICKETS, and what that is good for.

    Attributes:
        joints: joint routes that may be drawn, and ``tickets`` of each.
        detection: P(found) of each choice under the mixture, shape (choices,), rounded down to a millionth.
        bound: no mixture gives every choice that crews can find more than this (of its share).
        alone: by number of kind, what no mixture gives more of to that kind where crews can find it, even one that
            cares
            for no other kind; a kind that they never can is not in it.
        violator: weights of the violator's answer that proves ``bound``, shape (choices,).
    """

    joints: tuple[Joint, ...]
    tickets: tuple[int, ...]
    detection: Floats
    bound: float
    alone: dict[int, float]
    violator: Floats

    def chance(self) -> Floats:
        """P(drawn) of each joint route."""
        return np.array(self.tickets, float) / TICKETS

    def guaranteed(self, game: Game) -> dict[int, float]:
        """The least detection of each kind, wherever and whenever."""
        return {int(k): float(self.detection[game.kind == k].min()) for k in np.unique(game.kind)}

    def reached(self, game: Game) -> dict[int, float]:
        """The least detection of each kind where and when crews can find it at all."""
        there = np.unique(game.kind[game.reached])
        return {int(k): float(self.detection[(game.kind == k) & game.reached].min()) for k in there}

    def presence(self, game: Game) -> Floats:
        """The marginals: mean number of crews at each place in each slot, shape (places, slots)."""
        there = np.zeros(game.network.places * game.network.slots)
        for joint, p in zip(self.joints, self.chance(), strict=True):
            for route in joint:
                there[list(route)] += p
        return there.reshape(game.network.places, game.network.slots)

    def effort(self, game: Game) -> float:
        """Mean slots on the first party's side less those on the second's."""
        return float(self.chance() @ [game.effort(joint) for joint in self.joints])


def solve(
    game: Game,
    *,
    share: Floats | None = None,
    uneven: float | None = None,
    risk: Floats | None = None,
    keep: float = 0.9,
    by_kind: bool = True,
    gap: float = GAP,
    rounds: int = ROUNDS,
) -> Mix:
    """The mixture with the greatest guarantee.

    Args:
        game: the game.
        share: detection that each choice is owed, in proportion, shape (choices,); by default all alike. What the
            violator gains from a choice and fears of being found goes in here: with a gain g and a loss l it is
            deterred from g / (g + l) on.
        uneven: most mean slots on one party's side above the other's; 0: equal effort; None: any.
        risk: what is expected of each choice (a forecast), shape (choices,). Then ``keep`` of every guarantee is kept,
            and what is left of the effort goes where most is expected.
        keep: share of each guarantee that is kept for that.
        by_kind: choices that no visit can find are left aside. When the kind that is hardest to find can be helped no
            more, the next one is, and so on; otherwise the
            hardest kind alone counts.
        gap: end of the search.
        rounds: most joint routes that are taken in at a stage.
    """
    owed = np.ones(len(game.base)) if share is None else np.asarray(share, float)
    if owed.shape != game.base.shape or (owed <= 0).any():
        raise ValueError("share is above 0 for each choice")
    which = deciding(game.sees, game.base, game.kind, owed, game.reached)
    less, due = game.only(which), owed[which]
    nothing = np.zeros(len(due))
    kinds = [int(k) for k in np.unique(less.kind)]
    joints: list[Joint] = [tuple(() for _ in game.crews)]
    alone: dict[int, float] = {}
    if by_kind and len(kinds) > 1:
        alone, joints = _each_alone(less, due, uneven, gap, rounds)
    open_, floor, bound, proof, weights = list(kinds), nothing, 1.0, nothing, np.ones(1)
    while open_:
        asked = Asked(np.where(np.isin(less.kind, open_), due, 0.0), floor, nothing, uneven)
        stage = _Stage(less, asked, joints)
        first = len(open_) == len(kinds)
        found = stage.search(gap, rounds if first else min(rounds, LATER))
        joints, weights = stage.joints, found.weights
        if first:
            bound, proof = min(stage.bound, 1 / owed.min()), stage.proof
        hardest = max(open_, key=lambda k: float(found.worth[less.kind == k].sum()))
        held = [hardest] if by_kind else open_
        floor = np.where(np.isin(less.kind, held), due * max(found.value, 0.0) - SLACK, floor)
        open_ = [k for k in open_ if k not in held]
    if risk is not None and kinds:
        seen = weights @ np.array([game.detection(joint) for joint in joints])
        least = {k: float((seen / owed)[(game.kind == k) & game.reached].min()) for k in kinds}
        kept = np.where(game.reached, owed, 0.0) * np.array([keep * least.get(int(k), 0.0) for k in game.kind]) - SLACK
        reward = np.asarray(risk, float) / float(np.sum(risk))
        stage = _Stage(game, Asked(np.zeros(len(owed)), kept, reward, uneven), joints)
        weights, joints = stage.search(gap, rounds).weights, stage.joints
    violator = np.zeros(len(owed))
    violator[which] = proof
    alone = alone or dict.fromkeys(kinds, bound)
    return handed_over(game, joints, weights, bound=bound, alone=alone, violator=violator)


def _each_alone(
    game: Game, owed: Floats, uneven: float | None, gap: float, rounds: int
) -> tuple[dict[int, float], list[Joint]]:
    """For each kind what no mixture gives more of to it alone, and the joint routes that would be drawn for it."""
    alone: dict[int, float] = {}
    joints: list[Joint] = [tuple(() for _ in game.crews)]
    for k in (int(k) for k in np.unique(game.kind)):
        mine = np.flatnonzero(game.kind == k)
        nothing = np.zeros(len(mine))
        stage = _Stage(game.only(mine), Asked(owed[mine], nothing, nothing, uneven), joints[:1])
        stage.search(gap, rounds)
        alone[k] = min(stage.bound, 1 / float(owed[mine].min()))
        joints += [joint for joint in stage.drawn() if joint not in joints]
    return alone, joints


def handed_over(
    game: Game,
    joints: Sequence[Joint],
    weights: Floats,
    *,
    bound: float,
    alone: dict[int, float],
    violator: Floats,
) -> Mix:
    """A mixture in whole tickets, with the detection that those give."""
    of = tickets(weights, TICKETS)
    drawn = sorted((joint, n) for joint, n in zip(joints, of, strict=True) if n)
    chance = np.array([n for _, n in drawn], float) / TICKETS
    seen = chance @ np.array([game.detection(joint) for joint, _ in drawn])
    down = np.floor(np.round(seen * 10**DECIMALS, 3)) / 10**DECIMALS
    return Mix(tuple(joint for joint, _ in drawn), tuple(n for _, n in drawn), down, bound, alone, violator)


class _Stage:
    """One linear programme: columns come in until guarantee and bound meet."""

    def __init__(self, game: Game, asked: Asked, joints: Sequence[Joint]) -> None:
        self.game, self.asked = game, asked
        self.joints = list(joints)
        self._known = set(joints)
        self.mixture = Mixture(asked)
        for joint in joints:
            self.mixture.add(game.detection(joint), game.effort(joint))
        self.bound, self.proof = np.inf, np.zeros(len(game.base))
        self._tilt, self._best = 0.0, np.zeros(len(game.base))

    def search(self, gap: float, rounds: int) -> Answer:
        """Take in joint routes until no better one is found or the bound is within ``gap``."""
        answer, before = self.mixture.solve(), np.inf
        for n in range(rounds):
            if n % PATIENCE == PATIENCE - 1:
                now = self.bound - self._objective(answer)
                if now > before - gap / 10:
                    break
                before = now
            smooth = np.isfinite(self.bound)
            worth = SMOOTHING * self._best + (1 - SMOOTHING) * answer.worth if smooth else answer.worth
            tilt = SMOOTHING * self._tilt + (1 - SMOOTHING) * answer.tilt if smooth else answer.tilt
            came = self._price(worth, tilt, answer)
            if not came and smooth:
                came = self._price(answer.worth, answer.tilt, answer)
            if not came or self.bound - self._objective(answer) <= gap:
                break
            answer = self.mixture.solve()
        if len(answer.weights) < len(self.joints):
            answer = self.mixture.solve()
        self.bound = max(self.bound, self._objective(answer))
        return answer

    def drawn(self) -> list[Joint]:
        """The joint routes that the last mixture draws."""
        weights = self.mixture.solve().weights
        return [joint for joint, p in zip(self.joints, weights, strict=True) if p > 1e-9]

    def _objective(self, answer: Answer) -> float:
        return answer.value + float(answer.weights @ self._rewards(len(answer.weights)))

    def _usual(self, weights: Floats) -> Floats:
        """Mean visits of the mixture, shape (visits,)."""
        visits = np.zeros(self.game.sees.shape[0])
        for joint, p in zip(self.joints, weights, strict=False):
            for route in joint:
                visits[list(route)] += p
        return visits

    def _rewards(self, count: int) -> Floats:
        return np.array(self.mixture.detection[:count]) @ self.asked.reward

    def _price(self, worth: Floats, tilt: float, answer: Answer) -> bool:
        """Look for a joint route that is worth more than its price, and tighten the bound; whether one came in."""
        best, above = best_joint(self.game, worth, tilt, self._usual(answer.weights))
        owed = worth - self.asked.reward
        limit = above - float(owed @ self.asked.floor) + abs(tilt) * (self.asked.uneven or 0.0)
        if limit < self.bound - 1e-12:
            self.bound, self.proof, self._best, self._tilt = limit, owed, worth, tilt
        if best in self._known:
            return False
        detection, effort = self.game.detection(best), self.game.effort(best)
        self._known.add(best)
        self.joints.append(best)
        self.mixture.add(detection, effort)
        return float(answer.worth @ detection) + answer.tilt * effort > answer.price + 1e-9 or worth is not answer.worth
