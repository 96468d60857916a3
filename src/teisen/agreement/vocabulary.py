"""Words that an agreement may use: ids, kinds, target classes and weapons, checked where they are written."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler

from teisen.languages import ENGLISH, Words
from teisen.observation import attack_kinds, vocabulary

ATTACK = "attack"
"""Stands for every kind that is a use of force."""

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
"""A stable id: lower-case letters, digits and hyphens."""
PartyId = Id


def _some(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values:
        raise ValueError("it is empty; give at least one")
    return values


Item = TypeVar("Item")
Some = Annotated[tuple[Item, ...], AfterValidator(_some), Field(json_schema_extra={"minItems": 1})]
"""A list that may not be empty; pydantic's own bound would also complain where an item is wrong."""


class _OneOrMore:
    """A list, of which a single item may be written alone; validated as a list."""

    @staticmethod
    def __get_pydantic_json_schema__(core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        many = handler(core)
        return {"anyOf": [many["items"], many]}


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


OneOrMore = Annotated[tuple[Item, ...], AfterValidator(_some), BeforeValidator(_as_list), _OneOrMore()]
"""A list that may not be empty; one item may stand alone."""
AreaId = Annotated[str, Field(min_length=1)]


def _known(word: str, words: Collection[str], what: str) -> str:
    if word in words:
        return word
    near = difflib.get_close_matches(word, words, n=1)
    hint = f"write `{near[0]}`" if near else f"write one of {', '.join(words)}"
    raise ValueError(f"{word!r} is no {what} of the vocabulary; {hint}")


def _kind(word: str) -> str:
    return _known(word, (ATTACK, *vocabulary().kinds), "kind")


def _plain_kind(word: str) -> str:
    return _known(word, tuple(vocabulary().kinds), "kind")


def _target_class(word: str) -> str:
    return _known(word, tuple(vocabulary().target_classes), "target class")


def _weapon(word: str) -> str:
    return _known(word, tuple(vocabulary().weapons), "weapon")


def _one_of(words: Collection[str]) -> Any:
    """For editors: they offer the words, and mark any other."""
    return Field(json_schema_extra={"enum": list(words)})


Kind = Annotated[str, AfterValidator(_kind), _one_of((ATTACK, *vocabulary().kinds))]
PlainKind = Annotated[str, AfterValidator(_plain_kind), _one_of(vocabulary().kinds)]
TargetClass = Annotated[str, AfterValidator(_target_class), _one_of(vocabulary().target_classes)]
WeaponClass = Annotated[str, AfterValidator(_weapon), _one_of(vocabulary().weapons)]


def kinds_of(words: Sequence[str]) -> tuple[str, ...]:
    """Kinds that the words stand for, each once."""
    spelt = [kind for word in words for kind in (attack_kinds() if word == ATTACK else (word,))]
    return tuple(dict.fromkeys(spelt))


NO_MORE_TOLD = re.compile(", (calibre not told|not told further)$")
"""How the vocabulary marks a class that reports name when they say no more; of no use in a sentence."""


def titles(classes: Sequence[str], words: Words = ENGLISH) -> str:
    """Target classes or weapons in words; of those that contain each other the widest alone."""
    known = vocabulary().target_classes | vocabulary().weapons
    wide = [name for name in classes if not any(other in known[name].within for other in classes)]
    return words.listed([NO_MORE_TOLD.sub("", words(known[name].title)).lower() for name in wide])
