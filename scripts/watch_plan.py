"""The worked example of docs/watch-plan.md: its tables, drawings and CSV files.

    python scripts/watch_plan.py                           the made-up line of 2,000 km; rewrites the page
    python scripts/watch_plan.py proposals guaranteed      these parts of it alone
    python scripts/watch_plan.py contact_line.parquet      the same on a real line: sums along it, no places

The last form takes a table of a derived case, whose positions of control are not published: only sums along the whole
line leave it. Numbers of the proposals are scaled to the line's length where they are given by the kilometre.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from watch_plan_drawings import frontier_svg, map_svg, million, stretch_svg
from watch_plan_tables import KINDS, assumed, bought, refused, turns, worths

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
    refusals,
    spent,
    worth,
)
from teisen.planning.game import solve
from teisen.planning.guarantees import guarantees
from teisen.planning.patrols import Shifts, sector_games
from teisen.planning.solve import WINDOWS_H, Setting, find, plan_of, promises, taken

ROOT = PACKAGE.parent.parent
PAGE = ROOT / "docs" / "watch-plan.md"
IMAGES, SERIES = ROOT / "docs" / "images", ROOT / "docs" / "series"
LENGTH_KM = 2000
BUDGET = 300e6
BUDGETS = (20e6, 50e6, 100e6, 200e6, 300e6, 500e6, 1000e6, 2000e6)
NEAR = 0.01
ENOUGH = 0.9
STOPS = 8
"""Places on each side of a sector of 50 km that crews watch from, so that no place at the line is over 4 km away."""
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
                said = f"**impossible at any price**: all that there are see {mean:.1%}, at the worst place {worst:.1%}"
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


def same_money(plans: Sequence[tuple[str, str, Setting, Ints]], rules: Setting) -> list[str]:
    """What each proposal's own money buys when it is placed by the search, on the same ground."""
    lines = ["| proposal | million USD a year | it sees | the same money, placed anew, sees | nothing passes |",
             "|---|---:|---:|---:|---:|"]  # fmt: skip
    for name, _, here, number in plans:
        budget = spent(here, number)["cost"]
        found, proof = find(rules.under(rules.brief.rules.model_copy(update={"budget": budget})))
        value, best = here.coverage.value(number), rules.coverage.value(found)
        lines.append(f"| {name} | {million(budget)} | {value:.0%} | {best:.0%} | {proof.bound:.0%} |")
        print(lines[-1], flush=True)
    return lines


def impossible(here: Setting) -> list[str]:
    """What everything that there is, at every site that is allowed, sees at the worst place over the year."""
    first, second = here.brief.parties
    consent = {"by nobody": (), "by one party": (first,), "by both": (first, second)}
    lines = ["| sites refused | within | " + " | ".join(title for title, _ in KINDS.values()) + " |",
             "|---|---|" + "---:|" * len(KINDS)]  # fmt: skip
    seen: dict[tuple[str, str, float], float] = {}
    for kind in KINDS:
        for window in WINDOWS_H:
            there = alone(here, kind, window)
            for said, whose in consent.items():
                rules = there.brief.rules.model_copy(update={"refused": whose, "effort_share": 1.0})
                seen[said, kind, window] = worst_place(there.under(rules))
    for said in consent:
        for window in WINDOWS_H:
            cells = " | ".join(_most(seen[said, kind, window]) for kind in KINDS)
            lines.append(f"| {said} | {WITHIN[window]} | {cells} |")
            print(lines[-1], flush=True)
    return lines


def worst_place(there: Setting) -> float:
    """Detection with everything at every site, at the place where that is least."""
    weights, rows = there.puzzle.weight, there.coverage.row
    seen = np.bincount(rows, weights=weights * there.puzzle.of(there.limits.each))
    return float((seen / np.bincount(rows, weights=weights)).min())


def guaranteed(plans: Sequence[tuple[str, str, Setting, Ints]]) -> list[str]:
    """What a violator who knows the patrol programme cannot escape, in the first whole sector of a plan."""
    lines = ["| plan, crews | kind | where crews can come | at most possible | within a day | a week | nine in ten |",
             "|---|---|---:|---:|---:|---:|---:|"]  # fmt: skip
    for name, _, here, number in plans:
        if name != "5,000 monitors":
            continue
        sector = next(iter(sector_games(here, plan_of(here, number, None), Shifts(stops=STOPS))))
        mix = solve(sector.game, uneven=0.0)
        for one in guarantees(sector, mix, Shifts().slot_h):
            hours = "never" if one.surely_h is None else f"{one.surely_h:,.0f} h"
            reached, most = (f"{share or 0:.0%}" for share in (one.reached, one.most))
            begin = f"| {name}, {len(sector.game.crews)} | {KINDS[one.kind][0]} | {reached} | {most} | "
            lines.append(f"{begin}{one.within_day:.0%} | {one.within_week:.0%} | {hours} |")
            print(lines[-1], flush=True)
    return lines


def real(path: Path) -> None:
    line = pl.read_parquet(path).sort("start").head(1)
    kept: tuple[Catalogue, Any] = load_catalogue()
    here = setting(brief(line={"file": "contact_line"}, step_km=3, sites={"every_km": 3, "depths_km": [1, 8, 20]},
                         rules={"budget": BUDGET * line["length_km"][0] / LENGTH_KM, "window_h": 24,
                                "effort_share": 0.55}), line, *kept)  # fmt: skip
    km = here.line.length_m / 1000
    print(f"{km:,.0f} km", flush=True)
    number, _ = find(here, near=NEAR)
    given = placed(here, km)
    plans = [*given, ("Mixed, found", "150,000 US dollars a year and km", here, number)]
    rewrite("real-line", [f"{km:,.0f} km, in {line['pieces'][0]} pieces.", "", *side_by_side(plans)])
    rewrite("real-same-money", same_money(given, here))
    rewrite("real-targets", targets(here)[0])


def main() -> None:
    asked = sys.argv[1:]
    if asked and asked[0].endswith(".parquet"):
        real(Path(asked[0]))
        return
    here = setting(brief(), made_line(LENGTH_KM), *load_catalogue())
    print("setting", here.coverage.matrix.shape, here.coverage.matrix.nnz, flush=True)
    number, _ = find(here, near=NEAR)
    given = placed(here, LENGTH_KM)
    plans = [*given, ("Mixed, found", "150,000 US dollars a year and km", here, number)]
    parts: dict[str, Callable[[], list[str]]] = {
        "proposals": lambda: side_by_side(plans),
        "same-money": lambda: same_money(given, here),
        "two-means": lambda: two_means(plans),
        "weather": lambda: by_weather(here, number),
        "impossible": lambda: impossible(here),
        "guaranteed": lambda: guaranteed(plans),
        "mixed": lambda: drawn_map(here, number, plans),
        "worth": lambda: worths(worth(here, number)),
        "targets": lambda: drawn_targets(here),
        "frontier": lambda: drawn_frontier(here, plans),
        "refusals": lambda: refused(refusals(here)),
        "assumptions": lambda: assumed(
            assumptions(here, number), here.coverage.value(number), spent(here, number)["cost"]
        ),
        "turns": lambda: turns(plans),
    }
    for name, part in parts.items():
        if not asked or name in asked:
            print(name, flush=True)
            rewrite(name, part())


def drawn_map(here: Setting, number: Ints, plans: Sequence[tuple[str, str, Setting, Ints]]) -> list[str]:
    (IMAGES / "watch-plan-map.svg").write_text(map_svg(here, number), encoding="utf-8")
    stretch = stretch_svg([(name, one, n) for name, _, one, n in plans])
    (IMAGES / "watch-plan-stretch.svg").write_text(stretch, encoding="utf-8")
    return [what(here, number) + "."]


def drawn_targets(here: Setting) -> list[str]:
    lines, rows = targets(here)
    pl.DataFrame(rows).write_csv(SERIES / "watch-plan-targets.csv", float_precision=4)
    return lines


def drawn_frontier(here: Setting, plans: Sequence[tuple[str, str, Setting, Ints]]) -> list[str]:
    curve = frontier(here, BUDGETS)
    curve.write_csv(SERIES / "watch-plan-frontier.csv")
    points = [(name, spent(one, n)["cost"], one.coverage.value(n)) for name, _, one, n in plans]
    (IMAGES / "watch-plan-frontier.svg").write_text(frontier_svg(curve, points), encoding="utf-8")
    return bought(curve)


if __name__ == "__main__":
    main()
