"""Commands on patrols: patrol, and on the seeds of their schedules: commit, open, start, show, draw, check."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from teisen.case import Case
from teisen.case.seeding import Seeding
from teisen.cli import plan_words
from teisen.cli.plan import Language, _text
from teisen.cli.plan_consent import PATROLS, opened, read_programme
from teisen.cli.terminal import HERE, AsJson, CaseFolder, Wait, result
from teisen.documents import parse
from teisen.errors import BadInput, Problem
from teisen.languages import say, speaking, words
from teisen.planning.game import GAP
from teisen.planning.patrols import Shifts, programme
from teisen.planning.programme import SCHEDULE, Programme
from teisen.planning.seeds import departures

Schedule = Annotated[str, typer.Argument(help="Id of the schedule.")]
Who = Annotated[str, typer.Option("--as", help="Who you are: a party, mediator, or mission; its key signs.")]
Patrols = Annotated[Path, typer.Option("--patrols", help="The patrol programme (patrols.json).")]
Day = Annotated[int, typer.Option("--day", help="Day of the schedule, from 1.", min=1)]


def patrol(
    folder: Annotated[Path, typer.Argument(help="Folder of the plan.")],
    *,
    shifts: Annotated[Path | None, typer.Option(help="YAML file of shifts, rest and speeds.")] = None,
    risk: Annotated[Path | None, typer.Option(help="CSV of what is expected where: lon, lat, expected.")] = None,
    keep: Annotated[float, typer.Option(help="With --risk: share of each guarantee to keep.", min=0, max=1)] = 0.9,
    gap: Annotated[float, typer.Option(help="Stop so near to the bound.", min=1e-6, max=1)] = GAP,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Make the patrol programme of a plan: what routes are drawn from, and what that guarantees."""
    here, plan = opened(folder)
    rules = parse(_text(shifts), Shifts, str(shifts)) if shifts else Shifts()
    if rules.sensor not in [sensor.id for sensor in here.catalogue.sensors]:
        do = "Name a patrol of the catalogue that the brief uses."
        raise BadInput(Problem(str(shifts or folder), 0, "sensor", f"the plan knows no sensor {rules.sensor!r}", do))
    made = programme(here, plan, rules, risk=_risk(risk) if risk else None, keep=keep, gap=gap)
    (folder / PATROLS).write_bytes(made.canonical())
    with speaking(words(language)):
        wrote = say("Wrote {files} into {folder}", files=f"{PATROLS} ({made.sha256[:12]})", folder=folder)
        lines = [*plan_words.guaranteed(made), wrote]
    result({"sha256": made.sha256, "programme": made.model_dump(mode="json")}, "\n".join(lines), as_json)


def commit(
    schedule_id: Schedule,
    *,
    as_: Who,
    run: Annotated[bool, typer.Option("--run", help="Commit to run the schedule, as the mission does.")] = False,
    patrols: Annotated[Path | None, typer.Option("--patrols", help="With --run: the patrol programme.")] = None,
    first: Annotated[str, typer.Option(help="With --run: the first day, YYYY-MM-DD.")] = "",
    days: Annotated[int, typer.Option(help="With --run: how many days.", min=0, max=3660)] = 0,
    case: CaseFolder = HERE,
    wait: Wait = 30,
    as_json: AsJson = False,
) -> None:
    """Commit to a secret that a schedule is drawn with; it stays with your keys until it is opened."""
    seeding = Seeding(Case.open(case), schedule_id, wait_s=wait)
    if run != bool(patrols and first and days):
        raise typer.BadParameter("Write --run with --patrols, --first and --days, or none of them.")
    if run and patrols:
        published = seeding.run(as_, read_programme(patrols), _day(first), days)
    else:
        published = seeding.contribute(as_)
    said = f"{as_} committed: {published}\nThe secret is with your keys. Keep it; without it nothing can be opened."
    result({"commitment": published, "who": as_}, said, as_json)


def open_(
    schedule_id: Schedule, *, as_: Who, case: CaseFolder = HERE, wait: Wait = 30, as_json: AsJson = False
) -> None:
    """Open your contribution, when everybody has committed."""
    entry = Seeding(Case.open(case), schedule_id, wait_s=wait).open(as_)
    result({"entry": entry, "who": as_}, f"Entry {entry}: {as_} opened.", as_json)


def start(schedule_id: Schedule, *, case: CaseFolder = HERE, wait: Wait = 30, as_json: AsJson = False) -> None:
    """Fix which contributions count: those that are opened. From here on the mission can draw."""
    names = list(Seeding(Case.open(case), schedule_id, wait_s=wait).start())
    said = f"Started with contributions of {', '.join(names)}." if names else "Started without any contribution."
    result({"contributions": names}, said, as_json)


def show(schedule_id: Schedule, *, day: Day, case: CaseFolder = HERE, wait: Wait = 30, as_json: AsJson = False) -> None:
    """Show the key of a day that has passed, so that everybody can check it."""
    entry = Seeding(Case.open(case), schedule_id, wait_s=wait).show(day)
    result({"entry": entry, "day": day}, f"Entry {entry}: day {day} can be checked.", as_json)


def draw(
    schedule_id: Schedule,
    *,
    patrols: Patrols,
    day: Day,
    out: Annotated[Path, typer.Option(help="CSV file to write; only the mission may have it before the day is over.")],
    case: CaseFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Draw a day's routes, on the machine that holds the mission's secret."""
    rows = Seeding(Case.open(case), schedule_id).routes(read_programme(patrols), day)
    out.write_text(rows.write_csv(), encoding="utf-8", newline="")
    result({"rows": rows.height, "file": str(out)}, f"Wrote {rows.height} rows for day {day} into {out}.", as_json)


def check(
    schedule_id: Schedule,
    *,
    patrols: Patrols,
    done: Annotated[Path | None, typer.Option(help="CSV of where crews were, to be compared.")] = None,
    case: CaseFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Check a schedule: commitments, openings, and where crews had to be on the days that were shown."""
    seeding = Seeding(Case.open(case), schedule_id)
    state, made = seeding.state, read_programme(patrols)
    rows = seeding.check(made)
    lines = [f"wrong: {one}" for one in state.wrong]
    lines.append(f"Contributions that count: {', '.join(sorted(state.counted or {})) or 'none'}.")
    shown = sorted(state.links)
    lines.append(f"Days that were shown: {', '.join(map(str, shown)) or 'none'}; {rows.height} rows follow from them.")
    values: dict[str, object] = {"wrong": state.wrong, "days": shown, "schedule": rows.to_dicts()}
    if done is not None:
        differs = departures(rows, _done(done, made))
        values["departures"] = differs.to_dicts()
        lines += [
            f"{r['what']}: {r['crew']} at {r['place_id']}, {r['start']:%Y-%m-%d %H:%M}" for r in differs.to_dicts()
        ]
        lines.append("Crews were where they were drawn." if differs.is_empty() else f"{differs.height} departures.")
    result(values, "\n".join(lines), as_json)


def _risk(file: Path) -> pl.DataFrame:
    names = ("lon", "lat", "expected")
    try:
        rows = pl.read_csv(_text(file).encode()).select(pl.col(names).cast(pl.Float64))
        wrong = next((n for n, row in enumerate(rows.iter_rows(), 1) if None in row or row[2] < 0), 0)
    except pl.exceptions.PolarsError as error:
        what, rows, wrong = str(error).splitlines()[0], None, 0
    else:
        what = "a number is missing or negative"
    if rows is None or wrong or rows.is_empty():
        do = f"Write the columns {', '.join(names)}, degrees and a number from 0."
        raise BadInput(Problem(str(file), wrong, "", what, do))
    return rows


def _done(file: Path, made: Programme) -> pl.DataFrame:
    text = _text(file)
    try:
        rows = pl.read_csv(text.encode(), infer_schema=False)
        times = [pl.col(name).str.to_datetime(time_unit="us", time_zone="UTC") for name in ("start", "end")]
        return SCHEDULE.check(rows.with_columns(times).cast(pl.Schema(SCHEDULE.schema)))
    except (pl.exceptions.PolarsError, ValueError) as error:
        what = f"it is no schedule: {str(error).splitlines()[0]}"
        do = "Write the columns that `teisen plan seed draw` writes."
        raise BadInput(Problem(str(file), 0, "", what, do)) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text}: write a day as YYYY-MM-DD.") from None


COMMANDS = (patrol,)
SEEDS = (commit, open_, start, show, draw, check)
