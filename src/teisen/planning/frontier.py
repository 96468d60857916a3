"""What money buys, what a refusal costs, what each item is worth, and which unproven figures the answer hangs on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import polars as pl

from teisen.observation.schema import NUMBER, TEXT
from teisen.planning.alone import alone
from teisen.planning.catalogue import UNSOURCED, Catalogue
from teisen.planning.coverage import Ints, cover
from teisen.planning.placement import Problem, reach
from teisen.planning.plan import Assumption
from teisen.planning.solve import Setting, find, per_sector
from teisen.tables import PROBABILITY_DECIMALS, Column, Table

FRONTIER = Table(
    "frontier",
    "What each budget buys.",
    (
        Column("budget", NUMBER, "US dollars a year that may be spent", nullable=False, decimals=0),
        Column("cost", NUMBER, "that are", nullable=False, decimals=0),
        Column("people", NUMBER, "people in the field", nullable=False, decimals=1),
        Column("value", NUMBER, "weighted mean of detection", nullable=False, decimals=PROBABILITY_DECIMALS),
        Column("bound", NUMBER, "value that nothing passes for this budget", nullable=False,
               decimals=PROBABILITY_DECIMALS),
    ),
    key=("budget",),
)  # fmt: skip

REFUSAL = Table(
    "refusal",
    "What it costs when parties refuse sites on their ground, at the same budget.",
    (
        Column("refused", TEXT, "who refuses, joined by commas; empty: nobody", nullable=False),
        Column("kind", TEXT, "kind of violation; empty: all, weighted", nullable=False),
        Column("value", NUMBER, "mean detection", nullable=False, decimals=PROBABILITY_DECIMALS),
        Column("least", NUMBER, "that of the worst sector", nullable=False, decimals=PROBABILITY_DECIMALS),
    ),
    key=("refused", "kind"),
)

WORTH = Table(
    "worth",
    "What each sensor of a placement is worth: what is lost without it, nothing put in its place.",
    (
        Column("sensor", TEXT, "id in the catalogue; or a means, all of which fails", nullable=False),
        Column("number", pl.Int64(), "how many there are", nullable=False),
        Column("cost", NUMBER, "US dollars a year", nullable=False, decimals=0),
        Column("lost", NUMBER, "value that is lost without all of them", nullable=False, decimals=PROBABILITY_DECIMALS),
        Column("last", NUMBER, "value that the one that adds least adds", nullable=False, decimals=8),
    ),
    key=("sensor",),
)


def frontier(here: Setting, budgets: Iterable[float]) -> pl.DataFrame:
    """What each budget buys by the same rules (FRONTIER)."""
    rows = []
    for budget in budgets:
        there = here.under(here.brief.rules.model_copy(update={"budget": float(budget)}))
        number, proof = find(there)
        rows.append({"budget": float(budget), **spent(here, number), "value": here.coverage.value(number),
                     "bound": proof.bound})  # fmt: skip
    return FRONTIER.hand_over(pl.DataFrame(rows, schema=FRONTIER.schema))


def spent(here: Setting, number: Ints) -> dict[str, float]:
    """US dollars a year and people of a placement: ``cost``, ``people``."""
    options = here.coverage.options
    return {name: float(options[name].to_numpy() @ number) for name in ("cost", "people")}


def refusals(here: Setting) -> pl.DataFrame:
    """What is detected when nobody, each party, and both refuse sites on their ground (REFUSAL).

    Equal effort, numbers in sectors and what has to be detected in time, which nobody can keep to on ground that is
    refused, are left out of all rows.
    """
    first, second = here.brief.parties
    rows = []
    for refused in ((), (first,), (second,), (first, second)):
        there = here.under(
            here.brief.rules.model_copy(update={"refused": refused, "effort_share": 1.0, "at_least": (), "in_time": ()})
        )
        number, _ = find(there)
        found = per_sector(here.coverage, number)
        said = ",".join(refused)
        rows.append({"refused": said, "kind": "", "value": here.coverage.value(number),
                     "least": found["detection"].min()})  # fmt: skip
        for kind, of_kind in found.group_by("kind", maintain_order=True):
            weights = of_kind["weight"].to_numpy()
            mean = float(of_kind["detection"].to_numpy() @ weights / weights.sum())
            rows.append({"refused": said, "kind": kind[0], "value": mean, "least": of_kind["detection"].min()})
    return REFUSAL.hand_over(pl.DataFrame(rows, schema=REFUSAL.schema))


def worth(here: Setting, number: Ints) -> pl.DataFrame:
    """What each sensor and each means of a placement is worth (WORTH)."""
    options, coverage = here.coverage.options, here.coverage
    whole = coverage.value(number)
    missed = coverage.weight * (1 - coverage.of(number))
    rows = []
    for name in ("sensor", "means"):
        for word, mine in options.with_row_index("at").group_by(name, maintain_order=True):
            at = mine["at"].to_numpy()
            at = at[number[at] > 0]
            if not len(at):
                continue
            without = number.copy()
            without[at] = 0
            last = np.asarray(np.expm1(coverage.matrix[at].astype(np.float64)) @ missed).min()
            title = str(word[0]) if name == "sensor" else f"all {word[0]}"
            cost = float(options["cost"].to_numpy()[at] @ number[at])
            rows.append({"sensor": title, "number": int(number[at].sum()), "cost": cost,
                         "lost": whole - coverage.value(without), "last": float(last)})  # fmt: skip
    return WORTH.hand_over(pl.DataFrame(rows, schema=WORTH.schema))


def assumptions(here: Setting, number: Ints) -> tuple[Assumption, ...]:
    """Every figure without a source that the placement's value or cost depends on, at both ends of its range.

    Nothing is placed anew: this is how wrong the plan would be, not how one would plan otherwise. The greatest first.
    """
    catalogue, options = here.catalogue, here.coverage.options
    used = [
        sensor.id for sensor in catalogue.sensors if (number[(options["sensor"] == sensor.id).to_numpy()] > 0).any()
    ]
    base, cost = here.coverage.value(number), spent(here, number)["cost"]
    found = []
    for path, figure in catalogue.figures():
        sensor_id = path.split(".")[0]
        origin = catalogue.origins[figure.origin]
        fixed = figure.range[0] == figure.range[1]
        if origin.basis not in UNSOURCED or fixed or (path != "person_cost" and sensor_id not in used):
            continue
        ends: dict[str, float] = {}
        for end, value in zip(("low", "high"), figure.range, strict=True):
            other = catalogue.with_figure(path, value)
            if path.split(".")[-1] in _MONEY:
                new = {one.id: one.cost(other.person_cost.value) for one in other.sensors}
                old = {one.id: one.cost(catalogue.person_cost.value) for one in catalogue.sensors}
                factors = options["sensor"].replace_strict({n: new[n] / old[n] for n in new}, return_dtype=pl.Float64)
                ends[f"cost_{end}"] = round(float((options["cost"] * factors).to_numpy() @ number))
            else:
                ends[f"at_{end}"] = round(_value_with(here, number, other.only([sensor_id])), 6)
        if any(abs(ends.get(f"at_{end}", base) - base) > 5e-5 for end in ("low", "high")) or any(
            abs(ends.get(f"cost_{end}", cost) - cost) > 0.5 for end in ("low", "high")
        ):
            found.append(
                Assumption(id=path, value=figure.value, low=figure.range[0], high=figure.range[1], basis=origin.basis,
                           origin=origin.says, **ends)
            )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-_swing(one, base, cost), one.id)))


def least_cost(here: Setting, kind: str, window_h: float, enough: float) -> tuple[Ints, Setting] | None:
    """The cheapest placement found that detects a kind with at least ``enough`` at every place; None: none does.

    At every place means: at each demand of the kind, over the conditions of the year. The budget is not looked at,
    refusals are. The setting that is returned with the numbers is that of the kind and window alone.
    """
    there = alone(here, kind, window_h)
    cells = there.coverage.row
    puzzle = Problem(there.puzzle.miss, there.puzzle.seen, there.puzzle.weight)
    price = np.maximum(there.coverage.options["cost"].to_numpy().astype(np.float64), 1.0)
    within = there.limits
    number = reach(puzzle, within, cells, enough, price)
    whole = np.bincount(cells, weights=puzzle.weight)
    has = np.bincount(cells, weights=puzzle.weight * puzzle.of(number))
    return (number, there) if (has >= enough * whole - 1e-9).all() else None


def ceiling(here: Setting, kind: str, window_h: float) -> tuple[float, float]:
    """Detection of a kind with everything at every site that is allowed: the mean, and that of the worst place."""
    there = alone(here, kind, window_h)
    number = there.limits.each
    seen = there.puzzle.weight * there.puzzle.of(number)
    whole = np.bincount(there.coverage.row, weights=there.puzzle.weight)
    places = np.bincount(there.coverage.row, weights=seen) / whole
    return float(seen.sum() / whole.sum()), float(places.min())


def items(options: pl.DataFrame, number: Ints) -> Iterator[tuple[str, int, float, float]]:
    """What a placement consists of: sensor, how many, US dollars a year, people; the dearest first."""
    table = (
        options.with_columns(n=pl.Series(number))
        .filter(pl.col("n") > 0)
        .group_by("sensor")
        .agg(
            pl.col("n").sum(), cost=(pl.col("cost") * pl.col("n")).sum(), people=(pl.col("people") * pl.col("n")).sum()
        )
        .sort("cost", "sensor", descending=[True, False])
    )
    yield from table.iter_rows()


def orders_that_turn(plans: Sequence[tuple[str, Setting, Ints]]) -> list[tuple[str, str, str, float]]:
    """Which plan sees more may hang on a figure: (first plan, second plan, figure, its value) by which the order turns.

    Each figure without a source is set to both ends of its range, in all plans alike, nothing placed anew.
    """
    here = plans[0][1]
    base = {name: one.coverage.value(number) for name, one, number in plans}
    uses = {name: set(one.coverage.options.filter(pl.Series(number > 0))["sensor"]) for name, one, number in plans}
    turned = []
    for path in here.catalogue.assumed():
        sensor = path.split(".")[0]
        if path.split(".")[-1] in _MONEY or not any(sensor in used for used in uses.values()):
            continue
        figure = dict(here.catalogue.figures())[path]
        for value in figure.range:
            other = here.catalogue.with_figure(path, value).only([sensor])
            now = {
                name: _value_with(one, number, other) if sensor in uses[name] else base[name]
                for name, one, number in plans
            }
            names = sorted(base, key=lambda name: (-base[name], name))
            for n, first in enumerate(names):
                turned += [(first, second, path, value) for second in names[n + 1 :] if now[second] > now[first] + 1e-6]
    return turned


_MONEY = ("buy", "run", "people", "person_cost")


def _value_with(here: Setting, number: Ints, changed: Catalogue) -> float:
    """The value of a placement when one sensor's figures are others; ``changed``: a catalogue of that sensor alone."""
    sensor = changed.sensors[0].id
    mine = (here.coverage.options["sensor"] == sensor).to_numpy()
    others = np.flatnonzero(~mine & (number > 0))
    chosen = np.flatnonzero(mine & (number > 0))
    missed = here.coverage.matrix[others].T @ number[others].astype(np.float64)
    if len(chosen):
        new = cover(
            here.coverage.options[chosen.tolist()],
            here.ground,
            changed,
            conditions=here.conditions,
            watched=here.brief.watched,
            window_h=here.brief.rules.window_h,
        )
        missed = missed + new.matrix.T @ number[chosen].astype(np.float64)
    return float(here.coverage.weight @ -np.expm1(-missed))


def _swing(one: Assumption, value: float, cost: float) -> float:
    moved = max(abs((end if end is not None else value) - value) for end in (one.at_low, one.at_high))
    dear = max(abs((end if end is not None else cost) - cost) for end in (one.cost_low, one.cost_high))
    return moved + dear / max(cost, 1.0)
