"""Ledger: its signed head, its entries as far as they are released, and the proof of each, checked by the browser."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from teisen.languages import text
from teisen.ledger import SOURCE_FILE, Entry
from teisen.ledger.merkle import leaf_hash
from teisen.server.access import allowed
from teisen.server.access.visitor import CurrentVisitor, Visitor
from teisen.server.current import CurrentView
from teisen.server.pages.rendering import render
from teisen.server.pages.withdrawn import NOTHING, Withdrawing, Withdrawn, withdrawing
from teisen.server.problems import Refusal
from teisen.server.record import may_read
from teisen.server.view import View
from teisen.server.writing.desk import desk

router = APIRouter(prefix="/ledger")
ON_A_PAGE = 100
INSIDE = "read-inside"


@dataclass(frozen=True)
class Line:
    """One entry. Of one that stays inside (:mod:`teisen.server.record`) there are its number and its hash alone."""

    index: int
    shown: bool
    type: str
    time: datetime | None
    subject: str
    name: str
    size: int | None
    sha256: str
    author: str
    withdrawn: bool = False


@dataclass(frozen=True)
class LedgerPage:
    """The head and a page of entries, the newest first."""

    title: str
    origin: str
    size: int
    root: str
    checkpoint: str
    key: str
    witnesses: tuple[str, ...]
    lines: tuple[Line, ...]
    number: int
    pages: int
    inside: bool
    code: str
    tables: tuple[tuple[str, str], ...]
    withdrawing: Withdrawing


@dataclass(frozen=True)
class EntryPage:
    """One entry with its proof: hashes from its leaf to the root, in hex."""

    title: str
    line: Line
    leaf: str
    proof: tuple[str, ...]
    size: int
    root: str
    content: str
    may_withdraw: bool = False
    withdrawn: Withdrawn | None = None


def ledger(view: View, number: int, inside: bool, withdrawing: Withdrawing = NOTHING) -> LedgerPage:
    """The page's model; ``inside``: for people of the mission, who also see what was withdrawn."""
    head = view.checkpoint
    pages = max(1, -(-head.size // ON_A_PAGE))
    number = min(max(number, 1), pages)
    top = head.size - (number - 1) * ON_A_PAGE
    shown = view.ledger.entries()[max(0, top - ON_A_PAGE) : top]
    own = [one for one in head.signatures if one.name == head.origin]
    return LedgerPage(
        "Ledger",
        head.origin,
        head.size,
        head.root.hex(),
        head.content.decode("utf-8"),
        str(view.ledger.key),
        tuple(one.name for one in head.signatures if one not in own),
        tuple(_line(view, one, withdrawing) for one in reversed(shown)),
        number,
        pages,
        inside,
        str(view.manifest.get("version", "")),
        tuple(sorted(view.about.digests.items())) if inside else (),
        withdrawing,
    )


def entry(view: View, index: int, withdrawing: Withdrawing = NOTHING) -> EntryPage:
    """The page of one entry; of a file also whether it was withdrawn, and whether the visitor may do that.

    Raises:
        Refusal: there is none of that number (404).
    """
    if not 0 <= index < view.size:
        raise Refusal(404, text("The ledger has the entries 0 to {n}.").format(n=view.size - 1))
    one = view.ledger.entries()[index]
    data = one.encode()
    proof = view.ledger.inclusion_proof(index, view.size)
    file = one.blob.sha256 if one.type == SOURCE_FILE and one.blob else ""
    return EntryPage(
        f"Entry {index}",
        _line(view, one, withdrawing),
        leaf_hash(data).hex(),
        tuple(step.hex() for step in proof),
        view.size,
        view.checkpoint.root.hex(),
        data.decode("utf-8") if may_read(view, one) else "",
        bool(file) and withdrawing.may(one.subject),
        withdrawing.of(one.subject, file) if file else None,
    )


def proof_of(view: View, index: int) -> dict[str, Any]:
    """All that a browser needs to check an entry by itself.

    Bytes are base64: ``leaf`` (the entry's hash), ``proof`` (its siblings up to the root), ``checkpoint`` (the signed
    note) and ``key`` (the verifier key as text); ``data``, the entry's own bytes, where they leave.
    """
    page = entry(view, index)
    given = {"data": _base64(page.content.encode())} if page.content else {}
    return {
        "index": index,
        "size": page.size,
        "leaf": _base64(bytes.fromhex(page.leaf)),
        "proof": [_base64(bytes.fromhex(step)) for step in page.proof],
        "root": _base64(bytes.fromhex(page.root)),
        "checkpoint": view.checkpoint.content.decode("utf-8"),
        "key": str(view.ledger.key),
        **given,
    }


def _line(view: View, one: Entry, withdrawing: Withdrawing) -> Line:
    if not may_read(view, one):
        return Line(one.index, False, "", None, "", "", None, "", "")
    blob = one.blob
    return Line(
        one.index,
        True,
        one.type,
        one.time,
        one.subject,
        blob.name if blob else "",
        blob.size if blob else None,
        blob.sha256 if blob else "",
        one.author.name,
        one.type == SOURCE_FILE and blob is not None and withdrawing.of(one.subject, blob.sha256) is not None,
    )


def _withdrawing(request: Request, view: View, visitor: Visitor) -> Withdrawing:
    return withdrawing(view, visitor, desk(request).entries()) if visitor.may(INSIDE) else NOTHING


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


@router.get("", dependencies=[allowed("read")])
def page(request: Request, view: CurrentView, visitor: CurrentVisitor, page: int = 1) -> Response:
    """The ledger."""
    model = ledger(view, page, visitor.may(INSIDE), _withdrawing(request, view, visitor))
    return render(request, "ledger.html.j2", model, view=view)


@router.get("/head", dependencies=[allowed("read")])
def checkpoint(view: CurrentView) -> Response:
    """The signed head, as tlog clients read it."""
    return Response(view.checkpoint.content, media_type="text/plain; charset=utf-8")


@router.get("/{index:int}", dependencies=[allowed("read")])
def one(request: Request, view: CurrentView, visitor: CurrentVisitor, index: int) -> Response:
    """One entry."""
    model = entry(view, index, _withdrawing(request, view, visitor))
    return render(request, "entry.html.j2", model, view=view)


@router.get("/{index:int}/proof.json", dependencies=[allowed("read")])
def proof(view: CurrentView, index: int) -> Response:
    """The proof of one entry."""
    return JSONResponse(proof_of(view, index))
