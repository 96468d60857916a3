"""Digests of an agreement's terms, piece by piece, so that a changed reading can be told from a changed comment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from teisen.documents import load

NO_TERMS = frozenset({"title", "summary", "statements", "allegations", "terms", "positions", "clocks"})
"""Keys of an agreement on which no finding of an incident rests."""
HUNG_ON = frozenset({"events", "notices"})
"""Keys of an agreement that count in the readings that hang on them."""
STATED = "allegations:"
"""The piece of an agreement that holds what parties alleged; no provision can have this id."""
NO_RULE = frozenset({"title", "note", "sources", "held_by", "recognises"})
"""Keys of a reading on which no finding rests; what it recognises counts by what those changes are."""
NO_DEED = frozenset({"title", "what", "note", "source"})
"""Keys of an event or a notice on which no finding rests."""
NO_CHANGE = frozenset({"note", "source"})
"""Keys of a change on which no finding rests."""

Values = Mapping[str, Any]


def digests(text: str, file: str) -> dict[str, str]:
    """SHA-256 of what findings rest on in an agreement (YAML), by piece.

    ``""`` is what holds for all of it (parties, standard of proof), ``provision`` the provision without its readings,
    ``provision/reading`` the reading with those that it inherits from, the changes that it recognises, and the events,
    notices and other readings that its rule hangs on. They depend on the written values alone: neither on comments and
    layout nor on the code. :data:`STATED` is what the agreement records of allegations.
    """
    data, _ = load(text, file)
    return {STATED: _digest(data.get("allegations") or [])} | dict(_pieces(data))


def _pieces(data: Values) -> Iterator[tuple[str, str]]:
    yield "", _digest(_without(data, NO_TERMS | HUNG_ON | {"provisions"}))
    for provision in data["provisions"]:
        yield provision["id"], _digest(_without(provision, {"readings", "changes"}))
        for reading in provision.get("readings") or ():
            line, hung_on = _terms(data, provision["id"], reading["id"])
            yield f"{provision['id']}/{reading['id']}", _digest([*line, *([{"with": hung_on}] if hung_on else [])])


def _terms(data: Values, provision_id: str, reading_id: str) -> tuple[list[Values], list[Any]]:
    """The line of a reading, and all else that its rule rests on; nothing else: the second is empty."""
    provision = _by_id(data["provisions"])[provision_id]
    readings = _by_id(provision.get("readings"))
    line: list[Values] = [_without(one, NO_RULE) for one in _line(reading_id, readings)]
    recognised = readings[reading_id].get("recognises") or ()
    changes = [_without(one, NO_CHANGE) for one in provision.get("changes") or () if one["id"] in recognised]
    hung_on: list[Any] = list(changes)
    for name, value in _predicates([*line, *changes]):
        if name == "after":
            hung_on.append(_without(_by_id(data.get("events"))[value["event"]], NO_DEED))
        if name == "notified":
            hung_on += [_without(one, NO_DEED) for one in data.get("notices") or ()]
        if name == "in_force":
            hung_on += _terms(data, value["provision"], value["reading"])
    return line, hung_on


def _predicates(values: Any) -> Iterator[tuple[str, Any]]:
    """Every key of written values with what stands under it, at any depth."""
    if isinstance(values, dict):
        yield from values.items()
    for value in values.values() if isinstance(values, dict) else values if isinstance(values, list) else ():
        yield from _predicates(value)


def _line(name: str, readings: Values) -> Iterator[Values]:
    """A reading and those it inherits from, one after the other; the model refuses circles."""
    while name in readings:
        yield readings[name]
        name = readings[name].get("inherits", "")


def _by_id(ones: Any) -> dict[str, Values]:
    return {one["id"]: one for one in ones or ()}


def _without(values: Values, keys: frozenset[str] | set[str]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in keys}


def _digest(values: Any) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()
