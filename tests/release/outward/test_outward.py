"""What leaves in the field's formats is the same bytes again, says what it has to, and shows only what was released."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import polars as pl
import pyarrow.parquet as pq
import pytest

from teisen.languages import LANGUAGES, speaking, words
from teisen.release import TABLES
from teisen.release.outward import HXL, atom, cap, geoparquet, hxl_csv, ical, notable
from teisen.release.report import ReportContext
from tests.release.made_up import about
from tests.release.outward.given import agreement, hostile, released

FORMS = ("atom", "cap", "ical")


def made(form: str, language: str = "en", *, audience: str = "public", context: ReportContext | None = None) -> bytes:
    context = context or about(language=language)
    out = released(audience)
    with speaking(words(language)):
        match form:
            case "atom":
                return atom(out, context, address="https://watch.example.org")
            case "cap":
                return cap(out, context, notable(out)[0])
            case _:
                return ical(out, context, [agreement()])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_release_gives_the_same_bytes(form: str, language: str) -> None:
    assert made(form, language) == made(form, language)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_simulated_says_so_and_what_is_not_does_not(form: str) -> None:
    assert b"SIMULATED" not in made(form)
    simulated = made(form, context=replace(about(), simulated=True)).decode()
    assert "SIMULATED" in simulated
    if form == "cap":
        assert "<status>Exercise</status>" in simulated


@pytest.mark.parametrize("form", FORMS)
def test_the_disclaimer_stands_in_it(form: str) -> None:
    whole = re.sub(r"\s+", "", made(form).decode().replace("\r\n ", ""))
    assert "donotimplytheexpressionofanyopinionwhatsoever" in whole


@pytest.mark.parametrize("form", FORMS)
def test_places_and_times_are_those_that_were_released(form: str) -> None:
    content = made(form).decode()
    raw = made(form, audience="mission").decode()
    assert "49.00000 31.00000" not in content
    assert "49.00000,31.00000" not in content
    if form != "ical":
        assert re.search(r"49\.00000[ ,]31\.00000", raw)


class TestHxl:
    TAG = re.compile(r"#[a-z][a-z0-9_]*(\+[a-z][a-z0-9_]*)*")

    def test_every_tag_is_well_formed(self) -> None:
        assert all(self.TAG.fullmatch(tag) for tag in HXL.values())

    def test_every_tagged_column_is_one_of_a_table(self) -> None:
        known = {column.name for table in TABLES.values() for column in table.columns}
        assert sorted(set(HXL) - known) == []

    def test_tags_stand_over_the_columns_that_they_are_of(self) -> None:
        frame = released().tables["incident"]
        heading, tags, *rows = csv.reader(io.StringIO(hxl_csv(frame)))
        assert dict(zip(heading, tags, strict=True))["lon"] == "#geo+lon"
        assert {len(row) for row in rows} == {len(heading)}
        assert len(rows) == frame.height


class TestGeoParquet:
    def test_its_metadata_are_those_of_version_1_1(self) -> None:
        frame = released().tables["incident"]
        file = pq.ParquetFile(io.BytesIO(geoparquet(frame, "incident", ["somebody"])))
        geo = json.loads(file.schema_arrow.metadata[b"geo"])
        column = geo["columns"][geo["primary_column"]]
        assert geo["version"] == "1.1.0"
        assert column["encoding"] == "WKB"
        assert column["geometry_types"] == ["Point"]
        west, south, east, north = column["bbox"]
        placed = frame.filter(pl.col("lon").is_not_null())
        assert (west, east) == pytest.approx((placed["lon"].min(), placed["lon"].max()), abs=1e-5)
        assert (south, north) == pytest.approx((placed["lat"].min(), placed["lat"].max()), abs=1e-5)
        assert "crs" not in column  # CRS84, the default
        assert json.loads(file.schema_arrow.metadata[b"attribution"]) == ["somebody"]

    def test_it_has_every_row_and_opens_as_places(self) -> None:
        geopandas = pytest.importorskip("geopandas")
        frame = released().tables["incident"]
        opened = geopandas.read_parquet(io.BytesIO(geoparquet(frame, "incident", [])))
        assert list(opened["incident_id"]) == frame["incident_id"].to_list()
        assert opened.crs.to_authority() == ("OGC", "CRS84")


@pytest.mark.parametrize("form", FORMS)
def test_texts_of_sources_break_out_of_no_format(form: str) -> None:
    out = released("mission", incident=hostile(released("mission").tables["incident"]))
    content = {
        "atom": atom(out, about()),
        "cap": cap(out, about(), notable(out)[0]),
        "ical": ical(out, about(), [agreement()]),
    }[form].decode()
    if form == "ical":
        lines = content.replace("\r\n ", "").split("\r\n")
        assert lines.count("BEGIN:VEVENT") == content.count("UID:") - content.count("BEGIN:VTODO")
        assert not re.search(r"(?<!\r)\n", content)
    else:
        assert "<b>" not in content
        assert "\x07" not in content
