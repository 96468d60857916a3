"""Allegations: each party's, as stated, with what became of them and whether others could have seen it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from fastapi import APIRouter, Request, Response

from teisen.languages import speaking, text
from teisen.release.report import people
from teisen.release.report.claims import NumberMet, gap_says, number_met, overall_says
from teisen.release.report.days import Days, day_of
from teisen.release.report.incidents import web_link
from teisen.server.access import allowed
from teisen.server.access.visitor import CurrentVisitor
from teisen.server.current import CurrentView
from teisen.server.pages.chosen import Reading, day_chosen, days_of, readings
from teisen.server.pages.rendering import render
from teisen.server.problems import Refusal
from teisen.server.view import View

router = APIRouter(prefix="/allegations")
ON_A_PAGE = 25
OUTCOMES = ("corroborated", "partly", "not_seen_watched", "not_seen_blind", "unplaced", "unread", "")


@dataclass(frozen=True)
class Claim:
    """One allegation as stated, and its outcome (empty: not weighed)."""

    id: str
    accuser: str
    accused: str
    stated: datetime | None
    start: datetime
    end: datetime
    where: str
    kind: str
    target: str
    quantity: float | None
    unit: str
    parts: tuple[tuple[str, float | None, str], ...]
    gap: str
    text: str
    language: str
    link: str
    outcome: str
    p_corroborated: float | None
    p_would_see: float | None
    matched: float | None
    would_record: float | None
    number: NumberMet | None
    says: str
    incidents: tuple[str, ...]
    entry: int | None
    replies: int


@dataclass(frozen=True)
class PartyClaims:
    """One party's: counts by outcome of all that fit the filter, and a page of them."""

    id: str
    name: str
    counts: tuple[tuple[str, int], ...]
    total: int
    overall: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Allegations:
    """The page: parties in the agreement's order; nothing is added up over them."""

    title: str
    day: str
    outcome: str
    first: str
    last: str
    parties: tuple[PartyClaims, ...]
    zone: str
    number: int
    pages: int

    @property
    def sight_known(self) -> bool:
        """Whether it is released of any how probably others would have seen it: else there is no column of it."""
        return any(claim.p_would_see is not None for party in self.parties for claim in party.claims)


@dataclass(frozen=True)
class Judged:
    """What it would be under a reading, had it happened as stated."""

    id: str
    reading: Reading
    in_scope: float
    level: str
    says: str


@dataclass(frozen=True)
class AllegationPage:
    """The page of one allegation, with the incidents that fit it and what people and parties said."""

    title: str
    claim: Claim
    under: tuple[tuple[Reading, str, str], ...]
    findings: tuple[Judged, ...]
    matches: tuple[tuple[str, str, str], ...]
    stand: people.Stand
    zone: str


def allegations(view: View, day: str, outcome: str, number: int) -> Allegations:
    """The page's model; an empty ``day`` or ``outcome`` filters nothing."""
    table = days_of(view, day_chosen(view, day).day).allegations_today if day else view.table("allegation")
    outcomes = {row["allegation_id"]: row for row in view.table("outcome").iter_rows(named=True)}
    replies = Counter(view.table("decision")["subject_id"].to_list())
    others = sorted(set(table["accuser"]) - {p.id for p in view.about.parties})
    names = dict(view.table("area").select("area_id", "name").iter_rows())
    found, most = [], 1
    for party, name in [*((p.id, p.name) for p in view.about.parties), *((o, o) for o in others)]:
        rows = table.filter(pl.col("accuser") == party).sort("start", "allegation_id", descending=[True, False])
        told = [(row, _outcome(row, outcomes.get(row["allegation_id"]))) for row in rows.iter_rows(named=True)]
        counts = Counter(word for _, word in told)
        kept = [(row, word) for row, word in told if not outcome or word == outcome]
        most = max(most, -(-len(kept) // ON_A_PAGE))
        shown = kept[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
        corroboration = view.table("corroboration").filter(pl.col("accuser") == party, pl.col("reading_id") == "*")
        overall = overall_says(corroboration.row(0, named=True)) if corroboration.height else ""
        found.append(
            PartyClaims(
                party, name, tuple((word, counts[word]) for word in OUTCOMES if counts[word]), len(told), overall,
                tuple(_claim(view, row, outcomes.get(row["allegation_id"]), replies, names) for row, _ in shown),
            )
        )  # fmt: skip
    first, last = view.about.first.isoformat(), view.about.last.isoformat()
    return Allegations("Allegations", day, outcome, first, last, tuple(found), view.about.zone, number, most)


def allegation(view: View, allegation_id: str) -> AllegationPage:
    """The page of one.

    Raises:
        Refusal: none of that id is released (404).
    """
    allegation_id = view.own_id(allegation_id)
    rows = view.table("allegation").filter(pl.col("allegation_id") == allegation_id)
    if rows.is_empty():
        raise Refusal(404, text("No allegation of this id is released."))
    row = rows.with_columns(day_of(view.about.zone)).row(0, named=True)
    out = view.table("outcome").filter(pl.col("allegation_id") == allegation_id)
    known = {one.key: one for one in readings(view)}
    judged = view.table("finding").filter(pl.col("subject_id") == allegation_id)
    findings = tuple(
        Judged(f["finding_id"], known[key], f["p_in_scope"], f["level"], view.about.named(f["explanation"]))
        for f in judged.sort("agreement_id", "provision_id", "reading_id").iter_rows(named=True)
        for key in [(f["agreement_id"], f["provision_id"], f["reading_id"])]
        if key in known
    )
    names = dict(view.table("area").select("area_id", "name").iter_rows())
    claim = _claim(view, row, out.row(0, named=True) if out.height else None, Counter(), names)
    released = view.table("incident").filter(pl.col("incident_id").is_in(list(claim.incidents)))
    matches = tuple(released.select("incident_id", "kind", "title").iter_rows())
    stand = people.stands(Days(view.tables, row["day"], view.about)).get(allegation_id, people.nothing())
    readings_of = claim.number.under if claim.number else ()
    under = tuple((known[key], record, happened) for key, record, happened in readings_of if key in known)
    return AllegationPage("Allegation", claim, under, findings, matches, stand, view.about.zone)


def _outcome(row: Mapping[str, Any], outcome: Mapping[str, Any] | None) -> str:
    """The outcome's word; a statement that names no place is told apart from a place that nobody watched."""
    word = str(outcome["outcome"]) if outcome else ""
    placed = row["lon"] is not None or row["area_id"]
    return word if placed or word != "not_seen_blind" else "unplaced"


def _claim(
    view: View,
    row: Mapping[str, Any],
    outcome: Mapping[str, Any] | None,
    replies: Counter[str],
    names: Mapping[str, str],
) -> Claim:
    entry = view.about.entries.get(row.get("blob") or "")
    out = outcome or {}
    return Claim(
        id=row["allegation_id"],
        accuser=view.about.name_of(row["accuser"]),
        accused=view.about.name_of(row["accused"]),
        stated=row["stated"],
        start=row["start"],
        end=row["end"],
        where=row["place_name"] or names.get(row["area_id"] or "", row["area_id"] or ""),
        kind="" if row["kind"] == "other" else row["kind"],
        target=row["target_class"] or "",
        quantity=row["quantity"],
        unit=row["unit"] or "",
        parts=tuple((p["label"], p["quantity"], p["unit"] or "") for p in row["components"] or []),
        gap=gap_says(row["components_gap"]),
        text=row.get("text") or "",
        language=row.get("language") or "",
        link=web_link(row.get("link")),
        outcome=_outcome(row, outcome),
        p_corroborated=out.get("p_corroborated"),
        p_would_see=out.get("p_would_see"),
        matched=out.get("matched"),
        would_record=out.get("would_record"),
        number=number_met(outcome),
        says=view.about.named(out.get("explanation") or ""),
        incidents=tuple(out.get("incident_ids") or ()),
        entry=entry.index if entry else None,
        replies=replies[row["allegation_id"]],
    )


@router.get("", dependencies=[allowed("read")])
def page(
    *, request: Request, view: CurrentView, visitor: CurrentVisitor, day: str = "", outcome: str = "", page: int = 1
) -> Response:
    """Each party's allegations."""
    with speaking(visitor.words):
        model = allegations(view, day, outcome, max(page, 1))
    return render(request, "allegations.html.j2", model, view=view)


@router.get("/{allegation_id}", dependencies=[allowed("read")])
def one(request: Request, view: CurrentView, visitor: CurrentVisitor, allegation_id: str) -> Response:
    """One allegation."""
    with speaking(visitor.words):
        model = allegation(view, allegation_id)
    return render(request, "allegation.html.j2", model, view=view)
