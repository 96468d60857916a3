"""The daily and the weekly report: one self-contained page, with CSVs and GeoJSON beside it, and the same as a PDF.

In: released tables and a :class:`ReportContext`. Out: a :class:`Report` or a PDF, the same bytes for the same input.
May touch the tables' declarations of all rooms before it; computes nothing that a stage should, and shows only what was
released.
"""

from __future__ import annotations

from pathlib import Path

from teisen.release.report.context import (
    AgreementShown,
    Entry,
    Party,
    ProvisionShown,
    ReadingShown,
    ReportContext,
    shown,
)
from teisen.release.report.page import CaseCard, Report, ReportLink, daily_report, index_page
from teisen.release.report.printed import daily_pdf
from teisen.release.report.week_page import weekly_pdf, weekly_report

__all__ = [
    "AgreementShown",
    "CaseCard",
    "Entry",
    "Party",
    "ProvisionShown",
    "ReadingShown",
    "Report",
    "ReportContext",
    "ReportLink",
    "daily_pdf",
    "daily_report",
    "index_page",
    "shown",
    "weekly_pdf",
    "weekly_report",
    "write_pdf",
    "write_report",
]


def write_report(report: Report, folder: Path) -> Path:
    """Write the page, the CSVs and the GeoJSON into ``folder`` (made if absent); return the page."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sorted(report.csv.items()):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
    if report.geojson:
        (folder / "incidents.geojson").write_text(report.geojson, encoding="utf-8", newline="\n")
    page = folder / "index.html"
    page.write_text(report.html, encoding="utf-8", newline="\n")
    return page


def write_pdf(made: bytes, folder: Path) -> Path:
    """Write a PDF into ``folder`` (made if absent); return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "report.pdf"
    file.write_bytes(made)
    return file
