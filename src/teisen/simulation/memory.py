"""A simulated scenario as the tables that fusion takes, read by the real readers, without a case folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import polars as pl

from teisen.observation import EXPOSURE, Profile
from teisen.simulation.definitions import Declared
from teisen.simulation.scenario import Scenario
from teisen.sources import READ_TABLES, Ground, Intake, Scope, Source, SourceFile
from teisen.sources.readers import reader
from teisen.tables import Table


@dataclass(frozen=True)
class Observed:
    """What the real readers make of a simulated scenario, and the truth beside it.

    ``observations``, ``exposure``, ``ground``, ``sources`` are what :func:`teisen.fusion.fuse` takes; ``allegations``
    and ``set_aside`` stand beside. ``links`` has ``observation_id``, ``truth_id``, ``other_id`` and ``copy_of``
    (observation_id), empty where there is none. ``true_sources`` are the sources with the profiles that truly hold, for
    an oracle.
    """

    observations: pl.DataFrame
    exposure: pl.DataFrame
    ground: Ground
    sources: Mapping[str, Source]
    true_sources: Mapping[str, Source]
    allegations: pl.DataFrame
    set_aside: pl.DataFrame
    truth: pl.DataFrame
    links: pl.DataFrame


def read_all(
    scenario: Scenario,
    declared: Iterable[Declared],
    files: Mapping[str, str],
    *,
    true_profiles: Mapping[str, Profile],
    truth: pl.DataFrame,
    links: pl.DataFrame,
    box: tuple[float, float, float, float],
) -> Observed:
    """Read the files of declared sources with their readers."""
    start, end = (datetime(d.year, d.month, d.day, tzinfo=UTC) for d in (scenario.period.start, scenario.period.end))
    scope = Scope(start, end, *box)
    every = sorted(declared, key=lambda one: (reader(one.reader).phase != "ground", one.source_id))
    sources = {one.source_id: _source(one) for one in every}
    names: dict[str, str] = {}
    parts: list[tuple[str, Intake]] = []
    ground = Ground()
    for one in every:
        if reader(one.reader).phase == "watch" and not ground.areas.height:
            ground = _ground(intake for _, intake in parts)
        for name in one.files:
            content = files[name].encode()
            blob = hashlib.sha256(content).hexdigest()
            names[blob] = name
            file = SourceFile(name, blob, content)
            parts.append((one.source_id, reader(one.reader).read(file, sources[one.source_id], ground, scope)))
    exposure = [
        reader(source.reader).expose(
            source, {name: _all(name, (i for of, i in parts if of == source_id)) for name in READ_TABLES}, ground, scope
        )
        for source_id, source in sources.items()
    ]
    observations = _once("observation", (intake for _, intake in parts))
    told = observations.select(
        "observation_id", "row", file=pl.col("blob").replace_strict(names, return_dtype=pl.String)
    ).join(links, on=["file", "row"])
    at = told.select("observation_id", copy_of=pl.format("{}:{}", "file", "row"))
    copies = told.join(at.rename({"observation_id": "first"}), on="copy_of", how="left")
    return Observed(
        observations,
        EXPOSURE.hand_over(EXPOSURE.gather(exposure)),
        ground,
        dict(sorted(sources.items())),
        {name: replace(one, profile=true_profiles.get(name, one.profile)) for name, one in sorted(sources.items())},
        _once("allegation", (intake for _, intake in parts)),
        _all("set_aside", (intake for _, intake in parts)),
        truth,
        copies.select(
            "observation_id", pl.col("truth_id", "other_id").fill_null(""), copy_of=pl.col("first").fill_null("")
        ).sort("observation_id"),
    )


def _source(one: Declared) -> Source:
    options = dict(one.options) | ({"mapping": dict(one.mapping)} if one.mapping is not None else {})
    return Source(one.source_id, one.reader, one.profile, one.reported_by, one.about, options)


def _all(name: str, intakes: Iterable[Intake]) -> pl.DataFrame:
    return READ_TABLES[name].gather(intake.table(name) for intake in intakes)


def _once(name: str, intakes: Iterable[Intake]) -> pl.DataFrame:
    table: Table = READ_TABLES[name]
    return table.hand_over(_all(name, intakes).unique(table.key, keep="first", maintain_order=True))


def _ground(intakes: Iterable[Intake]) -> Ground:
    every = list(intakes)
    return Ground(*(_once(name, every) for name in ("area", "name", "site", "condition", "background")))
