"""Which texts catalogues have to hold: those that the code and its templates say, found without running them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from teisen.languages.words import DAY, DAY_SHORT, LANGUAGES, MOMENT, Words

SPOKEN: Mapping[str, tuple[int, ...]] = {"words": (0,), "self": (0,), "say": (0,), "text": (0,), "counted": (1, 2)}
"""Functions that say a text, and which of their arguments it is: of ``counted`` the singular and the plural."""
ROOM = "teisen.languages"
BUILT_IN = ("nobody", ", ", "{first} or {last}", "{first} and {last}", DAY, DAY_SHORT, MOMENT)
GAP = re.compile(r"{\w+}")


@dataclass(frozen=True)
class Wanted:
    """Texts, and the plurals of those that count something, by their singular."""

    single: frozenset[str]
    plural: Mapping[str, str]

    def missing(self, words: Words) -> list[str]:
        """Texts that a catalogue lacks, in alphabetical order."""
        lacking = {one for one in self.plural if one not in words.plurals}
        return sorted({text for text in self.single if text not in words.catalogue} | lacking)

    def beside(self, words: Words) -> list[str]:
        """Texts that a catalogue holds and nothing says."""
        return sorted((set(words.catalogue) - self.single) | (set(words.plurals) - set(self.plural)))

    def entries(self, texts: Iterable[str]) -> str:
        """Empty entries of a catalogue for ``texts``, to be filled in."""
        return "\n".join(self._entry(text) for text in texts)

    def _entry(self, text: str) -> str:
        quoted = _quoted(text)
        if text in self.plural:
            return f'msgid {quoted}\nmsgid_plural {_quoted(self.plural[text])}\nmsgstr[0] ""\n'
        return f'msgid {quoted}\nmsgstr ""\n'


def wanted(folder: Path, titles: Iterable[str] = ()) -> Wanted:
    """What Python files and Jinja templates (``*.j2``) under ``folder`` say, with the ``titles`` of vocabularies."""
    single, plural = {*BUILT_IN, *titles}, {}
    for message in _messages(folder):
        if isinstance(message, tuple):
            plural[message[0]] = message[1]
        elif message and message not in LANGUAGES:
            single.add(message)
    return Wanted(frozenset(single), plural)


def gaps(text: str) -> list[str]:
    """The gaps of a text, each once, in alphabetical order."""
    return sorted(set(GAP.findall(text)))


def _messages(folder: Path) -> Iterator[str | tuple[str, str]]:
    for path in sorted(folder.rglob("*.py")):
        yield from _of_code(path.read_text(encoding="utf-8"))
    templates = sorted(folder.rglob("*.j2"))
    if templates:
        yield from _of_templates(templates)


def _of_code(code: str) -> Iterator[str | tuple[str, str]]:
    """Texts that a module says; one that takes nothing from this room says none."""
    tree = ast.parse(code)
    if not any(isinstance(one, ast.ImportFrom) and (one.module or "").startswith(ROOM) for one in ast.walk(tree)):
        return
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in SPOKEN:
            at = SPOKEN[call.func.id]
            told = [one.value if isinstance(one, ast.Constant) else None for one in call.args]
            yield from _told(tuple(told[n] for n in at) if len(told) > max(at) else ())


def _of_templates(paths: list[Path]) -> Iterator[str | tuple[str, str]]:
    from jinja2.ext import babel_extract  # noqa: PLC0415  it takes a while to import

    for path in paths:
        with path.open("rb") as file:
            for _, function, message, _ in babel_extract(file, list(SPOKEN), [], {"silent": "false"}):
                told = message if isinstance(message, tuple) else (message,)
                at = SPOKEN[function]
                yield from _told(tuple(told[n] for n in at) if len(told) > max(at) else ())


def _told(message: tuple[object, ...]) -> Iterator[str | tuple[str, str]]:
    match message:
        case (str(text),):
            yield text
        case (str(one), str(many)):
            yield one, many


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
