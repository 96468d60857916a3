"""Scenarios for tests: a straight line of 200 km with one plain source, changed where a test asks for it."""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl

from teisen.documents import fit
from teisen.observation import Profile
from teisen.simulation import Scenario, Simulated, simulate
from tests.builders import figure, profile

NO_ERRORS: dict[str, Any] = {
    "place_error_m": figure(0), "time_error_s": figure(0), "delay_s": figure(0), "false_share": figure(0),
    "detection": {"shelling": figure(1), "drone-strike": figure(1)},
}  # fmt: skip
"""A profile that sees everything as it is."""


def scenario(*sources: dict[str, Any], violence: dict[str, Any] | None = None, **changes: Any) -> Scenario:
    """Forty incidents a day for ten days unless changed; each source ``news`` unless it says otherwise."""
    values: dict[str, Any] = {
        "format": "teisen-scenario/2",
        "id": "test",
        "title": "Test",
        "shows": "what a test asks for",
        "seed": 1,
        "period": {"from": "2025-04-07", "to": "2025-04-17"},
        "parties": ["party-a", "party-b"],
        "line": [[-31.0, 0.0], [-29.2, 0.0]],
        "ground": {"reach_km": 50, "towns_every_km": 15, "sites_every_km": 50, "regions_every_km": 50},
        "violence": {"per_day": 40, "kinds": {"shelling": 1}, **(violence or {})},
        "sources": [{"id": "news", "profile": "plain", "writes": "reports", **one} for one in sources or ({},)],
    }
    made: Scenario = fit(values | changes, Scenario, "test")
    return made


def plain(name: str, **changes: Any) -> Profile:
    """A profile without errors under that name, changed where asked; those of the ground are what they are."""
    return profile(**(NO_ERRORS | {"id": name, "group": name} | changes))


def simulated(made: Scenario, **changes: Any) -> Simulated:
    """The scenario simulated with profiles without errors but for ``changes``."""
    return simulate(made, lambda name: plain(name, **changes))


def rows(done: Simulated, name: str) -> pl.DataFrame:
    """A file's rows with what is behind each: ``truth_id``, ``other_id``, ``copy_of``, and the truth's columns."""
    frame = pl.read_csv(done.files[name].encode(), infer_schema=False).with_columns(row=pl.int_range(1, pl.len() + 1))
    truth = done.truth.rename({column: f"true_{column}" for column in done.truth.columns if column != "truth_id"})
    told = frame.join(done.links.filter(file=name), on="row", how="left")
    return told.join(truth, on="truth_id", how="left", maintain_order="left")


def moment(column: str) -> pl.Expr:
    """A column of the file as a time in UTC."""
    return pl.col(column).str.strip_suffix("Z").str.to_datetime("%Y-%m-%dT%H:%M:%S", time_zone="UTC", time_unit="us")


@cache
def busy(**changes: Any) -> Simulated:
    """A scenario of some 4,000 incidents, all reported."""
    return simulated(scenario(violence={"per_day": 400}), **changes)
