"""What fusion promises: no chaining, no double counting, the same for any order and either party."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.fusion import EVIDENCE, INCIDENT, Fused, fuse
from teisen.observation import EXPOSURE, OBSERVATION
from tests.builders import figure, source
from tests.fusion.worlds import GROUND, SOURCES, at, exposure, observations, seen, watch

NOTHING = EXPOSURE.empty()
KINDS = ("missile-strike", "drone-strike", "shelling", "fire", "explosion")


def run(*rows: dict[str, Any], watched: pl.DataFrame = NOTHING) -> Fused:
    return fuse(observations(*rows), watched, GROUND, SOURCES)


def members(fused: Fused) -> set[frozenset[str]]:
    rows = fused.evidence.filter(pl.col("relation") == "member")
    return {frozenset(ids) for ids in rows.group_by("incident_id").agg("observation_id")["observation_id"].to_list()}


def quiet(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows with far-off ones around them, so that a local density can be told."""
    return [*rows, *(seen(f"news:far{n}", 40.0 + n, 45.0, start=at(24 * n), end=at(24 * n + 24)) for n in range(6))]


def test_nothing_gives_nothing() -> None:
    fused = fuse(OBSERVATION.empty(), NOTHING, GROUND, SOURCES)
    assert fused.incidents.equals(INCIDENT.empty())
    assert fused.evidence.equals(EVIDENCE.empty())


def test_two_sources_at_one_place_and_time_are_one_incident() -> None:
    fused = run(*quiet(seen("news:1"), seen("fires:1", 30.505, 50.503, kind="fire", start=at(10), end=at(10))))
    assert frozenset({"news:1", "fires:1"}) in members(fused)
    incident = fused.incidents.filter(pl.col("n_observations") == 2).row(0, named=True)
    assert incident["kind"] == "missile-strike"
    assert incident["area_id"] == "west"
    assert incident["n_groups"] == 2
    assert incident["start"] >= at(0)
    assert incident["end"] <= at(13)
    assert incident["place_error_m"] < 3000


def test_weapons_are_as_stated_and_decide_nothing_else() -> None:
    plain = [seen("news:1"), seen("paper:1", 30.505, 50.503)]
    armed = [row | {"weapon": weapon} for row, weapon in zip(plain, ("artillery-122", "mortar-82"), strict=True)]
    one, two = (run(*quiet(*rows)).incidents.filter(pl.col("n_observations") == 2) for rows in (plain, armed))
    assert one["weapons"].to_list() == [[]]
    assert two["weapons"].to_list() == [[{"kind": "artillery-122", "p": 0.45}, {"kind": "mortar-82", "p": 0.45}]]
    assert one.drop("weapons").equals(two.drop("weapons"))


@given(km=st.floats(40, 2000), hours=st.floats(0, 500))
@settings(max_examples=20, deadline=None)
def test_far_strikes_never_join(km: float, hours: float) -> None:
    later = {"start": at(hours), "end": at(hours + 24)}
    rows = quiet(seen("news:1", 30.0, 50.0), seen("paper:2", 30.0, 50.0 + km / 111.2, **later))
    assert frozenset({"news:1", "paper:2"}) not in members(run(*rows))


def test_the_same_place_on_another_day_is_another_incident() -> None:
    fused = run(*quiet(seen("news:1"), seen("paper:2", start=at(48), end=at(72))))
    assert frozenset({"news:1"}) in members(fused)


def test_distance_counts_less_where_little_happens() -> None:
    pair = [seen("news:1"), seen("paper:2", 30.60, 50.5)]
    crowd = [
        seen(f"news:c{n}", 30.5 + 0.05 * (n % 7 - 3), 50.5 + 0.04 * (n // 7 - 3), start=at(24 * d), end=at(24 * d + 24))
        for n in range(49)
        for d in (-2, -1, 1, 2)
    ]
    for row, n in zip(crowd, range(len(crowd)), strict=True):
        row["observation_id"] = f"news:c{n}"
    assert frozenset({"news:1", "paper:2"}) in members(run(*quiet(*pair)))
    assert frozenset({"news:1", "paper:2"}) not in members(run(*pair, *crowd))


def test_a_chain_does_not_become_one() -> None:
    links = [seen(f"news:{n:02}", 30.0 + 0.05 * n, 50.5) for n in range(30)]
    groups = [ids for ids in members(run(*quiet(*links))) if any("far" not in one for one in ids)]
    assert len(groups) >= 4
    for ids in groups:
        steps = [int(one.split(":")[1]) for one in ids]
        assert max(steps) - min(steps) <= 8


def test_copies_and_fellow_sources_are_one_group() -> None:
    rows = [seen(f"news:{n}", native_id="text", start=at(n), end=at(24 + n)) for n in range(10)]
    fused = run(*quiet(*rows, seen("paper:1", native_id="text")))
    incident = fused.incidents.filter(pl.col("n_observations") > 1).row(0, named=True)
    assert incident["n_observations"] == 11
    assert incident["n_groups"] == 1
    alone = run(*quiet(rows[0])).incidents.filter(pl.col("lon") == 30.5).row(0, named=True)
    assert incident["p_conflict"] == alone["p_conflict"]
    assert incident["place_error_m"] == alone["place_error_m"]


def test_a_copy_days_later_is_a_new_report() -> None:
    rows = [seen("news:1", native_id="text"), seen("news:2", native_id="text", start=at(240), end=at(264))]
    assert frozenset({"news:1", "news:2"}) not in members(run(*quiet(*rows)))


def test_fire_pixels_of_one_pass_are_one_fire() -> None:
    rows = [
        seen(f"fires:{x}{y}", 30.5 + 0.014 * x, 50.5 + 0.009 * y, kind="fire", start=at(10), end=at(10))
        for x in range(2)
        for y in range(2)
    ]
    assert frozenset(row["observation_id"] for row in rows) in members(run(*quiet(*rows)))


def test_a_lone_fire_stays_improbable() -> None:
    alerts = [
        seen(f"alerts:{n}", None, None, area_id="west", kind="alert", role="supports", start=at(8 + n), end=at(12 + n))
        for n in range(0, 120, 24)
    ]
    fused = run(*quiet(seen("fires:1", kind="fire", start=at(10), end=at(10)), *alerts))
    p = fused.incidents.filter(pl.col("kind") == "fire")["p_conflict"][0]
    assert p < 0.5


def test_the_strike_stands_with_its_supports_and_misses() -> None:
    rows = [
        seen("news:1", text="Strike on the town"),
        seen("news:2", 30.501, 50.501),
        seen("alerts:1", None, None, area_id="west", kind="alert", role="supports", start=at(6), end=at(9)),
        seen("alerts:2", None, None, area_id="east", kind="alert", role="supports", start=at(6), end=at(9)),
        seen("tally:1", 30.51, 50.49, role="supports", start=at(9), end=at(9), actor_stated="party-a"),
    ]
    watched = exposure(
        watch("fires", p_detect=0.12), watch("fires", area_id="east", p_detect=0.9), watch("news", p_detect=0.8)
    )
    fused = run(*quiet(*rows), watched=watched)
    incident = fused.incidents.filter(pl.col("n_observations") == 2).row(0, named=True)
    evidence = fused.evidence.filter(pl.col("incident_id") == incident["incident_id"])
    found = {(r["relation"], r["observation_id"] or r["source_id"]) for r in evidence.iter_rows(named=True)}
    assert found == {("member", "news:1"), ("member", "news:2"), ("supports", "alerts:1"), ("supports", "tally:1"),
                     ("missed", "fires")}  # fmt: skip
    miss = evidence.filter(pl.col("relation") == "missed").row(0, named=True)
    assert miss["p_detect"] == 0.12
    assert miss["reason"].startswith("Fires: watched, would have reported it with p 0.12")
    assert "; nothing reported" in miss["reason"]
    assert incident["n_groups"] == 3
    assert incident["title"] == "Missile strike, West"
    assert incident["actors"] == [{"party": "party-a", "p": 0.4}]


def test_who_did_it_is_believed_as_often_as_the_source_is_right() -> None:
    said = quiet(seen("news:1", actor_stated="party-a"))
    for wrong, p in ((None, 0.6), (figure(0.1), 0.9), (figure(0.0), 0.95)):
        fused = fuse(observations(*said), NOTHING, GROUND, {"news": source("news", wrong_actor_share=wrong)})
        assert fused.incidents.filter(pl.col("actors").list.len() > 0)["actors"].to_list() == [
            [{"party": "party-a", "p": p}]
        ]


def test_a_report_that_may_be_of_any_of_many_incidents_is_not_counted_as_one_more() -> None:
    """A day's report of a town between many strikes alike: it is most probably one of them, whichever."""
    strikes = [seen(f"posts:{n}", 30.5 + 0.002 * n, start=at(2 * n), end=at(2 * n)) for n in range(10)]
    reporting = {name: source(name, place_error_m=figure(3_000)) for name in ("posts", "news")}
    fused = fuse(observations(*strikes, seen("news:1", 30.51)), NOTHING, GROUND, reporting)
    assert frozenset({"news:1"}) not in members(fused)
    assert fused.incidents.height == len(strikes)
    alone = fuse(observations(*quiet(strikes[0], seen("news:1", 30.5))), NOTHING, GROUND, reporting)
    assert frozenset({"news:1", "posts:0"}) in members(alone)


@pytest.mark.parametrize("state", ["cloud", "no_data", "outage", "unknown"])
def test_what_could_not_be_seen_is_no_miss(state: str) -> None:
    p = None if state == "unknown" else 0.0
    fused = run(*quiet(seen("news:1")), watched=exposure(watch("fires", state=state, p_detect=p, reason="the reason")))
    row = fused.evidence.filter(pl.col("source_id") == "fires").row(0, named=True)
    assert row["relation"] == "could_not_see"
    assert row["log_ratio"] == 0
    assert "the reason" in row["reason"]


def test_misses_lower_belief_once_a_group() -> None:
    def p(*rows: dict[str, Any]) -> float:
        incidents = run(*quiet(seen("fires:1")), watched=exposure(*rows)).incidents
        return float(incidents.filter(pl.col("area_id") == "west")["p_conflict"][0])

    none, one, twice = p(), p(watch("news")), p(watch("news"), watch("paper"))
    assert none > one
    assert one == twice


def test_an_alert_that_is_always_on_moves_nothing() -> None:
    alert: dict[str, Any] = {"area_id": "west", "kind": "alert", "role": "supports"}
    on = [seen(f"alerts:{n}", None, None, start=at(24 * n), end=at(24 * n + 24), **alert) for n in range(6)]
    fused = run(*quiet(seen("news:1"), *on))
    rows = fused.evidence.filter(pl.col("source_id") == "alerts")
    assert rows.height
    assert rows["log_ratio"].max() == 0
    assert fused.incidents.filter(pl.col("lon") == 30.5)["n_groups"][0] == 1


def test_belief_is_the_sum_of_its_evidence() -> None:
    fused = run(*quiet(*made(7, 40)), watched=exposure(watch("news"), watch("fires", area_id="east", p_detect=0.3)))
    sums = fused.evidence.group_by("incident_id").agg(pl.col("log_ratio").sum())
    for p, total in fused.incidents.join(sums, on="incident_id").select("p_conflict", "log_ratio").iter_rows():
        assert p == pytest.approx(min(max(1 / (1 + math.exp(-total)), 0.01), 0.99), abs=1e-3)


def test_an_area_alone_supports_what_fits_else_stands_for_itself() -> None:
    rows = [
        seen("news:1"),
        seen("news:2", None, None, area_id="west"),
        seen("news:3", None, None, area_id="east"),
        seen("paper:4", None, None, area_id="east"),
    ]
    fused = run(*quiet(*rows))
    assert frozenset({"news:3", "paper:4"}) in members(fused)
    alone = fused.incidents.filter(pl.col("lon").is_null()).row(0, named=True)
    assert (alone["area_id"], alone["place_error_m"], alone["n_observations"]) == ("east", None, 2)
    held = fused.evidence.filter(pl.col("observation_id") == "news:2")["relation"].to_list()
    assert held == ["supports"]


def test_titles_are_kind_and_place_and_never_a_source_s_words() -> None:
    fused = fuse(observations(seen("news:1", text="words", place_name="Town")), NOTHING, GROUND, SOURCES)
    assert fused.incidents["title"].to_list() == ["Missile strike, Town"]


def test_one_late_follow_up_does_not_narrow_the_time_of_many_reports() -> None:
    early = [seen(f"news:{n}", text=f"report {n}", start=at(10), end=at(20)) for n in range(6)]
    late = seen("news:9", text="follow-up", start=at(19), end=at(30))
    incident = run(*quiet(*early, late)).incidents.filter(pl.col("n_observations") == 7).row(0, named=True)
    assert (incident["end"] - incident["start"]).total_seconds() == 10 * 3600


def test_what_all_reports_share_for_long_is_the_time() -> None:
    """Six reports of two days each, five of which begin a day before the sixth, leave the day that all share."""
    early = [seen(f"news:{n}", text=f"report {n}", start=at(0), end=at(48)) for n in range(5)]
    late = seen("news:9", text="the day after", start=at(24), end=at(72))
    incident = run(*quiet(*early, late)).incidents.filter(pl.col("n_observations") == 6).row(0, named=True)
    assert (incident["start"], incident["end"]) == (at(24), at(48))


def made(seed: int, n: int) -> list[dict[str, Any]]:
    """Reports of all roles around a few places and days, some with actors, some copies."""
    random = np.random.default_rng(seed)
    rows = []
    for k in range(n):
        source = str(random.choice(["news", "paper", "fires", "alerts", "tally"]))
        day, town = int(random.integers(0, 3)), int(random.integers(0, 4))
        row = seen(f"{source}:{k:03}", 30.0 + town * 0.6 + random.normal(0, 0.02), 50.5 + random.normal(0, 0.02),
                   kind=str(random.choice(KINDS)), start=at(24 * day), end=at(24 * day + 24),
                   actor_stated=[None, "party-a", "party-b"][int(random.integers(0, 3))],
                   target_class=[None, "substation", "residential"][int(random.integers(0, 3))],
                   native_id=f"text{int(random.integers(0, 8))}")  # fmt: skip
        if source in {"alerts", "tally"}:
            row |= {"role": "supports"}
        if source == "alerts":
            row |= {"kind": "alert", "kinds": [{"kind": "alert", "p": 1.0}], "lon": None, "lat": None,
                    "area_id": str(random.choice(["west", "east"]))}  # fmt: skip
        rows.append(row)
    return rows


@given(seed=st.integers(0, 1000), order=st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_order_does_not_matter(seed: int, order: Any) -> None:
    rows = made(seed, 40)
    watched = exposure(watch("news"), watch("fires", p_detect=0.1), watch("fires", area_id="east", state="cloud"))
    one = fuse(observations(*rows), watched, GROUND, SOURCES)
    order.shuffle(rows)
    two = fuse(observations(*rows), watched.reverse(), GROUND, SOURCES)
    assert one.incidents.equals(two.incidents)
    assert one.evidence.equals(two.evidence)


@given(seed=st.integers(0, 1000))
@settings(max_examples=8, deadline=None)
def test_parties_are_treated_alike(seed: int) -> None:
    swap = {"party-a": "party-b", "party-b": "party-a"}
    rows = made(seed, 40)
    one = run(*rows)
    other = {
        name: type(s)(s.source_id, s.reader, s.profile, swap.get(s.reported_by or ""), swap.get(s.about or ""))
        for name, s in SOURCES.items()
    }
    swapped = [row | {"actor_stated": swap.get(row["actor_stated"])} for row in rows]
    two = fuse(observations(*swapped), NOTHING, GROUND, other)
    assert one.evidence.equals(two.evidence)
    assert one.incidents.drop("actors").equals(two.incidents.drop("actors"))
    renamed = [[{"party": swap[a["party"]], "p": a["p"]} for a in cell] for cell in two.incidents["actors"].to_list()]
    assert one.incidents["actors"].to_list() == renamed
    assert any(renamed)


def test_reports_given_twice_change_nothing() -> None:
    rows = made(3, 30)
    once, twice = observations(*rows), observations(*rows, *rows)
    assert fuse(once, NOTHING, GROUND, SOURCES).incidents.equals(fuse(twice, NOTHING, GROUND, SOURCES).incidents)


def test_a_tally_of_a_whole_country_moves_nothing_and_is_no_miss() -> None:
    tally = seen("tally:1", None, None, role="supports")
    fused = run(*quiet(seen("news:1"), tally), watched=exposure(watch("tally", p_detect=0.9)))
    rows = fused.evidence.filter(pl.col("source_id") == "tally")
    assert set(rows["relation"]) == {"supports"}
    assert set(rows["log_ratio"]) == {0.0}
    assert rows["reason"][0].startswith("of no stated place")


def test_a_further_report_supports_one_incident_an_alert_all() -> None:
    rows = [
        seen("news:1"),
        seen("news:2", 30.1, 50.2),
        seen("news:3", None, None, area_id="west", role="supports"),
        seen("alerts:1", None, None, area_id="west", kind="alert", role="supports"),
    ]
    counts = run(*quiet(*rows)).evidence["observation_id"].value_counts()
    assert counts.filter(pl.col("observation_id") == "news:3")["count"].to_list() == [1]
    assert counts.filter(pl.col("observation_id") == "alerts:1")["count"].to_list() == [2]
