"""From a brief to a plan: ground and sensors put together, a placement found or taken as given, what it promises."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import shapely

from teisen.errors import BadInput, Problem
from teisen.geodesy import Floats
from teisen.planning.bound import Proof, prove
from teisen.planning.brief import AT_SEA, Brief, Taken
from teisen.planning.catalogue import Catalogue
from teisen.planning.coverage import Coverage, Ground, Ints, cover, detected, make_options
from teisen.planning.ground import COAST, NO_TRACK, Track, candidates, coast, demand, sea_demand, track
from teisen.planning.in_time import broken, in_time, told
from teisen.planning.limits import Impossible, Limits, limits
from teisen.planning.margins import margins
from teisen.planning.placement import Problem as Puzzle
from teisen.planning.placement import folded, place, problem
from teisen.planning.plan import Bound, Condition, Placed, Plan, Promise, Reference, Rules
from teisen.planning.schema import CANDIDATE, DEMAND, PLACEMENT
from teisen.planning.terrain import Terrain

WINDOWS_H = (1.0, 24.0, 168.0)
"""Promises are made for an hour, a day and a week."""
ROUNDS_OF_FLOOR = 6
IN_FOREST = 0.5
MOST_TOLD = 5
"""Problems of a given placement that are told at a time."""


@dataclass(frozen=True)
class Setting:
    """Everything that a placement is sought in: the brief, its ground, and what every option would see.

    ``puzzle`` is what the placement is sought on, with the puzzle's cell of each cell of the ``coverage`` in ``cell``.
    """

    brief: Brief
    line: Track
    ground: Ground
    catalogue: Catalogue
    conditions: tuple[Condition, ...]
    coverage: Coverage
    puzzle: Puzzle
    cell: Ints
    references: dict[str, Reference]

    @property
    def limits(self) -> Limits:
        """The bounds of the brief's rules."""
        options = self.coverage.options
        at = self.ground.candidates.select("site_id", "sector_id")
        sector = options.select("site_id").join(at, on="site_id", how="left", maintain_order="left")["sector_id"]
        return limits(options, self.brief.rules, self.brief.parties, sector, self.line.sector_ids or (COAST,))

    def under(self, rules: Rules) -> Setting:
        """The same under other rules; the window stays."""
        return replace(self, brief=self.brief.model_copy(update={"rules": rules}))

    def seen(self, number: Ints, window_h: float, catalogue: Catalogue | None = None) -> tuple[Coverage, Ints]:
        """What a placement sees within another window, or by other figures: its options alone, and their numbers."""
        taken = np.flatnonzero(number)
        return (
            cover(
                self.coverage.options[taken.tolist()],
                self.ground,
                catalogue or self.catalogue,
                conditions=self.conditions,
                watched=self.brief.watched,
                window_h=window_h,
            ),
            number[taken],
        )


def setting(
    brief: Brief,
    line: pl.DataFrame | None,
    catalogue: Catalogue,
    reference: Reference,
    *,
    forbidden: pl.DataFrame | None = None,
    access: pl.DataFrame | None = None,
    terrain: Terrain | None = None,
    forest: Terrain | None = None,
    risk: pl.DataFrame | None = None,
    sea: pl.DataFrame | None = None,
    fold_m: float | None = None,
) -> Setting:
    """Put a brief's ground and sensors together.

    Args:
        brief: what is asked for.
        line: LINE; None: there is sea alone.
        catalogue: the sensors.
        reference: the catalogue's name and hash.
        forbidden: areas (``geometry``) in which nothing may stand.
        access: places (``lon``, ``lat``) that a site has to be near to.
        terrain: heights.
        forest: the share of forest, on a grid as heights are; from one half on a place lies in forest.
        risk: weights of sectors (``sector_id``, ``weight``).
        sea: sea areas (``geometry``), on which the kind naval-force is watched for; without them along the line.
        fold_m: put places within so much of the line together while a placement is sought; promises stay in full.

    Raises:
        BadInput: the brief names a sensor or a season that the catalogue has not, or no sensor may stand anywhere.
    """
    known = [sensor.id for sensor in catalogue.sensors]
    asked = [one.sensor for one in brief.rules.at_least if one.sensor]
    for name in (*brief.use, *(taken.sensor for taken in brief.take), *asked):
        if name not in known:
            do = f"Write one of {', '.join(known)}."
            raise BadInput(Problem(brief.id, 0, "sensors", f"there is no sensor {name!r} in {catalogue.id}", do))
    conditions = brief.conditions or catalogue.seasons.get(brief.season, ())
    if not conditions:
        do = f"Write one of {', '.join(catalogue.seasons) or 'none'}, or `conditions:`."
        raise BadInput(Problem(brief.id, 0, "season", f"{catalogue.id} has no season {brief.season!r}", do))
    kept = catalogue.only(brief.use) if brief.use else catalogue
    on = NO_TRACK if line is None else track(line, brief.sector_km)
    sites = brief.sites
    wanted, stands = DEMAND.empty(), CANDIDATE.empty()
    on_land = [one for one in brief.watched if sea is None or one.kind != AT_SEA]
    if line is not None and on_land:
        wanted = demand(on, on_land, brief.parties, brief.step_km * 1000, risk)
    if line is not None:
        stands = candidates(
            on,
            brief.parties,
            sites.every_km * 1000,
            [km * 1000 for km in sites.depths_km],
            forbidden=forbidden,
            access=access,
            most_access_km=sites.most_access_km,
        )
    if sea is not None and any(one.kind == AT_SEA for one in brief.watched):
        wanted = pl.concat([wanted, sea_demand(sea, brief.step_km * 1000, AT_SEA)])
        stands = pl.concat([stands, coast(sea, sites.every_km * 1000, forbidden)])
    if wanted.is_empty():
        do = "Draw larger areas, or write a smaller `step_km:`."
        raise BadInput(Problem(brief.id, 0, "sea", "the sea areas hold no place at these steps", do))
    lon, lat = wanted["lon"].to_numpy(), wanted["lat"].to_numpy()
    ground = Ground(wanted, stands, terrain, None if forest is None else forest.height(lon, lat) >= IN_FOREST)
    options = make_options(ground.candidates, kept)
    if options.is_empty():
        do = "Give `sites:` depths at which the sensors may stand, or use other sensors."
        raise BadInput(Problem(brief.id, 0, "sites", "no sensor may stand at any of the sites", do))
    coverage = cover(
        options,
        ground,
        kept,
        conditions=conditions,
        watched=brief.watched,
        window_h=brief.rules.window_h,
    )
    areas = [] if sea is None else list(shapely.from_wkb(sea["geometry"].to_list()))
    shape = shapely.GeometryCollection(areas) if line is None else shapely.from_wkb(line["geometry"][0])
    named = brief.sea or "sea" if line is None else (brief.line and brief.line.file) or "made"
    references = {"line": Reference(name=named, sha256=fingerprint(shape)), "catalogue": reference}
    if risk is not None:
        said = hashlib.sha256(risk.select("sector_id", "weight").write_csv().encode()).hexdigest()
        references["risk"] = Reference(name="risk", sha256=said)
    puzzle, cell = problem(coverage) if fold_m is None else folded(coverage, fold_m)
    return Setting(brief, on, ground, kept, tuple(conditions), coverage, puzzle, cell, references)


def fingerprint(shape: shapely.Geometry) -> str:
    """SHA-256 of a shape, hexadecimal: what a plan names its line by."""
    return hashlib.sha256(json.dumps(shape.wkt).encode()).hexdigest()


def find(here: Setting, *, near: float = 0.005) -> tuple[Ints, Proof]:
    """The best placement that was found, and a bound on the value of any.

    A placement is found at the rules' own shares as prices, then again at the prices that the proof gives; where the
    rules have a floor, the weight of sectors and kinds below it is raised round by round, and the placement that lacks
    least of it is taken. What has to be detected in time is seen to first, as cheaply as may be. The bound is that
    without these two: it holds with them all the more.

    Raises:
        BadInput: the numbers that rules ask for at least, or detection in time, are not to be had; or a placement that
            is given has less.
    """
    within = here.limits
    try:
        within.fewest()
    except Impossible as why:
        do = "Ask for fewer under `at_least:`, or allow more sites, money or people."
        raise BadInput(Problem(here.brief.id, 0, "rules", str(why), do)) from None
    if here.brief.take:
        number = taken(here, here.brief.take)
        _keeps(here, within, number)
        return number, prove(here.puzzle, within, number, near=near)
    start = _start(here, within)
    best = place(here.puzzle, within, start=start)
    proof = prove(here.puzzle, within, best, near=near)
    again = place(here.puzzle, within, proof.price, start=start)
    if here.puzzle.value(again) > here.puzzle.value(best):
        best = again
    if here.brief.rules.floor > 0:
        best = _with_floor(here, within, proof, best, start)
    return best, proof


def _start(here: Setting, within: Limits) -> Ints | None:
    """What has to stand there to detect in time, with the numbers that are asked for; None: no such rule."""
    if not here.brief.rules.in_time:
        return None
    number = np.maximum(in_time(here), within.fewest())
    if within.kept(number):
        return number
    what = "what `in_time:` and `at_least:` ask for does not fit into the other rules together"
    raise BadInput(Problem(here.brief.id, 0, "rules", what, "Allow more money or people, or ask for less."))


def _keeps(here: Setting, within: Limits, number: Ints) -> None:
    """A given placement has what rules ask for at least, or it is no plan by these rules.

    Money, people and effort are not looked at: what a proposal takes of them is what one wants to see.
    """
    wrong = [
        Problem(here.brief.id, 0, "take", f"{one.name}: {int(number[one.of].sum())} stand there, and `at_least:` asks "
                f"for {one.number}", "Take more, or ask for fewer under `at_least:`.")
        for one in within.least if int(number[one.of].sum()) < one.number
    ]  # fmt: skip
    wrong += [
        Problem(here.brief.id, 0, "take", f"`in_time:` asks for {told(rule)}, and the worst has {least:.1%}",
                "Take more, or ask for less or later under `in_time:`.")
        for rule, least in broken(here, number)
    ]  # fmt: skip
    if wrong:
        raise BadInput(*wrong[:MOST_TOLD])


def solve(here: Setting) -> tuple[Plan, pl.DataFrame]:
    """The plan, and the placement that it holds (PLACEMENT)."""
    number, proof = find(here)
    return plan_of(here, number, proof), placement(here, number)


def placement(here: Setting, number: Ints) -> pl.DataFrame:
    """So many of each option as a table (PLACEMENT)."""
    chosen = np.flatnonzero(number)
    ids = here.coverage.options["option_id"].gather(chosen)
    return PLACEMENT.hand_over(pl.DataFrame({"option_id": ids, "number": number[chosen]}))


def plan_of(here: Setting, number: Ints, proof: Proof | None) -> Plan:
    """The document of a placement."""
    brief = here.brief
    stands = here.coverage.options.with_columns(number=pl.Series(number)).filter(pl.col("number") > 0)
    stands = stands.join(
        here.ground.candidates.select("site_id", "sector_id", "lon", "lat"), on="site_id", how="left"
    ).sort("option_id")
    placed = tuple(
        Placed(**row)
        for row in stands.select(
            "option_id", "site_id", "sensor", "schedule", "number", "side", "cost", "people",
            pl.col("sector_id").fill_null(""), "lon", "lat",
        ).to_dicts()
    )  # fmt: skip
    reached = here.coverage.value(number)
    how = "Frank-Wolfe over HiGHS"
    return Plan(
        id=brief.id,
        title=brief.title,
        parties=brief.parties,
        line=here.references["line"],
        line_km=round(here.line.length_m / 1000, 1),
        sectors=len(here.line.sector_ids) or here.ground.demand["sector_id"].n_unique(),
        agreement=brief.agreement,
        ground=tuple(one for name, one in here.references.items() if name == "risk"),
        catalogue=(here.references["catalogue"],),
        conditions=here.conditions,
        watched=brief.watched,
        rules=brief.rules,
        placement=placed,
        promises=promises(here, number),
        bound=None if proof is None else Bound(value=round(reached, 6), bound=round(proof.bound, 6), method=how),
        margins=() if proof is None else margins(proof, here.coverage.options),
    )


def promises(here: Setting, number: Ints, windows_h: Sequence[float] = WINDOWS_H) -> tuple[Promise, ...]:
    """What a placement promises of each kind within each window: along the line, and in its worst sector."""
    made: list[Promise] = []
    for window_h in windows_h:
        coverage, numbers = here.seen(number, window_h)
        by_sector = per_sector(coverage, numbers)
        for kind, rows in by_sector.group_by("kind", maintain_order=True):
            worst = rows.sort("detection", "sector_id").row(0, named=True)
            weights = rows["weight"].to_numpy()
            made.append(
                Promise(
                    kind=str(kind[0]),
                    window_h=window_h,
                    mean=_probability(float(rows["detection"].to_numpy() @ weights / weights.sum())),
                    least=_probability(worst["detection"]),
                    least_sector=worst["sector_id"],
                    by_two=_probability(float(rows["by_two"].to_numpy() @ weights / weights.sum())),
                )
            )
    return tuple(made)


def per_sector(coverage: Coverage, number: Ints) -> pl.DataFrame:
    """Mean detection by kind and sector: ``kind``, ``sector_id``, ``weight``, ``detection``, ``by_two``."""
    shares = pl.DataFrame(
        {"condition": [one.id for one in coverage.conditions], "share": [one.share for one in coverage.conditions]}
    )
    rows = (
        detected(coverage, number)
        .join(shares, on="condition")
        .join(coverage.demand.select("demand_id", "kind", "sector_id", "weight"), on=["demand_id", "kind"])
    )
    part = pl.col("weight") * pl.col("share")
    return (
        rows.group_by("kind", "sector_id")
        .agg(
            pl.col("weight").mul(pl.col("share")).sum(),
            detection=(pl.col("detection") * part).sum() / part.sum(),
            by_two=(pl.col("by_two") * part).sum() / part.sum(),
        )
        .sort("kind", "sector_id")
    )


def taken(here: Setting, wanted: Sequence[Taken]) -> Ints:
    """A given placement: each sensor evenly along the line, in turn on both sides, at the sites nearest to its depth.

    More than the sites hold are put on top of each other.

    Raises:
        BadInput: there is no site for a sensor.
    """
    options = here.coverage.options
    number = np.zeros(options.height, np.int64)
    where = options.with_row_index("at").join(
        here.ground.candidates.select("site_id", "along_m", "depth_m"), on="site_id", how="left"
    )
    for one in wanted:
        fit = where.filter((pl.col("sensor") == one.sensor) & (pl.col("schedule") == one.schedule))
        if fit.is_empty():
            what = f"no site of the ground can hold a {one.sensor} watching {one.schedule}"
            raise BadInput(Problem(here.brief.id, 0, "take", what, "Give `sites:` a depth that it may stand at."))
        off = (fit["depth_m"].fill_null(0.0) - one.depth_km * 1000).abs()
        fit = fit.filter(off == off.min()).sort("along_m", "option_id")
        sides = [fit.filter(pl.col("side") == side)["at"].to_numpy() for side in sorted(set(fit["side"]))]
        for n, at in enumerate(sides):
            mine = (one.number + len(sides) - 1 - n) // len(sides)
            spots = np.floor((np.arange(mine) + 0.5) / mine * len(at)).astype(int) if mine else np.zeros(0, int)
            np.add.at(number, at[spots], 1)
    return number


def _with_floor(here: Setting, within: Limits, proof: Proof, first: Ints, start: Ints | None) -> Ints:
    """The placement of several rounds that lacks least of the floor in sectors and kinds."""
    puzzle, floor = here.puzzle, here.brief.rules.floor
    cells = _sector_of_cell(here)
    many = int(cells.max()) + 1
    whole = np.bincount(cells, weights=puzzle.weight, minlength=many)
    boost = np.ones(many)
    best, lack = first, np.inf
    number = first
    for _ in range(ROUNDS_OF_FLOOR):
        has = np.bincount(cells, weights=puzzle.weight * puzzle.of(number), minlength=many) / whole
        short = np.maximum(floor - has, 0)
        if short.sum() < lack:
            best, lack = number, float(short.sum())
        if lack == 0:
            break
        boost *= 1 + 4 * short / floor
        weight: Floats = puzzle.weight * boost[cells]
        number = place(
            Puzzle(puzzle.miss, puzzle.seen, weight / weight.sum()), within, proof.price, rounds=2, start=start
        )
    return best


def _sector_of_cell(here: Setting) -> Ints:
    """The sector and kind of each cell of the puzzle, numbered."""
    keys = here.coverage.demand.select(k=pl.struct("sector_id", "kind").rank("dense") - 1)["k"].to_numpy()
    of_cell = np.zeros(len(here.puzzle.weight), np.int64)
    of_cell[here.cell] = keys[here.coverage.row]
    return of_cell


def _probability(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), 4)
