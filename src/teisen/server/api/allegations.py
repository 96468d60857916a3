"""Allegations of each party, and what became of them."""

from __future__ import annotations

from typing import Annotated

import polars as pl
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from teisen.decision import DECISION
from teisen.judgement.schema import CORROBORATION, FINDING, OUTCOME
from teisen.observation import ALLEGATION
from teisen.server.access import allowed
from teisen.server.api.rows import (
    Between,
    Paging,
    answered,
    listed,
    one_of,
    page_model,
    plain,
    problems,
    same,
    where,
    whole_model,
)
from teisen.server.current import CurrentView

router = APIRouter(tags=["allegations"])


class AllegationQuery(Between):
    """Filters of allegations."""

    accuser: str | None = Field(default=None, max_length=100, description="Id of a party.")
    accused: str | None = Field(default=None, max_length=100, description="Id of a party.")
    kind: str | None = Field(default=None, max_length=100)


AllegationWhole = whole_model(
    "AllegationWhole",
    "An allegation with its outcome, what it would be under each reading, and what was said to it.",
    allegation=ALLEGATION,
    outcome=(OUTCOME, None),
    findings=[FINDING],
    decisions=[DECISION],
)


@router.get(
    "/allegations", dependencies=[allowed("read")], response_model=page_model(ALLEGATION), responses=problems(422)
)
def allegations(request: Request, view: CurrentView, query: Annotated[AllegationQuery, Query()]) -> Response:
    """Allegations, as they were stated."""
    names = ("accuser", "accused", "kind")
    conditions = [*query.times(), *(same(name, getattr(query, name)) for name in names)]
    return listed(request, view, where(view.table("allegation"), conditions), query)


@router.get(
    "/allegations/{allegation_id}",
    dependencies=[allowed("read")],
    response_model=AllegationWhole,
    responses=problems(404, 422),
)
def allegation(view: CurrentView, allegation_id: Annotated[str, Path(max_length=300)]) -> Response:
    """One allegation and what became of it."""
    allegation_id = view.own_id(allegation_id)
    found = one_of(view.table("allegation"), "allegation_id", allegation_id)
    outcome = plain(view.table("outcome").filter(pl.col("allegation_id") == allegation_id))
    mine = (pl.col("subject") == "allegation") & (pl.col("subject_id") == allegation_id)
    return answered(
        {
            "allegation": found,
            "outcome": outcome[0] if outcome else None,
            "findings": plain(view.table("finding").filter(mine)),
            "decisions": plain(view.table("decision").filter(mine).sort("number")),
        }
    )


@router.get("/outcomes", dependencies=[allowed("read")], response_model=page_model(OUTCOME), responses=problems(422))
def outcomes(request: Request, view: CurrentView, query: Annotated[Paging, Query()]) -> Response:
    """What became of allegations, the same way for every party."""
    return listed(request, view, view.table("outcome"), query)


@router.get(
    "/corroboration",
    dependencies=[allowed("read")],
    response_model=page_model(CORROBORATION),
    responses=problems(422),
)
def corroboration(request: Request, view: CurrentView, query: Annotated[Paging, Query()]) -> Response:
    """How far records bear out each party's allegations, given what could be seen. No ranking of parties."""
    return listed(request, view, view.table("corroboration"), query)
