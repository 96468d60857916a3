"""What people fill in becomes a file that the source's mapping reads."""

from __future__ import annotations

import csv
import io

from teisen.server.writing.forms import field_of_column, fields_of, filled
from teisen.sources.readers.table import READER
from tests.builders import source
from tests.sources.damage import take
from tests.sources.places import ground

MAPPING = """\
format: teisen-table/1
fills: observation
zone: Europe/Kyiv
fields:
  start: {columns: [Date, Time]}
  place: Position
  away: Event location
  kind: {constant: explosion}
"""


def test_a_field_of_several_columns_is_one_of_the_form_and_is_read_whole() -> None:
    officers = source("officers", "table", options={"mapping": MAPPING})
    values = {"start": "2025-04-13T10:15", "place": "Eastern City", "away": "2 km N"}
    name, content = filled(officers, values, "x" * 20)
    (row,) = csv.DictReader(io.StringIO(content.decode()))
    assert (row["Date"], row["Time"]) == ("2025-04-13T10:15", "")
    (seen,) = take(READER, officers, content, ground(), name).table("observation").to_dicts()
    assert seen["start"].isoformat() == "2025-04-13T07:15:00+00:00"
    assert field_of_column(officers, "Date, Time") == "start"


def test_a_field_that_is_read_from_a_column_of_another_follows_from_it() -> None:
    mapping = MAPPING.replace(
        "  kind: {constant: explosion}\n",
        "  kind: {column: what, values: {Fight: {shelling: 0.6, fire: 0.4}, Boom: shelling, Flare: other}}\n"
        "  role: {columns: [what, sure], values: {Boom: makes}, otherwise: context}\n",
    )
    officers = source("officers", "table", options={"mapping": mapping})
    assert "role" not in [one.name for one in fields_of(officers)]
    for kind, role in (("shelling", "makes"), ("other", "context")):
        values = {"start": "2025-04-13T10:15", "place": "Eastern City", "kind": kind}
        name, content = filled(officers, values, "x" * 20)
        (seen,) = take(READER, officers, content, ground(), name).table("observation").to_dicts()
        assert (seen["kind"], seen["kinds"], seen["role"]) == (kind, [{"kind": kind, "p": 1.0}], role)
