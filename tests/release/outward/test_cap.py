"""Notices against the schema of CAP 1.2 by OASIS, and what the standard asks for beyond it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as Xml

import polars as pl
import pytest

from teisen.errors import BadInput
from teisen.languages import LANGUAGES
from teisen.release.outward import cap, notable
from tests.release.made_up import about
from tests.release.outward.given import hostile, released

SCHEMA = Path(__file__).parents[1] / "schemas" / "CAP-v1.2.xsd"
C = "{urn:oasis:names:tc:emergency:cap:1.2}"


@pytest.mark.parametrize("audience", ["public", "mission"])
def test_it_is_valid_against_the_schema(audience: str) -> None:
    xmlschema = pytest.importorskip("xmlschema")
    schema = xmlschema.XMLSchema(str(SCHEMA))
    incidents = hostile(released("mission").tables["incident"])
    out = released(audience, incident=incidents)
    for incident_id in notable(out):
        schema.validate(cap(out, about(), incident_id).decode().split("\n", 1)[1])


def test_it_says_the_same_in_every_language() -> None:
    out = released()
    alert = Xml.fromstring(cap(out, about(), notable(out)[0]))  # noqa: S314  our own
    infos = alert.findall(f"{C}info")
    assert [info.findtext(f"{C}language") for info in infos] == list(LANGUAGES)
    for name in ("category", "urgency", "severity", "certainty", "effective", "onset", "expires"):
        assert len({info.findtext(f"{C}{name}") for info in infos}) == 1, name
    assert len({info.findtext(f"{C}event") for info in infos}) == len(LANGUAGES)
    assert len({info.findtext(f"{C}area/{C}circle") for info in infos}) == 1


def test_identifier_sender_and_times_are_as_the_standard_asks() -> None:
    out = released("mission")
    alert = Xml.fromstring(cap(out, about(), notable(out)[0]))  # noqa: S314
    for name in ("identifier", "sender"):
        assert not re.search(r"[\s,<&]", alert.findtext(f"{C}{name}") or "")
    for element in alert.iter():
        if element.tag in {f"{C}{name}" for name in ("sent", "effective", "onset", "expires")}:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-00:00", element.text or "")
            datetime.fromisoformat(element.text or "")
    assert alert.findtext(f"{C}scope") == "Restricted"
    assert alert.findtext(f"{C}restriction")
    circle = alert.findtext(f"{C}info/{C}area/{C}circle") or ""
    assert re.fullmatch(r"-?\d+\.\d+,-?\d+\.\d+ \d+\.\d", circle)


def test_who_did_it_is_not_said() -> None:
    out = released("mission")
    content = cap(out, about(), notable(out)[0]).decode()
    assert "Xland" not in content
    assert "Yland" not in content


def test_only_what_is_probable_placed_and_recent_gets_a_notice() -> None:
    out = released("mission")
    incidents = out.tables["incident"]
    chosen = incidents.filter(pl.col("incident_id").is_in(notable(out)))
    assert not chosen.is_empty()
    assert chosen["p_conflict"].min() >= 0.5  # type: ignore[operator]
    assert chosen["lon"].null_count() == 0
    (sent, ends) = out.as_of, chosen["end"].min()
    assert isinstance(ends, datetime)
    assert ends + timedelta(days=7) > sent
    unplaced = incidents.filter(pl.col("lon").is_null())["incident_id"][0]
    with pytest.raises(BadInput, match="no place"):
        cap(out, about(), unplaced)
    with pytest.raises(BadInput, match="no such incident"):
        cap(out, about(), "inc-nowhere")
