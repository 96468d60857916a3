"""The strip chart: what each day brought, what could be seen on it, and whose reading was in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from markupsafe import Markup

from teisen.languages import say
from teisen.observation import attack_kinds
from teisen.release.report import watching, words
from teisen.release.report.days import Days, bounds
from teisen.release.report.drawing import label, tag
from teisen.release.report.groups import of_group
from teisen.release.report.terms import ReadingOfDay, beside

WIDTH, LEFT, RIGHT, PANEL, ROW, HEAD = 960, 272, 12, 66, 18, 22
NEAR = timedelta(days=3)
"""Days before and after those reported that the text of the chart names."""
EXPOSURE_CLASSES = ("watched", "cloud", "no_data", "outage", "refused", "jammed", "unknown")


@dataclass(frozen=True)
class Series:
    """One number a day: its key in the CSV, its title, what it counts, and its values by day (None: nothing stated)."""

    key: str
    title: str
    note: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Chart:
    """The drawing, its days, its series and the exposure by day."""

    svg: Markup
    days: tuple[date, ...]
    series: tuple[Series, ...]
    exposure: pl.DataFrame


def draw(days: Days, readings: list[ReadingOfDay]) -> Chart:
    """The chart of the days around the day."""
    shown = days.drawn
    series = _series(days, shown)
    exposure = watching.by_day(days, shown[0], shown[-1])
    known = [s for s in days.about.sources if s in set(exposure["source_id"])]
    known += sorted(set(exposure["source_id"]) - set(known))
    says = " ".join(_says(s, shown, days.reported) for s in series)
    height = HEAD + len(series) * (PANEL + 14) + (len(known) + len(readings) + 2) * ROW + 30
    step = (WIDTH - LEFT - RIGHT) / len(shown)
    parts = [tag("title", say("Day by day: {series}", series=", ".join(s.title for s in series))), tag("desc", says)]
    at = shown.index(days.reported[0])
    wide = len(days.reported) * step
    parts.append(tag("rect", x=LEFT + at * step, y=0, width=wide, height=height, class_="today"))
    parts.append(_dates(shown, step, HEAD - 8))
    top: float = HEAD
    for one in series:
        parts.append(_panel(one, shown, step, top, days.reported))
        top += PANEL + 14
    top += ROW
    parts.append(tag("text", say("What could be seen, by source"), x=4, y=top - 5, class_="head"))
    for source in known:
        mine = exposure.filter(pl.col("source_id") == source)
        parts.append(_strip(mine, days.about.source_title(source), shown, step, top))
        top += ROW
    top += ROW
    if readings:
        parts.append(tag("text", say("In force, by reading"), x=4, y=top - 5, class_="head"))
    for place, reading in enumerate(readings):
        parts.append(_bar(reading, days, shown, (step, top), f"window w{place % 4}"))
        top += ROW
    parts.append(_dates(shown, step, top + 14))
    svg = tag("svg", *parts, viewBox=f"0 0 {WIDTH} {int(top + 22)}", role="img", class_="chart")
    return Chart(svg, tuple(shown), tuple(series), exposure)


def _series(days: Days, shown: list[date]) -> list[Series]:
    assessed = days.incidents.filter(of_group("force")).group_by("day").agg(pl.col("p_conflict").sum())
    traces, rest = (
        days.incidents.filter(of_group(group)).group_by("day").agg(pl.len().cast(pl.Float64))
        for group in ("trace", "rest")
    )
    summed = say("sum of P(conflict) of all recorded")
    found = [
        Series("force_assessed", say("Uses of force, assessed"), summed, _values(assessed, shown, empty=0.0)),
    ]
    for source_id in _in_order(days):
        found += _of_source(days, source_id, shown)
    found.append(
        Series(
            "traces_recorded",
            say("Fires and other traces"),
            say("recorded; cause not told"),
            _values(traces, shown, empty=0.0),
        )
    )
    others = _values(rest, shown, empty=0.0)
    if any(others):
        found.append(Series("rest_recorded", say("Movements and other things"), say("recorded"), others))
    return found


def _of_source(days: Days, source_id: str, shown: list[date]) -> list[Series]:
    """What the source brought each day: reports of a use of force, alerts started, launches stated."""
    source = days.about.sources.get(source_id)
    title = days.about.source_title(source_id)
    mine = days.table("activity").filter(pl.col("source_id") == source_id)
    mine = mine.with_columns(_own_day(mine).alias("day"))
    found: list[Series] = []
    reports = mine.filter((pl.col("role") == "makes") & pl.col("kind").is_in(attack_kinds()))
    if reports.height:
        values = _values(_sum(reports, "rows"), shown, empty=0.0)
        found.append(Series(f"force_reports:{source_id}", say("Reports of a use of force"), title, values))
    alerts = mine.filter(pl.col("kind") == "alert")
    if alerts.height:
        values = _values(_sum(alerts, "rows"), shown, empty=0.0)
        found.append(Series(f"alerts_started:{source_id}", say("Alerts started"), title, values))
    launched = mine.filter(pl.col("count_unit") == "launched")
    if launched.height:
        head = say("Launched, as stated")
        if source and source.reported_by:
            head = say("Launched, as {party} states", party=days.about.name_of(source.reported_by))
        clock = say("by day of start, clock of {zone}", zone=", ".join(launched["zone"].unique().sort()))
        values = _values(_sum(launched, "total"), shown, empty=None)
        found.append(Series(f"launched_stated:{source_id}", head, f"{clock}; {title}", values))
    return found


def _own_day(rows: pl.DataFrame) -> pl.Series:
    """The day of each row on its own clock; taken at its middle, which no change of the clock moves."""
    zones = rows["zone"].unique().sort().to_list()
    middle = pl.col("start") + (pl.col("end") - pl.col("start")) / 2
    days = [pl.when(pl.col("zone") == z).then(middle.dt.convert_time_zone(z).dt.date()) for z in zones]
    return rows.select(pl.coalesce(days) if days else pl.lit(None, dtype=pl.Date)).to_series()


def _sum(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    return rows.sort("kind").group_by("day").agg(pl.col(column).sum())


def _in_order(days: Days) -> list[str]:
    there = set(days.table("activity")["source_id"])
    return [s for s in days.about.sources if s in there] + sorted(there - set(days.about.sources))


def _values(by_day: pl.DataFrame, shown: Sequence[date], *, empty: float | None) -> tuple[float | None, ...]:
    known = dict(by_day.iter_rows())
    return tuple(round(known[d], 4) if d in known else empty for d in shown)


def _says(one: Series, shown: list[date], told: list[date]) -> str:
    parts = [
        f"{words.day_short(d)}: {say('none stated') if v is None else words.number(v)}"
        for d, v in zip(shown, one.values, strict=True)
        if told[0] - NEAR <= d <= told[-1] + NEAR
    ]
    return f"{one.title} ({one.note}): {'; '.join(parts)}."


def _dates(shown: list[date], step: float, y: float) -> Markup:
    says = [f"{d.day}" if n and d.day != 1 else words.day_short(d) for n, d in enumerate(shown)]
    return tag("g", *(tag("text", s, x=LEFT + (n + 0.5) * step, y=y, class_="tick") for n, s in enumerate(says)))


def _panel(one: Series, shown: list[date], step: float, top: float, today: list[date]) -> Markup:
    """One series as bars with their values above; a day with nothing stated has a dash and no bar."""
    greatest = max([v for v in one.values if v is not None] or [0]) or 1
    base, room = top + PANEL, PANEL - 16
    parts = [
        _label(one.title, 42, top + 26, "name"),
        _label(one.note, 48, top + 42, "note"),
        tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=base, y2=base, class_="axis"),
    ]
    for n, (d, value) in enumerate(zip(shown, one.values, strict=True)):
        x, high = LEFT + n * step, room * (value or 0) / greatest
        said = say("none stated") if value is None else words.number(value)
        bar = tag("rect", x=x + step * 0.14, y=base - high, width=step * 0.72, height=high, class_="bar")
        text = "–" if value is None else words.number(value, 0 if value >= 10 else 1)
        class_ = "value today-value" if shown[n] in today else "value"
        label = tag("text", text, x=x + step / 2, y=base - high - 3, class_=class_)
        parts.append(tag("g", tag("title", f"{words.day(d)}: {said}"), *([bar] if value else []), label))
    return tag("g", *parts)


def _label(text: str, most: int, y: float, class_: str) -> Markup:
    return tag("text", tag("title", text), Markup.escape(label(text, most)), x=4, y=y, class_=class_)


def _strip(mine: pl.DataFrame, title: str, shown: list[date], step: float, top: float) -> Markup:
    """One source's exposure: each day a column cut by the share of the stated time in each state."""
    parts = [_label(title, 40, top + 12, "name")]
    by_day: dict[date, dict[str, float]] = {}
    sights: dict[date, str] = {}
    for d, state, part, sight in mine.select("day", "state", "share", "sight").iter_rows():
        by_day.setdefault(d, {})[state] = part
        if state == "watched":
            sights[d] = sight
    for n, d in enumerate(shown):
        x, states, y = LEFT + n * step, by_day.get(d, {}), top + 1.0
        if not states:
            said = tag("title", f"{words.day(d)}: {say(words.UNSTATED)}")
            parts.append(tag("rect", said, x=x + 0.5, y=y, width=step - 1, height=ROW - 4, class_="ex-none"))
            continue
        listed = ", ".join(f"{words.state(s)} {words.share(states[s])}" for s in EXPOSURE_CLASSES if s in states)
        listed += (
            "; " + say("an attack of the kind seen best {parts}", parts=say(watching.SIGHT[sights[d]]))
            if d in sights
            else ""
        )
        cells = []
        for state in EXPOSURE_CLASSES:
            if state in states:
                high = (ROW - 4) * states[state]
                class_ = f"ex-{state} sight-{sights[d]}" if state == "watched" else f"ex-{state}"
                cells.append(tag("rect", x=x + 0.5, y=y, width=step - 1, height=high, class_=class_))
                y += high
        parts.append(tag("g", tag("title", f"{words.day(d)}: {listed}"), *cells))
    return tag("g", *parts)


def _bar(one: ReadingOfDay, days: Days, shown: list[date], at: tuple[float, float], class_: str) -> Markup:
    """One reading's window; an end beyond the days drawn is open."""
    step, top = at
    first, after = bounds(shown[0], days.about.zone)[0], bounds(shown[-1], days.about.zone)[1]
    title = f"{one.label} {one.held_by}, {one.agreement}: {one.provision.title}"
    parts = [tag("text", tag("title", title), Markup.escape(beside(one, 40)), x=4, y=top + 12, class_="name")]
    start, end = one.reading.start or first, one.reading.end or after
    if start < after and end > first:
        whole = (after - first).total_seconds()

        def x(t: datetime) -> float:
            inside = min(max(t, first), after)
            return LEFT + (inside - first).total_seconds() / whole * step * len(shown)

        zone = days.about.zone
        begins = words.moment(one.reading.start, zone) if one.reading.start else say("no start stated")
        ends = words.moment(one.reading.end, zone) if one.reading.end else say("no end stated")
        says = tag("title", say("{title}: from {begins} to {ends}", title=title, begins=begins, ends=ends))
        parts.append(tag("rect", says, x=x(start), y=top + 3, width=x(end) - x(start), height=ROW - 8, class_=class_))
    return tag("g", *parts)
