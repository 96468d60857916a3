"""Who is told, and what still has to be told to them: a SQLite file beside the case, for its owner alone."""

from __future__ import annotations

import base64
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock

SCHEMA = """
create table if not exists hook (
    id text primary key, url text not null, label text not null, secret text not null, created real not null,
    active integer not null default 1, failures integer not null default 0, last text not null default ''
) strict;
create table if not exists message (
    id text primary key, hook text not null references hook (id) on delete cascade, body text not null,
    attempts integer not null default 0, due real not null
) strict;
"""
SECRET_BYTES = 32
DELAYS_S = (5.0, 30.0, 120.0, 600.0, 3600.0, 21_600.0, 86_400.0)
"""How long to wait after each attempt that failed; after the last one the message is given up."""
MOST_HOOKS = 50
MOST_WAITING = 20
"""Messages that wait for one hook; the oldest makes room, for the newest says all that it said."""
BUSY_S = 10.0
TRIM = """
delete from message where hook = ? and id not in (
    select id from message where hook = ? order by due desc, id limit ?
)
"""
DUE = """
select m.id, m.body, m.attempts, h.id, h.url, h.label, h.active, h.failures, h.last, h.secret
from message m join hook h on h.id = m.hook where m.due <= ? and h.active = 1 order by m.due, m.id limit 100
"""


@dataclass(frozen=True)
class Hook:
    """One who is told. ``last`` says how the last attempt ended; ``secret`` signs, and is shown once."""

    id: str
    url: str
    label: str
    active: bool
    failures: int
    last: str
    secret: str = field(repr=False, default="")


@dataclass(frozen=True)
class Message:
    """A message that waits, and who it is for."""

    id: str
    hook: Hook
    body: str
    attempts: int


class Hooks:
    """The file. Safe to use from several threads.

    Args:
        path: the file, made if absent, with rights for its owner alone.
        clock: seconds since 1970; the wall clock.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path, self.clock, self._lock = path, clock, RLock()
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
        self._db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        self._db.execute("pragma foreign_keys = on")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def add(self, url: str, label: str) -> Hook:
        """A new hook, with the secret that is shown this once."""
        secret = f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"
        hook = Hook(f"hook-{secrets.token_hex(6)}", url, label, active=True, failures=0, last="", secret=secret)
        with self._change() as db:
            sql = "insert into hook (id, url, label, secret, created) values (?, ?, ?, ?, ?)"
            db.execute(sql, (hook.id, url, label, secret, self.clock()))
        return hook

    def remove(self, hook_id: str) -> bool:
        """Forget a hook and what waits for it; whether there was one."""
        with self._change() as db:
            return db.execute("delete from hook where id = ?", (hook_id,)).rowcount > 0

    def all(self) -> list[Hook]:
        """Every hook, the oldest first, without secrets."""
        rows = self._rows("select id, url, label, active, failures, last, '' from hook order by created, id")
        return [_hook(row) for row in rows]

    def tell(self, body: str) -> None:
        """Have a message sent to every active hook."""
        with self._change() as db:
            for (hook_id,) in db.execute("select id from hook where active = 1 order by id").fetchall():
                values = (f"msg-{secrets.token_hex(12)}", hook_id, body, self.clock())
                db.execute("insert into message (id, hook, body, due) values (?, ?, ?, ?)", values)
                db.execute(TRIM, (hook_id, hook_id, MOST_WAITING))

    def due(self) -> list[Message]:
        """Messages whose time has come, the oldest first."""
        rows = self._rows(DUE, self.clock())
        return [Message(str(row[0]), _hook(row[3:]), str(row[1]), _int(row[2])) for row in rows]

    def next_due(self) -> float | None:
        """When the next message is due, in seconds since 1970; None: none waits."""
        sql = "select min(m.due) from message m join hook h on h.id = m.hook where h.active = 1"
        (found,) = self._rows(sql)[0]
        return float(found) if isinstance(found, int | float) else None

    def taken(self, message: Message, said: str) -> None:
        """The message was taken."""
        with self._change() as db:
            db.execute("delete from message where id = ?", (message.id,))
            db.execute("update hook set failures = 0, last = ? where id = ?", (said, message.hook.id))

    def failed(self, message: Message, said: str, *, gone: bool = False) -> None:
        """An attempt failed: wait longer, or give up; where the other side is ``gone`` it is not told any more."""
        with self._change() as db:
            update = "update hook set failures = failures + 1, last = ?, active = ? where id = ?"
            db.execute(update, (said, int(not gone), message.hook.id))
            if gone or message.attempts >= len(DELAYS_S):
                db.execute("delete from message where id = ?", (message.id,))
            else:
                due = self.clock() + DELAYS_S[message.attempts]
                db.execute("update message set attempts = attempts + 1, due = ? where id = ?", (due, message.id))

    def _rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("begin immediate")
            try:
                yield self._db
            except BaseException:
                self._db.execute("rollback")
                raise
            self._db.execute("commit")


def _hook(row: tuple[object, ...]) -> Hook:
    name, url, label, active, failures, last, secret = row
    return Hook(str(name), str(url), str(label), bool(active), _int(failures), str(last), str(secret))


def _int(value: object) -> int:
    return int(value) if isinstance(value, int) else 0
