"""HiGHS without a word: it greets on standard output when it is made, where only results may stand."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import highspy


def solver() -> Any:
    """A HiGHS solver with one thread that writes nothing: the same input gives the same answer."""
    with _muted():
        made: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    made.silent()
    made.setOptionValue("threads", 1)
    return made


@contextmanager
def _muted() -> Iterator[None]:
    """Send what C writes to standard output nowhere, as the greeting cannot be turned off."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
