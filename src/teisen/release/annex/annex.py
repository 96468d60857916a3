"""The annex's files: one content, written as a page, a paper, a map and tables."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import polars as pl

from teisen.languages import speaking, words
from teisen.release.annex.blocks import paper
from teisen.release.annex.cut import Cut
from teisen.release.annex.page import page
from teisen.release.paper import pdf


def annex(found: Cut, *, language: str, dated: date, audience: str, author: str = "") -> dict[str, bytes]:
    """The files of an annex by name; the same plan, terms and language give the same bytes.

    Args:
        found: what leaves.
        language: code of the language.
        dated: the day that it speaks of: that of the plan's entry in the ledger.
        audience: for whom it is.
        author: who publishes it: the ledger's origin.

    Raises:
        BadInput: there are no words in this language.
    """
    with speaking(words(language)):
        document = paper(found, language=language, dated=dated, audience=audience, author=author)
        made = {"annex.html": page(document, found.plan.sha256).encode(), "annex.pdf": pdf(document)}
    tables = {"placement": found.placed, "promises": found.promised}
    if found.full:
        made["annex.geojson"] = _geojson(found)
        tables |= {"guarantees": found.guaranteed, "changes": found.changes}
    made |= {f"{name}.csv": _csv(table) for name, table in tables.items()}
    return made


def _csv(table: pl.DataFrame) -> bytes:
    kept = [name for name in table.columns if table.height == 0 or table[name].null_count() < table.height]
    return table.select(kept).write_csv().encode()


def _geojson(found: Cut) -> bytes:
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row.pop("lon"), row.pop("lat")]},
            "properties": row,
        }
        for row in found.placed.drop_nulls(["lon", "lat"]).to_dicts()
    ]
    features += [
        {"type": "Feature", "geometry": {"type": "LineString", "coordinates": piece.tolist()}, "properties": {}}
        for piece in found.line
    ]
    about = {"plan": found.plan.id, "version": found.plan.version, "sha256": found.plan.sha256}
    collection = {"type": "FeatureCollection", "features": features, "properties": about}
    return json.dumps(collection, ensure_ascii=False, sort_keys=True).encode()
