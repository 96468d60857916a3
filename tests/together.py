"""Which tests run in one process when several run them: those that share what is costly to make.

xdist's own ``loadgroup`` deals out test by test what no mark groups, so that every process makes the fixtures of a
module again, and under pytest 9.2 it does not see its marks either: it writes groups where pytest no longer looks.
"""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadScopeScheduling

FOLDERS = ("tests/whole_way", "tests/server/browser")
"""Folders whose files share whole cases, or one server and one browser; they take longest, and begin first."""


def unit(nodeid: str) -> str:
    """What a test is dealt out with: its folder or its file."""
    path = nodeid.partition("::")[0]
    return next((folder for folder in FOLDERS if path.startswith(f"{folder}/")), path)


class Together(LoadScopeScheduling):
    """Deals out whole units in the order in which they are collected."""

    def __init__(self, config: Any, log: Any = None) -> None:
        config.option.loadscopereorder = False  # a file of many tests is not one that takes long
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)
