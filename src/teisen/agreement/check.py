"""Load an agreement and say what is wrong with it (errors) and what it leaves open (gaps)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from teisen import documents
from teisen.agreement.model import Agreement, Provision, Reading
from teisen.agreement.predicates import BoundParty, During, Predicate, Within, leaves
from teisen.agreement.worlds import UNDETERMINED
from teisen.errors import BadInput, Problem

AREA_LEVELS = ("region", "district", "sea", "zone", "sector", "control")
Lines = Mapping[documents.Path, int]


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
    problems = list(_dangling(agreement, file, lines))
    if problems:
        raise BadInput(*problems)
    return agreement


def _dangling(agreement: Agreement, file: str, lines: Lines) -> Iterator[Problem]:
    """Names of parties and statements that the agreement does not declare."""

    def check(name: str, known: Collection[str], what: str, *path: str | int) -> Iterator[Problem]:
        if name not in known:
            row = next(lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines)
            do = f"Write one of {', '.join(known) or 'none, there are none'}, or declare it."
            yield Problem(file, row, _dotted(path), f"{name!r} is no {what} of this agreement", do)

    parties = agreement.party_ids
    statements = [statement.id for statement in agreement.statements]
    for p, provision in enumerate(agreement.provisions):
        at: tuple[str | int, ...] = ("provisions", p)
        yield from check(provision.text.source, statements, "statement", *at, "text", "source")
        for n, name in enumerate(provision.binds):
            yield from check(name, parties, "party", *at, "binds", n)
        for r, reading in enumerate(provision.readings):
            for n, name in enumerate(reading.sources):
                yield from check(name, statements, "statement", *at, "readings", r, "sources", n)
            for leaf in leaves(reading.rule) if reading.rule else ():
                for name in (leaf.bound_party or ()) if isinstance(leaf, BoundParty) else ():
                    yield from check(name, (*parties, UNDETERMINED), "party", *at, "readings", r, "rule")
    for a, allegation in enumerate(agreement.allegations):
        yield from check(allegation.source, statements, "statement", "allegations", a, "source")
        yield from check(allegation.accuser, parties, "party", "allegations", a, "accuser")
        if allegation.accused is not None:
            yield from check(allegation.accused, parties, "party", "allegations", a, "accused")
    terms = [term.id for term in agreement.terms]
    for n, position in enumerate(agreement.positions):
        yield from check(position.term, terms, "term", "positions", n, "term")
        if position.statement is not None:
            yield from check(position.statement, statements, "statement", "positions", n, "statement")


def _dotted(path: documents.Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def gaps(agreement: Agreement, areas: Collection[str] | None = None, file: str = "") -> list[Problem]:
    """What the agreement leaves open: warnings, not mistakes; an agreement with gaps is judged all the same.

    Args:
        agreement: the agreement.
        areas: ids of areas that the case knows; none: ids of areas are not checked, only levels are known.
        file: name of its file, for messages; none: the agreement's id.
    """
    name = file or agreement.id
    found = []
    for provision in agreement.provisions:
        if not provision.binds:
            found.append(Problem(name, 0, provision.id, "nobody is bound by it", "Name the parties under `binds:`."))
        held = {reading.held_by for reading in provision.readings}
        found += [
            Problem(
                name,
                0,
                provision.id,
                f"no reading stated by {party}, which is not the same as agreeing",
                f"Add a reading held by {party} with its source, or leave it: reports say that none is stated.",
            )
            for party in provision.binds
            if party not in held
        ]
        for reading in provision.readings:
            found += _gaps_of_reading(agreement, provision, reading, areas, name)
    return found + list(_gaps_of_positions(agreement, name))


def _gaps_of_positions(agreement: Agreement, file: str) -> Iterator[Problem]:
    told = Counter(position.about_call for position in agreement.positions if position.about_call)
    for call, times in told.items():
        if times == 1:
            what = f"{call!r} is described by one position alone"
            yield Problem(file, 0, "positions", what, "Add the others' accounts, or check the spelling of the call.")


def _gaps_of_reading(
    agreement: Agreement, provision: Provision, reading: Reading, areas: Collection[str] | None, file: str
) -> Iterator[Problem]:
    place = f"{provision.id}.{reading.id}"
    if not reading.sources:
        yield Problem(file, 0, place, "the reading has no source", "Name the statements under `sources:`.")
    rule = agreement.rule(provision, reading)
    found = leaves(rule)
    windows = [leaf.during for leaf in found if isinstance(leaf, During)]
    if not windows:
        yield Problem(file, 0, place, "the reading has no window", "Add `during:`, or leave it: it holds at any time.")
    for window in windows:
        if window.zone is None:
            yield Problem(file, 0, place, "a window names no zone; UTC is used", "Add `zone:` beside `from:`.")
        if window.end is None:
            yield Problem(file, 0, place, "a window has no end", "Add `to:`, or leave it: it is read as still open.")
    if not any(isinstance(leaf, BoundParty) for leaf in found):
        yield Problem(file, 0, place, "the rule does not ask who did it", "Add `bound_party:` to the rule.")
    yield from _unknown_areas(rule, areas, file, place)


def _unknown_areas(rule: Predicate, areas: Collection[str] | None, file: str, place: str) -> Iterator[Problem]:
    for leaf in leaves(rule):
        for area in leaf.within.areas if isinstance(leaf, Within) else ():
            if areas is not None and area not in AREA_LEVELS and area not in areas:
                yield Problem(file, 0, place, f"the case knows no area {area!r}", "Correct the id, or add a source.")
