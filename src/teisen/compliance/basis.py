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
from teisen.compliance.asked import asked_kinds, inside, outside
from teisen.compliance.counts import PRIOR, Cells, grid
from teisen.compliance.together import Reported
from teisen.compliance.watched import ALL, Looks, loads, looks, share_watched
from teisen.compliance.whereabouts import located, spots
from teisen.compliance.windows import Key, by_count, in_force, rules_of
from teisen.geodesy import Floats
from teisen.observation import attack_kinds
from teisen.sources import Scope, Source

READING = ("agreement_id", "provision_id", "reading_id")
_MOMENT = timedelta(seconds=1)
LEAST_WATCHED = 0.05
"""A kind that is watched less counts as if watched so well when kinds are weighed (assumed): one report of what hardly
anybody sees does not make it the commonest."""
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
        recorded: ``area_id``, ``day``, ``recorded``.
        found: what is expected of each finding, ``part``, by reading, area and day, with ``finding_id``
            and ``incident_id``.
        kinds: ``incident_id``, ``value``, ``p``: what each incident may be.
        parties: ``finding_id``, ``value``, ``p``: who may have done it; the rest undetermined.
        asked: kinds that each reading asks for; none: of a reading that asks for no kind, which is about force.
        elsewhere: areas outside of where each reading holds.
    """

    days: pl.DataFrame
    readings: pl.DataFrame
    area_ids: tuple[str, ...]
    looked: Looks
    areas: pl.DataFrame
    recorded: pl.DataFrame
    found: pl.DataFrame
    kinds: pl.DataFrame
    parties: pl.DataFrame
    asked: Mapping[Key, frozenset[str] | None]
    elsewhere: Mapping[Key, frozenset[str]]

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

    @cached_property
    def beside(self) -> NDArray[np.bool_]:
        """Areas outside of where a reading holds: (readings, areas)."""
        return np.array(
            [
                [area in self.elsewhere[reading] for area in self.area_ids]
                for reading in self.series.select(READING).iter_rows()
            ],
            dtype=np.bool_,
        ).reshape(self.series.height, len(self.area_ids))

    def _there(self, series: int) -> Looks:
        """What could have been seen where a reading holds."""
        beside = [area for area, off in zip(self.area_ids, self.beside[series], strict=True) if off]
        if not beside:
            return self.looked
        return replace(self.looked, cells=self.looked.cells.filter(~pl.col("area_id").is_in(beside)))

    @cached_property
    def mixes(self) -> list[dict[str, float]]:
        """By reading, what share of what happens is of which kind: as found, over how well each is watched on average.

        Of the kinds that the reading asks for half a violation is expected before any is found, each alike. Kinds of
        which nobody knows how well they are watched are left out; where that is so of all that is asked for or was
        found, those stand alone, and no rate can be told.
        """
        found = self.found.join(self.kinds, on="incident_id").with_columns(part=pl.col("part") * pl.col("p"))
        counted = found.group_by(*READING, "value").agg(pl.col("part").sum()).sort(*READING, "value")
        attacks = frozenset(attack_kinds())
        names = sorted(attacks.union(counted["value"], *(kinds or () for kinds in self.asked.values())))
        mean = {kind: self._seen_of(kind)["watched"].mean() for kind in names}
        known = {kind: max(float(share), LEAST_WATCHED) for kind, share in mean.items() if isinstance(share, float)}
        out = []
        for reading in self.series.select(READING).iter_rows():
            mine = counted.filter(*(pl.col(n) == v for n, v in zip(READING, reading, strict=True)))
            number = dict(mine.select("value", "part").iter_rows())
            asked = self.asked[reading] or attacks
            worth = {k: (number.get(k, 0.0) + PRIOR / len(asked) * (k in asked)) / known[k] for k in known}
            total = sum(worth.values())
            every = sorted(asked.union(number))
            unseen = dict.fromkeys(every, 1 / len(every))
            out.append({kind: round(value / total, 4) for kind, value in worth.items()} if total else unseen)
        return out

    def _seen_of(self, kind: str) -> pl.DataFrame:
        return share_watched(self.looked, self.areas, {kind: 1.0}).filter(pl.col("area_id") != ALL)

    @cached_property
    def watched(self) -> pl.DataFrame:
        """READING, ``area_id``, ``day``, ``watched``, also of ``*``: by each reading's own mix of kinds."""
        if self.area_ids == (ALL,):
            unknown = self.days.select(pl.lit(ALL).alias("area_id"), "day", pl.lit(None, pl.Float64).alias("watched"))
            return self.series.select(READING).join(unknown, how="cross")
        frames = []
        for s, (reading, mix) in enumerate(zip(self.series.select(READING).iter_rows(), self.mixes, strict=True)):
            named = [pl.lit(v).alias(n) for n, v in zip(READING, reading, strict=True)]
            frames.append(share_watched(self._there(s), self.areas, mix or None).with_columns(named))
        columns = [*READING, "area_id", "day", "watched"]
        schema = {**dict.fromkeys((*READING, "area_id"), pl.String), "day": pl.Date, "watched": pl.Float64}
        return pl.concat([pl.DataFrame(schema=schema).select(columns), *(frame.select(columns) for frame in frames)])

    def cells(self) -> Cells:
        """Counts and effort of every reading in every area on every day."""
        return self._cells(self.found, self._by_reading(self.watched), self._loads([mix or None for mix in self.mixes]))

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
            seen, mixes = self.watched, [mix or None for mix in self.mixes]
            if by == "kind" and self.area_ids != (ALL,):
                alike = share_watched(self.looked, self.areas, {value: 1.0})
                seen, mixes = self.series.select(READING).join(alike, how="cross"), [{value: 1.0}] * self.series.height
            out.append((value, self._cells(mine, self._by_reading(seen), self._loads(mixes)), seen, mine))
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

    def _cells(self, found: pl.DataFrame, seen: Floats, loaded: list[Floats]) -> Cells:
        shape = (self.days.height, self.series.height, len(self.area_ids))
        placed = found.with_columns(area_id=pl.lit(ALL)) if self.area_ids == (ALL,) else found
        at = self._at(placed.join(self.series, on=READING)).with_columns(doubt=pl.col("part") * (1 - pl.col("part")))
        counted, doubt = (grid(at, shape, ("t", "s", "a"), name) for name in ("part", "doubt"))
        whole = at.group_by("t", "s", "finding_id").agg(pl.col("part").sum()).sort("t", "s", "finding_id")
        whole = whole.with_columns(doubt=pl.col("part") * (1 - pl.col("part")).clip(0.0))
        of_all = grid(whole, shape[:2], ("t", "s"), "doubt")
        effort = seen * self.share[:, :, None] * ~self.beside
        return Cells(counted, doubt, effort, tuple(loaded), of_all, self.beside)

    def _by_reading(self, frame: pl.DataFrame) -> Floats:
        shape = (self.days.height, self.series.height, len(self.area_ids))
        known = frame.with_columns(pl.col("watched").fill_null(0.0)).join(self.series, on=READING)
        return grid(self._at(known), shape, ("t", "s", "a"), "watched")

    def _loads(self, mixes: Sequence[Mapping[str, float] | None]) -> list[Floats]:
        """By group of sources, what an error in its declared detection does: (days, readings, areas)."""
        shape = (self.days.height, self.series.height, len(self.area_ids))
        out = {group: np.zeros(shape) for group in self.looked.groups["group"].unique().sort()}
        for s, mix in enumerate(mixes):
            for (group,), mine in loads(self.looked, mix).group_by("group", maintain_order=True):
                out[str(group)][:, s] = grid(self._at(mine), (shape[0], shape[2]), ("t", "a"), "load")
        return list(out.values())

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
    level: str = "region",
    detection: pl.DataFrame | None = None,
    working: pl.DataFrame | None = None,
    reported: Reported | None = None,
) -> Basis:
    """What rates rest on; arguments as :func:`teisen.compliance.assess` takes them, and what groups of several sources
    reported (:func:`teisen.compliance.together.reported`)."""
    days = _days(scope, zone)
    within = located(incidents, areas, level)
    middles = incidents.select("incident_id", middle=pl.col("start") + (pl.col("end") - pl.col("start")) / 2)
    placed = middles.join_where(days, pl.col("middle") >= pl.col("start"), pl.col("middle") < pl.col("end")).join(
        within, on="incident_id", how="left", maintain_order="left"
    )
    asked = areas.filter(pl.col("level") == level)
    if level == "region":
        named = pl.concat([exposure["area_id"].drop_nulls(), within["area_id"]])
        if exposure.is_empty() or not exposure["area_id"].null_count():
            asked = asked.filter(pl.col("area_id").is_in(named.unique().implode()))
    chosen = asked["area_id"].unique().sort()
    cells = pl.DataFrame({"area_id": chosen}).join(days, how="cross")
    readings, rules = _readings(agreements, days), rules_of(agreements)
    elsewhere = {key: outside(rule, asked, areas) for key, rule in rules.items()}
    told = _found(findings, incidents, within, readings, days)
    found = inside(told, elsewhere, READING, incidents.select("incident_id", "lon", "lat"), asked)
    held = (
        found.filter(pl.col("area_id").is_not_null())
        .group_by(READING, "incident_id", "area_id")
        .agg(n=pl.col("part").sum())
    )
    held = held.group_by("incident_id", "area_id").agg(pl.col("n").max().round(6)).sort("incident_id", "area_id")
    where = spots(held, incidents, asked)
    looked = looks(
        cells.select("area_id", "day", "from_s", "to_s"), exposure, areas, sources, where, detection, working, reported
    )
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
        recorded=pl.concat(
            [
                placed.filter(pl.col("area_id").is_not_null()).select("incident_id", "area_id", "day", "share"),
                placed.select("incident_id", area_id=pl.lit(ALL), day="day", share=pl.lit(1.0)).unique(),
            ]
        )
        .group_by("area_id", "day")
        .agg(recorded=pl.col("share").sum().round(4)),
        found=found,
        kinds=incidents.select("incident_id", one="kinds")
        .explode("one")
        .filter(pl.col("one").is_not_null())
        .unnest("one")
        .rename({"kind": "value"}),
        parties=pl.concat([parties.rename({"party": "value"}), rest]),
        asked={key: asked_kinds(rule) for key, rule in rules.items()},
        elsewhere=elsewhere,
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
    """Every reading on every day with ``share``, the part of the day in which it is in force.

    A reading that asks for a count can be broken by no incident, so it has no rate: a zero would say that all was well.
    """
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
        if not by_count(agreement.rule(provision, reading))
    ]
    schema = {**dict.fromkeys(READING, pl.String), "day": pl.Date, "share": pl.Float64}
    return pl.concat([pl.DataFrame(schema=schema), *frames])


def _found(
    findings: pl.DataFrame, incidents: pl.DataFrame, within: pl.DataFrame, readings: pl.DataFrame, days: pl.DataFrame
) -> pl.DataFrame:
    """What is expected of each finding by area and day; it falls on the days on which it can be one."""
    spans = incidents.select("incident_id", a="start", b=pl.max_horizontal("end", pl.col("start") + _MOMENT))
    touched = spans.join_where(days, pl.col("a") < pl.col("end"), pl.col("b") > pl.col("start")).select(
        "incident_id",
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
    return (
        found.select(
            *READING,
            "day",
            "finding_id",
            incident_id="subject_id",
            p="p_violation",
            own=pl.col("weight") / pl.col("weight").sum().over("finding_id"),
        )
        .join(_divided(incidents, within), on="incident_id", maintain_order="left_right")
        .with_columns(own=pl.col("own") * pl.col("in_area"))
        .select(*READING, "area_id", "day", "finding_id", "incident_id", part=pl.col("p") * pl.col("own"))
    )


def _divided(incidents: pl.DataFrame, within: pl.DataFrame) -> pl.DataFrame:
    """``incident_id``, ``area_id`` (empty: in none), ``in_area``: every incident with parts that sum to 1."""
    placed = within.group_by("incident_id").agg(placed=pl.col("share").sum().round(6))
    left = (
        incidents.select("incident_id")
        .join(placed, on="incident_id", how="left", maintain_order="left")
        .select("incident_id", pl.lit(None, pl.String).alias("area_id"), in_area=1 - pl.col("placed").fill_null(0.0))
        .filter(pl.col("in_area") > 0)
    )
    return pl.concat([within.rename({"share": "in_area"}), left])
