"""From released tables to the page: gathers what each part says and fills the templates; no clock, no network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files as resources
from typing import Any

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from teisen.languages import ENGLISH, counted, say_again, speaking, spoken
from teisen.languages import words as words_of
from teisen.observation import vocabulary
from teisen.release.report import files, groups, incidents, people, regions, summary, watching, words
from teisen.release.report.context import ReportContext
from teisen.release.report.drawing import SYMBOLS, symbol, tag
from teisen.release.report.gathered import Gathered, gather


@dataclass(frozen=True)
class Report:
    """A report: the page, the CSVs by name (without suffix), and a day's incidents as GeoJSON (of a week: empty).

    ``day`` is the day reported, or the last of the week.
    """

    day: date
    html: str
    csv: Mapping[str, str]
    geojson: str


@dataclass(frozen=True)
class ReportLink:
    """One report in an index: where its page lies, its day, and a line about it."""

    href: str
    day: date
    says: str


@dataclass(frozen=True)
class CaseCard:
    """One case in an index, with its reports of days and of weeks (``day``: the Monday)."""

    title: str
    simulated: bool
    says: str
    reports: tuple[ReportLink, ...]
    weeks: tuple[ReportLink, ...] = ()


def daily_report(tables: Mapping[str, pl.DataFrame], day: date, about: ReportContext) -> Report:
    """The report of one day, a pure function of what was released.

    Args:
        tables: released tables by name; what is absent was not released.
        day: the day, in the zone of ``about``.
        about: what the report states beside the tables.
    """
    with speaking(ENGLISH):
        plain = gather(tables, day, about)
        csv, places = _csv(plain), files.geojson(plain.days, plain.incidents)
    with speaking(words_of(about.language)):
        found = plain if about.language == ENGLISH.language else gather(tables, day, about)
        return Report(day, _html(found, sorted(csv)), csv, places)


def _csv(found: Gathered) -> dict[str, str]:
    """The tables beside the page, by name; always in English, for whoever computes with them."""
    days, readings, strip = found.days, found.readings, found.chart
    return {
        "regions": files.regions_csv(found.regions, readings),
        "incidents": files.incidents_csv(found.incidents),
        "evidence": files.evidence_csv(found.incidents),
        "findings": files.findings_csv(found.incidents, readings),
        "readings": files.readings_csv(readings),
        "partings": files.partings_csv(found.partings),
        "allegations": files.allegations_csv(found.claims),
        "decisions": people.decisions_csv(days, set(found.shown)),
        "exposure": files.exposure_csv(found.watches, days.region_names),
        "days": files.days_csv(strip),
        "exposure_days": files.exposure_days_csv(strip),
        "holding": files.holding_csv(found.holding),
        "heat": files.heat_csv(found.heat),
        "map": files.map_csv(found.rate_map),
        "totals": files.totals_csv(found.totals),
        "ahead": files.ahead_csv(found.ahead),
        "set_aside": days.table("set_aside").drop("raw").sort("source_id", "blob", "row", "column", "what").write_csv(),
    }


def _html(found: Gathered, csv_names: list[str]) -> str:
    days = found.days
    return render(
        "report.html.j2",
        about=days.about,
        day=days.day,
        before=days.before,
        bounds=days.bounds,
        readings=found.readings,
        incidents=found.incidents,
        regions=found.regions,
        withheld=[i for i in found.incidents if i.region in found.withheld],
        quiet=regions.quiet(found.regions),
        alike=regions.alike(found.regions, found.watches),
        watches=found.watches,
        claims=found.claims,
        partings=found.partings,
        tallies=found.tallies,
        stands=found.stands,
        untouched=people.nothing(),
        replies=found.replies,
        lost=found.lost,
        summary=found.summary,
        map=found.map,
        chart=found.chart,
        holding=found.holding,
        heat=found.heat,
        rate_map=found.rate_map,
        totals=found.totals,
        ahead=found.ahead,
        set_aside=found.set_aside,
        levels=found.levels,
        csv_names=csv_names,
        log=days.about.log.to_dicts(),
        approximate=found.approximate,
    )


def index_page(cases: list[CaseCard], language: str = "en") -> str:
    """A page that leads to the reports of several cases."""
    with speaking(words_of(language)):
        return render("index.html.j2", cases=cases)


@cache
def _environment() -> Environment:
    loader = PackageLoader("teisen.release.report", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"kept": _kept, "again": say_again}
    environment.globals |= {
        "words": words,
        "say": _say,
        "counted": _counted,
        "sight": watching.SIGHT,
        "nothing_seen": summary.NOTHING_SEEN,
        "rest_head": groups.REST,
        "vocabulary": vocabulary(),
        "icon": _icon,
        "symbols": SYMBOLS,
        "anchor": incidents.entry_anchor,
        "a_day": timedelta(days=1),
    }
    return environment


def _say(text: str, **gaps: object) -> Markup:
    """A text of this package in the language spoken; what fills its gaps is escaped."""
    return Markup(spoken().catalogue.get(text, text)).format(**gaps)  # noqa: S704 - texts are ours, gaps are escaped


def _counted(n: float, one: str, many: str, **gaps: object) -> Markup:
    return Markup(counted(n, one, many, **{name: escape(value) for name, value in gaps.items()}))  # noqa: S704


def _kept(text: str) -> Markup:
    """Text for ``pre`` whose line breaks survive the tidying of the page."""
    return Markup(escape(text).replace("\n", Markup("&#10;")))  # noqa: S704 - escaped here


def _icon(kind: str) -> Markup:
    return tag("svg", symbol(kind, 8, 8), viewBox="0 0 16 16", class_="icon", aria_hidden="true")


def render(template: str, **values: Any) -> str:
    """A page from a template of this room: style and script inlined, their hashes in its policy, nothing loaded."""
    style, script = (_asset(name) for name in ("style.css", "filter.js"))
    allowed = f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    page = (
        _environment()
        .get_template(template)
        .render(
            style=Markup(style),  # noqa: S704 - a file of this package
            script=Markup(script),  # noqa: S704 - likewise
            policy=policy,
            language=spoken().language,
            **values,
        )
    )
    return _tidy(page) + "\n"


def _tidy(text: str) -> str:
    """Without indentation and empty lines; doing it twice changes nothing, so hashes of what is inlined hold."""
    return "\n".join(line.strip() for line in text.split("\n") if line.strip())


@cache
def _asset(name: str) -> str:
    return _tidy(resources("teisen.release.report").joinpath("templates", name).read_text(encoding="utf-8"))


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
