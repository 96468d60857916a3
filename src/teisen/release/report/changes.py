"""What changed between two derivations, as a page: counted, because of what, and row by row from what to what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from teisen.fusion.schema import INCIDENT
from teisen.judgement.schema import TALLY
from teisen.languages import say, say_again, speaking, text
from teisen.languages import words as words_of
from teisen.observation import ALLEGATION
from teisen.release.difference import CHANGES, by_cause, by_change, by_level, largest
from teisen.release.report import words
from teisen.release.report.amounts import amount
from teisen.release.report.context import ReportContext
from teisen.release.report.page import render

MOST = 200
"""Rows of one subject that the page lists, those first that changed most; the CSV has all."""
CHANGED = {
    "appeared": text("new"),
    "vanished": text("gone"),
    "changed": text("another value"),
    "merged": text("several are now one"),
    "split": text("one is now several"),
}
FIELDS = {
    "p_conflict": text("probability"),
    "p_violation": text("P(violation)"),
    "p_in_scope": text("P(in scope)"),
    "level": text("level"),
    "attribution": text("who"),
    "actors": text("who"),
    "start": text("time"),
    "end": text("time"),
    "lon": text("place"),
    "lat": text("place"),
    "place_error_m": text("place"),
    "place_name": text("place"),
    "area_id": text("place"),
    "kind": text("kind"),
    "kinds": text("kind"),
    "targets": text("what was hit"),
    "weapons": text("with what"),
    "n_observations": text("observations under it"),
    "n_groups": text("independent groups under it"),
    "outcome": text("outcome"),
    "p_corroborated": text("P(corroborated)"),
    "p_would_see": text("P(would have been seen)"),
    "number": text("how its number is met"),
    "record_low": text("number on record"),
    "record_high": text("number on record"),
    "number_low": text("number with what nobody recorded"),
    "number_high": text("number with what nobody recorded"),
    "incident_ids": text("incidents that match"),
}
"""How the page names a column that differs; columns not named here stand under their own name."""


@dataclass(frozen=True)
class Stand:
    """One side: entries and root of the ledger (None: not told), known by when, version and digest of the code."""

    size: int | None
    root: str | None
    known_by: str | None
    version: str
    code: str
    inputs: str


@dataclass(frozen=True)
class Cause:
    """One cause: label, words, and how many incidents, findings and outcomes name it; ``alone``: it and no other."""

    label: str
    says: str
    counts: tuple[int, ...]
    alone: int


@dataclass(frozen=True)
class Row:
    """One thing that is not the same, with its values on both sides (empty: it was not there)."""

    id: str
    when: str
    what: str
    under: str
    change: str
    before: str
    after: str
    differs: str
    causes: tuple[str, ...]


@dataclass(frozen=True)
class Level:
    """Findings under one reading that went from one level to another (empty: no such finding on that side)."""

    reading: str
    before: str
    after: str
    count: int


def difference_page(
    rows: pl.DataFrame,
    sides: tuple[Mapping[str, pl.DataFrame], Mapping[str, pl.DataFrame]],
    stands: tuple[Stand, Stand],
    about: ReportContext,
) -> str:
    """The page of a difference.

    Args:
        rows: DIFFERENCE as released.
        sides: released incidents and allegations of the earlier and the later side, by table name.
        stands: what the sides are.
        about: what the page states beside them.
    """
    with speaking(words_of(about.language)):
        return _page(rows, sides, stands, about)


def _page(
    rows: pl.DataFrame,
    sides: tuple[Mapping[str, pl.DataFrame], Mapping[str, pl.DataFrame]],
    stands: tuple[Stand, Stand],
    about: ReportContext,
) -> str:
    causes = _causes(rows)
    labels = {cause.says: cause.label for cause in causes}
    told = _told(sides, about)
    listed = {
        subject: [_row(row, told, labels, about) for row in largest(rows, subject).head(MOST).iter_rows(named=True)]
        for subject in ("finding", "incident", "outcome")
    }
    return render(
        "difference.html.j2",
        about=about,
        stands=stands,
        changes=CHANGES,
        changed=CHANGED,
        subjects={"incident": text("Incidents"), "finding": text("Findings"), "outcome": text("Outcomes")},
        counts=by_change(rows),
        causes=causes,
        files={name: f"{'simulated-' if about.simulated else ''}{name}.csv" for name in ("difference", "causes")},
        levels=[
            Level(_reading(about, *key), old or "", new or "", n) for *key, old, new, n in by_level(rows).iter_rows()
        ],
        listed=listed,
        totals={subject: rows.filter(pl.col("subject") == subject).height for subject in listed},
        log=about.log.filter(pl.col("table") == "difference").to_dicts() if about.log.height else [],
    )


def _causes(rows: pl.DataFrame) -> list[Cause]:
    named = by_cause(rows).filter(pl.col("cause") != "")
    return [Cause(f"C{n}", says, tuple(counts), alone) for n, (says, *counts, alone) in enumerate(named.iter_rows(), 1)]


def _told(sides: tuple[Mapping[str, pl.DataFrame], ...], about: ReportContext) -> dict[str, str]:
    """What an incident, allegation or tally is in a few words, by id; the later side's word counts."""
    found: dict[str, str] = {}
    for side in sides:
        found |= dict(side.get("incident", INCIDENT.empty()).select("incident_id", "title").iter_rows())
        for row in side.get("allegation", ALLEGATION.empty()).iter_rows(named=True):
            found[row["allegation_id"]] = _alleged(row, about)
        for row in side.get("tally", TALLY.empty()).iter_rows(named=True):
            gaps = {"unit": say_again(row["unit"]), "period": say_again(row["per"])}
            found[row["tally_id"]] = say("Count of {unit}, per {period}", **gaps)
    return found


def _alleged(row: Mapping[str, Any], about: ReportContext) -> str:
    """Who alleges what of whom; a total as stated, or the kind."""
    who, whom = about.name_of(row["accuser"]), about.name_of(row["accused"])
    own = row["accuser"] == row["accused"]
    of = say("{who} of its own side", who=who) if own else say("{who} against {whom}", who=who, whom=whom)
    what = words.kind(row["kind"]).lower() if row["kind"] != "other" else ""
    parts = [part for part in (amount(row["quantity"], row["unit"]), what, row["place_name"] or "") if part]
    return f"{of}: {', '.join(parts) or say('kind not said')}"


def _row(row: Mapping[str, Any], told: Mapping[str, str], labels: Mapping[str, str], about: ReportContext) -> Row:
    subject = row["subject"]
    return Row(
        row["id"],
        words.window(row["start"], row["end"], about.zone),
        told.get(row["about"] or row["id"], say("not released")),
        _reading(about, row["agreement_id"], row["provision_id"], row["reading_id"]) if subject == "finding" else "",
        say(CHANGED[row["change"]]),
        _value(row, "before"),
        _value(row, "after"),
        words.listing(sorted({say(FIELDS.get(name, name)) for name in row["fields"]})),
        tuple(labels[cause] for cause in row["causes"]),
    )


def _value(row: Mapping[str, Any], side: str) -> str:
    """Word and probability of one side; empty where it was not there."""
    word, p, scope = row[f"word_{side}"], row[f"p_{side}"], row[f"scope_{side}"]
    if word is None:
        return ""
    if row["subject"] == "incident":
        word = words.kind(word)
    if row["subject"] == "outcome":
        word = words.outcome(word)
    chance = (
        f" {words.chance(p)}"
        if p is not None
        else f" ({say('in scope')} {words.chance(scope)})"
        if scope is not None
        else ""
    )
    return f"{say_again(word)}{chance}"


def _reading(about: ReportContext, agreement_id: str, provision_id: str, reading_id: str) -> str:
    """A reading with its provision and who holds it; by their ids where the case has it no more."""
    for agreement in about.agreements:
        for provision in agreement.provisions:
            for reading in provision.readings:
                if (agreement.id, provision.id, reading.id) == (agreement_id, provision_id, reading_id):
                    return f"{provision.title}: {reading.title} ({about.name_of(reading.held_by)})"
    return "/".join((agreement_id, provision_id, reading_id))
