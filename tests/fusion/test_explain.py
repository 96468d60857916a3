"""Why observations were joined: the parts add up, and say what decided."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest

from teisen.errors import BadInput
from teisen.fusion import EVIDENCE, INCIDENT, Explanation, Fused, explain, fuse
from teisen.observation import EXPOSURE
from tests.fusion.worlds import GROUND, SOURCES, at, exposure, observations, seen, watch

FAR = [seen(f"news:far{n}", 40.0 + n, 45.0, start=at(24 * n), end=at(24 * n + 24)) for n in range(6)]


def told(*rows: dict[str, Any], of: str, watched: pl.DataFrame | None = None) -> tuple[Explanation, Fused]:
    every = observations(*rows, *FAR)
    fused = fuse(every, EXPOSURE.empty() if watched is None else watched, GROUND, SOURCES)
    incident = fused.evidence.filter(relation="member", observation_id=of)["incident_id"][0]
    return explain(
        incident, fused.incidents, fused.evidence, every, ground=GROUND, sources=SOURCES, learned=fused.learned
    ), fused


def test_what_was_joined_says_why_and_its_parts_add_up() -> None:
    rows = [seen("news:1"), seen("fires:1", 30.505, 50.503, kind="fire", start=at(10), end=at(10))]
    found, fused = told(*rows, of="news:1", watched=exposure(watch("paper", p_detect=0.3)))
    assert {one["observation_id"] for one in found.members} == {"news:1", "fires:1"}
    assert sum(found.together.values()) > 0
    for one in found.members:
        assert one["total"] == pytest.approx(sum(one["parts"].values()), abs=0.02)
        assert one["total"] == pytest.approx(sum(found.together.values()), abs=0.1)
        assert one["distance_m"] == pytest.approx(487, abs=20)
        assert "as one incident" in one["says"]
    assert found.p_conflict == fused.incidents.filter(incident_id=found.incident_id)["p_conflict"][0]
    assert {one["source_id"] for one in found.errors} == {"news", "fires"}
    assert found.copies == []


def test_a_neighbour_that_was_not_joined_says_why_not() -> None:
    crowd = [
        seen(
            f"news:c{n}x{d}", 30.5 + 0.05 * (n % 7 - 3), 50.5 + 0.04 * (n // 7 - 3),
            start=at(24 * d), end=at(24 * d + 24),
        )
        for n in range(49)
        for d in (-2, -1, 1, 2)
    ]  # fmt: skip
    rows = [seen("news:1"), seen("paper:2", 30.60, 50.5)]
    found, fused = told(*rows, *crowd, of="news:1")
    other = fused.evidence.filter(observation_id="paper:2")["incident_id"][0]
    (why,) = (one for one in found.neighbours if one["incident_id"] == other)
    assert why["total"] < 0
    assert min(why["parts"], key=why["parts"].__getitem__) == "place"
    assert re.search(r"as one incident: [\d.]+ times less likely", why["says"])
    assert why["says"].startswith("7.1 km and 0.0 h")


def test_copies_count_once_and_areas_alone_are_explained() -> None:
    copies = [seen("news:1", native_id="text"), seen("paper:2", native_id="text", start=at(2), end=at(26))]
    found, _ = told(*copies, of="news:1")
    assert found.copies == [{"observation_id": "paper:2", "of": "news:1"}]
    assert found.members[0]["says"] == "the only report that counts"
    alone = [seen(name, None, None, area_id="east") for name in ("news:3", "fires:4")]
    found, _ = told(*alone, of="news:3")
    assert len(found.members) == 2
    assert found.together["place"] != 0


def test_an_id_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="There is no incident inc-none"):
        explain("inc-none", INCIDENT.empty(), EVIDENCE.empty(), observations(*FAR), ground=GROUND, sources=SOURCES)
