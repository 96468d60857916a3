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

from teisen.observation import vocabulary
from teisen.release.report import (
    atlas,
    chart,
    claims,
    counted,
    files,
    heat,
    holding,
    incidents,
    people,
    regions,
    summary,
    terms,
    watching,
    words,
)
from teisen.release.report.context import ReportContext
from teisen.release.report.days import Days
from teisen.release.report.drawing import SYMBOLS, symbol, tag

MOST_REASONS = 15
"""Reasons of set-aside rows listed a source; the rest are counted together, the CSV has them all."""


@dataclass(frozen=True)
class Report:
    """A day's report: the page, the CSVs by name (without suffix), and the incidents as GeoJSON."""

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
    """One case in an index, with its reports."""

    title: str
    simulated: bool
    says: str
    reports: tuple[ReportLink, ...]


def daily_report(tables: Mapping[str, pl.DataFrame], day: date, about: ReportContext) -> Report:
    """The report of one day, a pure function of what was released.

    Args:
        tables: released tables by name; what is absent was not released.
        day: the day, in the zone of ``about``.
        about: what the report states beside the tables.
    """
    days = Days(tables, day, about)
    readings = terms.readings(days)
    found = incidents.of_day(days, readings)
    watches = watching.of_day(days)
    by_region = regions.of_day(days, readings, found, watches)
    alleged = claims.of_day(days, readings, {i.id for i in found})
    titles = {i.id: i.title for i in found} | {
        c.id: f"{c.says}, {c.where}, {c.window}" for party in alleged for c in party.claims
    }
    parted = terms.partings(days, readings, titles)
    standing = people.stands(days)
    made = [claim for party in alleged for claim in party.claims]
    shown = {i.id for i in found} | {claim.id for claim in made}
    shown |= {one.id for i in found for one in i.findings} | {one.id for claim in made for one in claim.findings}
    strip = chart.draw(days, readings)
    held = holding.of_day(days, readings)
    where = heat.draw(days, readings)
    withheld = {r.id for r in by_region if r.withheld}
    csv = {
        "regions": files.regions_csv(by_region, readings),
        "incidents": files.incidents_csv(found),
        "evidence": files.evidence_csv(found),
        "findings": files.findings_csv(found, readings),
        "readings": files.readings_csv(readings),
        "partings": files.partings_csv(parted),
        "allegations": files.allegations_csv(alleged),
        "decisions": people.decisions_csv(days, shown),
        "exposure": files.exposure_csv(watches, days.region_names),
        "days": files.days_csv(strip),
        "exposure_days": files.exposure_days_csv(strip),
        "holding": files.holding_csv(held),
        "heat": files.heat_csv(where),
        "set_aside": days.table("set_aside").drop("raw").sort("source_id", "blob", "row", "column", "what").write_csv(),
    }
    html = render(
        "report.html.j2",
        about=about,
        day=day,
        before=days.before,
        bounds=days.bounds,
        readings=readings,
        incidents=found,
        regions=by_region,
        withheld=[i for i in found if i.region in withheld],
        quiet=regions.quiet(by_region),
        alike=regions.alike(by_region, watches),
        watches=watches,
        claims=alleged,
        partings=parted,
        tallies=counted.tallies(days, readings),
        stands=standing,
        untouched=people.NOTHING,
        replies=people.replies(days, standing, shown),
        lost=people.lost(days),
        summary=summary.summary(
            days, found, by_region, readings=readings, claims=alleged, watches=watches, partings=len(parted), held=held
        ),
        map=atlas.draw(days, found, withheld),
        chart=strip,
        holding=held,
        heat=where,
        set_aside=_set_aside(days),
        levels=list(dict.fromkeys(level for one in readings for level, _ in one.levels)),
        csv_names=sorted(csv),
        log=about.log.to_dicts(),
        approximate=bool(days.regions["approximate"].any()),
    )
    return Report(day, html, csv, files.geojson(days, found))


def index_page(cases: list[CaseCard]) -> str:
    """A page that leads to the reports of several cases."""
    return render("index.html.j2", cases=cases)


def _set_aside(days: Days) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """Source, rows set aside, and reasons with their counts, the most frequent first."""
    rows = days.table("set_aside")
    found = []
    for source in [*days.about.sources, *sorted(set(rows["source_id"]) - set(days.about.sources))]:
        mine = rows.filter(pl.col("source_id") == source)
        if mine.is_empty():
            continue
        counts = mine.group_by("column", "what").len().sort(-pl.col("len").cast(pl.Int64), "column", "what")
        listed = [(f"{c}: {w}" if c else w, n) for c, w, n in counts.head(MOST_REASONS).iter_rows()]
        rest = counts.slice(MOST_REASONS)
        if rest.height:
            listed.append((f"{rest.height} other reasons", int(rest["len"].sum())))
        total = mine.select("blob", "row").unique().height
        found.append((days.about.source_title(source), total, listed))
    return found


@cache
def _environment() -> Environment:
    loader = PackageLoader("teisen.release.report", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["kept"] = _kept
    environment.globals |= {
        "words": words,
        "sight": watching.SIGHT,
        "nothing_seen": summary.NOTHING_SEEN,
        "vocabulary": vocabulary(),
        "icon": _icon,
        "symbols": SYMBOLS,
        "anchor": incidents.entry_anchor,
        "a_day": timedelta(days=1),
    }
    return environment


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
