"""Fusing part after part of time, and from what another process kept, gives what fusing all at once gives."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.fusion import EVIDENCE, HABIT, INCIDENT, fuse, fuse_again, fuse_in_parts, habit_table, parts
from teisen.fusion.kept import KEPT, kept, taken_up
from teisen.fusion.near import DAY_S
from teisen.observation import EXPOSURE, OBSERVATION
from tests.fusion.test_again import DAYS, same, watched, world
from tests.fusion.worlds import GROUND, SOURCES, at, exposure, observations, seen, watch

LONG = 160
KINDS = ("missile-strike", "drone-strike", "shelling", "fire", "explosion")


def long_world(seed: int, n: int = 320) -> list[dict[str, Any]]:
    """Reports of all roles over months and two towns: moments and days, some of weeks, texts that come again."""
    random = np.random.default_rng(seed)
    rows = []
    for k in range(n):
        source = str(random.choice(["news", "paper", "fires", "alerts", "tally"]))
        hour = float(random.uniform(0, 24 * LONG))
        whole = random.random() < 0.5
        start = 24 * (hour // 24) if whole else hour
        lasts = (24 * int(random.choice([1, 1, 1, 9])) if whole else 0) if source != "alerts" else 2
        row = seen(
            f"{source}:{k:03}", 29.9 + 2 * int(random.integers(0, 2)) + random.normal(0, 0.03), 50.5,
            kind=str(random.choice(KINDS)), start=at(start), end=at(start + lasts), place_name="Town",
            native_id=f"text{k // 3}" if random.random() < 0.7 else None,
        )  # fmt: skip
        if row["native_id"]:
            row["lon"] = 30.0
        if source in {"alerts", "tally"}:
            row |= {"role": "supports"}
        if source == "alerts":
            row |= {"kind": "alert", "kinds": [{"kind": "alert", "p": 1.0}]}
        if source == "alerts" or (source == "news" and random.random() < 0.3):
            row |= {"lon": None, "lat": None, "area_id": str(random.choice(["west", "east"]))}
        rows.append(row)
    for row in rows[: int(random.integers(0, 4))]:  # some of months
        row["end"] = row["start"] + timedelta(days=70)
    return rows


def exposed() -> pl.DataFrame:
    return exposure(
        *(watch("fires", start=at(24 * d), end=at(24 * d + 24), p_detect=0.2 + d / 400) for d in range(LONG))
    )


def in_files(folder: Path, *tables: pl.DataFrame) -> list[pl.LazyFrame]:
    paths = [folder / f"{n}.parquet" for n, _ in enumerate(tables)]
    for path, table in zip(paths, tables, strict=True):
        table.sort("start").write_parquet(path, row_group_size=50)
    return [pl.scan_parquet(path) for path in paths]


@given(seed=st.integers(0, 10_000), at_once=st.sampled_from([40, 90, 1_000]))
@settings(max_examples=5, deadline=None)
def test_parts_of_time_together_are_what_all_at_once_gives(
    tmp_path_factory: pytest.TempPathFactory, seed: int, at_once: int
) -> None:
    rows, looks = observations(*long_world(seed)), exposed()
    scans = in_files(tmp_path_factory.mktemp("files"), rows, looks)
    found = list(fuse_in_parts(*scans, GROUND, SOURCES, at_once=at_once))
    assert len(found) == -(-rows.height // at_once) or at_once == 1_000
    whole = fuse(rows, looks, GROUND, SOURCES)
    assert INCIDENT.hand_over(INCIDENT.gather(one.incidents for one in found)).equals(whole.incidents)
    assert EVIDENCE.hand_over(EVIDENCE.gather(one.evidence for one in found)).equals(whole.evidence)
    assert all(one.learned.equals(whole.learned) for one in found)


def test_a_part_reads_its_time_and_what_is_around_and_more_where_that_is_not_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = long_world(4)
    rows += [  # a chain of reports, each near the next
        seen(f"paper:chain{day}", 30.0, 50.5, kind="fire", start=at(24 * day), end=at(24 * day + 36))
        for day in range(40, 100)
    ]
    asked: list[tuple[float, float]] = []
    plain = parts._read

    def read(case: Any, span: Any) -> Any:
        asked.append(((span.end - span.start) / DAY_S, plain(case, span)[0].height))
        return plain(case, span)

    monkeypatch.setattr(parts, "_read", read)
    scans = in_files(tmp_path, observations(*rows), exposed())
    found = list(fuse_in_parts(*scans, GROUND, SOURCES, at_once=60))
    whole = fuse(observations(*rows), exposed(), GROUND, SOURCES)
    assert INCIDENT.hand_over(INCIDENT.gather(one.incidents for one in found)).equals(whole.incidents)
    assert len(asked) > len(found)  # the chain did not fit at first
    assert min(height for _, height in asked) < len(rows) * 0.7


def test_nothing_is_fused_to_nothing(tmp_path: Path) -> None:
    found = list(fuse_in_parts(*in_files(tmp_path, OBSERVATION.empty(), EXPOSURE.empty()), GROUND, SOURCES))
    assert [one.incidents.height for one in found] == [0]


@given(seed=st.integers(0, 10_000), last=st.integers(0, 3))
@settings(max_examples=6, deadline=None)
def test_what_was_kept_in_files_is_fused_again_as_if_it_had_stayed_in_memory(
    tmp_path_factory: pytest.TempPathFactory, seed: int, last: int
) -> None:
    rows, folder = world(seed), tmp_path_factory.mktemp("kept")
    early = observations(*(row for row in rows if row["start"] < at(24 * (DAYS - last))))
    before = fuse(early, watched(DAYS - last), GROUND, SOURCES)
    for name, frame in kept(before).items():
        frame.write_parquet(folder / f"{name}.parquet")
    tables = {name: pl.read_parquet(folder / f"{name}.parquet") for name in KEPT}
    shuffled = early.sample(early.height, shuffle=True, seed=seed)
    again = taken_up(tables, shuffled, watched(DAYS - last), GROUND, SOURCES)
    given = observations(*rows), watched(), GROUND, SOURCES
    assert same(fuse_again(again, *given), fuse(*given))


def test_nothing_is_kept_and_fused_again() -> None:
    nothing = OBSERVATION.empty()
    tables = kept(fuse(nothing, watched(), GROUND, SOURCES))
    again = taken_up(tables, nothing, watched(), GROUND, SOURCES)
    given = observations(*world(5, 30)), watched(), GROUND, SOURCES
    assert same(fuse_again(again, *given), fuse(*given))


def test_what_was_kept_of_other_reports_is_refused() -> None:
    rows = world(1)
    tables = kept(fuse(observations(*rows), watched(), GROUND, SOURCES))
    with pytest.raises(ValueError, match="not the"):
        taken_up(tables, observations(*rows[:-1]), watched(), GROUND, SOURCES)


def test_habits_are_told_as_shares() -> None:
    habits = fuse(observations(*world(2)), watched(), GROUND, SOURCES).habits
    table = habit_table(habits)
    assert HABIT.hand_over(table).equals(table)
    sums = table.group_by("habit", "source_id", "kind").agg(pl.col("p").sum())
    assert set(sums["habit"]) == {"reports", "says"} | {"usual", "true", "shown"} | {"unjoined"}
    each = sums.filter(pl.col("habit").is_in(["reports", "says"]))
    assert each["p"].is_between(0.99, 1.01).all()
    whole = table.filter(pl.col("habit").is_in(["usual", "true", "shown"])).group_by("habit", "source_id")
    assert whole.agg(pl.col("p").sum())["p"].is_between(0.99, 1.01).all()


def test_at_a_hot_spot_what_hangs_together_stays_short_of_weeks() -> None:
    random, days = np.random.default_rng(1), 30
    rows = []
    for k in range(20 * days):
        source, hour = ["news", "paper", "fires"][k % 3], float(random.uniform(0, 24 * days))
        start, lasts = (hour, 0) if source == "fires" else (24 * (hour // 24), 24)
        lon, lat = random.normal(30.0, 0.05), random.normal(50.5, 0.05)
        kind = "fire" if source == "fires" else str(random.choice(KINDS[:3]))
        rows.append(seen(f"{source}:{k:03}", lon, lat, kind=kind, start=at(start), end=at(start + lasts)))
    fused = fuse(observations(*rows), exposed(), GROUND, SOURCES)
    assert fused.basis is not None
    joined = fused.basis.placed.joined
    first = joined.reports.take(joined.first)
    spans = pl.DataFrame({"part": joined.component, "start": first.start, "end": first.end}).group_by("part")
    longest = spans.agg(lasts=pl.col("end").max() - pl.col("start").min())["lasts"].max()
    assert fused.incidents.height > 500
    assert longest < 6 * DAY_S, "a part of time would be read with weeks around it"
