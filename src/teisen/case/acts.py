"""Acts of people as the ledger holds them, each with the review that the case had when it was recorded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import ValidationError

from teisen.case.definitions import CASE_FILE
from teisen.decision import ENTRIES, REPLY, REPLY_ENTRY, Act, Body, Review, in_order
from teisen.documents import load
from teisen.errors import BadInput
from teisen.ledger import Entry


def acts_of(
    entries: Iterable[Entry], blob: Callable[[str], bytes], origin: str, known: dict[int, Act] | None = None
) -> list[Act]:
    """The acts among a ledger's entries, in the order in which they count.

    ``known`` holds acts of the same ledger by entry that were read before, and takes up those that are read now: an
    act's signature is checked once.

    What a later ``case.yaml`` asks for is not held against earlier acts. What the ledger ``origin`` signed itself is
    signed by nobody in person.
    """
    acts, review = [], Review()
    for entry in entries:
        if entry.subject == CASE_FILE and entry.type == "case" and entry.blob:
            review = _review(blob(entry.blob.sha256))
        elif entry.type in ENTRIES:
            act = None if known is None else known.get(entry.index)
            if act is None:
                act = _act(entry, review, origin)
                if known is not None:
                    known[entry.index] = act
            acts.append(act)
    return in_order(acts)


def lines(acts: Iterable[Act]) -> list[str]:
    """What of acts a derivation rests on, a line each: content, review, signer, and which acts share a key."""
    keys: dict[str, int] = {}
    found = []
    for act in acts:
        key = keys.setdefault(act.key, len(keys))
        review = act.review.model_dump_json()
        found.append(
            f"act\x1f{act.digest}\x1f{hashlib.sha256(review.encode()).hexdigest()}\x1f{act.signed_as}\x1f{key}"
        )
    return found


def _act(entry: Entry, review: Review, origin: str) -> Act:
    raw: dict[str, Any] = json.loads(json.dumps(entry.body))
    body: Body | None
    try:
        body = Body.model_validate(raw)
    except ValidationError:
        body = None
    if body and ((body.action == REPLY) != (entry.type == REPLY_ENTRY) or not entry.signed_by_author()):
        body = None
    signed_as = "" if entry.author.name == origin else entry.author.name
    return Act(entry.time, entry.subject, body, entry.author.key, signed_as, review, raw)


def _review(text: bytes) -> Review:
    """The review of a ``case.yaml`` that an earlier version may have written; what cannot be read asks for nothing."""
    try:
        data, _ = load(text.decode("utf-8-sig"), CASE_FILE)
        return Review.model_validate(data.get("review") or {})
    except (BadInput, ValueError):
        return Review()
