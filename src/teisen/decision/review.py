"""Who may decide in a case, and what needs two of them: ``review:`` of ``case.yaml``."""

from __future__ import annotations

from pydantic import Field, model_validator

from teisen.decision.states import LIAISON, life_cycle
from teisen.documents import Strict


class Person(Strict):
    """Somebody who may act in a case: a name without spaces, roles, and the party that a liaison speaks for.

    ``key``: the public key (base64, as ``teisen history`` shows it) that the person signs with; empty: whichever was
    used first.
    """

    name: str = Field(pattern=r"^[^\s+]{1,100}$")
    roles: tuple[str, ...] = Field(min_length=1)
    party: str = ""
    key: str = ""

    @model_validator(mode="after")
    def _sound(self) -> Person:
        known = life_cycle().roles
        if unknown := sorted(set(self.roles) - set(known)):
            raise ValueError(f"there is no role {unknown[0]!r}; write one of {', '.join(known)}")
        if (LIAISON in self.roles) != bool(self.party):
            raise ValueError(f"{self.name!r}: a {LIAISON}, and nobody else, has a party")
        if LIAISON in self.roles and len(self.roles) > 1:
            raise ValueError(f"{self.name!r} speaks for a party, and who does so has no other role")
        return self


class Review(Strict):
    """Which actions need a second person, and in which role; and who may act at all.

    ``people`` left empty: whoever can write to the case states name and role; nothing but the names' keys is held
    against them.
    """

    four_eyes: tuple[str, ...] = ()
    second_role: str = "reviewer"
    people: tuple[Person, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Review:
        cycle = life_cycle()
        if self.second_role not in cycle.roles:
            raise ValueError(f"there is no role {self.second_role!r}; write one of {', '.join(cycle.roles)}")
        for name in self.four_eyes:
            if name not in cycle.actions:
                raise ValueError(f"there is no action {name!r}; write one of {', '.join(cycle.actions)}")
            if self.second_role not in cycle.actions[name].by:
                raise ValueError(f"{name!r} is not for the role {self.second_role!r}, so nobody could second it")
        names = [person.name for person in self.people]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"the person {twice[0]!r} stands twice")
        return self

    def person(self, name: str) -> Person | None:
        """The person of that name."""
        return next((one for one in self.people if one.name == name), None)
