"""Load an agreement and say what is wrong with it; what it leaves open is told by ``gaps``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from teisen import documents
from teisen.agreement.changes import Amends
from teisen.agreement.model import Agreement, Provision
from teisen.agreement.predicates import After, AllOf, AnyOf, BoundParty, InForce, Leaf, Predicate
from teisen.agreement.worlds import UNDETERMINED
from teisen.documents import Path
from teisen.errors import BadInput, Problem

Lines = Mapping[Path, int]


def load_agreement(text: str, file: str) -> Agreement:
    """Read an agreement from YAML.

    Args:
        text: the document.
        file: its name, for messages.

    Raises:
        BadInput: with one problem for each thing wrong: file, line, key, and what to write.
    """
    agreement = documents.parse(text, Agreement, file)
    _, lines = documents.load(text, file)
    names = _Names(agreement, file, lines)
    problems = [*names.of_the_agreement(), *names.of_the_provisions(), *names.of_the_positions()]
    if problems := problems or list(_unsound(agreement, file, lines)):
        raise BadInput(*sorted(problems, key=lambda problem: problem.row))
    return agreement


def written(provision: Provision, at: Path) -> Iterator[tuple[Leaf, Path]]:
    """Every leaf that is written in a provision, in its readings and its amendments, with its path in the file."""
    for r, reading in enumerate(provision.readings):
        if reading.rule is not None:
            yield from _leaves(reading.rule, (*at, "readings", r, "rule"))
    for c, change in enumerate(provision.changes):
        if isinstance(change, Amends):
            yield from _leaves(change.rule, (*at, "changes", c, "rule"))


def _leaves(rule: Predicate, path: Path) -> Iterator[tuple[Leaf, Path]]:
    path = (*path, rule.name)
    if isinstance(rule, Leaf):
        yield rule, path
    for n, part in enumerate(rule.parts):
        yield from _leaves(part, (*path, n) if isinstance(rule, AllOf | AnyOf) else path)


@dataclass(frozen=True)
class _Names:
    """Looks up every name that an agreement uses and has to declare."""

    agreement: Agreement
    file: str
    lines: Lines

    def _known(self, name: str | None, known: Collection[str], what: str, path: Path) -> Iterator[Problem]:
        if name is not None and name not in known:
            row = documents.line_of(path, self.lines)
            do = f"Write one of {', '.join(known) or 'none, there are none'}, or declare it."
            yield Problem(self.file, row, documents.dotted(path), f"{name!r} is no {what} of this agreement", do)

    def _statement(self, name: str | None, path: Path) -> Iterator[Problem]:
        statements = [statement.id for statement in self.agreement.statements]
        yield from self._known(name, statements, "statement", path)

    def _party(self, name: str | None, path: Path) -> Iterator[Problem]:
        yield from self._known(name, self.agreement.party_ids, "party", path)

    def of_the_agreement(self) -> Iterator[Problem]:
        """Of events, notices and allegations."""
        for n, event in enumerate(self.agreement.events):
            yield from self._statement(event.source, ("events", n, "source"))
        for n, notice in enumerate(self.agreement.notices):
            yield from self._party(notice.by, ("notices", n, "by"))
            yield from self._statement(notice.source, ("notices", n, "source"))
        for n, allegation in enumerate(self.agreement.allegations):
            yield from self._statement(allegation.source, ("allegations", n, "source"))
            yield from self._party(allegation.accuser, ("allegations", n, "accuser"))
            yield from self._party(allegation.accused, ("allegations", n, "accused"))

    def of_the_positions(self) -> Iterator[Problem]:
        """Of positions."""
        terms = [term.id for term in self.agreement.terms]
        for n, position in enumerate(self.agreement.positions):
            yield from self._known(position.term, terms, "term", ("positions", n, "term"))
            yield from self._statement(position.statement, ("positions", n, "statement"))

    def of_the_provisions(self) -> Iterator[Problem]:
        """Of provisions, their changes, readings and rules."""
        severities = self.agreement.severities
        for p, provision in enumerate(self.agreement.provisions):
            at: Path = ("provisions", p)
            for n, wording in enumerate(provision.text):
                several = (*at, "text", n) in self.lines
                yield from self._statement(wording.source, (*at, "text", *((n,) if several else ()), "source"))
            if severities:
                yield from self._known(provision.severity, severities, "severity", (*at, "severity"))
            for n, name in enumerate(provision.binds):
                yield from self._party(name, (*at, "binds", n))
            yield from self._of_changes(provision, at)
            changes = [change.id for change in provision.changes]
            for r, reading in enumerate(provision.readings):
                for n, name in enumerate(reading.sources):
                    yield from self._statement(name, (*at, "readings", r, "sources", n))
                for n, name in enumerate(reading.recognises or ()):
                    yield from self._known(name, changes, "change", (*at, "readings", r, "recognises", n))
            for leaf, path in written(provision, at):
                yield from self._of_leaf(leaf, path)

    def _of_changes(self, provision: Provision, at: Path) -> Iterator[Problem]:
        speakers = dict.fromkeys((*self.agreement.party_ids, *(one.who for one in self.agreement.statements)))
        for c, change in enumerate(provision.changes):
            yield from self._statement(change.source, (*at, "changes", c, "source"))
            for n, name in enumerate(change.by):
                yield from self._known(name, speakers, "party or speaker", (*at, "changes", c, "by", n))

    def _of_leaf(self, leaf: Leaf, path: Path) -> Iterator[Problem]:
        if isinstance(leaf, BoundParty):
            for name in leaf.bound_party or ():
                yield from self._known(name, (*self.agreement.party_ids, UNDETERMINED), "party", path)
        if isinstance(leaf, After):
            events = [event.id for event in self.agreement.events]
            yield from self._known(leaf.after.event, events, "event", (*path, "event"))
        if isinstance(leaf, InForce):
            readings = {one.id: [reading.id for reading in one.readings] for one in self.agreement.provisions}
            provision, reading = leaf.in_force.provision, leaf.in_force.reading
            yield from self._known(provision, readings, "provision", (*path, "provision"))
            if provision in readings:
                what = f"reading of the provision {provision!r}"
                yield from self._known(reading, readings[provision], what, (*path, "reading"))


def _unsound(agreement: Agreement, file: str, lines: Lines) -> Iterator[Problem]:
    """Readings whose whole rule can't be put together."""
    for p, provision in enumerate(agreement.provisions):
        for r, reading in enumerate(provision.readings):
            try:
                agreement.rule(provision, reading)
            except ValueError as error:
                path = ("provisions", p, "readings", r)
                what, _, do = str(error).rpartition("; ")
                row = documents.line_of(path, lines)
                yield Problem(file, row, documents.dotted(path), what, f"{do[:1].upper()}{do[1:]}.")
