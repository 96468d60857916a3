"""Readers: one module a source format; whoever adds a file here with a ``READER`` in it has added a format.

In: nothing. Out: the readers by name. A module's name without an underscore in front makes it a reader's module.
"""

from __future__ import annotations

import difflib
import pkgutil
from functools import cache
from importlib import import_module

from teisen.errors import BadInput, Problem
from teisen.sources.reader import Reader


@cache
def _found() -> dict[str, Reader]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    found: dict[str, Reader] = {module.READER.name: module.READER for module in modules}
    return dict(sorted(found.items()))


def readers() -> tuple[str, ...]:
    """Names of all readers, in alphabetical order."""
    return tuple(_found())


def reader(name: str) -> Reader:
    """The reader that a case names as ``reader: name``.

    Raises:
        BadInput: there is none of that name; the message has those that look like it.
    """
    found = _found()
    if name not in found:
        near = difflib.get_close_matches(name, found, n=3) or sorted(found)
        raise BadInput(Problem("case.yaml", 0, "reader", f"there is no reader {name!r}", f"Write {' or '.join(near)}."))
    return found[name]
