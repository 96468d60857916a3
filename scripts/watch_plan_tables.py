"""Tables of docs/watch-plan.md that only say again what the library's tables hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from watch_plan_drawings import million

from teisen.planning.frontier import orders_that_turn
from teisen.planning.solve import Setting

Ints = NDArray[np.int64]
KINDS = {
    "shelling": ("Shelling", [1000, 8000]),
    "drone-strike": ("Drone strike", [1000, 8000]),
    "small-arms-fire": ("Small arms", [300]),
    "ground-assault": ("Assault", [300]),
    "weapon-presence": ("Heavy weapon in its zone", [4000, 12000, 21000]),
}


def assumed(found: Iterable[Any], value: float, cost: float) -> list[str]:
    lines = ["| figure | value | varied | detection | million USD a year |", "|---|---:|---:|---:|---:|"]
    every = list(found)
    by_value = sorted(
        every, key=lambda one: (-max(abs((x or value) - value) for x in (one.at_low, one.at_high)), one.id)
    )[:8]
    by_cost = sorted(
        every, key=lambda one: (-max(abs((x or cost) - cost) for x in (one.cost_low, one.cost_high)), one.id)
    )[:4]
    for one in [*by_value, *by_cost]:
        seen = f"{one.at_low:.3f} to {one.at_high:.3f}" if one.at_low is not None else ""
        dear = f"{million(one.cost_low)} to {million(one.cost_high)}" if one.cost_low is not None else ""
        lines.append(f"| `{one.id}` | {one.value:g} | {one.low:g} to {one.high:g} | {seen} | {dear} |")
    return lines


def turns(plans: Sequence[tuple[str, str, Setting, Ints]]) -> list[str]:
    found = orders_that_turn([(name, here, number) for name, _, here, number in plans])
    by_pair: dict[tuple[str, str], list[str]] = {}
    for first, second, path, value in found:
        by_pair.setdefault((first, second), []).append(f"`{path}` = {value:g}")
    if not by_pair:
        return [
            "No single figure without a source, at either end of its range, turns the order of any two of these plans."
        ]
    return [f"- *{first}* sees more than *{second}*, but not if {', or '.join(which[:6])}"
            + (f" (and {len(which) - 6} more)" if len(which) > 6 else "")
            for (first, second), which in by_pair.items()]  # fmt: skip


def bought(curve: pl.DataFrame) -> list[str]:
    lines = ["| million USD a year | spent | people | detection | nothing passes |", "|---:|---:|---:|---:|---:|"]
    for row in curve.to_dicts():
        spent_on = f"{million(row['budget'])} | {million(row['cost'])} | {row['people']:,.0f}"
        lines.append(f"| {spent_on} | {row['value']:.3f} | {row['bound']:.3f} |")
    return lines


def refused(table: pl.DataFrame) -> list[str]:
    names = {"": "nobody", "party-a": "one party", "party-b": "the other", "party-a,party-b": "both"}
    lines = ["| sites refused by | all | " + " | ".join(title for title, _ in KINDS.values()) + " |",
             "|---|---:|" + "---:|" * len(KINDS)]  # fmt: skip
    for who, said in names.items():
        mine = {row["kind"]: row for row in table.filter(pl.col("refused") == who).to_dicts()}
        cells = [f"{mine[kind]['value']:.0%} ({mine[kind]['least']:.0%})" for kind in KINDS]
        lines.append(f"| {said} | {mine['']['value']:.0%} | {' | '.join(cells)} |")
    return lines


def worths(table: pl.DataFrame) -> list[str]:
    lines = ["| without | pieces | million USD a year | detection lost |", "|---|---:|---:|---:|"]
    rows = table.sort("lost", "sensor", descending=[True, False]).to_dicts()
    told = (f"| {row['sensor']} | {row['number']:,} | {million(row['cost'])} | {row['lost']:.3f} |" for row in rows)
    return [*lines, *told]
