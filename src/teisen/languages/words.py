"""One language's words: translate a text, count things, put a list together, write a number, a day or a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib.resources import files

from teisen.errors import BadInput, Problem

LANGUAGES = ("en", "ja", "uk", "ru")
"""Languages that there are words in; all but English have a catalogue."""
MOMENT = "d MMMM y HH:mm"
"""How a moment is written, in CLDR's letters; catalogues translate it."""
DAY = "d MMMM y"
"""How a day is written."""
DAY_SHORT = "d MMM"
"""How one is written where there is little room."""
COMMA = frozenset({"uk", "ru"})
"""Languages whose decimal sign is a comma (CLDR)."""
FORMS: Mapping[str, Mapping[str, int]] = {
    "en": {"one": 0, "other": 1},
    "ja": {"other": 0},
    "uk": {"one": 0, "few": 1, "many": 2, "other": 1},
    "ru": {"one": 0, "few": 1, "many": 2, "other": 1},
}
"""Which form of a catalogue's plural stands for which of CLDR's categories; fractions (``other``) take the second."""


class Words:
    """What a language says; :func:`words` gives it by code."""

    def __init__(
        self, language: str, catalogue: Mapping[str, str], plurals: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        self.language = language
        self.catalogue = catalogue
        self.plurals = plurals or {}

    def __call__(self, text: str, **values: object) -> str:
        """``text`` in this language with its gaps filled; English where the catalogue lacks it."""
        translated = self.catalogue.get(text, text)
        return translated.format(**values) if values else translated

    def counted(self, n: float, one: str, many: str, **values: object) -> str:
        """The form that ``n`` takes, its gaps filled: ``{n}`` with the number as written, the others as given."""
        forms = self.plurals.get(one, (one, many))
        form = forms[min(_form(self.language if one in self.plurals else "en", n), len(forms) - 1)]
        return form.format(**({"n": self.number(n)} | values))

    def number(self, value: float, decimals: int = 1) -> str:
        """A number with at most ``decimals`` decimals and thousands apart (U+202F), in this language's signs."""
        text = f"{value:,.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        text = "0" if text in {"-0", ""} else text.replace("-", "−").replace(",", "\u202f")
        return self.signs(text)

    def signs(self, number: str) -> str:
        """A number as English writes it, with this language's decimal sign."""
        return number.replace(".", ",") if self.language in COMMA else number

    def listed(self, items: Sequence[str], joined_by: str = "or") -> str:
        """'a', 'a or b', 'a, b or c'; ``joined_by`` is ``or`` or ``and``; of none 'nobody'."""
        if not items:
            return self("nobody")
        if len(items) == 1:
            return items[0]
        pattern = {"or": "{first} or {last}", "and": "{first} and {last}"}[joined_by]
        return self(pattern, first=self(", ").join(items[:-1]), last=items[-1])

    def day(self, day: date) -> str:
        """A day as a sentence writes it: 18 March 2025."""
        return self.dated(day, DAY)

    def day_short(self, day: date) -> str:
        """A day without its year: 18 Mar."""
        return self.dated(day, DAY_SHORT)

    def moment(self, local: datetime) -> str:
        """A clock time as a sentence writes it: 18 March 2025 00:00."""
        return self.dated(local, MOMENT)

    def dated(self, local: date, pattern: str) -> str:
        """A day or clock time by a pattern of CLDR's letters, which the catalogue translates."""
        return _dated(local, self(pattern), self.language)


@cache
def words(language: str) -> Words:
    """The words of a language.

    Raises:
        BadInput: there is no catalogue for it.
    """
    if language not in LANGUAGES:
        do = f"Write one of {', '.join(LANGUAGES)}."
        raise BadInput(Problem("", 0, "language", f"there are no words in {language!r}", do))
    return Words(language, {}) if language == "en" else _read(language)


def _read(language: str) -> Words:
    from babel.messages.pofile import read_po  # noqa: PLC0415  it takes a while to import

    with files("teisen.languages").joinpath(f"{language}.po").open("rb") as file:
        read = [message for message in read_po(file, locale=language) if message.id and message.string]
    single = {str(message.id): str(message.string) for message in read if not message.pluralizable}
    plural = {str(message.id[0]): tuple(message.string or ()) for message in read if message.pluralizable}
    return Words(language, single, plural)


@cache
def _form(language: str, n: float) -> int:
    from babel import Locale  # noqa: PLC0415

    return FORMS[language][Locale(language).plural_form(int(n) if n == int(n) else n)]


@cache
def _dated(local: date, pattern: str, language: str) -> str:
    from babel.dates import format_date, format_datetime  # noqa: PLC0415

    write = format_datetime if isinstance(local, datetime) else format_date
    return write(local, pattern, locale=language)


ENGLISH = words("en")
