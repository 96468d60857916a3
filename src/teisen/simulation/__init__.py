"""A ceasefire with known truth: what happens, and what each source makes of it, in the files that real sources deliver.

In: a scenario. Out: files and the truth beside them. May touch ``sources`` and below; no stage depends on it.
A first version: independent incidents with hot spots and truces, four formats of source; no self-excitation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from teisen.observation import Profile
from teisen.simulation import files
from teisen.simulation.scenario import Observer, Scenario
from teisen.simulation.truth import TRUTH, happen

__all__ = ["TRUTH", "Scenario", "Simulated", "simulate", "write"]


@dataclass(frozen=True)
class Simulated:
    """Files by name, as sources would deliver them, and the truth (TRUTH) that no source knows."""

    files: Mapping[str, str]
    truth: pl.DataFrame


def simulate(scenario: Scenario, profile: Callable[[str], Profile]) -> Simulated:
    """Simulate a scenario. The same scenario gives the same bytes.

    Args:
        scenario: what happens and who watches.
        profile: gives a profile by name; the profiles are those of real sources.
    """
    seeds = np.random.SeedSequence(scenario.seed).spawn(2 + len(scenario.observers))
    rngs = [np.random.Generator(np.random.PCG64(seed)) for seed in seeds]
    truth = happen(scenario, rngs[0])
    out = {
        "regions.geojson": files.regions(scenario),
        "sites.csv": files.sites(scenario),
        "weather.csv": files.weather(scenario, rngs[1]),
    }
    for observer, rng in zip(scenario.observers, rngs[2:], strict=True):
        out[f"{observer.source_id}.csv"] = _deliver(observer, truth, scenario, profile(observer.profile), rng)
    return Simulated(out, truth)


def _deliver(
    observer: Observer, truth: pl.DataFrame, scenario: Scenario, profile: Profile, rng: np.random.Generator
) -> str:
    match observer.writes:
        case "fires":
            return files.fires(truth, scenario, profile, rng)
        case "reports":
            return files.reports(truth, scenario, profile, observer, rng)
        case "alerts":
            return files.alerts(truth, scenario, profile, rng)
        case "allegations":
            return files.allegations(truth, scenario, observer, rng)


def write(simulated: Simulated, folder: Path) -> None:
    """Write the files into ``folder`` and the truth into ``folder/truth/truth.csv``, apart from what is ingested."""
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    for name, text in simulated.files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    (folder / "truth" / "truth.csv").write_text(simulated.truth.write_csv(), encoding="utf-8", newline="")
