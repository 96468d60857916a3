"""Fusing again gives what fusing all at once gives, whatever the parts and their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.fusion import Fused, Habits, fuse, fuse_again, habits_of
from teisen.observation import OBSERVATION
from tests.fusion.worlds import GROUND, SOURCES, at, exposure, observations, seen, watch

KINDS = ("missile-strike", "drone-strike", "shelling", "fire", "explosion")
DAYS, TOWNS = 12, 6


def world(seed: int, n: int = 150) -> list[dict[str, Any]]:
    """Reports of all roles over twelve days and six towns a degree apart, some copies, some of an area alone."""
    random = np.random.default_rng(seed)
    rows = []
    for k in range(n):
        source = str(random.choice(["news", "paper", "fires", "alerts", "tally"]))
        day, town = int(random.integers(0, DAYS)), int(random.integers(0, TOWNS))
        row = seen(
            f"{source}:{k:03}", 29.2 + town * 0.7 + random.normal(0, 0.02), 50.5 + random.normal(0, 0.02),
            kind=str(random.choice(KINDS)), start=at(24 * day), end=at(24 * day + int(random.integers(0, 2)) * 24),
            actor_stated=[None, "party-a", "party-b"][int(random.integers(0, 3))],
            native_id=f"text{int(random.integers(0, 40))}",
        )  # fmt: skip
        if source in {"alerts", "tally"}:
            row |= {"role": "supports"}
        if source == "alerts":
            row |= {"kind": "alert", "kinds": [{"kind": "alert", "p": 1.0}]}
        if source == "alerts" or (source == "news" and random.random() < 0.3):
            row |= {"lon": None, "lat": None, "area_id": str(random.choice(["west", "east"]))}
        rows.append(row)
    return rows


def watched(days: int = DAYS) -> pl.DataFrame:
    return exposure(
        *(watch("fires", start=at(24 * day), end=at(24 * day + 24), p_detect=0.1 + day / 50) for day in range(days)),
        *(watch("news", area_id="east", start=at(24 * day), end=at(24 * day + 24)) for day in range(days)),
    )


def same(one: Fused, two: Fused) -> bool:
    return all(getattr(one, name).equals(getattr(two, name)) for name in ("incidents", "evidence", "learned"))


def habits(rows: list[dict[str, Any]], fixed: bool) -> Habits | None:
    """Those of all the rows, or none: then they are found in whatever is fused."""
    return habits_of(observations(*rows), SOURCES) if fixed else None


@given(seed=st.integers(0, 10_000), fixed=st.booleans(), last=st.integers(1, 3))
@settings(max_examples=15, deadline=None)
def test_a_new_day_gives_what_all_at_once_gives(seed: int, fixed: bool, last: int) -> None:
    rows = world(seed)
    given = habits(rows, fixed)
    early = [row for row in rows if row["start"] < at(24 * (DAYS - last))]
    before = fuse(observations(*early), watched(DAYS - last), GROUND, SOURCES, habits=given)
    whole = fuse(observations(*rows), watched(), GROUND, SOURCES, habits=given)
    assert same(fuse_again(before, observations(*rows), watched(), GROUND, SOURCES, habits=given), whole)
    assert whole.evidence.filter(relation="member").height == sum(row["role"] == "makes" for row in rows) - (
        whole.evidence.filter(relation="supports", source_id="news").height
    )


@given(seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False))
@settings(max_examples=6, deadline=None)
def test_parts_by_day_and_cell_in_any_order_give_what_all_at_once_gives(seed: int, order: Any) -> None:
    rows = world(seed, 90)
    parts: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for row in rows:
        cell = str(row["area_id"] if row["lon"] is None else int(row["lon"] // 2))
        parts.setdefault(((row["start"] - at(0)).days // 4, cell), []).append(row)
    keys = sorted(parts)
    order.shuffle(keys)
    so_far: list[dict[str, Any]] = []
    given = habits(rows, True)
    fused = fuse(OBSERVATION.empty(), watched(), GROUND, SOURCES, habits=given)
    for key in keys:
        so_far += parts[key]
        fused = fuse_again(fused, observations(*so_far), watched(), GROUND, SOURCES, habits=given)
    assert same(fused, fuse(observations(*rows), watched(), GROUND, SOURCES, habits=given))


@given(seed=st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_what_is_taken_away_or_changed_leaves_no_trace(seed: int) -> None:
    rows = world(seed)
    given = habits(rows, True)
    before = fuse(observations(*rows), watched(), GROUND, SOURCES, habits=given)
    fewer = [row for n, row in enumerate(rows) if n % 7]
    fewer[3] = fewer[3] | {"place_name": "Elsewhere"}
    assert same(fuse_again(before, observations(*fewer), watched(9), GROUND, SOURCES, habits=given),
                fuse(observations(*fewer), watched(9), GROUND, SOURCES, habits=given))  # fmt: skip


def test_only_what_new_data_can_touch_is_fused_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from teisen.fusion import again

    rows = world(5, 300)
    given = habits(rows, True)
    before = fuse(observations(*rows), watched(), GROUND, SOURCES, habits=given)
    new = [*rows, seen("fires:new", 29.2, 50.5, kind="fire", start=at(24 * 11), end=at(24 * 11))]
    parted: list[int] = []
    plain = again.parted
    monkeypatch.setattr(again, "parted", lambda *args: parted.append(len(args[0])) or plain(*args))
    fuse_again(before, observations(*new), watched(), GROUND, SOURCES, habits=given)
    assert 0 < parted[0] < 60


def test_nothing_new_changes_nothing() -> None:
    rows = observations(*world(3))
    before = fuse(rows, watched(), GROUND, SOURCES)
    assert same(fuse_again(before, rows, watched(), GROUND, SOURCES), before)
