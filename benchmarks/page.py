"""The page of benchmarks, whose tables stand between a pair of comments that bears their name."""

from __future__ import annotations

from collections.abc import Sequence

from teisen.library import PACKAGE

PAGE = PACKAGE.parent.parent / "docs" / "benchmarks.md"


def rewrite(name: str, lines: Sequence[str]) -> None:
    """Print a table, given as lines of Markdown, and put it in place of the one named ``name`` on the page."""
    table = "\n".join(lines)
    print(table, flush=True)
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    if not found:
        raise SystemExit(f"{PAGE.name} has no place for the table: write {begin} and {end} into it.")
    PAGE.write_text(f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}", encoding="utf-8")
