"""Live updates: one stream of events (Server-Sent Events) for whoever has a page open.

To everybody: that there is a new state, by its ledger size. To those inside: how far the derivation is.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from teisen.languages import text
from teisen.server.access.allowed import allowed
from teisen.server.access.visitor import CurrentVisitor
from teisen.server.problems import Refusal

router = APIRouter(include_in_schema=False)
MOST_LISTENERS = 2_000
WAITING = 50
"""Events that wait for a slow listener; one more ends its stream, and it comes back for the newest state."""
HEARTBEAT_S = 15.0
RETRY_MS = 5_000
STATE = "state"


@dataclass(eq=False)
class Listener:
    """One open stream."""

    inside: bool
    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[str | None] = field(default_factory=lambda: asyncio.Queue(WAITING))


class Live:
    """Tells events to all who listen; may be called from any thread."""

    def __init__(self) -> None:
        self.last: tuple[str, dict[str, Any]] = ("idle", {})
        self._listeners: set[Listener] = set()
        self._ended = False

    def tell(self, name: str, what: dict[str, Any]) -> None:
        """Tell an event: ``state`` to everybody, any other to those inside."""
        if name != STATE:
            self.last = (name, what)
        text = f"event: {name}\ndata: {json.dumps(what)}\n\n"
        for one in list(self._listeners):
            if name == STATE or one.inside:
                one.loop.call_soon_threadsafe(_put, one, text)

    def end(self) -> None:
        """End all streams."""
        self._ended = True
        for one in list(self._listeners):
            one.loop.call_soon_threadsafe(_put, one, None)

    async def stream(self, first: str, inside: bool) -> AsyncIterator[str]:
        """Events as they come, with a heartbeat between them."""
        one = Listener(inside, asyncio.get_running_loop())
        self._listeners.add(one)
        try:
            yield f"retry: {RETRY_MS}\n{first}"
            while not self._ended:
                try:
                    text = await asyncio.wait_for(one.queue.get(), HEARTBEAT_S)
                except TimeoutError:
                    text = ": still here\n\n"
                if text is None:
                    return
                yield text
        finally:
            self._listeners.discard(one)

    @property
    def full(self) -> bool:
        """Whether no more can listen."""
        return len(self._listeners) >= MOST_LISTENERS


def _put(one: Listener, text: str | None) -> None:
    if one.queue.full():
        while not one.queue.empty():
            one.queue.get_nowait()
        text = None
    one.queue.put_nowait(text)


def live(request: Request) -> Live:
    """The events of the app."""
    found: Live = request.app.state.live
    return found


@router.get("/events", dependencies=[allowed("read")])
async def events(request: Request, visitor: CurrentVisitor) -> StreamingResponse:
    """The stream of events."""
    told = live(request)
    if told.full:
        raise Refusal(503, text("Too many are listening. The page can be loaded again instead."))
    state = request.app.state.current.state
    size = {"ledger_size": state.size if state else 0}
    first = f"event: {STATE}\ndata: {json.dumps(size)}\n\n"
    stream = told.stream(first, visitor.may("read-inside"))
    return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
