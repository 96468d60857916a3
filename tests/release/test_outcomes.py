"""What leaves of outcomes, and of how far they bear a party out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from teisen.judgement import FINDING, OUTCOME, corroboration
from teisen.observation import ALLEGATION
from teisen.release import Policy, Released, release
from tests.outward import secret

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
PUBLIC = Policy.model_validate({})
SAID = [
    ("says:1", 0, "corroborated", 0.9, 0.8, "Corroborated: 1 incident fits (P = 0.9)."),
    ("says:2", 1, "not_seen_watched", 0.1, 0.7, "Not corroborated, although watched: P(others report it) = 0.72."),
    (
        "says:3", 90, "not_seen_blind", 0.0, None,
        "Not corroborated by number: of 9 strikes, 1.0 fit; had all of it happened, others would have recorded 3.25.",
    ),
]  # fmt: skip


def given() -> dict[str, pl.DataFrame]:
    said: list[dict[str, Any]] = []
    weighed: list[dict[str, Any]] = []
    for row, (name, days, word, p, would, explanation) in enumerate(SAID):
        at = NOON + timedelta(days=days)
        both = {"allegation_id": name, "accuser": "party-y", "accused": "party-x"}
        when = {"stated": at, "start": at, "end": at, "source_zone": "UTC", "kind": "other"}
        rest = {"components": [], "read": "parsed", "flags": [], "source_id": "says", "blob": "00", "row": row}
        said.append(both | when | rest)
        found = {"outcome": word, "p_corroborated": p, "p_would_see": would, "would_record": 3.25}
        weighed.append(both | found | {"incident_ids": [], "explanation": explanation})
    allegation = ALLEGATION.fill(pl.DataFrame(said, schema_overrides={n: ALLEGATION.schema[n] for n in said[0]}))
    outcome = OUTCOME.fill(pl.DataFrame(weighed, schema_overrides={n: OUTCOME.schema[n] for n in weighed[0]}))
    finding = FINDING.empty()
    table = corroboration(outcome, finding, ["party-y", "party-x"])
    return {"allegation": allegation, "outcome": outcome, "finding": finding, "corroboration": table}


def public(days: int) -> Released:
    return release(given(), PUBLIC, "public", NOON + timedelta(days=days), {}, secret=secret)


def test_no_figure_of_what_could_be_seen_leaves_in_columns_or_sentences() -> None:
    out = public(200).tables["outcome"]
    assert out["p_would_see"].null_count() == out["would_record"].null_count() == 3
    text = " ".join(out["explanation"])
    assert "0.72" not in text
    assert "3.25" not in text
    assert "P = 0.9" in text


def test_what_is_withheld_is_not_counted_either() -> None:
    assert public(200).tables["corroboration"]["allegations"].to_list() == [3, 0]
    young = public(30)
    table = young.tables["corroboration"]
    assert table.select("accuser", "allegations", "corroborated", "opportunity").rows() == [
        ("party-y", 2, 1, 1.5),
        ("party-x", 0, 0, 0.0),
    ]
    again = release(young.tables, PUBLIC, "public", young.as_of, {}, secret=secret).tables
    assert all(again[name].equals(frame) for name, frame in young.tables.items())
