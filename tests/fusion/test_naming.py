"""What sources call things: wrong names as declared, traces where a source names nothing, kinds by what is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from teisen.fusion import fuse
from teisen.fusion.habits import habits_of
from teisen.fusion.kinds import kind_names
from teisen.fusion.reporting import Reporting
from teisen.observation import EXPOSURE, attack_kinds
from tests.builders import figure, source
from tests.fusion.worlds import DAY, GROUND, SOURCES, at, observations, seen

AIR, MISSILE, DRONE, SHELLING, FIRE = (
    kind_names().index(kind) for kind in ("air-strike", "missile-strike", "drone-strike", "shelling", "fire")
)


def reporting(*rows: dict[str, Any], wrong: float = 0.1) -> Reporting:
    """How ``news`` and ``fires`` report, by what they said; of shells news reports less."""
    known = {
        "news": {"missile-strike": 0.8, "drone-strike": 0.8, "air-strike": 0.8, "shelling": 0.4},
        "fires": {"missile-strike": 0.2, "shelling": 0.1},
    }
    sources = {
        name: source(
            name,
            group=name,
            place_error_m=figure(500),
            detection={kind: figure(p) for kind, p in chances.items()},
            wrong_kind_share=figure(wrong),
        )
        for name, chances in known.items()
    }
    return habits_of(observations(*rows), sources).reporting


def apart(name: str, kinds: dict[str, int]) -> list[dict[str, Any]]:
    """So many reports of each kind, an hour and 10 km and more from each other."""
    random = np.random.default_rng(3)
    said = [kind for kind, n in kinds.items() for _ in range(n)]
    return [
        seen(f"{name}:{at:03}", 30.0 + 0.2 * (at % 20), 48.0 + 0.2 * (at // 20), kind=kind, start=when, end=when)
        for at, kind in enumerate(random.permutation(said).tolist())
        for when in [DAY + timedelta(hours=at)]
    ]


def test_a_source_that_names_nothing_says_the_same_of_every_kind() -> None:
    found = reporting(
        *apart("news", {"missile-strike": 30, "shelling": 60}),
        *(row | {"lat": row["lat"] + 5.0} for row in apart("fires", {"fire": 60})),
    )
    assert found.sources == ("fires", "news")
    assert found.emission[0, [MISSILE, SHELLING], FIRE] == pytest.approx(0.85, abs=0.07)


def test_a_name_that_is_said_as_often_as_wrong_ones_is_no_kind_that_there_is() -> None:
    said = apart("news", {"missile-strike": 300, "drone-strike": 300, "air-strike": 10})
    often, seldom = reporting(*said, wrong=0.1), reporting(*said, wrong=0.01)
    assert np.exp(seldom.kind_prior[AIR]) > 1.6 * np.exp(often.kind_prior[AIR])
    assert (often.emission[0, [MISSILE, DRONE], AIR] > 3 * seldom.emission[0, [MISSILE, DRONE], AIR]).all()


def test_kinds_are_as_many_as_are_named_by_how_often_each_is_reported() -> None:
    found = reporting(*apart("news", {"missile-strike": 40, "shelling": 60}))
    assert np.exp(found.kind_prior[SHELLING] - found.kind_prior[MISSILE]) == pytest.approx(
        60 / 0.4 / (40 / 0.8), rel=0.2
    )


def test_reach_is_how_much_of_what_others_report_a_source_reports_too() -> None:
    said = apart("news", {"missile-strike": 60})
    seldom, often = (
        reporting(*said, *(row | {"observation_id": f"fires:{at:03}", "source_id": "fires"} for at, row in these)).reach
        for these in (enumerate(said[:1]), enumerate(said[:12]))
    )
    assert seldom[0] < 0.7
    assert often[0] == 1.0


def test_silence_tells_of_a_kind_as_far_as_there_was_something_in_reach() -> None:
    plain = reporting(*apart("news", {"missile-strike": 30, "shelling": 30}))
    told = [
        (of.silent - of.kind_prior)[[MISSILE, SHELLING]] @ [1, -1]
        for of in (replace(plain, reach=np.full(1, share)) for share in (1.0, 0.5, 0.0))
    ]
    assert told[0] < told[1] < told[2]
    assert told[2] == pytest.approx(0.0)


def test_nobodys_words_are_as_the_vocabulary_has_them() -> None:
    found = reporting(*apart("news", {"missile-strike": 40}), *apart("fires", {}))
    assert found.emission[0, SHELLING].argmax() == SHELLING
    assert found.emission[0].sum(axis=1) == pytest.approx(1.0)


def test_an_incident_that_nobody_says_is_force_is_called_what_was_said() -> None:
    """Two fires on a spot where fires are of the conflict, and one that a report names."""
    certain = SOURCES | {
        "fires": replace(SOURCES["fires"], profile=replace(SOURCES["fires"].profile, false_share=figure(0.05)))
    }
    rows = [
        seen("fires:1", kind="fire", start=at(10), end=at(10)),
        seen("fires:2", 32.5, kind="fire", start=at(10), end=at(10)),
        seen("news:2", 32.5, kind="missile-strike"),
    ]
    found = fuse(observations(*rows), EXPOSURE.empty(), GROUND, certain).incidents
    one, two = (found.filter(pl.col("lon").round() == lon).row(0, named=True) for lon in (30, 32))
    assert min(one["p_conflict"], two["p_conflict"]) > 0.5
    assert (one["kind"], two["kind"]) == ("fire", "missile-strike")
    assert one["kinds"][0]["kind"] == "missile-strike"


def test_number_tells_nothing_of_one_who_is_mostly_wrong_and_states_no_moment() -> None:
    fires = {
        name: source(name, group=name, place_error_m=figure(500), false_share=figure(share))
        for name, share in (("dates", 0.9), ("news", 0.1))
    }
    rows = [
        seen(f"{name}:{n:02}", 30.0 + 0.3 * (n % 7), 48.0 + 0.3 * (n // 7), kind="fire")
        for name in fires
        for n in range(40)
    ]
    found = habits_of(observations(*rows), fires).reporting
    of_true, of_false = found.number[:, 0, 2] - found.number[:, 0, 1], found.alone[:, 2] - found.alone[:, 1]
    assert of_true[0] == pytest.approx(of_false[0])
    assert of_true[1] > of_false[1] + 1.0


@pytest.mark.parametrize("quiet", ["obstruction", "weapon-presence", "movement", "overflight"])
def test_an_explosion_is_a_use_of_force_however_many_refusals_and_guns_a_patrol_writes_down(quiet: str) -> None:
    """What is neither force nor a trace of it leaves none, so that nothing of it is what was heard."""
    told = apart("patrols", {quiet: 30, "explosion": 10, "small-arms-fire": 5})
    rows = [row | {"kinds": [{"kind": row["kind"], "p": 1.0}]} for row in told]
    patrols = source("patrols", group="patrols", place_error_m=figure(500))
    found = fuse(observations(*rows), EXPOSURE.empty(), GROUND, {"patrols": patrols}).incidents
    force = pl.col("kinds").list.eval(
        pl.when(pl.element().struct["kind"].is_in(list(attack_kinds()))).then(pl.element().struct["p"])
    )
    shares = found.select("kind", force=force.list.sum().fill_null(0.0))
    assert found.height == 45
    assert shares.filter(pl.col("force") > 0.85).height == 15
    assert shares.filter(pl.col("kind") == quiet).height == 30
