from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import geopandas
import pyarrow.parquet as pq
import pytest
import shapely

from teisen.errors import BadInput
from teisen.release import Policy, Released, release
from teisen.release.csv_text import to_csv
from teisen.release.exports import Format, export, to_geojson
from teisen.release.outward import hxl_csv
from tests.outward import secret
from tests.release import tables as made
from tests.release.test_policy import LATER

FORMS: tuple[Format, ...] = ("csv", "geojson", "geoparquet")


@pytest.fixture
def out() -> Released:
    shut = [False, True]
    tables = {
        "incident": made.incidents([(30.0, 50.0), (31.0, 51.0)], [5, 10], shut),
        "observation": made.observations([(30.0, 50.0), (31.0, 51.0)], [5, 10], shut),
        "evidence": made.evidence(shut),
        "area": made.areas(),
    }
    return release(tables, Policy.model_validate({}), "public", LATER, made.sources(), secret=secret)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_release_gives_the_same_bytes_with_attributions_beside(
    out: Released, form: Format, tmp_path: Path
) -> None:
    one, beside = export(out, "incident", form, tmp_path / "a", made.sources())
    other, _ = export(out, "incident", form, tmp_path / "b", made.sources())
    assert one.read_bytes() == other.read_bytes()
    notice = beside.read_text(encoding="utf-8")
    assert "a channel" in notice
    assert "nobody" in notice
    assert "place coarsened: 2" in notice


@pytest.mark.parametrize("form", FORMS)
def test_no_form_lets_a_closed_source_speak(out: Released, form: Format, tmp_path: Path) -> None:
    for table in out.tables:
        path, _ = export(out, table, form, tmp_path, made.sources())
        content = geopandas_text(path) if form == "geoparquet" else path.read_text(encoding="utf-8")
        assert made.CLOSED_WORDS not in content


def geopandas_text(path: Path) -> str:
    return str(pq.read_table(path).to_pylist())


def test_csv_has_all_rows_times_in_utc_and_lists_as_json(out: Released) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(out.tables["incident"]))))
    assert [row["start"] for row in rows] == ["2025-04-01T00:00:00Z"] * 2
    assert json.loads(rows[0]["kinds"]) == [{"kind": "explosion", "p": 1.0}]
    assert rows[0]["area_id"] == ""


def test_hxl_tags_stand_under_the_heading(out: Released) -> None:
    rows = list(csv.reader(io.StringIO(hxl_csv(out.tables["incident"]))))
    assert dict(zip(rows[0], rows[1], strict=True))["lon"] == "#geo+lon"
    assert len(rows) == 4


def test_geojson_is_one_feature_a_row_with_its_place(out: Released) -> None:
    found: dict[str, Any] = json.loads(to_geojson(out.tables["incident"], "incident", ["credit"]))
    assert found["type"] == "FeatureCollection"
    assert found["attribution"] == ["credit"]
    points = [shapely.from_geojson(json.dumps(f["geometry"])) for f in found["features"]]
    frame = out.tables["incident"]
    assert [(p.x, p.y) for p in points] == list(frame.select("lon", "lat").iter_rows())
    assert found["features"][0]["properties"]["incident_id"] == frame["incident_id"][0]


def test_geojson_polygons_wind_as_the_rfc_says(out: Released) -> None:
    found = json.loads(to_geojson(out.tables["area"], "area", []))
    for feature in found["features"]:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert all(part.exterior.is_ccw for part in shapely.get_parts(shape))


def test_geoparquet_opens_with_places_and_attributions(out: Released, tmp_path: Path) -> None:
    path, _ = export(out, "incident", "geoparquet", tmp_path, made.sources())
    frame = geopandas.read_parquet(path)
    assert list(frame.geometry.x) == out.tables["incident"]["lon"].to_list()
    credit = json.loads(pq.read_metadata(path).metadata[b"attribution"])
    assert credit == ["a channel (none)", "nobody (CC0)"]


def test_a_table_the_audience_does_not_get_is_refused(out: Released, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no table 'name'.*incident"):
        export(out, "name", "csv", tmp_path, made.sources())


@pytest.mark.parametrize("form", FORMS)
def test_what_is_simulated_says_so_in_its_name_and_beside(out: Released, form: Format, tmp_path: Path) -> None:
    path, beside = export(out, "incident", form, tmp_path, made.sources(), simulated=True)
    assert path.name.startswith("simulated-")
    assert beside.read_text(encoding="utf-8").startswith("SIMULATED")
    if form == "geojson":
        assert "SIMULATED" in json.loads(path.read_text(encoding="utf-8"))["attribution"][0]
