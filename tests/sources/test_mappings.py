"""Event lists that many people have are read by mappings that ship."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from teisen.errors import BadInput
from teisen.sources.mapping import parse_mapping
from teisen.sources.mappings import mapping_text, mappings
from tests.sources.test_table import MAPPING, read

ACLED = (
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,actor2,country,admin1,location,"
    "latitude,longitude,geo_precision,source,notes,fatalities,timestamp\n"
    "XXX1,13 April 2025,2025,1,Political violence,Explosions/Remote violence,Air/drone strike,A,B,X,East,Eastern City,"
    "50.9,34.8,1,Paper,A drone struck a depot.,0,1744900000\n"
    "XXX2,2025-04-14,2025,2,Violence,Battles,Armed clash,A,B,X,East,Eastern City,50.9,34.8,3,Paper,Fight,2,1\n"
    "XXX3,2025-04-14,2025,1,Protests,Protests,Peaceful protest,P,,X,East,Eastern City,50.9,34.8,1,Paper,March,0,1\n"
    "XXX4,2025-04-15,2025,1,Political violence,Explosions/Remote violence,Chemical weapon,A,B,X,East,Eastern City,"
    "50.9,34.8,1,Paper,Gas,0,1\n"
)
GED = (
    "id,relid,year,type_of_violence,side_a,side_b,where_prec,where_coordinates,latitude,longitude,date_prec,date_start,date_end,"
    "best,high,low,source_headline\n"
    "1,XXX-1,2025,1,A,B,1,Eastern City,50.9,34.8,1,2025-04-13 00:00:00.000,2025-04-13 00:00:00.000,3,4,2,Three killed\n"
    "2,XXX-2,2025,1,A,B,4,East,50.5,34.5,3,2025-04-13 00:00:00.000,2025-04-15 00:00:00.000,5,9,5,\n"
)


@pytest.mark.parametrize("name", mappings())
def test_each_can_be_read(name: str) -> None:
    assert parse_mapping(mapping_text(name), name).fields


def test_acled() -> None:
    seen = read(ACLED, mapping_text("acled.yaml"))
    strike, clash, march, gas = seen.table("observation").sort("native_id").to_dicts()
    assert not seen.rows_set_aside
    assert strike["kind"] == "drone-strike"
    assert {one["kind"]: one["p"] for one in strike["kinds"]} == {"drone-strike": 0.6, "air-strike": 0.4}
    assert (strike["start"], strike["end"]) == (datetime(2025, 4, 13, tzinfo=UTC), datetime(2025, 4, 14, tzinfo=UTC))
    assert (strike["role"], strike["place_error_m"], strike["count"]) == ("makes", 2000, 0)
    assert (clash["role"], clash["place_error_m"], clash["count"]) == ("context", 50_000, 2)
    assert (march["kind"], march["kinds"], march["role"]) == ("other", [{"kind": "other", "p": 1.0}], "context")
    assert (gas["kind"], gas["role"]) == ("other", "makes")


def test_ucdp_ged() -> None:
    seen = read(GED, mapping_text("ucdp-ged.yaml"))
    first, second = seen.table("observation").sort("native_id").to_dicts()
    assert (first["start"], first["end"]) == (datetime(2025, 4, 13, tzinfo=UTC), datetime(2025, 4, 14, tzinfo=UTC))
    assert (first["kind"], first["role"], first["count"], first["flags"]) == ("casualties", "makes", 3, ["date_only"])
    assert (second["end"], second["role"]) == (datetime(2025, 4, 16, tzinfo=UTC), "context")
    assert second["place_error_m"] == 60_000


@pytest.mark.parametrize(
    ("was", "becomes", "what"),
    [
        ("boom: explosion", "boom: {explosion: 0.5, fire: 0.4}", "sum to 1"),
        ("boom: explosion", "boom: {explosion: 1.5, fire: -0.5}", "above nought"),
        ("boom: explosion", "boom: {explosion: .nan, fire: 0.5}", "sum to 1"),
        ("boom: explosion", "boom: {explosion: 0.5, flames: 0.5}", "flames: no kind"),
        ("native_id: id", "native_id: {column: id, values: {a: {b: 1.0}}}", "for kinds of observations"),
    ],
)
def test_shares_of_kinds_are_whole_and_of_kinds(was: str, becomes: str, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        parse_mapping(MAPPING.replace(was, becomes), "mapping.yaml")


@pytest.mark.parametrize(
    "field", ["kind: {column: k, values: {x: {explosion: 0.6, fire: 0.4}}}", "kind: {column: k, values: {x: {}}}"]
)
def test_what_was_watched_is_of_one_kind_a_row(field: str) -> None:
    mapping = f"format: teisen-table/1\nfills: exposure\nfields:\n  start: when\n  area: region\n  {field}\n"
    with pytest.raises(BadInput, match=r"for kinds of observations|above nought"):
        parse_mapping(mapping, "mapping.yaml")
