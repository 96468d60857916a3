"""Says once that the secret was made under which ids leave, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from teisen.case import Case
from teisen.cli.terminal import warn


@contextmanager
def tells_of_secret(case: Case) -> Iterator[None]:
    """Says so where what is done within made the secret of a case that had none yet."""
    file = case.ledger.secret_file
    there = file.exists()
    yield
    if not there and file.exists():
        warn(
            f"Ids leave hashed again from now on, under the secret in {file}. Keep that file with the private key of "
            "the ledger, and show it to nobody. Ids that were let out before are not those that are let out now."
        )
