"""Released incidents as an Atom feed (RFC 4287), with places as GeoRSS-Simple (OGC 17-002r1)."""

from __future__ import annotations

from datetime import datetime
from xml.etree import ElementTree as Xml

import polars as pl

from teisen.decision import SUBJECT_STATE
from teisen.fusion.schema import INCIDENT
from teisen.languages import say, spoken
from teisen.release.outward.cap import notable
from teisen.release.outward.notes import SIMULATED, attributions, authority, disclaimer, shown
from teisen.release.redaction import Released
from teisen.release.report import words
from teisen.release.report.context import ReportContext

ATOM = "http://www.w3.org/2005/Atom"
GEORSS = "http://www.georss.org/georss"
MOST = 200
"""Entries of a feed, the newest; the tables have all."""
STAMP = "%Y-%m-%dT%H:%M:%SZ"


def atom(released: Released, about: ReportContext, *, address: str = "") -> bytes:
    """The newest released incidents as a feed, in the language being spoken.

    Args:
        released: what the audience may have.
        about: the case, its sources and its moment of release.
        address: where the case is published, such as ``https://watch.example.org``, for links; empty: nowhere.

    Returns:
        UTF-8 XML. An entry is ``updated`` when people last changed where the incident stands, else at its end, so that
        the same release gives the same bytes and a reader is told of changes alone.
    """
    incidents = released.tables.get("incident", INCIDENT.empty())
    newest = incidents.sort(["end", "incident_id"], descending=[True, False]).head(MOST)
    feed = _feed(released, about, address, "incidents", about.title)
    changed = _changed(released)
    for row in newest.iter_rows(named=True):
        link = (f"{address}/incidents/{row['incident_id']}", "text/html") if address else None
        _entry(feed, row, changed.get(row["incident_id"]), about, link)
    return _written(feed)


def notices(released: Released, about: ReportContext, *, address: str) -> bytes:
    """The safety notices that stand at the moment of release as a feed; each entry links to its CAP document.

    Arguments and what comes out as those of :func:`atom`.
    """
    ids = notable(released)
    incidents = released.tables.get("incident", INCIDENT.empty())
    rows = {row["incident_id"]: row for row in incidents.iter_rows(named=True)}
    feed = _feed(released, about, address, "notices", f"{about.title}: {say('Safety notices')}")
    changed = _changed(released)
    for incident_id in ids:
        link = (f"{address}/feeds/notices/{incident_id}.cap.xml", "application/cap+xml")
        _entry(feed, rows[incident_id], changed.get(incident_id), about, link)
    return _written(feed)


def _changed(released: Released) -> dict[str, datetime]:
    """Since when each incident that people touched stands as it does."""
    states = released.tables.get("subject_state", SUBJECT_STATE.empty()).filter(pl.col("subject") == "incident")
    return dict(states.select("subject_id", "since").iter_rows())


def _written(feed: Xml.Element) -> bytes:
    Xml.register_namespace("", ATOM)
    Xml.register_namespace("georss", GEORSS)
    Xml.indent(feed, " ")
    return bytes(Xml.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def _feed(released: Released, about: ReportContext, address: str, name: str, title: str) -> Xml.Element:
    feed = Xml.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": spoken().language})
    _text(feed, "title", f"{say('SIMULATED')} – {title}" if about.simulated else title)
    _text(feed, "subtitle", " ".join([*([say(SIMULATED)] if about.simulated else []), disclaimer()]))
    _text(feed, "id", f"tag:{authority(about)},{about.first.year}:{about.case_id}/{name}")
    _text(feed, "updated", released.as_of.strftime(STAMP))
    _text(feed, "rights", "; ".join(attributions(about.sources)) or authority(about))
    author = Xml.SubElement(feed, f"{{{ATOM}}}author")
    _text(author, "name", about.origin or authority(about))
    Xml.SubElement(feed, f"{{{ATOM}}}generator").text = "Teisen"
    if address:
        _link(feed, "self", f"{address}/feeds/{name}.atom", "application/atom+xml")
        _link(feed, "alternate", address, "text/html")
    return feed


def _entry(
    feed: Xml.Element,
    row: dict[str, object],
    since: datetime | None,
    about: ReportContext,
    link: tuple[str, str] | None,
) -> None:
    entry = Xml.SubElement(feed, f"{{{ATOM}}}entry")
    start, end = _moment(row["start"]), _moment(row["end"])
    title = words.headed(str(row["title"])) if row["title"] != row["kind"] else words.kind(str(row["kind"]))
    _text(entry, "title", f"{say('SIMULATED')} – {title}" if about.simulated else title)
    _text(entry, "id", f"tag:{authority(about)},{about.first.year}:{about.case_id}/incident/{row['incident_id']}")
    _text(entry, "updated", max(end, since or end).strftime(STAMP))
    _text(entry, "published", end.strftime(STAMP))
    Xml.SubElement(entry, f"{{{ATOM}}}category", {"term": str(row["kind"]), "label": words.kind(str(row["kind"]))})
    error = row["place_error_m"]
    said = [
        f"{words.kind(str(row['kind']))}, {words.window(start, end, about.zone)} ({about.zone}).",
        say("{what} {p}.", what=say("P(conflict)"), p=words.chance(_number(row["p_conflict"]))),
        *([say("Place error: {error}.", error=words.metres(_number(error)))] if error is not None else []),
    ]
    _text(entry, "summary", " ".join(said))
    if link:
        _link(entry, "alternate", *link)
    else:
        _text(entry, "content", " ".join(said))
    if row["lon"] is not None and row["lat"] is not None:
        Xml.SubElement(entry, f"{{{GEORSS}}}point").text = f"{row['lat']:.5f} {row['lon']:.5f}"
        if error is not None:
            Xml.SubElement(entry, f"{{{GEORSS}}}radius").text = f"{error:.0f}"


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("a released incident has a start and an end")
    return value


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _text(parent: Xml.Element, name: str, text: str) -> None:
    Xml.SubElement(parent, f"{{{ATOM}}}{name}").text = shown(text)


def _link(parent: Xml.Element, rel: str, href: str, kind: str) -> None:
    Xml.SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "href": href, "type": kind})
