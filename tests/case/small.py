"""A tiny made-up case, written as a template: two regions on a plain, news by a mapping, a party's statement."""

from __future__ import annotations

import json
from pathlib import Path

CASE = """\
format: teisen-case/1
id: small
title: A small case
period: {from: 2025-04-18, to: 2025-04-23}
box: [29, 49, 32, 52]
parties:
  - {id: party-a, name: A}
  - {id: party-b, name: B}
agreements: [truce.yaml]
sources:
  - id: regions
    reader: areas
    profile: ground
    shipped: [regions.geojson]
    options: {id: id, name: name, level: region}
  - id: news
    reader: table
    profile: news
    files: ["news*.csv"]
    options: {mapping: news.yaml}
  - id: claims
    reader: table
    profile: claims
    reported_by: party-a
    about: party-b
    files: [claims.csv]
    options: {mapping: claims.yaml}
"""
AGREEMENT = """\
format: teisen-agreement/1
id: truce
title: A truce
summary: All attacks cease for two days.
parties:
  - {id: party-a, name: A}
  - {id: party-b, name: B}
statements:
  - {id: text, who: mediator, date: 2025-04-18, language: en, text: Attacks cease., citation: made up, mark: background}
provisions:
  - id: hostilities
    title: Attacks cease
    text: {language: en, words: Attacks cease., source: text}
    binds: [party-a, party-b]
    readings:
      - id: one
        title: One
        held_by: party-a
        sources: [text]
        rule:
          all_of:
            - during: {from: 2025-04-19, to: 2025-04-21, zone: UTC}
            - is_kind: [attack]
            - bound_party:
allegations:
  - id: total
    accuser: party-b
    accused: party-a
    stated: 2025-04-21
    window: {from: 2025-04-19, to: 2025-04-21, zone: UTC}
    quantity: 12
    source: text
"""
NEWS_MAPPING = """\
format: teisen-table/1
fills: observation
zone: UTC
fields: {start: at, lon: x, lat: y, kind: what, text: words}
watched:
  - {areas: ["R-*"], from: 2025-04-18, to: 2025-04-22, reason: at work, basis: declared}
"""
CLAIMS_MAPPING = """\
format: teisen-table/1
fills: allegation
zone: UTC
fields: {stated: said, start: said, lon: x, lat: y, kind: what, text: words}
"""
NEWS = """\
at,x,y,what,words
2025-04-18 06:00,30.10,50.10,shelling,first
2025-04-19 07:00,30.50,50.50,drone-strike,second
2025-04-20,31.20,51.00,missile-strike,third
2025-04-20 10:00,500,51.00,shelling,nowhere
"""
MORE_NEWS = """\
at,x,y,what,words
2025-04-19 07:10,30.50,50.51,drone-strike,second again
2025-04-22 12:00,31.50,51.50,shelling,fourth
"""
CLAIMS = """\
said,x,y,what,words
2025-04-20,31.21,51.00,missile-strike,a claim
"""


def profile(name: str, role: str, *, redistribute: bool = True) -> str:
    figure = "{value: %s, origin: chosen for the test, basis: assumed}"
    return "\n".join(
        [
            f"id: {name}",
            f"title: Made-up {name}",
            f"licence: {{name: CC0, attribution: the test, redistribute: {str(redistribute).lower()}}}",
            f"role: {role}",
            f"group: {name}",
            f"place_error_m: {figure % 2000}",
            f"time_error_s: {figure % 3600}",
            f"delay_s: {figure % 3600}",
            f"false_share: {figure % 0.1}",
            f"detection: {{shelling: {figure % 0.5}, drone-strike: {figure % 0.5}, missile-strike: {figure % 0.8}}}",
            "",
        ]
    )


def template(folder: Path) -> Path:
    """Write the template into ``folder`` and return its case.yaml."""
    boxes = {"R-1": (30, 50, 31, 51), "R-2": (31, 50, 32, 52)}
    features = [
        {
            "type": "Feature",
            "properties": {"id": name, "name": f"Region {name}"},
            "geometry": {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]},
        }
        for name, (w, s, e, n) in boxes.items()
    ]
    files = {
        "case.yaml": CASE,
        "agreements/truce.yaml": AGREEMENT,
        "mappings/news.yaml": NEWS_MAPPING,
        "mappings/claims.yaml": CLAIMS_MAPPING,
        "profiles/ground.yaml": profile("ground", "context"),
        "profiles/news.yaml": profile("news", "makes"),
        "profiles/claims.yaml": profile("claims", "context", redistribute=False),
        "regions.geojson": json.dumps({"type": "FeatureCollection", "features": features}),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "case.yaml"


def data(folder: Path) -> Path:
    """Write the sources' files into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"news-1.csv": NEWS, "news-2.csv": MORE_NEWS, "claims.csv": CLAIMS}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
