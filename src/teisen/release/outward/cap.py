"""A safety notice about a released incident, in the Common Alerting Protocol (OASIS CAP 1.2, also ITU-T X.1303bis).

A notice tells people near a place what was recorded there, with how sure it is and how well the place is known; it says
nothing of who did it, and commands nothing but care. Where it happened is as coarse as the release made it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as Xml

import polars as pl

from teisen.decision import SUBJECT_STATE
from teisen.errors import BadInput, Problem
from teisen.fusion.schema import INCIDENT
from teisen.languages import LANGUAGES, say, speaking, text
from teisen.languages import words as words_of
from teisen.observation import attack_kinds
from teisen.release.outward.notes import SIMULATED, attributions, authority, disclaimer, shown
from teisen.release.redaction import Released
from teisen.release.report import words
from teisen.release.report.context import ReportContext

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
LEAST = 0.5
"""P(conflict) from which on an incident gets a notice: CAP's `Likely`, more probable than not."""
VALID = timedelta(days=7)
"""How long after its end a notice stands (assumed: unexploded remains are the lasting danger)."""
LEAST_RADIUS_KM = 0.1
WIDEST_KM = 200.0
CARE = text(
    "Keep away from the place. Touch nothing that lies there: explosive remnants may not have gone off. Follow the "
    "advice of local authorities and of humanitarian demining services."
)
EVENT = text("Use of force recorded")


def notable(released: Released) -> list[str]:
    """Ids of released incidents that get a notice, the newest first: probable, a use of force, placed, and recent.

    Recent: at the moment of release the notice has not expired.
    """
    incidents = released.tables.get("incident", INCIDENT.empty())
    found = incidents.filter(
        pl.col("p_conflict") >= LEAST,
        pl.col("kind").is_in(attack_kinds()),
        pl.col("lon").is_not_null(),
        pl.col("end") > released.as_of - VALID,
    )
    return found.sort(["end", "incident_id"], descending=[True, False])["incident_id"].to_list()


def cap(released: Released, about: ReportContext, incident_id: str, languages: Sequence[str] = LANGUAGES) -> bytes:
    """The notice about one released incident, said in each of ``languages``.

    Args:
        released: what the audience may have.
        about: the case, its sources and its moment of release, which is when the notice was sent.
        incident_id: an incident of it that has a place.
        languages: codes; one ``info`` block each.

    Returns:
        UTF-8 XML that keeps to the schema of CAP 1.2.

    Raises:
        BadInput: no such incident was released, or it has no place.
    """
    found = released.tables.get("incident", INCIDENT.empty()).filter(pl.col("incident_id") == incident_id)
    if found.is_empty() or found["lon"][0] is None:
        what = "no such incident was released" if found.is_empty() else "the incident has no place to warn of"
        raise BadInput(Problem("incident", 0, "incident_id", f"{incident_id!r}: {what}", "Name one that has a notice."))
    row = found.row(0, named=True)
    alert = Xml.Element(f"{{{CAP}}}alert")
    open_to_all = released.terms.decisions == "standing"
    _put(alert, "identifier", f"{authority(about)}-{about.case_id}-{incident_id}-{released.as_of:%Y%m%dT%H%M%SZ}")
    _put(alert, "sender", authority(about))
    _put(alert, "sent", _stamp(released.as_of))
    _put(alert, "status", "Exercise" if about.simulated else "Actual")
    _put(alert, "msgType", "Alert")
    _put(alert, "scope", "Public" if open_to_all else "Restricted")
    if not open_to_all:
        _put(alert, "restriction", f"For: {released.audience}.")
    with speaking(words_of("en")):
        note = " ".join([*([say(SIMULATED)] if about.simulated else []), disclaimer(), *attributions(about.sources)])
    _put(alert, "note", note)
    confirmed = _confirmed(released, incident_id)
    for language in languages:
        with speaking(words_of(language)):
            _info(alert, row, about, language, confirmed=confirmed)
    Xml.register_namespace("", CAP)
    Xml.indent(alert, " ")
    return bytes(Xml.tostring(alert, encoding="utf-8", xml_declaration=True)) + b"\n"


def _info(alert: Xml.Element, row: Mapping[str, Any], about: ReportContext, language: str, *, confirmed: bool) -> None:
    info = Xml.SubElement(alert, f"{{{CAP}}}info")
    kind, window = words.kind(row["kind"]), words.window(row["start"], row["end"], about.zone)
    where = row["place_name"] or words.place(row["lon"], row["lat"])
    simulated = f"{say('SIMULATED')}: " if about.simulated else ""
    _put(info, "language", language)
    _put(info, "category", "Security")
    _put(info, "event", f"{simulated}{say(EVENT)}")
    _put(info, "responseType", "Avoid")
    _put(info, "urgency", "Past")
    _put(info, "severity", "Unknown")
    _put(info, "certainty", "Observed" if confirmed else "Likely" if row["p_conflict"] >= LEAST else "Possible")
    _put(info, "effective", _stamp(row["end"]))
    _put(info, "onset", _stamp(row["start"]))
    _put(info, "expires", _stamp(row["end"] + VALID))
    _put(info, "senderName", about.title)
    _put(info, "headline", f"{simulated}{kind}, {where}"[:160])
    chance = say("{what} {p}.", what=say("P(conflict)"), p=words.chance(row["p_conflict"]))
    error = say("Place error: {error}.", error=words.metres(row["place_error_m"]))
    _put(info, "description", f"{simulated}{kind}, {window} ({about.zone}). {chance} {error} {disclaimer()}")
    _put(info, "instruction", say(CARE))
    area = Xml.SubElement(info, f"{{{CAP}}}area")
    _put(area, "areaDesc", where)
    radius = min(max((row["place_error_m"] or 0.0) / 1000, LEAST_RADIUS_KM), WIDEST_KM)
    _put(area, "circle", f"{row['lat']:.5f},{row['lon']:.5f} {radius:.1f}")


def _confirmed(released: Released, incident_id: str) -> bool:
    """Whether people confirmed the incident."""
    states = released.tables.get("subject_state", SUBJECT_STATE.empty())
    mine = states.filter(pl.col("subject_id") == incident_id, pl.col("ruling") == "confirmed")
    return not mine.is_empty()


def _stamp(moment: datetime) -> str:
    """CAP wants an offset in figures and writes UTC as -00:00 (section 3.3.2)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def _put(parent: Xml.Element, name: str, text: str) -> None:
    Xml.SubElement(parent, f"{{{CAP}}}{name}").text = shown(text)
