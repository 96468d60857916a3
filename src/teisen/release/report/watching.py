"""What was seen with what: every source's exposure by region on one day, and by day over the period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from teisen.release.report import words
from teisen.release.report.days import Days, bounds

STATE_ORDER = list(words.STATES)
EVERYWHERE = "*"
"""Region of exposure that names no place: it holds for every region."""


@dataclass(frozen=True)
class Cell:
    """What one source could see in one region on the day.

    ``state`` is that of the longest time, ``share`` its share of the time stated, ``low`` and ``high`` the least and
    the greatest P(detect) over kinds of incident while watched (None: not known, not released), ``says`` the reasons.
    """

    state: str
    share: float
    low: float | None
    high: float | None
    says: str

    @property
    def text(self) -> str:
        """The cell in words."""
        if self.state == words.UNSTATED:
            return self.state
        text = words.STATES.get(self.state, self.state)
        if self.share < 0.995:
            text += f" {self.share * 100:.0f} % of the time stated"
        if self.high is not None and self.state == "watched":
            span = f"{words.chance(self.low)}–{words.chance(self.high)}"
            text += f", P {words.chance(self.high) if self.low == self.high else span}"
        return text


NOTHING = Cell(words.UNSTATED, 1.0, None, None, "the source states no effort here on this day")


@dataclass(frozen=True)
class Watch:
    """What one source could see on the day, by region id; ``says`` puts it in a sentence."""

    source_id: str
    title: str
    cells: dict[str, Cell]
    says: str


def of_day(days: Days) -> list[Watch]:
    """Every source that may report incidents, and every other that states exposure, with its cells on the day."""
    start, end = days.bounds
    rows = _clipped(days.table("exposure"), start, end)
    everywhere = pl.col("area_id").is_null() & pl.col("lon").is_null()
    rows = days.place(rows).with_columns(region=pl.when(everywhere).then(pl.lit(EVERYWHERE)).otherwise("region"))
    by_state = (
        rows.group_by("source_id", "region", "kind", "state")
        .agg(pl.col("seconds").sum(), pl.col("p_detect").min().alias("low"), pl.col("p_detect").max().alias("high"))
        .group_by("source_id", "region", "state")
        .agg(pl.col("seconds").mean(), pl.col("low").min(), pl.col("high").max())
    )
    reasons = (
        rows.group_by("source_id", "region", "state", "reason")
        .agg(pl.col("seconds").sum())
        .sort(-pl.col("seconds"), "reason")
        .group_by("source_id", "region", "state", maintain_order=True)
        .agg(pl.col("reason").head(3))
    )
    by_state = by_state.join(reasons, on=["source_id", "region", "state"], how="left")
    cells: dict[str, dict[str, Cell]] = {}
    for (source_id, region), group in by_state.partition_by("source_id", "region", as_dict=True).items():
        cells.setdefault(str(source_id), {})[str(region)] = _cell(group)
    ids = days.regions["area_id"].to_list()
    watchers = [i for i, s in days.about.sources.items() if i in cells or s.profile.role != "context"]
    known = [*watchers, *sorted(set(cells) - set(watchers))]
    return [
        Watch(source, days.about.source_title(source), mine, _says(mine, ids))
        for source in known
        for mine in [_filled(cells.get(source, {}), [*ids, ""])]
    ]


def _filled(cells: dict[str, Cell], regions: list[str]) -> dict[str, Cell]:
    general = cells.get(EVERYWHERE, NOTHING)
    return {region: cells.get(region, general) for region in regions}


def _clipped(exposure: pl.DataFrame, start: datetime, end: datetime) -> pl.DataFrame:
    """Rows that overlap an interval, with the seconds of overlap; a moment counts for one second."""
    overlap = pl.min_horizontal("end", pl.lit(end)) - pl.max_horizontal("start", pl.lit(start))
    moment = (pl.col("start") == pl.col("end")) & (pl.col("start") >= start)
    return exposure.filter((pl.col("start") < end) & ((pl.col("end") > start) | moment)).with_columns(
        seconds=overlap.dt.total_seconds().clip(1)
    )


def _cell(group: pl.DataFrame) -> Cell:
    total = group["seconds"].sum()
    ranked = sorted(
        group.iter_rows(named=True), key=lambda r: (-r["seconds"], STATE_ORDER.index(r["state"]), r["state"])
    )
    first = ranked[0]
    watched = next((r for r in ranked if r["state"] == "watched"), first)
    says = "; ".join(
        f"{words.STATES.get(r['state'], r['state'])}: {', '.join(r['reason'])}" if r["reason"] else r["state"]
        for r in ranked
    )
    return Cell(first["state"], first["seconds"] / total, watched["low"], watched["high"], says)


def _says(cells: dict[str, Cell], regions: list[str]) -> str:
    """One source's day in words: in how many regions it watched, was hindered, or stated nothing."""
    counts: dict[str, int] = {}
    for region in regions:
        counts[cells[region].state] = counts.get(cells[region].state, 0) + 1
    if not regions or set(counts) == {words.UNSTATED}:
        outside = cells[""]
        if outside.state == words.UNSTATED:
            return "states no effort for this day: whether it looked is not known"
        return f"{outside.text}, for no region in particular"
    order = [*STATE_ORDER, words.UNSTATED]
    ranked = sorted(counts.items(), key=lambda c: (order.index(c[0]) if c[0] in order else len(order), c[0]))
    of = words.plural(len(regions), "region")
    return words.listing([f"{words.STATES.get(s, s)} in {n} of {of}" for s, n in ranked])


def by_day(days: Days, first: date, last: date) -> pl.DataFrame:
    """Share of the stated time (mean over areas and kinds) in each state: source_id, day, state, share, high."""
    rows = []
    exposure = days.table("exposure")
    start, after = bounds(first, days.about.zone)[0], bounds(last, days.about.zone)[1]
    exposure = exposure.filter((pl.col("start") < after) & (pl.col("end") >= start))
    for n in range((last - first).days + 1):
        day = date.fromordinal(first.toordinal() + n)
        clipped = _clipped(exposure, *bounds(day, days.about.zone))
        rows.append(
            clipped.group_by("source_id", "state")
            .agg(pl.col("seconds").sum(), pl.col("p_detect").max().alias("high"))
            .with_columns(share=pl.col("seconds") / pl.col("seconds").sum().over("source_id"), day=pl.lit(day))
        )
    columns = ["source_id", "day", "state", "share", "high"]
    return pl.concat(rows).select(columns).sort("source_id", "day", "state")


def verdict(watches: list[Watch], region: str) -> str:
    """Whether a region with no incident was looked at: watched, blind or unstated, over all sources."""
    cells = [w.cells[region] for w in watches]
    if any((c.high or 0) > 0 or (c.state == "watched" and c.high is None) for c in cells):
        return "watched"
    return "unstated" if all(c.state in {words.UNSTATED, "unknown"} for c in cells) else "blind"
