"""What leaves of a number alleged: the word always, figures of what could be seen never, and small counts not."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from teisen.judgement import OUTCOME
from teisen.languages import LANGUAGES, again
from teisen.observation import ALLEGATION
from teisen.release import Policy, Released, release
from tests.outward import secret

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
OF = "of 40 violations stated, {n} on record without the accuser's sources fit (expected number)"
WOULD = "; had all of it happened, others would have recorded 32.25."
UNPLACED = "; where it happened is not stated, so what others would have recorded is not known."
NOT_SUPPORTED = "So many are not supported: the evidence speaks for fewer."
CANNOT_TELL = "Whether there were so many cannot be told."
PARTLY = "Partly corroborated by number"
WATCHED = "Not corroborated by number, although a part of it would probably have been seen"
BLIND = "Not corroborated by number, and it is not shown that a part of it could have been seen"
MANY = f"{PARTLY}: {OF.format(n='17.94')}"
UNSEEN = "With what nobody recorded: 19 to 26 (90 % interval)."
NOWHERE = f"{BLIND}: {OF.format(n='1.94')}{UNPLACED} On record: 0 to 3. {CANNOT_TELL}"
SENTENCES = {
    "many": (f"{MANY}{WOULD} On record: 17 to 18. {UNSEEN} {NOT_SUPPORTED}", (17, 18)),
    "few": (f"{WATCHED}: {OF.format(n='1.94')}{WOULD} On record: 2. {UNSEEN} {NOT_SUPPORTED}", (2, 2)),
    "nowhere": (NOWHERE, (0, 3)),
}


def given() -> dict[str, pl.DataFrame]:
    said, weighed = [], []
    for row, (name, (explanation, (low, high))) in enumerate(SENTENCES.items()):
        both = {"allegation_id": f"says:{name}", "accuser": "party-y", "accused": "party-x"}
        when = {"stated": NOON, "start": NOON, "end": NOON, "source_zone": "UTC", "kind": "other"}
        rest = {"components": [], "read": "parsed", "flags": [], "source_id": "says", "blob": "00", "row": row}
        said.append(both | when | rest | {"area_id": None if name == "nowhere" else "area"})
        counts = {
            "record_low": low,
            "record_high": high,
            "number_low": low,
            "number_high": high + 8,
            "p_number": 0.0123,
        }
        reading = dict.fromkeys(("agreement_id", "provision_id", "reading_id"), "x")
        found = {"outcome": "partly", "number": "not_supported", "matched": low + 0.94, "would_record": 32.25}
        weighed.append(
            both | found | counts | {"under": [reading | counts], "incident_ids": [], "explanation": explanation}
        )
    outcome = OUTCOME.fill(pl.DataFrame(weighed, schema_overrides={n: OUTCOME.schema[n] for n in weighed[0]}))
    table = ALLEGATION.fill(pl.DataFrame(said, schema_overrides={n: ALLEGATION.schema[n] for n in said[0]}))
    return {"allegation": table, "outcome": outcome}


def released() -> Released:
    return release(given(), Policy.model_validate({}), "public", NOON + timedelta(days=200), {}, secret=secret)


def test_no_figure_of_what_nobody_recorded_leaves() -> None:
    table = released().tables["outcome"]
    assert all(table[name].null_count() == 3 for name in ("p_number", "number_low", "number_high", "would_record"))
    under = table["under"].explode().drop_nulls().struct.unnest()
    assert under.select(pl.col("p_number", "number_low", "number_high").null_count()).row(0) == (under.height,) * 3
    text = " ".join(table["explanation"])
    assert not re.search(r"32\.25|nobody recorded|90 %|26|interval", text)
    assert table["number"].to_list() == ["not_supported"] * 3


def test_few_on_record_at_a_place_do_not_leave_and_the_sentence_stays_whole() -> None:
    table = released().tables["outcome"]
    assert set(table["explanation"]) == {
        f"{MANY}. On record: 17 to 18. {NOT_SUPPORTED}",
        f"{WATCHED}. {NOT_SUPPORTED}",
        NOWHERE,
    }
    few = table.filter(pl.col("explanation").str.contains("although"))
    assert few.select("record_low", "record_high", "matched", "under").row(0) == (None,) * 4


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_what_is_left_of_sentences_is_said_again(language: str) -> None:
    for text in [*released().tables["outcome"]["explanation"], *(text for text, _ in SENTENCES.values())]:
        assert not re.search(r"\b[a-z]{3,} [a-z]{3,}\b", again(text, language))
