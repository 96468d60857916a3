"""What each source brings to a line is set against the effort it states, and counts only where it states one."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from teisen.compliance import ACTIVITY
from teisen.compliance.lines import Lines, lines
from teisen.fusion import EVIDENCE
from tests.compliance.test_assess import SCOPE, agreement, findings, incidents
from tests.fusion.worlds import AREAS, SOURCES, at, exposure, watch

EARLY = ("truce", "fire", "early")


def of_one(*watching: dict[str, Any]) -> Lines:
    """A line with a violation in the west and one in the east, both reported by the news alone."""
    happened = incidents({}, {"area_id": "east"})
    members = [
        dict.fromkeys(EVIDENCE.schema.names()) | {"incident_id": f"inc-{n}", "source_id": "news", "relation": "member"}
        for n in range(2)
    ]
    evidence = pl.DataFrame(members, schema=EVIDENCE.schema)
    told = (findings(0.8, 0.5), happened, evidence, ACTIVITY.empty(), exposure(*watching))
    return lines(*told, [agreement()], AREAS, SCOPE, "UTC", SOURCES)


def counted(of: Lines) -> float:
    return float(of.counts[of.keys.index(EARLY)].sum())


def test_what_a_source_brings_from_where_it_states_no_effort_is_not_counted() -> None:
    assert counted(of_one(watch("news"))) == 0.8
    assert counted(of_one(watch("news"), watch("news", area_id="east"))) == 1.3


def test_where_it_watches_at_times_all_its_days_count() -> None:
    assert counted(of_one(watch("news"), watch("news", area_id="east", start=at(-24), end=at(0)))) == 1.3


def test_of_a_source_that_states_no_effort_at_all_everything_counts() -> None:
    assert counted(of_one(watch("fires"))) == 1.3


def test_a_post_s_circle_counts_what_it_hears_across_a_border() -> None:
    post = {"area_id": None, "lon": 30.95, "lat": 50.5, "radius_m": 20_000.0}
    assert counted(of_one(watch("news", **post))) == 1.3


@pytest.mark.parametrize(("second", "beside"), [("east", False), ("west", True)])
def test_two_sources_are_beside_each_other_where_they_look_at_one_region(second: str, *, beside: bool) -> None:
    of = of_one(watch("news"), watch("fires", area_id=second))
    assert of.beside is not None
    assert bool(of.beside[of.groups.index("news"), of.groups.index("satellites")]) is beside
