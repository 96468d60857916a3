"""Commands that let something out: report, export."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, cast, get_args

import typer

from teisen.case import Case
from teisen.case import publish as room
from teisen.cli.secret import tells_of_secret
from teisen.cli.terminal import HERE, AsJson, CaseFolder, result
from teisen.errors import BadInput, Problem
from teisen.languages import LANGUAGES, speaking, words
from teisen.release.exports import Format, Publication, publish
from teisen.release.exports import export as write_export

Form = Literal["csv", "geojson", "geoparquet", "atom", "cap", "ical"]

Audience = Annotated[str, typer.Option(help="Audience of the case's release policy.")]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%SZ"],
        help="Moment of release, UTC. Default: that of the ledger's newest entry.",
    ),
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Folder to write into.")]
Language = Annotated[str, typer.Option(help=f"Language that it is written in: {', '.join(LANGUAGES)}.")]


def report(
    day: Annotated[datetime | None, typer.Argument(formats=["%Y-%m-%d"], help="Day, in the case's zone.")] = None,
    *,
    week: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The week, Monday to Sunday, that holds this day, in place of a day."),
    ] = None,
    case: CaseFolder = HERE,
    audience: Audience = "public",
    as_of: AsOf = None,
    language: Language = "en",
    form: Annotated[room.Form, typer.Option("--format", help="A page with its files, or the day on paper.")] = "html",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of a day, or of a week: one page with CSV beside it, or a PDF."""
    asked = day or week
    if asked is None or (day and week):
        what = "no day is named" if asked is None else "a day and a week are named"
        raise BadInput(Problem("report", 0, "", what, "Write a day (2025-04-20), or --week with a day of the week."))
    opened = Case.open(case)
    with tells_of_secret(opened):
        allowed = room.released(opened, audience, _utc(as_of))
    page = room.report(opened, asked.date(), allowed, out, language=language, form=form, week=week is not None)
    files = sorted(path.name for path in page.parent.iterdir() if path.is_file())
    result({"page": str(page), "audience": audience, "files": files}, str(page), as_json)


def export(
    form: Annotated[Form, typer.Argument(help="Form of the file.")],
    table: Annotated[str | None, typer.Argument(help="Name of the table, e.g. incident, finding, rate.")] = None,
    *,
    case: CaseFolder = HERE,
    audience: Audience = "public",
    as_of: AsOf = None,
    hxl: Annotated[bool, typer.Option("--hxl", help="Put HXL tags under the heading of a CSV.")] = False,
    language: Language = "en",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Write a released table, or a feed, safety notices or a calendar, with the attributions beside it."""
    opened = Case.open(case)
    with tells_of_secret(opened):
        allowed = room.released(opened, audience, _utc(as_of))
    folder = out or opened.folder / "exports" / audience
    speech = words(language)
    if form in get_args(Publication):
        if table is not None:
            raise BadInput(Problem(table, 0, "", f"{form} is of the case as a whole", "Leave the table out."))
        with speaking(speech):
            about = room.context(opened, allowed, language)
            files, beside = publish(allowed, about, opened.definitions.agreements, cast("Publication", form), folder)
        values = {"files": [str(one) for one in files], "attributions": str(beside), "audience": audience}
        result(values, "\n".join([*map(str, files), str(beside)]), as_json)
        return
    if table is None:
        raise BadInput(
            Problem(form, 0, "", "no table is named", f"Name one of {', '.join(sorted(allowed.tables))} after it.")
        )
    simulated = opened.definitions.case.simulated
    of_table = cast("Format", form)
    sources = opened.definitions.sources
    path, beside = write_export(allowed, table, of_table, folder, sources, hxl=hxl, simulated=simulated)
    rows = allowed.tables[table].height
    told = {"file": str(path), "attributions": str(beside), "rows": rows, "audience": audience}
    result(told, f"{path} ({rows} rows)\n{beside}", as_json)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


COMMANDS = (report, export)
