"""How ordinary a sighting is where and when it was made: a harvest fire in July against a strike.

The number of days with a sighting in a small neighbourhood (5 by 5 cells of 0.05 degrees, 5 days to either side) is
compared with what ordinary years lead one to expect there, at this season. Of n further ones, with m expected,

    n ~ Poisson(m e^u (1 + r)),  u ~ Normal(0.5, 0.7^2),  log r ~ Normal(a, 1.5^2),  a ~ Normal(a0, 1^2),

where r is how many sightings of the conflict there are for each ordinary one, u how much ordinary years differ from one
another as seen from a sighting, and a is of an area (some 120 km and 25 days to either side): all its neighbourhoods
together tell it, each counted once. a0 is such that areas have on average the share that the source's profile declares.
P(of the conflict) is the posterior mean of r / (1 + r). So a lone fire counts for something on a front and for next to
nothing where all burns as it always did. In a cell that has more sightings in ordinary years than its neighbours (a
steelworks) the odds are lower by that factor.

m is the rate of ordinary years times a factor that says how many more or fewer ordinary sightings this source, this
season and this weather bring than the archive's sources did. It is learned from the case's own sightings within some
120 km and 25 days, each counted with its probability to be ordinary, in rounds (an EM in which P is the expectation).

How it does on years held out of the archive: docs/benchmarks.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import scipy

from teisen.fusion.near import Ints
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats
from teisen.observation import CELL_DEG, SEASONS
from teisen.sources import Source

HALF_CELLS, HALF_DAYS = 2, 5
"""The neighbourhood: this many cells and days to either side."""
WIDE_CELLS, WIDE_SEASONS = 11, 5
"""Ordinary rates borrow from the mean over this many cells a side and ten-day seasons: spring comes weeks earlier one
year than in another (of 3, 5 and 7, 5 tells most fires of open war from those of held-out ordinary years)..."""
PRIOR_DAYS = 1.0
"""...as much as if the cell itself had shown the mean for this many days (chosen by likelihood on held-out years)."""
GAP_CELLS = 5
"""Cells without a sighting are known to the archive as gaps where it closes over so many a side. Its edge, the cells
with unknown ones beside them, is not: of a border cell it may have seen one half alone, and beyond it nothing."""
BLOCK, BLOCKS = 10, 5
"""The factor is learned over this many blocks a side of this many cells, and :data:`WIDE_SEASONS`..."""
PRIOR_SIGHTINGS = 5.0
"""...with the source's overall factor counted as this many sightings."""
YEARS_DIFFER = (0.5, 0.7)
"""Mean and standard deviation of u (fitted to the four ordinary years of the archive, each held out in turn)."""
ODDS_DIFFER, AREAS_DIFFER = 1.5, 1.0
"""Standard deviations of log r within an area and of a between areas (assumed; with 0.7 to 2 and 0.6 to 1.5 held-out
ordinary years and a year of open war are told apart about as well)."""
SEASON_DAYS, LAST_DAYS = 10, 15.25
"""Days of a season, and of the last of a year, which has those left over (a leap year's in one of four)."""
ROUNDS = 6
LARGEST_N = 400
"""More neighbours than this tell nothing more."""
LOG_M = np.linspace(np.log(1e-3), np.log(1e3), 141)
LOG_R = np.arange(-10.0, 6.01, 0.5)
AREAS = np.arange(-9.0, 3.01, 1.0)
"""Values that n's mean without conflict, log r and a are tabled at."""


@dataclass(frozen=True)
class Ordinary:
    """Ordinary rates on a grid whose first cell is ``x0``, ``y0``: days with a sighting of ten in a cell, by season.

    ``rate`` has shape (rows, columns, 36); ``known`` (rows, columns) tells where the archive speaks.
    """

    x0: int
    y0: int
    rate: Floats
    known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

    def has(self, x: Ints, y: Ints) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Whether the archive speaks of these cells."""
        column, row = x - self.x0, y - self.y0
        inside = (column >= 0) & (row >= 0) & (column < self.known.shape[1]) & (row < self.known.shape[0])
        inside[inside] = self.known[row[inside], column[inside]]
        return inside


def ordinary(background: pl.DataFrame) -> Ordinary:
    """Rates of ordinary years from BACKGROUND rows of one kind, smoothed over place and season.

    Of several sources that speak of a cell, season and year, the one with most days counts.
    """
    cells = background.group_by("x", "y", "year", "season").agg(pl.col("days").max())
    years = cells["year"].n_unique()
    cells = cells.group_by("x", "y", "season").agg(pl.col("days").sum()).sort("y", "x", "season")
    x, y = cells["x"].to_numpy().astype(np.int64), cells["y"].to_numpy().astype(np.int64)
    x0, y0 = int(x.min()) - GAP_CELLS, int(y.min()) - GAP_CELLS
    seen = np.zeros((int(y.max()) - y0 + 1 + GAP_CELLS, int(x.max()) - x0 + 1 + GAP_CELLS, SEASONS))
    seen[y - y0, x - x0, cells["season"].to_numpy()] = cells["days"].to_numpy()
    known = scipy.ndimage.binary_closing(seen.sum(axis=2) > 0, np.ones((GAP_CELLS, GAP_CELLS), np.bool_))
    known = scipy.ndimage.binary_erosion(known, np.ones((3, 3), np.bool_))
    seen *= known[..., None]
    share_known = scipy.ndimage.uniform_filter(known.astype(np.float64), WIDE_CELLS, mode="constant")
    near = scipy.ndimage.uniform_filter(seen, (WIDE_CELLS, WIDE_CELLS, 1), mode="constant")

    def mean() -> Floats:
        wide = scipy.ndimage.uniform_filter1d(near, WIDE_SEASONS, axis=2, mode="wrap")
        return np.asarray(
            np.maximum(wide, 0.0) / np.maximum(share_known, WIDE_CELLS**-2)[..., None] / years + 1e-6, np.float64
        )

    own = (seen.sum(axis=2) + PRIOR_DAYS) / (mean().sum(axis=2) * years + PRIOR_DAYS)
    near[..., -1] *= SEASON_DAYS / LAST_DAYS
    return Ordinary(x0, y0, np.where(known[..., None], mean() * own[..., None], 0.0), known)


def against_background(reports: Reports, background: pl.DataFrame, sources: Mapping[str, Source]) -> Reports:
    """``reports`` with the odds of those that the background speaks of (``base``, ``credit``) set by it.

    Args:
        background: BACKGROUND; kinds, cells and sources it says nothing of keep the odds that profiles declare.
    """
    base, credit, weighed = reports.base.copy(), reports.credit.to_numpy().copy(), reports.weighed.copy()
    for (kind,), rows in sorted(background.group_by("kind")):
        rates = ordinary(rows)
        for source_id in sorted(sources):
            which = (reports.frame["source_id"] == source_id) & (reports.frame["kind"] == kind)
            at = np.flatnonzero(which.to_numpy() & ~np.isnan(reports.lon))
            if at.size:
                at = at[rates.has(*_cells(reports, at))]
            if at.size:
                base[at], credit[at] = _judged(reports, at, rates)
                weighed[at] = True
    return replace(reports, base=base, credit=pl.Series("credit", credit, dtype=pl.String), weighed=weighed)


def _cells(reports: Reports, at: Ints) -> tuple[Ints, Ints]:
    lon, lat = reports.lon[at], reports.lat[at]
    return np.floor(lon / CELL_DEG).astype(np.int64), np.floor(lat / CELL_DEG).astype(np.int64)


def surroundings(reports: Reports, rates: Ordinary) -> tuple[Ints, Floats]:
    """Other days with a sighting about each report, and how many the archive's years have there at this season.

    For reports of one source and kind, all in cells that the archive knows. The second is before any factor is learned.
    """
    seen, of = _days_seen(reports, np.arange(len(reports)), rates)
    about = _about(seen, rates)
    return about.n[of], about.usual[of]


def _days_seen(reports: Reports, at: Ints, rates: Ordinary) -> tuple[pl.DataFrame, Ints]:
    """Distinct ``x``, ``y`` (on the grid) and ``day`` (since 1970) of the reports ``at``, and which is whose."""
    x, y = _cells(reports, at)
    middle = (reports.start[at] + reports.end[at]) / 2
    days = pl.DataFrame({"x": x - rates.x0, "y": y - rates.y0, "day": np.floor(middle / 86_400).astype(np.int64)})
    seen = days.unique().sort("day", "y", "x")
    of = days.join(seen.with_row_index("of"), on=["x", "y", "day"], how="left", maintain_order="left")["of"]
    return seen, of.to_numpy().astype(np.int64)


def _judged(reports: Reports, at: Ints, rates: Ordinary) -> tuple[Floats, list[str]]:
    """Log odds and reasons of the reports ``at``, all of one source and kind, in cells that the archive knows."""
    seen, of = _days_seen(reports, at, rates)
    about = _about(seen, rates)
    p, m, share = _probabilities(about, rates, reports.base[at[0]])
    n, factor = about.n, about.factor
    odds = np.log(p / (1 - p)) - np.log(np.maximum(factor, 1.0))
    says = [
        f"reported it; days with one within {HALF_CELLS * 2 + 1} cells and {HALF_DAYS} days: {count} others, "
        f"{usual:.2g} are ordinary here at this season; in this area {100 * area:.2g} % are of the conflict"
        + (f"; this cell has {much:.1f} times its neighbours' in ordinary years" if much >= 1.5 else "")
        for count, usual, area, much in zip(n.tolist(), m.tolist(), share.tolist(), factor.tolist(), strict=True)
    ]
    return odds[of], pl.Series(says).gather(of).to_list()


@dataclass(frozen=True)
class _About:
    """Of each day seen: place on the grid, ``day`` since 1970, ``season``, ``step`` (seasons since year 0), ``n`` other
    days seen in the neighbourhood, ``usual`` ones, and ``factor``, the cell's rate over that of its neighbours.
    """

    x: Ints
    y: Ints
    day: Ints
    season: Ints
    step: Ints
    n: Ints
    usual: Floats
    factor: Floats


def _about(seen: pl.DataFrame, rates: Ordinary) -> _About:
    x, y, day = (seen[name].to_numpy() for name in ("x", "y", "day"))
    season, _ = _seasons(day)
    step = pl.Series(day, dtype=pl.Int32).cast(pl.Date).dt.year().to_numpy().astype(np.int64) * SEASONS + season
    spots = np.stack([x / (HALF_CELLS + 0.5), y / (HALF_CELLS + 0.5), day / (HALF_DAYS + 0.5)], axis=1)
    n = (
        np.asarray(
            scipy.spatial.cKDTree(spots).query_ball_point(spots, 1.0, p=np.inf, return_length=True), dtype=np.int64
        )
        - 1
    )
    side = HALF_CELLS * 2 + 1
    near = scipy.ndimage.uniform_filter(rates.rate, (side, side, 1), mode="constant") * side**2
    cells = scipy.ndimage.uniform_filter(rates.known.astype(np.float64), side, mode="constant") * side**2
    here = np.maximum(near[y, x, season], 1e-9)
    watched = np.minimum(day + HALF_DAYS, day[-1]) - np.maximum(day - HALF_DAYS, day[0]) + 1
    return _About(
        x,
        y,
        day,
        season,
        step,
        n,
        usual=here * watched / SEASON_DAYS,
        factor=rates.rate[y, x, season] * cells[y, x] / here,
    )


def _seasons(day: Ints) -> tuple[Ints, Ints]:
    """Season of each day since 1970, and how many days of it lie before that day."""
    of_year = pl.Series(day, dtype=pl.Int32).cast(pl.Date).dt.ordinal_day().cast(pl.Int64).to_numpy() - 1
    season = np.minimum(of_year // SEASON_DAYS, SEASONS - 1)
    return season, of_year - season * SEASON_DAYS


def _probabilities(about: _About, rates: Ordinary, log_odds: float) -> tuple[Floats, Floats, Floats]:
    """P(of the conflict), the ordinary neighbours expected of this source, and the share of the conflict in the area;
    ``log_odds`` as declared."""
    expected = _blocks(rates, about.step, about.day)
    block = (about.y // BLOCK, about.x // BLOCK, about.step - about.step.min())
    worth, chance = _tables(min(int(about.n.max(initial=0)), LARGEST_N))
    prior, area = _areas(log_odds), np.empty(0)
    p = np.full(len(about.n), 1 / (1 + np.exp(-log_odds)))
    m = about.usual
    for _ in range(ROUNDS):
        found = np.zeros(expected.shape)
        np.add.at(found, block, 1 - p)
        overall = found.sum() / max(expected.sum(), 1e-9)
        scale = (_wide(found) + PRIOR_SIGHTINGS) / (_wide(expected) + PRIOR_SIGHTINGS / overall)
        m = about.usual * scale[block]
        told = np.zeros((*expected.shape, len(AREAS)))
        np.add.at(told, block, _at(worth, about.n, m) / (about.n + 1)[:, None])
        area = _posterior(_sums(told), prior)[block]
        p = (area * _at(chance, about.n, m)).sum(axis=1)
    return p, m, area @ _shares()


def _blocks(rates: Ordinary, step: Ints, day: Ints) -> Floats:
    """Ordinary days of sightings by block and ten-day step, of the days from the first to the last sighting."""
    rows, columns = rates.known.shape
    blocks = np.zeros((-(-rows // BLOCK), -(-columns // BLOCK), SEASONS))
    y, x = np.nonzero(rates.known)
    np.add.at(blocks, (y // BLOCK, x // BLOCK), rates.rate[y, x])
    first, steps = int(step.min()), int(step.max() - step.min()) + 1
    seasons = (first + np.arange(steps)) % SEASONS
    days = np.where(seasons == SEASONS - 1, LAST_DAYS, SEASON_DAYS)
    before, after = (int(_seasons(day[[end]])[1][0]) for end in (0, -1))
    share = days.copy()
    share[0] -= before
    share[-1] -= days[-1] - after - 1
    expected = blocks[:, :, seasons] / SEASON_DAYS
    return np.asarray(expected * np.maximum(share, 1.0))


def _sums(blocks: Floats) -> Floats:
    """Sums over a block's surroundings in place and time; what lies outside counts as nothing."""
    sides = (BLOCKS, BLOCKS, WIDE_SEASONS, 1)[: blocks.ndim]
    return np.asarray(scipy.ndimage.uniform_filter(blocks, sides, mode="constant") * BLOCKS**2 * WIDE_SEASONS)


def _wide(blocks: Floats) -> Floats:
    """The same of what is never less than nothing."""
    return np.maximum(_sums(blocks), 0.0)


def _tables(most: int) -> tuple[Floats, Floats]:
    """Log of P(n | m, a), but for what is the same for all a, and the posterior mean of r / (1 + r), by number of
    neighbours (rows, to ``most``), :data:`LOG_M` and :data:`AREAS`; see the module."""
    node, weight = np.polynomial.hermite_e.hermegauss(25)
    mean, spread = YEARS_DIFFER
    rate = (mean + spread * node)[:, None] + np.log1p(np.exp(LOG_R))
    of_area = _normal(LOG_R[:, None], AREAS, ODDS_DIFFER)
    n = np.arange(most + 1)[:, None, None]
    worth, share = (np.empty((most + 1, len(LOG_M), len(AREAS))) for _ in range(2))
    for j, log_m in enumerate(LOG_M):
        logs = n * (log_m + rate) - np.exp(log_m + rate)
        by_r = (np.exp(logs - logs.max(axis=(1, 2), keepdims=True)) * weight[:, None]).sum(axis=1)
        whole = by_r @ of_area
        worth[:, j] = np.log(whole)
        share[:, j] = by_r / (1 + np.exp(-LOG_R)) @ of_area / whole
    return worth, share


def _areas(log_odds: float) -> Floats:
    """P(a) of an area before it is looked at: on average it has the share of the conflict that is declared."""
    middles = np.linspace(AREAS[0] - 3, AREAS[-1], 301)
    of_middle = _normal(AREAS[:, None], middles, AREAS_DIFFER)
    a0 = np.interp(1 / (1 + np.exp(-log_odds)), _shares() @ of_middle, middles)
    return _normal(AREAS[:, None], np.array([a0]), AREAS_DIFFER)[:, 0]


def _shares() -> Floats:
    """Mean of r / (1 + r) in areas of each a."""
    return np.asarray(1 / (1 + np.exp(-LOG_R)) @ _normal(LOG_R[:, None], AREAS, ODDS_DIFFER))


def _posterior(told: Floats, prior: Floats) -> Floats:
    """P(a) along the last axis, from what neighbourhoods tell of it, a log."""
    chance = np.exp(told - told.max(axis=-1, keepdims=True)) * prior
    return np.asarray(chance / chance.sum(axis=-1, keepdims=True))


def _normal(values: Floats, middle: Floats, spread: float) -> Floats:
    """Weights of ``values`` (along the first axis) under normals of these middles."""
    weight = np.exp(-0.5 * ((values - middle) / spread) ** 2)
    return np.asarray(weight / weight.sum(axis=0))


def _at(table: Floats, n: Ints, m: Floats) -> Floats:
    """Values of a table of :func:`_tables`, linear between :data:`LOG_M`, shape (n, areas)."""
    at = np.clip((np.log(np.maximum(m, 1e-12)) - LOG_M[0]) / (LOG_M[1] - LOG_M[0]), 0, len(LOG_M) - 1 - 1e-9)
    left = at.astype(np.int64)
    n, part = np.minimum(n, LARGEST_N), (at - left)[:, None]
    return np.asarray(table[n, left] * (1 - part) + table[n, left + 1] * part)
