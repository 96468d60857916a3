"""The command demo: shipped cases on real data where that is at hand, else a simulated one, up to a browser."""

from __future__ import annotations

import time
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from teisen import case as room
from teisen.case import Case, publish, stored
from teisen.cli.demo_plan import example_plan
from teisen.cli.terminal import AsJson, progress, result, warn
from teisen.compliance import monday
from teisen.errors import BadInput, Problem
from teisen.library import data_folder, library
from teisen.observation import attack_kinds
from teisen.release.report import CaseCard, ReportLink, index_page
from teisen.simulation import load_scenario, simulate, write
from teisen.sources.profiles import load_profile

REAL: dict[str, Sequence[date]] = {
    "easter-2025": [date(2025, 4, 13), *(date(2025, 4, d) for d in (17, 18, 19, 20, 21, 22)), date(2025, 5, 8)],
    "energy-2025": [date(2025, 3, d) for d in (19, 20, 25, 26, 28)] + [date(2025, 4, d) for d in (1, 16, 17, 20)],
    "gaza-2023": [date(2023, 11, d) for d in (23, 24, 25, 30)] + [date(2023, 12, 1)],
}
"""Shipped cases on real data, and the days that the demonstration reports."""
WATCH = "watch.yaml"
"""Brief of an example of a watch plan, beside a case's template."""
SIMULATED: dict[str, Sequence[date]] = {"simulated": [date(2025, 4, d) for d in (18, 19, 20, 21)]}


@dataclass
class Clock:
    """Seconds that each step took, in the order of the steps."""

    steps: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what is done within."""
        warn(f"{name} ...")
        start = time.perf_counter()
        yield
        self.steps[name] = round(time.perf_counter() - start, 1)


def demo(
    folder: Annotated[Path, typer.Argument(help="Folder to make the cases in; run again, it adds nothing twice.")],
    serve: Annotated[bool, typer.Option(help="Serve the first case on this machine and open a browser.")] = True,
    port: Annotated[int, typer.Option(help="Port to serve on; 0: any that is free.", min=0, max=65535)] = 0,
    as_json: AsJson = False,
) -> None:
    """Build the shipped cases, from ingestion to reports, and serve the first of them."""
    data = data_folder()
    clock = Clock()
    days = REAL if data else SIMULATED
    if data is None:
        warn("There is no folder of real data: this is a SIMULATED case. TEISEN_DATA names a folder of real data.")
        data = _simulate(folder / "simulated-data")
    cards = [build(folder, name, data, days[name], clock) for name in days]
    page = folder / "index.html"
    page.write_text(index_page(cards), encoding="utf-8", newline="\n")
    lines = [f"{seconds:7.1f} s  {name}" for name, seconds in clock.steps.items()]
    lines += [f"{sum(clock.steps.values()):7.1f} s  in all", f"Open {page}"]
    cases = {card.title: len(card.reports) for card in cards}
    weeks = {card.title: len(card.weeks) for card in cards}
    result({"page": str(page), "seconds": clock.steps, "reports": cases, "weeks": weeks}, "\n".join(lines), as_json)
    if serve:
        first, *others = (folder / name for name in days)
        for other in others:
            warn(f"The next one: teisen serve {other}")
        _serve(first, port)


def build(folder: Path, name: str, data: Path, days: Sequence[date], clock: Clock) -> CaseCard:
    """Make or open the case of a template, ingest, derive, verify, and write its reports."""
    place = folder / name
    case = Case.open(place) if (place / "ledger").is_dir() else Case.create(place, name)
    case.record_definitions()
    with progress() as told:
        with clock.step(f"{name}: ingest"):
            done = room.ingest_all(case, data, progress=told)
        for refused in done.refused:
            warn("\n".join(map(str, refused.problems)))
        with clock.step(f"{name}: derive"):
            tables = room.derive(case, progress=told)
        with clock.step(f"{name}: verify"):
            _verify_quickly(case)
        brief = library("cases") / name / WATCH
        if brief.is_file() and tables["contact_line"].height:
            with clock.step(f"{name}: watch plan"):
                example_plan(case, brief)
        weeks = sorted({monday(day): day for day in days}.values())
        with clock.step(f"{name}: {len(days)} reports of days, {len(weeks)} of weeks"):
            out = publish.released(case)
            pages = [publish.report(case, day, out) for day in days]
            weekly = [publish.report(case, day, out, week=True) for day in weeks]
    file = case.definitions.case
    links = tuple(
        ReportLink(
            page.relative_to(folder).as_posix(),
            day,
            f"{_recorded(out.tables['incident'], file.zone, day)} uses of force recorded",
        )
        for page, day in zip(pages, days, strict=True)
    )
    of_weeks = tuple(
        ReportLink(page.relative_to(folder).as_posix(), monday(day), page.parent.name)
        for page, day in zip(weekly, weeks, strict=True)
    )
    period = f"{file.period.start} up to {file.period.end}"
    says = f"{period}; {len(case.entries())} files, {tables['observation'].height:,} observations"
    return CaseCard(file.title, file.simulated, says, links, of_weeks)


def _recorded(incidents: pl.DataFrame, zone: str, day: date) -> int:
    middle = pl.col("start") + (pl.col("end") - pl.col("start")) / 2
    force = pl.col("kind").is_in(attack_kinds())
    return incidents.filter(force, middle.dt.convert_time_zone(zone).dt.date() == day).height


def _verify_quickly(case: Case) -> None:
    """The ledger in whole, and the derived files against the manifest; `teisen verify` derives again as well."""
    case.ledger.verify()
    manifest = stored.read_manifest(case.derived) or {}
    for name, table in manifest["tables"].items():
        if stored.sha256_of(case.derived / f"{name}.parquet") != table["sha256"]:
            what = "it is not the table that the manifest lists"
            raise BadInput(Problem(f"{case.derived}/{name}.parquet", 0, "", what, "Run the demonstration again."))


def _simulate(folder: Path) -> Path:
    """Write the files of the shipped scenario; the same every time."""
    write(simulate(load_scenario(library("cases") / "simulated" / "scenario.yaml"), load_profile), folder)
    return folder


def _serve(case: Path, port: int) -> None:
    """Serve a case to this machine alone until it is interrupted."""
    from teisen.server.serving import serve  # noqa: PLC0415  it takes a while to import
    from teisen.server.settings import Settings  # noqa: PLC0415

    serve(case, Settings(host="127.0.0.1", port=port, address=""), warn, opened=webbrowser.open)


COMMANDS = (demo,)
