"""How long whoever guesses has to wait: for one account from one address, for one account, and for one address."""

from __future__ import annotations

from teisen.server.access.store import Store

FORGOTTEN_S = 3600.0
LONGEST_S = 900.0
FREE = {"both": 5, "account": 50, "address": 30}
"""Failures without a delay. An account's own count is high, so that a stranger cannot lock its owner out."""


def keys(name: str, address: str) -> dict[str, str]:
    """What failures are counted by."""
    folded = name.casefold()[:100]
    return {"both": f"both|{folded}|{address}", "account": f"account|{folded}", "address": f"address|{address}"}


def wait_s(store: Store, name: str, address: str) -> float:
    """Seconds until the next try is looked at; 0: now."""
    waits = []
    for kind, key in keys(name, address).items():
        count, since = store.failures(key, FORGOTTEN_S)
        if count >= FREE[kind]:
            waits.append(min(LONGEST_S, 2.0 ** min(count - FREE[kind], 20)) - since)
    return max(0.0, *waits) if waits else 0.0


def failed(store: Store, name: str, address: str) -> bool:
    """Count a failed try; true at the one from which on tries for this account and address are delayed."""
    counts = {kind: store.fail(key, FORGOTTEN_S) for kind, key in keys(name, address).items()}
    return counts["both"] == FREE["both"] or counts["account"] == FREE["account"]


def succeeded(store: Store, name: str, address: str) -> None:
    """Forget failures of this account at this address."""
    store.forget(keys(name, address)["both"])
