"""What leaves a case: its derived tables through the release policy, and the reports that are written from them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

from teisen.case import stored
from teisen.case.folder import Case
from teisen.errors import BadInput, DerivedDiffers, Problem
from teisen.languages import ENGLISH, words
from teisen.release import Policy, Released, release
from teisen.release.report import (
    Entry,
    Party,
    ReportContext,
    daily_pdf,
    daily_report,
    shown,
    weekly_pdf,
    weekly_report,
    write_pdf,
    write_report,
)

Form = Literal["html", "pdf"]
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def released(
    case: Case,
    audience: str = "public",
    as_of: datetime | None = None,
) -> Released:
    """The case's derived tables as ``audience`` may have them.

    Args:
        case: a case whose tables are derived and up to date.
        audience: one of the case's release policy.
        as_of: the moment of release; by default the time of the ledger's newest entry, never the clock.

    Raises:
        DerivedDiffers: nothing was derived, or not since the ledger grew. BadInput: there is no such audience.
        NoKey: the secret under which ids leave cannot be read.
    """
    manifest = stored.read_manifest(case.derived)
    if manifest is None or manifest.get("inputs") != case.inputs():
        what = "has no derived tables" if manifest is None else "has grown since its tables were derived"
        raise DerivedDiffers(f"{case.folder} {what}. Run `teisen derive`.")
    policy: Policy = case.definitions.case.release
    return release(
        stored.read_tables(case.derived),
        policy,
        audience,
        as_of or case.head_time(),
        case.definitions.sources,
        secret=case.ledger.secret,
    )


def context(case: Case, out: Released, language: str = "en") -> ReportContext:
    """What a report states beside the tables: the case, its terms, and what all of it rests on; and its language."""
    file, manifest = case.definitions.case, stored.read_manifest(case.derived) or {}
    checkpoint = case.ledger.checkpoint
    return ReportContext(
        case_id=file.id,
        title=file.title,
        parties=tuple(Party(party.id, party.name) for party in file.parties),
        first=file.period.start,
        last=file.period.end - timedelta(days=1),
        agreements=tuple(shown(agreement) for agreement in case.definitions.agreements),
        sources=case.definitions.sources,
        simulated=file.simulated,
        box=file.box,
        zone=file.zone,
        level=file.report.level,
        audience=out.audience,
        policy=out.terms.says,
        log=out.log,
        smallest_cell=out.terms.smallest_cell if out.terms.smallest_cell > 1 else 0,
        as_of=out.as_of,
        origin=checkpoint.origin,
        checkpoint=checkpoint.content.decode("utf-8"),
        ledger_size=checkpoint.size,
        code_version=str(manifest.get("version", "")),
        code_digest=str(manifest.get("code", "")),
        digests={name: table["sha256"] for name, table in manifest.get("tables", {}).items()},
        entries={
            e.blob.sha256: Entry(e.index, e.blob.name, e.time.strftime(TIME_FORMAT))
            for e in reversed(case.ledger.entries())
            if e.blob
        },
        language=language,
    )


def report(
    case: Case,
    day: date,
    out: Released,
    folder: Path | None = None,
    *,
    language: str = "en",
    form: Form = "html",
    week: bool = False,
) -> Path:
    """Write the report of a day, or of the week that holds it; return its page, or its PDF.

    Args:
        case: the case.
        day: a day that the case covers, in its zone.
        out: what may leave, from :func:`released`.
        folder: where to write; by default ``reports/<audience>/<day>`` (a week: ``2025-W16``) in the case, for
            another language than English in a folder of its code in it.
        language: what it is written in.
        form: ``html``: the page with its files; ``pdf``: the same on paper, alone.
        week: report the week, Monday to Sunday, that holds the day.

    Raises:
        BadInput: the case does not cover the day.
    """
    period = case.definitions.case.period
    if not period.start <= day < period.end:
        last = period.end - timedelta(days=1)
        what = f"the case does not cover {day}"
        raise BadInput(Problem("case.yaml", 0, "period", what, f"Name a day from {period.start} to {last}."))
    year, number, _ = day.isocalendar()
    own = case.reports / out.audience / (f"{year}-W{number:02}" if week else day.isoformat())
    into = folder or (own if language == ENGLISH.language else own / language)
    about = context(case, out, words(language).language)
    if form == "pdf":
        return write_pdf((weekly_pdf if week else daily_pdf)(out.tables, day, about), into)
    return write_report((weekly_report if week else daily_report)(out.tables, day, about), into)
