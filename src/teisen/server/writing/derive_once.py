"""Derive a case and end; progress as JSON lines on standard output. Run by :mod:`teisen.server.writing.deriving`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from teisen.case import Case, derive_beside, stored, unrecorded
from teisen.errors import TeisenError

LOWER_PRIORITY = 10
"""Readers come first."""


def main(folder: Path) -> int:
    """Derive the case in ``folder``; returns the exit code."""
    if hasattr(os, "nice"):
        os.nice(LOWER_PRIORITY)
    try:
        case = Case.open(folder)
        if not up_to_date(case):
            derive_beside(case, progress=_say)
    except TeisenError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def up_to_date(case: Case) -> bool:
    """Whether deriving would give what is there: the same content, definitions and code."""
    manifest = stored.read_manifest(case.derived) or {}
    same = manifest.get("inputs") == case.inputs() and manifest.get("code") == stored.code_digest()
    return same and not unrecorded(case)


def _say(step: str, done: int, total: int) -> None:
    print(json.dumps({"step": step, "done": done, "total": total}), flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
