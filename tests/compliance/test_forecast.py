"""The forecast: finds what excites itself, stays calm where nothing does, and corrects for what was not watched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from teisen.compliance import RATE, forecast
from teisen.compliance.hawkes import fit, log_probability, nearness, recent
from teisen.fusion.schema import INCIDENT
from teisen.geodesy import Floats
from teisen.sources import Scope
from tests.fusion.worlds import AREAS

DAYS, SECTORS = 300, 12
NEAR = nearness(np.arange(SECTORS) * 0.1, np.full(SECTORS, 48.0))
WEEKDAY = np.arange(DAYS) % 7


def excited(seed: int, own: float) -> Floats:
    rng = np.random.default_rng(seed)
    background = rng.gamma(2, 0.5, SECTORS)
    counts, fire = np.zeros((DAYS, SECTORS)), np.zeros(SECTORS)
    for day in range(DAYS):
        counts[day] = rng.poisson(background * (1 - own) + own * fire)
        fire = np.exp(-1 / 1.5) * fire + (1 - np.exp(-1 / 1.5)) * counts[day]
    return counts


def test_excitement_is_found_and_its_absence_too() -> None:
    full = np.ones((DAYS, SECTORS))
    excitable = [fit(excited(seed, 0.8), full, NEAR, WEEKDAY).weights[0].sum() for seed in range(3)]
    calm = [fit(excited(seed, 0.0), full, NEAR, WEEKDAY).weights[0].sum() for seed in range(3)]
    assert min(excitable) > 0.4
    assert max(calm) < min(excitable)


def test_a_burst_raises_the_next_days_there_and_not_far_off() -> None:
    model = fit(excited(1, 0.8), np.ones((DAYS, SECTORS)), NEAR, WEEKDAY)
    quiet, burst = np.zeros((1, SECTORS)), np.zeros((1, SECTORS))
    burst[0, 0] = 10.0
    before, after = (model.mean(recent(x, np.ones_like(x))[-1], 0)[0] for x in (quiet, burst))
    assert after[0] > before[0] + 1
    assert after[-1] - before[-1] < 0.1 * (after[0] - before[0])


def test_it_forecasts_better_than_the_mean_where_things_excite_themselves() -> None:
    counts, full = excited(2, 0.8), np.ones((DAYS, SECTORS))
    model = fit(counts[:200], full[:200], NEAR, WEEKDAY[:200])
    past = recent(counts, full)
    ours = np.stack([model.mean(past[day], int(WEEKDAY[day]))[0] for day in range(200, DAYS)])
    usual = np.broadcast_to(counts[:200].mean(axis=0), ours.shape)
    scores = [log_probability(counts[200:], mean, model.scatter).mean() for mean in (ours, usual)]
    assert scores[0] > scores[1] + 0.02


def test_what_was_half_watched_counts_twice() -> None:
    rng = np.random.default_rng(3)
    effort = np.full((DAYS, SECTORS), 0.5)
    model = fit(rng.poisson(2 * effort).astype(float), effort, NEAR, WEEKDAY)
    mean = model.mean(np.full((3, SECTORS), 2.0), 0)[0]
    assert mean.mean() == pytest.approx(2, rel=0.15)


def test_order_of_sectors_decides_nothing() -> None:
    counts, full = excited(4, 0.5), np.ones((DAYS, SECTORS))
    plain = fit(counts, full, NEAR, WEEKDAY)
    turned = fit(counts[:, ::-1], full, NEAR[::-1, ::-1], WEEKDAY)
    assert plain.background == pytest.approx(turned.background[::-1])


def happened(days: int) -> tuple[pl.DataFrame, pl.DataFrame, Scope]:
    start = datetime(2025, 4, 1, tzinfo=UTC)
    rows: list[dict[str, Any]] = []
    for day in range(days):
        for n in range(3 if day > days - 4 else 1):
            when = start + timedelta(days=day, hours=n)
            rows.append(
                {
                    "incident_id": f"inc-{day}-{n}", "start": when, "end": when, "area_id": "west",
                    "kind": "missile-strike", "kinds": [], "targets": [], "actors": [], "p_conflict": 1.0,
                    "n_observations": 1, "n_groups": 1, "title": "x",
                }
            )  # fmt: skip
    names = INCIDENT.schema.names()
    incidents = pl.DataFrame([{k: r.get(k) for k in names} for r in rows], schema=INCIDENT.schema)
    rate = RATE.build(
        {
            "agreement_id": ["a"] * days * 2, "provision_id": ["p"] * days * 2, "reading_id": ["r"] * days * 2,
            "area_id": ["west"] * days + ["east"] * days,
            "start": [start + timedelta(days=d) for d in range(days)] * 2,
            "end": [start + timedelta(days=d + 1) for d in range(days)] * 2,
            "recorded": [0.0] * days * 2, "expected": [0.0] * days * 2, "watched": [0.9] * days * 2,
            "word": ["seen"] * days * 2,
        }
    )  # fmt: skip
    return incidents, rate, Scope(start, start + timedelta(days=days), 0, 0, 90, 90)


def test_a_case_has_its_forecast() -> None:
    table = forecast(*happened(40)[:2], AREAS, happened(40)[2], "UTC")
    assert table.height == 2 * 3
    first = table.filter(pl.col("start") == table["start"].min()).sort("rank")
    assert first["area_id"].to_list() == ["west", "east"]
    assert first["start"][0] == happened(40)[2].end
    assert first["expected"][0] > 1
    assert ((table["p_any"] >= 0) & (table["p_any"] <= 1)).all()
    assert (table["triggered"] <= table["expected"]).all()


def test_a_short_case_has_none() -> None:
    incidents, rate, scope = happened(10)
    assert forecast(incidents, rate, AREAS, scope, "UTC").is_empty()


def test_a_region_in_which_no_reading_holds_has_its_forecast() -> None:
    happened_there, rate, scope = happened(40)
    east = rate.filter(pl.col("area_id") == "east")
    table = forecast(happened_there, east, AREAS, scope, "UTC")
    assert set(table["area_id"]) == {"east", "west"}
