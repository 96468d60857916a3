"""Messages: signed so that who has the secret can tell, sent again with growing delays, never redirected."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from teisen.server.webhooks.hooks import DELAYS_S, MOST_WAITING, Hooks
from teisen.server.webhooks.sending import Webhooks, signature
from teisen.server.webhooks.target import Target


class Clock:
    def __init__(self) -> None:
        self.now = 1_900_000_000.0

    def __call__(self) -> float:
        return self.now


class Other:
    """The other side: answers with the statuses given, then 200."""

    def __init__(self, *statuses: int | Exception) -> None:
        self.statuses, self.got = list(statuses), []

    def __call__(self, to: Target, body: bytes, headers: dict[str, str]) -> int:
        self.got.append((to, body, headers))
        status = self.statuses.pop(0) if self.statuses else 200
        if isinstance(status, Exception):
            raise status
        return status

    got: list[tuple[Target, bytes, dict[str, str]]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hooks(tmp_path: Path, clock: Clock) -> Iterator[Hooks]:
    made = Hooks(tmp_path / "hooks.sqlite", clock)
    yield made
    made.close()


def sender(hooks: Hooks, other: Other, address: str = "8.8.8.8") -> Webhooks:
    return Webhooks(hooks, send=other, lookup=lambda *_: [address])


def test_who_has_the_secret_can_tell_that_it_is_genuine(hooks: Hooks, clock: Clock) -> None:
    hook = hooks.add("https://name.example/in", "archive")
    other = Other()
    to = sender(hooks, other)
    to.tell("state", "2025-04-20T00:00:00Z", {"ledger_size": 34})
    assert to.deliver() == 1
    ((_, body, headers),) = other.got
    assert json.loads(body) == {"type": "state", "timestamp": "2025-04-20T00:00:00Z", "data": {"ledger_size": 34}}
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert int(headers["webhook-timestamp"]) == int(clock.now)
    assert hooks.due() == []


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    # github.com/standard-webhooks/standard-webhooks, example of the specification
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    said = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_it_is_sent_again_with_growing_delays_and_then_given_up(hooks: Hooks, clock: Clock) -> None:
    hooks.add("https://name.example/in", "")
    other = Other(*[500] * 20)
    to = sender(hooks, other)
    to.tell("state", "", {})
    waited = []
    while hooks.next_due() is not None:
        due = hooks.next_due()
        assert due is not None
        waited.append(max(due - clock.now, 0.0))
        clock.now = max(clock.now, due)
        to.deliver()
    assert waited == [0.0, *DELAYS_S]
    assert len({headers["webhook-id"] for _, _, headers in other.got}) == 1  # so that it can be told from a new one
    (hook,) = hooks.all()
    assert hook.failures == len(DELAYS_S) + 1
    assert hook.active


def test_a_mistake_of_the_network_is_a_failed_attempt(hooks: Hooks, clock: Clock) -> None:
    hooks.add("https://name.example/in", "")
    to = sender(hooks, Other(OSError("no route"), 302))
    to.tell("state", "", {})
    assert to.deliver() == 0
    clock.now += DELAYS_S[0]
    assert to.deliver() == 0  # a redirect is an answer, not a way
    clock.now += DELAYS_S[1]
    assert to.deliver() == 1
    assert hooks.all()[0].failures == 0


def test_who_is_gone_is_told_no_more(hooks: Hooks) -> None:
    hooks.add("https://name.example/in", "")
    other = Other(410)
    to = sender(hooks, other)
    to.tell("state", "", {})
    to.deliver()
    to.tell("state", "", {})
    to.deliver()
    assert len(other.got) == 1
    assert not hooks.all()[0].active


def test_a_name_that_turns_inwards_later_gets_nothing(hooks: Hooks) -> None:
    hooks.add("https://name.example/in", "")
    other = Other()
    to = sender(hooks, other, "10.0.0.7")
    to.tell("state", "", {})
    assert to.deliver() == 0
    assert other.got == []
    assert "not public" in hooks.all()[0].last


def test_what_waits_outlives_the_server_and_does_not_pile_up(tmp_path: Path, clock: Clock) -> None:
    first = Hooks(tmp_path / "a.sqlite", clock)
    first.add("https://name.example/in", "")
    for n in range(MOST_WAITING + 5):
        clock.now += 1
        first.tell(json.dumps({"n": n}))
    first.close()
    again = Hooks(tmp_path / "a.sqlite", clock)
    other = Other()
    assert sender(again, other).deliver() == MOST_WAITING
    assert json.loads(other.got[-1][1])["n"] == MOST_WAITING + 4
    again.close()


def test_the_file_is_for_its_owner_alone_and_lists_show_no_secret(hooks: Hooks) -> None:
    hook = hooks.add("https://name.example/in", "")
    assert stat.S_IMODE(hooks.path.stat().st_mode) == 0o600
    assert all(one.secret == "" for one in hooks.all())
    assert hook.secret not in repr(hook)


def test_over_a_real_connection_it_asks_by_name_and_follows_no_redirect(tmp_path: Path, clock: Clock) -> None:
    seen: list[tuple[str, str]] = []

    class Server(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append((self.path, str(self.headers["Host"])))
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        hooks = Hooks(tmp_path / "a.sqlite", clock)
        hooks.add(f"http://name.example:{port}/in", "")
        to = Webhooks(hooks, inside=True, lookup=lambda *_: ["127.0.0.1"])
        to.tell("state", "", {})
        assert to.deliver() == 0
        assert hooks.all()[0].last == "refused: 302"
        hooks.close()
        server.shutdown()
    assert seen == [("/in", f"name.example:{port}")]
