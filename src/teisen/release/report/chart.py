"""The strip chart: what each day brought, what could be seen on it, and whose reading was in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from markupsafe import Markup

from teisen.observation import attack_kinds
from teisen.release.report import watching, words
from teisen.release.report.days import Days, bounds, day_of, span, start_day
from teisen.release.report.drawing import tag
from teisen.release.report.terms import ReadingOfDay

AROUND = 10
"""Days drawn before and after the day, at most; a case of up to twice as many and one is drawn whole."""
WIDTH, LEFT, RIGHT, PANEL, ROW, HEAD = 960, 272, 12, 66, 18, 22
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
    """The drawing, its days, its series, the exposure by day, and what this release leaves out of it."""

    svg: Markup
    days: tuple[date, ...]
    series: tuple[Series, ...]
    exposure: pl.DataFrame
    missing: tuple[str, ...]


def shown_days(days: Days) -> list[date]:
    """The days of the chart: the whole case where it is short, else those around the day."""
    about = days.about
    first, last = min(about.first, days.day), max(about.last, days.day)
    if (last - first).days <= 2 * AROUND:
        return span(first, last)
    return span(max(first, days.day - timedelta(days=AROUND)), min(last, days.day + timedelta(days=AROUND)))


def draw(days: Days, readings: list[ReadingOfDay]) -> Chart:
    """The chart of the days around the day."""
    shown = shown_days(days)
    series = _series(days, shown)
    exposure = watching.by_day(days, shown[0], shown[-1])
    known = [s for s in days.about.sources if s in set(exposure["source_id"])]
    known += sorted(set(exposure["source_id"]) - set(known))
    says = " ".join(_says(s, shown, days.day) for s in series)
    height = HEAD + len(series) * (PANEL + 14) + (len(known) + len(readings) + 2) * ROW + 30
    step = (WIDTH - LEFT - RIGHT) / len(shown)
    parts = [tag("title", "Day by day: " + ", ".join(s.title for s in series)), tag("desc", says)]
    at = shown.index(days.day)
    parts.append(tag("rect", x=LEFT + at * step, y=0, width=step, height=height, class_="today"))
    parts.append(_dates(shown, step, HEAD - 8))
    top: float = HEAD
    for one in series:
        parts.append(_panel(one, shown, step, top, at))
        top += PANEL + 14
    top += ROW
    parts.append(tag("text", "What could be seen, by source", x=4, y=top - 5, class_="head"))
    for source in known:
        mine = exposure.filter(pl.col("source_id") == source)
        parts.append(_strip(mine, days.about.source_title(source), shown, step, top))
        top += ROW
    top += ROW
    if readings:
        parts.append(tag("text", "In force, by reading", x=4, y=top - 5, class_="head"))
    for place, reading in enumerate(readings):
        parts.append(_bar(reading, days, shown, (step, top), f"window w{place % 4}"))
        top += ROW
    parts.append(_dates(shown, step, top + 14))
    svg = tag("svg", *parts, viewBox=f"0 0 {WIDTH} {int(top + 22)}", role="img", class_="chart")
    return Chart(svg, tuple(shown), tuple(series), exposure, tuple(_missing(days)))


def _series(days: Days, shown: list[date]) -> list[Series]:
    zone = days.about.zone
    force = pl.col("kind").is_in(attack_kinds())
    assessed, traces = (
        days.incidents.filter(kept).group_by("day").agg(pl.col("p_conflict").sum()) for kept in (force, ~force)
    )
    summed = "sum of P(conflict) of all recorded"
    found = [
        Series("force_assessed", "Uses of force, assessed", summed, _values(assessed, shown, empty=0.0)),
    ]
    observations = days.table("observation")
    reports = observations.filter((pl.col("role") == "makes") & force).with_columns(day_of(zone))
    for source_id in _in_order(days, reports):
        mine = reports.filter(pl.col("source_id") == source_id).group_by("day").agg(pl.len().cast(pl.Float64))
        values = _values(mine, shown, empty=0.0)
        found.append(
            Series(
                f"force_reports:{source_id}", "Reports of a use of force", days.about.source_title(source_id), values
            )
        )
    alerts = observations.filter(pl.col("kind") == "alert").with_columns(start_day(zone))
    for source_id in _in_order(days, alerts):
        mine = alerts.filter(pl.col("source_id") == source_id).group_by("day").agg(pl.len().cast(pl.Float64))
        note = days.about.source_title(source_id)
        found.append(Series(f"alerts_started:{source_id}", "Alerts started", note, _values(mine, shown, empty=0.0)))
    launched = _own_days(observations.filter(pl.col("count_unit") == "launched"))
    for source_id in _in_order(days, launched):
        mine = launched.filter(pl.col("source_id") == source_id).group_by("day").agg(pl.col("count").sum())
        source = days.about.sources.get(source_id)
        by = f", as {days.about.name_of(source.reported_by)} states" if source and source.reported_by else ", as stated"
        clock = ", ".join(launched.filter(pl.col("source_id") == source_id)["source_zone"].unique().sort())
        note = f"by day of start, clock of {clock}; {days.about.source_title(source_id)}"
        found.append(Series(f"launched_stated:{source_id}", f"Launched{by}", note, _values(mine, shown, empty=None)))
    found.append(
        Series("traces_assessed", "Fires and other traces, assessed", summed, _values(traces, shown, empty=0.0))
    )
    return found


def _own_days(stated: pl.DataFrame) -> pl.DataFrame:
    """Rows with ``day``, that on which they start on their source's own clock: so the source's days stay whole."""
    parts = stated.partition_by("source_zone", maintain_order=True)
    dated = [part.with_columns(start_day(part["source_zone"][0])) for part in parts]
    return pl.concat(dated) if dated else stated.with_columns(start_day("UTC"))


def _missing(days: Days) -> list[str]:
    """Sources whose observations this release holds back, so that no bar is taken for a day without any."""
    here = set(days.table("observation")["source_id"])
    return [
        f"{source.profile.title}: its rows are not released to this audience."
        for source_id, source in days.about.sources.items()
        if source.profile.role == "supports" and not source.profile.licence.redistribute and source_id not in here
    ]


def _in_order(days: Days, frame: pl.DataFrame) -> list[str]:
    there = set(frame["source_id"].drop_nulls())
    return [s for s in days.about.sources if s in there] + sorted(there - set(days.about.sources))


def _values(by_day: pl.DataFrame, shown: Sequence[date], *, empty: float | None) -> tuple[float | None, ...]:
    known = dict(by_day.iter_rows())
    return tuple(round(known[d], 4) if d in known else empty for d in shown)


def _says(one: Series, shown: list[date], day: date) -> str:
    parts = [
        f"{d.day} {d:%b}: {'none stated' if v is None else words.number(v)}"
        for d, v in zip(shown, one.values, strict=True)
        if abs((d - day).days) <= 3
    ]
    return f"{one.title} ({one.note}): {'; '.join(parts)}."


def _dates(shown: list[date], step: float, y: float) -> Markup:
    says = [f"{d.day}" if n and d.day != 1 else f"{d.day} {d:%b}" for n, d in enumerate(shown)]
    return tag("g", *(tag("text", s, x=LEFT + (n + 0.5) * step, y=y, class_="tick") for n, s in enumerate(says)))


def _panel(one: Series, shown: list[date], step: float, top: float, today: int) -> Markup:
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
        said = "none stated" if value is None else words.number(value)
        bar = tag("rect", x=x + step * 0.14, y=base - high, width=step * 0.72, height=high, class_="bar")
        text = "–" if value is None else words.number(value, 0 if value >= 10 else 1)
        class_ = "value today-value" if n == today else "value"
        label = tag("text", text, x=x + step / 2, y=base - high - 3, class_=class_)
        parts.append(tag("g", tag("title", f"{words.day(d)}: {said}"), *([bar] if value else []), label))
    return tag("g", *parts)


def _label(text: str, most: int, y: float, class_: str) -> Markup:
    short = text if len(text) <= most else text[: most - 1].rstrip() + "…"
    return tag("text", tag("title", text), Markup.escape(short), x=4, y=y, class_=class_)


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
            said = tag("title", f"{words.day(d)}: {words.UNSTATED}")
            parts.append(tag("rect", said, x=x + 0.5, y=y, width=step - 1, height=ROW - 4, class_="ex-none"))
            continue
        listed = ", ".join(f"{words.STATES[s]} {words.share(states[s])}" for s in EXPOSURE_CLASSES if s in states)
        listed += f"; an attack {watching.SIGHT[sights[d]]}" if d in sights else ""
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
    parts = [_label(title, 40, top + 12, "name")]
    start, end = one.reading.start or first, one.reading.end or after
    if start < after and end > first:
        whole = (after - first).total_seconds()

        def x(t: datetime) -> float:
            inside = min(max(t, first), after)
            return LEFT + (inside - first).total_seconds() / whole * step * len(shown)

        zone = days.about.zone
        begins = words.moment(one.reading.start, zone) if one.reading.start else "no start stated"
        ends = words.moment(one.reading.end, zone) if one.reading.end else "no end stated"
        says = tag("title", f"{title}: from {begins} to {ends}")
        parts.append(tag("rect", says, x=x(start), y=top + 3, width=x(end) - x(start), height=ROW - 8, class_=class_))
    return tag("g", *parts)
