"""What a case's definitions leave in doubt though each is sound: parties that one of them names and the others do not,
sources that nobody can tell apart, rows that may be no use of force, kinds of which nobody says how well they are seen.
It is derived all the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from teisen.agreement import Agreement
from teisen.case.casefile import CaseFile
from teisen.case.definitions import CASE_FILE, Definitions
from teisen.documents import line_of, load
from teisen.errors import Problem
from teisen.observation import attack_kinds, trace_kinds
from teisen.sources.mapping import ObservationMapping, mapping_of
from teisen.sources.readers import reader

NOT_SAID, TABLE = "other", "table"
"""The kind of what is not said, and the reader of mapped tables."""


def doubts(definitions: Definitions, texts: Mapping[str, bytes]) -> list[Problem]:
    """Warnings about definitions, with file and line.

    Args:
        definitions: those of the case.
        texts: what they were read from, by path.
    """
    case, text = definitions.case, texts[CASE_FILE].decode("utf-8-sig")
    return [
        *(gap for agreement in definitions.agreements for gap in unknown_parties(agreement, case, text)),
        *_unbound_parties(definitions, text),
        *_same_titles(definitions, text),
        *_force_of_no_kind(definitions, text),
        *_not_watched_for(definitions, text),
    ]


def unknown_parties(agreement: Agreement, case: CaseFile, text: str) -> Iterator[Problem]:
    """Parties of an agreement that ``case``, read from ``text``, does not name."""
    known = {party.id for party in case.parties}
    for party in agreement.parties:
        if party.id not in known:
            what = f"{party.id!r} is a party to {agreement.id} and none of this case: nobody can speak for it"
            do = f"Add `{{id: {party.id}, name: {party.name}}}`, or correct the id in the agreement."
            yield Problem(CASE_FILE, _line(text, "parties"), "parties", what, do)


def _unbound_parties(definitions: Definitions, text: str) -> Iterator[Problem]:
    """Parties of the case that no agreement names, where there are agreements."""
    named = {party.id for agreement in definitions.agreements for party in agreement.parties}
    for n, party in enumerate(definitions.case.parties):
        if named and party.id not in named:
            what = f"{party.id!r} is a party of this case and of no agreement in it: nothing binds it"
            do = "Add it to an agreement's `parties:`, or correct its id."
            yield Problem(CASE_FILE, _line(text, "parties", n), party.id, what, do)


def _same_titles(definitions: Definitions, text: str) -> Iterator[Problem]:
    """Sources with one title, of those that see what happens: pages name sources by it, and a party's by the party."""
    first: dict[tuple[str, str | None], str] = {}
    for n, entry in enumerate(definitions.case.sources):
        if reader(entry.reader).phase != "watch":
            continue
        title = definitions.sources[entry.id].profile.title
        other = first.setdefault((title, entry.reported_by), entry.id)
        if other != entry.id:
            what = f"{entry.id!r} and {other!r} are both called {title!r}: pages and reports do not tell them apart"
            do = "Give one of them a profile of its own in profiles/, with a `title:` of its own."
            yield Problem(CASE_FILE, _line(text, "sources", n), entry.id, what, do)


def _force_of_no_kind(definitions: Definitions, text: str) -> Iterator[Problem]:
    """Sources that make incidents, whose mapping calls some rows by no kind and gives none a role."""
    for n, entry in enumerate(definitions.case.sources):
        source = definitions.sources[entry.id]
        mapping = mapping_of(source) if entry.reader == TABLE and source.profile.role == "makes" else None
        if (
            isinstance(mapping, ObservationMapping)
            and not mapping.fields.role
            and NOT_SAID in mapping.fields.kind.words()
        ):
            what = f"what {entry.id!r} calls {NOT_SAID!r} counts as use of force of which nobody said the kind"
            do = (
                "Where some of it is none, map `role` in its mapping: `context` for these rows, `makes` for the others."
            )
            yield Problem(CASE_FILE, _line(text, "sources", n), entry.id, what, do)


def _not_watched_for(definitions: Definitions, text: str) -> Iterator[Problem]:
    """Sources whose mapping tells of kinds that a reading asks for, other than force and its traces, and that state
    nowhere how well they see them: a rate of these would rest on nothing."""
    from teisen.compliance.asked import asked_kinds  # noqa: PLC0415  opening a case does not take what it imports
    from teisen.compliance.windows import by_count, rules_of  # noqa: PLC0415

    rules = [rule for rule in rules_of(definitions.agreements).values() if not by_count(rule)]
    force = {*attack_kinds(), *trace_kinds(), NOT_SAID}
    asked = frozenset().union(*(asked_kinds(rule) or () for rule in rules)) - force
    for n, entry in enumerate(definitions.case.sources):
        source = definitions.sources[entry.id]
        mapping = mapping_of(source) if entry.reader == TABLE and source.profile.role == "makes" else None
        if not isinstance(mapping, ObservationMapping):
            continue
        stated = {*source.profile.detection}.union(*(watched.kinds for watched in mapping.watched))
        for kind in sorted((asked & {*mapping.fields.kind.words()}) - stated):
            what = (
                f"{entry.id!r} tells of {kind!r}, for which a reading asks, and not how well it sees it: "
                "its rate would rest on nothing"
            )
            do = f"Add `{kind}:` to the `detection:` of its profile."
            yield Problem(CASE_FILE, _line(text, "sources", n), entry.id, what, do)


def _line(text: str, *path: str | int) -> int:
    return line_of(path, load(text, CASE_FILE)[1])
