"""One report in a form, and the file of one row that it becomes: a mapped table like any other.

The fields are those that the source's mapping takes from a column, under the names that Teisen has for them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from teisen.errors import BadInput, Problem
from teisen.observation import vocabulary
from teisen.sources import Source
from teisen.sources.mapping import AllegationMapping, ObservationMapping, mapping_of

Form = Literal["moment", "number", "word", "text"]
MOMENTS = frozenset({"start", "end", "stated", "reported"})
NUMBERS = frozenset({"lon", "lat", "place_error_m", "strength", "count", "quantity"})
MUST = frozenset({"start", "stated", "kind"})
LONGEST = 10_000
ONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
"""The text that makes a form one report however often it is sent."""
ONCE_COLUMN = "teisen_once"


@dataclass(frozen=True)
class Field:
    """One field: its name, the form of its value, whether it must be filled, and the words that it may be."""

    name: str
    form: Form
    required: bool
    words: tuple[str, ...] = ()


def fields_of(source: Source) -> list[Field]:
    """The fields of a source's form, in the order of the mapping's model.

    Raises:
        BadInput: the source is no mapped table of observations or allegations.
    """
    columns = _columns(source)
    return [_field(name, values) for name, (_, values) in columns.items() if name in _own(columns)]


def filled(source: Source, values: Mapping[str, str], once: str) -> tuple[str, bytes]:
    """The file that a filled form becomes: its name, and a CSV of one row.

    Args:
        source: whose form it is.
        values: texts by field; one that is left out is empty.
        once: 16 to 64 letters, digits, dashes or underscores, new for each report.

    Raises:
        BadInput: a field is not the form's, too long, or has to be filled; each is named.
    """
    columns = _columns(source)
    own = _own(columns)
    problems = [
        Problem("form", 0, name, "the form has no such field", f"Fill {', '.join(columns)}.")
        for name in values
        if name not in columns
    ]
    problems += [
        Problem("form", 0, name, "it is too long", f"Write up to {LONGEST} characters.")
        for name, value in values.items()
        if len(value) > LONGEST
    ]
    problems += [
        Problem("form", 0, name, "it is empty", "Fill it in.")
        for name in own
        if name in MUST and not values.get(name, "").strip()
    ]
    if not ONCE.fullmatch(once):
        do = "Send 16 to 64 letters, digits, dashes or underscores, new for each report."
        problems.append(Problem("form", 0, "once", "it does not fit", do))
    if problems:
        raise BadInput(*problems)
    row: dict[str, str] = {ONCE_COLUMN: once}
    for headings, _ in columns.values():
        row |= dict.fromkeys(headings, "")
    for name in own:
        (first, *_), words = columns[name]  # a field of several columns stands whole in the first
        given = values.get(name, "").replace("\x00", "").strip()
        row[first] = next((raw for raw, word in words.items() if word == given), given) if words else given
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mapping_of(source).delimiter, lineterminator="\n")
    writer.writerow(row)
    writer.writerow(row.values())
    return f"form-{once}.csv", out.getvalue().encode()


def field_of_column(source: Source, column: str) -> str:
    """The field that a column of the file was filled from; the column itself where there is none."""
    parts = [part.strip() for part in column.split(",")]
    columns = _columns(source)
    names = {where: name for name in _own(columns) for where in columns[name][0]}
    return ", ".join(dict.fromkeys(names.get(part, part) for part in parts))


def _columns(source: Source) -> dict[str, tuple[tuple[str, ...], dict[str, str]]]:
    """By field the columns it is read from, and what its raw values stand for, those of one word alone first."""
    mapping = mapping_of(source) if source.reader == "table" else None
    if not isinstance(mapping, ObservationMapping | AllegationMapping):
        what = f"source {source.source_id} has no mapping of observations or allegations"
        raise BadInput(Problem("case.yaml", 0, "intake", what, "Name one with the reader `table`."))
    found: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {}
    for name, field in mapping.fields:
        if field is not None and field.headings:
            words = field.likeliest
            sure = {raw: word for raw, word in words.items() if raw not in field.shares}
            found[name] = (field.headings, sure | words)
    return found


def _own(columns: Mapping[str, tuple[tuple[str, ...], dict[str, str]]]) -> list[str]:
    """Fields that no earlier one shares a column with; what does, as a role read from what was observed, follows."""
    own: list[str] = []
    taken: set[str] = set()
    for name, (headings, _) in columns.items():
        if not taken.intersection(headings):
            own.append(name)
            taken.update(headings)
    return own


def _field(name: str, values: Mapping[str, str]) -> Field:
    known = vocabulary()
    words: tuple[str, ...] = {
        "kind": tuple(known.kinds),
        "target_class": tuple(known.target_classes),
        "weapon": tuple(known.weapons),
    }.get(name, ())
    if values:
        words = tuple(dict.fromkeys(values.values()))
    form: Form = "moment" if name in MOMENTS else "number" if name in NUMBERS else "word" if words else "text"
    return Field(name, form, name in MUST, words)
