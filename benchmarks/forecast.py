"""How well the next day is forecast, against a baseline of season and one of persistence.

    python benchmarks/forecast.py           prints the tables and rewrites docs/benchmarks.md

Every day of the test is forecast from the days before it alone; models are fitted anew each week. All methods get the
same predictive distribution, negative binomial with a scatter fitted on the days before, so that means are compared.

- usual: the area's mean of the last year times the weekly rhythm (a climatology);
- season: that of the last four weeks;
- persistence: a mean of the day before, half, and of the area's usual.

Log score: mean log probability of what came, higher is better, in nats an area and day; gain: that over *usual*. Top
10 %: share of what came that lay in the tenth of areas where most was expected. PIT: the greatest difference between
the randomised probability integral transform and a uniform distribution (0 is calibrated).
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from page import rewrite
from scipy.stats import nbinom

from teisen.compliance.hawkes import Hawkes, fit, log_probability, nearness, recent
from teisen.geodesy import Floats
from teisen.library import data_folder

TRAIN, EVERY = 200, 7
Series = tuple[Floats, Floats, Floats, np.ndarray]
"""Counts and effort (days by areas), nearness (areas by areas), and the weekday of each day."""


def simulated(seed: int, days: int = 500, sectors: int = 60) -> Series:
    """A line of sectors with self-excitement and uneven effort."""
    rng = np.random.default_rng(seed)
    near = nearness(np.arange(sectors) * 0.1, np.full(sectors, 48.0))
    background = rng.gamma(0.5, 0.6, sectors)
    effort = np.clip(rng.beta(4, 2, size=(days, sectors)), 0.05, 1)
    happened, fire = np.zeros((days, sectors)), np.zeros((2, sectors))
    weekday = np.arange(days) % 7
    keep = np.exp(-1 / np.array([1.5, 7.0]))[:, None]
    for day in range(days):
        mean = (background + 0.3 * fire[0] + 0.25 * fire[1] + 0.2 * near @ fire[0]) * (1.2 if day % 7 == 4 else 1.0)
        happened[day] = rng.poisson(mean * rng.gamma(5, 0.2, sectors))
        fire = keep * fire + (1 - keep) * happened[day]
    return rng.binomial(happened.astype(int), effort).astype(float), effort, near, weekday


def reports() -> Series:
    """Reports of a use of force by half-degree cell, the sixty busiest of the first months."""
    data = data_folder()
    if data is None:
        raise SystemExit("There is no folder of real data: set TEISEN_DATA.")
    paths = [
        p for p in sorted((data / "viina_reports").glob("viina_incidents_202*.csv.gz")) if p.name[16:22] >= "202401"
    ]
    rows = pl.concat([pl.read_csv(p) for p in paths]).filter(
        pl.col("event_type").fill_null("").str.contains("airstrike|uav|artillery|firefigh")
    )
    cells = rows.select(
        day=pl.col("datetime").str.slice(0, 10).str.to_date(),
        x=(pl.col("lon") * 2).floor() / 2 + 0.25,
        y=(pl.col("lat") * 2).floor() / 2 + 0.25,
    )
    first, last = date(2024, 1, 1), date(2025, 8, 31)
    early = (
        cells.filter(pl.col("day") < date(2024, 7, 1)).group_by("x", "y").len().sort("len", "x", "y", descending=True)
    )
    return gridded(cells, early.head(60).sort("x", "y"), first, last)


def gridded(cells: pl.DataFrame, kept: pl.DataFrame, first: date, last: date) -> Series:
    days = (last - first).days + 1
    counts = np.zeros((days, kept.height))
    at = {(x, y): n for n, (x, y) in enumerate(kept.select("x", "y").iter_rows())}
    for day, x, y, n in cells.group_by("day", "x", "y").len().iter_rows():
        if (x, y) in at and first <= day <= last:
            counts[(day - first).days, at[x, y]] = n
    weekday = (np.arange(days) + first.weekday()) % 7
    return counts, np.ones_like(counts), nearness(kept["x"].to_numpy(), kept["y"].to_numpy()), weekday


def alerts() -> Series:
    """Alerts started by region, 2024 and 2025; regions lie as in the file's order, nearness is not used."""
    data = data_folder()
    if data is None:
        raise SystemExit("There is no folder of real data: set TEISEN_DATA.")
    rows = pl.read_csv(next((data / "air_raid_alerts").glob("alerts_oblast_merged*")))
    cells = rows.select(day=pl.col("started_at").str.slice(0, 10).str.to_date(), x="region", y=pl.lit(0.0))
    names = sorted(cells["x"].unique())
    cells = cells.with_columns(x=pl.col("x").replace_strict({n: float(i) for i, n in enumerate(names)}))
    kept = pl.DataFrame({"x": [float(i) for i in range(len(names))], "y": [0.0] * len(names)})
    counts, effort, _, weekday = gridded(cells, kept, date(2024, 1, 1), date(2025, 12, 31))
    return counts, effort, np.zeros((len(names), len(names))), weekday


def means(series: Series) -> dict[str, tuple[Floats, Floats]]:
    """Means and scatters of every day of the test, by method."""
    counts, effort, near, weekday = series
    days = len(counts)
    past = recent(counts, effort)
    out = {name: (np.zeros((days - TRAIN, counts.shape[1])), np.zeros(days - TRAIN)) for name in METHODS}
    model: Hawkes | None = None
    for day in range(TRAIN, days):
        n = day - TRAIN
        before = slice(max(day - 365, 0), day)
        if n % EVERY == 0:
            model = fit(counts[before], effort[before], near, weekday[before])
            scatter = {name: _scatter(series, day, name, model) for name in METHODS}
        for name in METHODS:
            out[name][0][n] = _mean(series, day, name, model, past) * effort[day]
            out[name][1][n] = scatter[name]
    return out


METHODS = ("Teisen", "season", "usual", "persistence")


def _mean(series: Series, day: int, name: str, model: Hawkes, past: Floats) -> Floats:
    counts, effort, _, weekday = series
    if name == "Teisen":
        return model.mean(past[day], int(weekday[day]))[0]
    before = slice(max(day - (28 if name == "season" else 365), 0), day)
    usual = (counts[before].sum(axis=0) + 0.5) / (effort[before].sum(axis=0) + 1.0) * model.rhythm[weekday[day]]
    if name == "persistence":
        return 0.5 * usual + 0.5 * counts[day - 1] / np.maximum(effort[day - 1], 0.2)
    return usual


def _scatter(series: Series, day: int, name: str, model: Hawkes) -> float:
    """Scatter of a method's errors on the four weeks before."""
    counts, effort = series[:2]
    past = recent(counts[:day], effort[:day])
    mean = np.stack([_mean(series, d, name, model, past) * effort[d] for d in range(day - 28, day)])
    beyond = ((counts[day - 28 : day] - mean) ** 2 - mean).sum() / max(float((mean**2).sum()), 1e-9)
    return float(np.clip(beyond, 0.01, 20))


def scored(name: str, series: Series) -> list[str]:
    counts, rows = series[0][TRAIN:], []
    found = means(series)
    logs = {m: log_probability(counts, mean, scatter[:, None]) for m, (mean, scatter) in found.items()}
    top = max(counts.shape[1] // 10, 1)
    rng = np.random.default_rng(5)
    for method, (mean, scatter) in found.items():
        order = np.argsort(-mean, axis=1, kind="stable")[:, :top]
        hit = np.take_along_axis(counts, order, axis=1).sum() / counts.sum()
        shape = 1 / scatter[:, None]
        of = nbinom(shape, shape / (shape + np.maximum(mean, 1e-9)))
        pit = of.cdf(counts - 1) + rng.uniform(size=counts.shape) * of.pmf(counts)
        far = np.abs(np.sort(pit.ravel()) - np.linspace(0, 1, pit.size)).max()
        daily = (logs[method] - logs["usual"]).mean(axis=1)
        weekly = daily[: len(daily) // 7 * 7].reshape(-1, 7).mean(axis=1)
        error = weekly.std(ddof=1) / np.sqrt(len(weekly))
        rows.append(
            f"| {name} | {method} | {logs[method].mean():.4f} | {daily.mean():+.4f} ± {1.645 * error:.4f} | "
            f"{hit:.1%} | {far:.3f} |"
        )
        print(rows[-1], flush=True)
    best = np.sort(counts, axis=1)[:, -top:].sum() / counts.sum()
    rows.append(f"| {name} | who knew the day | | | {best:.1%} | |")
    return rows


def main() -> None:
    head = ["| series | method | log score | gain, 90 % | top 10 % | PIT |", "|---|---|---:|---:|---:|---:|"]
    rows = [
        *scored("simulated, self-exciting, 60 sectors", simulated(3)),
        *scored("reports, 60 cells, 2024-07 to 2025-08", reports()),
        *scored("alerts, 25 regions, 2024-07 to 2025-12", alerts()),
    ]
    rewrite("forecast", [*head, *rows])


if __name__ == "__main__":
    main()
