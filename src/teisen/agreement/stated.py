"""Parties' totals, as an agreement's file records them, as rows of the allegation table."""

from __future__ import annotations

import hashlib

import polars as pl

from teisen.agreement.model import Agreement, Part, StatedAllegation
from teisen.agreement.windows import to_utc
from teisen.observation import ALLEGATION

FLAG_TOTAL = "party_total"
"""A total that a party stated: compare it with nothing but its own parts."""
FLAG_UNDATED = "date_not_known"
"""When it was stated is not known; the end of its window stands there instead."""


def stated_allegations(agreement: Agreement, blob: str) -> pl.DataFrame:
    """One row for each allegation of the agreement (ALLEGATION), never summed across parties.

    Args:
        agreement: the agreement.
        blob: SHA-256 of its file in hex; rows count the file's allegations from 1.

    The source is ``agreement:<id>``. ``components_gap`` is the quantity less its parts of the same unit: positive, some
    are not stated; negative, they overlap. Ids depend on the file's own ids, not on who accuses whom.
    """
    source_id = f"agreement:{agreement.id}"
    statements = {statement.id: statement for statement in agreement.statements}
    rows: list[dict[str, object]] = []
    for number, stated in enumerate(agreement.allegations, start=1):
        statement, window = statements[stated.source], stated.window
        digest = hashlib.sha256(f"{agreement.id}\x1f{stated.id}".encode()).hexdigest()[:16]
        rows.append(
            {
                "allegation_id": f"{source_id}:{digest}",
                "native_id": stated.id,
                "accuser": stated.accuser,
                "accused": stated.accused,
                "stated": to_utc(stated.stated or window.end, window.zone),
                "start": to_utc(window.start, window.zone),
                "end": to_utc(window.end, window.zone),
                "source_zone": window.zone,
                "place_name": stated.place,
                "kind": stated.kind,
                "target_class": stated.target_class,
                "weapon": stated.weapon,
                "quantity": stated.quantity,
                "unit": stated.unit,
                "components": [_part(part, stated) for part in stated.components],
                "components_gap": _gap(stated),
                "read": "parsed",
                "flags": _flags(stated),
                "language": statement.language,
                "text": statement.text,
                "link": statement.link,
                "source_id": source_id,
                "blob": blob,
                "row": number,
            }
        )
    return ALLEGATION.hand_over(ALLEGATION.fill(pl.DataFrame(rows, schema_overrides=_schema(rows))))


def _schema(rows: list[dict[str, object]]) -> pl.Schema:
    names = rows[0] if rows else {}
    return pl.Schema({name: dtype for name, dtype in ALLEGATION.schema.items() if name in names})


def _flags(stated: StatedAllegation) -> list[str]:
    flags = [FLAG_TOTAL]
    if stated.quantity is not None and stated.quantity_is != "exactly":
        flags.append(stated.quantity_is)
    return flags if stated.stated else [*flags, FLAG_UNDATED]


def _part(part: Part, stated: StatedAllegation) -> dict[str, object]:
    unit = f"{part.unit or stated.unit} of {part.of}" if part.of else part.unit or stated.unit
    return {"label": part.label, "quantity": part.quantity, "unit": unit}


def _gap(stated: StatedAllegation) -> float | None:
    parts = [part.quantity for part in stated.components if not part.of and (part.unit or stated.unit) == stated.unit]
    return stated.quantity - sum(parts) if stated.quantity is not None and parts else None
