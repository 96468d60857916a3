"""Statements of both sides in March and April 2025, weighed against the record and what others could have seen."""

from __future__ import annotations

import polars as pl
import pytest

from teisen.case import Case, stored

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def weighed(energy: Case) -> pl.DataFrame:
    """OUTCOME with the allegations' own columns."""
    tables = stored.read_tables(energy.derived)
    return tables["outcome"].join(tables["allegation"].drop("accuser", "accused"), on="allegation_id", how="full")


@pytest.fixture(scope="module")
def against(weighed: pl.DataFrame) -> pl.DataFrame:
    return weighed.filter(pl.col("accused") != pl.col("accuser"))


def test_every_statement_of_either_side_has_an_outcome(weighed: pl.DataFrame) -> None:
    assert weighed["outcome"].null_count() == weighed["source_id"].null_count() == 0
    counts = dict(weighed.group_by("source_id").len().iter_rows())
    assert counts["ministry-a"] > 150
    assert counts["officials-b"] >= 5
    assert counts["agreement:energy-2025"] == 6


def test_where_nobody_could_look_silence_is_not_held_against_who_alleges(against: pl.DataFrame) -> None:
    mine = against.filter(pl.col("area_id").str.starts_with("RU-"), pl.col("outcome") != "unread")
    assert mine.height > 80
    assert mine["p_would_see"].max() < 0.1  # type: ignore[operator]
    assert set(mine["outcome"]) <= {"not_seen_blind", "partly", "corroborated"}


def test_a_strike_that_an_official_named_is_borne_out_by_what_others_reported(against: pl.DataFrame) -> None:
    day = pl.datetime(2025, 4, 1, 9, time_zone="UTC")
    kherson = against.filter(
        pl.col("source_id") == "officials-b", pl.col("area_id") == "UA-65", pl.col("start") <= day, pl.col("end") >= day
    )
    assert kherson.height >= 1
    # what others reported is known to the day alone: it fits the statement of the whole day in part, and the one whose
    # day ends at 11:00 less; either more than the incidents of an ordinary day would
    best = kherson.sort("p_corroborated", descending=True)["outcome"].to_list()
    assert best[0] in ("corroborated", "partly")
    assert set(best) <= {"corroborated", "partly", "not_seen_blind"}
    assert all(p > 0.12 for p in kherson["p_corroborated"])
    # the press sees half of what happens in towns in its reach, and the other side held most of this region
    assert all(0.2 < p < 0.3 for p in kherson["p_would_see"])


def test_totals_are_counted_and_none_is_borne_out(against: pl.DataFrame) -> None:
    totals = against.filter(pl.col("matched").is_not_null())
    assert set(totals["native_id"]) >= {
        "strikes-120",
        "regions-by-16-april",
        "hits-since-18-march",
        "hits-since-25-march",
    }
    named = {row["native_id"]: row for row in totals.iter_rows(named=True)}
    for name in ("strikes-120", "hits-since-25-march"):
        row = named[name]
        assert row["matched"] < row["quantity"] / 5
        assert row["outcome"] == "not_seen_blind"
    # the one side's statements lie where no source of this case looks, the other's where the press does, in part
    assert named["strikes-120"]["would_record"] < 0.1 < named["hits-since-25-march"]["would_record"]


def test_of_neither_side_can_much_be_said(energy: Case) -> None:
    table = stored.read_tables(energy.derived)["corroboration"].filter(pl.col("reading_id") == "*").sort("nth")
    assert table["accuser"].to_list() == ["party-a", "party-b"]
    assert ((table["share_high"] - table["share_low"]) > 0.9).all()
    assert (table["opportunity"] < table["allegations"] / 2).all()
