"""Cases as a lawyer puts them: a made-up ground, incidents on it, and the answer expected of each reading.

A file of ``library/`` is named as its agreement and has three keys. ``usual``: what holds of every case that says not
otherwise. ``ground``: areas, lines and sites, all made up. ``cases``: each with an ``id``, what happened, ``expect``
and ``why``.

- ``at`` (local clock of ``zone``): when; it lasts half a minute.
- ``place``: [lon, lat], or {from: [lon, lat], km: ..., bearing: ...}: so far from there; bearing 0 is north, 90 east.
- ``kind``, ``target``, ``weapon``, ``by``: words of the vocabulary, and the party that is said to have done it; left
  out or null: not stated.
- ``tally`` in place of all this: {count, unit} of a ``day``, of the ``week`` from that Monday, or ``from``, ``to``.
- ``given``: what is taken to be so: {event: local time} of one that is not known to have happened, {condition: "yes"}.
- ``expect``: {provision: {reading: answer}}; an answer is ``in``, or ``out by`` and what decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import shapely
import yaml

from teisen.agreement import Agreement, Reading, conditions, load_agreement
from teisen.geodesy import geod
from teisen.judgement import TALLY, Judged, judge
from teisen.judgement.explain import abouts
from teisen.library import library
from teisen.observation import ALLEGATION, vocabulary
from teisen.sources import Ground
from tests.judgement import cases as made
from tests.whole_way.cases import exchanged

FOLDER = Path(__file__).with_name("library")
LASTS = timedelta(seconds=30)
PERIODS = {"day": timedelta(days=1), "week": timedelta(days=7)}
EXACT_M = 1.0
EVERYTHING = "everything"
"""A reading added to each provision, under which all is in scope: judgement keeps what some reading has in scope."""


@dataclass(frozen=True)
class Answer:
    """What judgement said: P(in scope), and what the condition that decides looks at."""

    p: float
    decides: tuple[str, ...]
    explanation: str


Answers = dict[tuple[str, str], Answer]
"""By provision and reading."""


def names() -> list[str]:
    """The agreements that have cases."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def file(name: str) -> dict[str, Any]:
    """One file of cases."""
    return dict(yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))


def text(name: str) -> str:
    """The agreement's text."""
    return (library("agreements") / f"{name}.yaml").read_text(encoding="utf-8")


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of a file, with what is usual in it."""
    return [file(name).get("usual", {}) | case for case in file(name)["cases"]]


@cache
def agreement(name: str, given: tuple[tuple[str, str], ...] = (), zone: str = "UTC") -> Agreement:
    """The agreement, with what a case takes to be so: events by the clock of ``zone``, and conditions."""
    if not given:
        return load_agreement(text(name), f"{name}.yaml")
    data, taken = yaml.safe_load(text(name)), dict(given)
    for event in data.get("events", []):
        if event["id"] in taken:
            event |= {"at": taken[event["id"]], "zone": zone}
    _meet(data["provisions"], taken)
    return load_agreement(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), f"{name}.yaml")


def _meet(part: Any, given: Mapping[str, str]) -> None:
    """Set ``met`` of the conditions that are given, wherever they stand."""
    if isinstance(part, dict) and part.get("that") in given:
        part["met"] = given[part["that"]]
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _meet(inner, given)


def with_everything(one: Agreement) -> Agreement:
    """The agreement with the reading :data:`EVERYTHING` in each provision, so that what is out is answered too."""
    kinds = {"is_kind": list(vocabulary().kinds)}
    count = {
        "more_than": {"count": 0, "unit": "a thing", "per": "day", "zone": "UTC"}
    }  # tallies are asked of these alone
    rule = {"any_of": [kinds, {"unless": kinds}, count]}
    every = Reading.model_validate({"id": EVERYTHING, "title": "All", "held_by": "test", "rule": rule})
    provisions = tuple(p.model_copy(update={"readings": (*p.readings, every)}) for p in one.provisions)
    return one.model_copy(update={"provisions": provisions})


def moment(local: Any, zone: str) -> datetime:
    """A local time of a case in UTC."""
    written = local if isinstance(local, datetime) else datetime.fromisoformat(str(local))
    return written.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def place(where: Any) -> tuple[float, float]:
    """Longitude and latitude of a place of a case."""
    if isinstance(where, dict):
        lon, lat, _ = geod().fwd(*where["from"], where["bearing"], where["km"] * 1000)
        return float(lon), float(lat)
    lon, lat = where
    return float(lon), float(lat)


def incident(case: dict[str, Any]) -> dict[str, Any]:
    """The case as a row of INCIDENT: place and time known but for a metre and half a minute."""
    start = moment(case["at"], case["zone"])
    lon, lat = place(case["place"])
    kind = case["kind"]
    return made.incident(
        f"inc-{case['id']}",
        start=start,
        end=start + LASTS,
        lon=lon,
        lat=lat,
        place_error_m=case.get("error_m", EXACT_M),
        kind=kind,
        kinds=[{"kind": kind, "p": 1.0}],
        targets=[{"kind": case["target"], "p": 1.0}] if case.get("target") else [],
        weapons=[{"kind": case["weapon"], "p": 1.0}] if case.get("weapon") else [],
        actors=[{"party": case["by"], "p": 1.0}] if case.get("by") else [],
    )


def tally(case: dict[str, Any]) -> dict[str, Any]:
    """The case as a row of TALLY: one source counted the whole period."""
    said, zone = case["tally"], case["zone"]
    per = next((per for per in PERIODS if per in said), "window")
    first = str(said.get(per, said.get("from")))
    last = said["to"] if per == "window" else str(date.fromisoformat(first) + PERIODS[per])
    return {
        "tally_id": f"tly-{case['id']}",
        "stays": False,
        "unit": said["unit"],
        "per": per,
        "zone": zone,
        "start": moment(first, zone),
        "end": moment(last, zone),
        "state": "counted",
        "counts": [{"source_id": "a-source", "count": float(said["count"]), "p": 1.0}],
    }


def judged(one: Agreement, put: Sequence[dict[str, Any]], on: Ground, stated: pl.DataFrame | None = None) -> Judged:
    """What judgement says of cases, and of what is stated beside them."""
    return judge(
        made.incidents(*(incident(case) for case in put if "tally" not in case)),
        ALLEGATION.empty() if stated is None else stated,
        [one],
        on,
        tallies=TALLY.hand_over(pl.DataFrame([tally(case) for case in put if "tally" in case], schema=TALLY.schema)),
    )


def ground(name: str, swap: Mapping[str, str] | None = None) -> Ground:
    """The made-up ground of a file; ``swap`` exchanges the parties that hold it."""
    declared = file(name).get("ground", {})
    areas = [
        {
            "area_id": area["area_id"],
            "level": area["level"],
            "controlled_by": exchanged(area["controlled_by"], swap or {}) if "controlled_by" in area else None,
            "geometry": shapely.to_wkb(_shape(area)),
        }
        for area in declared.get("areas", [])
    ]
    sites = [
        {"target_class": site["class"], "lon": site["at"][0], "lat": site["at"][1]}
        for site in declared.get("sites", [])
    ]
    return made.ground(areas, sites)


def _shape(area: dict[str, Any]) -> shapely.Geometry:
    return shapely.LineString(area["line"]) if "line" in area else shapely.box(*area["box"])


@cache
def answers(name: str) -> dict[str, Answers]:
    """What judgement says of each case of a file, by its id; cases that take the same to be so are judged at once."""
    together: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for case in cases(name):
        given = tuple(sorted(case.get("given", {}).items()))
        together.setdefault((given, case["zone"] if given else ""), []).append(case)
    told: dict[str, Answers] = {}
    for (given, zone), put in together.items():
        one = with_everything(agreement(name, given, zone))
        rules = {
            (p.id, r.id): conditions(one.rule(p, r)) for p in one.provisions for r in p.readings if r.id != EVERYTHING
        }
        for row in judged(one, put, ground(name)).findings.iter_rows(named=True):
            asked = rules.get((row["provision_id"], row["reading_id"]))
            if asked is not None:
                answer = Answer(row["p_in_scope"], tuple(abouts(asked[row["decides"] - 1])), row["explanation"])
                of = told.setdefault(row["subject_id"][len("inc-") :], {})
                of[row["provision_id"], row["reading_id"]] = answer
    return told
