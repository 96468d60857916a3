"""The ledger: its signed head, entries, and proofs that anybody can check."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from teisen.languages import text
from teisen.ledger.note import to_base64
from teisen.release import REDACTION
from teisen.server import record
from teisen.server.access import allowed
from teisen.server.api.incidents import EntryShown, ProofShown
from teisen.server.api.rows import Page, Paging, listed, page_model, page_of, problems
from teisen.server.current import CurrentView
from teisen.server.problems import Refusal

router = APIRouter(tags=["ledger"])
Index = Annotated[int, Path(ge=0, le=2**53)]


class Head(BaseModel):
    """The ledger's signed head (a C2SP checkpoint), and the key that checks it."""

    origin: str
    size: int
    root: str
    key: str
    checkpoint: str
    witnesses: list[str]


class Consistency(BaseModel):
    """That the first ``old`` entries are the beginning of the first ``new`` (RFC 9162, 2.1.4.2): hashes in base64."""

    old: int
    new: int
    hashes: list[str]


class Sizes(BaseModel):
    """Two sizes of the ledger."""

    model_config = ConfigDict(extra="forbid")

    old: int = Field(ge=0, le=2**53)
    new: int = Field(ge=0, le=2**53)
    lang: str | None = Field(default=None, max_length=20)


@router.get("/ledger", dependencies=[allowed("read")])
def head(view: CurrentView) -> Head:
    """The head of the ledger that all of this rests on."""
    point = view.checkpoint
    names = sorted({one.name for one in point.signatures} - {point.origin})
    return Head(
        origin=point.origin,
        size=point.size,
        root=to_base64(point.root),
        key=str(view.ledger.key),
        checkpoint=point.content.decode("utf-8"),
        witnesses=names,
    )


@router.get("/ledger/entries", dependencies=[allowed("read")], response_model=Page[EntryShown], responses=problems(422))
def entries(request: Request, view: CurrentView, query: Annotated[Paging, Query()]) -> Response:
    """Entries in the order of the log; of those that stay inside, the hash alone."""
    found = record.entries(view, query.offset, query.limit)
    items = [EntryShown.model_validate(one, from_attributes=True).model_dump(mode="json") for one in found]
    return page_of(request, view, items, view.size, query)


@router.get("/ledger/entries/{index}", dependencies=[allowed("read")], responses=problems(404, 422))
def entry(view: CurrentView, index: Index) -> ProofShown:
    """One entry with the proof that it stands in the ledger."""
    if index >= view.size:
        raise Refusal(404, text("The ledger has no entry there."))
    return ProofShown.model_validate(record.proof(view, index), from_attributes=True)


@router.get("/ledger/consistency", dependencies=[allowed("read")], responses=problems(422))
def consistency(view: CurrentView, query: Annotated[Sizes, Query()]) -> Consistency:
    """The proof that nothing was altered between two sizes of the ledger."""
    if not query.old <= query.new <= view.size:
        raise Refusal(422, text("Two sizes up to {n}, the smaller one first.").format(n=view.size))
    hashes = view.ledger.consistency_proof(query.old, query.new)
    return Consistency(old=query.old, new=query.new, hashes=[to_base64(one) for one in hashes])


@router.get(
    "/redactions", dependencies=[allowed("read")], response_model=page_model(REDACTION), responses=problems(422)
)
def redactions(request: Request, view: CurrentView, query: Annotated[Paging, Query()]) -> Response:
    """What was withheld or made coarser, why, and how often."""
    return listed(request, view, view.released.log, query)
