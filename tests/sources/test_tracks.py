from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from teisen.errors import BadInput
from teisen.sources import Intake, Source
from teisen.sources.readers.tracks import READER
from tests.builders import SCOPE, figure, source, source_file
from tests.sources.damage import reasons, take
from tests.sources.places import ground

SEES = {"shelling": {"range_m": {"value": 8000, "basis": "assumed", "origin": "test"}}}
HEAD = "time,lon,lat,track,state,reason\n"
POINTS = [
    ("2025-04-10T08:00:00Z", 35.0, 50.0),
    ("2025-04-10T08:10:00Z", 35.1, 50.0),
    ("2025-04-10T08:20:00Z", 35.2, 50.0),
]


def patrol(**options: Any) -> Source:
    return source("patrol", "tracks", options={"sees": SEES} | options, detection={"shelling": figure(0.6)})


def read(content: str, src: Source | None = None) -> Intake:
    return take(READER, src or patrol(), content, ground())


def rows(content: str, **options: Any) -> list[dict[str, Any]]:
    table = read(content, patrol(**options)).table("exposure").sort("start", "lon")
    return [row | {"from": f"{row['start']:%H:%M}", "to": f"{row['end']:%H:%M}"} for row in table.iter_rows(named=True)]


def csv(*lines: str) -> str:
    return HEAD + "".join(line + "\n" for line in lines)


def test_a_track_watches_circles_step_by_step() -> None:
    seen = rows(csv(*[f"{t},{x},{y},one,," for t, x, y in POINTS]), step_min=15)
    assert [(r["from"], r["to"]) for r in seen] == [("08:00", "08:20")]
    assert (seen[0]["lon"], seen[0]["radius_m"], seen[0]["p_detect"], seen[0]["state"]) == (35.1, 8000, 0.6, "watched")
    finer = rows(csv(*[f"{t},{x},{y},one,," for t, x, y in POINTS]), step_min=10)
    assert [(r["from"], r["to"], r["lon"]) for r in finer] == [("08:00", "08:10", 35.05), ("08:10", "08:20", 35.15)]


def test_a_track_across_the_180th_meridian_watches_where_it_was() -> None:
    over = csv(
        "2025-04-10T08:00:00Z,179.9,-16.7,one,,",
        "2025-04-10T08:10:00Z,-179.98,-16.7,one,,",
        "2025-04-10T08:20:00Z,-179.94,-16.7,one,,",
    )
    globe = replace(SCOPE, west=-180, south=-90, east=180, north=90)

    def watched(content: str, step_min: int) -> list[float]:
        intake = READER.read(source_file(content), patrol(step_min=step_min), ground(), globe)
        return intake.table("exposure").sort("start")["lon"].to_list()

    assert watched(over, 10) == [179.96, -179.96]
    assert [abs(lon) for lon in watched(over, 60)] == [180]
    back = csv("2025-04-10T08:00:00Z,-179.98,-16.7,one,,", "2025-04-10T08:10:00Z,179.9,-16.7,one,,")
    assert watched(back, 15) == [179.96]


def test_a_point_at_a_time_that_the_clock_shows_twice_is_set_aside_with_what_to_write() -> None:
    """On 26 October 2025 clocks of Kyiv went back from 04:00 to 03:00, at 01:00 UTC."""
    scope = replace(SCOPE, end=datetime(2025, 11, 1, tzinfo=UTC))
    times = ("2025-10-26 02:45", "2025-10-26 02:55", "2025-10-26 03:05", "2025-10-26T03:05+02:00", "2025-10-26")
    text = csv(*[f"{time},35.0,50.0,one,," for time in times])
    intake = READER.read(source_file(text), patrol(zone="Europe/Kyiv"), ground(), scope)
    assert reasons(intake) == {
        3: ("time", "the clock of Europe/Kyiv shows '2025-10-26 03:05' twice"),
        5: ("time", "it is a day without an hour"),
    }
    assert "with the offset from UTC" in intake.table("set_aside").sort("row")["do"][0]
    (row,) = intake.table("exposure").iter_rows(named=True)
    assert (row["start"].hour, row["start"].minute, row["end"].minute) == (23, 45, 55)


def test_the_same_from_gpx_and_geojson() -> None:
    points = "".join(f'<trkpt lat="{y}" lon="{x}"><ele>90</ele><time>{t}</time></trkpt>' for t, x, y in POINTS)
    gpx = (
        '<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>one</name>'
        f"<trkseg>{points}</trkseg></trk></gpx>"
    )
    features = [
        {
            "type": "Feature",
            "properties": {"time": t, "track": "one"},
            "geometry": {"type": "Point", "coordinates": [x, y]},
        }
        for t, x, y in POINTS
    ]
    wanted = read(csv(*[f"{t},{x},{y},one,," for t, x, y in POINTS])).table("exposure")
    assert read(gpx).table("exposure").equals(wanted)
    geojson = json.dumps({"type": "FeatureCollection", "features": features})
    assert read(geojson).table("exposure").equals(wanted)


def test_a_silence_of_the_track_was_not_watched() -> None:
    times = ("08:00", "08:10", "10:00", "10:10")
    seen = rows(csv(*[f"2025-04-10 {t},35,50,one,," for t in times]))
    assert [(r["from"], r["to"]) for r in seen] == [("08:00", "08:10"), ("10:00", "10:10")]


def test_refusals_and_jamming_are_rows_of_their_own() -> None:
    seen = rows(
        csv(
            "2025-04-10 08:00,35,50,one,,",
            "2025-04-10 08:10,35.2,50,one,refused,checkpoint closed",
            "2025-04-10 10:40,35.2,50,one,,",
            "2025-04-10 10:50,35.1,50,one,jammed,",
        )
    )
    assert [(r["from"], r["to"], r["state"], r["p_detect"]) for r in seen] == [
        ("08:00", "08:10", "watched", 0.6),
        ("08:10", "10:40", "refused", 0.0),
        ("10:40", "10:50", "watched", 0.6),
        ("10:50", "11:05", "jammed", 0.0),
    ]
    assert (seen[1]["reason"], seen[3]["reason"]) == ("checkpoint closed", "jammed")


def test_tracks_are_apart_and_order_of_rows_does_not_matter() -> None:
    points = (("08:00", 35, "one"), ("08:05", 36, "two"), ("08:10", 35, "one"), ("08:15", 36, "two"))
    lines = [f"2025-04-10 {t},{x},50,{track},," for t, x, track in points]
    seen = rows(csv(*lines))
    assert [(r["from"], r["to"], r["lon"]) for r in seen] == [("08:00", "08:10", 35), ("08:05", "08:15", 36)]
    assert read(csv(*reversed(lines))).table("exposure").equals(read(csv(*lines)).table("exposure"))


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("2025-04-10 08:00,35,190,one,,", "lat"),
        ("2025-04-10,35,50,one,,", "time"),
        ("soon,35,50,one,,", "time"),
        ("2025-04-10 08:00,35,50,one,lost,", "state"),
    ],
)
def test_what_cannot_be_read_is_set_aside(line: str, column: str) -> None:
    seen = read(csv(line))
    assert seen.table("exposure").height == 0
    assert reasons(seen)[1][0] == column


def test_other_files_are_refused() -> None:
    with pytest.raises(BadInput, match="lon, lat"):
        read("time,x,y\n2025-04-10 08:00,1,2\n")
    with pytest.raises(BadInput, match="document type"):
        read('<!DOCTYPE gpx [<!ENTITY a "b">]><gpx/>')
    with pytest.raises(BadInput, match="not readable as GPX"):
        read("<gpx><trk>")
    with pytest.raises(BadInput, match="no points"):
        read("<gpx></gpx>")


def test_points_without_a_state_are_watched_between_them_only() -> None:
    assert read(csv("2025-04-10 08:00,35,50,one,,")).table("exposure").is_empty()
