"""Situation: is it holding, in words, by provision and reading; where, when, and what could not be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from teisen.languages import ENGLISH, Words, speaking
from teisen.release.report import quotas, terms, watching, who
from teisen.release.report.days import Days, day_of
from teisen.release.report.groups import GROUPS, of_group
from teisen.server.access import allowed
from teisen.server.access.visitor import CurrentVisitor
from teisen.server.current import CurrentView
from teisen.server.map import box_of
from teisen.server.pages import timeline
from teisen.server.pages.chosen import DayChosen, Reading, day_chosen, days_of, readings, under
from teisen.server.pages.rendering import render
from teisen.server.view import View

router = APIRouter()
MOST_LISTED = 12
Interval = tuple[float | None, float | None, float | None]


@dataclass(frozen=True)
class Answer:
    """What one reading in force answers on the day; ``word`` is empty where nothing was answered or released.

    ``ratio`` and ``rate`` are (low, middle, high), 5 % and 95 % quantiles: violations against the time before, and
    violations a day. ``watched`` is a share; ``rate_word`` says what the rate rests on.
    """

    reading: Reading
    word: str
    p: float | None
    says: str
    ratio: Interval
    rate: Interval
    rate_word: str
    expected: float | None
    watched: float | None


@dataclass(frozen=True)
class Asleep:
    """A reading that is not in force on the day, and when it is."""

    reading: Reading
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Row:
    """An incident in a list."""

    id: str
    start: datetime
    end: datetime
    kind: str
    title: str
    p: float
    error_m: float | None
    placed: bool


@dataclass(frozen=True)
class Region:
    """A region that has something to say: what was recorded there, and how well one could see."""

    id: str
    name: str
    force: int | None
    traces: int | None
    rest: int | None
    sight: str


@dataclass(frozen=True)
class Stated:
    """What a party stated about the day: how many statements, and what became of them."""

    party: str
    name: str
    count: int


@dataclass(frozen=True)
class Situation:
    """What the page shows. ``sights``: of regions without a recorded use of force, how many by how well one saw."""

    title: str
    days: DayChosen
    answers: tuple[Answer, ...]
    asleep: tuple[Asleep, ...]
    force: int
    traces: int
    rest: int
    force_before: int | None
    conflict: float
    kinds: tuple[tuple[str, int], ...]
    listed: tuple[Row, ...]
    regions: tuple[Region, ...]
    sights: tuple[tuple[str, int], ...]
    stated: tuple[Stated, ...]
    partings: int
    zone: str
    box: tuple[float, float, float, float] | None
    borders: str
    line: timeline.Timeline
    all_kinds: tuple[str, ...]
    tag: str
    empty: bool


def situation(view: View, chosen: DayChosen, words: Words = ENGLISH) -> Situation:
    """The page's model, from what is released alone; what was counted is said in ``words``."""
    days, known = days_of(view, chosen.day), readings(view)
    shown = terms.readings(days)
    in_force = {one.key for one in shown if one.in_force}
    today = days.today
    force, traces, rest = (today.filter(of_group(group)) for group in GROUPS)
    before = days.recorded(days.before, days.before, "force")[days.before]
    by_region = _regions(days, shown)
    kinds = Counter(today["kind"].to_list())
    return Situation(
        title=view.case.title,
        days=chosen,
        answers=tuple(_answer(days, one, words) for one in known if one.key in in_force),
        asleep=tuple(Asleep(one, one.reading.start, one.reading.end) for one in known if one.key not in in_force),
        force=force.height,
        traces=traces.height,
        rest=rest.height,
        force_before=before if days.before >= chosen.first else None,
        conflict=round(float(force["p_conflict"].sum()), 1),
        kinds=tuple(sorted(kinds.items(), key=lambda k: (-k[1], k[0]))),
        listed=tuple(row_of(row) for row in today.head(MOST_LISTED).iter_rows(named=True)),
        regions=tuple(
            sorted((r for r in by_region if r.force or r.traces or r.rest), key=lambda r: (-(r.force or 0), r.name))
        ),
        sights=_sights(by_region),
        stated=_stated(days),
        partings=_partings(days),
        zone=view.about.zone,
        box=box_of(view),
        borders=view.case.map.borders,
        line=timeline.timeline(days, known),
        all_kinds=tuple(sorted(view.table("incident")["kind"].unique().to_list())),
        tag=view.tag,
        empty=view.table("incident").is_empty(),
    )


def row_of(row: dict[str, Any]) -> Row:
    """An incident's row of a list."""
    return Row(
        row["incident_id"], row["start"], row["end"], row["kind"], row["title"], row["p_conflict"],
        row["place_error_m"], row["lon"] is not None,
    )  # fmt: skip


def _answer(days: Days, one: Reading, words: Words) -> Answer:
    told = _first(days.table("verdict").with_columns(day_of(days.about.zone)), one, days.day)
    rate = _first(days.rates.filter(pl.col("area_id") == "*"), one, days.day)
    counted = ""
    if one.reading.counts:
        with speaking(words):
            counted = f"{quotas.on_day(days, one.reading, one.key)} {quotas.until(days, one.reading, one.key)}"
    return Answer(
        reading=one,
        word=told.get("word") or "",
        p=told.get("p"),
        says=told.get("says") or counted,
        ratio=_interval(told, "ratio"),
        rate=_interval(rate, "rate"),
        rate_word=rate.get("word") or "",
        expected=rate.get("expected"),
        watched=rate.get("watched"),
    )


def _first(table: pl.DataFrame, one: Reading, day: date) -> dict[str, Any]:
    rows = table.filter(under(one.key) & (pl.col("day") == day))
    return rows.row(0, named=True) if rows.height else {}


def _interval(row: dict[str, Any], name: str) -> Interval:
    return row.get(f"{name}_low"), row.get(name), row.get(f"{name}_high")


def _regions(days: Days, shown: list[terms.ReadingOfDay]) -> list[Region]:
    watches = watching.of_day(days)
    force, traces, rest = (Counter(days.today.filter(of_group(g))["region"].to_list()) for g in GROUPS)
    hidden = _withheld(days, force + traces + rest)
    return [
        Region(
            region,
            name,
            None if region in hidden else force[region],
            None if region in hidden else traces[region],
            None if region in hidden else rest[region],
            watching.verdict(days, watches, region),
        )
        for region, name in [*days.region_names.items(), ("", "")]
    ]


def _withheld(days: Days, counts: Counter[str]) -> set[str]:
    """Regions whose counts the release withheld as small cells: assessed, yet without a rate on this day."""
    if days.about.smallest_cell <= 1 or not (days.rates_today["area_id"] == "*").any():
        return set()
    missing = set(days.region_names) - set(days.rates_today["area_id"])
    assessed = set(days.rates["area_id"])
    return {region for region in missing if region in assessed or counts[region]}


def _sights(regions: list[Region]) -> tuple[tuple[str, int], ...]:
    counts = Counter(r.sight for r in regions if r.id and r.force == 0)
    return tuple((sight, counts[sight]) for sight in watching.SIGHT if counts[sight])


def _stated(days: Days) -> tuple[Stated, ...]:
    counts = Counter(days.allegations_today["accuser"].to_list())
    return tuple(Stated(p.id, p.name, counts[p.id]) for p in days.about.parties)


def _partings(days: Days) -> int:
    ids = set(days.today["incident_id"]) | set(days.allegations_today["allegation_id"])
    return days.table("parting").filter(pl.col("subject_id").is_in(sorted(ids)))["subject_id"].n_unique()


@router.get("/", dependencies=[allowed("read")])
def page(request: Request, view: CurrentView, visitor: CurrentVisitor, day: str = "") -> Response:
    """The first page."""
    model = situation(view, day_chosen(view, day), visitor.words)

    def link(one: date) -> str:
        url = request.url.include_query_params(day=one.isoformat())
        return str(url.remove_query_params(["from", "to"]).replace(scheme="", netloc=""))

    drawing: Markup = timeline.draw(model.line, model.days.day, link, visitor.words)
    return render(request, "situation.html.j2", _spoken(view, model, drawing, visitor.words), view=view)


def _spoken(view: View, model: Situation, drawing: Markup, words: Words) -> Shown:
    """The page with what it takes from the report in words: who did it, and what readings are expected to hold of."""
    days = days_of(view, model.days.day)
    told = who.of_days(days)
    stated = days.allegations_today.select("accuser", "accused")
    with speaking(words):
        named = {
            one.party: who.alleged(days, told, one.party, stated.filter(accuser=one.party)["accused"])
            for one in model.stated
        }
        read = {one.key: one for one in terms.readings(days)}
        notes = {
            one.reading.key: Note(
                terms.divided(of, one.expected), terms.nobody_named(days, of), terms.nothing_seen_by(days, of)
            )
            for one in model.answers
            for of in [read[one.reading.key]]
        }
        return Shown(model, drawing, who.sentence(days, told) if told.of else "", named, notes)


@dataclass(frozen=True)
class Note:
    """What stands beside a reading's figures; empty: nothing to say.

    ``among`` is what the violations expected lie among, ``unnamed`` that it leaves out what nobody is named for,
    ``seen_by`` that whoever looked and saw nothing speaks for a party.
    """

    among: str
    unnamed: str
    seen_by: str


@dataclass(frozen=True)
class Shown:
    """The model with its drawing, whose links are those of the address asked for, and who did it, in words.

    ``who`` is what is recorded and assessed, ``named`` whom each party names; both empty where there is nothing to say.
    ``notes`` stand beside the figures of each reading.
    """

    model: Situation
    timeline: Markup
    who: str
    named: Mapping[str, str]
    notes: Mapping[tuple[str, str, str], Note]

    @property
    def title(self) -> str:
        """Title of the page."""
        return self.model.title
