"""What the ledger says of a schedule's seeds: who committed, who opened, what follows, and what is wrong with it.

Entries, all with the schedule's id as subject and ``format: teisen-seed/1`` in the body:

- ``seed-commitment``: ``role`` (``run`` or ``contribute``), ``who``, ``programme`` (its hash), ``first`` (day),
  ``days``; the commitment itself stands under ``commitments.seed``. The first one of role ``run`` makes the schedule.
- ``seed-opening``: ``who``, ``day`` (0 for who contributes), ``salt``, ``value``.
- ``seed-start``: ``contributions``, the names whose openings count; recorded by who runs it, before the first day.
  What is opened later does not count.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Literal

import polars as pl
from pydantic import Field, ValidationError

from teisen.agreement.vocabulary import Id
from teisen.documents import Strict
from teisen.ledger import Entry
from teisen.planning.commitment import Secret, chain_opens, day_key, opens
from teisen.planning.programme import SCHEDULE, Programme, day_routes

COMMITMENT_ENTRY = "seed-commitment"
OPENING_ENTRY = "seed-opening"
START_ENTRY = "seed-start"
SEED = "seed"
"""Name under which an entry's ``commitments`` hold it."""
_HASH = "^[0-9a-f]{64}$"


class Committed(Strict):
    """The body of a commitment."""

    format: Literal["teisen-seed/1"] = "teisen-seed/1"
    role: Literal["run", "contribute"]
    who: Id
    programme: str = Field(pattern=_HASH)
    first: date
    days: int = Field(ge=1, le=3660)


class Opened(Strict):
    """The body of an opening."""

    format: Literal["teisen-seed/1"] = "teisen-seed/1"
    who: Id
    day: int = Field(ge=0)
    salt: str = Field(pattern=_HASH)
    value: str = Field(pattern=_HASH)

    @property
    def secret(self) -> Secret:
        """Salt and value."""
        return Secret.decode({"salt": self.salt, "value": self.value})


class Started(Strict):
    """The body of a start."""

    format: Literal["teisen-seed/1"] = "teisen-seed/1"
    contributions: tuple[Id, ...]


@dataclass
class Seeds:
    """The state of a schedule.

    Attributes:
        terms: who runs it, of which programme, from when and for how long; empty: nobody committed to run it.
        commitments: by who contributes; ``run`` is that of who runs it, and ``runner`` the key that signed it.
        contributions: values that were opened and are what was committed to.
        counted: those of them that count; empty: the schedule has not started.
        links: links of the chain that were shown, by day, that are what was committed to.
        wrong: what does not hold, in the order of the log.
    """

    schedule_id: str
    terms: Committed | None = None
    run: str = ""
    runner: str = ""
    salt: bytes = b""
    commitments: dict[str, str] = field(default_factory=dict)
    contributions: dict[str, bytes] = field(default_factory=dict)
    counted: dict[str, bytes] | None = None
    links: dict[int, bytes] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def seeds(entries: Iterable[Entry], schedule_id: str) -> Seeds:
    """Replay a schedule's entries; nothing is believed that does not follow from what was published before."""
    state = Seeds(schedule_id)
    for entry in entries:
        if entry.subject != schedule_id or entry.type not in _READ:
            continue
        model, take = _READ[entry.type]
        try:
            body = model.model_validate_json(json.dumps(dict(entry.body)))
        except ValidationError:
            state.wrong.append(f"entry {entry.index}: its body is not of this format")
            continue
        if not entry.signed_by_author():
            state.wrong.append(f"entry {entry.index}: its author's signature does not verify")
            continue
        problem = take(state, entry, body)
        if problem:
            state.wrong.append(f"entry {entry.index}: {problem}")
    return state


def _commit(state: Seeds, entry: Entry, body: Committed) -> str:
    published = entry.commitments.get(SEED, "")
    if state.counted is not None:
        return f"{body.who} committed after the start"
    if body.role == "run":
        if state.terms is not None:
            return f"{body.who} committed to run what {state.terms.who} runs"
        state.terms, state.run, state.runner = body, published, entry.author.key
        return ""
    if state.terms is None:
        return f"{body.who} committed before anybody had committed to run the schedule"
    if (body.programme, body.first, body.days) != (state.terms.programme, state.terms.first, state.terms.days):
        return f"{body.who} committed to another programme, first day or number of days"
    if state.contributions:
        return f"{body.who} committed when others had opened already"
    if body.who in state.commitments or body.who == state.terms.who:
        return f"{body.who} committed twice"
    state.commitments[body.who] = published
    return ""


def _open(state: Seeds, entry: Entry, body: Opened) -> str:
    if state.terms is None:
        return "nobody committed to run the schedule"
    if body.who == state.terms.who:
        return _show(state, entry, body)
    if body.who not in state.commitments or not opens(state.commitments[body.who], body.secret):
        return f"what {body.who} opened is not what was committed to"
    if state.counted is not None:
        return f"{body.who} opened after the start: it does not count"
    state.contributions[body.who] = body.secret.value
    return ""


def _show(state: Seeds, entry: Entry, body: Opened) -> str:
    assert state.terms is not None  # noqa: S101  the caller has looked
    if not 1 <= body.day <= state.terms.days:
        return f"there is no day {body.day}"
    if not chain_opens(state.run, body.secret.salt, body.secret.value, body.day):
        return f"the link of day {body.day} is not of the chain that was committed to"
    if state.counted is None:
        return f"the link of day {body.day} was shown before the start"
    state.links[body.day], state.salt = body.secret.value, body.secret.salt
    return ""


def _start(state: Seeds, entry: Entry, body: Started) -> str:
    if state.terms is None or state.counted is not None:
        return "the start of nothing, or a second one"
    if entry.author.key != state.runner:
        return "only who runs the schedule starts it"
    state.counted = {who: state.contributions[who] for who in body.contributions if who in state.contributions}
    left_out = sorted(set(state.contributions) - set(body.contributions))
    never = sorted(set(body.contributions) - set(state.contributions))
    late = entry.time >= datetime.combine(state.terms.first, time(), UTC)
    said = [f"{who} had opened in time and was left out" for who in left_out]
    said += [f"{who} had not opened" for who in never]
    said += ["the schedule started after its first day had begun"] if late else []
    return "; ".join(said)


_READ: dict[str, tuple[type[Strict], Callable[[Seeds, Entry, Any], str]]] = {
    COMMITMENT_ENTRY: (Committed, _commit),
    OPENING_ENTRY: (Opened, _open),
    START_ENTRY: (Started, _start),
}


def drawn(state: Seeds, programme: Programme, links: Mapping[int, bytes] | None = None) -> pl.DataFrame:
    """Where crews were on the days whose links were shown (SCHEDULE).

    Args:
        state: the schedule's seeds.
        programme: the one that was committed to.
        links: links of further days, for who runs it.

    Raises:
        ValueError: the programme is another one, or the schedule has not started.
    """
    if state.terms is None or state.counted is None:
        raise ValueError("the schedule has not started")
    if programme.sha256 != state.terms.programme:
        raise ValueError("this is not the programme that was committed to")
    frames = [
        day_routes(programme, state.terms.first, day, day_key(state.schedule_id, day, link, state.counted))
        for day, link in sorted({**state.links, **(links or {})}.items())
    ]
    return SCHEDULE.gather(frames) if frames else SCHEDULE.empty()


def departures(promised: pl.DataFrame, done: pl.DataFrame) -> pl.DataFrame:
    """Where crews were not as drawn (SCHEDULE columns and ``what``: ``missed`` or ``not drawn``).

    Args:
        promised: SCHEDULE, as :func:`drawn` gives it.
        done: SCHEDULE, as the mission says it went.
    """
    key = ["sector_id", "crew", "start", "place_id"]
    days = promised["day"].unique()
    lost = promised.join(done, on=key, how="anti").with_columns(what=pl.lit("missed"))
    more = done.filter(pl.col("day").is_in(days.implode())).join(promised, on=key, how="anti")
    return pl.concat([lost, more.with_columns(what=pl.lit("not drawn"))]).sort(key)
