from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from teisen.judgement import FINDING, OUTCOME, corroboration
from teisen.judgement.corroboration import share

PRIOR = (0.006, 0.5, 0.994)


def outcome(name: str, word: str, p: float = 0.0, would: float | None = 0.0, **changes: Any) -> dict[str, Any]:
    base = {"allegation_id": name, "accuser": "a", "accused": "b", "outcome": word, "explanation": "made up"}
    return base | {"p_corroborated": p, "p_would_see": would, "incident_ids": []} | changes


def outcomes(*rows: dict[str, Any]) -> pl.DataFrame:
    names = {name for row in rows for name in row}
    schema = pl.Schema({n: t for n, t in OUTCOME.schema.items() if n in names})
    return OUTCOME.hand_over(OUTCOME.fill(pl.DataFrame(rows, schema=schema)))


def under(reading: str, *allegation_ids: str, p: float = 1.0) -> list[dict[str, Any]]:
    base = {"subject": "allegation", "agreement_id": "truce", "provision_id": "halt", "held_by": "a"}
    rest = {
        "level": "alleged",
        "reasons": [],
        "decides": 1,
        "explanation": "made up",
        "attribution": [],
        "p_in_scope": p,
    }
    return [
        base | rest | {"finding_id": f"fnd-{reading}-{i}", "subject_id": i, "reading_id": reading}
        for i in allegation_ids
    ]


def findings(*rows: dict[str, Any]) -> pl.DataFrame:
    names = {name for row in rows for name in row}
    schema = pl.Schema({n: t for n, t in FINDING.schema.items() if n in names})
    return FINDING.hand_over(FINDING.fill(pl.DataFrame(rows, schema=schema)))


def test_counts_and_opportunity_stand_by_party_in_the_case_s_order() -> None:
    rows = outcomes(
        outcome("1", "corroborated", 0.9, 0.8),
        outcome("2", "not_seen_blind", 0.1, 0.25),
        outcome("3", "not_seen_blind", 0.1, None),
        outcome("4", "unread", would=None),
        outcome("5", "corroborated", 0.9, 0.9, accused="a"),  # of its own acts
        outcome("6", "partly", 0.3, 0.6, accuser="b", accused="a"),
    )
    table = corroboration(rows, FINDING.empty(), ["b", "a", "c"])
    assert table["accuser"].to_list() == ["b", "a", "c"]
    _, first, nobody = table.iter_rows(named=True)
    counts = ("allegations", "corroborated", "partly", "not_seen_watched", "not_seen_blind", "unread", "unplaced")
    assert [first[name] for name in counts] == [4, 1, 0, 0, 2, 1, 1]
    assert first["opportunity"] == pytest.approx(1.05)
    assert [nobody[name] for name in counts] == [0] * 7
    assert (nobody["share_low"], nobody["share"], nobody["share_high"]) == PRIOR


def test_under_a_reading_stand_those_that_it_would_forbid() -> None:
    rows = outcomes(outcome("1", "corroborated", 0.9, 0.8), outcome("2", "not_seen_watched", 0.1, 0.9))
    found = findings(*under("wide", "1", "2"), *under("narrow", "1"), *under("narrow", "2", p=0.4))
    table = corroboration(rows, found, ["a"])
    assert dict(table.select("reading_id", "allegations").iter_rows()) == {"*": 2, "wide": 2, "narrow": 1}


def test_where_nobody_could_look_nothing_is_learnt() -> None:
    assert tuple(round(x, 3) for x in share(np.zeros(200), np.zeros(200))) == PRIOR


def test_with_full_sight_it_is_the_posterior_of_a_share() -> None:
    borne = np.array([1.0] * 8 + [0.0] * 2)
    low, middle, high = share(borne, np.ones(10))
    jeffreys = beta(8.5, 2.5)  # eight of ten
    assert (low, middle, high) == pytest.approx(jeffreys.ppf([0.05, 0.5, 0.95]), abs=1e-4)


def test_silence_lowers_the_share_only_as_far_as_others_watched() -> None:
    highs = [share(np.zeros(20), np.full(20, w))[2] for w in (0.0, 0.05, 0.3, 1.0)]
    assert highs == sorted(highs, reverse=True)
    assert highs[-1] < 0.1
    assert highs[1] > 0.7


CASES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.sampled_from(["corroborated", "partly", "not_seen_watched", "not_seen_blind"]),
        st.integers(0, 10),
        st.integers(0, 10),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(CASES)
def test_parties_exchanged_in_are_parties_exchanged_out(cases: list[tuple[str, str, int, int, bool]]) -> None:
    other = {"a": "b", "b": "a"}

    def table(names: dict[str, str]) -> pl.DataFrame:
        said = [
            outcome(str(n), word, p / 10, w / 10, accuser=names[who], accused=names[other[who]])
            for n, (who, word, p, w, _) in enumerate(cases)
        ]
        broken = [str(n) for n, case in enumerate(cases) if case[4]]
        found = findings(*under("one", *broken)) if broken else FINDING.empty()
        rows = outcomes(*said) if said else OUTCOME.empty()
        return corroboration(rows, found, [names["a"], names["b"]])

    one, two = table({"a": "a", "b": "b"}), table(other)
    assert one.drop("accuser").equals(two.drop("accuser"))
    assert [other[name] for name in one["accuser"]] == two["accuser"].to_list()
