"""Predicates on who did it."""

from __future__ import annotations

from teisen.agreement.predicates.base import Leaf, Predicate
from teisen.agreement.vocabulary import PartyId
from teisen.agreement.worlds import UNDETERMINED, Sets, Worlds
from teisen.languages import ENGLISH, Words


class BoundParty(Leaf):
    """A bound party did it; left empty, those whom the provision binds.

    Where nobody is said to have done it, it holds if the provision binds every party of the agreement: whoever of them
    did it was bound. A rule that names parties may name ``undetermined`` among them.
    """

    about = "party"
    bound_party: tuple[PartyId, ...] | None = None

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        named = [party for party in self.bound_party or () if party != UNDETERMINED]
        return words("one who is bound did it ({parties})", parties=words.listed(named))

    def bound(self, parties: tuple[str, ...]) -> Predicate:  # noqa: D102
        return self if self.bound_party is not None else BoundParty(bound_party=parties)

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.done_by(self.bound_party or ())
