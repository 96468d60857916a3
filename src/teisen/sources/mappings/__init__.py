"""Mappings of event lists that many people have; a file of that name in the case's ``mappings/`` goes before one here.

In: nothing. Out: :func:`mappings` and :func:`mapping_text` by file name.
"""

from __future__ import annotations

from importlib.resources import files


def mappings() -> tuple[str, ...]:
    """Names of the mappings that ship with Teisen, in alphabetical order."""
    return tuple(sorted(file.name for file in files(__name__).iterdir() if file.name.endswith(".yaml")))


def mapping_text(name: str) -> str:
    """The shipped mapping of that file name, which is one of :func:`mappings`."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
