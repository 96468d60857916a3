"""The simulated sources as a case declares them: ``case.yaml``, mappings, profiles of its own, a made-up agreement."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import yaml

from teisen.observation import Profile
from teisen.simulation.ground import MadeGround, control_file
from teisen.simulation.line import Line
from teisen.simulation.scenario import Scenario
from teisen.simulation.scene import Delivered, Looker

MARGIN_DEG = 0.2
"""The case's box is the ground and this much more: reports with an error fall beside it."""
READERS = {"fires": "firms", "reports": "table", "alerts": "alerts", "tallies": "tallies", "allegations": "table"}
CLASSES = (
    "power-plant", "nuclear-plant", "hydro-dam", "substation", "power-line", "refinery", "oil-storage", "pipeline",
    "pumping-station", "gas-facility", "energy", "bridge", "railway", "port", "infrastructure", "vessel", "residential",
    "medical", "military",
)  # fmt: skip


@dataclass(frozen=True)
class Declared:
    """A source as a case declares it; ``own_profile``: its profile is written beside the case."""

    source_id: str
    reader: str
    profile: Profile
    files: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    mapping: Mapping[str, Any] | None = None
    reported_by: str | None = None
    about: str | None = None
    own_profile: bool = False


def ground_sources(scenario: Scenario, profile: Mapping[str, Profile]) -> list[Declared]:
    """The sources of the ground: regions, sites, weather, and who holds what."""
    days = (scenario.period.end - scenario.period.start).days
    sites = {
        "id": "id", "name": "name", "class_column": "class", "classes": {name: name for name in CLASSES},
        "place_error_m": 200,
    }  # fmt: skip
    weather = {
        "day": "DATE",
        "zone": "UTC",
        "area_id": "REGION_ID",
        "quantities": {
            "cloud_fraction": {"column": "CLOUD_COVER (%)", "unit": "%"},
            "wind_m_s": {"column": "WIND (m/s)", "unit": "m/s"},
        },
    }
    regions = {"id": "id", "name": "name", "level": "region"}
    return [
        Declared("regions", "areas", profile["regions"], ("regions.geojson",), regions),
        Declared("sites", "sites", profile["sites"], ("sites.csv",), sites),
        Declared("weather", "weather", profile["weather"], ("weather.csv",), weather),
        Declared(
            "control", "control", profile["control"], (control_file(scenario.period.start),),
            {"longest_hours": 24 * (days + 1)}, about=scenario.parties[1],
        ),
    ]  # fmt: skip


GROUND_PROFILES = {
    "regions": "teisen-names",
    "sites": "teisen-sites",
    "weather": "open-meteo-oblast",
    "control": "teisen-names",
}
"""Profiles of the sources of the ground."""


def declared_source(looker: Looker, delivered: Delivered, scenario: Scenario, own_profile: bool) -> Declared:
    """A watching source as the case declares it."""
    watcher, options = looker.watcher, dict[str, Any]()
    about = None
    if watcher.writes == "fires":
        options["sensor"] = watcher.sensor
    if watcher.writes == "tallies":
        options["zone"] = "UTC"
    if watcher.party and watcher.writes in ("tallies", "allegations"):
        about = next(party for party in scenario.parties if party != watcher.party)
    return Declared(
        watcher.id, READERS[watcher.writes], looker.profile, tuple(delivered.files), options, delivered.mapping,
        watcher.party, about, own_profile,
    )  # fmt: skip


def definitions(
    scenario: Scenario, ground: MadeGround, sources: Sequence[Declared], folder: str | None
) -> dict[str, str]:
    """The definitions of a case by path.

    Args:
        folder: where in the case's folder its files lie; None: the case takes them from a folder of data.
    """
    west, south, east, north = ground.bounds
    box = [west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG]
    names = dict(zip(scenario.parties, scenario.names, strict=True))
    period = {"from": scenario.period.start, "to": scenario.period.end}
    case = {
        "format": "teisen-case/1",
        "id": scenario.id,
        "title": scenario.title,
        "simulated": True,
        "period": period,
        "zone": "UTC",
        "box": [round(value, 2) for value in box],
        "parties": [{"id": party, "name": name} for party, name in names.items()],
        "agreements": ["simulated.yaml"],
        "sources": [_entry(source, folder) for source in sources],
        "line": {"land": ["*"], "sectors": {"length_km": _sector_km(scenario)}},
    }
    out = {"case.yaml": _yaml(case), "agreements/simulated.yaml": _yaml(_agreement(scenario, names))}
    for source in sources:
        if source.mapping is not None:
            out[f"mappings/{source.source_id}.yaml"] = _yaml(source.mapping)
        if source.own_profile:
            out[f"profiles/{source.profile.id}.yaml"] = _yaml(asdict(source.profile, dict_factory=_stated))
    return out


def _sector_km(scenario: Scenario) -> int:
    """Length of the sectors by which rates are told: 20 km, of a long line so much that there are fifty."""
    return max(20, math.ceil(Line(np.array(scenario.line, np.float64)).length_m / 1000 / 50))


def _stated(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """What is not left out."""
    return {name: value for name, value in fields if value is not None}


def _entry(source: Declared, folder: str | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": source.source_id, "reader": source.reader, "profile": source.profile.id}
    if source.reported_by:
        entry["reported_by"] = source.reported_by
    if source.about:
        entry["about"] = source.about
    if folder is None:
        entry["files"] = list(source.files)
    else:
        entry["shipped"] = [f"{folder}/{name}" for name in source.files]
    options = dict(source.options)
    if source.mapping is not None:
        options["mapping"] = f"{source.source_id}.yaml"
    return entry | ({"options": options} if options else {})


def _agreement(scenario: Scenario, names: Mapping[str, str]) -> dict[str, Any]:
    """A made-up agreement: all attacks cease for the time of the truce."""
    day = scenario.period
    start, end = (datetime(d.year, d.month, d.day, tzinfo=UTC) for d in (day.start, day.end))
    if scenario.truce:
        start, end = scenario.truce.start.astimezone(UTC), scenario.truce.end.astimezone(UTC)
    words = f"All attacks cease from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC."
    stated: date = (start - timedelta(days=1)).date()
    statement = {
        "id": "text", "who": "mediator", "date": stated, "language": "en", "text": f"{words} (Made up.)",
        "citation": "the scenario of the simulated case", "mark": "background",
    }  # fmt: skip
    rule = {
        "all_of": [
            {"during": {"from": f"{start:%Y-%m-%dT%H:%M}", "to": f"{end:%Y-%m-%dT%H:%M}", "zone": "UTC"}},
            {"is_kind": ["attack"]},
            {"bound_party": None},
        ]
    }
    reading = {"id": "as-written", "title": "As written", "held_by": "mediator", "sources": ["text"], "rule": rule}
    provision = {
        "id": "hostilities", "title": "All attacks cease", "text": {"language": "en", "words": words, "source": "text"},
        "binds": list(names), "readings": [reading],
    }  # fmt: skip
    return {
        "format": "teisen-agreement/1",
        "id": "simulated",
        "title": scenario.title,
        "summary": f"Made up. {words}",
        "parties": [{"id": party, "name": name} for party, name in names.items()],
        "statements": [statement],
        "provisions": [provision],
    }


class _Plain(yaml.SafeDumper):
    """Writes a value that stands twice twice: the readers of definitions take no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _yaml(value: Any) -> str:
    return yaml.dump(value, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
