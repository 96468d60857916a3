"""Commands that let something out: report, export."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from teisen.case import Case
from teisen.case import publish as room
from teisen.cli.terminal import HERE, AsJson, CaseFolder, result
from teisen.languages import LANGUAGES
from teisen.release.exports import Format
from teisen.release.exports import export as write_export

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
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="Day, in the case's zone.")],
    *,
    case: CaseFolder = HERE,
    audience: Audience = "public",
    as_of: AsOf = None,
    language: Language = "en",
    form: Annotated[room.Form, typer.Option("--format", help="A page with its files, or the day on paper.")] = "html",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of a day: one page with CSV and GeoJSON beside it, or a PDF."""
    opened = Case.open(case)
    allowed = room.released(opened, audience, _utc(as_of))
    page = room.report(opened, day.date(), allowed, out, language=language, form=form)
    files = sorted(path.name for path in page.parent.iterdir() if path.is_file())
    result({"page": str(page), "audience": audience, "files": files}, str(page), as_json)


def export(
    form: Annotated[Format, typer.Argument(help="Form of the file.")],
    table: Annotated[str, typer.Argument(help="Name of the table, e.g. incident, finding, rate.")],
    *,
    case: CaseFolder = HERE,
    audience: Audience = "public",
    as_of: AsOf = None,
    hxl: Annotated[bool, typer.Option("--hxl", help="Put HXL tags under the heading of a CSV.")] = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Write a released table with its attributions beside it."""
    opened = Case.open(case)
    allowed = room.released(opened, audience, _utc(as_of))
    folder = out or opened.folder / "exports" / audience
    simulated = opened.definitions.case.simulated
    path, beside = write_export(allowed, table, form, folder, opened.definitions.sources, hxl=hxl, simulated=simulated)
    rows = allowed.tables[table].height
    values = {"file": str(path), "attributions": str(beside), "rows": rows, "audience": audience}
    result(values, f"{path} ({rows} rows)\n{beside}", as_json)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


COMMANDS = (report, export)
