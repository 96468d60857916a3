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
    return [_field(name, values) for name, (_, values) in _columns(source).items()]


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
        for name in columns
        if name in MUST and not values.get(name, "").strip()
    ]
    if not ONCE.fullmatch(once):
        do = "Send 16 to 64 letters, digits, dashes or underscores, new for each report."
        problems.append(Problem("form", 0, "once", "it does not fit", do))
    if problems:
        raise BadInput(*problems)
    row: dict[str, str] = {ONCE_COLUMN: once}
    for name, ((first, *others), words) in columns.items():
        given = values.get(name, "").replace("\x00", "").strip()
        row |= dict.fromkeys(others, "")  # a field of several columns stands whole in the first
        row[first] = next((raw for raw, word in words.items() if word == given), given) if words else given
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mapping_of(source).delimiter, lineterminator="\n")
    writer.writerow(row)
    writer.writerow(row.values())
    return f"form-{once}.csv", out.getvalue().encode()


def field_of_column(source: Source, column: str) -> str:
    """The field that a column of the file was filled from; the column itself where there is none."""
    parts = [part.strip() for part in column.split(",")]
    names = {where: name for name, (headings, _) in _columns(source).items() for where in headings}
    return ", ".join(dict.fromkeys(names.get(part, part) for part in parts))


def _columns(source: Source) -> dict[str, tuple[tuple[str, ...], dict[str, str]]]:
    """By field the columns it is read from, and what its raw values stand for."""
    mapping = mapping_of(source) if source.reader == "table" else None
    if not isinstance(mapping, ObservationMapping | AllegationMapping):
        what = f"source {source.source_id} has no mapping of observations or allegations"
        raise BadInput(Problem("case.yaml", 0, "intake", what, "Name one with the reader `table`."))
    found = {}
    for name, field in mapping.fields:
        if field is not None and field.headings:
            found[name] = (field.headings, field.likeliest)
    return found


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
