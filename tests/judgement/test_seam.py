"""Across the 180th meridian all is as anywhere else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import translate

from teisen.judgement import judge
from teisen.release.coarsening import snap
from tests.judgement.cases import agreement, allegations, ground, incident, incidents

ISLES = [shapely.box(-1, -18, 1, -16), shapely.box(3, -18, 4, -16)]
"""Degrees from the meridian about which they lie."""


def cut(shapes: list[Any], about: float) -> bytes:
    """A multipolygon of shapes moved to ``about``, cut at the 180th meridian as GeoJSON wants it."""
    moved = shapely.union_all([translate(shape, about) for shape in shapes])
    east = shapely.intersection(moved, shapely.box(-180, -90, 180, 90))
    west = translate(shapely.intersection(moved, shapely.box(180, -90, 540, 90)), -360)
    return bytes(shapely.to_wkb(shapely.union_all([east, west])))


def answers(about: float, rule: str) -> dict[str, float]:
    there = ground(
        [{"area_id": "isles", "geometry": cut(ISLES, about)}, {"area_id": "beside", "geometry": cut(ISLES[1:], about)}],
        [{"target_class": "energy", "lon": about + 0.1 - 360 * (about + 0.1 > 180), "lat": -17.0}],
    )
    spots = [-1.0, -0.5, -0.001, 0.001, 0.999, 2.0, 3.001]
    happened = [
        incident(f"inc-{n}", lon=about + x - 360 * (about + x > 180), lat=-17.0, place_error_m=2000.0)
        for n, x in enumerate(spots)
    ]
    happened.append(incident("inc-area", lon=None, lat=None, place_error_m=None, area_id="isles"))
    findings = judge(incidents(*happened), allegations(), [agreement(rule)], there).findings
    return dict(findings.select("subject_id", "p_in_scope").iter_rows())


@pytest.mark.parametrize("about", [180.0, 179.9999, 178.0])
@pytest.mark.parametrize(
    "rule",
    [
        "{within: {areas: [isles]}}",
        "{within: {areas: [beside]}}",
        "{near: {classes: [energy], distance_m: 50000}}",
    ],
)
def test_what_lies_in_an_area_or_near_a_site_does_so_across_the_seam(rule: str, about: float) -> None:
    usual = answers(30.0, rule)
    found = answers(about, rule)
    assert found.keys() == usual.keys()
    for name, p in usual.items():
        assert found[name] == pytest.approx(p, abs=0.005)


@given(st.floats(-180, 180), st.floats(-89, 89), st.sampled_from([1_000.0, 10_000.0, 500_000.0]))
def test_a_coarse_place_lies_on_the_globe_and_stays_where_it_is(lon: float, lat: float, cell_m: float) -> None:
    once = snap(np.array([lon]), np.array([lat]), cell_m)
    assert -180 <= once[0][0] <= 180
    assert snap(*once, cell_m)[0][0] == pytest.approx(once[0][0], abs=1e-9)
