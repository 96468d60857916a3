"""What leaves: properties that somebody who wants more would try to break."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.errors import BadInput, SchemaError
from teisen.geodesy import distance_m
from teisen.release import Policy, Released, release
from teisen.release.tables import TABLES
from tests.outward import outside, secret
from tests.release import tables as made

DEFAULT = Policy.model_validate({})
LATER = made.START + timedelta(days=40)
PLACE = st.tuples(st.floats(-179, 179), st.floats(-80, 80))
ROW = st.tuples(PLACE, st.integers(0, 60 * 24 * 30), st.booleans())


def released(rows: list[Any], as_of: datetime = LATER, audience: str = "public", policy: Policy = DEFAULT) -> Released:
    places, minutes, shut = ([row[i] for row in rows] for i in range(3))
    tables = {
        "observation": made.observations(places, minutes, shut),
        "incident": made.incidents(places, minutes, shut),
        "evidence": made.evidence(shut),
    }
    return release(tables, policy, audience, as_of, made.sources(), secret=secret)


@settings(max_examples=25, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=20))
def test_no_place_is_finer_than_the_grid(rows: list[Any]) -> None:
    out = released(rows).tables["incident"]
    lon, lat = out["lon"].to_numpy(), out["lat"].to_numpy()
    step = 10_000 / 111_194.93
    assert np.allclose((lat / step) % 1, 0.5, atol=2e-3)
    for i in range(out.height):
        apart = distance_m(lon, lat, lon[i], lat[i])
        assert ((apart < 5) | (apart > 4_500)).all()
    assert (out["place_error_m"] >= round(10_000 / 12**0.5)).all()


@settings(max_examples=25, deadline=None)
@given(PLACE)
def test_a_place_moves_no_further_than_its_cell(place: tuple[float, float]) -> None:
    out = released([(place, 0, False)]).tables["incident"].row(0, named=True)
    assert distance_m(*place, out["lon"], out["lat"]) < 10_000 * 0.75


@settings(max_examples=25, deadline=None)
@given(PLACE, st.integers(0, 59))
def test_neighbours_in_a_cell_cannot_be_told_apart(place: tuple[float, float], minute: int) -> None:
    first = released([(place, 0, False)]).tables["incident"].row(0, named=True)
    again = released([((first["lon"], first["lat"]), minute, False)]).tables["incident"].row(0, named=True)
    assert (again["lon"], again["lat"], again["start"]) == (first["lon"], first["lat"], first["start"])


@settings(max_examples=25, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=20), st.integers(0, 30 * 24))
def test_no_row_is_younger_than_the_delay(rows: list[Any], hour: int) -> None:
    as_of = made.START + timedelta(hours=hour)
    out = released(rows, as_of)
    old = {i for i, row in enumerate(rows) if made.START + timedelta(minutes=row[1]) <= as_of - timedelta(hours=72)}
    left = {outside(f"inc-{i:012x}") for i in old}
    assert set(out.tables["incident"]["incident_id"]) == left
    assert set(out.tables["evidence"]["incident_id"]) <= left


def test_a_step_at_a_date_leaves_once_all_days_that_it_compares_may() -> None:
    step = TABLES["interruption"].build(
        {
            "agreement_id": ["a"], "provision_id": ["p"], "reading_id": ["r"], "at": [made.START],
            "days_before": [20.0], "days_after": [10.0], "controls": [""], "word": ["fell"],
        }
    )  # fmt: skip

    def leaves(days: int) -> int:
        as_of = made.START + timedelta(days=days)
        return (
            release({"interruption": step}, DEFAULT, "public", as_of, {}, secret=secret).tables["interruption"].height
        )

    assert [leaves(days) for days in (4, 12, 13)] == [0, 0, 1]


@settings(max_examples=25, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=20))
def test_no_words_of_a_closed_source_leave_for_the_public(rows: list[Any]) -> None:
    out = released(rows)
    for frame in out.tables.values():
        assert made.CLOSED_WORDS not in str(frame.to_dicts())
    assert out.tables["incident"].height == len(rows)


def test_words_of_a_closed_source_stay_inside_also_while_its_late_report_does() -> None:
    given_ = {
        "observation": made.observations([(30, 50)], [0], [True]).with_columns(
            reported=made.START + timedelta(hours=99)
        ),
        "incident": made.incidents([(30, 50)], [0], [True]),
        "evidence": made.evidence([True]),
    }
    out = release(given_, DEFAULT, "public", made.START + timedelta(hours=100), made.sources(), secret=secret)
    assert out.tables["observation"].is_empty()
    assert out.tables["incident"].select("title", "place_name").rows() == [("explosion", None)]


def test_those_inside_keep_words_and_places() -> None:
    row = ((30.123456, 50.0), 5, True)
    out = released([row], audience="mission").tables
    assert out["observation"]["text"].to_list() == [made.CLOSED_WORDS]
    assert out["incident"]["lon"].to_list() == [30.12346]


@settings(max_examples=25, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[Any], random: Any) -> None:
    places, minutes, shut = ([row[i] for row in rows] for i in range(3))
    frame = made.incidents(places, minutes, shut)
    order = list(range(len(rows)))
    random.shuffle(order)
    one, other = (
        release({"incident": f}, DEFAULT, "public", LATER, made.sources(), secret=secret).tables["incident"]
        for f in (frame, frame[order])
    )
    assert one.equals(other)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 12), min_size=1))
def test_a_small_count_cannot_be_got_from_the_total(counts: dict[str, int]) -> None:
    out = release({"rate": made.rates(counts)}, DEFAULT, "public", LATER, {}, secret=secret).tables["rate"]
    left = dict(out.select("area_id", "recorded").iter_rows())
    assert left.pop("*") == sum(counts.values())
    gone = set(counts) - set(left)
    small = {area for area, count in counts.items() if 0 < count < 3}
    assert small <= gone
    assert len(gone) != 1 or len(counts) == 1
    assert not small or len(gone) <= max(2, len(small))


def test_what_could_be_seen_leaves_as_words_by_region_and_day() -> None:
    rows = [("R-1", None, 1, 0.7), (None, 30.5, 2, 0.2), (None, 50.0, 3, 0.2), ("R-1", None, 30, 0.0)]
    given_ = {"exposure": made.exposure(rows), "area": made.areas()}
    out = release(given_, DEFAULT, "public", LATER, {}, secret=secret).tables["exposure"]
    assert out.select(pl.col("lon", "lat", "radius_m", "p_detect").is_not_null().any()).row(0) == (False,) * 4
    said = out.select("area_id", pl.col("start").dt.day(), "state", "reason").sort("area_id", "start").rows()
    assert said == [
        (None, 1, "watched", "may be seen"),
        ("R-1", 1, "watched", "would probably be seen"),
        ("R-1", 2, "cloud", "could not be seen"),
    ]


def test_figures_behind_the_words_do_not_leave_beside_them() -> None:
    out = released([((30, 50), 0, False)]).tables["evidence"].filter(pl.col("relation") == "missed")
    assert out.select("p_detect", "log_ratio").row(0) == (None, None)
    rate = release({"rate": made.rates({"a": 5, "b": 6})}, DEFAULT, "public", LATER, {}, secret=secret).tables["rate"]
    assert dict(rate.select("area_id", "watched").iter_rows()) == {"a": None, "b": None, "*": 0.5}


@pytest.mark.parametrize(
    ("reason", "leaves"),
    [
        ("A feed (of fires): watched, would have reported it with p 0.58; nothing reported (2 passes (of 4))",
         "A feed (of fires): watched; nothing reported"),
        ("A feed (of fires): too weak to see (cloud 59 % (of the day))", "A feed (of fires): too weak to see"),
        ("A feed: no data (no file for this day)", "A feed: no data"),
        ("A feed: jammed (within reach 20 %)", "A feed: jammed"),
    ],
)  # fmt: skip
def test_nor_in_the_reason_why_nothing_was_reported(reason: str, leaves: str) -> None:
    silent = pl.col("relation") == "missed"
    seen = made.evidence([False]).with_columns(reason=pl.when(silent).then(pl.lit(reason)).otherwise("reason"))
    out = {
        who: release({"evidence": seen}, DEFAULT, who, LATER, {}, secret=secret).tables["evidence"]
        for who in ("public", "mission")
    }
    assert out["public"].filter(silent)["reason"].to_list() == [leaves]
    assert out["mission"].filter(silent)["reason"].to_list() == [reason]
    assert out["public"].filter(~silent)["reason"].to_list() == ["reported it"]


def test_an_area_of_control_is_coarsened_and_a_region_is_not() -> None:
    out = release({"area": made.areas()}, DEFAULT, "public", LATER, {}, secret=secret).tables["area"]
    same = out["geometry"] == made.areas()["geometry"].gather([1, 0] if out["area_id"][0] == "held" else [0, 1])
    assert dict(zip(out["area_id"], same, strict=True)) == {"R-1": True, "held": False}


def test_every_redaction_is_logged_with_reason_and_count() -> None:
    rows = [((30.0, 50.0), 61, True), ((30.0, 50.0), 60 * 24 * 29, False)]
    log = released(rows, made.START + timedelta(days=30)).log
    found = dict[tuple[str, str], int]()
    for table, what, _, count in log.iter_rows():
        found[table, what] = found.get((table, what), 0) + count
    assert found["incident", "row withheld"] == 1
    assert found["observation", "row withheld"] == 2
    assert found["incident", "place coarsened"] == 1
    assert found["incident", "time widened"] == 1
    assert found["incident", "title and place name replaced"] == 1
    assert (log["reason"].str.len_chars() > 0).all()


def test_a_case_hides_tables_and_columns() -> None:
    policy = Policy.model_validate({"public": {"hide": ["evidence", "incident.place_name"]}})
    out = released([((30, 50), 0, False)], policy=policy)
    assert "evidence" not in out.tables
    assert out.tables["incident"]["place_name"].to_list() == [None]


def test_a_column_that_may_not_be_empty_cannot_be_hidden_alone() -> None:
    with pytest.raises(ValueError, match=r"incident\.title"):
        Policy.model_validate({"public": {"hide": ["incident.title"]}})
    with pytest.raises(ValueError, match="nothing"):
        Policy.model_validate({"public": {"hide": ["nothing"]}})


def test_another_audience_starts_from_the_public_terms() -> None:
    policy = Policy.model_validate({"press": {"delay_hours": 24}, "mission": {"place_km": 1}})
    assert policy.terms("press").delay_hours == 24
    assert policy.terms("press").place_km == 10
    assert policy.terms("mission").place_km == 1
    assert policy.terms("mission").delay_hours == 0
    with pytest.raises(BadInput, match=r"no audience 'pres'.*press"):
        policy.terms("pres")


def test_a_table_that_is_not_declared_does_not_leave() -> None:
    with pytest.raises(SchemaError):
        release({"plans": pl.DataFrame()}, DEFAULT, "mission", datetime(2025, 1, 1, tzinfo=UTC), {}, secret=secret)


def test_small_parts_of_areas_stay_inside_and_none_of_a_cell_that_is_withheld() -> None:
    rate = made.rates({"a": 9, "b": 2, "c": 8})
    both = rate.select("agreement_id", "provision_id", "reading_id", "area_id", "start", "end", "word")
    counts = pl.DataFrame({"area_id": ["a", "b", "c", "*"], "expected": [5.0, 4.0, 0.5, 9.5]})
    parts = TABLES["rate_part"].fill(
        both.join(counts, on="area_id").with_columns(by=pl.lit("kind"), value=pl.lit("shelling"), watched=pl.lit(0.5))
    )
    out = release({"rate": rate, "rate_part": parts}, DEFAULT, "public", LATER, {}, secret=secret).tables["rate_part"]
    kept = dict(out.select("area_id", "watched").iter_rows())
    assert "*" in kept
    assert "b" not in kept
    assert "c" not in kept
    assert kept["*"] == 0.5
    assert all(value is None for area, value in kept.items() if area != "*")


def test_what_speaks_of_young_days_waits() -> None:
    rate = made.rates({"a": 5})
    frame = rate.select("agreement_id", "provision_id", "reading_id", "start", "end").head(1)
    missed = TABLES["missed"].fill(
        frame.with_columns(
            method=pl.lit("effort"), lists=pl.lit([], pl.List(pl.String)), seen=pl.lit(3.0), word=pl.lit("holds"),
            warnings=pl.lit([], pl.List(pl.String)), says=pl.lit("made up"),
        )
    )  # fmt: skip
    early = frame["end"][0]
    assert release({"missed": missed}, DEFAULT, "public", early, {}, secret=secret).tables["missed"].is_empty()
    assert release({"missed": missed}, DEFAULT, "public", LATER, {}, secret=secret).tables["missed"].height == 1


def test_where_places_are_coarser_nothing_tells_how_far_and_where_from_a_known_place_they_lay() -> None:
    said = "Town (4-6km NE)"
    far = {"place_error_minor_m": 577.0, "place_azimuth_deg": 135.0, "place_name": said}
    told = [pl.lit(value).alias(name) for name, value in far.items()]
    seen = made.observations([(34.8, 50.9)], [0], [False]).with_columns(told)
    found = made.incidents([(34.8, 50.9)], [0], [False]).with_columns(*told, title=pl.lit(f"Explosion, {said}"))
    tables = {"observation": TABLES["observation"].fill(seen), "incident": TABLES["incident"].fill(found)}
    out = release(tables, DEFAULT, "public", LATER, made.sources(), secret=secret)
    for name in tables:
        (row,) = out.tables[name].to_dicts()
        assert (row["place_error_minor_m"], row["place_azimuth_deg"], row["place_name"]) == (None, None, "Town")
        assert row["place_error_m"] == 3_000
    assert out.tables["incident"]["title"].to_list() == ["Explosion, Town"]
    assert "title and place name replaced" in out.log["what"].to_list()
    inside = release(tables, DEFAULT, "mission", LATER, made.sources(), secret=secret)
    assert inside.tables["observation"]["place_name"].to_list() == [said]
    assert inside.tables["incident"]["place_azimuth_deg"].to_list() == [135]


@pytest.mark.parametrize(
    ("error", "leaves"), [(0.0, 3000), (100.0, 3000), (800.0, 3000), (900.0, 4000), (9000.0, 10_000)]
)
def test_a_coarse_place_leaves_with_no_finer_error_than_steps_of_a_tenth_of_a_cell(error: float, leaves: float) -> None:
    seen = made.observations([(34.8, 50.9)], [0], [False]).with_columns(place_error_m=pl.lit(error))
    tables = {"observation": TABLES["observation"].fill(seen)}
    out = release(tables, DEFAULT, "public", LATER, made.sources(), secret=secret)
    assert out.tables["observation"]["place_error_m"].to_list() == [leaves]


@pytest.mark.parametrize(("cells", "told"), [(10, ("0", "10", "120")), (2.5, ("2.5", "5", "122.5"))])
def test_evidence_lies_as_far_away_as_places_are_coarse(cells: float, told: tuple[str, ...]) -> None:
    away = ["3", "6", "123"]
    said = [f"{km} km away, covers 36 % of its time" for km in away] + ["over its area, covers 3 km away, 1 %"]
    evidence = made.evidence([False] * 2).with_columns(reason=pl.Series(said))
    terms = Policy.model_validate({"public": {"place_km": cells}})
    tables = {"evidence": evidence, "incident": made.incidents([(30.0, 50.0)] * 2, [0, 0], [False] * 2)}
    out = release(tables, terms, "public", LATER, made.sources(), secret=secret)
    left = {f"{km} km away, covers 36 % of its time" for km in told}
    assert {one for one in out.tables["evidence"]["reason"] if "36 %" in one} == left
    assert said[3] in out.tables["evidence"]["reason"].to_list()
    again = release(out.tables, terms, "public", LATER, made.sources(), secret=secret).tables["evidence"]["reason"]
    assert again.to_list() == out.tables["evidence"]["reason"].to_list()
