"""Accounts, sessions, tokens and invitations in a SQLite file beside the case, readable by its owner alone.

None of it is evidence, and none of it can be derived: it stays outside of the ledger and of the case's folder, so that
a case can be copied without it. Secrets are kept as hashes: passwords with Argon2id, long random ones with SHA-256.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from teisen.errors import BadInput, Problem

SCHEMA = """
create table if not exists account (
    name text primary key, role text not null, party text not null default '', password text not null default '',
    oidc text not null default '', active integer not null default 1, created real not null
) strict;
create unique index if not exists account_oidc on account (oidc) where oidc <> '';
create table if not exists session (
    hash text primary key, account text not null references account (name) on delete cascade, csrf text not null,
    created real not null, used real not null
) strict;
create table if not exists token (
    id text primary key, hash text not null unique, account text not null references account (name) on delete cascade,
    label text not null, scopes text not null, created real not null, expires real not null
) strict;
create table if not exists invitation (
    hash text primary key, account text not null references account (name) on delete cascade, expires real not null
) strict;
create table if not exists failure (
    key text primary key, count integer not null, last real not null
) strict;
"""
SECRET_BYTES = 32
BUSY_S = 10.0


@dataclass(frozen=True)
class Account:
    """A person's account. ``password`` is an Argon2id hash, empty where none is set; ``oidc`` a provider's subject."""

    name: str
    role: str
    party: str
    password: str
    oidc: str
    active: bool


@dataclass(frozen=True)
class Session:
    """A session that was found: whose, and the token that its forms bring back."""

    account: str
    csrf: str


@dataclass(frozen=True)
class Token:
    """An API token as its owner sees it afterwards: never its text."""

    id: str
    account: str
    label: str
    scopes: frozenset[str]
    expires: float


class Store:
    """The file of accounts. Safe to use from several threads.

    Args:
        path: the file, made if absent, with rights for its owner alone.
        clock: seconds since 1970; the wall clock.

    Raises:
        BadInput: it cannot be opened.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path, self.clock, self._lock = path, clock, RLock()
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            path.chmod(0o600)
            self._db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            self._db.execute("pragma journal_mode = delete")
            self._db.execute("pragma synchronous = full")
            self._db.execute("pragma foreign_keys = on")
            self._db.executescript(SCHEMA)
        except (OSError, sqlite3.Error) as error:
            what = f"accounts cannot be kept there: {error}"
            raise BadInput(Problem(str(path), 0, "", what, "Name another file with TEISEN_SERVER_ACCOUNTS.")) from None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

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

    def _one(self, sql: str, *values: object) -> tuple[object, ...] | None:
        with self._lock:
            found: tuple[object, ...] | None = self._db.execute(sql, values).fetchone()
            return found

    def accounts(self) -> list[Account]:
        """All accounts, by name."""
        with self._lock:
            rows = self._db.execute(f"select {_ACCOUNT} from account order by name").fetchall()  # noqa: S608
        return [_account(row) for row in rows]

    def account(self, name: str) -> Account | None:
        """The account of that name."""
        row = self._one(f"select {_ACCOUNT} from account where name = ?", name)  # noqa: S608
        return _account(row) if row else None

    def account_of(self, oidc: str) -> Account | None:
        """The account of a provider's subject."""
        row = self._one(f"select {_ACCOUNT} from account where oidc = ?", oidc) if oidc else None  # noqa: S608
        return _account(row) if row else None

    def add(self, account: Account) -> bool:
        """Keep a new account; false where there is one of that name or subject."""
        try:
            with self._change() as db:
                values = (account.name, account.role, account.party, account.password, account.oidc, self.clock())
                db.execute(
                    "insert into account (name, role, party, password, oidc, created) values (?, ?, ?, ?, ?, ?)", values
                )
        except sqlite3.IntegrityError:
            return False
        return True

    def add_first(self, account: Account) -> bool:
        """Keep the first account of all; false where there is any."""
        with self._change() as db:
            if db.execute("select 1 from account").fetchone():
                return False
            values = (account.name, account.role, account.party, account.password, account.oidc, self.clock())
            db.execute(
                "insert into account (name, role, party, password, oidc, created) values (?, ?, ?, ?, ?, ?)", values
            )
        return True

    def change(self, name: str, *, password: str | None = None, active: bool | None = None) -> None:
        """Set a password's hash, or whether an account may be used; both end sessions, the second tokens too."""
        with self._change() as db:
            if password is not None:
                db.execute("update account set password = ? where name = ?", (password, name))
                db.execute("delete from invitation where account = ?", (name,))
            if active is not None:
                db.execute("update account set active = ? where name = ?", (int(active), name))
                db.execute("delete from token where account = ?", (name,))
                db.execute("delete from invitation where account = ?", (name,))
            db.execute("delete from session where account = ?", (name,))

    def invite(self, name: str, lasts_s: float) -> str:
        """A new one-time text by which an account's owner sets a password; those before it no longer work."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        with self._change() as db:
            db.execute("delete from invitation where account = ?", (name,))
            db.execute("insert into invitation values (?, ?, ?)", (_hash(secret), name, self.clock() + lasts_s))
        return secret

    def invited(self, secret: str) -> str | None:
        """Whose invitation it is, while it lasts."""
        row = self._one("select account from invitation where hash = ? and expires > ?", _hash(secret), self.clock())
        return str(row[0]) if row else None

    def begin(self, name: str, before: str = "") -> str:
        """Begin a session and end the one ``before``; returns its text, for the cookie."""
        secret, now = secrets.token_urlsafe(SECRET_BYTES), self.clock()
        with self._change() as db:
            db.execute("delete from session where hash = ?", (_hash(before),))
            csrf = secrets.token_urlsafe(SECRET_BYTES)
            db.execute("insert into session values (?, ?, ?, ?, ?)", (_hash(secret), name, csrf, now, now))
        return secret

    def session(self, secret: str, idle_s: float, longest_s: float) -> Session | None:
        """The session of a cookie's text that was used within ``idle_s`` and begun within ``longest_s``."""
        now = self.clock()
        row = self._one("select account, csrf, created, used from session where hash = ?", _hash(secret))
        if row is None:
            return None
        created, used = float(str(row[2])), float(str(row[3]))
        if used < now - idle_s or created < now - longest_s:
            self.end(secret)
            return None
        if now - used > idle_s / 60:  # not a write at every look
            with self._change() as db:
                db.execute("update session set used = ? where hash = ?", (now, _hash(secret)))
        return Session(str(row[0]), str(row[1]))

    def end(self, secret: str) -> None:
        """End a session."""
        with self._change() as db:
            db.execute("delete from session where hash = ?", (_hash(secret),))

    def make_token(self, account: str, label: str, scopes: frozenset[str], lasts_s: float) -> tuple[str, Token]:
        """A new API token: its text, shown this once, and what is kept of it."""
        secret, now = secrets.token_urlsafe(SECRET_BYTES), self.clock()
        token = Token(secrets.token_hex(6), account, label, scopes, now + lasts_s)
        with self._change() as db:
            values = (token.id, _hash(secret), account, label, " ".join(sorted(scopes)), now, token.expires)
            db.execute("insert into token values (?, ?, ?, ?, ?, ?, ?)", values)
        return secret, token

    def token(self, secret: str) -> Token | None:
        """The token of that text, while it lasts."""
        row = self._one(f"select {_TOKEN} from token where hash = ? and expires > ?", _hash(secret), self.clock())  # noqa: S608
        return _token(row) if row else None

    def tokens(self, account: str) -> list[Token]:
        """The tokens of an account, the oldest first."""
        with self._lock:
            sql = f"select {_TOKEN} from token where account = ? order by created, id"  # noqa: S608
            return [_token(row) for row in self._db.execute(sql, (account,)).fetchall()]

    def drop_token(self, account: str, id_: str) -> bool:
        """Take a token of an account back; false where it has none of that id."""
        with self._change() as db:
            return db.execute("delete from token where account = ? and id = ?", (account, id_)).rowcount > 0

    def failures(self, key: str, within_s: float) -> tuple[int, float]:
        """How often something failed, forgotten after ``within_s``, and seconds since the last time."""
        row, now = self._one("select count, last from failure where key = ?", _hash(key)), self.clock()
        if row is None or float(str(row[1])) < now - within_s:
            return 0, within_s
        return int(str(row[0])), now - float(str(row[1]))

    def fail(self, key: str, within_s: float) -> int:
        """Count a failure; returns how many there are now. What they are about is kept as a hash alone."""
        count, now = self.failures(key, within_s)[0] + 1, self.clock()
        with self._change() as db:
            db.execute("delete from failure where last < ?", (now - within_s,))
            db.execute("insert or replace into failure values (?, ?, ?)", (_hash(key), count, now))
        return count

    def forget(self, key: str) -> None:
        """Forget failures."""
        with self._change() as db:
            db.execute("delete from failure where key = ?", (_hash(key),))


_ACCOUNT = "name, role, party, password, oidc, active"
_TOKEN = "id, account, label, scopes, expires"  # noqa: S105  names of columns


def _account(row: tuple[object, ...]) -> Account:
    name, role, party, password, oidc, active = row
    return Account(str(name), str(role), str(party), str(password), str(oidc), bool(active))


def _token(row: tuple[object, ...]) -> Token:
    id_, account, label, scopes, expires = row
    return Token(str(id_), str(account), str(label), frozenset(str(scopes).split()), float(str(expires)))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
