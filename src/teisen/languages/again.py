"""What a stage said in English, said again in another language.

Stages write their reasons into tables as English sentences, made of texts with gaps. A reader in another language gets
the same sentence: the text is recognised by its fixed parts, what fills its gaps is said again in turn (a clause, a
title, a number, a moment), and the whole is put together from the catalogue. What is not recognised stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache, lru_cache

from teisen.languages.words import Words, words

GAP = re.compile(r"{(\w+)}")
LEAST_LETTERS = 4
"""A text with gaps is recognised if its fixed parts have this many letters; ' and ' alone would be found anywhere."""
JOINTS = (", and ", " and ", " or ", ", ")
"""What puts clauses and titles together; it does so only where all of them are recognised."""
SENTENCE = re.compile(r"(?<=[^\d\s]\.)\s+|(?<=\d\.)\s+(?=[A-Z])")
UNTOLD = re.compile(", (calibre )?not told( further)?$")
"""What a title says of a class that is named when no more is known; a sentence leaves it out."""
NUMBERS = frozenset({"n", "number", "percent"})
"""Gaps that hold a number, written as the language writes it; other gaps hold a text that is said again."""
KEPT = frozenset({"id", "column", "columns"})
"""Gaps that hold names of the tables, which are the same in every language."""
LISTS = frozenset({"parties", "areas", "lines"})
"""Gaps that hold a list of names."""
LIST = re.compile(r"(?P<first>.+) (?P<joint>or|and) (?P<last>.+)")
NUMBER = re.compile(r"[+−-]?\d[\d\u202f,]*(?:\.\d+)?")
EN_MOMENT = re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4} \d{2}:\d{2}")
MOST_KEPT = 20_000
LONGEST = 2_000
"""Characters of a sentence that is said again; stages write up to 400. What people send can be of any length, and the
time that it takes to try how it was put together grows with the cube of that."""
MOST_JOINTS = 30
"""Places at which a sentence is tried to be parted; one with more stays as it is. Stages write up to 16."""


def again(sentence: str, language: str) -> str:
    """An English sentence of a stage in another language; what no text of the catalogue made stays as it is."""
    return sentence if language == "en" or not 0 < len(sentence) <= LONGEST else _again(sentence, language)


@lru_cache(maxsize=MOST_KEPT)
def _again(sentence: str, language: str) -> str:
    known = words(language)
    found = None if sentence in known.catalogue else _each(sentence, known)
    if found is None:
        found = _recognised(sentence, known)
    if found is None:
        found = _parts(sentence, known)
    return sentence if found is None else found


def _each(sentence: str, known: Words) -> str | None:
    """Several sentences, each recognised by itself: a gap of the first would else take in those that follow it."""
    sentences = SENTENCE.split(sentence)
    said = [_recognised(one, known) for one in sentences] if len(sentences) > 1 else [None]
    return None if None in said else _after_each_other(said, known)


def _after_each_other(sentences: Iterable[str | None], known: Words) -> str:
    return ("" if known.language == "ja" else " ").join(one for one in sentences if one)


def _recognised(sentence: str, known: Words) -> str | None:
    """The translation of a text that makes up the whole of ``sentence``."""
    if sentence in known.catalogue:
        return known(sentence)
    low = _lowered(known.language).get(sentence)
    if low is not None:
        return low
    if NUMBER.fullmatch(sentence):
        return known.signs(sentence)
    if EN_MOMENT.fullmatch(sentence):
        try:
            return known.moment(datetime.strptime(sentence, "%d %B %Y %H:%M"))  # noqa: DTZ007  a local clock
        except ValueError:
            return None
    for pattern, english, forms in _patterns(known.language):
        match = pattern.fullmatch(sentence)
        if match:
            gaps = {
                name: value if name in KEPT else _gap(name, value, known) for name, value in match.groupdict().items()
            }
            if forms is None:
                return known(english, **gaps)
            number = _number(gaps.pop("n", "") and match["n"])
            if number is not None:
                return known.counted(number, english, english, **gaps)
    return None


def _gap(name: str, value: str, known: Words) -> str:
    said = _again(value, known.language)
    return _names(value, known) if said == value and name in LISTS else said


def _parts(sentence: str, known: Words) -> str | None:
    """The translation of what is put together of sentences, of reasons or of clauses."""
    sentences = SENTENCE.split(sentence)
    if len(sentences) > 1:
        return _after_each_other((_again(one, known.language) for one in sentences), known)
    if "; " in sentence:
        return "; ".join(_again(one, known.language) for one in sentence.split("; "))
    pieces = _pieces(sentence, known.language)
    return None if pieces is None else _joined(pieces, known)


Piece = tuple[str, bool, str]
"""A clause or title said again, whether it is a title, and what puts it to the next."""


@lru_cache(maxsize=MOST_KEPT)
def _pieces(sentence: str, language: str) -> tuple[Piece, ...] | None:
    """A sentence as clauses or titles put together, each of them recognised, the longest first; None: it is none.

    Titles hold joints themselves ("gas production or storage"), so that every place where there is one is tried.
    """
    known = words(language)
    whole = _recognised(sentence, known)
    if whole is not None:
        return ((whole, _is_title(sentence, known), ""),)
    joints = _joints(sentence)
    if len(joints) > MOST_JOINTS:
        return None
    for at, joint in reversed(joints):
        first = _recognised(sentence[:at], known)
        rest = None if first is None else _pieces(sentence[at + len(joint) :], language)
        if first is not None and rest is not None:
            return ((first, _is_title(sentence[:at], known), joint), *rest)
    return None


def _joints(sentence: str) -> list[tuple[int, str]]:
    """Where in a sentence something may be put together, and by what."""
    return sorted((found.start(), joint) for joint in JOINTS for found in re.finditer(re.escape(joint), sentence))


def _is_title(text: str, known: Words) -> bool:
    return text in _lowered(known.language)


def _joined(pieces: tuple[Piece, ...], known: Words) -> str:
    """Pieces put together: titles as a list, clauses as clauses."""
    joint = {", and ": "and", " and ": "and", " or ": "or"}
    if len(pieces) > 1 and all(title for _, title, _ in pieces):
        last = joint.get(pieces[-2][2])
        said = [one for one, _, _ in pieces]
        return known.listed(said, last) if last else known(", ").join(said)
    return "".join(one + (known(between) if between else "") for one, _, between in pieces)


def _names(value: str, known: Words) -> str:
    """A list of names that the catalogue does not know, put together as the language does."""
    found = LIST.fullmatch(value)
    if found is None:
        return known(", ").join(value.split(", "))
    return known.listed([*found["first"].split(", "), found["last"]], found["joint"])


def _number(text: str) -> float | None:
    try:
        return float(text.replace("\u202f", "").replace(",", "").replace("−", "-"))
    except ValueError:
        return None


@cache
def _lowered(language: str) -> Mapping[str, str]:
    """Titles as a sentence writes them, in small letters, with their translations."""
    known = words(language)
    titles = {
        UNTOLD.sub("", english).lower(): said for english, said in known.catalogue.items() if english[0].isupper()
    }
    return {
        english: said[0].lower() + said[1:]
        for english, said in titles.items()
        if english not in known.catalogue and not GAP.search(english)
    }


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str, tuple[str, ...] | None]]:
    """Texts with gaps as patterns, those with most fixed letters first; plural ones with their forms."""
    known = words(language)
    singles: list[tuple[str, str, tuple[str, ...] | None]] = [(text, text, None) for text in known.catalogue]
    plurals = [(english, one, forms) for one, forms in known.plurals.items() for english in _pair(language, one)]
    found = []
    for english, key, forms in singles + plurals:
        fixed = GAP.sub("", english)
        if GAP.search(english) and sum(c.isalpha() for c in fixed) >= LEAST_LETTERS and "<" not in english:
            found.append((len(fixed), english, key, forms))
    ranked = sorted(found, key=lambda one: (-one[0], one[1]))
    return [(re.compile(_expression(english), re.DOTALL), key, forms) for _, english, key, forms in ranked]


@cache
def _many(language: str) -> Mapping[str, str]:
    """The English plural by its singular, as the catalogue states both."""
    from importlib.resources import files  # noqa: PLC0415

    from babel.messages.pofile import read_po  # noqa: PLC0415

    with files("teisen.languages").joinpath(f"{language}.po").open("rb") as file:
        return {m.id[0]: m.id[1] for m in read_po(file, locale=language) if m.id and m.pluralizable}


def _pair(language: str, one: str) -> tuple[str, str]:
    return one, _many(language)[one]


def _expression(english: str) -> str:
    parts, seen = [], set()
    at = 0
    for gap in GAP.finditer(english):
        parts.append(re.escape(english[at : gap.start()]))
        name = gap[1]
        inside = NUMBER.pattern if name in NUMBERS else ".+?"
        parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{inside})")
        seen.add(name)
        at = gap.end()
    return "".join([*parts, re.escape(english[at:])])
