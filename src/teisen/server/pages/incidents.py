"""Incidents: the list with its filters, and one incident with all that is known, said and decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from fastapi import APIRouter, Request, Response

from teisen.languages import speaking, text
from teisen.release.report import people
from teisen.release.report.days import Days, bounds, day_of
from teisen.release.report.incidents import web_link
from teisen.server.access import allowed
from teisen.server.access.visitor import CurrentVisitor
from teisen.server.current import CurrentView
from teisen.server.pages.chosen import NO_DAY, Reading, readings
from teisen.server.pages.rendering import render
from teisen.server.pages.situation import Row, row_of
from teisen.server.problems import Refusal
from teisen.server.view import View

router = APIRouter(prefix="/incidents")
ON_A_PAGE = 100
SORTS = {"time": ("start", True), "likely": ("p_conflict", True), "error": ("place_error_m", False)}


@dataclass(frozen=True)
class Asked:
    """Filters of the list, as the address states them."""

    day: str = ""
    first: str = ""
    last: str = ""
    kind: str = ""
    region: str = ""
    reading: str = ""
    least: float = 0.0
    words: str = ""
    sort: str = "time"


@dataclass(frozen=True)
class Listed:
    """The page of the list."""

    title: str
    rows: tuple[tuple[Row, float | None], ...]
    total: int
    number: int
    pages: int
    asked: Asked
    kinds: tuple[str, ...]
    regions: tuple[tuple[str, str], ...]
    readings: tuple[Reading, ...]
    first: date
    last: date
    zone: str


def listed(view: View, asked: Asked, number: int) -> Listed:
    """The list's model.

    Raises:
        Refusal: a day cannot be read (404).
    """
    days = Days(view.tables, view.about.last, view.about)
    table = view.table("incident")
    if asked.region:
        table = days.incidents.filter(pl.col("region") == asked.region)
    for asked_day, starts in ((asked.day, True), (asked.first, True), (asked.last, False)):
        if asked_day:
            start, end = _bounds(asked_day, view.about.zone)
            middle = pl.col("start") + (pl.col("end") - pl.col("start")) / 2
            table = table.filter(middle >= start) if starts else table.filter(middle < end)
            if asked_day == asked.day:
                table = table.filter(middle < end)
    if asked.kind:
        table = table.filter(pl.col("kind") == asked.kind)
    if asked.least:
        table = table.filter(pl.col("p_conflict") >= asked.least)
    if asked.words:
        wanted = pl.col("title").str.to_lowercase().str.contains(asked.words.lower(), literal=True)
        named = pl.col("place_name").str.to_lowercase().str.contains(asked.words.lower(), literal=True)
        table = table.filter(wanted | named.fill_null(False) | (pl.col("incident_id") == view.own_id(asked.words)))
    findings = view.table("finding").filter(pl.col("subject") == "incident")
    if asked.reading:
        reading = pl.concat_str("agreement_id", "provision_id", "reading_id", separator="/")
        findings = findings.filter(reading == asked.reading)
    most = findings.group_by("subject_id").agg(pl.col("p_violation").max())
    table = table.join(most, left_on="incident_id", right_on="subject_id", how="inner" if asked.reading else "left")
    column, descending = SORTS.get(asked.sort, SORTS["time"])
    table = table.sort(column, "incident_id", descending=[descending, False], nulls_last=True)
    pages = max(1, -(-table.height // ON_A_PAGE))
    number = min(max(number, 1), pages)
    rows = table.slice((number - 1) * ON_A_PAGE, ON_A_PAGE).iter_rows(named=True)
    return Listed(
        "Incidents", tuple((row_of(row), row["p_violation"]) for row in rows), table.height, number, pages, asked,
        tuple(sorted(view.table("incident")["kind"].unique().to_list())), tuple(days.region_names.items()),
        tuple(readings(view)), view.about.first, view.about.last, view.about.zone,
    )  # fmt: skip


def _bounds(asked: str, zone: str) -> tuple[datetime, datetime]:
    try:
        return bounds(date.fromisoformat(asked), zone)
    except (ValueError, OverflowError):  # also the first and the last day that there is
        raise Refusal(404, NO_DAY.format(id=asked[:20])) from None


@dataclass(frozen=True)
class Voice:
    """What one source contributed: its words as released, when, and how it bears on the incident.

    ``entry`` is the ledger's entry that it was read from, ``row`` the row there.
    """

    relation: str
    source: str
    start: datetime | None
    end: datetime | None
    reported: datetime | None
    kind: str
    error_m: float | None
    text: str
    language: str
    link: str
    weight: float | None
    p_detect: float | None
    reason: str
    entry: int | None
    row: int | None


@dataclass(frozen=True)
class Judged:
    """One finding with its reasons: shares of possible worlds in which each condition holds."""

    id: str
    reading: Reading
    p: float | None
    in_scope: float
    level: str
    severity: str
    says: str
    reasons: tuple[tuple[str, float], ...]
    attribution: tuple[tuple[str, float], ...]
    stand: people.Stand


@dataclass(frozen=True)
class Incident:
    """The page of one incident. ``kinds`` and the like are (word, probability), the likeliest first.

    ``outside`` is its id where it leaves; empty: that is ``id``.
    """

    id: str
    title: str
    name: str
    kind: str
    start: datetime
    end: datetime
    day: date
    lon: float | None
    lat: float | None
    error_m: float | None
    where: str
    p: float
    kinds: tuple[tuple[str, float], ...]
    targets: tuple[tuple[str, float], ...]
    weapons: tuple[tuple[str, float], ...]
    actors: tuple[tuple[str, float], ...]
    undetermined: float
    n_observations: int
    n_groups: int
    voices: tuple[Voice, ...]
    findings: tuple[Judged, ...]
    partings: int
    allegations: tuple[tuple[str, str, str, float | None], ...]
    stand: people.Stand
    zone: str
    entries: tuple[int, ...]
    ledger: str
    outside: str


RELATIONS = ("member", "supports", "missed", "could_not_see")


def incident(view: View, incident_id: str) -> Incident:
    """The page's model.

    Raises:
        Refusal: no such incident is released (404).
    """
    incident_id = view.own_id(incident_id)
    rows = view.table("incident").filter(pl.col("incident_id") == incident_id)
    if rows.is_empty():
        raise Refusal(
            404, text("No incident of this id is released. It may be withheld still, or have another id by now.")
        )
    row = rows.with_columns(day_of(view.about.zone)).row(0, named=True)
    evidence = view.table("evidence").filter(pl.col("incident_id") == incident_id)
    findings = view.table("finding").filter(pl.col("subject_id") == incident_id)
    days = Days({**view.tables, "incident": rows, "evidence": evidence, "finding": findings}, row["day"], view.about)
    region = days.today["region"][0] if days.today.height else ""
    standing = people.stands(days)
    voices = _voices(view, evidence)
    actors = tuple((view.about.name_of(a["party"]), a["p"]) for a in row["actors"] or [] if a["p"] > 0)
    parted = view.table("parting").filter(pl.col("subject_id") == incident_id).height
    return Incident(
        id=incident_id,
        title=row["title"],
        name="" if row["title"] == row["kind"] else row["title"],
        kind=row["kind"],
        start=row["start"],
        end=row["end"],
        day=row["day"],
        lon=row["lon"],
        lat=row["lat"],
        error_m=row["place_error_m"],
        where=", ".join(filter(None, (row["place_name"], days.region_names.get(region, "")))),
        p=row["p_conflict"],
        kinds=_ranked(row["kinds"]),
        targets=_ranked(row["targets"]),
        weapons=_ranked(row["weapons"]),
        actors=actors,
        undetermined=max(0.0, round(1 - sum(p for _, p in actors), 4)),
        n_observations=row["n_observations"],
        n_groups=row["n_groups"],
        voices=voices,
        findings=_findings(view, findings, standing),
        partings=parted,
        allegations=_allegations(view, incident_id),
        stand=standing.get(incident_id, people.nothing()),
        zone=view.about.zone,
        entries=tuple(dict.fromkeys(v.entry for v in voices if v.entry is not None)),
        ledger=view.about.origin,
        outside=view.outside_id(incident_id),
    )


def _ranked(chances: list[Mapping[str, Any]] | None) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(((c["kind"], c["p"]) for c in chances or []), key=lambda c: (-c[1], c[0]))[:6])


def _voices(view: View, evidence: pl.DataFrame) -> tuple[Voice, ...]:
    ids = evidence["observation_id"].drop_nulls().unique().implode()
    seen = {
        row["observation_id"]: row
        for row in view.table("observation").filter(pl.col("observation_id").is_in(ids)).iter_rows(named=True)
    }
    order = {name: n for n, name in enumerate(view.sources)}
    found = []
    for line in evidence.iter_rows(named=True):
        one = seen.get(line["observation_id"] or "", {})
        entry = view.about.entries.get(one.get("blob") or "")
        voice = Voice(
            relation=line["relation"],
            source=view.about.source_title(line["source_id"]),
            start=one.get("start"),
            end=one.get("end"),
            reported=one.get("reported"),
            kind=one.get("kind") or "",
            error_m=one.get("place_error_m"),
            text=one.get("text") or "",
            language=one.get("language") or "",
            link=web_link(one.get("link")),
            weight=line["log_ratio"],
            p_detect=line["p_detect"],
            reason=line["reason"],
            entry=entry.index if entry else None,
            row=one.get("row"),
        )
        rank = RELATIONS.index(line["relation"]) if line["relation"] in RELATIONS else len(RELATIONS)
        found.append((rank, order.get(line["source_id"], len(order)), line["observation_id"] or "", voice))
    return tuple(voice for *_, voice in sorted(found, key=lambda f: f[:3]))


def _findings(view: View, rows: pl.DataFrame, standing: Mapping[str, people.Stand]) -> tuple[Judged, ...]:
    known = {one.key: (n, one) for n, one in enumerate(readings(view))}
    found = []
    for row in rows.iter_rows(named=True):
        key = (row["agreement_id"], row["provision_id"], row["reading_id"])
        if key not in known:
            continue
        place, reading = known[key]
        given = tuple((view.about.name_of(a["party"]), a["p"]) for a in row["attribution"] or [] if a["p"] > 0)
        judged = Judged(
            row["finding_id"], reading, row["p_violation"], row["p_in_scope"], row["level"], row["severity"] or "",
            view.about.named(row["explanation"]),
            tuple((view.about.named(r["says"]), r["share"]) for r in row["reasons"] or []),
            given, standing.get(row["finding_id"], people.nothing()),
        )  # fmt: skip
        found.append((place, judged))
    return tuple(judged for _, judged in sorted(found, key=lambda f: f[0]))


def _allegations(view: View, incident_id: str) -> tuple[tuple[str, str, str, float | None], ...]:
    """Allegations that this incident matches: id, accuser's name, outcome and P(corroborated)."""
    rows = view.table("outcome").filter(pl.col("incident_ids").list.contains(incident_id))
    return tuple(
        (row["allegation_id"], view.about.name_of(row["accuser"]), row["outcome"], row["p_corroborated"])
        for row in rows.sort("allegation_id").iter_rows(named=True)
    )


@router.get("", dependencies=[allowed("read")])
def page(request: Request, view: CurrentView) -> Response:
    """The list."""
    query = request.query_params
    try:
        number, least = int(query.get("page") or 1), float(query.get("p") or 0)
    except ValueError:
        raise Refusal(404, text("The address asks for what is no number.")) from None
    asked = Asked(
        day=query.get("day", "")[:20],
        first=query.get("from", "")[:20],
        last=query.get("to", "")[:20],
        kind=query.get("kind", "")[:100],
        region=query.get("region", "")[:100],
        reading=query.get("reading", "")[:300],
        least=least,
        words=query.get("q", "").strip()[:100],
        sort=query.get("sort", "time"),
    )
    return render(request, "incidents.html.j2", listed(view, asked, number), view=view)


@router.get("/{incident_id}", dependencies=[allowed("read")])
def one(request: Request, view: CurrentView, visitor: CurrentVisitor, incident_id: str) -> Response:
    """One incident."""
    with speaking(visitor.words):
        model = incident(view, incident_id)
    return render(request, "incident.html.j2", model, view=view)
