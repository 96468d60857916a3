"""Ids as they leave in tests: under one secret for all."""

from __future__ import annotations

from teisen.release import Ids


def secret() -> bytes:
    """Stands for the secret of a ledger."""
    return b"a secret of the tests".ljust(32, b".")


def outside(one: str) -> str:
    """An id as it leaves under :func:`secret`."""
    return Ids(secret()).outside(one)
