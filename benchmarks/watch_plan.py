"""A watch plan tried: what patrols guarantee against a violator who knows them, and what a plan delivers.

    python benchmarks/watch_plan.py           prints the tables and rewrites docs/benchmarks.md

Guaranteed: small games are solved by listing every joint route (the value is then known), large ones by column
generation; the violator's best answer is looked for among all its choices, and draws are sampled. Delivered: the trials
of ``teisen plan simulate`` on a made-up line of 200 km, of a plan that is found, and of one with patrols whose crews
drive routes that their programme draws.
"""

from __future__ import annotations

import time
from itertools import product

import numpy as np
from page import rewrite
from scipy.optimize import linprog

from teisen.evaluation.delivered import deliver, differs
from teisen.evaluation.trials import load_trials
from teisen.planning.brief import parse_brief
from teisen.planning.catalogue import load_catalogue
from teisen.planning.choices import Choices, patrol_game
from teisen.planning.game import Game, Mix, solve
from teisen.planning.ground import made_line
from teisen.planning.guarantees import guarantees
from teisen.planning.patrol import Crew, Network, all_routes
from teisen.planning.patrols import Shifts, programme, sector_games
from teisen.planning.plan import Plan
from teisen.planning.programme import Programme
from teisen.planning.solve import Setting, setting
from teisen.planning.solve import solve as solve_plan

BRIEF = """
format: teisen-watch/1
id: tried
title: A plan that is tried
parties: [party-a, party-b]
line: {{made_km: 200}}
sector_km: 20
step_km: 4
watched:
  - {{kind: shelling, depths_m: [1000, 8000]}}
  - {{kind: drone-strike, depths_m: [1000, 8000]}}
  - {{kind: small-arms-fire, depths_m: [300]}}
  - {{kind: ground-assault, depths_m: [300]}}
  - {{kind: weapon-presence, depths_m: [4000, 12000]}}
sites: {{every_km: 4, depths_km: [1, 12]}}
rules: {{budget: 30000000, window_h: 24}}
use: [patrol, post, camera-thermal, acoustic-artillery, acoustic-drone, ground-radar, satellite-fire]
{take}
"""
TAKEN = """take:
  - {{sensor: patrol, number: {patrols}, depth_km: 12}}
  - {{sensor: acoustic-artillery, number: 20}}
  - {{sensor: camera-thermal, number: 30}}"""
SMALL = 300
GAP = 0.001
DRAWS = 20_000


def small(seed: int) -> Game:
    """A game of two or three places, two or three slots and one or two crews, all of it random."""
    rng = np.random.default_rng(seed)
    places, period = int(rng.integers(2, 4)), int(rng.integers(2, 4))
    steps = rng.integers(0, 3, (places, places))
    np.fill_diagonal(steps, 1)
    network = Network(steps, rng.random((places, period + 1)) < 0.9, rng.integers(-1, 2, places))
    crews = tuple(
        Crew(f"crew-{n}", n % 2, n % 2 + period, period, np.zeros(places, np.int64)) for n in range(rng.integers(1, 3))
    )
    choices = Choices(places, period, 2, np.array([1, 2]))
    see = np.round(rng.random((2, places, places)), 3)
    return patrol_game(network, crews, choices, see, np.round(rng.random((places, period, 2)) * 0.4, 3))


def value(game: Game) -> float:
    """The value of a game, with every joint route listed."""
    joints = list(product(*(all_routes(crew, game.network) for crew in game.crews)))
    seen = np.array([game.detection(joint) for joint in joints])[:, game.reached]
    if not seen.size:
        return 1.0
    count, choices = seen.shape
    answer = linprog(
        np.append(np.zeros(count), -1.0),
        A_ub=np.column_stack([-seen.T, np.ones(choices)]),
        b_ub=np.zeros(choices),
        A_eq=[np.append(np.ones(count), 0.0)],
        b_eq=[1.0],
        bounds=[(0, None)] * count + [(None, None)],
    )
    return float(-answer.fun)


def brute_force() -> list[str]:
    """Small games against their value and against every choice of the violator."""
    short, above, below, gaps = 0, 0, [], []
    for seed in range(SMALL):
        game = small(seed)
        mix, known = solve(game, gap=1e-6), value(game)
        really = mix.chance() @ np.array([game.detection(joint) for joint in mix.joints])
        least = min(mix.reached(game).values(), default=1.0)
        short += sum(really[game.kind == k].min() < v - 1e-9 for k, v in mix.guaranteed(game).items())
        above += mix.bound < known - 1e-6
        below.append(known - least)
        gaps.append(mix.bound - least)
    return [
        "| small games | violator's answers below the guarantee | bounds below the value | below the value | gap |",
        "|---:|---:|---:|---:|---:|",
        f"| {SMALL} | {short} | {above} | {np.mean(below):.4f}, {np.max(below):.4f} | {np.mean(gaps):.4f} |",
    ]


def sampled(game: Game, mix: Mix, rng: np.random.Generator) -> dict[int, float]:
    """By kind, how far drawn schedules lie above the guarantee at the violator's best answer, in standard errors."""
    drawn = rng.choice(len(mix.joints), DRAWS, p=mix.chance())
    rate = np.array([game.detection(joint) for joint in mix.joints])
    found = {}
    for kind, least in mix.reached(game).items():
        mine = np.flatnonzero((game.kind == kind) & game.reached)
        answer = mine[mix.detection[mine].argmin()]
        share = (rng.random(DRAWS) < rate[drawn, answer]).mean()
        found[kind] = float((share - least) / max(np.sqrt(least * (1 - least) / DRAWS), 1e-9))
    return found


def sectors() -> list[str]:
    """The sector with most crews, of lines with more and more patrols."""
    rows = [
        (
            "| crews, km | kind | sensors alone | guaranteed with patrols | at most, kind alone | within a week | "
            "sampled | CPU s |"
        ),
        "|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    catalogue, reference = load_catalogue()
    for patrols, km in ((20, 20), (40, 20), (60, 20), (50, 40), (100, 40)):
        text = BRIEF.format(take=TAKEN.format(patrols=patrols)).replace("sector_km: 20", f"sector_km: {km}")
        here = setting(parse_brief(text, "tried"), made_line(200), catalogue, reference)
        plan, _ = solve_plan(here)
        sector = max(sector_games(here, plan, Shifts()), key=lambda one: len(one.game.crews))
        game = sector.game
        begin = time.process_time()
        mix = solve(game, uneven=0.0, gap=GAP)
        used = time.process_time() - begin
        week = {one.kind: one.within_week for one in guarantees(sector, mix, 1.0)}
        reached, surplus = mix.reached(game), sampled(game, mix, np.random.default_rng(1))
        for k, kind in enumerate(sector.kinds):
            base = game.base[(game.kind == k) & game.reached].min()
            rows.append(
                f"| {len(game.crews)}, {km} | {kind} | {base:.4f} | {reached[k]:.4f} | {min(mix.alone[k], 1):.4f} | "
                f"{week[kind]:.4f} | {surplus[k]:+.1f} | {used:.0f} |"
            )
        rows.append(
            f"| {len(game.crews)}, {km} | all kinds alike | | {min(reached.values()):.4f} | {mix.bound:.4f} | | | |"
        )
    return rows


def tried() -> list[str]:
    """Promised against delivered, of a plan that is found."""
    catalogue, reference = load_catalogue()
    here = setting(parse_brief(BRIEF.format(take=""), "tried"), made_line(200), catalogue, reference)
    plan, _ = solve_plan(here)
    return against(here, plan, None)


def driven() -> list[str]:
    """Promised against delivered, of a plan with patrols, whose crews drive the routes that are drawn."""
    catalogue, reference = load_catalogue()
    text = BRIEF.format(take=TAKEN.format(patrols=20))
    here = setting(parse_brief(text, "tried"), made_line(200), catalogue, reference)
    plan, _ = solve_plan(here)
    made = programme(here, plan, Shifts())
    least = {kind: min(g.within_day or 0 for s in made.sectors for g in s.guarantees if g.kind == kind)
             for kind in sorted({g.kind for s in made.sectors for g in s.guarantees})}  # fmt: skip
    said = ", ".join(f"{kind} {value:.4f}" for kind, value in least.items())
    told = "Guaranteed within a day for a violation that goes on, anywhere, at any hour, in any weather"
    return [*against(here, plan, made), "", f"{told}: {said}."]


def against(here: Setting, plan: Plan, made: Programme | None) -> list[str]:
    trials = load_trials()
    begin = time.process_time()
    delivered, reviewed = deliver(here, plan, trials, runs=20, programme=made)
    used = time.process_time() - begin
    gaps = {(row["trial"], row["kind"]): row for row in differs(delivered).iter_rows(named=True)}
    rows = [
        "| ceasefire | kind | violations | promised | delivered | gap explained | located | attributed | half within |",
        "|---|---|---:|---:|---:|---|---:|---:|---:|",
    ]
    for trial in trials:
        for row in delivered.filter(trial=trial.id).iter_rows(named=True):
            gap = gaps.get((trial.id, row["kind"]))
            why = "within the error"
            if gap:
                why = ", ".join(f"{gap[name]:+.3f}" for name in ("by_place", "by_outage", "by_routes", "by_formula"))
            hours = "-" if row["half_h"] is None else f"{row['half_h']:g} h"
            name = f"{trial.id}{'' if trial.holds else ' *'}"
            rows.append(
                f"| {name} | {row['kind']} | {row['violations']:,} | {row['promised']:.3f} | {row['delivered']:.3f} "
                f"± {row['error']:.3f} | {why} | {row['located']:.3f} | {row['attributed']:.3f} | {hours} |"
            )
    rows += [
        "",
        "| ceasefire | reports a week | false alarms a week | people to review |",
        "|---|---:|---:|---:|",
        *(
            f"| {row['trial']} | {row['reports']:,.0f} | {row['false_alarms']:,.0f} | {row['people']:g} |"
            for row in reviewed.iter_rows(named=True)
        ),
        "",
        f"20 runs of 28 days each; {used:.0f} s of processor time.",
    ]
    return rows


def main() -> None:
    rewrite("watch-games", brute_force())
    rewrite("watch-sectors", sectors())
    rewrite("watch-delivered", tried())
    rewrite("watch-driven", driven())


if __name__ == "__main__":
    main()
