"""The feed against RFC 4287: what has to be there, once, in which form; and a feed reader accepts it."""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

import pytest

from teisen.release.outward import atom
from tests.release.made_up import about
from tests.release.outward.given import hostile, released

A = "{http://www.w3.org/2005/Atom}"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
TAG = re.compile(r"tag:[a-z0-9.-]+,\d{4}(-\d\d(-\d\d)?)?:\S+")


@pytest.mark.parametrize("address", ["", "https://watch.example.org"])
def test_it_keeps_to_rfc_4287(address: str) -> None:
    feed = Xml.fromstring(atom(released("mission"), about(), address=address))  # noqa: S314  our own
    entries = feed.findall(f"{A}entry")
    assert feed.tag == f"{A}feed"
    assert len(entries) == released("mission").tables["incident"].height
    for element in (feed, *entries):
        for once in ("id", "title", "updated"):
            assert len(element.findall(f"{A}{once}")) == 1
        assert TAG.fullmatch(element.findtext(f"{A}id") or "")
        assert STAMP.fullmatch(element.findtext(f"{A}updated") or "")
    assert len({entry.findtext(f"{A}id") for entry in entries}) == len(entries)
    assert feed.find(f"{A}author/{A}name") is not None  # then entries need none (4.2.1)
    links = [link.attrib for link in feed.iter(f"{A}link")]
    assert all(link["href"].startswith("https://watch.example.org") for link in links)
    for entry in entries:
        alternates = [link for link in entry.findall(f"{A}link") if link.get("rel") == "alternate"]
        assert (entry.find(f"{A}content") is None) == (len(alternates) == 1)  # 4.1.2: content, or one alternate
        published, updated = entry.findtext(f"{A}published"), entry.findtext(f"{A}updated")
        assert (published or "") <= (updated or "")
    updated = [entry.findtext(f"{A}updated") or "" for entry in entries]
    assert max(updated) <= (feed.findtext(f"{A}updated") or "")


def test_a_feed_reader_takes_it_without_a_complaint() -> None:
    feedparser = pytest.importorskip("feedparser")
    incidents = hostile(released("mission").tables["incident"])
    read = feedparser.parse(atom(released("mission", incident=incidents), about(), address="https://watch.example.org"))
    assert not read.bozo
    assert read.version == "atom10"
    assert len(read.entries) == incidents.height
    assert "вибух 停戦" in read.entries[0].title
    placed = next(entry for entry in read.entries if "where" in entry)
    assert placed.where["type"] == "Point"
