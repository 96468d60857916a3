"""A small plan on a made-up line, found by the planner, for tests of what comes after it."""

from __future__ import annotations

from functools import cache

from teisen.planning.brief import parse_brief
from teisen.planning.catalogue import load_catalogue
from teisen.planning.ground import made_line
from teisen.planning.patrols import Shifts, programme
from teisen.planning.plan import Plan
from teisen.planning.programme import Programme
from teisen.planning.solve import Setting, setting, solve

BRIEF = """
format: teisen-watch/1
id: small-plan
title: A small plan
parties: [party-a, party-b]
line: {made_km: 40}
sector_km: 20
step_km: 5
watched:
  - {kind: shelling, depths_m: [0, 3000]}
  - {kind: small-arms-fire}
  - {kind: weapon-presence, depths_m: [4000]}
sites: {every_km: 5, depths_km: [1, 10]}
use: [patrol, post, camera-thermal, acoustic-artillery]
rules: {budget: 20000000}
take:
  - {sensor: patrol, number: 4, depth_km: 10}
  - {sensor: acoustic-artillery, number: 4}
  - {sensor: camera-thermal, number: 8}
"""


@cache
def small_plan() -> tuple[Setting, Plan]:
    """The setting and the plan."""
    catalogue, reference = load_catalogue()
    here = setting(parse_brief(BRIEF, "small.yaml"), made_line(40), catalogue, reference)
    return here, solve(here)[0]


SHIFTS = Shifts(stops=2, slot_h=2, watch_h=1)


@cache
def small_programme() -> Programme:
    """The patrols of the small plan, by SHIFTS."""
    here, plan = small_plan()
    return programme(here, plan, SHIFTS, gap=0.01, rounds=60)
