"""The language that a page is being written in, so that whatever is written for it need not be handed its words.

``with speaking(words("uk")): ...`` says in which; :func:`say` and :func:`counted` then write in it. Outside of every
``with`` it is English. The language belongs to the running task (a context variable), so that pages in two languages
can be written at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from teisen.languages.again import again
from teisen.languages.words import ENGLISH, Words

_SPOKEN: ContextVar[Words] = ContextVar("spoken", default=ENGLISH)


@contextmanager
def speaking(words: Words) -> Iterator[Words]:
    """Write in the language of ``words`` for as long as this lasts."""
    before = _SPOKEN.set(words)
    try:
        yield words
    finally:
        _SPOKEN.reset(before)


def spoken() -> Words:
    """The words of the language that is being written in."""
    return _SPOKEN.get()


def say(text: str, **gaps: object) -> str:
    """A text in the language that is being written in, its gaps filled."""
    return _SPOKEN.get()(text, **gaps)


def counted(n: float, one: str, many: str, **gaps: object) -> str:
    """The form for a number of things in the language that is being written in; ``{n}`` is the number."""
    return _SPOKEN.get().counted(n, one, many, **gaps)


def say_again(sentence: str) -> str:
    """An English sentence of a stage in the language that is being written in (:func:`teisen.languages.again`)."""
    return again(sentence, _SPOKEN.get().language)


def text(english: str) -> str:
    """The same text: marks one that catalogues have to hold and that is translated where it is used."""
    return english
