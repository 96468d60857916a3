"""What was seen with what: every source's exposure by region on one day, and by day over the period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from teisen.languages import counted, say, say_again, text
from teisen.observation import attack_kinds
from teisen.release.report import words
from teisen.release.report.days import Days, bounds
from teisen.release.watch import PERHAPS, PROBABLY, covered, over_all

STATE_ORDER = list(words.STATES)
SIGHT = {
    "probably": text("would probably be seen"),
    "perhaps": text("may be seen"),
    "hardly": text("would hardly be seen"),
    "unknown": text("how well is not known"),
    "blind": text("could not be seen"),
    "unstated": words.UNSTATED,
}
"""How well an attack would be seen, best first, in the words that a release uses where it gives no probability."""
RANK = {sight: rank for rank, sight in enumerate(SIGHT)}
EVERYWHERE = "*"
"""Region of exposure that names no place: it holds for every region."""


@dataclass(frozen=True)
class Cell:
    """What one source could see in one region on the day.

    ``state`` is that of the longest time, ``share`` its share of the time stated, ``low`` and ``high`` the least and
    the greatest P(detect) over kinds of attack while watched (None: not known, not released), of watched places over
    the region's ground and the day (:func:`teisen.release.watch.over_all`), ``says`` the reasons.
    ``sight`` is how well an attack would have been seen, a key of SIGHT.
    """

    state: str
    share: float
    low: float | None
    high: float | None
    says: str
    sight: str

    @property
    def text(self) -> str:
        """The cell in words."""
        if self.state == words.UNSTATED:
            return say(self.state)
        if self.state != "watched":
            state = words.state(self.state)
            share = words.share(self.share)
            return state if self.share > 0.995 else say("{state} {share} of the time stated", state=state, share=share)
        sight = say(SIGHT[self.sight])
        if self.high is None:
            return sight
        span = f"{words.chance(self.low)}–{words.chance(self.high)}"
        return f"{sight}, P {words.chance(self.high) if self.low == self.high else span}"


NO_EFFORT = text("the source states no effort here on this day")
NOTHING = Cell(words.UNSTATED, 1.0, None, None, NO_EFFORT, "unstated")


@dataclass(frozen=True)
class Watch:
    """What one source could see on the day, by region id; ``says`` puts it in a sentence.

    ``kinds`` says which kinds of attack it sees how well where it sees each best; empty: it states none, or all alike.
    """

    source_id: str
    title: str
    cells: dict[str, Cell]
    says: str
    kinds: str

    @property
    def told(self) -> str:
        """The whole of it."""
        return f"{words.sentence(self.says)} {self.kinds}".strip()


def of_day(days: Days) -> list[Watch]:
    """Every source that may report incidents, and every other that states exposure, with its cells on the day."""
    start, end = days.bounds
    rows = _clipped(days.table("exposure").filter(pl.col("kind").is_in(attack_kinds())), start, end)
    everywhere = pl.col("area_id").is_null() & pl.col("lon").is_null()
    rows = days.place(rows).with_columns(region=pl.when(everywhere).then(pl.lit(EVERYWHERE)).otherwise("region"))
    rows = rows.with_columns(covered(rows, rows["region"], days.regions))
    low, high = over_all((end - start).total_seconds())
    kinds = _kinds(rows.filter(pl.col("state") == "watched"), high)
    by_state = (
        rows.group_by("source_id", "region", "kind", "state")
        .agg(pl.col("seconds").sum(), low=low, high=high)
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
        Watch(source, days.about.source_title(source), mine, _says(mine, ids), kinds.get(source, ""))
        for source in known
        for mine in [_filled(cells.get(source, {}), [*ids, ""])]
    ]


def _kinds(watched: pl.DataFrame, best: pl.Expr) -> dict[str, str]:
    """Of each source, which kinds of attack it sees how well in the region where it sees them best, in a sentence."""
    each = watched.group_by("source_id", "kind", "region").agg(pl.col("reason").unique(), high=best)
    each = each.group_by("source_id", "kind").agg(pl.col("high").max(), pl.col("reason").list.explode().unique())
    found: dict[str, dict[str, str]] = {}
    for source, kind, high, reasons in each.select("source_id", "kind", "high", "reason").iter_rows():
        found.setdefault(source, {})[kind] = _sight(high, reasons)
    return {source: _by_sight(sights) for source, sights in found.items()}


def _by_sight(sights: Mapping[str, str]) -> str:
    """Kinds by how well they are seen, best first, those of which the source states nothing last."""
    by_sight = {sight: [k for k in attack_kinds() if sights.get(k, "unstated") == sight] for sight in SIGHT}
    parts = [
        say("{sight}: {kinds}", sight=say(SIGHT[sight]), kinds=words.listing([words.kind(k) for k in kinds]))
        for sight, kinds in by_sight.items()
        if kinds
    ]
    return say("By kind, where it sees best: {parts}.", parts="; ".join(parts)) if len(parts) > 1 else ""


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
    watched = next((r for r in ranked if r["state"] == "watched"), None)
    says = "; ".join(
        f"{words.state(r['state'])}: {', '.join(map(say_again, r['reason']))}"
        if r["reason"]
        else words.state(r["state"])
        for r in ranked
    )
    share = first["seconds"] / total
    if watched is None:
        sight = "unknown" if first["state"] == "unknown" else "blind"
        return Cell(first["state"], share, None, None, says, sight)
    return Cell(
        first["state"], share, watched["low"], watched["high"], says, _sight(watched["high"], watched["reason"])
    )


def _sight(p: float | None, reasons: list[str]) -> str:
    """How well an attack would be seen, from its probability, else from the words that a release put in its place."""
    if p is None:
        return min((s for s, says in SIGHT.items() if says in (reasons or [])), key=RANK.__getitem__, default="unknown")
    return "probably" if p >= PROBABLY else "perhaps" if p >= PERHAPS else "hardly" if p > 0 else "blind"


def _says(cells: dict[str, Cell], regions: list[str]) -> str:
    """One source's day in words: in how many regions it watched, was hindered, or stated nothing."""
    counts = Counter(_word(cells[region]) for region in regions)
    if not regions or set(counts) == {words.UNSTATED}:
        outside = cells[""]
        if outside.state == words.UNSTATED:
            return say("states no effort for this day: whether it looked is not known")
        return say("{state}, for no region in particular", state=outside.text)
    order = [*SIGHT.values(), *words.STATES.values()]
    ranked = sorted(counts.items(), key=lambda c: (order.index(c[0]) if c[0] in order else len(order), c[0]))
    parts = [
        counted(
            len(regions),
            "{word} in {part} of {n} region",
            "{word} in {part} of {n} regions",
            word=say(word),
            part=words.number(n),
        )
        for word, n in ranked
    ]
    listed = words.listing(parts)
    return (
        say("an attack of the kind seen best {parts}", parts=listed)
        if ranked[0][0] in list(SIGHT.values())[:3]
        else listed
    )


def _word(cell: Cell) -> str:
    """The cell in a word: how well an attack would be seen where it was watched, else what stood in the way."""
    if cell.state in {"watched", words.UNSTATED}:
        return SIGHT[cell.sight]
    return words.STATES.get(cell.state, cell.state)


def by_day(days: Days, first: date, last: date) -> pl.DataFrame:
    """Share of the stated time (over areas and kinds of attack) in each state, and the best sight there was.

    Returns: source_id, day, state, share, high (greatest P(detect)), sight (a key of SIGHT).
    """
    rows = []
    exposure = days.table("exposure").filter(pl.col("kind").is_in(attack_kinds()))
    start, after = bounds(first, days.about.zone)[0], bounds(last, days.about.zone)[1]
    exposure = days.place(exposure.filter((pl.col("start") < after) & (pl.col("end") >= start)))
    exposure = exposure.with_columns(covered(exposure, exposure["region"], days.regions))
    for n in range((last - first).days + 1):
        day = date.fromordinal(first.toordinal() + n)
        begins, ends = bounds(day, days.about.zone)
        clipped = _clipped(exposure, begins, ends)
        best = over_all((ends - begins).total_seconds())[1]
        rows.append(
            clipped.group_by("source_id", "state", "region", "kind")
            .agg(pl.col("seconds").sum(), pl.col("reason").unique(), high=best)
            .group_by("source_id", "state")
            .agg(pl.col("seconds").sum(), pl.col("high").max(), pl.col("reason").list.explode().unique())
            .with_columns(share=pl.col("seconds") / pl.col("seconds").sum().over("source_id"), day=pl.lit(day))
        )
    found = pl.concat(rows)
    sights = [_sight(p, reasons) for p, reasons in found.select("high", "reason").iter_rows()]
    columns = ["source_id", "day", "state", "share", "high", "sight"]
    return found.with_columns(pl.Series("sight", sights, dtype=pl.String)).select(columns).sort(columns[:3])


def verdict(days: Days, watches: list[Watch], region: str) -> str:
    """How well an attack in a region would have been recorded, a key of SIGHT, by the best source that records any."""
    sources = days.about.sources
    makers = [w for w in watches if w.source_id not in sources or sources[w.source_id].profile.role == "makes"]
    return min((w.cells[region].sight for w in makers), key=RANK.__getitem__, default="unstated")
