"""Do numbers alleged meet the evidence as they should: how many there were, on simulated truth?

    python benchmarks/alleged_numbers.py          the table, and rewrites docs/benchmarks.md
    python benchmarks/alleged_numbers.py dev      the same of development seeds, printed alone
    python benchmarks/alleged_numbers.py wrong NAME...    how often words are wrong, in these scenarios, printed alone

Scenarios of the gallery, simulated, read, fused and judged the whole way (``ceasefires.py``). A neutral accuser, who
has no sources, alleges of either party the number of its uses of force in each region on one day and in three days: the
true number times a half, one, two and four, rounded up; two where there were fewer. Of a party that did none in a
window in which the other did, the other's number is alleged too (*blamed*). How often the true number lies in the 90 %
interval, and which words numbers of two and more get. How often words are wrong is asked of numbers that are not chosen
by the truth: two, five and ten alleged of everybody.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from ceasefires import Ceasefire, ceasefire
from page import rewrite

from teisen.fusion.near import containing
from teisen.judgement import weigh
from teisen.observation import ALLEGATION
from teisen.simulation import load_scenario

SCENARIOS = ("copies", "escalation", "hot-spots", "liars", "outages", "quarries", "towns-and-dates", "winter-cloud")
DEVELOPMENT, HELD_OUT = (3001,), (3011, 3012)
DAYS_LONG = (1, 3)
FACTORS = (0.5, 1.0, 2.0, 4.0)
FIXED = (2.0, 5.0, 10.0)
BLAMED = 0.0
"""Stands for the factor of a number that the other party did, alleged of one that did none."""
WORDS = (("borne_out",), ("possible",), ("not_supported",), ("cannot_tell",))
ACCUSER = "neutral"
EVERY = 3
"""A window begins on every third day."""


def allegations(of: Ceasefire, fixed: tuple[float, ...] = ()) -> pl.DataFrame:
    """ALLEGATION with ``true``, the number that happened: every region, party, window and factor, or ``fixed`` number
    (its ``factor`` then)."""
    areas = of.seen.ground.areas.filter(pl.col("level") == "region")
    truth = of.seen.truth
    inside = containing(areas, truth["lon"].to_numpy(), truth["lat"].to_numpy())
    placed = truth[inside["at"].to_list()].with_columns(area_id=inside["area_id"])
    start = datetime.combine(of.scenario.period.start, datetime.min.time(), UTC)
    days = (of.scenario.period.end - of.scenario.period.start).days
    rows: list[tuple[object, ...]] = []
    windows = [
        (start + timedelta(days=first), start + timedelta(days=first + length))
        for length in DAYS_LONG
        for first in range(0, days - length + 1, EVERY)
    ]
    for area in areas["area_id"].unique().sort():
        here = placed.filter(area_id=area)
        for since, end in windows:
            then = here.filter(pl.col("time").is_between(since, end, closed="left"))["actor"]
            for party in of.scenario.parties:
                true, other = int((then == party).sum()), int((then != party).sum())
                told = {f: max(2.0, float(np.ceil(true * f))) for f in (FACTORS if true > 1 else (1.0,))}
                told |= {BLAMED: float(other)} if true == 0 and other > 1 else {}
                told = {number: number for number in fixed} or told
                rows += [(area, party, since, end, true, factor, number) for factor, number in told.items()]
    names = ["area_id", "accused", "start", "end", "true", "factor", "quantity"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(
        pl.col("start", "end").cast(ALLEGATION.schema["start"]),
        allegation_id=pl.format("neutral:{}", pl.int_range(pl.len()).cast(pl.String).str.zfill(16)),
        accuser=pl.lit(ACCUSER), stated=pl.col("end").cast(ALLEGATION.schema["start"]), source_zone=pl.lit("UTC"),
        kind=pl.lit("other"), unit=pl.lit("violations"), components=pl.lit([], ALLEGATION.schema["components"]),
        read=pl.lit("parsed"), flags=pl.lit([], pl.List(pl.String)), source_id=pl.lit("neutral"), blob=pl.lit("00"),
        row=pl.int_range(1, pl.len() + 1),
    )  # fmt: skip


def weighed(name: str, seed: int, fixed: tuple[float, ...] = ()) -> pl.DataFrame:
    """OUTCOME of the numbers alleged in one simulated ceasefire, with ``true``, ``factor`` and ``quantity``."""
    scenario = load_scenario(name).model_copy(update={"seed": seed})
    of = ceasefire(scenario)
    said = allegations(of, fixed)
    table = ALLEGATION.hand_over(ALLEGATION.fill(said.drop("true", "factor")))
    found = weigh(table, of.fused.incidents, of.fused.evidence, of.exposure, of.seen.sources, of.seen.ground)
    return found.join(said.select("allegation_id", "true", "factor", "quantity"), on="allegation_id")


def row(name: str, tables: list[pl.DataFrame]) -> str:
    """A line of the table."""
    found = pl.concat(tables)
    once = found.filter(pl.col("factor") == 1.0)
    true, high = once["true"].to_numpy(), once["number_high"].fill_null(1 << 40).to_numpy()
    low = once["number_low"].to_numpy()
    cells = [
        name, f"{once.height:,}", f"{true.mean():.1f}", f"{((low <= true) & (true <= high)).mean():.3f}",
        f"{(true < low).mean():.3f}", f"{(true > high).mean():.3f}", f"{np.median((high - low) / (true + 1)):.1f}",
    ]  # fmt: skip
    for factor in (0.5, 1.0, 2.0, 4.0, BLAMED):
        words = found.filter(pl.col("factor") == factor, (pl.col("true") > 1) | (factor == BLAMED))["number"]
        shares = [words.is_in(list(of)).mean() for of in WORDS]
        cells.append(" / ".join(f"{float(str(share or 0)):.2f}" for share in shares))
    return f"| {' | '.join(cells)} |"


def wrong(name: str, seed: int) -> None:
    """Print how often numbers that are borne out were more than the truth, and not supported no more."""
    found = weighed(name, seed, FIXED)
    more = pl.col("quantity") > pl.col("true")
    for word, mistaken in (("borne_out", more), ("not_supported", ~more)):
        said = found.filter(number=word).select(wrong=mistaken)["wrong"]
        print(f"{name} {word}: {said.sum()} of {len(said)} wrong", flush=True)
    print(f"{name} all: {found.height}, too high {found.select(more)['quantity'].sum()}", flush=True)


HEAD = [
    (
        "| scenario | numbers | true, mean | in the interval | below it | above it | width / (true + 1) "
        "| half as many | as many | twice as many | four times | blamed |"
    ),
    "|---|---:|---:|---:|---:|---:|---:|---|---|---|---|---|",
]


def main(seeds: tuple[int, ...]) -> list[str]:
    """The table, told as it grows."""
    lines, every = list(HEAD), []
    for name in SCENARIOS:
        tables = [weighed(name, seed) for seed in seeds]
        every += tables
        lines.append(row(name, tables))
        print(lines[-1], flush=True)
    lines.append(row("all", every))
    print(lines[-1])
    return lines


if __name__ == "__main__":
    if sys.argv[1:] == ["dev"]:
        main(DEVELOPMENT)
    elif sys.argv[1:2] == ["wrong"]:
        for scenario in sys.argv[2:]:
            wrong(scenario, HELD_OUT[0])
    else:
        rewrite("alleged-numbers", main(HELD_OUT))
