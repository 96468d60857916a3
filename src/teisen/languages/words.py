"""One language's words: translate a text, put a list together, write a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files

from teisen.errors import BadInput, Problem

LANGUAGES = ("en", "ja")
"""Languages that there are words in; all but English have a catalogue."""
MOMENT = "d MMMM y HH:mm"
"""How a moment is written, in CLDR's letters; catalogues translate it."""


class Words:
    """What a language says; :func:`words` gives it by code."""

    def __init__(self, language: str, catalogue: Mapping[str, str]) -> None:
        self.language = language
        self.catalogue = catalogue

    def __call__(self, text: str, **values: object) -> str:
        """``text`` in this language with its gaps filled; English where the catalogue lacks it."""
        translated = self.catalogue.get(text, text)
        return translated.format(**values) if values else translated

    def listed(self, items: Sequence[str], joined_by: str = "or") -> str:
        """'a', 'a or b', 'a, b or c'; ``joined_by`` is ``or`` or ``and``; of none 'nobody'."""
        if not items:
            return self("nobody")
        if len(items) == 1:
            return items[0]
        pattern = {"or": "{first} or {last}", "and": "{first} and {last}"}[joined_by]
        return self(pattern, first=self(", ").join(items[:-1]), last=items[-1])

    def moment(self, local: datetime) -> str:
        """A clock time as a sentence writes it: 18 March 2025 00:00."""
        from babel.dates import format_datetime  # noqa: PLC0415  it takes a while to import

        return format_datetime(local, self(MOMENT), locale=self.language)


@cache
def words(language: str) -> Words:
    """The words of a language.

    Raises:
        BadInput: there is no catalogue for it.
    """
    if language not in LANGUAGES:
        do = f"Write one of {', '.join(LANGUAGES)}."
        raise BadInput(Problem("", 0, "language", f"there are no words in {language!r}", do))
    return Words(language, {} if language == "en" else _catalogue(language))


def _catalogue(language: str) -> dict[str, str]:
    from babel.messages.pofile import read_po  # noqa: PLC0415  it takes a while to import

    with files("teisen.languages").joinpath(f"{language}.po").open("rb") as file:
        read = read_po(file, locale=language)
    return {str(message.id): str(message.string) for message in read if message.id and message.string}


ENGLISH = words("en")
