"""The mission's answer in the patrol game: a joint route of high worth, and what no joint route is worth more than."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from teisen.geodesy import Floats
from teisen.planning.patrol import Route, best_route, best_routes

if TYPE_CHECKING:
    from teisen.planning.game import Game, Joint

PASSES = 3
"""Rounds in which each crew answers the others when a joint route is sought."""


def best_joint(game: Game, worth: Floats, tilt: float, usual: Floats) -> tuple[Joint, float]:
    """A joint route of high worth, and what no joint route is worth more than.

    Crews answer each other in turn, each with its best route for what the others leave. Detection has diminishing
    returns, so that no joint route is worth more than the sum of what each crew could add alone, nor more than lies
    under a tangent to what the mixture so far finds (:meth:`_Aim.ceiling`).
    """
    aim = _Aim(game, worth, tilt)
    above = aim.standing + sum(gain for gain, _ in best_routes(aim.added(aim.all), game.crews, game.network))
    joint: list[Route] = [() for _ in game.crews]
    for _ in range(PASSES):
        before = list(joint)
        for n in range(len(game.crews)):
            joint[n] = ()
            joint[n] = aim.answer(n, game.missed(tuple(joint)))
        if joint == before or len(joint) == 1:
            break
    return tuple(joint), min(above, aim.ceiling(usual))


class _Aim:
    """What a joint route is worth: detection of each choice by its worth, and effort by its tilt."""

    def __init__(self, game: Game, worth: Floats, tilt: float) -> None:
        self.game = game
        self.left = worth * (1 - game.base)
        self.standing = float(worth @ game.base)
        self.all = np.ones(len(self.left))
        side = game.network.side[:, None]
        self.lean = np.where(side == 0, tilt, np.where(side == 1, -tilt, 0.0)) * np.ones((1, game.network.slots))

    def added(self, missed: Floats) -> Floats:
        """What each visit alone adds to crews that miss ``missed``, shape (places, slots)."""
        return np.asarray(self.game.few[0] @ (self.left * missed)).reshape(self.lean.shape) + self.lean

    def ceiling(self, usual: Floats) -> float:
        """What no joint route is worth more than, where the visits of a usual one are ``usual``, shape (visits,).

        P(found) = 1 - exp(-z), z the sum over visits of -log(1 - P), is concave in z and lies under its tangents; it is
        also at most the sum of the chances. Each choice takes the lower of the two at ``usual``; both are linear in
        visits, so that the best route of each crew gives the greatest value.
        """
        sees, log_missed = self.game.few
        z = -(log_missed.T @ usual)
        tangent = np.exp(-z)
        bent = 1 - tangent < sees.T @ usual
        aim = self.left * bent
        linear = np.asarray(sees @ (self.left * ~bent) - log_missed @ (aim * tangent))
        constant = self.standing + float(aim @ (1 - tangent * (1 + z)))
        worth = linear.reshape(self.lean.shape) + self.lean
        return constant + sum(gain for gain, _ in best_routes(worth, self.game.crews, self.game.network))

    def answer(self, n: int, others: Floats) -> Route:
        """A good route of crew ``n`` where the other crews miss ``others``.

        The best one if no two of its visits find the same; otherwise it is sought again with the worth of each visit
        less what the others of the route find too.
        """
        crew, network = self.game.crews[n], self.game.network
        best = best_route(self.added(others), crew, network)[1]
        if (self.game.finds[list(best)].sum(axis=0) <= 1).all():
            return best
        for _ in range(PASSES):
            own = self.game.missed((best,))
            more = self.added(others * own)
            more.flat[list(best)] = self._kept(best, others) + self.lean.flat[list(best)]
            again = best_route(more, crew, network)[1]
            if self._of(again, others) <= self._of(best, others) + 1e-12:
                break
            best = again
        return best

    def _of(self, route: Route, others: Floats) -> float:
        found = float((self.left * others) @ (1 - self.game.missed((route,))))
        return found + float(self.lean.flat[list(route)].sum())

    def _kept(self, route: Route, others: Floats) -> Floats:
        """What each visit of a route adds to its others."""
        rest = [self.game.missed((route[:i] + route[i + 1 :],)) for i in range(len(route))]
        whole = self.game.missed((route,))
        return np.array([float((self.left * others) @ (one - whole)) for one in rest])
