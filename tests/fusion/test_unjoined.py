"""What no other source of its group joins is true less often than what its profile says of all its reports."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from teisen.fusion import Fused, fuse
from teisen.fusion.unjoined import joined, of_group
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


@pytest.mark.parametrize("party", [None, "party-a"])
def test_what_another_source_of_the_group_does_not_join_is_true_less_often(party: str | None) -> None:
    fused, plain = world("posts", party), world("independent")
    (alone, why), (before, as_declared) = founding(fused, 1), founding(plain, 1)
    # 72 reports are true and 10 more are assumed; 40 of these 82 are joined. The log of the rest in steps of a quarter.
    assert alone == pytest.approx(before - 0.75, abs=1e-3)
    joined_by = "of its true reports are joined by others of its group, and this one is by none"
    assert why == f"{as_declared}; 53 % {joined_by}"


def test_what_another_source_of_the_group_joined_stands_as_declared() -> None:
    fused = world("posts")
    joined_rows = fused.evidence.join(fused.incidents.filter(n_observations=2), on="incident_id", how="semi")
    assert joined_rows.filter(relation="member")["log_ratio"].max() == pytest.approx(np.log(9), abs=0.1)


@pytest.mark.parametrize("party", [None, "party-a"])
def test_what_other_groups_and_parties_do_not_join_stands_as_declared(party: str | None) -> None:
    """A party can't lower what it did by saying nothing of it."""
    alone, why = founding(world("independent", party), 1)
    assert alone == pytest.approx(np.log(9), abs=0.1)
    assert why == "reported it; 90 % of this source's reports are true"


def test_only_sources_of_one_group_have_one_voice() -> None:
    sources = {"a": made("a", "one"), "b": made("b", "one"), "c": made("c", "two", "party-a"), "d": made("d", "three")}
    among = of_group([*sources, "unknown"], sources)
    no, yes = False, True
    assert among.tolist() == [
        [no, yes, no, no, no],
        [yes, no, no, no, no],
        [no, no, no, no, no],
        [no, no, no, no, no],
        [no, no, no, no, no],
    ]
    label, source_of = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 3, 2, 3])
    assert joined(label, source_of, among).tolist() == [yes, yes, no, no, no]
