"""What estimated detection promises: near the truth with much known, near the declared with little, no circularity."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from teisen.compliance import DETECTION, estimated, recalibrated
from teisen.fusion.schema import EVIDENCE, INCIDENT
from teisen.geodesy import moved
from teisen.observation import EXPOSURE, OBSERVATION
from teisen.sources import Source
from tests.builders import figure, source
from tests.fusion.worlds import BLOB, GROUND, at, exposure, observations, watch

NEWS = source("news", group="news", false_share=figure(0.05), detection={"missile-strike": figure(0.5)})
FIRES = source("fires", group="satellites", false_share=figure(0.9), detection={"missile-strike": figure(0.15)})
ALERTS = source("alerts", group="alerts", role="supports", detection={"missile-strike": figure(0.6)})
PARTY = source("party", group="party", reported_by="party-a", detection={"missile-strike": figure(0.5)})
SOURCES = {s.source_id: s for s in (NEWS, FIRES, ALERTS, PARTY)}
KIND = "missile-strike"


def world(
    n: int, seen: dict[str, np.ndarray[Any, Any]], founder: str = "news"
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Incidents a day apart, their evidence and the exposure of fires with opportunity 0.5 on every one."""
    rows = [
        {"incident_id": f"inc-{k:04}", "start": at(24 * k), "end": at(24 * k + 6),
         "lon": 29.05 + 0.03 * (k % 60), "lat": 50.5,
         "area_id": "west", "kind": KIND, "kinds": [{"kind": KIND, "p": 1.0}], "targets": [], "actors": [],
         "p_conflict": 0.9, "n_observations": 1, "n_groups": 1, "title": "x"}
        for k in range(n)
    ]  # fmt: skip
    names = INCIDENT.schema.names()
    incidents = pl.DataFrame([{c: row.get(c) for c in names} for row in rows], schema=INCIDENT.schema)
    told = [(f"inc-{k:04}", founder, 3.0) for k in range(n)]
    told += [(f"inc-{k:04}", name, 1.0) for name, mask in seen.items() for k in np.flatnonzero(mask)]
    evidence = pl.DataFrame(
        [
            {"incident_id": i, "source_id": s, "observation_id": f"{s}:{i}", "relation": "member", "log_ratio": ratio,
             "p_detect": None, "reason": "x"}
            for i, s, ratio in told
        ],
        schema=EVIDENCE.schema,
    )  # fmt: skip
    half = {name: 0.5 * s.profile.detection[KIND].value for name, s in SOURCES.items()}
    watches = [watch(s, start=at(24 * k), end=at(24 * k + 24), p_detect=p) for s, p in half.items() for k in range(n)]
    return incidents, evidence, exposure(*watches)


STRAYS_M = math.hypot(160.0, 375.0)
"""How far a fire is from what left it: its own error, and the size of a fire."""


def fires(
    incidents: pl.DataFrame,
    seen: np.ndarray[Any, Any],
    *,
    hours: float = 3.0,
    strays: np.random.Generator | None = None,
) -> pl.DataFrame:
    """A fire at each incident that was seen, some hours after its start; with ``strays``, off by its error."""
    rows = incidents.filter(pl.Series(np.asarray(seen, bool)))
    if strays is not None:
        lon, lat = moved(rows["lon"].to_numpy(), rows["lat"].to_numpy(), *strays.normal(0, STRAYS_M, (2, rows.height)))
        rows = rows.with_columns(lon=pl.Series(lon), lat=pl.Series(lat))
    return observations(
        *[
            {"observation_id": f"fires:{r['incident_id']}:{hours}", "start": r["start"] + timedelta(hours=hours),
             "end": r["start"] + timedelta(hours=hours), "time_meaning": "within", "source_zone": "UTC",
             "lon": r["lon"], "lat": r["lat"], "place_error_m": 160.0, "kind": "fire",
             "kinds": [{"kind": "fire", "p": 1.0}], "role": "makes", "flags": [], "source_id": "fires", "blob": BLOB,
             "row": 1}
            for r in rows.iter_rows(named=True)
        ]
    )  # fmt: skip


def of(table: pl.DataFrame, name: str, value: str = "*", feature: str = "kind") -> dict[str, Any]:
    return table.filter(source_id=name, value=value, feature=feature).row(0, named=True)


def estimate(
    incidents: pl.DataFrame, evidence: pl.DataFrame, exposed: pl.DataFrame, reports: pl.DataFrame | None = None,
    sources: dict[str, Source] = SOURCES,
) -> pl.DataFrame:  # fmt: skip
    reports = OBSERVATION.empty() if reports is None else reports
    return estimated(incidents, evidence, exposed, reports, ground=GROUND, sources=sources)


def test_intervals_hold_the_truth() -> None:
    held = 0
    for seed in range(40):
        draw = np.random.default_rng(seed)
        truth = 0.35
        real = draw.random(300) < 0.95
        seen = real & (draw.random(300) < 0.5 * truth)
        made = world(300, {"fires": seen})
        table = estimate(*made, fires(made[0], seen, strays=draw))
        row = of(table, "fires", KIND)
        assert row["basis"] == "measured"
        held += row["low"] <= truth <= row["high"]
    assert held >= 33  # nine of ten are promised; 33 of 40 has a chance of 5 % to be missed


def test_reports_that_stray_are_not_taken_for_misses() -> None:
    """One in seven true reports lies outside two standard deviations; of all known, with no luck in who is seen."""
    n, truth = 3000, 0.35
    draw = np.random.default_rng(1)
    seen = draw.permutation(n) < n * 0.95 * 0.5 * truth
    incidents, evidence, exposed = world(n, {"fires": seen})
    row = of(estimate(incidents, evidence, exposed, fires(incidents, seen, strays=draw)), "fires", KIND)
    assert row["estimate"] == pytest.approx(truth, rel=0.06)


def test_a_day_on_which_the_source_was_off_ends_with_it() -> None:
    """Incidents are at midnight, each on a day of its own, and the source was off on every other day."""
    made, days = world(40, {}), range(0, 40, 2)
    off = pl.DataFrame(
        {"group": "satellites", "start": [at(24 * d) for d in days], "end": [at(24 * d + 24) for d in days],
         "share": 0.1, "p_off": 0.9},
        schema_overrides={"start": pl.Datetime("us", "UTC"), "end": pl.Datetime("us", "UTC")},
    )  # fmt: skip
    works, fails = (
        of(estimated(*made, OBSERVATION.empty(), ground=GROUND, sources=SOURCES, working=one), "fires")["known"]
        for one in (None, off)
    )
    assert fails == pytest.approx(works * (20 + 20 * 0.1) / 40, rel=0.02)


def test_little_known_changes_little() -> None:
    seen = np.array([True, False, False, False])
    made = world(4, {"fires": seen})
    row = of(estimate(*made, fires(made[0], seen)), "fires")
    assert row["basis"] == "declared"
    assert 0.1 < row["estimate"] < 0.4
    nothing = of(estimate(*world(0, {})), "fires") if estimate(*world(0, {})).height else None
    assert nothing is None


def test_what_a_source_or_a_party_says_makes_nothing_known() -> None:
    """Incidents of the fires alone, or of fires and a party, are no reference for anyone but by others' reports."""
    everything = np.ones(100, bool)
    own = of(estimate(*world(100, {}, founder="fires")), "fires")
    assert (own["known"], own["factor"]) == (0, 1)
    party = of(estimate(*world(100, {"party": everything}, founder="fires")), "news")
    assert (party["known"], party["factor"]) == (0, 1)
    alone = of(estimate(*world(100, {"fires": everything}, founder="party")), "fires")
    assert alone["known"] == 0


def test_being_seen_does_not_make_an_incident_likelier_known() -> None:
    seen = np.arange(200) % 2 == 0
    known = of(estimate(*world(200, {"fires": seen})), "fires")["known"]
    assert known == of(estimate(*world(200, {})), "fires")["known"]


@pytest.mark.parametrize(("truth", "every"), [(0.8, 10), (0.35, 10), (0.6, 2)])
def test_alerts_that_are_often_on_are_corrected_for_it(truth: float, every: int) -> None:
    """A report says so by the incident with probability ``truth``, and on every so many other days anyway."""
    n, held = 600, 0
    for seed in range(5):
        draw = np.random.default_rng(seed)
        incidents, evidence, exposed = world(n, {})
        strike = draw.random(n) < 0.15
        incidents = incidents.filter(pl.Series(strike))
        evidence = evidence.join(incidents, on="incident_id", how="semi")
        on = (draw.random(n) < 1 / every) | (strike & (draw.random(n) < 0.5 * truth))
        reports = observations(
            *[
                {"observation_id": f"alerts:{k}", "start": at(24 * k), "end": at(24 * k + 2),
                 "time_meaning": "throughout", "source_zone": "UTC", "area_id": "west", "kind": "alert",
                 "kinds": [{"kind": "alert", "p": 1.0}], "role": "supports", "flags": [], "source_id": "alerts",
                 "blob": BLOB, "row": k}
                for k in map(int, np.flatnonzero(on))
            ]
        )  # fmt: skip
        row = of(estimate(incidents, evidence, exposed, reports), "alerts")
        held += row["low"] <= truth <= row["high"]
    assert held >= 4  # of intervals of 90 %


def test_cloud_hour_and_distance_are_shown_apart() -> None:
    table = estimate(*world(60, {}))
    assert set(table.filter(source_id="fires")["feature"]) == {"kind", "cloud", "hour", "town"}
    assert of(table, "fires", "night", "hour")["known"] > 0


def test_that_fusion_moves_what_was_seen_decides_nothing() -> None:
    """Incidents lie where the press put them, in town, although those that a satellite saw were moved out of it."""
    seen = np.arange(100) % 4 == 0
    incidents, evidence, exposed = world(100, {"fires": seen})
    moved = incidents.with_columns(
        lon=pl.when(pl.Series(seen)).then(30.9).otherwise("lon"),
        end=pl.when(pl.Series(seen)).then("start").otherwise("end"),
    )
    told = incidents.select(
        "start", "end", "lon", "lat", "area_id", "kind", "kinds", time_meaning=pl.lit("within"),
        source_zone=pl.lit("UTC"), role=pl.lit("makes"), flags=pl.lit([], dtype=pl.List(pl.String)),
        observation_id=pl.concat_str(pl.lit("news:"), "incident_id"), source_id=pl.lit("news"), blob=pl.lit(BLOB),
        row=pl.lit(1, pl.Int64),
    )  # fmt: skip
    reports = pl.concat([OBSERVATION.fill(told), fires(incidents, seen)])
    fused = estimate(moved, evidence, exposed, reports)
    assert fused.equals(estimate(incidents, evidence, exposed, reports))
    assert of(fused, "fires")["seen"] > 20


def test_fires_that_burn_there_anyway_are_taken_off() -> None:
    """A place where fires burn on half of all days tells nothing of strikes: they are seen no oftener than else."""
    draw = np.random.default_rng(4)
    incidents, evidence, exposed = world(600, {})
    strikes = incidents.filter(pl.Series(np.arange(600) % 2 == 0)).with_columns(lon=pl.lit(30.0))
    burning = fires(incidents.with_columns(lon=pl.lit(30.0)), draw.random(600) < 0.5)
    row = of(estimate(strikes, evidence.join(strikes, on="incident_id", how="semi"), exposed, burning), "fires")
    assert row["low"] < 0.05
    assert row["estimate"] < 0.15


def test_a_few_places_that_always_burn_make_no_others_quiet() -> None:
    """Most places burn on one day in sixteen, one in ten on every day, and no strike leaves a fire."""
    draw = np.random.default_rng(6)
    incidents, evidence, exposed = world(900, {})
    places = incidents["lon"].unique().sort()
    days = [
        fires(incidents.with_columns(lon=pl.lit(lon)), draw.random(900) < (1.0 if k % 10 == 0 else 1 / 16))
        for k, lon in enumerate(places)
    ]
    row = of(estimate(incidents, evidence, exposed, pl.concat(days)), "fires")
    assert row["estimate"] < 0.04


def test_of_what_a_source_could_not_see_nothing_counts() -> None:
    incidents, evidence, exposed = world(50, {})
    blind = exposed.with_columns(p_detect=pl.lit(0.0), state=pl.lit("no_data"))
    assert of(estimate(incidents, evidence, blind, fires(incidents, np.ones(50))), "fires")["known"] == 0


def test_order_of_rows_and_names_of_parties_change_nothing() -> None:
    draw = np.random.default_rng(3)
    incidents, evidence, exposed = world(80, {"fires": draw.random(80) < 0.1, "party": draw.random(80) < 0.5})
    first = estimate(incidents, evidence, exposed)
    mixed = [frame.sample(fraction=1, shuffle=True, seed=5) for frame in (incidents, evidence, exposed)]
    assert estimate(*mixed).equals(first)
    swapped = SOURCES | {
        "party": source("party", group="party", reported_by="party-b", detection=PARTY.profile.detection)
    }
    assert estimate(incidents, evidence, exposed, sources=swapped).equals(first)


def test_exposure_is_recalibrated_where_it_was_measured() -> None:
    detection = DETECTION.build(
        {
            "source_id": ["fires", "fires", "news"], "feature": ["kind"] * 3, "value": [KIND, "*", "*"],
            "known": [50.0] * 3, "seen": [9.0] * 3, "declared": [0.1] * 3, "estimate": [0.2] * 3, "low": [0.1] * 3,
            "high": [0.3] * 3, "factor": [2.0, 3.0, 0.5], "basis": ["measured", "measured", "declared"],
        }
    )  # fmt: skip
    rows = exposure(
        watch("fires", p_detect=0.2), watch("fires", kind="drone-strike", p_detect=0.5), watch("news", p_detect=0.5),
        watch("fires", p_detect=0.0, state="no_data", start=at(24), end=at(48)),
        watch("fires", p_detect=None, state="unknown", start=at(48), end=at(72)),
    )  # fmt: skip
    out = EXPOSURE.hand_over(recalibrated(rows, detection))
    by = {(r["source_id"], r["kind"], r["start"]): r for r in out.iter_rows(named=True)}
    assert by["fires", KIND, at(0)]["p_detect"] == 0.4
    assert by["fires", KIND, at(0)]["basis"] == "measured"
    assert "2.0 times" in by["fires", KIND, at(0)]["reason"]
    assert by["fires", "drone-strike", at(0)]["p_detect"] == 1.0
    assert (by["news", KIND, at(0)]["p_detect"], by["news", KIND, at(0)]["basis"]) == (0.5, "assumed")
    assert by["fires", KIND, at(24)]["p_detect"] == 0.0
    assert by["fires", KIND, at(48)]["p_detect"] is None
    assert recalibrated(rows, DETECTION.empty()).equals(rows)


def test_what_is_told_as_an_explosion_tells_of_the_kinds_that_it_was() -> None:
    n, share = 400, 0.3
    posts = source("posts", group="posts", false_share=figure(0.05), detection={"explosion": figure(0.9)})
    party = source("fires", group="satellites", detection={"missile-strike": figure(0.5), "explosion": figure(0.85)})
    seen = np.random.default_rng(4).random(n) < 0.5 * share
    incidents, evidence, _ = world(n, {"fires": seen}, "posts")
    heard = observations(
        *[
            {"observation_id": f"posts:{r['incident_id']}", "start": r["start"], "end": r["start"],
             "time_meaning": "within", "source_zone": "UTC", "lon": r["lon"], "lat": r["lat"], "place_error_m": 900.0,
             "kind": "explosion", "kinds": [{"kind": "explosion", "p": 1.0}], "role": "makes", "flags": [],
             "source_id": "posts", "blob": BLOB, "row": 1}
            for r in incidents.iter_rows(named=True)
        ]
    )  # fmt: skip
    watched = [
        watch("fires", start=at(24 * k), end=at(24 * k + 24), p_detect=0.5 * figure_.value, kind=kind)
        for k in range(n)
        for kind, figure_ in party.profile.detection.items()
    ]
    both = {"posts": posts, "fires": party}
    reports = pl.concat([heard, fires(incidents, seen)])
    found = of(estimate(incidents, evidence, exposure(*watched), reports, both), "fires", KIND)
    assert found["known"] > 100
    assert found["low"] < share < found["high"]
