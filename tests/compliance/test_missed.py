"""Totals with what everybody missed: right where assumptions hold, silent or in doubt where they don't."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
import scipy

from teisen.compliance.captures import Captures, Linkage, all_histories, captures, list_groups, relinked
from teisen.compliance.latent import latent_total
from teisen.compliance.loglinear import above_nought, averaged
from teisen.compliance.missed import (
    WARNINGS,
    Estimate,
    chapman,
    disagree,
    estimates,
    floor,
    inverse,
    sentence,
    side_by_side,
)
from teisen.fusion.schema import EVIDENCE
from tests.builders import source

PERFECT = Linkage(error=0.0)


def drawn(seed: int, *, n: int = 500, p: tuple[float, ...] = (0.4, 0.3, 0.25), follows: float = 0.0) -> Captures:
    """Histories of ``n`` violations in two areas; of what the first list sees the second sees ``follows`` more."""
    rng = np.random.default_rng(seed)
    area, saw = rng.integers(0, 2, n), rng.random((n, len(p))) < np.array(p)
    saw[:, 1] |= saw[:, 0] & (rng.random(n) < follows)
    bits = saw @ (1 << np.arange(len(p)))
    seen = np.zeros((2, 2 ** len(p) - 1))
    np.add.at(seen, (area[bits > 0], bits[bits > 0] - 1), 1)
    return Captures(tuple("abcde"[: len(p)]), all_histories(len(p)), seen, 0.0)


def by_method(found: Captures, linkage: Linkage = PERFECT) -> dict[str, Estimate]:
    return {one.method: one for one in estimates(found, linkage)}


def total(one: Estimate) -> tuple[float, float, float]:
    assert one.total is not None
    return one.total


@pytest.mark.parametrize("lists", [(0.4, 0.3, 0.25), (0.4, 0.3, 0.25, 0.2)])
def test_the_total_is_found_where_lists_are_independent(lists: tuple[float, ...]) -> None:
    found = [by_method(drawn(seed, p=lists))["capture"] for seed in range(8)]
    assert abs(np.median([total(one)[1] for one in found]) / 500 - 1) < 0.04
    assert sum(total(one)[0] <= 500 <= total(one)[2] for one in found) >= 6


def test_lists_that_depend_are_allowed_for_and_said() -> None:
    found = drawn(3, n=1000, p=(0.4, 0.3, 0.25, 0.25), follows=0.5)
    one = by_method(found)["capture"]
    assert "lists_depend" in one.warnings
    assert total(one)[1] == pytest.approx(1000, rel=0.1)
    assert (0, 1) in averaged(found).models[0].pairs


def test_two_lists_are_chapman_with_a_warning() -> None:
    seen = np.array([[60.0, 40.0, 20.0]])
    found = Captures(("a", "b"), all_histories(2), seen, 0.0)
    one = by_method(found)["capture"]
    assert total(one)[1] == pytest.approx(81 * 61 / 21 - 1)
    assert chapman(found) == one.total
    assert one.word == "doubtful"
    assert "cannot be checked" in sentence(120, one)


@pytest.mark.parametrize(
    ("lists", "seen", "warning"),
    [((), [], "no_list"), (("a",), [90.0], "one_list"), (("a", "b", "c"), [40, 40, 1, 40, 1, 0, 0], "sparse_overlap"),
     (("a", "b", "c"), [3, 3, 2, 2, 2, 1, 1], "few_seen")],
)  # fmt: skip
def test_it_cannot_say(lists: tuple[str, ...], seen: list[float], warning: str) -> None:
    found = Captures(lists, all_histories(len(lists)), np.array([seen], float).reshape(1, -1), 0.0)
    (one,) = estimates(found)
    assert one.word == "cannot_say"
    assert warning in one.warnings
    assert "cannot say" in sentence(1, one)


def mixed(seed: int) -> Captures:
    """1,000 violations, four in ten easy to see and the rest hard, by four lists."""
    rng = np.random.default_rng(seed)
    easy = rng.random(1000) < 0.4
    saw = rng.random((1000, 4)) < np.where(easy, 0.5, 0.07)[:, None]
    bits = saw @ (1 << np.arange(4))
    return Captures(tuple("abcd"), all_histories(4), np.bincount(bits, minlength=16)[None, 1:].astype(float), 0.0)


def test_violations_that_differ_are_said_to_and_the_floor_lies_below() -> None:
    found = mixed(1)
    assert floor(found)[1] < 1000
    one = by_method(found)["capture"]
    assert "differ" in one.warnings or "classes_part" in one.warnings
    assert one.word == "doubtful"


def test_the_floor_says_where_lists_depend_so_that_it_need_not_lie_below() -> None:
    assert "need_not_hold" not in by_method(drawn(1))["floor"].warnings
    shun = np.array([[400.0, 200.0, 5.0, 200.0, 150.0, 5.0, 0.0]])
    bound = by_method(Captures(tuple("abc"), all_histories(3), shun, 0.0))["floor"]
    assert "need_not_hold" in bound.warnings
    assert bound.word == "doubtful"


@pytest.mark.parametrize("chances", [(0.5, 0.05), (0.5, 0.1, 0.05), (0.3, 0.3, 0.3)])
def test_the_floor_is_a_lower_bound_also_where_one_list_sees_ten_times_what_another_does(
    chances: tuple[float, ...],
) -> None:
    rng, middles = np.random.default_rng(9), []
    for _ in range(40):
        bits = (rng.random((1000, len(chances))) < chances) @ (1 << np.arange(len(chances)))
        counts = np.bincount(bits, minlength=2 ** len(chances))[None, 1:].astype(float)
        middles.append(floor(Captures(tuple("abc")[: len(chances)], all_histories(len(chances)), counts, 0.0))[1])
    assert 900 < np.mean(middles) < 1030


@pytest.mark.parametrize(("mean", "sd"), [(0.8, 0.3), (0.0, 1.0), (-2.0, 0.5)])
def test_the_half_of_a_normal_above_nought(mean: float, sd: float) -> None:
    half = scipy.stats.truncnorm(-mean / sd, np.inf, mean, sd)
    log_p, more, less = above_nought(mean, sd)
    assert np.exp(log_p) == pytest.approx(scipy.stats.norm.sf(0, mean, sd))
    assert (mean + more, sd**2 - less) == pytest.approx((half.mean(), half.var()), rel=1e-4)


def test_lists_that_shun_one_another_are_no_sign_that_violations_differ() -> None:
    once, twice, thrice = 120.0, 25.0, 2.0
    found = Captures(tuple("abc"), all_histories(3), np.array([[once, once, twice, once, twice, twice, thrice]]), 0.0)
    models = averaged(found)
    plain = next(m.log_unseen for m in models.models if not m.pairs and not m.differ)
    differ = next(m.log_unseen for m in models.models if not m.pairs and m.differ)
    assert differ > plain


def test_latent_classes_cover_the_truth_of_two_classes() -> None:
    given = [latent_total(mixed(seed)) for seed in range(8)]
    assert sum(one is not None and one[0] <= 1000 <= one[2] for one in given) >= 6


def test_latent_classes_need_four_lists() -> None:
    assert latent_total(drawn(1)) is None
    assert by_method(drawn(1))["latent"].word == "cannot_say"


def test_links_that_were_missed_at_a_known_rate_are_put_right() -> None:
    found = drawn(5, n=2000)
    torn = relinked(found, 0.2)
    assert torn.total > found.total
    np.testing.assert_allclose(relinked(torn, -0.2).seen, found.seen, atol=1e-9)
    wrong, right = (total(by_method(torn, how)["capture"])[1] for how in (PERFECT, Linkage(0.2, 0.0, 0.0)))
    assert wrong > 2200
    assert right == pytest.approx(2000, rel=0.07)


def test_errors_of_fusion_widen_the_interval() -> None:
    sure, unsure = (total(by_method(drawn(5), how)["capture"]) for how in (PERFECT, Linkage(error=0.1)))
    assert unsure[2] - unsure[0] > sure[2] - sure[0]


def looked(seed: int) -> Estimate:
    """Inverse detection probability of 600 violations, four sources whose declared log odds are off by 0.5 (sd)."""
    rng = np.random.default_rng(seed)
    p = np.array([0.35, 0.3, 0.25, 0.2])
    seen = (rng.random((600, 4)) < p).any(axis=1).sum()
    declared = 1 / (1 + (1 - p) / p * np.exp(rng.normal(0, 0.5, 4)))
    some = np.full(seen, 1 - np.prod(1 - declared))
    loads = [np.full(seen, 0.5 * one * (1 - some[0]) / some[0]) for one in declared]
    return inverse(np.ones(seen), some, loads)


def test_doubt_about_detection_is_carried_as_one_about_what_was_missed() -> None:
    totals = [total(looked(seed)) for seed in range(600)]
    assert 0.87 <= np.mean([low <= 600 <= high for low, _, high in totals]) <= 0.93
    assert max(np.mean([low > 600 for low, _, _ in totals]), np.mean([high < 600 for _, _, high in totals])) < 0.09


def test_methods_that_disagree_say_so_both() -> None:
    one, other = Estimate("capture", (100, 120, 140), ()), Estimate("effort", (200, 250, 300), ())
    assert all("methods_part" in e.warnings and e.word == "doubtful" for e in side_by_side([one], [other]))
    near = Estimate("effort", (90, 150, 300), ())
    assert all(e.word == "holds" for e in side_by_side([one], [near]))


def test_intervals_that_meet_may_disagree() -> None:
    one, other = Estimate("capture", (100, 120, 140), ()), Estimate("effort", (138, 150, 170), ())
    assert all(e.word == "doubtful" for e in side_by_side([one], [other]))
    assert all(e.word == "doubtful" for e in side_by_side([other], [one]))


def test_methods_that_agree_are_called_apart_no_oftener_than_intervals_allow() -> None:
    rng = np.random.default_rng(3)
    ends = [[(m - 1.645 * sd, m, m + 1.645 * sd) for m in rng.normal(1000, sd, 4000)] for sd in (60.0, 30.0)]
    apart = np.mean([disagree(a, b) for a, b in zip(*ends, strict=True)])
    assert 0.08 < apart < 0.12


def test_what_nobody_could_see_is_said_to_be_left_out() -> None:
    both = side_by_side([Estimate("capture", (1, 2, 3), ())], [Estimate("effort", (1, 2, 3), ())], 0.4)
    assert [e.word for e in both] == ["doubtful"] * 2
    assert all(WARNINGS["unwatched"] in sentence(1, e) for e in both)


def member(incident: str, source_id: str, relation: str = "member") -> dict[str, Any]:
    row = {"incident_id": incident, "source_id": source_id, "observation_id": f"{source_id}:{incident}"}
    return {**row, "relation": relation, "log_ratio": None, "p_detect": None, "reason": ""}


def test_lists_are_groups_that_speak_for_no_party() -> None:
    sources = {
        s.source_id: s
        for s in (
            source("news", group="press", role="makes"),
            source("paper", group="press", role="makes"),
            source("fires", group="satellites", role="makes"),
            source("claims", group="army", role="makes", reported_by="party-b"),
            source("alerts", group="alerts", role="supports"),
        )
    }
    rows = [member("i1", "news"), member("i1", "paper"), member("i1", "fires"), member("i1", "claims"),
            member("i2", "claims"), member("i3", "paper"), member("i3", "alerts", "supports")]  # fmt: skip
    evidence = pl.DataFrame(rows, schema=EVIDENCE.schema)
    incidents = pl.DataFrame({"incident_id": ["i1", "i2", "i3"], "area_id": ["w", "w", None], "p": [0.8, 0.9, 0.5]})
    found = captures(incidents, evidence, sources)
    assert found.lists == ("press", "satellites")
    assert found.total == pytest.approx(1.3)
    assert found.by_number.tolist() == pytest.approx([0.5, 0.8])
    assert found.doubt == pytest.approx(0.8 * 0.2 + 0.25)
    assert set(list_groups(sources)) == {"news", "paper", "fires"}
    swapped = {
        **sources,
        "claims": source("claims", group="army", role="makes", reported_by="party-a"),
    }
    assert captures(incidents.reverse(), evidence.reverse(), swapped).seen.tolist() == found.seen.tolist()


def reported(saw: dict[str, list[int]]) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, Any]]:
    """Violations found, evidence and sources: which list saw which of them."""
    numbers = sorted({n for some in saw.values() for n in some})
    found = pl.DataFrame({"incident_id": [f"inc-{n}" for n in numbers], "area_id": "west", "p": 1.0})
    rows = [(f"inc-{n}", name) for name, some in saw.items() for n in some]
    member = pl.DataFrame(rows, schema=["incident_id", "source_id"], orient="row").with_columns(
        relation=pl.lit("member")
    )
    return found, member, {name: source(name, group=name, role="makes") for name in saw}


def test_of_six_lists_the_two_that_saw_least_are_one_and_what_they_alone_saw_counts() -> None:
    saw = {
        "a": [*range(30)],
        "b": [*range(25)],
        "c": [*range(20)],
        "d": [*range(15)],
        "e": [*range(5), 40],
        "f": [1, 41],
    }
    found = captures(*reported(saw))
    assert found.lists == ("a", "b", "c", "d", "e + f")
    assert found.total == 32
    alone = found.histories.sum(axis=1) == 1
    assert found.seen.sum(axis=0)[alone].tolist() == [5, 0, 0, 0, 2]
    five = captures(*reported({name: saw[name] for name in "abcde"}))
    assert (five.lists, five.total) == (("a", "b", "c", "d", "e"), 31)


def test_lists_beyond_five_narrow_the_total_and_do_not_move_it() -> None:
    totals = {5: [], 8: []}  # type: dict[int, list[tuple[float, float, float]]]
    chances = (0.3, 0.25, 0.2, 0.15, 0.12, 0.12, 0.1, 0.1)
    for seed in range(4):
        saw = np.random.default_rng(seed).random((400, len(chances))) < chances
        for many, some in totals.items():
            lists = {"abcdefgh"[k]: np.flatnonzero(saw[:, k]).tolist() for k in range(many)}
            some.append(total(by_method(captures(*reported(lists)))["capture"]))
    five, eight = np.array(totals[5]), np.array(totals[8])
    assert np.median(eight[:, 1]) == pytest.approx(400, rel=0.05)
    assert (np.median(eight[:, 2] - eight[:, 0])) < 0.8 * np.median(five[:, 2] - five[:, 0])
