"""Provisions: text and rule side by side, how each is read, what the readings answer on a day, and where they part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from fastapi import APIRouter, Request, Response

from teisen.agreement import Agreement, Provision, leaves
from teisen.languages import Words
from teisen.release.report.days import day_of
from teisen.server.access import allowed
from teisen.server.access.visitor import CurrentVisitor
from teisen.server.current import CurrentView
from teisen.server.pages.chosen import DayChosen, Reading, day_chosen, days_of, readings, under
from teisen.server.pages.rendering import render
from teisen.server.view import View

router = APIRouter(prefix="/provisions")
MOST_PARTINGS = 60


@dataclass(frozen=True)
class Read:
    """One reading with its rule in sentences, and what it answers on the day (empty: nothing)."""

    reading: Reading
    rule: tuple[str, ...]
    note: str
    start: datetime | None
    end: datetime | None
    word: str
    p: float | None
    sources: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ProvisionPage:
    """One provision: its wordings (language, words, citation), whom it binds, and its readings."""

    id: str
    agreement: str
    title: str
    wordings: tuple[tuple[str, str, str], ...]
    binds: tuple[str, ...]
    severity: str
    readings: tuple[Read, ...]


@dataclass(frozen=True)
class Parting:
    """One subject on which readings part; reading labels stand for readings."""

    subject: str
    subject_id: str
    title: str
    kind: str
    in_under: tuple[str, ...]
    out_under: tuple[str, ...]
    because: str


@dataclass(frozen=True)
class Provisions:
    """The page."""

    title: str
    days: DayChosen
    agreements: tuple[tuple[str, str, tuple[ProvisionPage, ...]], ...]
    partings: tuple[Parting, ...]
    parted: int
    zone: str


def provisions(view: View, chosen: DayChosen, words: Words) -> Provisions:
    """The page's model; rules are said in ``words``."""
    known = {one.key: one for one in readings(view)}
    verdicts = view.table("verdict").with_columns(day_of(view.about.zone)).filter(pl.col("day") == chosen.day)
    shown = tuple(
        (a.title, a.summary, tuple(_provision(view, a, p, known, verdicts, words) for p in a.provisions))
        for a in view.agreements
    )
    parted = _partings(view, chosen, {key: one.label for key, one in known.items()})
    return Provisions("Provisions", chosen, shown, parted[:MOST_PARTINGS], len(parted), view.about.zone)


def _provision(  # noqa: PLR0917  one provision after the other
    view: View,
    agreement: Agreement,
    provision: Provision,
    known: dict[tuple[str, str, str], Reading],
    verdicts: pl.DataFrame,
    words: Words,
) -> ProvisionPage:
    statements = {one.id: one for one in agreement.statements}
    found = []
    for reading in provision.readings:
        key = (agreement.id, provision.id, reading.id)
        rule = agreement.rule(provision, reading)
        rows = verdicts.filter(under(key))
        told = rows.row(0, named=True) if rows.height else {}
        said = [statements[s] for s in reading.sources if s in statements]
        found.append(
            Read(
                known[key],
                tuple(view.about.named(leaf.says(words)) for leaf in leaves(rule)),
                reading.note or "",
                known[key].reading.start,
                known[key].reading.end,
                told.get("word") or "",
                told.get("p"),
                tuple((one.text, one.language, one.citation) for one in said),
            )
        )
    wordings = tuple(
        (one.language, one.words, statements[one.source].citation if one.source in statements else "")
        for one in provision.text
    )
    binds = tuple(view.about.name_of(party) for party in provision.binds or agreement.party_ids)
    return ProvisionPage(
        f"{agreement.id}-{provision.id}", agreement.title, provision.title, wordings, binds, provision.severity or "",
        tuple(found),
    )  # fmt: skip


def _partings(view: View, chosen: DayChosen, labels: dict[tuple[str, str, str], str]) -> tuple[Parting, ...]:
    days = days_of(view, chosen.day)
    incidents = {row["incident_id"]: row for row in days.today.iter_rows(named=True)}
    alleged = {row["allegation_id"]: row for row in days.allegations_today.iter_rows(named=True)}
    rows = view.table("parting").filter(pl.col("subject_id").is_in([*incidents, *alleged]))
    found = []
    for row in rows.sort("subject", "subject_id").iter_rows(named=True):
        about = incidents.get(row["subject_id"]) or alleged[row["subject_id"]]

        def named(ids: list[str], row: dict[str, str] = row) -> tuple[str, ...]:
            return tuple(labels.get((row["agreement_id"], row["provision_id"], i), i) for i in ids)

        title = about.get("title") or about.get("place_name") or ""
        found.append(
            Parting(row["subject"], row["subject_id"], title, about["kind"], named(row["in_under"]),
                    named(row["out_under"]), row["because"])
        )  # fmt: skip
    return tuple(found)


@router.get("", dependencies=[allowed("read")])
def page(request: Request, view: CurrentView, visitor: CurrentVisitor, day: str = "") -> Response:
    """Provisions and their readings."""
    return render(request, "provisions.html.j2", provisions(view, day_chosen(view, day), visitor.words), view=view)
