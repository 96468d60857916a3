"""Terms: provisions with their readings, positions on terms, and how the readings are kept."""

from __future__ import annotations

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from teisen.agreement import positions
from teisen.agreement.positions import POSITION
from teisen.compliance.change_schema import CHANGE, VERDICT
from teisen.compliance.schema import RATE
from teisen.judgement.schema import PARTING
from teisen.server.access import allowed
from teisen.server.api.rows import Between, Page, Paging, listed, page_model, page_of, problems, same, where
from teisen.server.current import CurrentView

router = APIRouter(tags=["terms"])


class ReadingShown(BaseModel):
    """How somebody understands a provision; ``rule`` is what it is judged by, as the agreement's file has it."""

    id: str
    title: str
    held_by: str
    sources: list[str]
    inherits: str | None
    note: str | None
    rule: dict[str, Any] | None


class ProvisionShown(BaseModel):
    """One obligation with its texts and readings."""

    agreement_id: str
    provision_id: str
    title: str
    binds: list[str]
    severity: str | None
    text: list[dict[str, Any]]
    readings: list[ReadingShown]


class TermsQuery(Paging):
    """Filters of what belongs to an agreement."""

    agreement_id: str | None = Field(default=None, max_length=200)


class RateQuery(Between):
    """Filters of rates and changes."""

    agreement_id: str | None = Field(default=None, max_length=200)
    provision_id: str | None = Field(default=None, max_length=200)
    reading_id: str | None = Field(default=None, max_length=200)
    area_id: str | None = Field(default=None, max_length=200, description="Id of an area; *: all of them together.")


class ReadingQuery(Between):
    """Filters of what is said of readings."""

    agreement_id: str | None = Field(default=None, max_length=200)
    provision_id: str | None = Field(default=None, max_length=200)
    reading_id: str | None = Field(default=None, max_length=200)


@router.get("/provisions", dependencies=[allowed("read")], response_model=Page[ProvisionShown], responses=problems(422))
def provisions(request: Request, view: CurrentView, query: Annotated[TermsQuery, Query()]) -> Response:
    """Provisions of the case's agreements, in their order: text and rule side by side."""
    items = [
        {
            "agreement_id": agreement.id,
            "provision_id": one.id,
            "title": one.title,
            "binds": list(one.binds or agreement.party_ids),
            "severity": one.severity,
            "text": [wording.model_dump(mode="json", by_alias=True, exclude_none=True) for wording in one.text],
            "readings": [
                {
                    "id": reading.id,
                    "title": reading.title,
                    "held_by": reading.held_by,
                    "sources": list(reading.sources),
                    "inherits": reading.inherits,
                    "note": reading.note,
                    "rule": reading.rule.model_dump(mode="json", by_alias=True, exclude_none=True)
                    if reading.rule
                    else None,
                }
                for reading in one.readings
            ],
        }
        for agreement in view.agreements
        if query.agreement_id in (None, agreement.id)
        for one in agreement.provisions
    ]
    part = items[query.offset : query.offset + query.limit]
    return page_of(request, view, part, len(items), query)


@router.get("/positions", dependencies=[allowed("read")], response_model=page_model(POSITION), responses=problems(422))
def said(request: Request, view: CurrentView, query: Annotated[TermsQuery, Query()]) -> Response:
    """Who said what of which term."""
    every = POSITION.gather(positions(agreement) for agreement in view.agreements)
    return listed(request, view, where(every, [same("agreement_id", query.agreement_id)]), query)


@router.get("/partings", dependencies=[allowed("read")], response_model=page_model(PARTING), responses=problems(422))
def partings(request: Request, view: CurrentView, query: Annotated[TermsQuery, Query()]) -> Response:
    """Where readings of a provision part."""
    return listed(request, view, where(view.table("parting"), [same("agreement_id", query.agreement_id)]), query)


@router.get("/compliance", dependencies=[allowed("read")], response_model=page_model(RATE), responses=problems(422))
def compliance(request: Request, view: CurrentView, query: Annotated[RateQuery, Query()]) -> Response:
    """Rates by reading, area and day, with intervals and what could be seen."""
    names = ("agreement_id", "provision_id", "reading_id", "area_id")
    conditions = [*query.times(), *(same(name, getattr(query, name)) for name in names)]
    return listed(request, view, where(view.table("rate"), conditions), query)


@router.get("/changes", dependencies=[allowed("read")], response_model=page_model(CHANGE), responses=problems(422))
def changes(request: Request, view: CurrentView, query: Annotated[ReadingQuery, Query()]) -> Response:
    """Moments from which on there was more, or less."""
    return listed(request, view, _of_reading(view.table("change"), query), query)


@router.get("/verdicts", dependencies=[allowed("read")], response_model=page_model(VERDICT), responses=problems(422))
def verdicts(request: Request, view: CurrentView, query: Annotated[ReadingQuery, Query()]) -> Response:
    """Whether a reading is kept, day by day, with the probability of it."""
    return listed(request, view, _of_reading(view.table("verdict"), query), query)


def _of_reading(frame: pl.DataFrame, query: ReadingQuery) -> pl.DataFrame:
    names = ("agreement_id", "provision_id", "reading_id")
    return where(frame, [*query.times(), *(same(name, getattr(query, name)) for name in names)])
