"""A reading's whole rule: what it inherits, what it hangs on in the agreement, and the changes that it recognises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from teisen.agreement.changes import Amends, Change, Extends, Suspends, Terminates, in_order
from teisen.agreement.events import Event, Notice
from teisen.agreement.predicates import AllOf, AnyOf, Composite, During, Predicate
from teisen.agreement.predicates.changed import Amended, Extended, Suspended, Terminated
from teisen.agreement.predicates.relative import Relative, Since, Timed
from teisen.agreement.windows import Moment
from teisen.agreement.worlds import UNDETERMINED

if TYPE_CHECKING:
    from teisen.agreement.model import Agreement, Provision, Reading

Pair = tuple[str, str]


def conditions(rule: Predicate) -> tuple[Predicate, ...]:
    """What a rule asks for at its top: the parts of an ``all_of``, else the rule itself."""
    return rule.parts if isinstance(rule, AllOf) else (rule,)


def spelt(reading: Reading, readings: Mapping[str, Reading], below: tuple[str, ...] = ()) -> Predicate:
    """The rule of a reading with what it inherits, as written.

    Raises:
        ValueError: readings inherit in a circle or from none, or override what stands more than once.
    """
    if reading.inherits is None:
        if reading.rule is None:  # the model refuses this already
            raise ValueError(f"the reading {reading.id!r} has no rule")
        return reading.rule
    if reading.id in below:
        raise ValueError(f"the readings {', '.join(below)} inherit from each other in a circle; give one its own rule")
    if reading.inherits not in readings:
        raise ValueError(
            f"the reading {reading.id!r} inherits from {reading.inherits!r}, which is no reading of this provision"
        )
    inherited = spelt(readings[reading.inherits], readings, (*below, reading.id))
    if reading.rule is None:
        return inherited
    kept = list(conditions(inherited))
    do = "write its whole rule without `inherits:`"
    for new in conditions(reading.rule):
        place = _place(kept, new, f"the reading {reading.id!r} overrides", do)
        kept[place : place + 1] = [new]
    return AllOf.model_construct(all_of=tuple(kept))


def _place(kept: list[Predicate], new: Predicate, who: str, do: str) -> int:
    """Where the predicate of the same name stands; none: the end."""
    places = [n for n, old in enumerate(kept) if old.name == new.name]
    if len(places) > 1:
        raise ValueError(f"{who} {new.name!r}, which stands there more than once; {do}")
    return places[0] if places else len(kept)


def whole_rule(agreement: Agreement, provision: Provision, reading: Reading, below: tuple[Pair, ...] = ()) -> Predicate:
    """A reading's rule as worlds can be asked for it; ``below`` are the readings whose ``in_force`` led here.

    Where the provision binds every party of the agreement, an act of which nobody is said to be the author falls
    under it too: whoever of them did it was bound.

    Raises:
        ValueError: readings are in force by each other in a circle, or an amendment replaces what stands twice.
    """
    here = (provision.id, reading.id)
    if here in below:
        circle = ", ".join("/".join(one) for one in below[below.index(here) :])
        raise ValueError(f"{circle}: each is in force by another in a circle; give one of them its own window")
    terms = _Terms(agreement, (*below, here))
    everyone = set(provision.binds) >= set(agreement.party_ids)
    parties = (*provision.binds, *((UNDETERMINED,) if everyone else ()))

    def ready(rule: Predicate) -> Predicate:
        return _resolved(rule, terms).bound(parties)

    rule = ready(spelt(reading, {other.id: other for other in provision.readings}))
    for change in in_order(provision.changes):
        if change.id in (reading.recognises or ()):
            rule = changed(rule, change, ready(change.rule) if isinstance(change, Amends) else None)
    return rule


@dataclass(frozen=True)
class _Terms:
    """What predicates hang on, looked up in the agreement (:class:`teisen.agreement.predicates.relative.Terms`)."""

    agreement: Agreement
    below: tuple[Pair, ...]

    @property
    def notices(self) -> tuple[Notice, ...]:
        return self.agreement.notices

    def event(self, event_id: str) -> Event:
        return next(event for event in self.agreement.events if event.id == event_id)

    def timed(self, provision_id: str, reading_id: str) -> Timed:
        provision = next(one for one in self.agreement.provisions if one.id == provision_id)
        reading = provision.reading(reading_id)
        timing = whole_rule(self.agreement, provision, reading, self.below).timing
        return Timed(provision.title, reading.title, timing)


def _resolved(rule: Predicate, terms: _Terms) -> Predicate:
    if isinstance(rule, Composite):
        return rule.of([_resolved(part, terms) for part in rule.parts])
    return rule.resolved(terms) if isinstance(rule, Relative) else rule


def changed(rule: Predicate, change: Change, new: Predicate | None = None) -> Predicate:
    """A rule after a change; ``new`` is the rule of one that amends, ready to be asked."""
    kept = list(conditions(rule))
    if isinstance(change, Extends):
        return _extended(rule, change.moment, change.by)
    if isinstance(change, Suspends):
        kept.append(Suspended(suspended=change.window, by=change.by))
    if isinstance(change, Terminates):
        kept.append(Terminated(terminated=change.moment, by=change.by))
    for asked in conditions(new) if new else ():
        who = f"the change {change.id!r} amends"
        place = _place(kept, asked, who, "write the provision's rule with one predicate of that name at its top")
        old = kept[place] if place < len(kept) else None
        kept[place : place + 1] = [Amended.at(change.moment, old, asked)]
    return AllOf.model_construct(all_of=tuple(kept))


def _extended(rule: Predicate, until: Moment, by: tuple[str, ...]) -> Predicate:
    """The rule with later ends: of windows that hold together each, of windows side by side the last.

    Exceptions (``unless``), other provisions' windows, suspensions and terminations stay as they are, so that what was
    in scope stays in scope.
    """
    end = rule.span.end_us
    if isinstance(rule, Amended):
        return Amended.at(rule.amendment, rule.old, _extended(rule.new, until, by))
    if isinstance(rule, AllOf):
        return rule.of([_extended(part, until, by) for part in rule.parts])
    if isinstance(rule, AnyOf):
        last = max((part.span.end_us for part in rule.parts if part.span.end_us is not None), default=None)
        return rule.of([_extended(part, until, by) if part.span.end_us == last else part for part in rule.parts])
    if isinstance(rule, During | Since | Extended) and end is not None and end < until.us:
        return Extended(extended=rule, until=until, by=by)
    return rule
