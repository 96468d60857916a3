"""The worked example of docs/watch-plan.md: its tables, drawings and CSV files.

    python scripts/watch_plan.py                           the made-up line of 2,000 km; rewrites the page
    python scripts/watch_plan.py contact_line.parquet      the same proposals on a real line: one table, no places

The second form takes a table of a derived case, whose positions of control are not published: only sums along the whole
line leave it. Numbers of the proposals are scaled to the line's length where they are given by the kilometre.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from watch_plan_drawings import frontier_svg, map_svg, million

from teisen.library import PACKAGE
from teisen.planning import Brief, Catalogue, load_catalogue, made_line, setting
from teisen.planning.bound import costs_at_least
from teisen.planning.brief import Taken
from teisen.planning.frontier import (
    alone,
    assumptions,
    ceiling,
    frontier,
    items,
    least_cost,
    orders_that_turn,
    refusals,
    spent,
    worth,
)
from teisen.planning.solve import WINDOWS_H, Setting, find, promises, taken

ROOT = PACKAGE.parent.parent
PAGE = ROOT / "docs" / "watch-plan.md"
IMAGES, SERIES = ROOT / "docs" / "images", ROOT / "docs" / "series"
LENGTH_KM = 2000
BUDGET = 300e6
BUDGETS = (20e6, 50e6, 100e6, 200e6, 300e6, 500e6, 1000e6, 2000e6)
NEAR = 0.01
ENOUGH = 0.9
KINDS = {
    "shelling": ("Shelling", [1000, 8000]),
    "drone-strike": ("Drone strike", [1000, 8000]),
    "small-arms-fire": ("Small arms", [300]),
    "ground-assault": ("Assault", [300]),
    "weapon-presence": ("Heavy weapon in its zone", [4000, 12000, 21000]),
}
WITHIN = {1.0: "hour", 24.0: "day", 168.0: "week"}
Ints = NDArray[np.int64]


def brief(**changes: Any) -> Brief:
    return Brief.model_validate(
        {
            "format": "teisen-watch/1",
            "id": "worked-example",
            "title": "Worked example",
            "parties": ["party-a", "party-b"],
            "line": {"made_km": LENGTH_KM},
            "sector_km": 50,
            "step_km": 4,
            "sites": {"every_km": 4, "depths_km": [1, 8, 20]},
            "watched": [{"kind": kind, "depths_m": depths} for kind, (_, depths) in KINDS.items()],
            "rules": {"budget": BUDGET, "window_h": 24, "effort_share": 0.55},
        }
        | changes
    )


def proposals(km: float) -> dict[str, tuple[str, list[Taken]]]:
    """Proposals of others, as far as they say who does what; how people are divided is assumed."""
    depths = (1.0, 8.0, 20.0)
    return {
        "5,000 monitors": (
            "half on 500 patrols of five, half at 250 posts of ten",
            [Taken(sensor="patrol", number=500), Taken(sensor="post", number=250)],
        ),
        "A post per km": ("ten people each", [Taken(sensor="post", number=round(km))]),
        "The OSCE mission's density": (
            "1.4 people per km: patrols of five, a camera per 20 km, six UAV orbits",
            [
                Taken(sensor="patrol", number=round((1.4 * km - 150) / 5)),
                Taken(sensor="camera", number=round(km / 20)),
                Taken(sensor="uav", number=6, depth_km=20),
            ],
        ),
        "9,500 acoustic sensors": (
            "drone sensors at 1, 8 and 20 km",
            [Taken(sensor="acoustic-drone", number=round(9500 / 3), depth_km=depth) for depth in depths],
        ),
    }


def detection(here: Setting, number: Ints) -> dict[tuple[str, float], tuple[float, float, float]]:
    return {(one.kind, one.window_h): (one.mean, one.least, one.by_two) for one in promises(here, number)}


def side_by_side(plans: Sequence[tuple[str, str, Setting, Ints]]) -> list[str]:
    head = "| plan | people | million USD a year | "
    lines = [head + " | ".join(title for title, _ in KINDS.values()) + " |", "|---|---:|---:|" + "---:|" * len(KINDS)]
    for name, said, here, number in plans:
        cost = spent(here, number)
        seen = detection(here, number)
        cells = [" / ".join(f"{seen[kind, window][0]:.0%}" for window in WINDOWS_H) for kind in KINDS]
        told = f"**{name}**" + (f", {said}" if said else "")
        lines.append(f"| {told} | {cost['people']:,.0f} | {million(cost['cost'])} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    return lines


def targets(here: Setting) -> tuple[list[str], list[dict[str, Any]]]:
    """For nine in ten of each kind at every place: what, where, people, cost; or that nothing does it."""
    lines = ["| kind | within | what and where | people | million USD a year | no plan for less than |",
             "|---|---|---|---:|---:|---:|"]  # fmt: skip
    rows = []
    for kind, (title, _) in KINDS.items():
        for window in WINDOWS_H:
            found = least_cost(here, kind, window, ENOUGH)
            row = {"kind": kind, "within_h": window}
            if found is None:
                mean, worst = ceiling(here, kind, window)
                said = f"**impossible at any price**: all that there are see {mean:.0%}, at the worst place {worst:.0%}"
                lines.append(f"| {title} | {WITHIN[window]} | {said} | | | |")
                rows.append(row | {"cost": None, "people": None, "at_least": None, "most": mean})
            else:
                number, there = found
                cost = spent(there, number)
                price = there.coverage.options["cost"].to_numpy().astype(float)
                least = costs_at_least(there.puzzle, there.limits, price, ENOUGH, number, steps=20)
                lines.append(
                    f"| {title} | {WITHIN[window]} | {what(there, number)} | {cost['people']:,.0f} | "
                    f"{million(cost['cost'])} | {million(least)} |"
                )
                rows.append(row | {"cost": cost["cost"], "people": cost["people"], "at_least": least, "most": None})
            print(lines[-1], flush=True)
    return lines, rows


def what(here: Setting, number: Ints) -> str:
    """Sensors and how far from the line they stand."""
    options = here.coverage.options.with_columns(n=pl.Series(number))
    where = options.filter(pl.col("n") > 0).join(
        here.ground.candidates.select("site_id", "depth_m"), on="site_id", how="left"
    )
    said = []
    for sensor, count, _, _ in items(here.coverage.options, number):
        depths = where.filter(pl.col("sensor") == sensor)["depth_m"].drop_nulls().unique().sort()
        at = " and ".join(f"{depth / 1000:g}" for depth in depths)
        said.append(f"{count:,} {sensor}" + (f" at {at} km" if at else ""))
    return "; ".join(said)


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


def rewrite(name: str, lines: Sequence[str]) -> None:
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    if not found:
        raise SystemExit(f"{PAGE.name} has no place for {name}: write {begin} and {end} into it.")
    text = "\n".join(lines)
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def placed(here: Setting, km: float) -> list[tuple[str, str, Setting, Ints]]:
    return [(name, said, here, taken(here, take)) for name, (said, take) in proposals(km).items()]


def by_weather(here: Setting, number: Ints) -> list[str]:
    """What the plan sees within an hour by hour and weather, and what everything at every site would see."""
    lines = [
        "| hour and weather | share of the year | " + " | ".join(title for title, _ in KINDS.values()) + " |",
        "|---|---:|" + "---:|" * len(KINDS),
    ]
    seen: dict[tuple[str, int], tuple[float, float]] = {}
    for kind in KINDS:
        there = alone(here, kind, 1.0)
        mine, every = there.puzzle.of(number), there.puzzle.of(there.limits.each)
        for n in range(len(there.conditions)):
            cells = there.coverage.condition == n
            weights = there.puzzle.weight[cells] / there.puzzle.weight[cells].sum()
            seen[kind, n] = float(weights @ mine[cells]), float(every[cells].min())
    for n, condition in enumerate(here.conditions):
        cells = [f"{seen[kind, n][0]:.0%} of {_most(seen[kind, n][1])}" for kind in KINDS]
        lines.append(f"| {condition.id.replace('-', ', ')} | {condition.share:.0%} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    return lines


def _most(value: float) -> str:
    return f"**{value:.0%}**" if value < ENOUGH else f"{value:.0%}"


def by_two(plans: Sequence[tuple[str, str, Setting, Ints]]) -> list[str]:
    """What two independent means see within a day, by plan."""
    lines = [
        "| plan | million USD a year | " + " | ".join(title for title, _ in KINDS.values()) + " |",
        "|---|---:|" + "---:|" * len(KINDS),
    ]
    for name, _, here, number in plans:
        seen = detection(here, number)
        cells = " | ".join(f"{seen[kind, 24.0][2]:.0%}" for kind in KINDS)
        lines.append(f"| {name} | {million(spent(here, number)['cost'])} | {cells} |")
        print(lines[-1], flush=True)
    return lines


def two_means(plans: Sequence[tuple[str, str, Setting, Ints]]) -> list[str]:
    """The table of two means, with a plan that is sought for them at the same money."""
    watched = [{"kind": kind, "depths_m": depths, "two_means": True} for kind, (_, depths) in KINDS.items()]
    there = setting(brief(watched=watched), made_line(LENGTH_KM), *load_catalogue())
    number, _ = find(there, near=NEAR)
    return by_two([*plans, ("Mixed, found for two means", "", there, number)])


def real(path: Path) -> None:
    line = pl.read_parquet(path).sort("start").head(1)
    kept: tuple[Catalogue, Any] = load_catalogue()
    here = setting(brief(line={"file": "contact_line"}, step_km=3, sites={"every_km": 3, "depths_km": [1, 8, 20]},
                         rules={"budget": BUDGET * line["length_km"][0] / LENGTH_KM, "window_h": 24,
                                "effort_share": 0.55}), line, *kept)  # fmt: skip
    km = here.line.length_m / 1000
    print(f"{km:,.0f} km", flush=True)
    number, _ = find(here, near=NEAR)
    plans = [*placed(here, km), ("Mixed, found", "150,000 US dollars a year and km", here, number)]
    rewrite("real-line", [f"{km:,.0f} km, in {line['pieces'][0]} pieces.", "", *side_by_side(plans)])


def main() -> None:
    if sys.argv[1:]:
        real(Path(sys.argv[1]))
        return
    here = setting(brief(), made_line(LENGTH_KM), *load_catalogue())
    print("setting", here.coverage.matrix.shape, here.coverage.matrix.nnz, flush=True)
    number, _ = find(here, near=NEAR)
    plans = [*placed(here, LENGTH_KM), ("Mixed, found", "150,000 US dollars a year and km", here, number)]
    rewrite("two-means", two_means(plans))
    rewrite("weather", by_weather(here, number))
    rewrite("proposals", side_by_side(plans))
    rewrite("mixed", [what(here, number) + "."])
    rewrite("worth", worths(worth(here, number)))
    (IMAGES / "watch-plan-map.svg").write_text(map_svg(here, number), encoding="utf-8")
    lines, rows = targets(here)
    rewrite("targets", lines)
    pl.DataFrame(rows).write_csv(SERIES / "watch-plan-targets.csv", float_precision=4)
    curve = frontier(here, BUDGETS)
    curve.write_csv(SERIES / "watch-plan-frontier.csv")
    points = [(name, spent(one, n)["cost"], one.coverage.value(n)) for name, _, one, n in plans]
    (IMAGES / "watch-plan-frontier.svg").write_text(frontier_svg(curve, points), encoding="utf-8")
    rewrite("frontier", bought(curve))
    rewrite("refusals", refused(refusals(here)))
    rewrite("assumptions", assumed(assumptions(here, number), here.coverage.value(number), spent(here, number)["cost"]))
    rewrite("turns", turns(plans))


if __name__ == "__main__":
    main()
