"""A case whose people can send things in: an observers' source, a party's allegations, two pairs of eyes."""

from __future__ import annotations

from pathlib import Path

from tests.case import small

MORE_SOURCES = """\
  - id: officers
    reader: table
    profile: news
    options: {mapping: officers.yaml}
intake:
  reports: [officers]
  allegations: {party-a: claims}
  files: [news]
review: {four_eyes: [confirm]}
"""
OFFICERS_MAPPING = """\
format: teisen-table/1
fills: observation
zone: UTC
fields: {start: seen at, end: until, lon: lon, lat: lat, place_error_m: error, kind: what, text: words}
"""
ONCE = "a-text-of-its-own-0001"
REPORT = {
    "start": "2025-04-19T10:00:00Z",
    "lon": "30.7",
    "lat": "50.7",
    "place_error_m": "500",
    "kind": "shelling",
    "text": "seen from the road",
}


def template(folder: Path) -> Path:
    """The small case with intake."""
    path = small.template(folder)
    path.write_text(path.read_text(encoding="utf-8") + MORE_SOURCES, encoding="utf-8")
    (folder / "mappings" / "officers.yaml").write_text(OFFICERS_MAPPING, encoding="utf-8")
    return path
