"""Short texts in Ukrainian and Russian: language, sentences, names in any case, regions, days, times and numbers.

Words are data (``lexicon/*.yaml``); here is only what two scripts and their grammars need. What runs over many rows
is a Polars expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from teisen.shipped import shipped

_CYRILLIC = {
    "щ": "shch", "ш": "sh", "ч": "ch", "ж": "zh", "х": "h", "ц": "ts", "ю": "u", "я": "a", "є": "e", "ї": "i", "ё": "e",
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "h", "д": "d", "е": "e", "з": "z", "и": "i", "і": "i", "й": "i",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "ы": "i", "э": "e", "ь": "", "ъ": "", "'": "", "’": "", "ʼ": "", "`": "", "\u0301": "",
}  # fmt: skip
_LATIN = {
    "kh": "h", "g": "h", "ya": "a", "yu": "u", "ye": "e", "yi": "i", "y": "i", "j": "i", "tz": "ts", "w": "v",
    "'": "", "’": "", "ʼ": "", "`": "",
}  # fmt: skip
_SAME = (("[eio]+([au])", "$1"), ("[eio]+", "o"), ("zhzh", "zh"), ("ss", "s"), ("nn", "n"), ("ll", "l"))
"""Spellings in which the two languages, and cases of one name, differ (Kharkiv, Kharkova): read as one."""
_GAP = r"[\s\-–—«»\"“”„'(\[,.:;!?/*_…]"
"""What may stand before a word; listed, since a class of all but letters takes long to compile."""
_ENDING = "[aou]?[vhm]?[aou]?[hm]?"
"""What may follow a name's stem in a case of it; endings of adjectives of regions do not fit."""


@cache
def lexicon(name: str) -> Mapping[str, Any]:
    """The word list ``lexicon/<name>.yaml``."""
    text = files("teisen.sources").joinpath("lexicon", f"{name}.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = shipped(text)
    return loaded


def any_of(stems: Iterable[str]) -> str:
    """One case-blind regular expression that finds a word that begins with any of ``stems`` (regular expressions)."""
    return rf"(?i)(?:^|{_GAP})(?:" + "|".join(stems) + ")"


def has(column: pl.Expr, stems: Sequence[str]) -> pl.Expr:
    """Whether a text holds a word that begins with any of ``stems``; false for no text."""
    return column.str.contains(any_of(stems)).fill_null(False) if stems else pl.lit(False)


def language(column: pl.Expr) -> pl.Expr:
    """``uk`` or ``ru`` by letters that only one of them has, the more frequent wins; null where that does not tell."""
    uk = column.str.count_matches("[іїєґІЇЄҐ]")
    ru = column.str.count_matches("[ыэъёЫЭЪЁ]")
    return pl.when(uk > ru).then(pl.lit("uk")).when(ru > uk).then(pl.lit("ru"))


def sentences(column: pl.Expr) -> pl.Expr:
    """List of a text's sentences: cut where . ? or ! ends a word of three letters or more and a capital, a digit or an
    opening quote follows (so that initials and short abbreviations end none)."""  # fmt: skip
    end = r"([\p{L}\d][\p{L}\d]{2,}[»\"”)]?[.!?…]+[»\"”]?)\s+([«\"“„]?[\p{Lu}\d])"
    # twice: a sentence of one word shares its letters with both cuts
    cut = column.str.replace_all(end, "${1}\u241e${2}").str.replace_all(end, "${1}\u241e${2}")
    return cut.str.split("\u241e")


def folded(column: pl.Expr) -> pl.Expr:
    """Cyrillic text in Latin letters, so that one name looks alike in both languages and most cases."""
    roman = column.str.to_lowercase().str.replace_many(list(_CYRILLIC), list(_CYRILLIC.values()))
    for pattern, to in _SAME:
        roman = roman.str.replace_all(pattern, to)
    return roman


def fold(text: str, *, latin: bool) -> str:
    """One text as :func:`folded` has it; ``latin``: it is written in Latin letters already."""
    low = text.lower()
    for old, new in (_LATIN if latin else _CYRILLIC).items():
        low = low.replace(old, new)
    for pattern, to in _SAME:
        low = re.sub(pattern, to.replace("$1", r"\1"), low)
    return low


_SIGNS = r"[*+?\[\]{}|\\^$]"
"""Signs of regular expressions, which no name has."""


def name_pattern(names: Sequence[str]) -> str:
    """A regular expression that finds any of ``names`` (Latin or Cyrillic letters), in any case, in folded text.

    It knows the endings of nouns and adjectives, a vowel that falls out before the last consonant, and k, h that
    soften to ts, z. Folded: see :func:`folded`.
    """
    found = [one for name in names if name.strip() and (one := _one_name(name))]
    return r"\b(?:" + "|".join(found) + r")\b" if found else r"[^\s\S]"


def _one_name(name: str) -> str:
    parts = []
    for word in re.findall(r"[^\s\-/,()«»\"]+", re.sub(_SIGNS, "", name)):
        text = fold(word, latin=word.isascii() or bool(re.match(r"[A-Za-z]", word)))
        if not text:
            continue
        stem = text.rstrip("aou") if len(text.rstrip("aou")) >= 2 else text
        body, last = stem[:-1], stem[-1]
        soft = {"k": "(?:k|ts)", "h": "(?:h|z)"}.get(last, last)
        loose = re.sub("o$", "o?", body) if len(stem) > 4 or last in "kh" else body
        if stem.endswith("ots"):
            loose, soft = stem[:-3] + "o?", "ts"
        elif len(stem) > 4 and body[-1:] not in "oau":
            loose = body + "o?"
        parts.append(loose + soft + _ENDING)
    return r"[\s\-]+".join(parts)


@cache
def region_patterns() -> Mapping[str, str]:
    """By area id a regular expression that finds a mention of the region in Ukrainian or Russian text."""
    known = lexicon("regions")
    chain = (
        r"[\s,]+(?:(?:и|та|й|і)\s+)?(?:[а-яіїєґё\-]+(?:ск|цк|ськ|цьк|зьк)[а-яіїєґё]{1,3}[\s,]+(?:(?:и|та|й|і)\s+)?)*"
    )
    patterns = {}
    for area, region in known["regions"].items():
        stems = list(region["noun"])
        if region["adjective"]:
            adjectives = "|".join(region["adjective"])
            stems.append(rf"(?:{adjectives})[а-яіїєґё]{{1,3}}{chain}(?:{'|'.join(known['words'])})")
        patterns[area] = any_of(stems)
    return patterns


def regions_in(column: pl.Expr) -> pl.Expr:
    """List of the area ids of regions that a text mentions, in the order of the word list."""
    found = [pl.when(column.str.contains(p)).then(pl.lit(area)) for area, p in region_patterns().items()]
    return pl.concat_list(found).list.drop_nulls()


def plain(text: str) -> str:
    """A post without the marks of its formatting: stars, underscores, links and pictures."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)?", r"\1", text)
    text = re.sub(r"\*\*|__|~~|`", "", text)
    return re.sub(r"[ \t\u00a0]+", " ", text).strip()


def number_in(text: str) -> float | None:
    """The number that a text begins with, in digits or in words of either language."""
    match = re.match(r"\s*(?:по\s+)?(\d+)(?!\d|\s*(?:[.,:]\d|км|кВ))", text)
    if match:
        return float(match[1])
    low = text.strip().lower().removeprefix("по ")
    for value, stems in lexicon("numbers")["numbers"].items():
        if re.match(rf"(?:{'|'.join(stems)})(?!\w)", low):
            return float(value)
    return None


def day_in(text: str, near: date) -> date | None:
    """The first day of a month that a text names, of the year that puts it closest before ``near``; None if none.

    A day that something lasts since ("с 18 марта") is passed over.
    """
    months = lexicon("numbers")["months"]
    stems = "|".join(stem for names in months.values() for stem in names)
    pattern = rf"(?<!\bс )(?<!\bз )(?<!\bвід )(?<!\d)(\d{{1,2}})\s+({stems})\w*(?:\s+(20\d\d))?"
    for match in re.finditer(pattern, text, re.IGNORECASE):
        month = next(n for n, names in months.items() if re.match("|".join(names), match[2].lower()))
        for year in [int(match[3])] if match[3] else [near.year, near.year - 1]:
            try:
                day = date(year, int(month), int(match[1]))
            except ValueError:
                continue
            if day <= near + timedelta(days=1):
                return day
    return None


def clock_in(text: str) -> tuple[int, int] | None:
    """The first time of day that a text names, as hour and minute, written 17.00 or 17:00; None if none."""
    prefix = r"(?i)(?:около|в|с|во|приблизно|близько|о|об)\s+"
    match = re.search(prefix + r"([01]?\d|2[0-4])[.:]([0-5]\d)(?!\s*(?:км|%|\d))", text)
    if match is None:
        match = re.search(r"(?i)(?:около|в)\s+([01]?\d|2[0-4])\s+час\w*(?:\s+([0-5]?\d)\s+мин)?", text)
    return (int(match[1]) % 24, int(match[2] or 0)) if match else None


def finder(stems: list[str]) -> re.Pattern[str] | None:
    """What finds a word that begins with any of ``stems`` in one text; None if there are none."""
    return for_re(any_of(stems)) if stems else None


def for_re(pattern: str) -> re.Pattern[str]:
    """A pattern of the word lists (Rust's regular expressions) for Python's ``re``."""
    return re.compile(re_letters(pattern))


def hours_in(text: str) -> tuple[timedelta, timedelta] | None:
    """From when to when of a day, as in "с 10.00 до 12.30"; the second is before the first over midnight."""
    found = re.search(r"(?i)\b[сз]\s+(\d{1,2})[.:](\d\d)\D.*?\b(?:до|по)\s+(\d{1,2})[.:](\d\d)", text)
    if found is None:
        return None
    first, first_min, last, last_min = map(int, found.groups())
    return timedelta(hours=first, minutes=first_min), timedelta(hours=last, minutes=last_min)


def is_each(text: str) -> bool:
    """Whether a number is of each of the things that follow it ("по 3")."""
    return text.strip().startswith("по ")


def re_letters(pattern: str) -> str:
    """A pattern of the word lists with Python's names for letters."""
    return (
        pattern.replace(r"[^\p{L}\d]", r"[\W_]")
        .replace(r"[\p{L}\d]", r"[^\W_]")
        .replace(r"[\p{L}\-]", r"(?:[^\W\d_]|-)")
        .replace(r"\p{L}", r"[^\W\d_]")
    )
