"""Commit to a schedule's seeds, open them, draw and check; secrets stay with the keys until they are opened."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote

import polars as pl

from teisen.case.folder import WAIT_S, Case
from teisen.errors import BadInput, NoKey, Problem
from teisen.ledger import Draft, Signer, keys_folder, person_key
from teisen.planning.commitment import Chain, Secret, chain_opens, opens
from teisen.planning.programme import Programme
from teisen.planning.seeds import (
    COMMITMENT_ENTRY,
    OPENING_ENTRY,
    SEED,
    START_ENTRY,
    Committed,
    Opened,
    Seeds,
    Started,
    drawn,
    seeds,
)

PLACE = "the schedule"
SECRETS = "seeds"
"""Folder of secrets among the keys."""


class Seeding:
    """A schedule's seeds in a case, and the secrets on this machine."""

    def __init__(
        self, case: Case, schedule_id: str, *, secrets: Path | None = None, now: datetime | None = None,
        wait_s: float = WAIT_S,
    ) -> None:  # fmt: skip
        """Look at a schedule.

        Args:
            case: the case.
            schedule_id: id of the schedule.
            secrets: folder of keys; by default the user's.
            now: the time of entries; by default the clock.
            wait_s: seconds to wait for another command.
        """
        self.case, self.schedule_id = case, schedule_id
        self._keys, self._now, self._wait_s = secrets, now, wait_s

    @property
    def state(self) -> Seeds:
        """What the ledger says."""
        return seeds(self.case.ledger.entries(), self.schedule_id)

    def run(self, who: str, programme: Programme, first: date, days: int, *, chain: Chain | None = None) -> str:
        """Commit to run a schedule; the commitment.

        Raises:
            BadInput: somebody runs it already, or it has no days.
        """
        if self.state.terms is not None:
            raise _bad(f"{self.schedule_id} is run by {self.state.terms.who}", "Choose another id")
        if days < 1:
            raise _bad("it has no days", "Write --days")
        chain = chain or Chain.new(days)
        self._keep(who, {"salt": chain.salt.hex(), "last": chain.last.hex(), "days": days})
        body = Committed(role="run", who=who, programme=programme.sha256, first=first, days=days)
        return self._commit(who, body, chain.commitment)

    def contribute(self, who: str, *, secret: Secret | None = None) -> str:
        """Commit to a contribution; the commitment.

        Raises:
            BadInput: nobody runs it yet, somebody has opened already, it has started, or ``who`` committed before.
        """
        state = self.state
        if state.terms is None:
            raise _bad("nobody has committed to run it", "Wait for the mission's commitment")
        if state.contributions or state.counted is not None:
            raise _bad("others have opened already, or it has started", "Ask for a new schedule")
        if who in state.commitments or who == state.terms.who:
            raise _bad(f"{who} has committed already", "Nothing is left to do")
        secret = secret or Secret.new()
        self._keep(who, secret.encode())
        terms = state.terms
        body = Committed(role="contribute", who=who, programme=terms.programme, first=terms.first, days=terms.days)
        return self._commit(who, body, secret.commitment)

    def open(self, who: str) -> int:
        """Open a contribution; the entry's number.

        Raises:
            BadInput: it is none of ``who``, or the schedule has started. NoKey: the secret is not on this machine.
        """
        state = self.state
        if who not in state.commitments:
            raise _bad(f"{who} has not committed to a contribution", "Commit first")
        if state.counted is not None:
            raise _bad("it has started: what is opened now does not count", "Ask for a new schedule")
        secret = Secret.decode({k: str(v) for k, v in self._kept(who).items()})
        if not opens(state.commitments[who], secret):
            raise NoKey(f"{self._file(who)} is not what {who} committed to. Put the right file there.")
        return self._add(who, OPENING_ENTRY, Opened(who=who, day=0, **secret.encode()).model_dump(mode="json"))

    def start(self) -> Sequence[str]:
        """Fix which contributions count: those that are opened; their names.

        Raises:
            BadInput: nobody runs it, or it has started.
        """
        state = self.state
        if state.terms is None or state.counted is not None:
            raise _bad("nobody runs it, or it has started", "Look at `teisen plan seed check`")
        names = tuple(sorted(state.contributions))
        self._add(state.terms.who, START_ENTRY, Started(contributions=names).model_dump(mode="json"))
        return names

    def routes(self, programme: Programme, day: int) -> pl.DataFrame:
        """Where crews are to be on a day (SCHEDULE), before the day is shown: for who runs it alone.

        Raises:
            BadInput: it has not started, there is no such day, or the programme is another one.
            NoKey: the chain is not on this machine.
        """
        return self._drawn(programme, {day: self._chain().link(self._day(day))}).filter(day=day)

    def show(self, day: int) -> int:
        """Show a day's link, after the day; the entry's number.

        Raises:
            BadInput: it has not started, or there is no such day. NoKey: the chain is not on this machine.
        """
        state, chain = self.state, self._chain()
        if state.terms is None or state.counted is None:
            raise _bad("it has not started", "Run `teisen plan seed start`")
        link = chain.link(self._day(day))
        if not chain_opens(state.run, chain.salt, link, day):
            raise NoKey(f"{self._file(state.terms.who)} is not the chain that was committed to.")
        body = Opened(who=state.terms.who, day=day, salt=chain.salt.hex(), value=link.hex())
        return self._add(state.terms.who, OPENING_ENTRY, body.model_dump(mode="json"))

    def check(self, programme: Programme) -> pl.DataFrame:
        """Where crews were on the days that were shown (SCHEDULE).

        Raises:
            BadInput: it has not started, or the programme is another one.
        """
        return self._drawn(programme, {})

    def _drawn(self, programme: Programme, links: dict[int, bytes]) -> pl.DataFrame:
        try:
            return drawn(self.state, programme, links)
        except ValueError as error:
            raise _bad(str(error), "Take the programme's file that was committed to, and start the schedule") from None

    def _day(self, day: int) -> int:
        terms = self.state.terms
        if terms is None or not 1 <= day <= terms.days:
            raise _bad(f"there is no day {day}", f"Write a day from 1 to {terms.days if terms else 0}")
        return day

    def _chain(self) -> Chain:
        terms = self.state.terms
        if terms is None:
            raise _bad("nobody has committed to run it", "Commit first")
        kept = self._kept(terms.who)
        return Chain(bytes.fromhex(str(kept["salt"])), bytes.fromhex(str(kept["last"])), terms.days)

    def _commit(self, who: str, body: Committed, commitment: str) -> str:
        self._add(who, COMMITMENT_ENTRY, body.model_dump(mode="json"), {SEED: commitment})
        return commitment

    def _add(self, who: str, kind: str, body: dict[str, object], commitments: dict[str, str] | None = None) -> int:
        draft = Draft(kind, self.schedule_id, body=body, commitments=commitments or {})
        added = self.case.ledger.append([draft], now=self._now, author=self._signer(who), wait_s=self._wait_s)
        return added[0].index

    def _signer(self, who: str) -> Signer:
        try:
            return person_key(who, self._keys)
        except ValueError as error:
            raise _bad(str(error), "Write a short name in one word") from None

    def _file(self, who: str) -> Path:
        folder = (self._keys or keys_folder()) / SECRETS / quote(self.case.ledger.origin, safe="")
        return folder / f"{quote(self.schedule_id, safe='')}.{quote(who, safe='')}.json"

    def _keep(self, who: str, secret: dict[str, object] | dict[str, str]) -> None:
        path = self._file(who)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump(secret, file)
        except FileExistsError:
            raise _bad(f"{path} holds a secret already", "Choose another id of the schedule") from None
        except OSError as error:
            raise NoKey(f"The secret {path} cannot be written: {error.strerror}.") from None

    def _kept(self, who: str) -> dict[str, object]:
        path = self._file(who)
        try:
            read = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            read = None
        if not isinstance(read, dict):
            raise NoKey(
                f"The secret that {who} committed to is not here ({path}). Run the command on the machine where it was "
                "made, or copy that file."
            )
        return read


def _bad(what: str, do: str) -> BadInput:
    return BadInput(Problem(PLACE, 0, "", what, f"{do}."))
