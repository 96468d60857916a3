"""Distances from lines as they ran, sides of them, and weapons: what withdrawals are made of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.agreement import Agreement, load_agreement
from teisen.geodesy import geod
from teisen.judgement import judge, worlds
from teisen.judgement.bits import unpack
from teisen.observation import ALLEGATION
from teisen.sources import Ground
from tests.judgement.cases import NOON, allegation, allegations, ground, incident, incidents

DAY = timedelta(days=1)
MINSK = """
format: teisen-agreement/1
id: minsk
title: Withdrawal
summary: Heavy weapons go back from a line.
parties: [{id: a, name: A}, {id: b, name: B}]
statements: [{id: s, who: a, date: 2015-02-12, language: en, text: T, citation: C, mark: sourced}]
provisions:
  - id: withdrawal
    title: Zone of 50 km for artillery of 100 mm and more
    text: {language: en, words: W, source: s}
    binds: [a, b]
    readings:
      - id: actual-line
        title: From the actual line
        held_by: a
        sources: [s]
        rule:
          all_of:
            - is_kind: [weapon-presence]
            - with_weapon: {classes: [artillery], calibre_mm: {at_least: 100}}
            - near_line: {lines: [line-of-contact], distance_m: 50000}
            - on_side: own
            - bound_party:
      - id: line-of-2014
        title: From the line of 19 September 2014
        held_by: b
        sources: [s]
        inherits: actual-line
        rule: {near_line: {lines: [line-2014-09-19], distance_m: 50000}}
"""


def line(name: str, *corners: tuple[float, float], **changes: Any) -> dict[str, Any]:
    geometry = shapely.to_wkb(shapely.LineString(corners))
    return {"area_id": name, "level": "line", "geometry": geometry} | changes


def held(party: str, west: float, east: float, **changes: Any) -> dict[str, Any]:
    box = shapely.to_wkb(shapely.box(west, 45, east, 52))
    return {"area_id": f"held-{party}", "level": "control", "controlled_by": party, "geometry": box} | changes


def north_south(name: str, lon: float, **changes: Any) -> dict[str, Any]:
    return line(name, (lon, 45.0), (lon, 52.0), **changes)


def off(lon: float, km: float) -> float:
    """The longitude so many km east of another at 48 degrees north."""
    return float(geod().fwd(lon, 48.0, 90.0, km * 1000)[0])


def gun(**changes: Any) -> dict[str, Any]:
    kinds = [{"kind": "weapon-presence", "p": 1.0}]
    weapons = [{"kind": "artillery-122", "p": 1.0}]
    actors = [{"party": "b", "p": 1.0}]
    base = {"lon": 38.0, "lat": 48.0, "place_error_m": 500.0, "kind": "weapon-presence"}
    return incident(**(base | {"kinds": kinds, "weapons": weapons, "actors": actors} | changes))


def minsk() -> Ground:
    """A gun at 38 east is 40 km east of the actual line and 55 km of that of 2014; all east of the former is b's."""
    actual, old = off(38.0, -40), off(38.0, -55)
    return ground(
        [
            north_south("line-of-contact", actual, valid_from=NOON - DAY, valid_to=NOON + DAY),
            north_south("line-2014-09-19", old),
            held("b", actual, 45.0),
            held("a", 30.0, actual),
        ]
    )


def scope(row: dict[str, Any], land: Ground, agreed: Agreement | None = None) -> dict[str, float]:
    found = judge(incidents(row), ALLEGATION.empty(), [agreed or load_agreement(MINSK, "minsk.yaml")], land)
    return dict(found.findings.select("reading_id", "p_in_scope").iter_rows())


def test_two_baselines_are_two_readings_and_part_over_a_gun_between_them() -> None:
    judged = judge(incidents(gun()), ALLEGATION.empty(), [load_agreement(MINSK, "minsk.yaml")], minsk())
    assert dict(judged.findings.select("reading_id", "p_in_scope").iter_rows()) == {"actual-line": 1, "line-of-2014": 0}
    parting = judged.partings.row(0, named=True)
    assert (parting["in_under"], parting["out_under"], parting["because"]) == (
        ["actual-line"],
        ["line-of-2014"],
        "place",
    )
    says = dict(judged.findings.select("reading_id", "explanation").iter_rows())
    assert "within 50,000 m of the line line-2014-09-19" in says["line-of-2014"]


@pytest.mark.parametrize(
    ("changes", "p"),
    [
        ({"weapons": [{"kind": "artillery-85", "p": 1.0}]}, 0),  # below 100 mm
        ({"weapons": [{"kind": "artillery", "p": 1.0}]}, 0),  # a calibre that nobody told
        ({"weapons": [{"kind": "mortar-120", "p": 1.0}]}, 0),
        ({"weapons": [{"kind": "artillery-152", "p": 0.5}]}, 0.5),
        ({"weapons": []}, 0),
        ({"actors": [{"party": "a", "p": 1.0}]}, 0),  # not on its own side
        ({"actors": []}, 0),  # whose side is not known
        ({"actors": [{"party": "b", "p": 0.25}, {"party": "a", "p": 0.75}]}, 0.25),
        ({"start": NOON + 3 * DAY}, 0),  # where the line ran then is not known
        ({"lon": off(38.0, 10), "place_error_m": 8000.0}, 0.5),  # on the brink
    ],
)
def test_what_has_to_be_so_for_a_gun_to_stand_where_it_must_not(changes: dict[str, Any], p: float) -> None:
    assert scope(gun(**changes), minsk()).get("actual-line", 0) == pytest.approx(p, abs=0.02)


def test_a_gun_on_the_other_s_ground_is_on_the_other_side() -> None:
    agreed = load_agreement(MINSK.replace("on_side: own", "on_side: other"), "minsk.yaml")
    assert scope(gun(actors=[{"party": "a", "p": 0.25}]), minsk(), agreed)["actual-line"] == 0.25
    third = MINSK.replace("on_side: own", "on_side: other").replace(
        "{id: b, name: B}", "{id: b, name: B}, {id: c, name: C}"
    )
    visiting = gun(actors=[{"party": "c", "p": 1.0}])
    assert scope(visiting, minsk(), load_agreement(third.replace("[a, b]", "[a, b, c]"), "x.yaml"))["actual-line"] == 1


def test_a_line_and_who_holds_the_ground_count_as_they_were_at_the_time() -> None:
    """The line moves by 30 km at noon; a gun whose hour is known to lie about noon was close for half of it."""
    west, east = off(38.0, -40), off(38.0, -70)
    land = ground(
        [
            north_south("line-of-contact", west, valid_to=NOON),
            north_south("line-of-contact", east, valid_from=NOON),
            held("b", 30.0, 45.0, valid_from=NOON - timedelta(minutes=30)),
        ]
    )
    around: dict[str, datetime] = {"start": NOON - timedelta(hours=1), "end": NOON + timedelta(hours=1)}
    drawn = worlds(incidents(gun(**around)), land)
    assert unpack(drawn.near_line(("line-of-contact",), 50_000.0)).mean() == 0.5
    assert unpack(drawn.near_line(("line-of-contact",), 80_000.0)).all()
    assert unpack(drawn.on_side(own=True)).mean() == 0.75
    assert not unpack(drawn.near_line(("line-unheard-of",), 50_000.0)).any()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(36, 40), st.floats(46, 50)), min_size=2, max_size=6, unique=True),
    st.tuples(st.floats(36, 40), st.floats(46, 50)),
    st.floats(1_000, 140_000),
)
def test_a_distance_is_that_to_the_line_as_it_runs(
    corners: list[tuple[float, float]], place: tuple[float, float], metres: float
) -> None:
    shape = shapely.segmentize(shapely.LineString(corners), 0.002)
    x, y = shapely.get_coordinates(shape).T
    away = np.min(geod().inv(x, y, np.full(len(x), place[0]), np.full(len(x), place[1]))[2])
    row = gun(lon=round(place[0], 5), lat=round(place[1], 5), place_error_m=0.0)
    drawn = worlds(incidents(row), ground([line("line", *corners)]))
    if abs(away - metres) > 0.005 * metres + 120:  # the sphere for the ellipsoid; half a step of what was drawn here
        assert unpack(drawn.near_line(("line",), metres)).all() == (away < metres)


@settings(max_examples=25, deadline=None)
@given(st.floats(37, 39), st.floats(10, 20_000), st.floats(5_000, 60_000), st.floats(1, 2))
def test_a_longer_distance_or_more_lines_never_lower_p(lon: float, error: float, metres: float, more: float) -> None:
    land = ground([north_south("one", 38.0), north_south("two", 38.4)])
    drawn = worlds(incidents(gun(lon=lon, place_error_m=error)), land)
    close = unpack(drawn.near_line(("one",), metres))
    assert (close <= unpack(drawn.near_line(("one",), metres * more))).all()
    assert (close <= unpack(drawn.near_line(("one", "two"), metres))).all()


def test_one_known_by_its_area_alone_is_near_in_the_share_of_it_that_is() -> None:
    area = {"area_id": "square", "geometry": shapely.to_wkb(shapely.box(37.5, 47.5, 38.5, 48.5))}
    land = ground([area, north_south("line", 37.5), held("b", 38.0, 40.0)])
    row = allegation(lon=None, lat=None, place_error_m=None, area_id="square", accuser="a", accused="b")
    drawn = worlds(allegations(row), land)
    quarter = geod().inv(37.5, 48.0, 37.75, 48.0)[2]
    assert unpack(drawn.near_line(("line",), quarter)).mean() == pytest.approx(0.25, abs=0.01)
    assert unpack(drawn.on_side(own=True)).mean() == pytest.approx(0.5, abs=0.01)


def test_an_allegation_states_a_weapon_as_an_incident_has_one() -> None:
    rows = [allegation("alg-1", weapon="mlrs-220"), allegation("alg-2")]
    drawn = worlds(allegations(*rows), ground())
    assert unpack(drawn.with_weapon(("mlrs-122", "mlrs-220"))).mean(axis=1).tolist() == [1, 0]


def test_party_ids_exchanged_give_findings_exchanged_with_sides_too() -> None:
    def of(one: str, two: str) -> pl.DataFrame:
        actors = [{"party": two, "p": 0.7}, {"party": one, "p": 0.2}]
        land = ground([north_south("line-of-contact", 37.8), held(two, 37.9, 45.0), held(one, 30.0, 37.9)])
        text = MINSK.replace("{id: a, name: A}, {id: b, name: B}", f"{{id: {one}, name: A}}, {{id: {two}, name: B}}")
        text = text.replace("binds: [a, b]", f"binds: [{one}, {two}]").replace("who: a", f"who: {one}")
        text = text.replace("held_by: a", f"held_by: {one}").replace("held_by: b", f"held_by: {two}")
        row = gun(lon=37.9, place_error_m=4000.0, actors=actors)
        return judge(incidents(row), ALLEGATION.empty(), [load_agreement(text, "x.yaml")], land).findings

    left, right = of("a", "b"), of("b", "a")
    assert left.height == 2
    assert left.drop("held_by", "attribution", "reasons").equals(right.drop("held_by", "attribution", "reasons"))
