"""What a scenario says of its ground, checked once the ground is made: regions that there are, places on the line."""

from __future__ import annotations

from collections.abc import Iterator

from teisen.errors import BadInput, Problem
from teisen.simulation.ground import MadeGround
from teisen.simulation.line import Line
from teisen.simulation.scenario import Scenario


def check(scenario: Scenario, line: Line, ground: MadeGround) -> None:
    """Look for regions that there are not, and for kilometres behind the end of the line.

    Raises:
        BadInput: with one problem for each.
    """
    if problems := [*_regions(scenario, ground), *_kilometres(scenario, line)]:
        raise BadInput(*problems)


def _regions(scenario: Scenario, ground: MadeGround) -> Iterator[Problem]:
    for source in scenario.sources:
        for outage in source.outages:
            for name in sorted(set(outage.regions) - set(ground.region_ids)):
                where, what = f"source {source.id}, outages", f"there is no region {name!r}"
                yield Problem(
                    f"scenario {scenario.id}", 0, where, what, f"Write one of {', '.join(ground.region_ids)}."
                )


def _kilometres(scenario: Scenario, line: Line) -> Iterator[Problem]:
    length = line.length_m / 1000
    patrols = [("sources, patrols", max(p.from_km, p.to_km)) for one in scenario.sources for p in one.patrols]
    for where, km in [*(("violence, hot_spots", spot.at_km) for spot in scenario.violence.hot_spots), *patrols]:
        if km > length:
            what = f"{km:g} km is behind the end of the line, which is {length:.0f} km long"
            yield Problem(f"scenario {scenario.id}", 0, where, what, f"Write a number from 0 to {int(length)}.")
