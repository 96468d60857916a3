"""Incidents as people corrected them, before they are judged; what was automatic is kept beside what they set.

Corrections are a state, not a history: for each incident and field the last value in force holds, so applying them
depends on the record alone. Reports that tell of another incident are parted first, then incidents are merged, then
values are set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from teisen.decision.life import Record
from teisen.decision.schema import CORRECTION
from teisen.decision.settings import ACTORS, MERGE, PLACE, SPLIT, STRUCK, TIME
from teisen.fusion import EVIDENCE, INCIDENT
from teisen.fusion.near import containing
from teisen.observation import vocabulary
from teisen.sources import Ground, Source

Row = dict[str, Any]
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Corrected:
    """Incidents (INCIDENT) and evidence (EVIDENCE) as corrected, and the corrections (CORRECTION).

    ``struck``: ids of those that people say are no incident; they stay with P(conflict) 0 and are not judged.
    ``attributed``: ids of those whose actors people set. ``merged``: ids that went into another and stand no more.
    """

    incidents: pl.DataFrame
    evidence: pl.DataFrame
    corrections: pl.DataFrame
    struck: frozenset[str] = frozenset()
    attributed: frozenset[str] = frozenset()
    merged: frozenset[str] = frozenset()

    @property
    def settled(self) -> frozenset[str]:
        """Incidents of which people said that they are none, or are part of another."""
        return self.struck | self.merged

    @property
    def to_judge(self) -> pl.DataFrame:
        """The incidents without those that were struck."""
        return self.incidents.filter(~pl.col("incident_id").is_in(sorted(self.struck)))


def corrected(
    incidents: pl.DataFrame,
    evidence: pl.DataFrame,
    *,
    observations: pl.DataFrame,
    record: Record,
    ground: Ground,
    sources: Mapping[str, Source],
) -> Corrected:
    """Apply the corrections in force.

    Args:
        incidents: INCIDENT, as fused.
        evidence: EVIDENCE, as fused.
        observations: OBSERVATION; a parted incident takes its values from its most precise one.
        record: what was decided.
        ground: whose regions say where a corrected place lies.
        sources: for the groups of sources.
    """
    if not record.corrections:
        return Corrected(incidents, evidence, CORRECTION.empty())
    work = _Work(
        incidents,
        evidence,
        observations=observations,
        ground=ground,
        groups={source_id: source.profile.group for source_id, source in sources.items()},
        corrections=record.corrections,
    )
    return work.done()


def founded_by(observation_id: str) -> str:
    """Id of the incident that a report founds, as fusion makes it."""
    return "inc-" + hashlib.sha256(observation_id.encode()).hexdigest()[:12]


class _Work:
    """Incidents that corrections touch, as rows by id; the others are not looked at."""

    def __init__(
        self,
        incidents: pl.DataFrame,
        evidence: pl.DataFrame,
        *,
        observations: pl.DataFrame,
        ground: Ground,
        groups: Mapping[str, str],
        corrections: Mapping[tuple[str, str], tuple[Any, str]],
    ) -> None:
        self.all, self.observations, self.ground = incidents, observations, ground
        self.evidence = evidence
        self.groups = groups
        self.corrections = dict(sorted(corrections.items()))
        ids = {incident for incident, _ in corrections}
        ids |= {value for (_, name), (value, _) in corrections.items() if name == MERGE}
        touched = incidents.filter(pl.col("incident_id").is_in(sorted(ids)))
        self.rows: dict[str, Row] = {row["incident_id"]: row for row in touched.iter_rows(named=True)}
        self.automatic = {name: dict(row) for name, row in self.rows.items()}
        self.touched = touched["incident_id"].to_list()
        self.recounted: set[str] = set()
        self.listed: list[Row] = []

    def done(self) -> Corrected:
        for (incident, name), (value, decision) in self._named(SPLIT):
            self._split(incident, name, value, decision)
        merged = self._merge()
        struck, attributed = set(), set()
        for (incident, name), (value, decision) in self.corrections.items():
            if name in (SPLIT, MERGE):
                continue
            there = incident in self.rows
            before = _text(name, self.automatic[incident]) if incident in self.automatic else None
            if there:
                self._set(self.rows[incident], name, value)
                struck |= {incident} if name == STRUCK else set()
                attributed |= {incident} if name == ACTORS else set()
            after = _text(name, self.rows[incident]) if there else None
            self._list((incident, name), (before, after), decision, applied=there)
        self._recount()
        kept = self.all.filter(~pl.col("incident_id").is_in(self.touched))
        new = pl.DataFrame([self.rows[name] for name in sorted(self.rows)], schema=INCIDENT.schema)
        return Corrected(
            INCIDENT.hand_over(pl.concat([kept, new])),
            EVIDENCE.hand_over(self.evidence),
            CORRECTION.hand_over(pl.DataFrame(self.listed, schema=CORRECTION.schema)),
            frozenset(struck),
            frozenset(attributed),
            frozenset(merged),
        )

    def _named(self, field: str) -> list[tuple[tuple[str, str], tuple[Any, str]]]:
        return [(key, value) for key, value in self.corrections.items() if key[1] == field]

    def _list(
        self, key: tuple[str, str], values: tuple[str | None, str | None], decision: str, *, applied: bool
    ) -> None:
        columns = CORRECTION.schema.names()
        self.listed.append(dict(zip(columns, (*key, *values, decision, applied), strict=True)))

    def _split(self, incident: str, name: str, wanted: tuple[str, ...], decision: str) -> None:
        """Part reports from an incident: they make one of their own, with the values of the most precise of them."""
        of = (pl.col("incident_id") == incident) & (pl.col("relation") == "member")
        members = self.evidence.filter(of)["observation_id"]
        going = [one for one in wanted if one in set(members)]
        applies = incident in self.rows and 0 < len(going) < members.n_unique()
        self._list((incident, name), (None, ",".join(wanted)), decision, applied=applies)
        if not applies:
            return
        reports = self.observations.filter(pl.col("observation_id").is_in(going))
        founder = reports.sort("place_error_m", "observation_id", nulls_last=True).row(0, named=True)
        new = founded_by(founder["observation_id"])
        if new in self.rows or self.all["incident_id"].is_in([new]).any():
            self.listed[-1]["applied"] = False  # the incident would keep its founding report
            return
        self.rows[new] = self._of_report(new, founder, self.rows[incident]["p_conflict"])
        self.automatic[new] = dict(self.rows[new])
        moving = of & pl.col("observation_id").is_in(going)
        self._move(moving, new)
        self.recounted |= {incident, new}

    def _of_report(self, incident: str, report: Row, p_conflict: float) -> Row:
        shared = {name: report[name] for name in INCIDENT.schema.names() if name in report}
        target, weapon = report["target_class"], report["weapon"]
        row = shared | {
            "incident_id": incident,
            "targets": [{"kind": target, "p": 1.0}] if target else [],
            "weapons": [{"kind": weapon, "p": 1.0}] if weapon else [],
            "actors": [],  # who did it is for people to say once they part reports
            "p_conflict": p_conflict,
            "n_observations": 1,
            "n_groups": 1,
            "title": "",
        }
        self._place(row)
        return row

    def _merge(self) -> set[str]:
        """Make incidents part of others: their evidence moves, and the surer of both probabilities holds."""
        gone: set[str] = set()
        into = {incident: value for (incident, _), (value, _) in self._named(MERGE)}
        for (incident, name), (value, decision) in self._named(MERGE):
            end = value
            while end in into and into[end] in self.automatic:
                end = into[end]
            applies = incident in self.rows and end in self.rows and end != incident
            self._list((incident, name), (None, value), decision, applied=applies)
            if not applies:
                continue
            whole = self.rows[end]
            whole["p_conflict"] = max(whole["p_conflict"], self.rows.pop(incident)["p_conflict"])
            self._move(pl.col("incident_id") == incident, end)
            self.recounted.add(end)
            gone.add(incident)
        return gone

    def _move(self, rows: pl.Expr, incident: str) -> None:
        there = self.evidence.with_columns(pl.when(rows).then(pl.lit(incident)).otherwise("incident_id").alias("to"))
        own = (pl.col("to") == pl.col("incident_id")).alias("own")
        moved = there.with_columns(own).sort("own", *EVIDENCE.key, descending=[True, *[False] * len(EVIDENCE.key)])
        moved = moved.with_columns(incident_id="to").unique(EVIDENCE.key, keep="first", maintain_order=True)
        seen = pl.col("relation").is_in(["member", "supports"])
        heard = moved.filter(seen).select("incident_id", "source_id").unique()
        silent = moved.join(heard.with_columns(heard=True), on=["incident_id", "source_id"], how="left")
        stays = seen | silent["heard"].is_null() | (silent["incident_id"] != incident)
        self.evidence = silent.filter(stays).select(EVIDENCE.schema.names())

    def _set(self, row: Row, name: str, value: Any) -> None:
        match name:
            case "kind":
                row["kinds"], row["kind"] = [{"kind": value, "p": 1.0}], value
                self._title(row)
            case "place":
                row["lat"], row["lon"], row["place_error_m"] = value
                row["place_error_minor_m"] = row["place_azimuth_deg"] = row["place_name"] = None
                row["area_id"] = None
                self._place(row)
            case "time":
                row["start"], row["end"] = value
            case "target" | "weapon":
                row[f"{name}s"] = [{"kind": value, "p": 1.0}] if value else []
            case "actors":
                row["actors"] = [{"party": party, "p": p} for party, p in value]
            case _:
                row["p_conflict"] = 0.0

    def _place(self, row: Row) -> None:
        """Put a row into the region that its place lies in, and name it after that."""
        if row["lon"] is not None:
            regions = self.ground.areas.filter(pl.col("level") == "region")
            found = containing(regions, np.array([row["lon"]]), np.array([row["lat"]]))["area_id"]
            row["area_id"] = found.min() if len(found) else None
        self._title(row)

    def _title(self, row: Row) -> None:
        """Kind and place, in the words that fusion uses."""
        names = self.ground.areas.filter(pl.col("area_id") == row["area_id"]).sort("name")["name"]
        place = row["place_name"] or (names[0] if len(names) else row["area_id"])
        kind = vocabulary().kinds[row["kind"]].title
        row["title"] = f"{kind}, {place}" if place else kind

    def _recount(self) -> None:
        for incident in sorted(self.recounted & self.rows.keys()):
            own = self.evidence.filter(pl.col("incident_id") == incident)
            members = own.filter(pl.col("relation") == "member")
            heard = own.filter(
                (pl.col("relation") == "member") | ((pl.col("relation") == "supports") & (pl.col("log_ratio") > 0))
            )
            row = self.rows[incident]
            row["n_observations"] = members["observation_id"].n_unique()
            row["n_groups"] = len({self.groups.get(source, source) for source in heard["source_id"]})


def _text(name: str, row: Row) -> str | None:
    """A field of an incident as text, in the form in which corrections are written."""
    match name:
        case "kind":
            return ",".join(f"{one['kind']}:{one['p']:g}" for one in row["kinds"])
        case "place":
            if row["lon"] is None:
                return str(row["area_id"])
            return f"{row['lat']:.5f},{row['lon']:.5f},{row['place_error_m']:.0f}"
        case "time":
            return f"{row['start'].strftime(MOMENT)}/{row['end'].strftime(MOMENT)}"
        case "target" | "weapon":
            return ",".join(f"{one['kind']}:{one['p']:g}" for one in row[f"{name}s"]) or "none"
        case "actors":
            return ",".join(f"{one['party']}:{one['p']:g}" for one in row["actors"]) or "none"
        case _:
            return "true" if row["p_conflict"] == 0 else "false"


COARSENED = (PLACE, TIME)
"""Fields whose values tell a place or a time, which a release may have to hold back."""
