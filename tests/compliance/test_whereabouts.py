"""Rates ask for exposure where violations lie, by sector as by region, and take silent sources for silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
import shapely

from teisen.compliance import Lines, follow, working
from teisen.compliance.lines import EVERYTHING
from teisen.compliance.watched import looks, share_watched
from teisen.compliance.whereabouts import located, spots, weighed
from teisen.fusion.schema import INCIDENT
from teisen.observation import AREA
from tests.compliance.lines import WARM, counts, lines
from tests.fusion.worlds import exposure, watch

START = datetime(2025, 4, 1, tzinfo=UTC)
WIDE = shapely.box(30.0, 50.0, 31.0, 51.0)


def area(area_id: str, level: str, shape: shapely.Geometry) -> pl.DataFrame:
    return AREA.build(
        {"area_id": [area_id], "level": [level], "name": [area_id], "geometry": [shape.wkb], "approximate": [False],
         "source_id": ["x"], "blob": ["0"], "row": [1], "valid_from": [None], "valid_to": [None]}
    )  # fmt: skip


AREAS = pl.concat(
    [
        area("wide", "region", WIDE),
        area("sector-a", "sector", shapely.box(30.0, 50.0, 30.5, 50.2)),
        area("sector-b", "sector", shapely.box(30.5, 50.0, 31.0, 50.2)),
    ]
)
POST = exposure(
    watch("posts", area_id=None, lon=30.25, lat=50.1, radius_m=8000.0, p_detect=0.8, kind="shelling", start=START,
          end=START + timedelta(days=1))
)  # fmt: skip
CELLS = pl.DataFrame(
    {"area_id": ["wide"], "day": [START.date()], "from_s": [START.timestamp()], "to_s": [START.timestamp() + 86_400]}
)


def at(lon: float, lat: float, error: float = 500.0) -> pl.DataFrame:
    row = {"incident_id": "inc-1", "lon": lon, "lat": lat, "place_error_m": error, "area_id": "wide"}
    return pl.DataFrame([{name: row.get(name) for name in INCIDENT.schema.names()}], schema=INCIDENT.schema)


def watched(happened: pl.DataFrame, n: float, post: pl.DataFrame = POST) -> float:
    found = happened.select("incident_id", "area_id", n=pl.lit(n))
    asked = spots(found, happened, AREAS.filter(level="region"))
    return share_watched(looks(CELLS, post, AREAS, None, asked), AREAS, {"shelling": 1.0})["watched"][0]


def test_what_is_watched_is_asked_where_violations_lie() -> None:
    """A post that covers a fortieth of a region watches all of what happens beside it, and nothing elsewhere."""
    beside, far = watched(at(30.25, 50.1), 50.0), watched(at(30.8, 50.8), 50.0)
    assert beside == pytest.approx(0.8, abs=0.05)
    assert far == pytest.approx(0.0, abs=0.01)
    assert watched(at(30.25, 50.1), 0.0) == pytest.approx(0.8 * 0.026, abs=0.03)


def test_a_post_of_which_detection_falls_watches_less_with_distance() -> None:
    """At half its range it hears three quarters of what it hears beside it."""
    falling = POST.with_columns(falls=pl.lit(value=True))
    far = at(30.25, 50.1 + 4000 / 111_200)
    assert watched(at(30.25, 50.1), 500.0, falling) == pytest.approx(0.8, abs=0.02)
    assert watched(far, 500.0, falling) == pytest.approx(0.6, abs=0.02)
    assert watched(far, 500.0) == pytest.approx(0.8, abs=0.02)


def test_a_report_from_where_nobody_looks_does_not_outweigh_the_rest() -> None:
    spot = pl.DataFrame(
        {"area_id": ["a", "a"], "spot": [0, 1], "n": [50.0, 1.0], "even": [0.5, 0.5], "watched": [0.8, 0.0]}
    )
    weight = weighed(spot)["weight"]
    assert weight.sum() == pytest.approx(1.0)
    assert weight[1] < 0.15


def test_an_incident_on_a_border_is_divided_over_sectors() -> None:
    both = located(at(30.5, 50.1, 2000.0), AREAS, "sector")
    assert both["area_id"].to_list() == ["sector-a", "sector-b"]
    assert both["share"].to_list() == pytest.approx([0.5, 0.5], abs=0.15)
    assert located(at(30.25, 50.1), AREAS, "sector")["share"].to_list() == [1.0]
    assert located(at(30.25, 50.9), AREAS, "sector").is_empty()


def everything(shown: np.ndarray, begins: int | None = None) -> Lines:  # type: ignore[type-arg]
    of = lines(shown, begins=begins)
    return Lines(
        (EVERYTHING,), *(getattr(of, name) for name in ("starts", "groups", "counts", "effort", "share", "weekday"))
    )


def test_a_source_that_fell_silent_is_taken_to_see_less_and_a_truce_is_not() -> None:
    shown = counts(1, np.ones(WARM + 30))
    quiet = shown.copy()
    quiet[:, WARM:, 1] = 0.0
    of = everything(quiet)
    silent = working(of, follow(of.counts, of.effort, of.weekday, of.begins))
    assert silent["group"].unique().to_list() == ["b"]
    assert silent["share"].max() < 0.2
    assert silent.filter(pl.col("start") >= of.starts[WARM + 2]).height >= 25
    truce = everything(counts(2, np.concatenate([np.ones(WARM), np.full(30, 0.1)])))
    assert working(truce, follow(truce.counts, truce.effort, truce.weekday, truce.begins)).height <= 1


@pytest.mark.parametrize("level", [0.1, 0.0])
def test_one_source_alone_does_not_tell_its_own_silence_from_a_calm(level: float) -> None:
    shown = counts(3, np.concatenate([np.ones(WARM), np.full(30, level)]))[:, :, :1]
    of = everything(shown, begins=WARM)
    followed = follow(of.counts, of.effort, of.weekday, of.begins)
    assert followed.smooth_off[0, WARM + 5, 0] > 0.5
    assert working(of, followed).is_empty()


def test_others_that_look_elsewhere_do_not_tell_a_silence_from_a_calm() -> None:
    shown = counts(1, np.ones(WARM + 30))[:, :, :2]
    shown[:, WARM:, 1] = 0.0
    of = everything(shown, begins=WARM)
    followed = follow(of.counts, of.effort, of.weekday, of.begins)
    assert set(working(of, followed)["group"]) == {"b"}
    apart = replace(of, beside=np.eye(2, dtype=np.bool_))
    assert working(apart, followed).is_empty()
