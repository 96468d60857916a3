"""The daily report: one self-contained page for a day, with CSVs and GeoJSON beside it.

In: released tables and a :class:`ReportContext`. Out: a :class:`Report`, the same bytes for the same input. May touch
the tables' declarations of all rooms before it; computes nothing that a stage should, and shows only what was released.
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
    "daily_report",
    "index_page",
    "shown",
    "write_report",
]


def write_report(report: Report, folder: Path) -> Path:
    """Write the page, the CSVs and the GeoJSON into ``folder`` (made if absent); return the page."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sorted(report.csv.items()):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
    (folder / "incidents.geojson").write_text(report.geojson, encoding="utf-8", newline="\n")
    page = folder / "index.html"
    page.write_text(report.html, encoding="utf-8", newline="\n")
    return page
