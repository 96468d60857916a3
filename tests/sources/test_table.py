from __future__ import annotations

import gzip
import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from teisen.errors import BadInput
from teisen.observation import EXPOSURE
from teisen.sources import Intake, Source
from teisen.sources.mapping import parse_mapping
from teisen.sources.readers.table import READER
from tests.builders import SCOPE, figure, source
from tests.sources.damage import reasons, survives_rough_handling, take
from tests.sources.places import EAST, WEST, ground

GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-source.md"
HEAD = "id,when,x,y,what\n"
ROW = "a,2025-04-13 10:15,34.8,50.9,boom\n"
MAPPING = """\
format: teisen-table/1
fills: observation
zone: Europe/Kyiv
fields:
  native_id: id
  start: when
  lon: x
  lat: y
  kind: {column: what, values: {boom: explosion, fire: fire}}
"""
ALLEGED = """\
format: teisen-table/1
fills: allegation
fields:
  stated: said
  start: day
  kind: kind
  target_class: target_class
  weapon: {column: gun, values: {"3": mortar-120}, otherwise: artillery}
  area: where
  quantity: n
  unit: {constant: strikes}
components:
  - {label: by air, column: air, unit: strikes}
  - {label: by gun, column: gun, unit: strikes}
"""


def table(mapping: str, **changes: Any) -> Source:
    return source("posts", "table", options={"mapping": mapping}, detection={"explosion": figure(0.3)}, **changes)


def read(content: bytes | str, mapping: str = MAPPING, name: str = "file.csv", **changes: Any) -> Intake:
    return take(READER, table(mapping, **changes), content, ground(), name)


def test_the_guide_is_true() -> None:
    blocks = dict(re.findall(r"```(csv|yaml)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)[:2])
    seen = read(blocks["csv"], blocks["yaml"])
    first, second = seen.table("observation").sort("row").to_dicts()
    assert first["start"] == datetime(2025, 4, 19, 18, 14, tzinfo=UTC)
    assert (first["kind"], first["count"], first["place_error_m"], first["text"]) == (
        "explosion", 3, 1500, "three dull booms",
    )  # fmt: skip
    assert (second["kind"], second["count"], second["flags"]) == ("small-arms-fire", None, ["date_only"])
    assert reasons(seen) == {3: ("x", "'361.1' is no number from -180 to 180")}
    exposed = READER.expose(table(blocks["yaml"]), seen.tables, ground(), SCOPE)
    assert exposed.select("kind", "p_detect").unique().sort("kind").rows() == [
        ("explosion", 0.8),
        ("small-arms-fire", 0.4),
    ]
    whole = (datetime(2025, 4, 18, 21, tzinfo=UTC), datetime(2025, 4, 21, 21, tzinfo=UTC))
    assert exposed.select(pl.col("start").min(), pl.col("end").max()).row(0) == whole  # 19 to 21 April of Kyiv


def test_damage() -> None:
    survives_rough_handling(READER, table(MAPPING), HEAD, ROW, ground())


@pytest.mark.parametrize(
    ("was", "becomes", "column", "what"),
    [
        ("34.8", "1034.8", "x", "no number"),
        ("34.8", "", "x, y", "one of longitude and latitude"),
        ("2025-04-13 10:15", "13 April", "when", "no possible date"),
        ("2025-04-13 10:15", "", "when", "empty"),
        ("boom", "bang", "what", "not among the values"),
        ("boom", "", "what", "empty"),
    ],
)
def test_an_impossible_value_sets_its_row_aside(was: str, becomes: str, column: str, what: str) -> None:
    seen = read(HEAD + ROW + ROW.replace(was, becomes))
    assert seen.table("observation").height == 1
    assert reasons(seen)[2][0] == column
    assert what in reasons(seen)[2][1]


def test_exchanged_columns_are_told_not_mended() -> None:
    seen = read(HEAD + ROW.replace("34.8,50.9", "33.8,59.9").replace("33.8,59.9", "50.9,34.8"))
    assert seen.table("observation").height == 0
    assert "exchanged" in reasons(seen)[1][1]


def test_a_field_may_bear_the_name_of_another_fields_column() -> None:
    mapping = MAPPING.replace("lon: x", "lon: lat").replace("lat: y", "lat: lon")
    seen = read("id,when,lat,lon,what,count,text\n" + ROW.rstrip() + ",many,t\n", mapping).table("observation")
    assert seen.select("lon", "lat", "count", "text").row(0) == (34.8, 50.9, None, None)


def test_geojson_and_geoparquet_say_the_same_as_csv() -> None:
    mapping = MAPPING.replace("  lon: x\n  lat: y\n", "")
    properties = {"id": "a", "when": "2025-04-13 10:15", "what": "boom"}
    feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": [34.8, 50.9]}}
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    arrow = pa.table(
        {"geometry": [shapely.to_wkb(shapely.Point(34.8, 50.9))]} | {k: [v] for k, v in properties.items()}
    )
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    buffer = io.BytesIO()
    pq.write_table(arrow.replace_schema_metadata({"geo": json.dumps(geo)}), buffer)
    rows = [
        read(content, by).table("observation").drop("blob")
        for content, by in ((HEAD + ROW, MAPPING), (text, mapping), (buffer.getvalue(), mapping))
    ]
    assert rows[0].equals(rows[1])
    assert rows[0].equals(rows[2])
    cut = read(text[: len(text) - 2] + ', {"type": "Feat', mapping)
    assert cut.table("observation").height == 1
    assert "breaks off" in reasons(cut)[0][1]
    with pytest.raises(BadInput, match="not readable as Parquet"):
        read(buffer.getvalue()[:-40], mapping)


def test_allegations_keep_parts_and_their_gap() -> None:
    head = "said,day,kind,target_class,where,n,air,gun\n"
    rows = (
        "2025-04-14T09:00:00Z,2025-04-13,drone-strike,substation,East oblast,10,6,3\n"
        "2025-04-14T09:00:00+03:00,2025-04-13,other,,,,,\n"
        "2025-04-14T09:00:00Z,2025-04-13,drone-strike,spaceport,East oblast,1,,\n"
        "2025-04-14T09:00:00Z,2025-04-13,drone-strike,,Far oblast,1,,\n"
    )
    seen = read(head + rows, ALLEGED, reported_by="party-a", about="party-b")
    first, second = seen.table("allegation").sort("row").to_dicts()
    assert (first["accuser"], first["accused"], first["area_id"]) == ("party-a", "party-b", EAST)
    assert (first["quantity"], first["components_gap"], first["read"]) == (10, 1, "parsed")
    assert (first["weapon"], second["weapon"]) == ("mortar-120", "artillery")
    assert [part["label"] for part in first["components"]] == ["by air", "by gun"]
    assert second["stated"] == datetime(2025, 4, 14, 6, tzinfo=UTC)
    assert (second["quantity"], second["components"], second["components_gap"], second["read"]) == (
        None,
        [],
        None,
        "partly",
    )
    assert {row: column for row, (column, _) in reasons(seen).items()} == {3: "target_class", 4: "where"}
    with pytest.raises(BadInput, match="reported_by"):
        read(head + rows, ALLEGED)


def test_a_file_of_exposure() -> None:
    mapping = """\
format: teisen-table/1
fills: exposure
fields: {start: from, end: to, area: where, kind: {constant: shelling}, state: state, p_detect: p}
"""
    rows = (
        "from,to,where,state,p\n2025-04-13,2025-04-14,East oblast,outage,0\n2025-04-13,2025-04-14,West oblast,blind,0\n"
        "2025-04-13,2025-04-12,West oblast,outage,0\n2025-04-13 08:00,2025-04-13,West oblast,outage,0\n"
        "2025-04-16,,East oblast,jammed,0\n"
    )
    seen = read(rows, mapping)
    assert reasons(seen) == {2: ("state", "'blind' is no state"), 3: ("to", "it ends before it starts")}
    exposed = EXPOSURE.hand_over(READER.expose(table(mapping), seen.tables, ground(), SCOPE))
    assert exposed.select("area_id", "state", "p_detect", "end").sort("area_id", "end").row(0) == (
        EAST, "outage", 0, datetime(2025, 4, 15, tzinfo=UTC),
    )  # fmt: skip
    assert exposed.filter(state="jammed")["end"].to_list() == [datetime(2025, 4, 17, tzinfo=UTC)]  # no end: its day


def test_what_was_watched_is_declared_or_unknown() -> None:
    unknown = READER.expose(table(MAPPING), {}, ground(), SCOPE)
    assert set(unknown["state"]) == {"unknown"}
    assert unknown["p_detect"].null_count() == unknown.height == 2 * 92
    said = MAPPING + "watched:\n  - {areas: [XX-W], from: 2025-04-13, to: 2025-04-13, reason: a patrol}\n"
    exposed = READER.expose(table(said), {}, ground(), SCOPE)
    assert set(exposed.select("area_id", "state", "p_detect", "reason").rows()) == {(WEST, "watched", 0.3, "a patrol")}
    day = (datetime(2025, 4, 12, 21, tzinfo=UTC), datetime(2025, 4, 13, 21, tzinfo=UTC))
    assert exposed.select(pl.col("start").min(), pl.col("end").max()).row(0) == day  # 13 April of Kyiv
    assert exposed.select((pl.col("end") - pl.col("start")).sum()).item() == timedelta(days=1)


@pytest.mark.parametrize("nothing", ['{"type": "FeatureCollection", "features": []}', "[]"])
def test_a_file_of_no_records_is_a_day_without_any(nothing: str) -> None:
    seen = read(nothing)
    assert (seen.rows_read, seen.table("set_aside").height) == (0, 0)


@pytest.mark.parametrize(
    ("was", "becomes", "line", "says"),
    [
        ("  native_id:", "  nativ_id:", 5, "native_id"),
        ("boom: explosion", "boom: explosive", 9, "explosive: no kind"),
        ("zone: Europe/Kyiv", "zone: Kyiv", 3, "no time zone"),
        ("fills: observation", "fills: observations", 1, "observation"),
        ("  start: when\n", "", 4, "'start' is missing"),
        ("  lat: y\n", "", 4, "lon and lat go together"),
    ],
)
def test_a_wrong_mapping_is_answered_with_its_line(was: str, becomes: str, line: int, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_mapping(MAPPING.replace(was, becomes), "mappings/posts.yaml")
    problem = caught.value.problems[0]
    assert (problem.file, problem.row) == ("mappings/posts.yaml", line)
    assert says in str(problem)


def test_a_column_that_the_file_lacks_is_named() -> None:
    with pytest.raises(BadInput, match="lacks when"):
        read("id,x,y,what\na,1,2,boom\n")
    with pytest.raises(BadInput, match="the records lack what"):
        read('[{"id": "a", "when": "2025-04-13", "x": 34, "y": 50}]')
    with pytest.raises(BadInput, match="mapping is missing"):
        take(READER, source("posts", "table"), HEAD + ROW, ground())


def test_values_of_a_mapping_may_come_parsed() -> None:
    parsed = {
        "format": "teisen-table/1",
        "fills": "observation",
        "fields": {"start": "when", "kind": {"constant": "fire"}},
    }
    seen = take(READER, source("posts", "table", options={"mapping": parsed}), HEAD + ROW, ground())
    assert seen.table("observation")["flags"].to_list() == [["no_place"]]
    bad = parsed | {"fields": {"start": "when", "kind": {"constant": "bang"}}}
    with pytest.raises(BadInput, match=r"fields\.kind"):
        take(READER, source("posts", "table", options={"mapping": bad}), HEAD + ROW, ground())


def test_ids_do_not_depend_on_the_order_of_rows() -> None:
    other = ROW.replace("a,", "b,", 1).replace("boom", "fire")
    one, two = read(HEAD + ROW + other), read(HEAD + other + ROW)
    assert set(one.table("observation")["observation_id"]) == set(two.table("observation")["observation_id"])
    assert isinstance(one.table("observation"), pl.DataFrame)


def test_an_object_of_lists_is_one_row_an_item_and_rows_may_differ_in_role() -> None:
    mapping = (
        MAPPING.replace("  native_id: id\n", "")
        .replace("when", '"@key"')
        .replace("lon: x", 'lon: "@0"')
        .replace("lat: y", 'lat: "@1"')
        .replace("column: what", 'column: "@2"')
        + '  role: {column: "@2", values: {boom: makes}, otherwise: context}\n'
    )
    text = json.dumps(
        {"2025-04-13": [[34.8, 50.9, "boom"], [34.8, 50.8, "fire"]], "2025-04-14": [[34.8, 50.9, "boom"]]}
    )
    seen = read(text, mapping, "file.json").table("observation").sort("row")
    assert seen.select("row", "lat", "kind", "role").rows() == [
        (1, 50.9, "explosion", "makes"),
        (2, 50.8, "fire", "context"),
        (3, 50.9, "explosion", "makes"),
    ]
    assert seen["start"].dt.day().to_list() == [12, 12, 13]
    with pytest.raises(BadInput, match="no role"):
        read(text, mapping.replace("otherwise: context", "otherwise: hearsay"), "file.json")


def test_a_word_that_is_no_party_of_the_case_is_told_and_holds_nobody_bound() -> None:
    mapping = parse_mapping(MAPPING.replace("  lon: x", "  actor_stated: who\n  lon: x"), "m.yaml")
    options = {"mapping": mapping.model_dump(by_alias=True, exclude_unset=True)}
    known = source("posts", "table", options=options, parties=("party-a", "party-b", "undetermined"))
    lines = ["party-a", "Party A", "", "undetermined", "party-z"]
    content = "id,when,x,y,what,who\n" + "".join(
        f"{n},2025-04-13 10:15,34.8,50.9,boom,{who}\n" for n, who in enumerate(lines)
    )
    seen = take(READER, known, content, ground())
    assert seen.table("observation").sort("native_id")["actor_stated"].to_list() == ["party-a", None, "undetermined"]
    assert reasons(seen) == {
        2: ("who", "'Party A' is no party of this case"),
        5: ("who", "'party-z' is no party of this case"),
    }
    assert set(seen.table("set_aside")["do"]) == {
        "Write one of party-a, party-b, undetermined, or map it under fields.actor_stated.values."
    }


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("native_id: id", "native_id: No", "line 5, fields.native_id: .*yes or no: put it in quotes"),
        ("native_id: id", "native_id: 2026", "line 5, fields.native_id: .*number.*put it in quotes"),
        ("{boom: explosion, fire: fire}", "{1: explosion, 0: fire}", "line 9, fields.kind.values: .*in quotes"),
        ("{boom: explosion, fire: fire}", "{on: explosion, off: fire}", "line 9, fields.kind.values: .*in quotes"),
    ],
)
def test_words_that_yaml_takes_for_something_else_are_to_be_put_in_quotes(was: str, becomes: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        parse_mapping(MAPPING.replace(was, becomes), "m.yaml")
    quoted = MAPPING.replace("native_id: id", 'native_id: "No"').replace("boom:", '"on":')
    assert parse_mapping(quoted, "m.yaml").fields.native_id.column == "No"


def test_a_number_with_a_comma_is_told_how_to_be_written() -> None:
    row = 'a,2025-04-13 10:15,"34,8",50.9,boom\nb,2025-04-13 10:15,34.8,"1,050.9",boom\n'
    seen = read(HEAD + row)
    assert reasons(seen) == {1: ("x", "'34,8' has a comma"), 2: ("y", "'1,050.9' has a comma")}
    assert seen.table("set_aside").sort("row")["raw"].to_list() == row.splitlines()
    do = 'Write decimals with a point (1234.5), or `decimal: ","` into the mapping; thousands have no mark.'
    assert set(seen.table("set_aside")["do"]) == {do}


def test_a_sheet_that_a_spreadsheet_saved_is_read_as_it_is() -> None:
    """Semicolons, decimal commas, days before months, a mark of UTF-8, and rows below the last with nothing in them."""
    said = MAPPING + 'delimiter: ";"\ndecimal: ","\ntimes: ["%d.%m.%Y %H:%M"]\n'
    row = "a;13.04.2025 10:15;34,8;50,9;boom\r\n"
    rows = row + row.replace("a;", "b;").replace("34,8", "1.034,8") + ";;;;\r\n" * 3
    seen = read(("\ufeff" + HEAD.replace(",", ";") + rows).encode(), said)
    assert seen.table("observation").select("lon", "lat").rows() == [(34.8, 50.9)]
    assert reasons(seen) == {2: ("x", "'1.034,8' has a point, and decimals have a comma here")}


NESTED = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    "content",
    [
        NESTED,
        '{"a":' * 100_000,
        '[{"when": ' + "9" * 5000 + "}]",
        gzip.compress(NESTED.encode()),
    ],
    ids=["nested", "nested objects", "digits", "packed"],
)
def test_json_that_no_parser_takes_is_refused(content: bytes | str) -> None:
    with pytest.raises(BadInput):
        read(content, name="file.json")


def test_odd_records_of_json_and_odd_metadata_are_set_aside_not_a_mistake() -> None:
    cells = {"id": "a", "when": "2025-04-13 10:15", "x": "34.8", "y": "50.9", "what": "picnic"}
    half = json.dumps([cells | {"\udc00": "half a pair", "what": "\ud800"}])
    assert reasons(read(half, name="file.json")) == {
        1: ("what", "'\ufffd' is not among the values of kind in the mapping")
    }
    point = {"type": "Point", "coordinates": []}
    given = ([1], "x", cells)
    features = [{"type": "Feature", "properties": one, "geometry": point} for one in given]
    found = read(json.dumps({"type": "FeatureCollection", "features": features}), name="file.geojson")
    assert set(reasons(found)) == {1, 2, 3}
    ends = [{"type": "Point", "coordinates": [lon, 50]} for lon in (-179, 179)]
    apart = {"type": "GeometryCollection", "geometries": [point, *ends]}
    wide = [{"type": "Feature", "properties": cells, "geometry": apart}]
    assert set(reasons(read(json.dumps({"type": "FeatureCollection", "features": wide}), name="file.geojson"))) == {1}
    named = {"geo": '{"primary_column": "shape", "columns": {"shape": {"encoding": "WKB"}}}'}
    for metadata in (named, {"geo": "[]"}, {"geo": "no json"}):
        out = io.BytesIO()
        columns = {name: [value] for name, value in cells.items()}
        pq.write_table(pa.table({**columns, "shape": [1]}).replace_schema_metadata(metadata), out)
        assert set(reasons(read(out.getvalue(), name="file.parquet"))) == {1}
