"""A ceasefire with known truth: what happens, and what each source makes of it, in the files that real sources deliver.

In: a scenario. Out: files and definitions of a case, and the truth beside them. May touch ``sources`` and below; no
stage depends on it. :func:`simulate` is pure; :func:`write` puts files into a folder; :func:`observe` reads them in
memory with the real readers, for notebooks and benchmarks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from teisen.errors import BadInput, Problem
from teisen.library import library
from teisen.observation import Profile
from teisen.simulation.check import check
from teisen.simulation.definitions import (
    GROUND_PROFILES,
    MARGIN_DEG,
    Declared,
    declared_source,
    definitions,
    ground_sources,
)
from teisen.simulation.figures import declared, true_profile, world
from teisen.simulation.fires import fires
from teisen.simulation.ground import MadeGround, ground_files, make_ground
from teisen.simulation.happenings import all_that_happens
from teisen.simulation.line import Line
from teisen.simulation.memory import Observed, read_all
from teisen.simulation.official import alerts, allegations, tallies
from teisen.simulation.reports import reports
from teisen.simulation.scenario import Scenario, Watcher, parse_scenario
from teisen.simulation.scene import LINKS, Delivered, Looker, Scene, chance_of
from teisen.simulation.truth import TRUTH, happen
from teisen.simulation.weather import make_weather, weather_file

__all__ = [
    "LINKS",
    "TRUTH",
    "Observed",
    "Scenario",
    "Simulated",
    "gallery",
    "load_scenario",
    "observe",
    "parse_scenario",
    "simulate",
    "write",
]


@dataclass(frozen=True)
class Simulated:
    """Files by name, as sources would deliver them, and the truth that no source knows.

    ``truth`` is TRUTH; ``links`` (LINKS) tells for every row of every file of a watching source what is behind it.
    ``sources`` are the sources as a case declares them; ``true_profiles`` what truly holds of each that watches.
    """

    scenario: Scenario
    files: Mapping[str, str]
    truth: pl.DataFrame
    links: pl.DataFrame
    sources: tuple[Declared, ...] = field(repr=False)
    true_profiles: Mapping[str, Profile] = field(repr=False)
    ground: MadeGround = field(repr=False)

    def definitions(self, folder: str | None = "data") -> dict[str, str]:
        """``case.yaml``, mappings, profiles and an agreement, by path in a case folder.

        Args:
            folder: where in the case's folder the files lie; None: in a folder of data that `ingest` is told.
        """
        return definitions(self.scenario, self.ground, self.sources, folder)


def simulate(scenario: Scenario, profile: Callable[[str], Profile]) -> Simulated:
    """Simulate a scenario. The same scenario gives the same bytes.

    Args:
        scenario: what happens and who watches.
        profile: gives a profile by name; the profiles are those of real sources.

    Raises:
        BadInput: a source changes a figure that profiles don't have, ``profile`` knows no such profile, or the
            scenario names a region or a kilometre that there is not.
    """
    line = Line(pl.DataFrame(scenario.line, schema=["lon", "lat"], orient="row").to_numpy())
    ground = make_ground(scenario, line, chance_of(scenario, "ground"))
    check(scenario, line, ground)
    weather = make_weather(scenario, ground, chance_of(scenario, "weather"))
    truth = happen(scenario, line, ground, chance_of(scenario, "truth"))
    happenings = all_that_happens(scenario, truth, line, ground, chance_of(scenario, "background"))
    scene = Scene(scenario, line, ground, weather, happenings)
    files = {
        **ground_files(ground, line, scenario.period.start),
        "weather.csv": weather_file(scenario, ground, weather),
    }
    sources = ground_sources(scenario, {name: profile(of) for name, of in GROUND_PROFILES.items()})
    delivered: dict[str, Delivered] = {}
    true_profiles: dict[str, Profile] = {}
    for watcher in scenario.sources:
        told, own = declared(watcher, profile)
        looker = Looker(watcher, told, world(_as_told(watcher), told), world(watcher, told))
        one = _deliver(scene, looker, delivered)
        delivered[watcher.id] = one
        true_profiles[watcher.id] = true_profile(told, looker.world)
        files |= one.files
        sources.append(declared_source(looker, one, scenario, own))
    links = pl.concat([LINKS.to_frame(), *(one.links for one in delivered.values())])
    return Simulated(scenario, files, truth, links, tuple(sources), true_profiles, ground)


def _as_told(watcher: Watcher) -> Watcher:
    """The source as it would be if the world were as declared."""
    return watcher.model_copy(update={"truly": {}, "truly_times": {}})


def _deliver(scene: Scene, looker: Looker, earlier: Mapping[str, Delivered]) -> Delivered:
    rng = chance_of(scene.scenario, f"source {looker.watcher.id}")
    match looker.watcher.writes:
        case "fires":
            return fires(scene, looker, rng)
        case "reports":
            return reports(scene, looker, earlier, rng)
        case "alerts":
            return alerts(scene, looker, rng)
        case "tallies":
            return tallies(scene, looker, rng)
        case "allegations":
            return allegations(scene, looker, rng)


def observe(simulated: Simulated) -> Observed:
    """What the real readers make of a simulated scenario, without a case folder."""
    west, south, east, north = simulated.ground.bounds
    box = (west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG)
    return read_all(
        simulated.scenario,
        simulated.sources,
        simulated.files,
        true_profiles=simulated.true_profiles,
        truth=simulated.truth,
        links=simulated.links,
        box=box,
    )


def write(simulated: Simulated, folder: Path) -> None:
    """Write the files into ``folder``, and what is true into ``folder/truth``, apart from what is ingested.

    ``truth/scenario.yaml`` is the scenario as it was simulated, with its seed and days.
    """
    truth = {
        "truth/truth.csv": simulated.truth.write_csv(),
        "truth/links.csv": simulated.links.write_csv(),
        "truth/scenario.yaml": simulated.scenario.text(),
    }
    for name, text in {**simulated.files, **truth}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="")


def gallery() -> list[str]:
    """Names of the scenarios that ship with Teisen."""
    return sorted(path.stem for path in library("scenarios").glob("*.yaml"))


def load_scenario(name: str | Path) -> Scenario:
    """A scenario of the gallery by name, or of a file.

    Raises:
        BadInput: there is none, or it is wrong.
    """
    shipped = library("scenarios") / f"{name}.yaml"
    path = shipped if str(name) in gallery() else Path(name)
    if not path.is_file():
        do = f"Write the path of a scenario, or one of {', '.join(gallery())}."
        raise BadInput(Problem(str(name), 0, "", "there is no such scenario", do))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(Problem(str(path), 0, "", "it is not UTF-8", "Save the file as UTF-8 text.")) from None
    return parse_scenario(text, path.name)
