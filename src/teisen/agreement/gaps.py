"""What an agreement leaves open: warnings with file and line. It is judged all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from teisen import documents
from teisen.agreement.changes import Change
from teisen.agreement.check import Lines, written
from teisen.agreement.model import Agreement, Provision, Reading
from teisen.agreement.predicates import (
    After,
    AllOf,
    BoundParty,
    Counted,
    During,
    IsKind,
    Near,
    NearLine,
    Notified,
    Predicate,
    Provided,
    TargetIs,
    Within,
    WithWeapon,
    leaves,
)
from teisen.agreement.windows import at_a_clock_change, to_utc
from teisen.documents import Path
from teisen.errors import Problem

AREA_LEVELS = ("region", "district", "sea", "zone", "sector", "control", "line")
UNANSWERED_BY_COUNTS = (IsKind, Near, NearLine, TargetIs, Within, WithWeapon)
LINE_OF_CONTACT = "line-of-contact"
"""The line that a case draws itself."""


def gaps(agreement: Agreement, areas: Collection[str] | None = None, file: str = "", text: str = "") -> list[Problem]:
    """What the agreement leaves open: warnings, not mistakes; an agreement with gaps is judged all the same.

    Args:
        agreement: the agreement.
        areas: ids of areas that the case knows; none: ids of areas are not checked, only levels are known.
        file: name of its file, for messages; none: the agreement's id.
        text: the document that it was read from, for lines; none: messages carry no line.
    """
    name = file or agreement.id
    lines = documents.load(text, name)[1] if text else {}
    found = _Gaps(agreement, areas, name, lines)
    return sorted(
        [
            *found.of_events(),
            *(gap for p, provision in enumerate(agreement.provisions) for gap in found.of_provision(p, provision)),
            *found.of_positions(),
        ],
        key=lambda gap: gap.row,
    )


def _beside_a_quota(rule: Predicate) -> Iterator[Predicate]:
    """What is asked beside a quota that no count can answer, for it has no kind, place, target and weapon."""
    if isinstance(rule, AllOf) and any(isinstance(part, Counted) for part in rule.parts):
        yield from (part for part in rule.parts if isinstance(part, UNANSWERED_BY_COUNTS))
    for part in rule.parts:
        yield from _beside_a_quota(part)


@dataclass(frozen=True)
class _Gaps:
    agreement: Agreement
    areas: Collection[str] | None
    file: str
    lines: Lines

    def _gap(self, path: Path, place: str, what: str, do: str) -> Problem:
        return Problem(self.file, documents.line_of(path, self.lines), place, what, do)

    def of_events(self) -> Iterator[Problem]:
        """Events and notices: those that rules wait for, those that no rule asks for, clocks without a zone."""
        asked = [leaf for p in self.agreement.provisions for leaf, _ in written(p, ())]
        awaited = {leaf.after.event for leaf in asked if isinstance(leaf, After)}
        for n, event in enumerate(self.agreement.events):
            at: Path = ("events", n)
            if event.at is None and event.id in awaited:
                what = "a rule counts from it, and it is not known to have happened: the rule never holds"
                yield self._gap(at, event.id, what, "Add `at:` and `zone:` once it has happened.")
            if event.at is not None and event.zone is None:
                yield self._no_zone(at, event.id, "the event")
            yield from self._clock_changes([event.at], event.zone, at, event.id)
        for n, notice in enumerate(self.agreement.notices):
            at = ("notices", n)
            if notice.zone is None or notice.window.zone is None:
                yield self._no_zone(at, notice.id, "the notice, or its window,")
            if not any(isinstance(leaf, Notified) for leaf in asked):
                yield self._gap(at, notice.id, "no rule asks for notices", "Add `unless: {notified: ...}` to a rule.")
            yield from self._unknown_areas(notice.areas, (*at, "areas"), notice.id)

    def of_provision(self, p: int, provision: Provision) -> Iterator[Problem]:
        """A provision, its changes and its readings."""
        at: Path = ("provisions", p)
        if not provision.binds:
            yield self._gap((*at, "binds"), provision.id, "nobody is bound by it", "Name the parties under `binds:`.")
        if self.agreement.severities and provision.severity is None:
            do = f"Add `severity:` with one of {', '.join(self.agreement.severities)}."
            yield self._gap(at, provision.id, "it has no severity, and the agreement declares some", do)
        if not provision.readings:
            yield self._gap(at, provision.id, "it has no reading: nothing is judged under it", "Add `readings:`.")
        held = {reading.held_by for reading in provision.readings}
        for party in provision.binds:
            if party not in held and provision.readings:
                what = f"no reading stated by {party}, which is not the same as agreeing"
                do = f"Add a reading held by {party} with its source, or leave it: reports say that none is stated."
                yield self._gap((*at, "readings"), provision.id, what, do)
        if any(wording.start is not None and wording.zone is None for wording in provision.text):
            yield self._no_zone((*at, "text"), provision.id, "a wording with `from:`")
        for leaf, path in written(provision, at):
            if isinstance(leaf, During):
                window = leaf.during
                if window.zone is None:
                    yield self._no_zone(path, provision.id, "a window")
                yield from self._clock_changes([window.start, window.end], window.zone, path, provision.id)
            if isinstance(leaf, Within):
                yield from self._unknown_areas(leaf.within.areas, path, provision.id)
            if isinstance(leaf, NearLine):
                named = [line for line in leaf.near_line.lines if line != LINE_OF_CONTACT]
                yield from self._unknown_areas(named, path, provision.id)
        recognised = {name for reading in provision.readings for name in reading.recognises or ()}
        for c, change in enumerate(provision.changes):
            yield from self._of_change(change, recognised, (*at, "changes", c), provision.id)
        for r, reading in enumerate(provision.readings):
            yield from self._of_reading(provision, reading, recognised, (*at, "readings", r))

    def _of_change(self, change: Change, recognised: Collection[str], at: Path, of: str) -> Iterator[Problem]:
        place = f"{of}.{change.id}"
        if change.zone is None:
            yield self._no_zone(at, place, "the change")
        yield from self._clock_changes([change.moment.at], change.zone, at, place)
        if change.id not in recognised:
            do = "Name it under `recognises:` of the readings that take it as valid, or leave it: it changes nothing."
            yield self._gap(at, place, "no reading recognises the change", do)

    def _of_reading(
        self, provision: Provision, reading: Reading, recognised: Collection[str], at: Path
    ) -> Iterator[Problem]:
        place = f"{provision.id}.{reading.id}"
        if not reading.sources:
            yield self._gap(at, place, "the reading has no source", "Name the statements under `sources:`.")
        if recognised and reading.recognises is None:
            names = ", ".join(sorted(recognised))
            what = f"it does not say whether it recognises {names}, which another reading does"
            yield self._gap(at, place, what, f"Add `recognises: [{names}]`, or `recognises: []` if it does not.")
        rule = self.agreement.rule(provision, reading)
        for n, name in enumerate(reading.recognises or ()):
            fewer = tuple(other for other in reading.recognises or () if other != name)
            if rule == self.agreement.rule(provision, reading.model_copy(update={"recognises": fewer})):
                what = f"the change {name!r} changes nothing under this reading"
                yield self._gap((*at, "recognises", n), place, what, "Check its moment against the reading's windows.")
        found = leaves(rule)
        if not any(leaf.timely and not isinstance(leaf, Provided) for leaf in found):
            do = "Add `during:`, or leave it: it holds at any time."
            yield self._gap((*at, "rule"), place, "the reading has no window", do)
        elif rule.span.end_us is None:
            do = "Add `to:`, or leave it: it is read as still open."
            yield self._gap((*at, "rule"), place, "its window has no end", do)
        quotas = [leaf.quota for leaf in found if isinstance(leaf, Counted)]
        if any(quota.per == "window" and quota.window is None for quota in quotas):
            what = "a quota counts `per: window`, and no `during:` beside it says which: it counts over nothing"
            yield self._gap((*at, "rule"), place, what, "Write `window:` with `from:` and `to:` into the quota.")
        asked = sorted({part.name for part in _beside_a_quota(rule)})
        if asked:
            what = f"a count has no {', '.join(asked)} to be asked for beside a quota: the quota never holds for counts"
            yield self._gap((*at, "rule"), place, what, "Leave it out, or let a source count that alone in its unit.")
        if not any(isinstance(leaf, BoundParty | Counted) for leaf in found):
            do = "Add `bound_party:` to the rule."
            yield self._gap((*at, "rule"), place, "the rule does not ask who did it", do)

    def of_positions(self) -> Iterator[Problem]:
        """A call that one position alone describes."""
        told = Counter(position.about_call for position in self.agreement.positions if position.about_call)
        for n, position in enumerate(self.agreement.positions):
            if position.about_call and told[position.about_call] == 1:
                what = f"{position.about_call!r} is described by one position alone"
                do = "Add the others' accounts, or check the spelling of the call."
                yield self._gap(("positions", n, "about_call"), position.id, what, do)

    def _no_zone(self, at: Path, place: str, what: str) -> Problem:
        return self._gap(at, place, f"{what} names no zone; UTC is used", "Add `zone:` beside its times.")

    def _clock_changes(
        self, times: Collection[datetime | None], zone: str | None, at: Path, place: str
    ) -> Iterator[Problem]:
        """Moments that the clock of their zone does not show, or shows twice."""
        for local in times:
            shown = local and at_a_clock_change(local, zone)
            if local and shown:
                read = to_utc(local, zone)
                how = "shows that time twice" if shown == "twice" else "never shows that time"
                what = f"{local:%Y-%m-%d %H:%M} falls on a change of the clock of {zone}, which {how}"
                do = f"It is read as {read:%Y-%m-%d %H:%M} UTC: write that, with `zone: UTC`, to be sure."
                yield self._gap(at, place, what, do)

    def _unknown_areas(self, named: Collection[str], at: Path, place: str) -> Iterator[Problem]:
        for area in named:
            if self.areas is not None and area not in AREA_LEVELS and area not in self.areas:
                yield self._gap(at, place, f"the case knows no area {area!r}", "Correct the id, or add a source.")
