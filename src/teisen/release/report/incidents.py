"""The day's incidents, each with the evidence under it and the ledger entries that the evidence was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from teisen.languages import say, say_again, spoken
from teisen.release.report import words
from teisen.release.report.amounts import amount
from teisen.release.report.days import Days
from teisen.release.report.groups import Group, group_of
from teisen.release.report.terms import ReadingOfDay

Row = Mapping[str, Any]
RELATION_ORDER = list(words.RELATIONS)


@dataclass(frozen=True)
class Reference:
    """Where a row was read from: the ledger entry's anchor and label, and the row; no label: it stays inside."""

    anchor: str
    label: str
    row: int | None


@dataclass(frozen=True)
class Evidence:
    """One line of evidence. ``text`` is empty where the release does not let it out."""

    relation: str
    source_id: str
    source: str
    window: str
    kind: str
    count: str
    text: str
    language: str
    link: str
    p: str
    weight: str
    reason: str
    flags: tuple[str, ...]
    reference: Reference | None


@dataclass(frozen=True)
class Judged:
    """One finding: under which reading, how probable, and the reasons."""

    id: str
    label: str
    anchor: str
    p: float | None
    in_scope: float
    level: str
    severity: str
    says: str
    reasons: tuple[tuple[str, str], ...]
    attribution: str


@dataclass(frozen=True)
class Incident:
    """One incident as the page shows it; ``group`` is that of its likeliest kind."""

    id: str
    region: str
    lon: float | None
    lat: float | None
    error_m: float | None
    where: str
    error: str
    window: str
    kind: str
    kind_title: str
    group: Group
    kinds: str
    targets: str
    weapons: str
    actors: str
    p: float
    title: str
    language: str
    means: str
    stated: str
    n_observations: int
    n_groups: int
    findings: tuple[Judged, ...]
    evidence: tuple[Evidence, ...]


def of_day(days: Days, shown: list[ReadingOfDay]) -> list[Incident]:
    """The day's incidents, likeliest first."""
    ids = days.today["incident_id"].implode()
    evidence = days.table("evidence").filter(pl.col("incident_id").is_in(ids))
    seen = evidence["observation_id"].drop_nulls().unique().implode()
    observations = days.table("observation").filter(pl.col("observation_id").is_in(seen))
    by_id = {row["observation_id"]: row for row in observations.iter_rows(named=True)}
    lines = _grouped(evidence, "incident_id")
    judged = findings(days, days.findings_today, shown)
    order = list(days.about.sources)
    return [
        _incident(
            days, row, _ordered(lines.get(row["incident_id"], []), order), by_id, judged.get(row["incident_id"], ())
        )
        for row in days.today.iter_rows(named=True)
    ]


def _ordered(lines: list[Row], sources: list[str]) -> list[Row]:
    """Evidence by relation, then by source in the case's order."""
    place, relation = ({name: n for n, name in enumerate(names)} for names in (sources, RELATION_ORDER))
    return sorted(
        lines,
        key=lambda e: (
            relation.get(e["relation"], len(relation)),
            place.get(e["source_id"], len(place)),
            e["observation_id"] or "",
        ),
    )


def _grouped(frame: pl.DataFrame, column: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        groups.setdefault(row[column], []).append(row)
    return groups


def _incident(
    days: Days,
    row: Row,
    lines: list[Row],
    observations: Mapping[str, Row],
    judged: tuple[Judged, ...],
) -> Incident:
    zone = days.about.zone
    members = [e for e in lines if e["relation"] == "member"]
    seen = [observations[e["observation_id"]] for e in members if e["observation_id"] in observations]
    means = list(dict.fromkeys(days.about.source_title(e["source_id"]) for e in members))
    kinds = sorted(row["kinds"] or [], key=lambda k: (-k["p"], k["kind"]))
    title = words.headed(row["title"]) if row["title"] != row["kind"] else words.kind(row["kind"])
    return Incident(
        id=row["incident_id"],
        region=row["region"],
        lon=row["lon"],
        lat=row["lat"],
        error_m=row["place_error_m"],
        where=_where(row, days.region_names),
        error=words.metres(row["place_error_m"]) if row["lon"] is not None else say("the area as a whole"),
        window=words.window(row["start"], row["end"], zone),
        kind=row["kind"],
        kind_title=words.kind(row["kind"]),
        group=group_of(row["kind"]),
        kinds=", ".join(f"{words.kind(k['kind'])} {words.chance(k['p'])}" for k in kinds[:4]),
        targets=", ".join(f"{words.target(t['kind'])} {words.chance(t['p'])}" for t in row["targets"] or [])
        or say("not told"),
        weapons=", ".join(f"{words.weapon(w['kind'])} {words.chance(w['p'])}" for w in row["weapons"] or []),
        actors=attribution(days, row["actors"]),
        p=row["p_conflict"],
        title=title,
        language=_language(title, seen),
        means=", ".join(means) or say("not released"),
        stated=_stated(seen),
        n_observations=row["n_observations"],
        n_groups=row["n_groups"],
        findings=judged,
        evidence=tuple(_evidence(days, e, observations.get(e["observation_id"] or "")) for e in lines),
    )


def _language(title: str, members: list[Row]) -> str:
    """Language of a title that is the beginning of what a member wrote; empty: not told."""
    return next((m["language"] or "" for m in members if (m["text"] or "").startswith(title)), "")


def _where(row: Row, regions: Mapping[str, str]) -> str:
    """The place in words: its name, its coordinates as released, its region."""
    parts = [row["place_name"]] if row["place_name"] else []
    if row["lon"] is not None:
        parts.append(words.place(row["lon"], row["lat"]))
    if row["region"] in regions:
        parts.append(regions[row["region"]])
    return ", ".join(parts) or say("not placed")


def _stated(members: list[Row]) -> str:
    """How many the members themselves state, each with its unit; never added up."""
    stated = [
        amount(m["count"], m["count_unit"]) for m in members if m["count"] is not None and m["count_unit"] != "reports"
    ]
    return "; ".join(dict.fromkeys(stated)) or say("N/K")


def attribution(days: Days, actors: list[Mapping[str, Any]] | None) -> str:
    """Who, in the agreement's order of parties; what is missing to 1 is undetermined."""
    given = {a["party"]: a["p"] for a in actors or []}
    order = [p.id for p in days.about.parties]
    ranked = [p for p in order if p in given] + sorted(set(given) - set(order))
    parts = [f"{days.about.name_of(p)} {words.chance(given[p])}" for p in ranked if given[p] > 0]
    left = 1 - sum(given.values())
    if left > 0.005:
        parts.append(say("undetermined {p}", p=words.chance(round(left, 4))))
    return ", ".join(parts)


def _evidence(days: Days, line: Row, seen: Row | None) -> Evidence:
    zone, blind = days.about.zone, line["relation"] in {"missed", "could_not_see"}
    p = say("P(would have reported it) {p}", p=words.chance(line["p_detect"])) if line["p_detect"] is not None else ""
    count = ""
    if seen is not None and seen["count"] is not None:
        count = amount(seen["count"], seen["count_unit"])
    return Evidence(
        relation=say(words.RELATIONS.get(str(line["relation"]), str(line["relation"]))),
        source_id=line["source_id"],
        source=days.about.source_title(line["source_id"]),
        window=words.window(seen["start"], seen["end"], zone) if seen else "",
        kind=words.kind(seen["kind"]) if seen else "",
        count=count,
        text=(seen["text"] or "") if seen else "",
        language=(seen["language"] or "") if seen else "",
        link=web_link(seen["link"]) if seen else "",
        p=p if blind else "",
        weight=spoken().signs(f"{line['log_ratio']:+.1f}".replace("-", "−")) if line["log_ratio"] is not None else "",
        reason=say_again(line["reason"]),
        flags=tuple(seen["flags"] or ()) if seen else (),
        reference=None if blind else reference(days, seen),
    )


def web_link(link: str | None) -> str:
    """A link that may stand on the page: plain web addresses alone."""
    return link if link and link.startswith(("https://", "http://")) else ""


def reference(days: Days, row: Row | None) -> Reference:
    """The ledger entry that a row was read from."""
    if row is None or row["blob"] is None:
        return Reference("ledger", "", None)
    entry = days.about.entries.get(row["blob"])
    label = say("entry {number}", number=entry.index) if entry else say("file {name}", name=row["blob"][:12])
    return Reference(entry_anchor(row["blob"]) if entry else "ledger", label, row["row"])


def entry_anchor(blob: str) -> str:
    """Anchor of a ledger entry, from the hash of its blob."""
    return f"entry-{blob[:16]}"


def findings(days: Days, rows: pl.DataFrame, shown: list[ReadingOfDay]) -> dict[str, tuple[Judged, ...]]:
    """Findings that are in scope at all, by subject, in the order of the readings; the rest are left to the CSV."""
    by_key = {one.key: (i, one) for i, one in enumerate(shown)}
    found: dict[str, list[tuple[int, Judged]]] = {}
    for row in rows.filter(pl.col("p_in_scope") > 0).iter_rows(named=True):
        key = (row["agreement_id"], row["provision_id"], row["reading_id"])
        if key in by_key:
            place, one = by_key[key]
            judged = Judged(
                id=row["finding_id"],
                label=one.label,
                anchor=one.anchor,
                p=row["p_violation"],
                in_scope=row["p_in_scope"],
                level=say_again(row["level"]),
                severity=say_again(row["severity"] or ""),
                says=days.about.named(say_again(row["explanation"])),
                reasons=tuple(
                    (days.about.named(say_again(r["says"])), words.chance(r["share"])) for r in row["reasons"] or []
                ),
                attribution=attribution(days, row["attribution"]),
            )
            found.setdefault(row["subject_id"], []).append((place, judged))
    return {k: tuple(j for _, j in sorted(v, key=lambda x: x[0])) for k, v in found.items()}
