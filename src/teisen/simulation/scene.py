"""The scene that every source looks at, and what a source delivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl
from numpy.random import Generator
from numpy.typing import NDArray

from teisen.observation import Profile
from teisen.simulation.figures import World
from teisen.simulation.ground import MadeGround
from teisen.simulation.happenings import Happenings
from teisen.simulation.line import Line
from teisen.simulation.scenario import Scenario, Watcher
from teisen.simulation.weather import WeatherDays

Objects = NDArray[np.object_]
NONE: Objects = np.array(None, dtype=object)
"""Stands for no word in arrays of words."""
LINKS = pl.Schema(
    {"file": pl.String, "row": pl.Int64, "truth_id": pl.String, "other_id": pl.String, "copy_of": pl.String}
)
"""For each row of a file: the true incident behind it, or what else (``other_id``), and ``file:row`` that it copies."""


@dataclass(frozen=True)
class Scene:
    """A scenario with its ground, weather and all that happens."""

    scenario: Scenario
    line: Line
    ground: MadeGround
    weather: WeatherDays
    happenings: Happenings


@dataclass(frozen=True)
class Looker:
    """A source that looks at the scene: its entry, its declared profile, its figures as told and in the world."""

    watcher: Watcher
    profile: Profile
    told: World
    world: World


@dataclass(frozen=True)
class Delivered:
    """What a source delivers: files by name, links of their rows (LINKS), and for a mapped table its mapping.

    ``rows`` are its reports for others to copy, where it writes any.
    """

    files: Mapping[str, str]
    links: pl.DataFrame
    mapping: Mapping[str, Any] | None = None
    rows: pl.DataFrame | None = field(default=None, repr=False)


def chance_of(scenario: Scenario, purpose: str) -> Generator:
    """The random numbers of one purpose: they depend on the seed and the purpose alone, not on what else is drawn."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([scenario.seed, crc32(purpose.encode())])))


def links_of_ids(file: str, ids: pl.Series, copy_of: pl.Series | None = None) -> pl.DataFrame:
    """LINKS of a file whose rows came from happenings of these ids (empty: from nothing)."""
    other = ids.str.starts_with("other-")
    frame = pl.DataFrame({"row": pl.int_range(1, len(ids) + 1, eager=True, dtype=pl.Int64), "id": ids, "other": other})
    copied = pl.lit("") if copy_of is None else copy_of
    return frame.select(
        file=pl.lit(file),
        row="row",
        truth_id=pl.when("other").then(pl.lit("")).otherwise("id"),
        other_id=pl.when("other").then("id").otherwise(pl.lit("")),
        copy_of=copied,
    ).cast(LINKS)
