"""What reports count apart: uses of force, traces of which the cause is not told, and what is neither."""

from __future__ import annotations

from typing import Literal

import polars as pl

from teisen.languages import text
from teisen.observation import attack_kinds, trace_kinds

Group = Literal["force", "trace", "rest"]
"""``rest``: movements, presence, deliveries and the like."""
GROUPS: tuple[Group, ...] = ("force", "trace", "rest")
REST = text("Movements and other things, neither force nor a trace of it")
"""Heading of ``rest``."""


def group_of(kind: str) -> Group:
    """The group of a kind."""
    return "force" if kind in attack_kinds() else "trace" if kind in trace_kinds() else "rest"


def of_group(group: Group, column: str = "kind") -> pl.Expr:
    """Rows whose ``kind``, or what stands in another ``column``, is of the group."""
    force, trace = (pl.col(column).is_in(kinds) for kinds in (attack_kinds(), trace_kinds()))
    return {"force": force, "trace": trace, "rest": ~force & ~trace}[group]
