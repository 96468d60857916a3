"""Messages on their way: signed, sent by a thread of their own, and sent again until they are taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from threading import Condition, Thread

import httpx

from teisen.errors import BadInput
from teisen.server.webhooks.hooks import Hooks, Message
from teisen.server.webhooks.target import Lookup, Target, looked_up, target

log = logging.getLogger("teisen.server")
TIMEOUT_S = 10.0
LONGEST_SLEEP_S = 60.0
GONE = 410
Post = Callable[[Target, bytes, dict[str, str]], int]


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """What ``webhook-signature`` holds (Standard Webhooks 1.0): HMAC-SHA256 of id, time and body, in base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def post(to: Target, body: bytes, headers: dict[str, str]) -> int:
    """Send to the checked address, asking by name; nothing of the environment, no redirect, no answer is read."""
    extensions = {"sni_hostname": to.host}
    with (
        httpx.Client(follow_redirects=False, trust_env=False, timeout=TIMEOUT_S) as client,
        client.stream(
            "POST", to.url, content=body, headers=headers | {"host": to.host_header}, extensions=extensions
        ) as answer,
    ):
        return answer.status_code


class Webhooks:
    """The thread that sends.

    Args:
        hooks: who is told, and what waits.
        inside: whether addresses of the own network may be sent to.
        send: sends one message and gives the status; for tests.
        lookup: gives the addresses of a name; for tests.
    """

    def __init__(self, hooks: Hooks, *, inside: bool = False, send: Post = post, lookup: Lookup = looked_up) -> None:
        self.hooks, self.inside, self._send, self._lookup = hooks, inside, send, lookup
        self._turn = Condition()
        self._ended = False
        self._thread = Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def end(self) -> None:
        """Stop; what waits is sent when the server runs again."""
        with self._turn:
            self._ended = True
            self._turn.notify_all()
        if self._thread.is_alive():
            self._thread.join(TIMEOUT_S + 1)
        self.hooks.close()

    def tell(self, kind: str, moment: str, data: dict[str, object]) -> None:
        """Have everybody told; returns at once."""
        body = json.dumps({"type": kind, "timestamp": moment, "data": data}, sort_keys=True)
        self.hooks.tell(body)
        with self._turn:
            self._turn.notify_all()

    def deliver(self) -> int:
        """Send what is due, one after the other; how many were taken."""
        return sum(self._one(message) for message in self.hooks.due())

    def check(self, url: str) -> None:
        """Refuse an address that nothing may be sent to.

        Raises:
            BadInput: it says why.
        """
        target(url, inside=self.inside, lookup=self._lookup)

    def _one(self, message: Message) -> bool:
        body, now = message.body.encode(), int(self.hooks.clock())
        headers = {
            "content-type": "application/json",
            "user-agent": "Teisen-Webhooks",
            "webhook-id": message.id,
            "webhook-timestamp": str(now),
            "webhook-signature": signature(message.hook.secret, message.id, now, body),
        }
        try:
            to = target(message.hook.url, inside=self.inside, lookup=self._lookup)
            status = self._send(to, body, headers)
        except BadInput:
            self.hooks.failed(message, "not sent: the address is not public")
            return False
        except (httpx.HTTPError, OSError, ValueError) as error:
            self.hooks.failed(message, f"not sent: {type(error).__name__}")
            return False
        if 200 <= status < 300:
            self.hooks.taken(message, f"taken: {status}")
            return True
        self.hooks.failed(message, f"refused: {status}", gone=status == GONE)
        return False

    def _run(self) -> None:
        while True:
            with self._turn:
                if self._ended:
                    return
                due = self.hooks.next_due()
                wait = LONGEST_SLEEP_S if due is None else min(max(due - self.hooks.clock(), 0.0), LONGEST_SLEEP_S)
                if wait:
                    self._turn.wait(wait)
                if self._ended:
                    return
            try:
                self.deliver()
            except Exception:
                log.exception("webhooks could not be sent")
