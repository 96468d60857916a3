"""A source's figures: as the case declares them, and as they hold in the simulated world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from teisen.errors import BadInput, Problem
from teisen.geodesy import Floats
from teisen.observation import Figure, Profile, vocabulary
from teisen.observation.profile import UNSTATED
from teisen.simulation.scenario import Watcher

NUMBERS = ("place_error_m", "time_error_s", "delay_s", "false_share", *UNSTATED)
"""Figures of a profile that a scenario may change by name; the chances of detection by kind besides."""
ORIGIN = "as the scenario declares"


@dataclass(frozen=True)
class World:
    """What holds of a source in the simulated world: its figures by name, and its chance to report each kind."""

    figures: Mapping[str, float]
    detection: Mapping[str, float]

    def __getitem__(self, name: str) -> float:
        return self.figures[name]

    def chance(self, kinds: NDArray[np.object_]) -> Floats:
        """P(it reports | an incident of each kind, watched), shape of ``kinds``."""
        names, index = np.unique(kinds.astype(str), return_inverse=True)
        return np.array([self.detection.get(str(name), 0.0) for name in names])[index.reshape(-1)]


def declared(watcher: Watcher, profile: Callable[[str], Profile]) -> tuple[Profile, bool]:
    """The profile that the case declares for a source, and whether it differs from the shipped one.

    Raises:
        BadInput: the scenario changes a figure that profiles don't have.
    """
    shipped = profile(watcher.profile)
    if not watcher.declares:
        return shipped, False
    changes: dict[str, Any] = {"id": f"{watcher.id}-{shipped.id}"}
    for name, value in watcher.declares.items():
        _known(watcher, "declares", name, value)
        if isinstance(value, dict):
            made = {kind: Figure(value=p, origin=ORIGIN, basis="assumed") for kind, p in value.items()}
            changes[name] = {**shipped.detection, **made}
        else:
            changes[name] = Figure(value=value, origin=ORIGIN, basis="assumed")
    return replace(shipped, **changes), True


def world(watcher: Watcher, profile: Profile) -> World:
    """What holds of a source in the world: its declared profile, with the scenario's ``truly`` and ``truly_times``.

    Raises:
        BadInput: the scenario changes a figure that profiles don't have.
    """
    figures = {name: _value(profile, name) for name in NUMBERS}
    detection = {kind: figure.value for kind, figure in profile.detection.items()}
    for name, value in watcher.truly.items():
        _known(watcher, "truly", name, value)
        if isinstance(value, dict):
            detection |= value
        else:
            figures[name] = value
    for name, factor in watcher.truly_times.items():
        if name == "detection":
            detection = {kind: min(p * factor, 1.0) for kind, p in detection.items()}
        else:
            _known(watcher, "truly_times", name, factor)
            figures[name] *= factor
            if name.endswith("_share"):
                figures[name] = min(figures[name], 1.0)
    return World(figures, detection)


def true_profile(profile: Profile, holds: World) -> Profile:
    """The profile as it would be if it said what holds in the world: what an oracle knows."""
    origin = "what holds in the simulated world"
    figures: dict[str, Any] = {n: Figure(value=v, origin=origin, basis="assumed") for n, v in holds.figures.items()}
    chances = {kind: Figure(value=p, origin=origin, basis="assumed") for kind, p in holds.detection.items()}
    return replace(profile, **figures, detection=chances)


def _value(profile: Profile, name: str) -> float:
    figure = getattr(profile, name)
    return UNSTATED[name] if figure is None else float(figure.value)


def _known(watcher: Watcher, where: str, name: str, value: object) -> None:
    if name == "detection" and isinstance(value, dict) and set(value) <= set(vocabulary().kinds):
        return
    if name in NUMBERS and not isinstance(value, dict):
        return
    what = f"{name!r} is no figure of a profile that can be changed so"
    do = f"Write one of {', '.join(NUMBERS)} with a number, or detection with kinds of the vocabulary."
    raise BadInput(Problem("scenario", 0, f"source {watcher.id}, {where}", what, do))
