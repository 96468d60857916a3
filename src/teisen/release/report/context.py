"""What a report has to know beside the released tables: the case, its parties, its terms, and what it rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import polars as pl

from teisen.agreement import UNDETERMINED, Agreement, BoundParty, Counted, Counting, Predicate, Reading, leaves
from teisen.languages import say
from teisen.planning.consent import MEDIATOR
from teisen.sources import Source

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Party:
    """A party with its neutral id and its name."""

    id: str
    name: str


@dataclass(frozen=True)
class ReadingShown:
    """One reading of a provision, as a report names it.

    ``start`` and ``end`` bound its window (UTC); None: open. ``counts`` is what it asks sources to have counted.
    ``only`` are the parties whose acts alone it forbids, so that it holds of nothing that nobody is named for; empty:
    it does not ask who did it, or binds them all.
    """

    id: str
    held_by: str
    title: str
    start: datetime | None = None
    end: datetime | None = None
    counts: tuple[Counting, ...] = ()
    only: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProvisionShown:
    """One provision with its readings, in the agreement's order."""

    id: str
    title: str
    text: str
    language: str
    readings: tuple[ReadingShown, ...]


@dataclass(frozen=True)
class AgreementShown:
    """One agreement with its provisions, in its own order."""

    id: str
    title: str
    provisions: tuple[ProvisionShown, ...]


def shown(agreement: Agreement) -> AgreementShown:
    """An agreement as a report names it."""
    return AgreementShown(
        agreement.id,
        agreement.title,
        tuple(
            ProvisionShown(
                provision.id,
                provision.title,
                provision.text[-1].words,
                provision.text[-1].language,
                tuple(_shown(one, agreement.rule(provision, one)) for one in provision.readings),
            )
            for provision in agreement.provisions
        ),
    )


def _shown(reading: Reading, rule: Predicate) -> ReadingShown:
    start, end = (None if us is None else EPOCH + timedelta(microseconds=us) for us in rule.span)
    counts = dict.fromkeys(leaf.counting for leaf in leaves(rule) if isinstance(leaf, Counted))
    return ReadingShown(reading.id, reading.held_by, reading.title, start, end, tuple(counts), _only(rule))


def _only(rule: Predicate) -> tuple[str, ...]:
    """The parties one of whom has to have done it for the rule to hold; empty: nobody has to be named."""
    asked = [leaf.bound_party or () for leaf in leaves(rule) if isinstance(leaf, BoundParty)]
    if not asked or any(UNDETERMINED in parties for parties in asked):
        return ()
    return tuple(dict.fromkeys(party for parties in asked for party in parties))


@dataclass(frozen=True)
class Entry:
    """A ledger entry that evidence rests on: its index, the file's name and when it was appended."""

    index: int
    name: str
    time: str


@dataclass(frozen=True)
class ReportContext:
    """What a report states beside the tables.

    Attributes:
        parties: in the agreement's order; the page never orders them by anything else.
        box: west, south, east and north of the map in degrees; None: as far as the regions go.
        zone: IANA name of the zone whose days are reported.
        first, last: the days that the case covers, both included.
        sources: by id, with profiles and licences.
        level: level of the areas that the tables are broken down by.
        audience: whom this release is for; ``policy`` says its rules in words, ``log`` what it changed or withheld.
        smallest_cell: counts below it were suppressed by the release; 0: none.
        checkpoint: the signed head of the ledger, as text; ``ledger_size`` its number of entries.
        digests: SHA-256 by name of derived table.
        entries: ledger entry by the SHA-256 of its blob.
        language: code of the language that the page is written in; the tables beside it are always in English.
    """

    case_id: str
    title: str
    parties: tuple[Party, ...]
    first: date
    last: date
    agreements: tuple[AgreementShown, ...]
    sources: Mapping[str, Source]
    simulated: bool = False
    box: tuple[float, float, float, float] | None = None
    zone: str = "UTC"
    level: str = "region"
    audience: str = "public"
    policy: tuple[str, ...] = ()
    log: pl.DataFrame = field(default_factory=pl.DataFrame)
    smallest_cell: int = 0
    as_of: datetime | None = None
    origin: str = ""
    checkpoint: str = ""
    ledger_size: int = 0
    code_version: str = ""
    code_digest: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    entries: Mapping[str, Entry] = field(default_factory=dict)
    language: str = "en"

    def name_of(self, party: str | None) -> str:
        """The name of a party id or the mediator; what else is no party's id stands for itself, None is not told."""
        if party is None:
            return say("not told")
        if party == MEDIATOR:
            return say("mediator")
        return next((p.name for p in self.parties if p.id == party), party)

    def named(self, text: str) -> str:
        """A sentence of a stage with the parties' names in place of their ids."""
        names = {p.id: p.name for p in self.parties}
        if not names:
            return text
        ids = "|".join(re.escape(i) for i in sorted(names, key=len, reverse=True))
        return re.sub(rf"(?<![\w-])(?:{ids})(?![\w-])", lambda found: names[found[0]], text)

    def source_title(self, source_id: str) -> str:
        """The title of a source, or its id where the case does not declare it."""
        source = self.sources.get(source_id)
        return source.profile.title if source else source_id
