"""An agreement as data: parties, what was said, provisions with their readings, and what parties alleged.

The YAML format ``teisen-agreement/1``; ``docs/writing-an-agreement.md`` explains it by example.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from teisen.agreement.changes import Change
from teisen.agreement.events import Clocks, Event, Notice
from teisen.agreement.predicates import PREDICATES, Predicate, Rule
from teisen.agreement.resolve import spelt, whole_rule
from teisen.agreement.stances import Language, Mark, Position, Term, Text
from teisen.agreement.vocabulary import Id, OneOrMore, PlainKind, Some, TargetClass, WeaponClass
from teisen.agreement.windows import ClosedWindow, LocalTime, Zone, to_us
from teisen.agreement.worlds import UNDETERMINED
from teisen.documents import Strict

FORMAT = "teisen-agreement/1"


class Party(Strict):
    """A signatory or addressee, with a stable neutral id."""

    id: Id
    name: Text


class Statement(Strict):
    """What somebody said about the agreement, as reported.

    ``mark`` says how it was read: ``sourced`` (in a stored copy of what ``citation`` names), ``background`` (general
    knowledge, to be checked), ``computed`` (own arithmetic on others). A ``date`` that is left out is not known.
    """

    id: Id
    who: Text
    date: LocalTime | None = None
    language: Language
    text: Text
    citation: Text
    link: str | None = None
    mark: Mark


class Level(Strict):
    """A word of the standard of proof, and the probability from which on it is used."""

    word: Text
    at_least: Annotated[float, Field(ge=0, le=1)]


DEFAULT_LEVELS = (
    Level(word="unlikely", at_least=0.0),
    Level(word="possible", at_least=0.05),
    Level(word="likely", at_least=0.5),
    Level(word="very likely", at_least=0.95),
)
"""Used where an agreement states no standard of proof: the words of CAP 1.2's `certainty`, likely above one half."""


class Reading(Strict):
    """How one party, or another named reader, understands the provision.

    With ``inherits`` the rule starts from that reading's: a predicate given here takes the place of the inherited one
    of the same name, others are added. ``recognises`` are the changes of the provision that it takes as valid, and is
    not inherited; left out, none, and it is not known whether the holder would.
    """

    id: Id
    title: Text
    held_by: Text
    sources: tuple[Id, ...] = ()
    inherits: Id | None = None
    recognises: tuple[Id, ...] | None = None
    rule: Rule | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _has_rule(self) -> Reading:
        if self.rule is None and self.inherits is None:
            raise ValueError("a reading needs `rule:`, or `inherits:` with the id of another reading")
        return self


class Wording(Strict):
    """The provision's own text, with the statement that it was taken from; ``from``: since when it reads so."""

    language: str
    words: Text
    source: Id
    start: LocalTime | None = Field(default=None, alias="from")
    zone: Zone | None = None


class Provision(Strict):
    """One obligation: its text, whom it binds, how it is read, and what was done to it later.

    ``text`` is one wording, or a list of wordings each with ``from``, the oldest first.
    """

    id: Id
    title: Text
    text: OneOrMore[Wording]
    binds: tuple[Id, ...] = ()
    severity: str | None = None
    levels: tuple[Level, ...] = ()
    changes: tuple[Change, ...] = ()
    readings: tuple[Reading, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Provision:
        _once([reading.id for reading in self.readings], "reading")
        _once([change.id for change in self.changes], "change")
        _dated(self.text)
        _ascending(self.levels)
        for reading in self.readings:
            spelt(reading, {other.id: other for other in self.readings})
        return self

    def reading(self, reading_id: str) -> Reading:
        """The reading of that id."""
        return next(reading for reading in self.readings if reading.id == reading_id)


class Part(Strict):
    """A part of an alleged total; ``of`` names the part that it is part of itself, and it is not summed again then."""

    label: Text
    quantity: Annotated[float, Field(ge=0)]
    unit: str | None = None
    of: str | None = None


class StatedAllegation(Strict):
    """A party's total as stated: quantity, unit, window, parts; never added to another party's.

    ``stated`` left out: the day is not known. A ``window`` whose sides were not stated is said to be so in ``note``.
    """

    id: Id
    accuser: Id
    accused: Id | None = None
    stated: LocalTime | None = None
    window: ClosedWindow
    place: str | None = None
    kind: PlainKind = "other"
    target_class: TargetClass | None = None
    weapon: WeaponClass | None = None
    quantity: Annotated[float, Field(ge=0)] | None = None
    quantity_is: Literal["exactly", "more_than", "about"] = "exactly"
    unit: Text = "violations"
    components: tuple[Part, ...] = ()
    source: Id
    note: str | None = None


class Attribution(Strict):
    """How sure the system may be, of itself, of who did it; empty: as sure as the sources are."""

    most: Annotated[float, Field(ge=0, le=1)] | None = None


class Agreement(Strict):
    """An agreement with its parties, statements, provisions, readings and allegations.

    ``severities`` are words for how grave a violation is, from the lightest; a provision's ``severity`` is one of them.
    """

    format: Literal["teisen-agreement/1"]
    id: Id
    title: Text
    summary: Text
    parties: tuple[Party, ...] = Field(min_length=2)
    statements: tuple[Statement, ...] = ()
    levels: tuple[Level, ...] = DEFAULT_LEVELS
    severities: tuple[Text, ...] = ()
    clocks: Clocks = Clocks()
    attribution: Attribution = Attribution()
    events: tuple[Event, ...] = ()
    notices: tuple[Notice, ...] = ()
    provisions: Some[Provision]
    allegations: tuple[StatedAllegation, ...] = ()
    terms: tuple[Term, ...] = ()
    positions: tuple[Position, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Agreement:
        for what, ids in (
            ("party", [party.id for party in self.parties]),
            ("statement", [statement.id for statement in self.statements]),
            ("severity", list(self.severities)),
            ("event", [event.id for event in self.events]),
            ("notice", [notice.id for notice in self.notices]),
            ("provision", [provision.id for provision in self.provisions]),
            ("allegation", [allegation.id for allegation in self.allegations]),
            ("term", [term.id for term in self.terms]),
            ("position", [position.id for position in self.positions]),
        ):
            _once(ids, what)
        if UNDETERMINED in self.party_ids:
            raise ValueError(f"{UNDETERMINED!r} is no id for a party: it stands for nobody being said to have done it")
        _ascending(self.levels)
        return self

    @cached_property
    def party_ids(self) -> tuple[str, ...]:
        """Ids of the parties, in the agreement's order."""
        return tuple(party.id for party in self.parties)

    def rule(self, provision: Provision, reading: Reading) -> Predicate:
        """The reading's whole rule: inherited predicates spelt out, who is bound filled in, events, notices and other
        provisions looked up, and the changes that the reading recognises carried out.

        Raises:
            ValueError: readings are in force by each other in a circle, or an amendment is not told what it replaces;
                :func:`load_agreement` says so of a file.
        """
        return whole_rule(self, provision, reading)

    def standard(self, provision: Provision) -> tuple[Level, ...]:
        """Words of the standard of proof that holds for the provision, from the lowest."""
        return provision.levels or self.levels


def _once(ids: list[str], what: str) -> None:
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise ValueError(f"the {what} id {twice[0]!r} stands twice; give each {what} its own")


def _dated(wordings: tuple[Wording, ...]) -> None:
    since = [None if one.start is None else to_us(one.start, one.zone) for one in wordings]
    if len(since) > 1 and (None in since or any(b <= a for a, b in pairwise(us for us in since if us is not None))):
        raise ValueError("of several wordings each needs `from:`, the day since when it reads so, the oldest first")


def _ascending(levels: tuple[Level, ...]) -> None:
    bounds = [level.at_least for level in levels]
    if bounds and (bounds[0] != 0 or any(b >= a for b, a in pairwise(bounds))):
        raise ValueError("levels go from the lowest to the highest, and the first has `at_least: 0`")


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of an agreement, for editors; published as ``agreements/schema.json``."""
    schema = Agreement.model_json_schema(by_alias=True)
    for own in (schema, *schema["$defs"].values()):
        own["description"] = own["description"].replace("``", "`")  # editors show Markdown
    for predicate in PREDICATES:  # an editor shows what stands beside the key that it completes
        key, own = next(iter(predicate.model_fields)), schema["$defs"][predicate.__name__]
        own["required"] = [key]
        own["properties"][key]["description"] = own["description"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": FORMAT, **schema}
