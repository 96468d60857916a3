"""Positions: who said what of which term, and where statements differ; never who is right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response

from teisen.agreement import Agreement, contradictions, matrix, positions
from teisen.server.access import allowed
from teisen.server.current import CurrentView
from teisen.server.pages.rendering import render
from teisen.server.view import View

router = APIRouter(prefix="/positions")


@dataclass(frozen=True)
class Said:
    """One position as reported."""

    id: str
    who: str
    stance: str
    value: str
    condition: str
    stated: datetime | None
    text: str
    language: str
    citation: str
    mark: str
    link: str


@dataclass(frozen=True)
class TermRow:
    """One term with the latest position of each speaker (stance, value, how many), and all that was said of it."""

    id: str
    title: str
    cells: tuple[tuple[str, str, int], ...]
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Difference:
    """Two positions that differ."""

    term: str
    what: str
    differ_in: str
    a: Said
    b: Said


@dataclass(frozen=True)
class AgreementPositions:
    """An agreement's terms: columns are speakers, the parties first."""

    title: str
    speakers: tuple[str, ...]
    terms: tuple[TermRow, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Positions:
    """The page."""

    title: str
    agreements: tuple[AgreementPositions, ...]


def of_case(view: View) -> Positions:
    """The page's model; agreements without terms are left out."""
    return Positions("Positions", tuple(_of(view, one) for one in view.agreements if one.terms))


def _of(view: View, agreement: Agreement) -> AgreementPositions:
    said = {
        row["position_id"]: Said(
            row["position_id"], view.about.name_of(row["who"]), row["stance"], row["value"] or "",
            row["condition"] or "", row["stated"], row["text"], row["language"], row["citation"], row["mark"],
            row["link"] or "",
        )
        for row in positions(agreement).sort("nth").iter_rows(named=True)
    }  # fmt: skip
    terms_of: dict[str, list[Said]] = {}
    for row in positions(agreement).sort("stated", "nth", nulls_last=False).iter_rows(named=True):
        terms_of.setdefault(row["term_id"], []).append(said[row["position_id"]])
    latest = matrix([agreement])
    speakers = tuple(
        view.about.name_of(who) for who in latest.sort("who_nth")["who"].unique(maintain_order=True).to_list()
    )
    rows = tuple(
        TermRow(
            term.id,
            term.title,
            tuple(
                (row["stance"], row["value"] or "", row["n_positions"])
                for row in latest.filter(term_id=term.id).sort("who_nth").iter_rows(named=True)
            ),
            tuple(terms_of.get(term.id, ())),
        )
        for term in agreement.terms
    )
    titles = {term.id: term.title for term in agreement.terms}
    differ = tuple(
        Difference(titles[r["term_id"]], r["what"], r["differ_in"], said[r["position_a"]], said[r["position_b"]])
        for r in contradictions(agreement).iter_rows(named=True)
    )
    return AgreementPositions(agreement.title, speakers, rows, differ)


@router.get("", dependencies=[allowed("read")])
def page(request: Request, view: CurrentView) -> Response:
    """Who said what."""
    return render(request, "positions.html.j2", of_case(view), view=view)
