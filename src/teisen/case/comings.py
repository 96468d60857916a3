"""Who signed in and whose account was changed, on record: without addresses of people, secrets or anything derived."""

from __future__ import annotations

from typing import Any, Literal

from teisen.case.folder import WAIT_S, Case
from teisen.ledger import ACCESS, Draft

FORMAT = "teisen-access/1"
Coming = Literal[
    "sign-in",
    "sign-out",
    "delayed",
    "first-account",
    "account-made",
    "account-stopped",
    "account-opened",
    "invited",
    "password-set",
    "token-made",
    "token-dropped",
]
"""What happened. ``delayed``: so many wrong passwords came for an account that further tries have to wait."""


def record_access(
    case: Case,
    what: Coming,
    name: str,
    *,
    role: str = "",
    party: str = "",
    by: str = "",
    wait_s: float = WAIT_S,
) -> int:
    """Put on record what happened with the account ``name``; returns the ledger's entry.

    Args:
        case: the case.
        what: what happened.
        name: of the account.
        role: its role then.
        party: the party it speaks for.
        by: name of who did it, where that was somebody else.
        wait_s: seconds to wait for another writer.

    Raises:
        NoKey, CaseBusy: as the ledger says.
    """
    body: dict[str, Any] = {"format": FORMAT, "what": what, "role": role, "party": party, "by": by}
    return case.ledger.append([Draft(ACCESS, name, body=body)], wait_s=wait_s)[0].index
