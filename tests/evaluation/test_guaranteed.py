"""A violator who knows a patrol programme finds no place, hour and weather with less detection than it guarantees."""

from __future__ import annotations

from functools import cache

import pytest

from teisen.evaluation.promised import by_kind, promised
from teisen.planning.brief import parse_brief
from teisen.planning.catalogue import load_catalogue
from teisen.planning.ground import made_line
from teisen.planning.light import night_h
from teisen.planning.patrols import Shifts, programme
from teisen.planning.plan import Plan
from teisen.planning.solve import Setting, setting, solve
from tests.planning.settings import BRIEF

SHIFTS = {
    "in the dark before dawn and after dusk": Shifts(stops=2, slot_h=2, watch_h=1),
    "at all hours": Shifts(stops=2, slot_h=2, watch_h=1, hours=(0, 24)),
    "by day alone": Shifts(stops=2, slot_h=2, watch_h=1, hours=(10, 16)),
    "at night, by a wrong night": Shifts(stops=2, slot_h=3, watch_h=1, hours=(15, 27), night=(23, 1)),
    "hours that dusk cuts, watched whole": Shifts(stops=2, slot_h=2, watch_h=2, goes_on_h=6),
}


@cache
def plan_in(season: str) -> tuple[Setting, Plan]:
    brief = parse_brief(BRIEF.replace("step_km: 5", f"step_km: 5\nseason: {season}"), "small.yaml")
    here = setting(brief, made_line(40), *load_catalogue())
    return here, solve(here)[0]


@pytest.mark.parametrize(("season", "when"), [*(("winter", when) for when in SHIFTS), ("summer", "at all hours")])
def test_the_least_promise_is_no_less_than_the_guarantee(season, when):
    here, plan = plan_in(season)
    made = programme(here, plan, SHIFTS[when], gap=0.01, rounds=60)
    _, least = by_kind(here, promised(here, plan, made))
    found = {kind: min(g.found for of in made.sectors for g in of.guarantees if g.kind == kind) for kind in least}
    assert set(found) == {"shelling", "small-arms-fire", "weapon-presence"}
    assert max(found.values()) > 0.1  # there is something to keep
    assert all(least[kind] >= found[kind] for kind in found), (found, least)


def test_crews_in_the_dark_guarantee_less_and_take_longer():
    """Crews that are out from 6 to 20 have the dark at both ends in winter, and in summer at the end alone."""
    crews = Shifts(stops=2, slot_h=2, watch_h=1)
    said = {}
    for season in ("winter", "summer"):
        here, plan = plan_in(season)
        assert (night_h(here.conditions) > 12) == (season == "winter")
        said[season] = programme(here, plan, crews, gap=0.02, rounds=30).sectors[0].guarantees
    pairs = list(zip(said["winter"], said["summer"], strict=True))
    assert all(winter.within_day <= summer.within_day for winter, summer in pairs)
    assert all((winter.hours or 0) > (summer.hours or 0) for winter, summer in pairs)
