"""What commands on watch plans say, in the language that is being spoken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl
from rich.cells import cell_len

from teisen.evaluation.trials import Trial
from teisen.languages import say, spoken
from teisen.observation import vocabulary
from teisen.planning.beside import Next
from teisen.planning.plan import Assumption, Plan
from teisen.planning.programme import Guarantee, Programme

WIDE, CELL, HEAD = 40, 18, 16
BUDGET = "budget"
"""A bound that one more nearly always passes: the money is spent."""


def spent(plan: Plan) -> tuple[float, float]:
    """US dollars a year and people of a plan."""
    return (
        sum(one.cost * one.number for one in plan.placement),
        sum(one.people * one.number for one in plan.placement),
    )


def solved(plan: Plan) -> Iterator[str]:
    """What a plan is: what it costs, how near it is to the best, what one more is worth, and what it promises."""
    number = spoken().number
    cost, people = spent(plan)
    if plan.line_km:
        km = number(plan.line_km, 0)
        yield say("{title}: {n} km in {sectors} sectors", title=plan.title, n=km, sectors=plan.sectors)
    else:
        yield say("{title}: sea alone, in {sectors} sectors", title=plan.title, sectors=plan.sectors)
    yield say(
        "Million US dollars a year: {n} of {budget}; people: {people}",
        n=number(cost / 1e6, 1), budget=number(plan.rules.budget / 1e6, 1), people=number(people, 0),
    )  # fmt: skip
    counts: dict[str, int] = {}
    for stands in plan.placement:
        counts[stands.sensor] = counts.get(stands.sensor, 0) + stands.number
    yield "  " + ", ".join(f"{number(count, 0)} {sensor}" for sensor, count in sorted(counts.items()))
    if plan.bound is not None:
        yield say(
            "Weighted mean detection: {value}. No plan by these rules passes {bound} (within {gap}).",
            value=_exact(plan.bound.value, 4), bound=_exact(plan.bound.bound, 4), gap=_share(plan.bound.gap, 2),
        )  # fmt: skip
    if plan.margins:
        yield say("What one more is worth, at most:")
    for margin in plan.margins:
        yield f"  {_filled(_unit(margin.of, margin.unit), WIDE + 8)}{_exact(margin.worth, 6):>10}"
    yield say("Detected on the mean of the line, in the worst sector, and by two means:")
    for one in plan.promises:
        cells = "".join(f"{_share(value):>10}" for value in (one.mean, one.least, one.by_two))
        yield f"  {_filled(kind(one.kind), WIDE + 12)}{_filled(_within(one.window_h), 12)}{cells}"
    for figure in plan.assumptions[:10]:
        yield _hangs(figure)


def more(tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """What budgets buy, and what refusals cost."""
    number = spoken().number
    if "frontier" in tables:
        yield say("What budgets buy (million US dollars a year, detection, at most):")
        for row in tables["frontier"].to_dicts():
            cells = f"{_exact(row['value'], 3):>8}{_exact(row['bound'], 3):>8}"
            yield f"  {number(row['budget'] / 1e6, 1):>10}{cells}"
    if "refusals" in tables:
        yield say("When sites are refused (by whom, mean detection, worst sector):")
        for row in tables["refusals"].filter(pl.col("kind") == "").to_dicts():
            cells = f"{_exact(row['value'], 3):>8}{_exact(row['least'], 3):>8}"
            yield f"  {_filled(row['refused'] or say('nobody'), 28)}{cells}"


def compared(plans: Sequence[Plan], files: Sequence[str]) -> Iterator[str]:
    """Plans side by side, each read from a file; numbered where the heads of columns could not tell them apart."""
    number = spoken().number
    heads = [plan.id for plan in plans]
    if len({head[:HEAD] for head in heads}) < len(heads):
        heads = [str(n) for n, _ in enumerate(plans, 1)]
        for head, plan, file in zip(heads, plans, files, strict=True):
            about = say("{plan}, version {version}, {hash}: {file}", plan=plan.id, version=plan.version,
                        hash=plan.sha256[:12], file=file)  # fmt: skip
            yield f"{head:>3}  {about}"
    yield _filled("", WIDE) + "".join(f"{head[:HEAD]:>{CELL}}" for head in heads)
    yield _row(say("million US dollars a year"), [number(spent(plan)[0] / 1e6, 1) for plan in plans])
    yield _row(say("people"), [number(spent(plan)[1], 0) for plan in plans])
    for of in dict.fromkeys(one.of for plan in plans for one in plan.margins):
        worths = [next((one.worth for one in plan.margins if one.of == of), None) for plan in plans]
        title = say("best site is worth") if of == "site" else say("{rule}: one more is worth", rule=of)
        yield _row(title, ["-" if one is None else _exact(one, 6) for one in worths])
    for word, window_h in dict.fromkeys((one.kind, one.window_h) for plan in plans for one in plan.promises):
        cells = []
        for plan in plans:
            found = [one for one in plan.promises if (one.kind, one.window_h) == (word, window_h)]
            cells.append(f"{_share(found[0].mean, 0)} ({_share(found[0].least, 0)})" if found else "-")
        yield _row(say("{kind}, {n} h", kind=kind(word), n=number(window_h, 0)), cells)
    yield say(
        "Mean detection along the line, and in brackets that of the worst sector; what one more million US dollars a "
        "year, person or site adds to the mean at most."
    )


def followed(found: Next) -> Iterator[str]:
    """What one more of each sensor adds, and what one less loses."""
    number = spoken().number
    yield say(
        "What one more of each sensor adds to the weighted mean detection where it adds most, nothing else moved (how "
        "many stand there, thousand US dollars a year of one, adds, adds for a million; where):"
    )
    for one in (one for one in found.rows if one.adds is not None):
        per = "-" if one.per_million is None else _exact(one.per_million, 6)
        cost = number((one.cost or 0) / 1e3, 1)
        cells = f"{number(one.number, 0):>8}{cost:>12}{_exact(one.adds or 0, 6):>12}{per:>12}"
        yield f"  {_filled(one.sensor, 20)}{cells}  {one.option_id.partition('/')[0]}"
        if one.kind and one.kind_before is not None and one.kind_adds is not None:
            yield "    " + say(
                "most for: {kind}; within a day from {before} to {after}", kind=kind(one.kind),
                before=_share(one.kind_before, 2), after=_share(one.kind_before + one.kind_adds, 2),
            )  # fmt: skip
        if one.passes and one.passes != (BUDGET,):
            yield "    " + say("passes: {bounds}", bounds=", ".join(one.passes))
    nowhere = [one.sensor for one in found.rows if one.adds is None]
    if nowhere:
        yield say("No site takes one more of: {sensors}", sensors=", ".join(nowhere))
    yield say("What is lost without one, nothing put in its place (the least and the most of those that stand there):")
    for one in found.rows:
        if one.lost_least is not None and one.lost_most is not None:
            yield f"  {_filled(one.sensor, 30)}{_exact(one.lost_least, 6):>12}{_exact(one.lost_most, 6):>12}"


def guaranteed(made: Programme) -> Iterator[str]:
    """What a patrol programme guarantees, sector by sector."""
    yield say("Guaranteed against a violator who knows the programme:")
    for sector in made.sectors:
        yield say("{sector}: crews: {n}, sets of routes: {sets}", sector=sector.sector_id, n=len(sector.crews),
                  sets=len(sector.drawn))  # fmt: skip
        for one in sector.guarantees:
            yield f"  {kind(one.kind)}: {_where(one)}"
            yield "    " + say(
                "if it goes on: within an hour {hour}, a day {day}, a week {week}; nine in ten after: {surely}",
                hour=_share(one.within_hour), day=_share(one.within_day), week=_share(one.within_week),
                surely=say("never") if one.surely_h is None else _hours(one.surely_h),
            )  # fmt: skip


def delivered(
    tried: Sequence[Trial], found: pl.DataFrame, gaps: pl.DataFrame, reviewed: pl.DataFrame, *, driven: bool
) -> Iterator[str]:
    """What a plan promised and delivered, trial by trial."""
    yield (
        say("Crews drive the routes that their programme draws.")
        if driven
        else say("Patrols count by the catalogue's figures: no patrol programme of this plan lies beside it.")
    )
    for trial in tried:
        yield say("{title}: {says}.", title=spoken()(trial.title), says=spoken()(trial.says))
        for row in found.filter(trial=trial.id).iter_rows(named=True):
            told = {"kind": kind(row["kind"])} | {n: _share(row[n]) for n in ("promised", "delivered", "error")}
            yield "  " + (
                say("{kind}: promised {promised}, delivered {delivered} ± {error}", **told)
                if row["half_h"] is None
                else say(
                    "{kind}: promised {promised}, delivered {delivered} ± {error}; half of them reported after: "
                    "{hours}",
                    **told, hours=_hours(row["half_h"]),
                )
            )  # fmt: skip
            for gap in gaps.filter(trial=trial.id, kind=row["kind"]).iter_rows(named=True):
                parts = ("gap", "by_place", "by_outage", "by_routes", "by_formula")
                whole, place, outage, routes, formula = (_signed(gap[name]) for name in parts)
                yield "    " + say(
                    "{gap}: place, hour and weather {place}, jamming {outage}, routes {routes}, the formula {formula}",
                    gap=whole, place=place, outage=outage, routes=routes, formula=formula,
                )  # fmt: skip
        work = reviewed.filter(trial=trial.id).row(0, named=True)
        number = spoken().number
        yield "  " + say(
            "a week: reports {reports}, false alarms {alarms}, people to review them {people}",
            reports=number(work["reports"], 0), alarms=number(work["false_alarms"], 0),
            people=number(work["people"], 1),
        )  # fmt: skip


def kind(word: str) -> str:
    """A kind of violation in words."""
    return spoken()(vocabulary().kinds[word].title)


def _where(one: Guarantee) -> str:
    if one.reached is None:
        return say("no crew can find it; anywhere and at any hour {found}", found=_share(one.found))
    return say(
        "where crews can come {reached} (at most possible {most}), anywhere and at any hour {found}",
        reached=_share(one.reached), most=_share(one.most or 0.0), found=_share(one.found),
    )  # fmt: skip


def _unit(of: str, unit: str) -> str:
    if of == "site":
        return say("site {site}", site=unit)
    if unit == "person":
        return say("{rule}, by a person", rule=of)
    return say("{rule}, by a million US dollars a year", rule=of)


def _hangs(one: Assumption) -> str:
    ends = [end for end in (one.at_low, one.at_high, one.cost_low, one.cost_high) if end is not None]
    told = " … ".join(_exact(end, 3) if end <= 1 else spoken().number(end, 0) for end in ends)
    between = f"{one.low:g} … {one.high:g}"
    return "  " + say("hangs on {figure} ({between}): {ends}", figure=one.id, between=between, ends=told)


def _within(hours: float) -> str:
    named = {1.0: say("an hour"), 24.0: say("a day"), 168.0: say("a week")}
    return named.get(hours) or _hours(hours)


def _hours(hours: float) -> str:
    return say("{n} h", n=spoken().number(hours, 1))


def _share(value: float | None, decimals: int = 1) -> str:
    return "–" if value is None else f"{_exact(value * 100, decimals)} %"


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else '−'}{_share(abs(value))}"


def _exact(value: float, decimals: int) -> str:
    """A number with all its decimals, so that columns stand under each other."""
    return spoken().signs(f"{value:.{decimals}f}")


def _filled(text: str, cells: int) -> str:
    """Text filled up to a width on the screen, where some scripts take two cells a letter."""
    return text + " " * max(cells - cell_len(text), 1)


def _row(title: str, cells: Sequence[str]) -> str:
    return _filled(title, WIDE) + "".join(f"{cell:>{CELL}}" for cell in cells)
