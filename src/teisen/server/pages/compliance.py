"""Compliance: one reading's rate day by day with its interval and the exposure behind it, what changed, and what was
missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from teisen.compliance.missed import WARNINGS
from teisen.compliance.parts import unstated
from teisen.languages import ENGLISH, Words, speaking, text
from teisen.release.report import quotas
from teisen.release.report.days import day_of
from teisen.release.report.drawing import rounded_up, tag
from teisen.release.report.groups import of_group
from teisen.release.report.totals import METHODS, elsewhere
from teisen.server.access import allowed
from teisen.server.access.visitor import CurrentVisitor
from teisen.server.current import CurrentView
from teisen.server.pages.chosen import Reading, days_of, readings, under
from teisen.server.pages.rendering import render
from teisen.server.pages.situation import Interval
from teisen.server.problems import Refusal
from teisen.server.view import View

router = APIRouter(prefix="/compliance")
WIDTH, LEFT, TOP, HIGH = 960, 48, 10, 170
MOST_TICKS = 14
ALL = "*"


@dataclass(frozen=True)
class DayRow:
    """One day: what was found, the rate with its interval, the share watched, and the answer (empty: none)."""

    day: date
    expected: float | None
    rate: Interval
    watched: float | None
    rate_word: str
    word: str
    p: float | None
    change: str
    says: tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """One measure over a span: its word, days, what was found, share watched, interval, and P(below 1)."""

    measure: str
    days: float
    expected: float
    watched: float | None
    interval: Interval
    p_below: float | None


@dataclass(frozen=True)
class Missed:
    """How many there were in all, by one method, and in English what speaks against it.

    Of ``found`` violations it leaves out ``elsewhere``, found where next to nobody could see.
    """

    method: str
    word: str
    seen: float | None
    found: float | None
    elsewhere: float
    interval: Interval
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """What was found of one kind or attributed to one party, over all days in force."""

    by: str
    value: str
    expected: float
    unstated: bool = False


@dataclass(frozen=True)
class Place:
    """One area over the whole: what was found, watched, and the interval of violations a day."""

    name: str
    expected: float
    watched: float | None
    interval: Interval


@dataclass(frozen=True)
class Compliance:
    """The page of one reading.

    ``places_withheld``: areas are left out whose counts are too small to be released. ``counted``: of a reading that
    asks for a count what was counted in all, and in each period; it has no rate. ``traces``: what of
    the violations found is expected among fires and other traces, of which nobody tells the cause.
    """

    title: str
    reading: Reading | None
    readings: tuple[Reading, ...]
    rows: tuple[DayRow, ...]
    measures: tuple[Measure, ...]
    missed: tuple[Missed, ...]
    parts: tuple[Part, ...]
    traces: float
    places: tuple[Place, ...]
    places_withheld: bool
    zone: str
    counted: tuple[str, ...] = ()

    @property
    def unstated(self) -> float:
        """Violations found of kinds of which no source says how well it sees them, where it says so of others."""
        return sum(p.expected for p in self.parts if p.unstated)

    @property
    def places_watched(self) -> bool:
        """Whether the share watched is released of any area: else there is no column of it."""
        return any(place.watched is not None for place in self.places)


def compliance(view: View, asked: str, words: Words = ENGLISH) -> Compliance:
    """The page's model; what was counted is said in ``words``.

    Args:
        view: what may be shown.
        asked: a reading's id, agreement/provision/reading; empty: the first with an answer, else the first.

    Raises:
        Refusal: there is no such reading (404).
    """
    known = readings(view)
    keys = view.table("verdict").select("agreement_id", "provision_id", "reading_id")
    answered = set(keys.iter_rows())
    reading = next((one for one in known if one.id == asked), None)
    if asked and reading is None:
        raise Refusal(404, text("There is no such reading."))
    reading = reading or next((one for one in known if one.key in answered), known[0] if known else None)
    if reading is None:
        return Compliance("Compliance", None, (), (), (), (), (), 0.0, (), False, view.about.zone)
    mine = under(reading.key)
    course = view.table("course").filter(mine)
    names = dict(view.table("area").select("area_id", "name").iter_rows())
    missed = view.table("missed").filter(mine)
    found = missed["seen"].max()
    found_in_all = float(found) if isinstance(found, int | float) else None
    return Compliance(
        "Compliance",
        reading,
        tuple(known),
        _rows(view, reading),
        tuple(_measure(row) for row in course.filter(pl.col("area_id") == ALL).iter_rows(named=True)),
        tuple(
            Missed(
                METHODS.get(r["method"], r["method"]),
                r["word"],
                r["seen"],
                found_in_all,
                elsewhere(r["seen"], found_in_all),
                (r["low"], r["middle"], r["high"]),
                tuple(WARNINGS.get(word, word) for word in r["warnings"] or []),
            )
            for r in missed.iter_rows(named=True)
        ),
        _parts(view, reading),
        _traces(view, reading),
        tuple(
            Place(
                names.get(r["area_id"], r["area_id"]), r["expected"], r["watched"], (r["low"], r["middle"], r["high"])
            )
            for r in course.filter(pl.col("area_id") != ALL, pl.col("measure") == "rate")
            .sort("expected", "area_id", descending=[True, False])
            .iter_rows(named=True)
        ),
        view.released.small_withheld("course"),
        view.about.zone,
        _counted(view, reading, words),
    )


def _counted(view: View, reading: Reading, words: Words) -> tuple[str, ...]:
    if not reading.reading.counts:
        return ()
    with speaking(words):
        return quotas.every(days_of(view, view.about.last), reading.reading, reading.key)


def _rows(view: View, reading: Reading) -> tuple[DayRow, ...]:
    zone = view.about.zone
    rates = view.table("rate").filter(under(reading.key), pl.col("area_id") == ALL).with_columns(day_of(zone))
    told = view.table("verdict").filter(under(reading.key)).with_columns(day_of(zone))
    changes = view.table("change").filter(under(reading.key)).with_columns(day_of(zone))
    verdicts = {row["day"]: row for row in told.iter_rows(named=True)}
    marks: dict[date, list[str]] = {}
    for row in changes.sort("day", "what").iter_rows(named=True):
        marks.setdefault(row["day"], []).append(row["word"])
    says: dict[date, list[str]] = {}
    for row in changes.sort("day", "what").iter_rows(named=True):
        says.setdefault(row["day"], []).append(row["says"])
    return tuple(
        DayRow(
            row["day"],
            None if row["word"] == "out_of_window" else row["expected"],
            (row["rate_low"], row["rate"], row["rate_high"]),
            row["watched"],
            row["word"],
            verdicts.get(row["day"], {}).get("word", ""),
            verdicts.get(row["day"], {}).get("p"),
            (marks.get(row["day"]) or [""])[0],
            tuple(says.get(row["day"], [])),
        )
        for row in rates.sort("day").iter_rows(named=True)
    )


def _measure(row: dict[str, Any]) -> Measure:
    interval = (row["low"], row["middle"], row["high"])
    return Measure(row["measure"], row["days"], row["expected"], row["watched"], interval, row["p_below"])


def _parts(view: View, reading: Reading) -> tuple[Part, ...]:
    rows = (
        view.table("rate_part")
        .filter(under(reading.key), pl.col("area_id") == ALL, pl.col("word") != "out_of_window")
        .group_by("by", "value")
        .agg(pl.col("expected").sum(), unstated=unstated())
        .filter(pl.col("expected") >= 0.05)
    )
    order = {party.id: n for n, party in enumerate(view.about.parties)}
    found = [Part(r["by"], r["value"], r["expected"], unstated=r["unstated"]) for r in rows.iter_rows(named=True)]
    kinds = sorted((p for p in found if p.by == "kind"), key=lambda p: (-p.expected, p.value))
    parties = sorted((p for p in found if p.by == "party"), key=lambda p: order.get(p.value, len(order)))
    return (*kinds, *(Part(p.by, view.about.name_of(p.value), p.expected) for p in parties))


def _traces(view: View, reading: Reading) -> float:
    """Violations expected among traces, of all that the reading judges."""
    kinds = view.table("incident").filter(of_group("trace")).select(subject_id="incident_id")
    mine = view.table("finding").filter(under(reading.key)).join(kinds, on="subject_id")
    return float(mine["p_violation"].sort().sum())


def draw(rows: tuple[DayRow, ...], words: Words) -> Markup:
    """Rate with its band, share watched and answer, one column a day."""
    highs = [row.rate[2] for row in rows if row.rate[2] is not None]
    most = rounded_up(max(highs, default=1.0) or 1.0)
    step = (WIDTH - LEFT) / max(len(rows), 1)
    base, height = TOP + HIGH, TOP + HIGH + 58
    parts = [
        tag(
            "title",
            words("Violations a day with their 90 % interval, the share watched, and the answer"),
            id="chart-title",
        )
    ]
    for share in (0.5, 1.0):
        y = base - HIGH * share
        parts += [
            tag("line", x1=LEFT, x2=WIDTH, y1=y, y2=y, class_="grid"),
            tag("text", words.number(most * share, 0 if most >= 20 else 3), x=LEFT - 6, y=y + 4, text_anchor="end"),
        ]
    parts.append(tag("line", x1=LEFT, x2=WIDTH, y1=base, y2=base, class_="axis"))
    every = max(1, -(-len(rows) // MOST_TICKS))
    for n, row in enumerate(rows):
        x, wide = LEFT + n * step, max(step - min(2.0, step * 0.15), 0.5)
        low, middle, high = row.rate
        said = [words.day(row.day)]
        marks = []
        if low is not None and high is not None:
            top = base - HIGH * high / most
            marks.append(tag("rect", x=x, y=top, width=wide, height=max(HIGH * (high - low) / most, 1), class_="band"))
            said.append(words("{low} to {high} violations", low=words.number(low, 2), high=words.number(high, 2)))
        if middle is not None:
            y = base - HIGH * middle / most
            marks.append(tag("line", x1=x, x2=x + wide, y1=y, y2=y, class_="mid"))
        strip = {"x": x, "y": base + 6, "width": wide, "height": 12}
        marks.append(tag("rect", **strip, class_="blank"))
        if row.watched is not None:
            tall = 12 * row.watched
            marks.append(tag("rect", **{**strip, "y": base + 18 - tall, "height": tall}, class_="seen"))
            said.append(words("watched: {share} %", share=f"{row.watched * 100:.0f}"))
        if row.word:
            marks.append(tag("rect", x=x, y=base + 24, width=wide, height=12, class_=f"v-{row.word}"))
        if row.change:
            class_ = "mark" if row.change == "behaviour" else "mark doubt"
            marks.append(tag("line", x1=x, x2=x, y1=TOP, y2=base, class_=class_))
        parts.append(tag("g", tag("title", "; ".join(said)), *marks))
        if n % every == 0:
            parts.append(tag("text", words.day_short(row.day), x=x + wide / 2, y=height - 6, text_anchor="middle"))
    return tag("svg", *parts, viewBox=f"0 0 {WIDTH} {height}", role="img", class_="chart",
               aria_labelledby="chart-title")  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """The model and its drawing."""

    model: Compliance
    chart: Markup

    @property
    def title(self) -> str:
        """Title of the page."""
        return self.model.title


@router.get("", dependencies=[allowed("read")])
def page(request: Request, view: CurrentView, visitor: CurrentVisitor, reading: str = "") -> Response:
    """One reading's compliance."""
    model = compliance(view, reading, visitor.words)
    return render(request, "compliance.html.j2", Shown(model, draw(model.rows, visitor.words)), view=view)
