"""Reports alone and by twos weigh what sums over them weigh."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.fusion.density import Around
from teisen.fusion.kinds import class_names
from teisen.fusion.likelihood import Likelihood
from teisen.fusion.reporting import Reporting
from teisen.fusion.reports import reports
from teisen.fusion.two import Closeness, Saying
from tests.builders import source
from tests.fusion.worlds import at, observations, seen

SOURCES = {name: source(name) for name in ("one", "two")}


@st.composite
def told(draw: st.DrawFn, placed: bool) -> list[dict[str, object]]:
    rows = []
    for n in range(draw(st.integers(2, 6))):
        start = draw(st.integers(0, 30))
        place = {"lon": 30 + draw(st.integers(0, 60)) / 1_000, "lat": 50 + draw(st.integers(0, 60)) / 1_000}
        kinds = draw(st.sampled_from(["shelling", "fire", "missile-strike"]))
        rows.append(
            seen(
                f"{draw(st.sampled_from(sorted(SOURCES)))}:{n}",
                **(place if placed else {"lon": None, "lat": None, "area_id": "west"}),
                start=at(start),
                end=at(start + draw(st.sampled_from([0, 0, 1, 24]))),
                kind=kinds,
                kinds=[{"kind": kinds, "p": 0.8}, {"kind": "drone-strike", "p": 0.2}],
                target_class=draw(st.sampled_from([None, *class_names()[:2]])),
            )
        )
    return rows


@settings(max_examples=40, deadline=None)
@given(st.data(), st.booleans())
def test_one_and_two_reports_weigh_what_sums_over_them_weigh(data: st.DataObject, placed: bool) -> None:
    many = reports(observations(*data.draw(told(placed))), SOURCES)
    density = np.exp(data.draw(st.lists(st.integers(-40, -30), min_size=len(many), max_size=len(many))))
    around = Around(density, density[::-1] / 3)
    likelihood = Likelihood(Reporting.of(tuple(sorted(SOURCES))), placed)
    sums, saying, closeness = (
        likelihood.sums(many, around),
        Saying.by(likelihood, many, around),
        Closeness.of(many, placed),
    )
    every = np.arange(len(many))
    i, j = (axis.ravel() for axis in np.meshgrid(every, every))
    i, j = i[i < j], j[i < j]
    near = closeness.where(i, j)[1] + closeness.time(i, j)
    both = sums.take(i).with_(sums.take(j))
    for alarms, one in ((True, saying.one), (False, saying.one_trusting)):
        way = replace(likelihood, alarms=alarms)
        np.testing.assert_allclose(one, way.value(sums), rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(near + saying.two(i, j, alarms), way.value(both), rtol=1e-9, atol=1e-6)
    np.testing.assert_array_equal(saying.sums(every).tags, sums.tags)
