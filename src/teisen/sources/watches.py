"""Watches from a place: how far a patrol, camera or listening post sees or hears each kind, and what weather takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
import scipy
from pydantic import Field, field_validator

from teisen.documents import Strict
from teisen.geodesy import chord, unit_vectors
from teisen.observation import EXPOSURE, Figure, vocabulary
from teisen.sources import effort
from teisen.sources.cloud import NEAR_M
from teisen.sources.reader import Ground, Scope, Source

WATCHING = ("watched",)


class Sight(Strict):
    """How far a kind is noticed from the place, and P(reported | it happened within that); else the profile's.

    With ``falls`` P is that beside the place and falls to none at the range, as 1 - (distance / range)^2.
    """

    range_m: Figure
    p: Figure | None = None
    falls: bool = False


class Weather(Strict):
    """On a day on which ``quantity`` is above a bound the chance is multiplied by ``factor``."""

    quantity: str
    above: float
    factor: Figure


class Watching(Strict):
    """Options that readers of watches share: ``sees`` by kind, ``weather`` that takes from it."""

    sees: dict[str, Sight] = Field(min_length=1)
    weather: list[Weather] = Field(default_factory=list)

    @field_validator("sees")
    @classmethod
    def _known(cls, sees: dict[str, Sight]) -> dict[str, Sight]:
        unknown = sorted(set(sees) - set(vocabulary().kinds))
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: no kind; kinds are {', '.join(vocabulary().kinds)}")
        return sees


def watches(rows: pl.DataFrame, source: Source, watching: Watching, ground: Ground) -> pl.DataFrame:
    """Exposure rows (EXPOSURE) of watches, one a kind.

    Args:
        rows: ``start``, ``end``, ``lon``, ``lat``, ``state``, ``reason``. What is not watched has P 0 and stays a row
            of its own: a refusal or jamming is told, never left out.
    """
    declared = source.profile.detection
    kinds = pl.DataFrame(
        [
            {
                "kind": kind,
                "radius_m": sight.range_m.value,
                "falls": sight.falls,
                "chance": (sight.p or declared[kind]).value if sight.p or kind in declared else None,
                "known": (sight.p or declared[kind]).basis if sight.p or kind in declared else "assumed",
            }
            for kind, sight in watching.sees.items()
        ],
        schema={
            "kind": pl.String,
            "radius_m": pl.Float64,
            "falls": pl.Boolean,
            "chance": pl.Float64,
            "known": pl.String,
        },
    )
    rows = _weathered(rows, watching.weather, ground)
    looks = pl.col("state").is_in(WATCHING)
    basis = pl.when(pl.col("known") == "measured").then(pl.lit("measured"))
    frame = rows.join(kinds, how="cross").with_columns(
        p_detect=pl.when(looks).then(pl.col("chance") * pl.col("factor")).otherwise(0.0),
        basis=basis.when(pl.col("known") == "sourced").then(pl.lit("declared")).otherwise(pl.lit("assumed")),
    )
    return effort.exposure(frame, source).unique("exposure_id", keep="first", maintain_order=True)


def held(seen: Mapping[str, pl.DataFrame], scope: Scope) -> pl.DataFrame:
    """Exposure rows that a source's files held, each once, those that touch the scope."""
    rows = seen.get(EXPOSURE.name, EXPOSURE.empty()).unique("exposure_id", keep="first", maintain_order=True)
    return rows.filter((pl.col("end") > scope.start) & (pl.col("start") < scope.end))


def _weathered(rows: pl.DataFrame, rules: Sequence[Weather], ground: Ground) -> pl.DataFrame:
    """Add ``factor``, the product of what holds on the row's day at the nearest place, and say so in ``reason``."""
    rows = rows.with_columns(factor=pl.lit(1.0), day=pl.col("start").dt.truncate("1d"))
    for rule in rules:
        stated = _placed(ground, rule.quantity)
        if stated.is_empty() or rows.is_empty():
            continue
        places = stated.select("lon", "lat").unique().sort("lon", "lat").with_row_index("place")
        tree = scipy.spatial.KDTree(unit_vectors(places["lon"], places["lat"]))
        far, which = tree.query(unit_vectors(rows["lon"], rows["lat"]))
        near = np.asarray(far) <= float(chord(NEAR_M))
        place = pl.Series("place", np.asarray(which), dtype=places.schema["place"]).set(~pl.Series(near), None)
        values = stated.join(places, on=["lon", "lat"]).group_by("place", "day").agg(value=pl.col("value").mean())
        met = rows.with_columns(place).join(values, on=["place", "day"], how="left", maintain_order="left")
        bad = (pl.col("value") > rule.above).fill_null(False)
        says = pl.format("{}; {} {}", "reason", pl.lit(rule.quantity), pl.col("value").round(2))
        rows = met.with_columns(
            factor=pl.when(bad).then(pl.col("factor") * rule.factor.value).otherwise("factor"),
            reason=pl.when(bad & pl.col("state").is_in(WATCHING)).then(says).otherwise("reason"),
        ).drop("place", "value")
    return rows.drop("day")


def _placed(ground: Ground, quantity: str) -> pl.DataFrame:
    """Conditions of a quantity by day: ``lon``, ``lat`` (of an area its middle), ``day``, ``value``."""
    middle = pl.col("start") + (pl.col("end") - pl.col("start")) / 2
    stated = ground.conditions.filter(pl.col("quantity") == quantity)
    middles = effort.middles(effort.regions(ground)).rename({"lon": "x", "lat": "y"})
    return (
        stated.join(middles, on="area_id", how="left")
        .select(
            lon=pl.coalesce("lon", "x"), lat=pl.coalesce("lat", "y"),
            day=middle.dt.truncate("1d").dt.cast_time_unit("us"), value="value",
        )
        .drop_nulls()
    )  # fmt: skip
