"""Digests of an agreement's terms, piece by piece, so that a changed reading can be told from a changed comment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from teisen.documents import load

NO_TERMS = frozenset({"title", "summary", "statements", "allegations", "terms", "positions"})
"""Keys of an agreement on which no finding of an incident rests."""
STATED = "allegations:"
"""The piece of an agreement that holds what parties alleged; no provision can have this id."""
NO_RULE = frozenset({"title", "note", "sources", "held_by"})
"""Keys of a reading on which no finding rests."""


def digests(text: str, file: str) -> dict[str, str]:
    """SHA-256 of what findings rest on in an agreement (YAML), by piece.

    ``""`` is what holds for all of it (parties, standard of proof), ``provision`` the provision without its readings,
    ``provision/reading`` the reading with those that it inherits from. They depend on the written values alone: neither
    on comments and layout nor on the code. :data:`STATED` is what the agreement records of allegations.
    """
    data, _ = load(text, file)
    return {STATED: _digest(data.get("allegations") or [])} | dict(_pieces(data))


def _pieces(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "", _digest({key: value for key, value in data.items() if key not in NO_TERMS | {"provisions"}})
    for provision in data["provisions"]:
        yield provision["id"], _digest({key: value for key, value in provision.items() if key != "readings"})
        readings = {reading["id"]: reading for reading in provision.get("readings") or ()}
        for name in readings:
            line = [{k: v for k, v in one.items() if k not in NO_RULE} for one in _line(name, readings)]
            yield f"{provision['id']}/{name}", _digest(line)


def _line(name: str, readings: Mapping[str, Any]) -> Iterator[Any]:
    """A reading and those it inherits from, one after the other; the model refuses circles."""
    while name in readings:
        yield readings[name]
        name = readings[name].get("inherits", "")


def _digest(values: Any) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()
