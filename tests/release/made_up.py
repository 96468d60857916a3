"""A made-up case with two parties, three regions and three days, as released tables."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import shapely

from teisen.compliance import RATE, activity
from teisen.fusion.schema import EVIDENCE, INCIDENT
from teisen.judgement.schema import CORROBORATION, FINDING, OUTCOME, PARTING
from teisen.observation import ALLEGATION, AREA, EXPOSURE, OBSERVATION, SET_ASIDE, SITE, Licence
from teisen.release.report import AgreementShown, Entry, Party, ProvisionShown, ReadingShown, ReportContext
from teisen.tables import Table
from tests.builders import source

DAY = date(2030, 5, 2)
BLOB = "ab" * 32


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2030, 5, day, hour, minute, tzinfo=UTC)


def rows(table: Table, *given: dict[str, Any]) -> pl.DataFrame:
    frame = pl.DataFrame(list(given), schema_overrides={k: t for k, t in table.schema.items() if k in given[0]})
    return table.hand_over(table.fill(frame))


def box(west: float, south: float, east: float, north: float) -> bytes:
    return bytes(shapely.to_wkb(shapely.box(west, south, east, north)))


def area(area_id: str, level: str, name: str, shape: bytes, **more: Any) -> dict[str, Any]:
    values = {
        "valid_from": None,
        "controlled_by": None,
        "approximate": False,
        "source_id": "maps",
        "blob": BLOB,
        "row": 1,
    }
    return {"area_id": area_id, "level": level, "name": name, "geometry": shape, **values, **more}


def incident(
    incident_id: str, day: int, hour: int, place: tuple[float, float] | None, p: float, **more: Any
) -> dict[str, Any]:
    lon, lat = place or (None, None)
    values = {
        "incident_id": incident_id,
        "start": at(day, hour),
        "end": at(day, hour, 30),
        "lon": lon,
        "lat": lat,
        "place_error_m": None if place is None else 5000.0,
        "area_id": None,
        "kind": "missile-strike",
        "kinds": [{"kind": "missile-strike", "p": 0.7}, {"kind": "drone-strike", "p": 0.3}],
        "targets": [{"kind": "substation", "p": 0.6}],
        "weapons": [],
        "actors": [{"party": "party-x", "p": 0.4}],
        "p_conflict": p,
        "n_observations": 1,
        "n_groups": 1,
        "title": f"Title of {incident_id}",
    }
    return values | more


def rate(reading: str, area_id: str, day: int, word: str, **more: Any) -> dict[str, Any]:
    values = {"recorded": 1.0, "expected": 0.63, "watched": 0.3, "rate_low": 0.4, "rate": 1.1, "rate_high": 4.2}
    key = {"agreement_id": "truce", "provision_id": "halt", "reading_id": reading, "area_id": area_id}
    return key | {"start": at(day), "end": at(day + 1), "word": word} | values | more


def finding(incident_id: str, reading: str, p: float, level: str, subject: str = "incident") -> dict[str, Any]:
    return {
        "finding_id": f"fnd-{incident_id}-{reading}",
        "subject": subject,
        "subject_id": incident_id,
        "agreement_id": "truce",
        "provision_id": "halt",
        "reading_id": reading,
        "held_by": {"read-x": "party-x", "read-y": "party-y"}[reading],
        "p_in_scope": p,
        "p_violation": None if subject == "allegation" else p * 0.9,
        "level": level,
        "reasons": [{"predicate": "during", "share": 1.0, "says": "it happened in the window"}],
        "decides": 1,
        "explanation": "Likely a violation: it happened in the window.",
        "attribution": [{"party": "party-x", "p": 0.4}],
    }


def allegation(allegation_id: str, accuser: str, accused: str, **more: Any) -> dict[str, Any]:
    values = {
        "allegation_id": allegation_id,
        "accuser": accuser,
        "accused": accused,
        "stated": at(2, 18),
        "start": at(2),
        "end": at(3),
        "source_zone": "UTC",
        "kind": "shelling",
        "quantity": 100.0,
        "unit": "violations",
        "components": [{"label": "assaults", "quantity": 90.0, "unit": "violations"}],
        "components_gap": 10.0,
        "read": "parsed",
        "flags": ["party_total"],
        "language": "en",
        "text": "<b>They</b> broke it & we saw",
        "link": "https://example.org/statement",
        "source_id": "says",
        "blob": BLOB,
        "row": 7,
    }
    return values | more


def tables() -> dict[str, pl.DataFrame]:
    """The released tables of a made-up case."""
    known = _tables()
    return {**known, "activity": activity(known["observation"], "UTC")}


def _tables() -> dict[str, pl.DataFrame]:
    return {
        "area": rows(
            AREA,
            area("AA", "region", "Alpha", box(30, 48, 32, 50)),
            area("BB", "region", "Beta", box(32, 48, 34, 50), row=2),
            area("CC", "region", "Gamma", box(34, 48, 36, 50), row=3),
            area("SEA", "sea", "Sea", box(30, 46, 36, 48), row=4),
            area("held", "control", "Held", box(33, 48, 36, 50), row=5, controlled_by="party-x", valid_from=at(1)),
        ),
        "site": rows(
            SITE,
            {
                "site_id": "maps:1",
                "target_class": "substation",
                "lon": 31.0,
                "lat": 49.0,
                "place_error_m": 100.0,
                "source_id": "maps",
                "blob": BLOB,
                "row": 9,
            },
        ),
        "observation": rows(
            OBSERVATION,
            *(
                {
                    "observation_id": o,
                    "start": start,
                    "end": end,
                    "time_meaning": meaning,
                    "source_zone": "UTC",
                    "kind": kind,
                    "kinds": [{"kind": kind, "p": 1.0}],
                    "count": count,
                    "count_unit": unit,
                    "role": role,
                    "flags": [],
                    "language": "uk",
                    "text": text,
                    "link": link,
                    "source_id": s,
                    "blob": BLOB,
                    "row": row,
                }
                for o, s, start, end, meaning, kind, count, unit, role, text, link, row in (
                    (
                        "news:1",
                        "news",
                        at(2, 6),
                        at(2, 7),
                        "within",
                        "missile-strike",
                        2.0,
                        "missiles",
                        "makes",
                        "<script>alert(1)</script> вибух",
                        "https://example.org/1",
                        11,
                    ),
                    (
                        "alarm:1",
                        "alarm",
                        at(2, 5),
                        at(2, 8),
                        "throughout",
                        "alert",
                        None,
                        None,
                        "supports",
                        None,
                        "javascript:alert(1)",
                        12,
                    ),
                    (
                        "alarm:2",
                        "alarm",
                        at(1, 5),
                        at(1, 8),
                        "throughout",
                        "alert",
                        None,
                        None,
                        "supports",
                        None,
                        None,
                        13,
                    ),
                    (
                        "tally:1",
                        "tally",
                        at(1, 17),
                        at(2, 3),
                        "within",
                        "drone-strike",
                        55.0,
                        "launched",
                        "supports",
                        None,
                        None,
                        14,
                    ),
                )
            ),
        ),
        "incident": rows(
            INCIDENT,
            incident("inc-one", 2, 6, (31.0, 49.0), 0.9),
            incident("inc-two", 2, 9, (31.5, 49.2), 0.5, kind="fire", kinds=[{"kind": "fire", "p": 1.0}]),
            incident("inc-three", 2, 12, None, 0.3, area_id="BB"),
            incident("inc-four", 1, 6, (35.0, 49.0), 0.8),
            incident("inc-five", 1, 7, (35.1, 49.0), 0.8),
        ),
        "evidence": rows(
            EVIDENCE,
            *(
                {
                    "incident_id": i,
                    "source_id": s,
                    "observation_id": o,
                    "relation": relation,
                    "log_ratio": ratio,
                    "p_detect": p,
                    "reason": reason,
                }
                for i, s, o, relation, ratio, p, reason in (
                    ("inc-one", "news", "news:1", "member", 1.5, None, "it makes the incident"),
                    ("inc-one", "alarm", "alarm:1", "supports", 0.8, None, "an alert held over the region"),
                    ("inc-one", "sky", "", "missed", -0.2, 0.14, "passed over under clear sky"),
                    ("inc-one", "tally", "", "could_not_see", 0.0, 0.0, "states no drones"),
                )
            ),
        ),
        "exposure": rows(
            EXPOSURE,
            *(
                {
                    "exposure_id": f"{s}:{n}",
                    "start": at(1),
                    "end": at(4),
                    "area_id": a,
                    "kind": "missile-strike",
                    "state": state,
                    "p_detect": p,
                    "reason": reason,
                    "basis": "declared",
                    "source_id": s,
                }
                for n, (s, a, state, p, reason) in enumerate(
                    (
                        ("news", "AA", "watched", 0.6, "reports in two languages"),
                        ("news", "BB", "watched", 0.4, "reports in two languages"),
                        ("sky", "AA", "cloud", 0.02, "cloud 97 %"),
                        ("sky", "CC", "cloud", 0.0, "cloud 100 %"),
                    )
                )
            ),
        ),
        "allegation": rows(
            ALLEGATION,
            allegation("says:x", "party-x", "party-y"),
            allegation(
                "says:y", "party-y", "party-x", read="unread", quantity=None, components=[], components_gap=None, row=8
            ),
        ),
        "outcome": rows(
            OUTCOME,
            *(
                {
                    "allegation_id": a,
                    "accuser": accuser,
                    "accused": accused,
                    "outcome": outcome,
                    "p_corroborated": p,
                    "p_would_see": w,
                    "incident_ids": ids,
                    "explanation": "As weighed.",
                }
                for a, accuser, accused, outcome, p, w, ids in (
                    ("says:x", "party-x", "party-y", "partly", 0.4, 0.7, ["inc-one", "inc-four"]),
                    ("says:y", "party-y", "party-x", "unread", None, None, []),
                )
            ),
        ),
        "corroboration": rows(
            CORROBORATION,
            *(
                {
                    **dict.fromkeys(("agreement_id", "provision_id", "reading_id"), "*"),
                    **dict.fromkeys(("corroborated", "not_seen_watched", "not_seen_blind", "unplaced"), 0),
                    "nth": nth,
                    "accuser": accuser,
                    "allegations": 1,
                    "partly": partly,
                    "unread": 1 - partly,
                    "opportunity": 0.7 * partly,
                    "share_low": low,
                    "share": middle,
                    "share_high": 0.99,
                }
                for nth, accuser, partly, low, middle in ((0, "party-x", 1, 0.02, 0.6), (1, "party-y", 0, 0.01, 0.5))
            ),
        ),
        "finding": rows(
            FINDING,
            finding("inc-one", "read-x", 0.7, "likely"),
            finding("inc-one", "read-y", 0.0, "unlikely"),
            finding("inc-two", "read-x", 0.1, "possible"),
            finding("says:x", "read-x", 1.0, "very likely", "allegation"),
        ),
        "parting": rows(
            PARTING,
            {
                "agreement_id": "truce",
                "provision_id": "halt",
                "subject": "incident",
                "subject_id": "inc-one",
                "in_under": ["read-x"],
                "out_under": ["read-y"],
                "because": "window",
            },
        ),
        "rate": rows(
            RATE,
            *(
                rate("read-x", a, day, word)
                for day in (1, 2)
                for a, word in (("*", "seen"), ("AA", "seen"), ("BB", "nothing_seen"), ("CC", "nobody_could_see"))
            ),
            *(rate("read-y", a, 2, "out_of_window", expected=0.0) for a in ("*", "AA", "BB", "CC")),
        ),
        "set_aside": rows(
            SET_ASIDE,
            {
                "source_id": "news",
                "file": "news.csv",
                "blob": BLOB,
                "row": 3,
                "column": "date",
                "what": "no date",
                "do": "Write one.",
                "raw": "secret,row",
            },
        ),
    }


def about(**changes: Any) -> ReportContext:
    closed = Licence(
        name="none stated", attribution="Sky people", url="https://example.org/licence", redistribute=False
    )
    readings = (
        ReadingShown("read-x", "party-x", "From the first day", at(1), at(4)),
        ReadingShown("read-y", "party-y", "From the third day", at(3), at(4)),
    )
    values: dict[str, Any] = {
        "case_id": "made-up",
        "title": "A made-up truce",
        "parties": (Party("party-x", "Xland"), Party("party-y", "Yland")),
        "first": date(2030, 5, 1),
        "last": date(2030, 5, 3),
        "agreements": (
            AgreementShown(
                "truce", "The truce", (ProvisionShown("halt", "No strikes", "Let there be none.", "en", readings),)
            ),
        ),
        "sources": {
            "news": source("news", title="News"),
            "alarm": source("alarm", title="Alarms"),
            "tally": source("tally", title="Tally", reported_by="party-x"),
            "sky": source("sky", title="Sky", licence=closed),
            "maps": source("maps", title="Maps"),
            "says": source("says", title="Statements"),
        },
        "checkpoint": "made-up\n5\nhash=\n\n— made-up sig=\n",
        "origin": "made-up",
        "ledger_size": 5,
        "code_version": "0.0",
        "code_digest": "d" * 64,
        "digests": {"incident": "e" * 64},
        "entries": {BLOB: Entry(3, "news.csv", "2030-05-03T00:00:00Z")},
    }
    return ReportContext(**(values | changes))
