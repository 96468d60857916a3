"""A source that falls silent unannounced is told from tables as they are derived."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from teisen.compliance import ACTIVITY, fell_silent
from teisen.fusion import EVIDENCE, INCIDENT
from teisen.observation import AREA, EXPOSURE
from teisen.sources import Scope
from tests.builders import source
from tests.compliance.lines import DAY0, WARM, counts


def test_a_source_that_writes_a_tenth_of_what_it_did_is_named_and_no_other() -> None:
    shown = counts(1, np.ones(WARM + 30))[0]
    shown[WARM:, 1] = np.floor(shown[WARM:, 1] * 0.1)
    shown[-1, 1] = 1.0
    rows = [
        {"source_id": name, "role": "makes", "kind": "shelling", "count_unit": "", "start": start,
         "end": start + timedelta(days=1), "zone": "UTC", "rows": float(n)}
        for column, name in enumerate("abc")
        for day, n in enumerate(shown[:, column])
        for start in [DAY0 + timedelta(days=day)]
        if n
    ]  # fmt: skip
    activity = ACTIVITY.fill(pl.DataFrame(rows))
    sources = {name: source(name, group=name) for name in "abc"}
    scope = Scope(DAY0, DAY0 + timedelta(days=len(shown)), -180, -90, 180, 90)
    empty = (INCIDENT.empty(), EVIDENCE.empty(), activity, EXPOSURE.empty(), AREA.empty())
    silent = fell_silent(*empty, scope, "UTC", sources)
    assert silent["group"].unique().to_list() == ["b"]
    assert silent["share"].max() < 0.25
    assert silent.filter(pl.col("start") >= DAY0 + timedelta(days=WARM + 2)).height >= 25
