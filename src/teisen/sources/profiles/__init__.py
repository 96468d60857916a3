"""Source profiles: one YAML file a source, each figure with its origin and basis.

In: nothing. Out: :func:`load_profile` by id; a case may bring its own file of the same form instead.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib.resources import files

from teisen.documents import parse
from teisen.errors import BadInput, Problem
from teisen.observation import Profile


def profiles() -> tuple[str, ...]:
    """Ids of the profiles that ship with Teisen, in alphabetical order."""
    names = (file.name for file in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


@cache
def load_profile(name: str, named_in: str = "case.yaml") -> Profile:
    """The shipped profile of that id, which stands in the file ``named_in``.

    Raises:
        BadInput: there is none of that id, or its file is wrong.
    """
    if name not in profiles():
        near = difflib.get_close_matches(name, profiles(), n=3) or profiles()
        raise BadInput(Problem(named_in, 0, "profile", f"there is no profile {name!r}", f"Write {' or '.join(near)}."))
    return parse_profile(files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")


def parse_profile(text: str, file: str) -> Profile:
    """A profile from the text of a YAML file named ``file``.

    Raises:
        BadInput: it does not fit, or its id is not the file's name.
    """
    profile = parse(text, Profile, file)
    if f"{profile.id}.yaml" != file.rpartition("/")[2]:
        raise BadInput(
            Problem(file, 0, "id", f"the id {profile.id!r} is not the file's name", "Name the file after the id.")
        )
    return profile
