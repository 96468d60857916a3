"""How well changes are found and told from their rivals, on lines of known truth and on real sources.

    python benchmarks/change.py             prints the tables and rewrites docs/benchmarks.md

Simulated: lines watched by three independent sources, whose counts are over-dispersed (squared coefficient of variation
0.1), share shocks of a day (sd 0.25, correlated 0.3 from day to day) and have each a weekly rhythm (sd 0.25). Rivals
get the sum of the sources over the same reference of twelve weeks, and the threshold at which they raise one false
alarm a year and line on lines without change, taken from other seeds than those that are scored:

- cusum: the negative-binomial likelihood-ratio CUSUM tuned to the very effect that comes;
- mean: the mean of the last three days;
- pelt: ruptures' PELT, run anew every day on the last 60 days (on 4 years of calm and 12 lines: it is slow).

Real: counts of a day as sources give them, dates told to nobody.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import ruptures
from page import rewrite

from teisen.case import Case, derive, ingest_all
from teisen.compliance.change import FALL_FROM, RETURN_FROM, changes
from teisen.compliance.level import HIGH, OCTAVES, follow
from teisen.compliance.lines import EVERYTHING, Lines
from teisen.compliance.segments import segments
from teisen.geodesy import Floats
from teisen.library import data_folder, library

WARM = 84
MEANS = {"14 a day": (8.0, 4.0, 2.0), "3.5 a day": (2.0, 1.0, 0.5)}
RATIOS = (0.5, 0.33, 0.12, 0.06)
LINES = 60
CALM = 40
AT = 40
"""Day after the warm-up on which the change comes."""


def simulate(rng: np.random.Generator, level: Floats, means: tuple[float, ...]) -> Floats:
    """Counts of lines by days by sources at a level (lines by days)."""
    lines, days = level.shape
    shock = np.zeros((lines, days))
    noise = rng.normal(size=(lines, days))
    for day in range(days):
        shock[:, day] = (0.3 * shock[:, day - 1] if day else 0.0) + np.sqrt(1 - 0.09) * noise[:, day]
    rhythm = np.exp(0.25 * rng.normal(size=(lines, 7, len(means))))
    rhythm /= rhythm.mean(axis=1, keepdims=True)
    mean = (
        np.array(means) * level[:, :, None] * np.exp(0.25 * shock - 0.03)[:, :, None] * rhythm[:, np.arange(days) % 7]
    )
    return rng.poisson(mean * rng.gamma(10.0, 0.1, size=mean.shape)).astype(float)


def weekdays(days: int) -> np.ndarray:
    return np.arange(days) % 7


Scores = Callable[[Floats, float], Floats]
"""A statistic of each day (lines by days) that rises with the evidence of a change to a ratio."""


def teisen(down: bool) -> Scores:
    def score(counts: Floats, _: float) -> Floats:
        begins = None if down else np.full(len(counts), WARM)
        found = follow(counts, np.ones_like(counts), weekdays(counts.shape[1]), begins)
        return found.low if down else found.level[..., OCTAVES > -HIGH].sum(axis=-1)

    return score


def _expected(counts: Floats, reference: slice) -> tuple[Floats, Floats, Floats]:
    """Sum of sources, its mean by weekday and its scatter, from the reference days of each line."""
    total = counts.sum(axis=2)
    days = weekdays(total.shape[1])
    base = total[:, reference]
    mean = base.mean(axis=1, keepdims=True)
    of_day = np.stack([base[:, days[reference] == d].mean(axis=1) for d in range(7)], axis=1)
    of_day = (of_day * 12 + mean * 6) / 18
    expected = np.maximum(of_day[:, days], 0.05)
    scatter = np.maximum(
        (((base - expected[:, reference]) ** 2 - expected[:, reference]) / expected[:, reference] ** 2).mean(axis=1),
        0.02,
    )
    return total, expected, scatter[:, None]


def cusum(down: bool) -> Scores:
    def score(counts: Floats, ratio: float) -> Floats:
        total, expected, scatter = _expected(counts, slice(0, WARM))
        if not down:
            expected = expected * ratio
        after = expected * (ratio if down else 1 / ratio)
        shape = 1 / scatter
        step = total * np.log(after / (shape + after) * (shape + expected) / expected) + shape * np.log(
            (shape + expected) / (shape + after)
        )
        out, value = np.zeros_like(total), np.zeros(len(total))
        for day in range(WARM, total.shape[1]):
            value = np.maximum(value + step[:, day], 0.0)
            out[:, day] = value
        return out

    return score


def moving(down: bool) -> Scores:
    def score(counts: Floats, ratio: float) -> Floats:
        total, expected, _ = _expected(counts, slice(0, WARM))
        summed, base = (np.cumsum(x, axis=1) for x in (total, expected))
        last, usual = (np.concatenate([x[:, :3], x[:, 3:] - x[:, :-3]], axis=1) for x in (summed, base))
        return (1 - last / usual) if down else last / usual

    return score


def pelt(down: bool) -> Scores:
    def score(counts: Floats, ratio: float) -> Floats:
        total, expected, _ = _expected(counts, slice(0, WARM))
        relative = np.sqrt(total / expected)
        out = np.zeros_like(total)
        for line in range(len(total)):
            for day in range(WARM, total.shape[1]):
                window = relative[line, max(0, day - 59) : day + 1]
                gain = _best_cut(window)
                out[line, day] = gain if (window[-3:].mean() < window.mean()) == down else 0.0
        return out

    return score


def _best_cut(window: Floats) -> float:
    """The penalty below which PELT puts a change into the last ten days: what its last cut is worth."""
    low, high = 0.05, 60.0
    for _ in range(4):
        middle = float(np.sqrt(low * high))
        cuts = ruptures.Pelt(model="l2", min_size=1, jump=1).fit(window).predict(pen=middle * 0.1)
        if any(c >= len(window) - 10 for c in cuts[:-1]):
            low = middle
        else:
            high = middle
    return low


METHODS: dict[str, Callable[[bool], Scores]] = {
    "Teisen": teisen,
    "cusum": cusum,
    "mean of 3 days": moving,
    "pelt": pelt,
}


def alarm_days(score: Floats, threshold: float) -> list[list[int]]:
    """Days of alarms by line; after one the watch rests for two weeks, so that one spell is one alarm."""
    out = []
    for row in score:
        found, day = [], 0
        while day < len(row):
            if row[day] >= threshold:
                found.append(day)
                day += 14
            else:
                day += 1
        out.append(found)
    return out


def threshold_for(score: Floats, years: float) -> float:
    """Threshold at which there is one alarm a year, of those that stand on the days given."""
    low, high = float(score.min()), float(score.max()) + 1e-9
    for _ in range(40):
        middle = (low + high) / 2
        n = sum(map(len, alarm_days(score, middle)))
        low, high = (middle, high) if n > years else (low, middle)
    return high


def delays(down: bool, seed: int) -> list[str]:
    """Days until the change is found, at one false alarm a year."""
    rows = []
    for name, means in MEANS.items():
        known: dict[str, Floats] = {}
        for ratio in RATIOS:
            level = np.ones((CALM, WARM + 365))
            changed = np.ones((LINES, WARM + AT + 30))
            if down:
                changed[:, WARM + AT :] = ratio
            else:
                level[:, WARM:] = ratio
                changed[:, WARM : WARM + AT] = ratio
            calm = simulate(np.random.default_rng(seed), level, means)
            scored = simulate(np.random.default_rng(seed + 1), changed, means)
            cells = []
            for method, make in METHODS.items():
                if method == "pelt" and (name != "14 a day" or ratio != 0.12):
                    cells.append("")
                    continue
                few = method == "pelt"
                if method not in known or not down or method == "cusum":
                    known[method] = make(down)(calm[: 4 if few else None], ratio)[:, WARM + 14 :]
                quiet = known[method]
                years = len(quiet) * quiet.shape[1] / 365
                stated = FALL_FROM if down else RETURN_FROM
                at = stated if method == "Teisen" else threshold_for(quiet, years)
                after = make(down)(scored[: 12 if few else None], ratio)[:, WARM + AT :]
                wait = [next((n + 1 for n, x in enumerate(row) if x >= at), 31) for row in after]
                within = np.mean([w <= 2 for w in wait])
                cells.append(f"{np.median(wait):.0f} ({np.quantile(wait, 0.9):.0f}), {within:.0%}")
                if method == "Teisen":
                    cells.append(f"{sum(map(len, alarm_days(quiet, at))) / years:.2f}")
            rows.append(f"| {name} | {ratio:g} | {' | '.join(cells)} |")
            print(rows[-1], flush=True)
    return rows


def delay_tables() -> None:
    head = [
        "| counts before | level | Teisen | its false alarms a year | cusum | mean of 3 days | pelt |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    rewrite("change-fall", [*head, *delays(True, 11)])
    rewrite("change-return", [*head, *delays(False, 21)])


DAY0 = datetime(2021, 1, 1, tzinfo=UTC)
SCENARIOS = {
    "nothing": "none",
    "one source of three falls silent": "source",
    "one source reports a third of what it did": "half",
    "one source is cut off, and says so": "outage",
    "clouds come over one source, and it says so": "cloud",
    "access shrinks to 15 %, and it is stated": "access",
    "the only source falls silent": "alone",
    "two sources of three fall silent": "two",
    "all sources lose 88 % alike, unstated": "all",
    "a truce: 12 % of before": "truce",
    "a truce, and one source falls silent": "truce, one source fails",
}


def of_lines(counts: Floats, effort: Floats) -> Lines:
    """Lines without a reading, each under a name of its own."""
    n, days, sources = counts.shape
    starts = tuple(DAY0 + timedelta(days=d) for d in range(days + 1))
    keys = tuple((f"line-{i:04d}", "", "") for i in range(n))
    return Lines(keys, starts, tuple("abcdef"[:sources]), counts, effort, np.zeros((n, days)), weekdays(days))


def rivals() -> None:
    """Scenarios in which nothing changed but what could be seen, and those in which something did."""
    rows = []
    rng = np.random.default_rng(31)
    for name, change in SCENARIOS.items():
        counts = simulate(rng, np.ones((LINES, WARM + AT + 30)), MEANS["14 a day"])
        effort = np.ones_like(counts)
        after = slice(WARM + AT, None)
        if change in ("truce", "truce, one source fails"):
            level = np.ones((LINES, WARM + AT + 30))
            level[:, after] = 0.12
            counts = simulate(rng, level, MEANS["14 a day"])
        if change in ("source", "truce, one source fails"):
            counts[:, after, 0] = 0.0
        if change == "half":
            counts[:, after, 0] = rng.binomial(counts[:, after, 0].astype(int), 0.3)
        if change == "access":
            effort[:, after] = 0.15
            counts[:, after] = rng.binomial(counts[:, after].astype(int), 0.15)
        if change == "cloud":
            effort[:, after, 0] = np.clip(rng.beta(1.2, 4.0, size=effort[:, after, 0].shape), 0.02, 1)
            counts[:, after, 0] = rng.binomial(counts[:, after, 0].astype(int), effort[:, after, 0])
        if change == "outage":
            effort[:, after, 0] = 0.0
            counts[:, after, 0] = 0.0
        if change == "alone":
            counts, effort = counts[:, :, :1].copy(), effort[:, :, :1]
            counts[:, after] = 0.0
        if change == "two":
            counts[:, after, :2] = 0.0
        if change == "all":
            counts[:, after] = rng.binomial(counts[:, after].astype(int), 0.12)
        found = changes(of_lines(counts, effort)).filter(
            (pl.col("what") == "fall") & (pl.col("start") >= DAY0 + timedelta(days=WARM + AT - 3))
        )
        words = dict(found.group_by("word").agg(pl.col("agreement_id").n_unique()).iter_rows())
        called = found.filter(pl.col("word") == "behaviour")["agreement_id"].n_unique()
        quiet = LINES - found["agreement_id"].n_unique()
        cells = [f"{words.get(w, 0) / LINES:.0%}" for w in ("instrument", "access", "cannot_tell", "scatter")]
        rows.append(f"| {name} | {called / LINES:.0%} | {' | '.join(cells)} | {quiet / LINES:.0%} |")
        print(rows[-1], flush=True)
    head = [
        "| what happens on the day | called behaviour | instrument | access | cannot tell | scatter | no row |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    rewrite("change-rivals", [*head, *rows])


def activity_of_real() -> pl.DataFrame:
    """Alerts started, launches stated and reports of a use of force by day, from the files as they are."""
    data = data_folder()
    if data is None:
        raise SystemExit("There is no folder of real data: set TEISEN_DATA.")
    moment = pl.col("started_at").str.slice(0, 19).str.to_datetime()
    alerts = pl.read_csv(next((data / "air_raid_alerts").glob("alerts_oblast_merged*")))
    alerts = alerts.with_columns(day=moment.dt.date()).group_by("day").len("alerts")
    tallies = pl.read_csv(data / "uaf_missile_attacks" / "missile_attacks_daily.csv.gz", infer_schema_length=None)
    tallies = tallies.with_columns(day=pl.col("time_start").str.slice(0, 10).str.to_date())
    tallies = tallies.group_by("day").agg(launched=pl.col("launched").cast(pl.Float64).sum())
    parts = []
    for path in sorted((data / "viina_reports").glob("viina_incidents_*.csv.gz")):
        month = pl.read_csv(path).with_columns(day=pl.col("datetime").str.slice(0, 10).str.to_date())
        parts.append(month.filter(pl.col("event_type").fill_null("").str.contains("airstrike|uav|artillery|firefigh")))
    news = pl.concat(parts).group_by("day").len("news")
    days = pl.DataFrame({"day": pl.date_range(date(2022, 10, 1), date(2026, 6, 1), eager=True)})
    for frame in (alerts, tallies, news):
        days = days.join(frame.with_columns(pl.col("day").cast(pl.Date)), on="day", how="left")
    return days.sort("day").with_columns(pl.col("alerts", "launched").fill_null(0).cast(pl.Float64))


PERIODS = {
    "alerts, tallies, news": (("alerts", "launched", "news"), date(2024, 1, 1), date(2025, 8, 31)),
    "alerts, tallies": (("alerts", "launched"), date(2022, 10, 1), date(2026, 6, 1)),
}
TRUCES = ((date(2025, 4, 19), date(2025, 4, 20)), (date(2025, 5, 8), date(2025, 5, 10)))
"""Announced from 19 April 18:00 to 21 April 00:00, and from 8 May 00:00 to 11 May 00:00, Moscow time."""


def real() -> None:
    """Every spell in which the daily watch found less happening, on each set of sources."""
    days = activity_of_real()
    rows = []
    for name, (columns, first, last) in PERIODS.items():
        part = days.filter((pl.col("day") >= first) & (pl.col("day") <= last))
        counts = part.select(pl.col(columns).fill_null(0).cast(pl.Float64)).to_numpy()[None]
        effort = part.select(pl.col(columns).is_not_null().cast(pl.Float64)).to_numpy()[None]
        weekday = part["day"].dt.weekday().to_numpy() - 1
        dates = part["day"].to_list()
        of = Lines(
            (EVERYTHING,),
            tuple(datetime(d.year, d.month, d.day, tzinfo=UTC) for d in (*dates, dates[-1] + timedelta(days=1))),
            columns, counts, effort, np.zeros((1, len(dates))), weekday.astype(np.int64),
        )  # fmt: skip
        table = changes(of).sort("start").filter((pl.col("what") == "fall") | (pl.col("word") != "scatter"))
        falls = table.filter((pl.col("what") == "fall") & (pl.col("p_behaviour") >= 0.5))
        for row in falls.iter_rows(named=True):
            start = row["start"].date()
            back = table.filter((pl.col("what") == "return") & (pl.col("start") > row["start"]))["start"]
            end = back[0].date() - timedelta(days=1) if len(back) else last
            truce = any(abs((start - a).days) <= 1 and abs((end - b).days) <= 1 for a, b in TRUCES)
            found = (row["found"] - timedelta(days=1)).date() if row["found"] else None
            rows.append(
                f"| {name} | {start} to {end} | {found} | {row['ratio']:g} | {row['p_behaviour']:.2f} | "
                f"{'a truce of the agreements' if truce else ''} |"
            )
            print(rows[-1], flush=True)
    head = [
        "| sources | spell | alarm at the end of | level | P(behaviour) | known as |",
        "|---|---|---|---:|---:|---|",
    ]
    rewrite("change-real", [*head, *rows])


def cases() -> None:
    """The answers that the cases of real data give, by reading."""
    rows = []
    for name in ("easter-2025", "energy-2025"):
        with tempfile.TemporaryDirectory() as folder:
            case = Case.create(Path(folder) / name, library("cases") / name)
            ingest_all(case, data_folder())
            table = derive(case)["verdict"].sort("start")
        for key, days in table.group_by("agreement_id", "provision_id", "reading_id", maintain_order=True):
            count = dict(days.group_by("word").len().iter_rows())
            cells = [str(count.get(w, 0)) for w in ("holding", "eroding", "collapsed", "cannot_tell")]
            most = days.group_by("says").len().sort("len", "says", descending=True)["says"][0]
            span = f"{days['start'][0].date()} to {days['start'][-1].date()}"
            rows.append(f"| {key[0]}, {key[2]} | {span} | {' | '.join(cells)} | {most} |")
    head = ["| reading | days | holding | eroding | collapsed | cannot tell | the reason given most often |"]
    rewrite("change-cases", [*head, "|---|---|---:|---:|---:|---:|---|", *sorted(rows)])


def looking_back() -> None:
    """The exact cut and PELT on the spring of 2025, alerts and launches together."""
    days = activity_of_real().filter((pl.col("day") >= date(2025, 3, 1)) & (pl.col("day") <= date(2025, 6, 30)))
    dates, counts = days["day"].to_list(), days.select("alerts", "launched").to_numpy()
    spells = segments(counts)
    scaled = np.sqrt(counts / counts.mean(axis=0))
    cuts = ruptures.Pelt(model="l2", min_size=1, jump=1).fit(scaled).predict(pen=3 * np.log(len(dates)) * scaled.var())
    ours = ", ".join(f"{dates[s.first]} to {dates[s.last]}: {s.rate:.0f}" for s in spells)
    theirs = ", ".join(str(dates[c]) for c in cuts[:-1])
    rewrite(
        "change-segments",
        [
            "| method | spells of March to June 2025 (alerts and launches a day), or first days of a new spell |",
            "|---|---|",
            f"| Teisen, exact cut | {ours} |",
            f"| ruptures, PELT | {theirs or 'none'} |",
        ],
    )


if __name__ == "__main__":
    rivals()
    real()
    cases()
    looking_back()
    delay_tables()
