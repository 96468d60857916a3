"""Whose silence counts nothing one by one: on average what they do not join is true less often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from teisen.fusion import Fused, fuse
from teisen.fusion.unjoined import joined, unheeded
from teisen.observation import EXPOSURE
from teisen.sources import Source
from tests.builders import figure, source
from tests.fusion.worlds import DAY, GROUND, observations, seen

HALF = 40
"""Reports of posts that others join, and as many that nobody does."""


def made(name: str, group: str, party: str | None = None) -> Source:
    whole: Source = source(
        name,
        group=group,
        place_error_m=figure(500),
        time_error_s=figure(60),
        false_share=figure(0.1),
        detection={"shelling": figure(0.5)},
        reported_by=party,
    )
    return whole


def world(group: str, party: str | None = None) -> Fused:
    """Posts report shells, and another source, of that group or party, every second of them."""
    sources = {"posts": made("posts", "posts"), "other": made("other", group, party)}
    rows: list[dict[str, Any]] = []
    for n in range(2 * HALF):
        when = DAY + timedelta(hours=9 * n)
        spot: dict[str, Any] = {
            "lon": 30.0 + 0.2 * (n % 9),
            "lat": 50.0 + 0.2 * (n % 7),
            "kind": "shelling",
            "start": when,
            "end": when,
        }
        rows.append(seen(f"posts:{n:03}", **spot))
        if n % 2:
            rows.append(seen(f"other:{n:03}", **spot))
    return fuse(observations(*rows), EXPOSURE.empty(), GROUND, sources)


def founding(fused: Fused, n: int) -> tuple[float, str]:
    """Log odds with which posts found an incident of ``n`` reports, and why."""
    members = fused.evidence.filter(relation="member").join(fused.incidents, on="incident_id")
    rows = members.filter(source_id="posts", n_observations=n).select("log_ratio", "reason")
    assert rows.height == HALF
    return rows.unique().row(0)


@pytest.mark.parametrize(("group", "party"), [("posts", None), ("posts", "party-a"), ("party", "party-a")])
def test_what_a_source_of_the_group_or_a_party_does_not_join_is_true_less_often(group: str, party: str | None) -> None:
    fused, plain = world(group, party), world("independent")
    (alone, why), (before, as_declared) = founding(fused, 1), founding(plain, 1)
    # 72 reports are true and 10 more are assumed; 40 of these 82 are joined. The log of the rest in steps of a quarter.
    assert alone == pytest.approx(before - 0.75, abs=1e-3)
    joined_by = "of its true reports are joined by sources whose silence is not counted, and this one is by none"
    assert why == f"{as_declared}; 53 % {joined_by}"


def test_what_is_joined_and_what_independent_sources_do_not_join_stands_as_declared() -> None:
    assert founding(world("party", "party-a"), 2) == founding(world("independent"), 2)
    alone, why = founding(world("independent"), 1)
    assert alone == pytest.approx(np.log(9), abs=0.1)
    assert why == "reported it; 90 % of this source's reports are true"


def test_of_who_is_silent_only_groups_and_parties_are_unheeded() -> None:
    sources = {"a": made("a", "one"), "b": made("b", "one"), "c": made("c", "two", "party-a"), "d": made("d", "three")}
    among = unheeded([*sources, "unknown"], sources)
    no, yes = False, True
    assert among.tolist() == [
        [no, yes, yes, no, no],
        [yes, no, yes, no, no],
        [no, no, no, no, no],
        [no, no, yes, no, no],
        [no, no, yes, no, no],
    ]
    label, source_of = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 3, 2, 3])
    assert joined(label, source_of, among).tolist() == [yes, yes, yes, no, no]
