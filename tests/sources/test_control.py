from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely

from teisen.errors import BadInput
from teisen.sources import Ground, Intake
from teisen.sources.readers.control import READER
from tests.builders import source
from tests.sources.damage import reasons, take


def square(east: float = 32, small: float = 0) -> bytes:
    shapes = [shapely.box(30, 50, east, 52)] + ([shapely.box(40, 50, 40 + small, 50 + small)] if small else [])
    geometry = json.loads(shapely.to_geojson(shapely.MultiPolygon(shapes)))
    return json.dumps({"type": "FeatureCollection", "features": [{"properties": {}, "geometry": geometry}]}).encode()


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.geojson", content)
    return out.getvalue()


def read(content: bytes, name: str = "days.zip", about: str | None = "party-x", **options: Any) -> Intake:
    src = source("control", "control", about=about, options={"hour": 3} | options)
    return take(READER, src, content, Ground(), name)


def at(month: int, day: int, hour: int = 3) -> datetime:
    return datetime(2025, month, day, hour, tzinfo=UTC)


def test_a_day_holds_until_the_next() -> None:
    area = read(packed(d20250410=square(), d20250411=square(33))).table("area")
    assert area.select("valid_from", "valid_to").rows()[0] == (at(4, 10), at(4, 11))
    row = area.row(0, named=True)
    assert (row["level"], row["controlled_by"], row["area_id"]) == ("control", "party-x", "control-party-x")
    assert shapely.from_wkb(area["geometry"][1]).bounds == (30, 50, 33, 52)


def test_over_missing_days_a_file_holds_only_so_long() -> None:
    area = read(packed(d20250410=square(), d20250420=square()), longest_hours=48).table("area")
    assert area["valid_to"].to_list() == [at(4, 12), at(4, 22)]


def test_days_out_of_scope_are_counted_and_one_that_reaches_in_is_kept() -> None:
    intake = read(packed(d20250101=square(), d20250228=square(), d20250401=square(), d20250701=square()))
    assert intake.table("area")["valid_from"].to_list() == [at(2, 28), at(4, 1)]
    assert intake.out_of_scope == 2


def test_slivers_are_dropped() -> None:
    content = packed(d20250410=square(small=0.001))
    assert shapely.from_wkb(read(content).table("area")["geometry"][0]).bounds[2] > 40
    assert shapely.from_wkb(read(content, smallest_km2=0.1).table("area")["geometry"][0]).bounds == (30, 50, 32, 52)


def test_a_single_file_has_its_day_in_its_name() -> None:
    area = read(square(), "area_20250410.geojson").table("area")
    assert area["valid_from"].to_list() == [at(4, 10)]


def test_broken_members_are_set_aside_with_their_number() -> None:
    line = json.dumps({"features": [{"geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}}]}).encode()
    content = packed(
        d20250410=square(), d20250411=b"{", d20250412=line, d20251399=square(), nameless=square(), e20250410=square()
    )
    intake = read(content, smallest_km2=1)
    assert intake.table("area")["valid_from"].to_list() == [at(4, 10)]
    found = reasons(intake)
    assert "not readable as JSON" in found[2][1]
    assert "LineString" in found[3][1]
    assert "holds no day" in found[4][1]
    assert "already" in found[5][1]
    assert "holds no day" in found[6][1]


def test_a_damaged_member_of_a_sound_zip_is_set_aside() -> None:
    content = bytearray(packed(d20250410=square(), d20250411=square()))
    content[60] ^= 0xFF
    intake = read(bytes(content))
    assert intake.table("area")["valid_from"].to_list() == [at(4, 11)]
    assert list(reasons(intake)) == [1]


@pytest.mark.parametrize("content", [packed(d20250410=square())[:-30], b"PK", b"no json", square()[:-9]])
def test_what_is_unreadable_as_a_whole_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput, match="not readable"):
        read(content, "d_20250410.zip")


def test_the_party_must_be_named() -> None:
    with pytest.raises(BadInput, match="about"):
        read(packed(d20250410=square()), about=None)


def test_real_days(data: Path) -> None:
    path = data / "restricted_deepstate_frontline" / "deepstate_daily_2025-02-15_2025-06-15.zip"
    intake = read(path.read_bytes(), longest_hours=72, smallest_km2=0.1, simplify_m=1000)
    area = intake.table("area").sort("valid_from")
    assert intake.rows_set_aside == 0
    assert area.height + intake.out_of_scope == 119
    gaps = area["valid_from"][1:] - area["valid_to"][:-1]
    assert gaps.max().total_seconds() == 0  # type: ignore[union-attr]


def test_an_archive_without_a_day_and_a_file_that_is_no_object_are_told() -> None:
    assert read(packed()).table("area").height == 0
    assert "holds no day" in str(reasons(read(packed(nothing=square()))))
    for odd in ({"crs": "x"}, {"crs": {"properties": [1]}}, {"features": [1, {"properties": "x", "geometry": "y"}]}):
        content = json.dumps({"type": "FeatureCollection", "features": [], **odd}).encode()
        intake = read(packed(d20250410=content))
        assert intake.table("area").height == 0
        assert intake.table("set_aside").height
