"""The server is killed while people write: what was acknowledged is on record, and nothing is there twice."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx

from teisen.case import Case, derive, verify
from teisen.server.access.store import Account, Store
from tests.server.filled import REPORT

KILLS = 2
WRITES = 3
"""Acknowledged between two kills, at least."""
START = "from teisen.cli import main; main()"


class Running:
    """A server in a process of its own, at an address that changes with every start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-c", START, "serve", str(self.folder), "--port", "0"]
        environment = os.environ | {"TEISEN_SERVER_REQUESTS_PER_MINUTE": "1000000"}
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if found := re.search(r"Serving (http://\S+);", line):
                self.address = found[1]
                break
        for _ in range(400):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.address}/api/v1/case", timeout=5).status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError("it did not start")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)


def writes(running: Running, token: str, name: str, ended: threading.Event) -> Iterator[tuple[str, int]]:
    """Send one report after the other, each again until it is acknowledged; gives its text and the entry."""
    n = 0
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=20) as client:
        while not ended.is_set():
            once = f"{name}-report-number-{n:05}"
            values = REPORT | {"text": once, "start": f"2025-04-19T{n % 24:02}:{n // 24 % 60:02}:00Z"}
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    answer = client.post(
                        f"{running.address}/api/v1/reports/officers",
                        json={"values": values},
                        headers={"Idempotency-Key": once},
                    )
                    if answer.status_code == 201:
                        yield once, answer.json()["entry"]
                        break
                    assert answer.status_code == 503, answer.text
                if ended.is_set():
                    return
                time.sleep(0.02)
            n += 1


def test_killed_while_people_write_it_loses_nothing_and_doubles_nothing(folder: Path) -> None:
    store = Store(folder.with_name("case.accounts.sqlite"))
    tokens = {}
    for name in ("obs1", "obs2"):
        store.add(Account(name, "observer", "", "", "", active=True))
        tokens[name], _ = store.make_token(name, "test", frozenset({"report"}), 3600)
    store.close()
    acknowledged: dict[str, int] = {}
    ended, draw = threading.Event(), random.Random(11)  # noqa: S311
    running = Running(folder)

    def write(name: str) -> None:
        for once, entry in writes(running, tokens[name], name, ended):
            acknowledged[once] = entry  # noqa: PERF403  as they come

    writing = [threading.Thread(target=write, args=(name,)) for name in tokens]
    for thread in writing:
        thread.start()
    try:
        for _ in range(KILLS):
            before, until = len(acknowledged), time.monotonic() + 20
            while len(acknowledged) < before + WRITES and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(draw.uniform(0, 0.2))
            running.kill()
            running.start()
    finally:
        ended.set()
        for thread in writing:
            thread.join(30)
        running.kill()
    case = Case.open(folder)
    sent = [e for e in case.ledger.entries() if e.subject == "officers"]
    names = Counter(e.blob.name for e in sent if e.blob)
    assert len(acknowledged) >= WRITES * KILLS
    assert set(names.values()) == {1}
    for once, entry in acknowledged.items():
        found = case.ledger.entries()[entry]
        assert found.blob is not None
        assert found.blob.name == f"form-{once}.csv"
    derive(case)
    verify(case)
