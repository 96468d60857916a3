"""Forms filled on phones: exports of KoboToolbox and ODK Central as they come."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import polars as pl
import pytest

from teisen.errors import BadInput
from teisen.sources import Intake, Scope
from teisen.sources.mapping import parse_mapping
from teisen.sources.readers.table import READER
from tests.builders import figure, source, source_file
from tests.sources.damage import reasons
from tests.sources.places import ground

PAGE = (Path(__file__).parents[2] / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("**Forms filled on phones.**") :]
CSV, PATROL, _, WEAPONS = re.findall(r"```(?:csv|yaml)\n(.*?)```", SECTION, re.DOTALL)[:4]
SCOPE = Scope(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC), 29, 9, 32, 12)
Cells = Sequence[Sequence[str | float]]


def read(content: bytes | str, mapping: str, name: str = "forms.csv") -> Intake:
    src = source("forms", "table", options={"mapping": mapping}, place_error_m=figure(1500))
    return READER.read(source_file(content, name), src, ground(), SCOPE)


def cell(value: str | float) -> str:
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f"<c><v>{value}</v></c>"


def workbook(sheets: Mapping[str, Cells]) -> bytes:
    """A workbook as small as one can be."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as held:
        kinds = "".join(
            f'<Override PartName="/xl/worksheets/s{n}.xml" ContentType="application/vnd.openxmlformats-officedocument'
            '.spreadsheetml.worksheet+xml"/>'
            for n in range(len(sheets))
        )
        held.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxml'
            'formats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd'
            f'.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{kinds}</Types>',
        )
        held.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" Type="{rel}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        named = "".join(f'<sheet name="{escape(s)}" sheetId="{n + 1}" r:id="r{n}"/>' for n, s in enumerate(sheets))
        held.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>{named}</sheets></workbook>'
        )
        links = "".join(
            f'<Relationship Id="r{n}" Type="{rel}/worksheet" Target="worksheets/s{n}.xml"/>' for n in range(len(sheets))
        )
        held.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}/relationships">{links}</Relationships>'
        )
        for n, rows in enumerate(sheets.values()):
            told = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
            held.writestr(
                f"xl/worksheets/s{n}.xml", f'<worksheet xmlns="{main}"><sheetData>{told}</sheetData></worksheet>'
            )
    return kept.getvalue()


def packed(files: Mapping[str, str]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as held:
        for name, text in files.items():
            held.writestr(name, text)
    return kept.getvalue()


def test_the_guide_is_true_of_a_patrol_s_form() -> None:
    seen = read(CSV, PATROL)
    rows = seen.table("observation").sort("kind")
    assert rows.select("kind", "role", "weapon").rows() == [
        ("explosion", "makes", "artillery-122"),
        ("other", "context", None),
        ("weapon-presence", "makes", "artillery-122"),
    ]
    assert rows["place_error_m"].to_list() == [1500, 1900, 1500]  # the phones know 4.2 m and 1,900, the profile 1,500
    first = rows.row(0, named=True)
    assert (first["lon"], first["lat"]) == (30.5523, 10.4121)
    assert first["start"] == datetime(2026, 3, 11, 6, 2, 11, tzinfo=UTC)
    assert first["reported"] == datetime(2026, 3, 11, 8, 22, 11, tzinfo=UTC)
    assert seen.out_of_scope == 1  # the test form, which was not approved
    assert seen.rows_set_aside == 0


def test_a_refusal_and_where_the_patrol_was_come_from_the_same_file() -> None:
    refused = PATROL.replace("only: {", "only: {visit/access: [refused], ")
    refused = re.sub(r"  kind: .*\n  role: .*\n  weapon: .*\n", "  kind: {constant: obstruction}\n", refused)
    rows = read(CSV, refused).table("observation")
    assert rows.select("kind", "place_error_m").rows() == [("obstruction", 1900)]
    effort = PATROL.replace("fills: observation", "fills: exposure").partition("fields:")[0] + (
        "fields:\n  start: start\n  end: end\n  radius_m: {constant: 6000}\n  p_detect: {constant: 0.8}\n"
        "  kind: {constant: explosion}\n  state: {column: visit/access, values: {granted: watched, refused: refused}}\n"
    )
    rows = read(CSV, effort).table("exposure").sort("start")
    assert rows.select("state", "lon").rows() == [("watched", 30.5523), ("refused", 30.221)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("10.4 30.5 380 5", (30.5, 10.4, 1500)),
        ("10.4 30.5", (30.5, 10.4, 1500)),
        (" -10.4  -30.5 0 2000 ", (-30.5, -10.4, 2000)),
        ("", (None, None, None)),
    ],
)
def test_where_a_phone_was_is_read_with_and_without_its_precision(text: str, place: tuple[Any, ...]) -> None:
    mapping = "format: teisen-table/1\nfills: observation\nphone: at\nfields: {start: day, kind: {constant: explosion}}"
    src = source("forms", "table", options={"mapping": mapping}, place_error_m=figure(1500))
    wide = Scope(SCOPE.start, SCOPE.end, -180, -90, 180, 90)
    seen = READER.read(source_file(f"day,at\n2026-03-03,{text}\n"), src, ground(), wide)
    assert seen.table("observation").select("lon", "lat", "place_error_m").row(0) == place


@pytest.mark.parametrize("text", ["30 N 31 E", "10.4,30.5", "99 30 0 0", "10.4"])
def test_what_is_no_position_of_a_phone_is_set_aside(text: str) -> None:
    mapping = "format: teisen-table/1\nfills: observation\nphone: at\nfields: {start: day, kind: {constant: explosion}}"
    seen = read(f'day,at\n2026-03-03,"{text}"\n', mapping)
    assert list(reasons(seen).values()) == [("at", f"'{text}' is no position of a phone")]


FORMS = (
    ("visit/date", "visit/site", "visit/side", "_id", "_uuid", "_index"),
    ("2026-03-10", "Gate", "north", 71.0, "a", 1.0),
    ("2026-03-10", "Gate", "south", 72.0, "b", 2.0),
)
HELD = (
    ("weapons/type", "weapons/found", "_index", "_parent_table_name", "_parent_index", "_submission__id"),
    ("d30", 12.0, 1.0, "Inspection", 1.0, 71.0),
    ("mortar", 12.0, 2.0, "Inspection", 1.0, 71.0),
    ("d30", 0.0, 3.0, "Inspection", 2.0, 72.0),
)
PLAIN = WEAPONS.replace("  place: visit/site\n", "  place_name: visit/site\n")


def counts(seen: Intake) -> list[tuple[Any, ...]]:
    rows = seen.table("observation").sort("row")
    return rows.select(pl.col("start").dt.strftime("%d %H"), "place_name", "count", "count_unit").rows()


EXPECTED = [
    ("09 22", "Gate", 12.0, "guns of the north in storage"),
    ("09 22", "Gate", 12.0, "guns of the north in storage"),
    ("09 22", "Gate", 0.0, "guns of the south in storage"),
]


def test_rows_of_a_repeated_group_have_the_columns_of_their_form() -> None:
    seen = read(workbook({"Inspection": FORMS, "weapons": HELD}), PLAIN, "export.xlsx")
    assert counts(seen) == EXPECTED
    assert seen.rows_set_aside == 0


def test_a_long_form_s_name_that_is_cut_for_its_sheet_is_found() -> None:
    long = "Inspection of storage sites, both sides"
    held = [HELD[0], *(tuple(long if value == "Inspection" else value for value in row) for row in HELD[1:])]
    assert counts(read(workbook({"x": [("_index",), (9.0,)], long[:31]: FORMS, "weapons": held}), PLAIN)) == EXPECTED


def test_odk_s_zip_is_read_as_the_workbook_is() -> None:
    mapping = PLAIN.replace("visit/", "visit-").replace("weapons/found", "found")
    forms = (
        "SubmissionDate,visit-date,visit-site,visit-side,KEY,Edits\n"
        "2026-03-10T09:00:00.000Z,2026-03-10,Gate,north,uuid:a,0\n"
    )
    held = (
        "type,found,PARENT_KEY,KEY\nd30,12,uuid:a,uuid:a/weapons[1]\nmortar,12,uuid:a,uuid:a/weapons[2]\n"
        "d30,1,uuid:z,uuid:z/weapons[1]\n"
    )
    seen = read(
        packed({"inspection.csv": forms, "inspection-weapons.csv": held, "media/a.jpg": "x"}), mapping, "odk.zip"
    )
    assert counts(seen) == EXPECTED[:2]
    assert reasons(seen) == {3: ("PARENT_KEY", "the form that it belongs to is not in the file")}


def test_a_group_within_a_group_has_the_columns_of_both() -> None:
    sites = (("site", "_index", "_parent_table_name", "_parent_index"), ("Gate", 1.0, "Inspection", 1.0))
    held = (HELD[0], ("d30", 12.0, 1.0, "sites", 1.0, 71.0))
    book = workbook({"Inspection": FORMS, "sites": sites, "weapons": held})
    assert counts(read(book, PLAIN.replace("visit/site", "site"))) == EXPECTED[:1]


def test_without_a_sheet_the_first_is_read_and_days_in_cells_are_days() -> None:
    book = workbook({"sheet": [("day", "n"), ("2026-03-03", 2.5)], "other": [("x",), ("y",)]})
    mapping = "format: teisen-table/1\nfills: observation\nfields: {start: day, kind: {constant: delivery}, count: n}"
    assert read(book, mapping).table("observation")["count"].to_list() == [2.5]
    with pytest.raises(BadInput, match="it has no sheet 'weapons'; it has sheet, other"):
        read(book, mapping + "\nsheet: weapons")
    with pytest.raises(BadInput, match="the sheet lacks day, n; it has x"):
        read(book, mapping + "\nsheet: other")


@pytest.mark.parametrize("cut", [30, 200, 600])
def test_a_workbook_that_breaks_off_is_refused(cut: int) -> None:
    with pytest.raises(BadInput, match="no whole workbook"):
        read(workbook({"Inspection": FORMS, "weapons": HELD})[:cut], PLAIN)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ("start: day, kind: {column: k, zone: UTC}", "`zone` is for times"),
        ("start: {column: day, zone: Nowhere}, kind: k", "no time zone"),
        ("start: day, kind: k, weapon: {column: w, apart: ' '}", "`apart` is for place, area or kind"),
    ],
)
def test_what_a_mapping_cannot_mean_is_told(fields: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        parse_mapping(f"format: teisen-table/1\nfills: observation\nfields: {{{fields}}}", "m.yaml")
