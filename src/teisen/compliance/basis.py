"""What rates rest on: days, readings in force, what could have been seen, and what was found, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen.agreement import UNDETERMINED, Agreement
from teisen.compliance.counts import PRIOR, Cells, grid
from teisen.compliance.watched import ALL, Looks, loads, looks, share_watched
from teisen.compliance.windows import in_force
from teisen.geodesy import Floats
from teisen.sources import Scope, Source

READING = ("agreement_id", "provision_id", "reading_id")
_MOMENT = timedelta(seconds=1)
_HARDLY = 1e-6
"""Weight of a day on which the reading is not in force: it gets a finding only where no other day can have it."""


@dataclass(frozen=True)
class Basis:
    """What rates rest on.

    Attributes:
        days: ``day``, ``start``, ``end``, ``from_s``, ``to_s``.
        readings: every reading on every day with ``share``, the part of the day in which it is in force.
        area_ids: regions with exposure or incidents, in order; ``*`` alone where there is none.
        looked: what each source could have seen of each of them on each day.
        areas: AREA.
        watched: ``area_id``, ``day``, ``watched``, also of ``*``.
        recorded: ``area_id``, ``day``, ``recorded``.
        found: what is expected of each finding, ``part``, by reading, area and day, with ``finding_id`` and
            ``incident_id``.
        kinds: ``incident_id``, ``value``, ``p``: what each incident may be.
        parties: ``finding_id``, ``value``, ``p``: who may have done it; the rest undetermined.
    """

    days: pl.DataFrame
    readings: pl.DataFrame
    area_ids: tuple[str, ...]
    looked: Looks
    areas: pl.DataFrame
    watched: pl.DataFrame
    recorded: pl.DataFrame
    found: pl.DataFrame
    kinds: pl.DataFrame
    parties: pl.DataFrame

    @cached_property
    def series(self) -> pl.DataFrame:
        """Every reading with its number ``s``."""
        return self.readings.select(READING).unique(maintain_order=True).with_row_index("s")

    @cached_property
    def share(self) -> Floats:
        """Part of the day in which each reading is in force: (days, readings)."""
        shape = (self.days.height, self.series.height)
        return grid(self._at(self.readings.join(self.series, on=READING)), shape, ("t", "s"), "share")

    def span(self, series: int) -> dict[str, datetime]:
        """``start`` and ``end`` of the days on which a reading is in force; of all where it never is."""
        days = np.flatnonzero(self.share[:, series] > 0)
        first, last = (int(days[0]), int(days[-1])) if len(days) else (0, self.days.height - 1)
        return {"start": self.days["start"][first], "end": self.days["end"][last]}

    def cells(self) -> Cells:
        """Counts and effort of every reading in every area on every day."""
        seen = self._by_area(self.watched.with_columns(pl.col("watched").fill_null(0.0)), "watched")
        return self._cells(self.found, self.series, self.share, seen, self._loads(None))

    def only(self, series: NDArray[np.intp]) -> Basis:
        """Some readings alone, by their numbers."""
        chosen = self.series[series].select(READING)
        return replace(self, readings=self.readings.join(chosen, on=READING, how="semi", maintain_order="left"))

    def parts(self, by: str) -> list[tuple[str, Cells, pl.DataFrame, pl.DataFrame]]:
        """By ``kind`` or ``party``, those that anything was found of: its name, counts and effort of every reading,
        what could have been seen of it, and what was found of it."""
        split, key = (self.kinds, "incident_id") if by == "kind" else (self.parties, "finding_id")
        found = (
            self.found.join(split, on=key).with_columns(part=pl.col("part") * pl.col("p")).filter(pl.col("part") > 0)
        )
        out = []
        for value in found["value"].unique().sort():
            mine = found.filter(pl.col("value") == value)
            kinds = {value: 1.0} if by == "kind" else None
            seen = share_watched(self.looked, self.areas, kinds) if kinds else self.watched
            effort = self._by_area(seen.with_columns(pl.col("watched").fill_null(0.0)), "watched")
            cells = self._cells(mine, self.series, self.share, effort, self._loads(kinds))
            out.append((value, cells, seen, mine))
        return out

    def unplaced(self) -> Floats:
        """By reading, how many were found in none of the areas for each one found in some (readings,)."""
        there = pl.col("area_id").is_in(self.area_ids)
        totals = (
            self.series.join(
                self.found.group_by(READING).agg(
                    placed=pl.col("part").filter(there).sum(),
                    off=pl.col("part").filter(~there.fill_null(False)).sum(),
                ),
                on=READING,
                how="left",
            )
            .sort("s")
            .fill_null(0.0)
        )
        if self.area_ids == (ALL,):
            return np.zeros(totals.height)
        return (totals["off"] / (totals["placed"] + PRIOR)).to_numpy()

    def _cells(
        self, found: pl.DataFrame, series: pl.DataFrame, share: Floats, seen: Floats, loaded: list[Floats]
    ) -> Cells:
        shape = (self.days.height, series.height, len(self.area_ids))
        placed = found.with_columns(area_id=pl.lit(ALL)) if self.area_ids == (ALL,) else found
        at = self._at(placed.join(series, on=READING)).with_columns(doubt=pl.col("part") * (1 - pl.col("part")))
        counted, doubt = (grid(at, shape, ("t", "s", "a"), name) for name in ("part", "doubt"))
        effort = seen[:, None, :] * share[:, :, None]
        return Cells(counted, doubt, effort, tuple(np.broadcast_to(one[:, None, :], shape) for one in loaded))

    def _by_area(self, frame: pl.DataFrame, value: str) -> Floats:
        return grid(self._at(frame), (self.days.height, len(self.area_ids)), ("t", "a"), value)

    def _loads(self, kinds: Mapping[str, float] | None) -> list[Floats]:
        frame = loads(self.looked, kinds)
        return [self._by_area(mine, "load") for _, mine in frame.sort("group").group_by("group", maintain_order=True)]

    def _at(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows with the number of their day ``t`` and, where they have an area, of their area ``a``; others go."""
        out = frame.join(self.days.select("day").with_row_index("t"), on="day")
        if "area_id" in frame.columns:
            ids = pl.DataFrame({"area_id": self.area_ids}, schema={"area_id": pl.String}).with_row_index("a")
            out = out.join(ids, on="area_id")
        return out


def basis(  # noqa: PLR0917  as :func:`teisen.compliance.assess`
    findings: pl.DataFrame,
    incidents: pl.DataFrame,
    exposure: pl.DataFrame,
    agreements: Sequence[Agreement],
    areas: pl.DataFrame,
    scope: Scope,
    zone: str,
    *,
    sources: Mapping[str, Source] | None = None,
) -> Basis:
    """What rates rest on; arguments as :func:`teisen.compliance.assess` takes them."""
    days = _days(scope, zone)
    placed = incidents.select(
        "incident_id", "area_id", middle=pl.col("start") + (pl.col("end") - pl.col("start")) / 2
    ).join_where(days, pl.col("middle") >= pl.col("start"), pl.col("middle") < pl.col("end"))
    regions = areas.filter(pl.col("level") == "region")["area_id"]
    named = pl.concat([exposure["area_id"].drop_nulls(), incidents["area_id"].drop_nulls()])
    if not exposure.is_empty() and exposure["area_id"].null_count():
        named = pl.concat([named, regions])
    chosen = named.filter(named.is_in(regions.implode())).unique().sort()
    cells = pl.DataFrame({"area_id": chosen}).join(days, how="cross")
    looked = looks(cells.select("area_id", "day", "from_s", "to_s"), exposure, areas, sources)
    if chosen.is_empty():
        seen = days.select(pl.lit(ALL).alias("area_id"), "day", pl.lit(None, pl.Float64).alias("watched"))
    else:
        seen = share_watched(looked, areas)
    readings = _readings(agreements, days)
    parties = (
        findings.select("finding_id", one="attribution")
        .explode("one")
        .filter(pl.col("one").is_not_null())
        .unnest("one")
    )
    known = parties.group_by("finding_id").agg(known=pl.col("p").sum())
    rest = (
        findings.select("finding_id")
        .join(known, on="finding_id", how="left")
        .select("finding_id", value=pl.lit(UNDETERMINED), p=(1 - pl.col("known").fill_null(0.0)).clip(0.0, 1.0))
    )
    return Basis(
        days=days,
        readings=readings,
        area_ids=tuple(chosen) or (ALL,),
        looked=looked,
        areas=areas,
        watched=seen,
        recorded=both(placed.select("incident_id", "area_id", "day"))
        .group_by("area_id", "day")
        .agg(recorded=pl.len().cast(pl.Float64)),
        found=_found(findings, incidents, readings, days),
        kinds=incidents.select("incident_id", one="kinds")
        .explode("one")
        .filter(pl.col("one").is_not_null())
        .unnest("one")
        .rename({"kind": "value"}),
        parties=pl.concat([parties.rename({"party": "value"}), rest]),
    )


def _days(scope: Scope, zone: str) -> pl.DataFrame:
    """Local days that the scope touches: ``day``, ``start`` and ``end`` in UTC, and both in seconds."""
    local = ZoneInfo(zone)
    first = scope.start.astimezone(local).date()
    last = (scope.end - timedelta(microseconds=1)).astimezone(local).date()
    dates = [first + timedelta(days=n) for n in range((last - first).days + 2)]
    bounds = [datetime(d.year, d.month, d.day, tzinfo=local).astimezone(UTC) for d in dates]
    frame = pl.DataFrame(
        {"day": dates[:-1], "start": bounds[:-1], "end": bounds[1:]},
        schema={"day": pl.Date, "start": pl.Datetime("us", "UTC"), "end": pl.Datetime("us", "UTC")},
    )
    return frame.with_columns(from_s=pl.col("start").dt.epoch("us") / 1e6, to_s=pl.col("end").dt.epoch("us") / 1e6)


def both(placed: pl.DataFrame) -> pl.DataFrame:
    """Each incident in its area and in all."""
    return pl.concat([placed.filter(pl.col("area_id").is_not_null()), placed.with_columns(area_id=pl.lit(ALL))])


def _readings(agreements: Sequence[Agreement], days: pl.DataFrame) -> pl.DataFrame:
    """Every reading on every day with ``share``, the part of the day in which it is in force."""
    starts, ends = (days[name].dt.epoch("us").to_numpy() for name in ("start", "end"))
    frames = [
        pl.DataFrame({"day": days["day"], "share": in_force(agreement.rule(provision, reading), starts, ends)}).select(
            pl.lit(agreement.id).alias("agreement_id"),
            pl.lit(provision.id).alias("provision_id"),
            pl.lit(reading.id).alias("reading_id"),
            "day",
            pl.col("share").round(4),
        )
        for agreement in agreements
        for provision in agreement.provisions
        for reading in provision.readings
    ]
    schema = {**dict.fromkeys(READING, pl.String), "day": pl.Date, "share": pl.Float64}
    return pl.concat([pl.DataFrame(schema=schema), *frames])


def _found(findings: pl.DataFrame, incidents: pl.DataFrame, readings: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """What is expected of each finding by area and day; it falls on the days on which it can be one."""
    spans = incidents.select("incident_id", "area_id", a="start", b=pl.max_horizontal("end", pl.col("start") + _MOMENT))
    touched = spans.join_where(days, pl.col("a") < pl.col("end"), pl.col("b") > pl.col("start")).select(
        "incident_id",
        "area_id",
        "day",
        shared=(pl.min_horizontal("b", "end") - pl.max_horizontal("a", "start")).dt.total_seconds(fractional=True),
    )
    found = (
        findings.filter((pl.col("subject") == "incident") & (pl.col("p_violation") > 0))
        .join(touched, left_on="subject_id", right_on="incident_id")
        .join(readings, on=[*READING, "day"])
        .with_columns(weight=pl.col("shared") * pl.max_horizontal("share", _HARDLY))
        .sort("finding_id", "day")
    )
    return found.select(
        *READING,
        "area_id",
        "day",
        "finding_id",
        incident_id="subject_id",
        part=pl.col("p_violation") * pl.col("weight") / pl.col("weight").sum().over("finding_id"),
    )
