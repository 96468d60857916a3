"""What truly happens in a scenario: a self-exciting process along the line, with kind, actor and target.

Cluster representation of a Hawkes process (Hawkes and Oakes, "A cluster process representation of a self-exciting
process", 1974; with space as in Ogata's ETAS, 1998): incidents that come by themselves are Poisson, and each generation
sets off the next one. The phases' factor ``f`` scales both: an incident at ``u`` sets off ``branching * f(t) / f(u)`` a
later one at ``t``, so that the mean rate is ``per_day * f(t)`` whatever the branching.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.random import Generator

from teisen.geodesy import Floats
from teisen.observation import vocabulary
from teisen.simulation.bursts import burst_factors, bursts_at
from teisen.simulation.ground import Ints, MadeGround
from teisen.simulation.intensity import DAY, HOUR, Intensity
from teisen.simulation.line import Line
from teisen.simulation.scenario import Clusters, Scenario
from teisen.tables import PLACE_DECIMALS, UTC_TIME, Column, Table

TRUTH = Table(
    "truth",
    "What happened in a simulated ceasefire.",
    (
        Column("truth_id", pl.String(), "true-, running number", nullable=False),
        Column("time", UTC_TIME, "moment it happened", nullable=False),
        Column("lon", pl.Float64(), "longitude, degrees", nullable=False, decimals=PLACE_DECIMALS),
        Column("lat", pl.Float64(), "latitude, degrees", nullable=False, decimals=PLACE_DECIMALS),
        Column("kind", pl.String(), "kind", nullable=False),
        Column("actor", pl.String(), "party id of who did it", nullable=False),
        Column("target_class", pl.String(), "protected class hit; empty: none"),
        Column(
            "set_off_by", pl.String(), "truth_id of the incident that set it off; empty: none, or before the period"
        ),
        Column("generation", pl.Int64(), "0: came by itself; else one more than what set it off"),
    ),
    key=("truth_id",),
)
AT_SITE_M = 150.0
"""How far from a site's stated place a strike on it falls, standard deviation (assumed: a plant is that wide)."""
BEFORE_DECAYS = 12.0
"""The process begins this many mean delays of a whole cascade before the period, so that it has settled."""
MOST_GENERATIONS = 500


@dataclass(frozen=True)
class _Events:
    """Incidents while they are drawn: even time, place along and off the line, who, what set it off (-1: nothing)."""

    even: Floats
    along: Floats
    depth: Floats
    actor: Ints
    parent: Ints
    generation: Ints


def happen(scenario: Scenario, line: Line, ground: MadeGround, rng: Generator) -> pl.DataFrame:
    """Draw the incidents of a scenario (TRUTH), in order of time."""
    violence = scenario.violence
    clusters = violence.clusters or Clusters(branching=0)
    settle_s = BEFORE_DECAYS * clusters.decay_h * HOUR / (1 - clusters.branching) if clusters.branching else 0.0
    clock = Intensity(violence, scenario.period, settle_s)
    first = _by_themselves(scenario, clusters, line, clock, rng)
    events = _with_set_off(first, clusters, line, clock, rng)
    real = np.floor(clock.real(events.even))
    kept = np.flatnonzero((real >= clock.start) & (real < clock.end))
    order = kept[np.lexsort((kept, real[kept]))]
    number = np.full(len(real), -1, np.int64)
    number[order] = np.arange(len(order))
    return _table(scenario, line, ground, rng, events=events, real=real, order=order, number=number)


def _by_themselves(scenario: Scenario, clusters: Clusters, line: Line, clock: Intensity, rng: Generator) -> _Events:
    """Incidents that nothing set off: Poisson in time, on hot spots and evenly along the line."""
    violence = scenario.violence
    begin, end = clock.even_span
    rate = violence.per_day * (1 - clusters.branching) / DAY
    wild = burst_factors(scenario, line)
    n = int(rng.poisson(rate * clock.highest * wild.max() * (end - begin)))
    even = np.sort(rng.uniform(begin, end, n))
    even = even[rng.random(n) < clock.factor(clock.real(even)) / clock.highest]
    along, luck, edge = rng.uniform(0, line.length_m, len(even)), rng.random(len(even)), 0.0
    for spot in violence.hot_spots:
        here = (luck >= edge) & (luck < edge + spot.share)
        along = np.where(here, spot.at_km * 1000 + rng.normal(0, spot.spread_m, len(even)), along)
        edge += spot.share
    along = _within(along, line)
    if violence.bursts:
        day, stretch = bursts_at(scenario, line, clock.real(even), along)
        kept = rng.random(len(even)) < wild[day, stretch] / wild.max()
        even, along = even[kept], along[kept]
    n = len(even)
    shares = np.array([violence.actors.get(party, 0.0 if violence.actors else 1.0) for party in scenario.parties])
    actor = (rng.random(n) >= shares[0] / shares.sum()).astype(np.int64)
    depth = rng.exponential(violence.depth_m, n)
    return _Events(even, along, depth, actor, np.full(n, -1, np.int64), np.zeros(n, np.int64))


def _with_set_off(first: _Events, clusters: Clusters, line: Line, clock: Intensity, rng: Generator) -> _Events:
    """All incidents: those given and, generation by generation, those they set off."""
    generations, now, at = [first], first, np.arange(len(first.even))
    end = clock.even_span[1]
    for generation in range(1, MOST_GENERATIONS):
        if not len(now.even) or not clusters.branching:
            break
        there = clock.factor(clock.real(now.even))
        count = rng.poisson(clusters.branching * clock.highest / np.maximum(there, 1e-9))
        of = np.repeat(np.arange(len(count)), count)
        even = now.even[of] + rng.exponential(clusters.decay_h * HOUR, len(of))
        luck = rng.random(len(of))
        keep = even < end
        keep &= luck < clock.factor(clock.real(even)) / clock.highest
        of, even = of[keep], even[keep]
        step = rng.normal(0, clusters.spread_m, (2, len(of)))
        other = rng.random(len(of)) < clusters.retaliation
        born = _Events(
            even=even,
            along=_within(now.along[of] + step[0], line),
            depth=np.abs(now.depth[of] + step[1]),
            actor=np.where(other, 1 - now.actor[of], now.actor[of]),
            parent=at[of],
            generation=np.full(len(of), generation, np.int64),
        )
        at = at[-1] + 1 + np.arange(len(of)) if len(at) else at
        generations.append(born)
        now = born
    fields = ("even", "along", "depth", "actor", "parent", "generation")
    return replace(first, **{f: np.concatenate([getattr(part, f) for part in generations]) for f in fields})


def _within(along: Floats, line: Line) -> Floats:
    """Metres along the line, folded back at its ends."""
    length = line.length_m
    folded = np.mod(along, 2 * length)
    return np.where(folded > length, 2 * length - folded, folded)


def _table(
    scenario: Scenario, line: Line, ground: MadeGround, rng: Generator, *,
    events: _Events, real: Floats, order: Ints, number: Ints,
) -> pl.DataFrame:  # fmt: skip
    """The chosen incidents as TRUTH, with kinds drawn, and some of those by themselves moved to protected sites."""
    n, actor = len(order), events.actor[order]
    kind = _kinds(scenario, actor, rng)
    attack = np.array([vocabulary().kinds[name].attack for name in kind], bool)
    # What the first party does falls on the right of the line, where the second one is: depth is negative there.
    side = np.where(actor == 0, -1.0, 1.0)
    lon, lat = line.place(events.along[order], events.depth[order] * side)
    alone = events.generation[order] == 0
    wanted = (rng.random(n) < scenario.violence.at_sites) & alone & attack
    pick, scatter = rng.random(n), rng.normal(0, AT_SITE_M, (2, n))
    target = np.full(n, None, dtype=object)
    for party, where in ((0, ground.site_depth < 0), (1, ground.site_depth >= 0)):
        there = np.flatnonzero(where)
        hit = np.flatnonzero(wanted & (actor == party))
        if not len(there) or not len(hit):
            continue
        site = there[(pick[hit] * len(there)).astype(np.int64)]
        lon[hit], lat[hit] = line.place(
            ground.site_along[site] + scatter[0, hit], ground.site_depth[site] + scatter[1, hit]
        )
        target[hit] = np.array(ground.site_classes, dtype=object)[site]
    set_off = np.where(events.parent[order] >= 0, number[events.parent[order]], -1)
    frame = pl.DataFrame(
        {
            "number": np.arange(1, n + 1),
            "time": pl.Series(real[order].astype(np.int64)) * 1_000_000,
            "lon": lon,
            "lat": lat,
            "kind": pl.Series(kind, dtype=pl.String),
            "actor": pl.Series(np.array(scenario.parties, dtype=object)[actor], dtype=pl.String),
            "target_class": pl.Series(target.tolist(), dtype=pl.String),
            "set_off": set_off + 1,
            "generation": events.generation[order],
        }
    )

    def name(column: str) -> pl.Expr:
        return pl.format("true-{}", pl.col(column).cast(pl.String).str.zfill(7))

    return TRUTH.hand_over(
        frame.select(
            truth_id=name("number"),
            time=pl.col("time").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            lon="lon",
            lat="lat",
            kind="kind",
            actor="actor",
            target_class="target_class",
            set_off_by=pl.when(pl.col("set_off") > 0).then(name("set_off")),
            generation=pl.col("generation").cast(pl.Int64),
        )
    )


def _kinds(scenario: Scenario, actor: Ints, rng: Generator) -> Floats:
    """A kind for each incident, by its actor's weights."""
    luck = rng.random(len(actor))
    kind = np.empty(len(actor), dtype=object)
    for party, name in enumerate(scenario.parties):
        weights = scenario.violence.kinds_by_actor.get(name, scenario.violence.kinds)
        words = sorted(weights)
        steps = np.cumsum([weights[word] for word in words])
        chosen = np.searchsorted(steps / steps[-1], luck, side="right")
        mine = actor == party
        kind[mine] = np.array(words, dtype=object)[np.minimum(chosen, len(words) - 1)][mine]
    return kind
