"""What somebody did to a provision later: extend, suspend, terminate or amend it. A reading recognises it or not."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from teisen.agreement.predicates import Rule
from teisen.agreement.stances import Text
from teisen.agreement.vocabulary import Id, Some
from teisen.agreement.windows import LocalTime, Moment, Window, Zone, to_us
from teisen.documents import Strict


class _Change(Strict):
    """What every change has. ``by`` are ids of parties, or names of others who spoke."""

    id: Id
    by: Some[Text]
    zone: Zone | None = None
    source: Id
    note: str | None = None


class Extends(_Change):
    """The provision holds longer than first agreed: the ends of its windows move to ``until``, where that is later."""

    what: Literal["extends"]
    until: LocalTime

    @property
    def moment(self) -> Moment:
        """Up to when it holds then."""
        return Moment(at=self.until, zone=self.zone)


class Suspends(_Change):
    """The provision does not hold from ``from`` up to ``to``; left out: from then on."""

    what: Literal["suspends"]
    start: LocalTime = Field(alias="from")
    end: LocalTime | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _ordered(self) -> Suspends:
        if self.end is not None and self.end <= self.start:
            raise ValueError("`to:` has to be later than `from:` (the suspension ends just before it)")
        return self

    @property
    def moment(self) -> Moment:
        """From when on it does not hold."""
        return Moment(at=self.start, zone=self.zone)

    @property
    def window(self) -> Window:
        """When it does not hold."""
        return Window.model_validate({"from": self.start, "to": self.end, "zone": self.zone})


class Terminates(_Change):
    """The provision does not hold from ``at`` on."""

    what: Literal["terminates"]
    at: LocalTime

    @property
    def moment(self) -> Moment:
        """From when on it does not hold."""
        return Moment(at=self.at, zone=self.zone)


class Amends(_Change):
    """From ``at`` on the predicates of ``rule`` take the place of those of the same name; others are added."""

    what: Literal["amends"]
    at: LocalTime
    rule: Rule

    @property
    def moment(self) -> Moment:
        """From when on the new rule holds."""
        return Moment(at=self.at, zone=self.zone)


KEYS = {
    "extends": (("until",), ()),
    "suspends": (("from",), ("to",)),
    "terminates": (("at",), ()),
    "amends": (("at", "rule"), ()),
}
"""Keys that each kind of change needs, and those that it may have, beside those of every change."""
OWN = ("until", "from", "to", "at", "rule")


def _right_keys(value: Any) -> Any:
    """One message where the keys are not those of what the change does."""
    if isinstance(value, _Change):
        return value
    what = value.get("what") if isinstance(value, dict) else None
    if what not in KEYS:
        raise ValueError(f"`what:` says what the change does; write one of {', '.join(KEYS)}")
    needed, allowed = KEYS[what]
    missing = [key for key in needed if value.get(key) is None]
    wrong = [key for key in OWN if key in value and key not in needed + allowed]
    if missing or wrong:
        told = " and ".join(f"`{key}:`" for key in needed) + "".join(f", and may have `{key}:`" for key in allowed)
        here = [f"`{key}:` is missing" for key in missing] + [f"`{key}:` does not belong here" for key in wrong]
        raise ValueError(f"a change that {what} needs {told}; {', '.join(here)}")
    return value


def _what(value: Any) -> str:
    return str(value["what"] if isinstance(value, dict) else value.what)


Change = Annotated[
    Annotated[Extends, Tag("extends")]
    | Annotated[Suspends, Tag("suspends")]
    | Annotated[Terminates, Tag("terminates")]
    | Annotated[Amends, Tag("amends")],
    Discriminator(_what),
    BeforeValidator(_right_keys),
]
"""Any change of a provision, told by ``what``."""


def in_order(changes: tuple[Change, ...]) -> list[Change]:
    """Changes by the moment that each names; of one moment as they stand in the file."""
    return sorted(changes, key=lambda change: to_us(change.moment.at, change.moment.zone))
