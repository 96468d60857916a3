"""How long the whole way takes on real data, in seconds and MiB, over one, two and three months.

    python benchmarks/whole_way.py          prints the table and rewrites docs/benchmarks.md

Each figure is one process from start-up to the end: a new case from the energy template with every source, all files
of the data folder ingested, every table derived and written. What does not grow with the case's time (files that hold
years) shows in the growth. No other program does all of this, so no rival is timed; the ratio is to the first period.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from page import rewrite

from teisen.case import Case, derive, ingest_all
from teisen.library import data_folder, library

PERIODS = (("2025-03-01", "2025-04-01"), ("2025-03-01", "2025-05-01"), ("2025-03-01", "2025-06-01"))


def one(first: str, after: str, folder: Path) -> None:
    """Make, fill and derive a case; runs in a process of its own."""
    template = folder / "template"
    template.mkdir()
    source = library("cases") / "energy-2025"
    text = re.sub(
        r"^period: .*$", f"period: {{from: {first}, to: {after}}}", (source / "case.yaml").read_text(), flags=re.M
    )
    (template / "case.yaml").write_text(text)
    (template / "ground").symlink_to(library("cases") / "ground")
    started = time.perf_counter()
    case = Case.create(folder / "case", template)
    result = ingest_all(case, data_folder())
    ingested = time.perf_counter()
    tables = derive(case)
    derived = time.perf_counter()
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = tables["observation"].height, tables["incident"].height
    print(ingested - started, derived - ingested, peak_mib, len(result.files), *rows)


def measure() -> list[str]:
    """Rows of the table, one a period."""
    lines, base = [], None
    for first, after in PERIODS:
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            done = subprocess.run(
                [sys.executable, __file__, first, after, folder], capture_output=True, text=True, check=True
            )
            whole = time.perf_counter() - started
        taking, deriving, peak, files, observations, incidents = map(float, done.stdout.split())
        base = base or whole
        cells = [f"{first} to {after}", *(f"{n:,.0f}" for n in (files, observations, incidents))]
        cells += [f"{taking:.1f}", f"{deriving:.1f}", f"{whole:.1f}", f"{whole / base:.2f}", f"{peak:,.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Measure, print, and write the table into docs/benchmarks.md."""
    if data_folder() is None:
        sys.exit("There is no folder of real data: set TEISEN_DATA.")
    head = [
        "| period | files | observations | incidents | ingest s | derive s | whole s | ratio | peak MiB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    rewrite("whole-way", head + measure())


if __name__ == "__main__":
    if len(sys.argv) == 4:
        one(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
    else:
        main()
