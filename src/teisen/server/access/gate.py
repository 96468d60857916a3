"""The gate before every route: host, rate, size, and who is asking; and the headers on every answer.

Plain ASGI, so that it costs little and sees bodies as they come.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import MutableMapping
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from teisen.languages import text
from teisen.server.access.headers import headers
from teisen.server.access.limits import Buckets
from teisen.server.access.roles import PUBLIC
from teisen.server.access.sessions import Sessions, form_cookie
from teisen.server.access.visitor import Visitor, language_of
from teisen.server.problems import Refusal, answer
from teisen.server.settings import Settings

BEARER = "bearer "
CUSTOMER_BITS = 64
HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\[\]:@/?#\\]+)(:\d{1,5})?", re.IGNORECASE)
"""A name or address, and a port."""
FILES = ("upload",)
"""Actions that may send more than a form holds."""


class Gate:
    """Lets a request through with ``request.state.visitor`` set, or answers it."""

    def __init__(self, app: ASGIApp, settings: Settings, sessions: Sessions) -> None:
        self.app, self.settings, self.sessions = app, settings, sessions
        self.buckets = Buckets(settings.requests_per_minute)
        self.headers = headers(settings.secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        sent = _Sending(send, self.headers)
        try:
            self._check_host(request)
            self._check_rate(request)
            visitor = await self._visitor(request)
            scope.setdefault("state", {})["visitor"] = visitor
            body = _Body(receive, self._most(request, visitor))
            await self.app(scope, body, sent)
        except Refusal as refusal:
            if not sent.begun:
                await answer(request, refusal)(scope, receive, sent)

    def _check_host(self, request: Request) -> None:
        found = HOST.fullmatch(request.headers.get("host", ""))
        if found is None or found["name"].strip("[]").lower() not in self.settings.hosts:
            raise Refusal(421, text("This server does not go by that name."))

    def _check_rate(self, request: Request) -> None:
        wait = self.buckets.take(address_of(request))
        if wait:
            raise Refusal(429, text("Too many requests."), headers={"Retry-After": str(int(wait) + 1)})

    def _most(self, request: Request, visitor: Visitor) -> int:
        """The largest body, in bytes, and refuses what says itself that it is larger."""
        large = any(visitor.may(action) for action in FILES)
        most = int((self.settings.file_mb * 1.05 if large else self.settings.body_mb) * 1e6)
        said = request.headers.get("content-length", "0")
        if not said.isascii() or not said.isdigit() or int(said) > most:
            raise Refusal(413, text("At most {n} bytes can be sent.").format(n=most), headers={"Connection": "close"})
        return most

    async def _visitor(self, request: Request) -> Visitor:
        language = language_of(request)
        given = request.headers.get("authorization", "")
        if given:
            if given[: len(BEARER)].lower() != BEARER:
                raise Refusal(401, text("Send an API token: Authorization: Bearer TOKEN."), headers=_CHALLENGE)
            found = await run_in_threadpool(self.sessions.of_token, given[len(BEARER) :].strip(), language)
            if found is None:
                raise Refusal(401, text("The token is not known, or no longer valid."), headers=_CHALLENGE)
            return found
        secret = request.cookies.get(self.sessions.cookie)
        if secret:
            found = await run_in_threadpool(self.sessions.of_cookie, secret, language)
            if found:
                return found
        return Visitor(PUBLIC, language=language, csrf=request.cookies.get(form_cookie(self.settings), ""))


def address_of(request: Request) -> str:
    """The address that a request comes from, as the connection (or the trusted proxy) has it; never kept on record.

    Of one of version 6 the network of 64 bits, which is the least that one customer gets (RFC 6177): whoever has one
    has all of its addresses.
    """
    given = request.client.host if request.client else ""
    try:
        found = ipaddress.ip_address(given.partition("%")[0])
    except ValueError:
        return given
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, CUSTOMER_BITS), strict=False))


_CHALLENGE = {"WWW-Authenticate": "Bearer"}


class _Body:
    """Receives a body and breaks off where it grows too large."""

    def __init__(self, receive: Receive, most: int) -> None:
        self.receive, self.most, self.read = receive, most, 0

    async def __call__(self) -> Message:
        message: MutableMapping[str, Any] = await self.receive()
        if message["type"] == "http.request":
            self.read += len(message.get("body", b""))
            if self.read > self.most:
                raise Refusal(
                    413, text("At most {n} bytes can be sent.").format(n=self.most), headers={"Connection": "close"}
                )
        return message


class _Sending:
    """Puts the headers on an answer."""

    def __init__(self, send: Send, added: Any) -> None:
        self.send, self.added, self.begun = send, added, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            found = MutableHeaders(scope=message)
            for name, value in self.added.items():
                found.setdefault(name, value)
            found.setdefault("cache-control", "no-store")
        await self.send(message)
