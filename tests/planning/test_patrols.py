"""A plan's patrol programme: crews of the plan, guarantees that their own routes keep."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from teisen.planning.draw import chosen
from teisen.planning.game import TICKETS, solve
from teisen.planning.patrol import allowed
from teisen.planning.patrols import Sector, Shifts, programme, sector_games
from teisen.planning.placed import detection
from teisen.planning.programme import Programme, day_routes
from tests.planning.settings import SHIFTS, small_plan, small_programme


@pytest.fixture(scope="module")
def made() -> tuple[Programme, list[Sector]]:
    here, plan = small_plan()
    return small_programme(), list(sector_games(here, plan, SHIFTS))


def joint(sector_mix, sector):
    horizon = sector.game.network.slots
    return [
        (one.tickets, tuple(tuple(w.place * horizon + w.slot for w in route) for route in one.routes))
        for one in sector_mix.drawn
    ]


def test_every_route_is_allowed_and_the_crews_are_the_plans(made):
    document, sectors = made
    _, plan = small_plan()
    assert sum(len(s.crews) for s in document.sectors) == sum(p.number for p in plan.placement if p.sensor == "patrol")
    for mix, sector in zip(document.sectors, sectors, strict=True):
        for _, routes in joint(mix, sector):
            for route, crew in zip(routes, sector.game.crews, strict=True):
                assert allowed(route, crew, sector.game.network) is None
                assert crew.rest(sector.choices.period) * SHIFTS.slot_h >= SHIFTS.rest_h


def test_what_the_document_guarantees_its_own_routes_keep(made):
    document, sectors = made
    for mix, sector in zip(document.sectors, sectors, strict=True):
        chance = np.array([tickets for tickets, _ in joint(mix, sector)]) / TICKETS
        seen = chance @ np.array([sector.game.detection(routes) for _, routes in joint(mix, sector)])
        for k, kind in enumerate(sector.kinds):
            said = next(one for one in mix.guarantees if one.kind == kind)
            mine = sector.game.kind == k
            assert said.found <= seen[mine].min() + 1e-6
            assert said.reached is None or said.reached <= seen[mine & sector.game.reached].min() + 1e-6
            assert said.reached is None or said.reached <= said.most + 1e-6


def test_patrols_add_to_what_stands_there(made):
    _, sectors = made
    for sector in sectors:
        base = sector.choices.of(sector.game.base)
        assert sector.game.reached.any()
        assert (base.max(axis=1)[sector.asked] <= 0.9999).all()
        assert (base.min(axis=1)[~sector.asked] == 1).all()


def test_only_what_is_asked_for_at_a_place_counts(made):
    """Shelling is watched for on and 3 km off the line, weapons 4 km off it: neither decides at the other's places."""
    here, plan = small_plan()
    _, sectors = made
    seen = detection(here, plan, 24.0, ("patrol",))
    for sector in sectors:
        rows = here.ground.demand.filter(sector_id=sector.sector_id)
        assert sector.asked.sum() == rows.height
        least = seen.join(rows, on=["demand_id", "kind"], how="semi").filter(kind="shelling")["detection"].min()
        base = sector.choices.of(sector.game.base)[:, :, sector.kinds.index("shelling")]
        assert base.min() == pytest.approx(least)


def test_effort_on_both_sides_is_equal(made):
    document, _ = made
    assert all(abs(sector.uneven_h) < 0.01 for sector in document.sectors)


def test_a_document_reads_back_as_the_same_and_its_days_are_drawn(made):
    document, _ = made
    again = Programme.model_validate_json(document.canonical())
    assert again.sha256 == document.sha256
    rows = day_routes(document, date(2025, 6, 2), 1, b"k" * 32)
    assert rows.equals(day_routes(again, date(2025, 6, 2), 1, b"k" * 32))
    assert set(rows["sector_id"]) <= {sector.sector_id for sector in document.sectors}
    hours = rows["start"].dt.hour()
    assert hours.min() >= 6
    assert hours.max() < 20


def test_drawn_by_keys_crews_find_no_less_than_is_guaranteed(made):
    document, sectors = made
    mix, sector = document.sectors[0], sectors[0]
    listed = joint(mix, sector)
    drawn = [chosen([tickets for tickets, _ in listed], b"k" * 32, str(day)) for day in range(3000)]
    rate = np.array([sector.game.detection(routes) for _, routes in listed])[drawn].mean(axis=0)
    for k, kind in enumerate(sector.kinds):
        said = next(one for one in mix.guarantees if one.kind == kind)
        if said.reached is not None:
            worst = rate[(sector.game.kind == k) & sector.game.reached].min()
            assert worst >= said.reached - 4 * 0.5 / 3000**0.5


def test_a_forecast_leans_the_effort_and_keeps_its_share(made):
    here, plan = small_plan()
    document, _ = made
    place = document.sectors[0].places[0]
    risk = pl.DataFrame({"lon": [place.lon], "lat": [place.lat], "expected": [5.0]})
    leaning = programme(here, plan, SHIFTS, risk=risk, keep=0.5, gap=0.01, rounds=60)
    there = [sum(one.tickets for one in d.drawn for r in one.routes for w in r if w.place == 0) / TICKETS
             for d in (document.sectors[0], leaning.sectors[0])]  # fmt: skip
    assert there[1] > there[0]
    for before, after in zip(document.sectors[0].guarantees, leaning.sectors[0].guarantees, strict=True):
        assert before.reached is None or after.reached >= 0.5 * before.reached - 0.01


def test_time_to_detection_is_guaranteed(made):
    """Within an hour no report of a patrol is there, which takes four; what stands there is seen for itself."""
    here, plan = small_plan()
    document, sectors = made
    for mix, sector in zip(document.sectors, sectors, strict=True):
        for k, one in enumerate(mix.guarantees):
            assert one.within_hour <= one.within_day <= one.within_week
            assert one.within_hour == pytest.approx(sector.standing[1.0][:, :, k].min(), abs=1e-4)
            if one.surely_h is not None:
                assert (one.surely_h <= 24) == (one.within_day >= 0.9)
            assert one.hours is None or one.hours >= here.catalogue.sensor("patrol").latency_h.value
    asked = SHIFTS.model_copy(update={"goes_on_h": 12})
    longer = next(iter(sector_games(here, plan, asked)))
    brief = longer.kinds.index("small-arms-fire")
    assert longer.choices.lasts[brief] == 6 > sectors[0].choices.lasts[brief]
    found = solve(longer.game, uneven=0.0, gap=0.01, rounds=60)
    before = next(one for one in document.sectors[0].guarantees if one.kind == "small-arms-fire")
    assert before.reached is None or found.reached(longer.game)[brief] > before.reached


def test_without_patrols_the_sensors_alone_guarantee(made):
    here, plan = small_plan()
    bare = plan.model_copy(update={"placement": tuple(p for p in plan.placement if p.sensor != "patrol")})
    document = programme(here, bare, SHIFTS)
    for sector in document.sectors:
        assert sector.crews == ()
        assert all(one.reached is None and one.hours is None for one in sector.guarantees)


@pytest.mark.parametrize("wrong", [{"slot_h": 5}, {"watch_h": 3}, {"shift_h": 14, "rest_h": 11}])
def test_shifts_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=r"slot|rest"):
        Shifts(**({"slot_h": 1} | wrong))
