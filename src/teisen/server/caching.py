"""Answers to the public, made once for each state and language, packed once, and handed out as bytes.

What the public reads depends on the state, the language and the address alone, so that a thousand readers cost one.
What somebody with a session or a token reads is made for them, and only tagged.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import brotli  # type: ignore[import-untyped]
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from teisen.server.access.allowed import action_of
from teisen.server.access.visitor import Visitor
from teisen.server.current import Current

MOST_BYTES = 128 * 10**6
"""Of all that is kept, in every packing."""
LARGEST = 8 * 10**6
SMALLEST_PACKED = 512
PACKED_TYPES = (
    "text/",
    "application/json",
    "application/geo+json",
    "application/problem+json",
    "image/svg",
    "application/javascript",
)
STATIC = "/static/"
VARY = "Accept-Encoding, Accept-Language, Cookie, Authorization"
Key = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Kept:
    """An answer: status, headers without those of a packing, and its bytes by packing ("" is none)."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    bodies: dict[str, bytes]
    tag: str

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return sum(map(len, self.bodies.values()))


class Caching:
    """Stands between the gate and the routes."""

    def __init__(self, app: ASGIApp, current: Current) -> None:
        self.app, self.current = app, current
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._size = 0
        self._state: object = None
        self._making: dict[Key, asyncio.Future[Kept | None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        static = scope["path"].startswith(STATIC)
        visitor: Visitor = scope["state"]["visitor"]
        if static and "range" in asked:
            await self.app(scope, receive, send)
        elif visitor.name:
            await self._tagged(scope, receive, send, asked)
        else:
            await self._shared(scope, receive, send, asked)

    async def _shared(self, scope: Scope, receive: Receive, send: Send, asked: Headers) -> None:
        state = self.current.state
        if state is not self._state:
            self._kept.clear()
            self._state, self._size = state, 0
        language = scope["state"]["visitor"].language
        query = scope["query_string"].decode("latin-1")
        # The host too: where the server was told no address, some answers lead to the one that they were asked at.
        key = (language, scope["method"], scope["path"], query, asked.get("host", ""))
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        elif key in self._making:
            kept = await self._making[key]
        if kept is None:
            kept = await self._made(key, scope, receive, send)
        if kept is not None:
            await _sent(kept, send, asked)

    async def _made(self, key: Key, scope: Scope, receive: Receive, send: Send) -> Kept | None:
        """Have the answer made; it is sent right away, and None is returned, where it is not to be kept."""
        made: asyncio.Future[Kept | None] = asyncio.get_running_loop().create_future()
        mine = self._making.setdefault(key, made) is made
        kept: Kept | None = None
        state = self._state

        def passed() -> None:
            """Nobody waits for what is not to be kept: a stream may go on for hours."""
            if mine and self._making.pop(key, None) is made:
                made.set_result(None)

        try:
            gathered = await _gathered(self.app, scope, receive, send, passed)
            if gathered is not None:
                kept = await run_in_threadpool(_packed, *gathered, self._cache_control(key[2]))
                if state is self._state:
                    self._keep(key, kept)
        finally:
            if mine and self._making.pop(key, None) is made:
                made.set_result(kept)
        return kept

    def _keep(self, key: Key, kept: Kept) -> None:
        if key not in self._kept:
            self._kept[key] = kept
            self._size += kept.size
        while self._size > MOST_BYTES and self._kept:
            self._size -= self._kept.popitem(last=False)[1].size

    async def _tagged(self, scope: Scope, receive: Receive, send: Send, asked: Headers) -> None:
        gathered = await _gathered(self.app, scope, receive, send, None)
        if gathered is not None:
            status, headers, body = gathered
            own = [(n, v) for n, v in headers if n not in (b"content-length", b"etag", b"cache-control")]
            own += [(b"cache-control", b"private, no-cache"), (b"vary", VARY.encode())]
            tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
            await _sent(Kept(status, tuple(own), {"": body}, tag), send, asked)

    @staticmethod
    def _cache_control(path: str) -> str:
        return "public, max-age=300" if path.startswith(STATIC) else "no-cache"


Gathered = tuple[int, list[tuple[bytes, bytes]], bytes]


async def _gathered(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, passed: Callable[[], None] | None
) -> Gathered | None:
    """The answer as a whole, where it may be kept or tagged; of any other None, and it is sent as it comes.

    ``passed`` is called where it is not kept, before it is sent; None: it is for one person, and only tagged.
    """
    started: list[Message] = []
    body = bytearray()
    passing = False

    async def take(message: Message) -> None:
        nonlocal passing
        if passing:
            await send(message)
        elif message["type"] == "http.response.start":
            started.append(message)
            if not _keepable(scope, message, passed is not None):
                passing = True
                if passed:
                    passed()
                await send(message)
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))
            if len(body) > LARGEST:
                passing = True
                if passed:
                    passed()
                await send(started[0])
                await send({**message, "body": bytes(body)})

    await app(scope, receive, take)
    if passing or not started:
        return None
    return started[0]["status"], list(started[0]["headers"]), bytes(body)


def _keepable(scope: Scope, start: Message, shared: bool) -> bool:
    headers = Headers(raw=list(start["headers"]))
    if start["status"] != 200 or "set-cookie" in headers or "no-store" in headers.get("cache-control", ""):
        return False
    if scope["path"].startswith(STATIC):
        return shared and int(headers.get("content-length", "0")) <= LARGEST
    route = scope.get("route")
    return route is not None and action_of(route) == "read"


def _packed(status: int, headers: list[tuple[bytes, bytes]], body: bytes, cache_control: str) -> Kept:
    """An answer in every packing that pays."""
    dropped = (b"content-length", b"etag", b"last-modified", b"accept-ranges", b"cache-control", b"vary")
    own = [(name, value) for name, value in headers if name.lower() not in dropped]
    own += [(b"cache-control", cache_control.encode()), (b"vary", VARY.encode())]
    bodies = {"": body}
    kind = Headers(raw=headers).get("content-type", "")
    if len(body) >= SMALLEST_PACKED and kind.startswith(PACKED_TYPES):
        bodies["gzip"] = gzip.compress(body, 6, mtime=0)
        bodies["br"] = brotli.compress(body, quality=6)
    return Kept(status, tuple(own), bodies, f'"{hashlib.sha256(body).hexdigest()[:24]}"')


async def _sent(kept: Kept, send: Send, asked: Headers) -> None:
    """Send an answer in the packing that was asked for, or that nothing changed."""
    accepted = {part.partition(";")[0].strip() for part in asked.get("accept-encoding", "").split(",")}
    packing = next((name for name in ("br", "gzip") if name in accepted and name in kept.bodies), "")
    tag = kept.tag if not packing else f'{kept.tag[:-1]}-{packing}"'
    body = kept.bodies[packing]
    given = {part.strip().removeprefix("W/") for part in asked.get("if-none-match", "").split(",")}
    status = kept.status
    if tag in given or "*" in given:
        status, body = 304, b""
    message: Message = {"type": "http.response.start", "status": status, "headers": list(kept.headers)}
    headers = MutableHeaders(scope=message)
    headers["etag"] = tag
    if status != 304:
        headers["content-length"] = str(len(body))
        if packing:
            headers["content-encoding"] = packing
    await send(message)
    await send({"type": "http.response.body", "body": body})
