"""Names of places that stand for nothing in a case: nothing they ask for can be found there, and none would tell.

What areas a case knows is known once its files are read, so this is asked of derived tables, not of definitions alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

import polars as pl

from teisen.agreement import gaps
from teisen.agreement.gaps import LINE_OF_CONTACT
from teisen.case.definitions import CASE_FILE, Definitions
from teisen.documents import dotted, line_of, load
from teisen.errors import Problem
from teisen.sources.mapping import parse_mapping


def unplaced(
    definitions: Definitions, texts: Mapping[str, bytes], areas: pl.DataFrame, sectors: pl.DataFrame
) -> list[Problem]:
    """Areas that agreements and mappings name and the case does not have; and that it has none of level ``region``.

    Warnings, each with file and line: the case is derived all the same.

    Args:
        definitions: those of the case.
        texts: what they were read from, YAML by path.
        areas: AREA.
        sectors: AREA, those that the case cut along its line.
    """
    known = {*areas["area_id"], *sectors["area_id"], LINE_OF_CONTACT}
    regions = sorted(set(areas.filter(pl.col("level") == "region")["area_id"]))
    return [
        *_of_agreements(definitions, texts, known),
        *_of_mappings(definitions, texts, regions),
        *_of_case(definitions, regions),
    ]


def _of_agreements(definitions: Definitions, texts: Mapping[str, bytes], known: set[str]) -> Iterator[Problem]:
    """Areas that rules and notices name."""
    for name, agreement in zip(definitions.case.agreements, definitions.agreements, strict=True):
        path = f"agreements/{name}"
        text = texts[path].decode("utf-8-sig")
        elsewhere = gaps(agreement, file=path, text=text)
        yield from (gap for gap in gaps(agreement, known, file=path, text=text) if gap not in elsewhere)


def _of_mappings(definitions: Definitions, texts: Mapping[str, bytes], regions: list[str]) -> Iterator[Problem]:
    """Patterns under ``watched:`` that fit no region."""
    named = {entry.options.get("mapping") for entry in definitions.case.sources}
    for path in sorted(f"mappings/{name}" for name in named if isinstance(name, str)):
        text = texts[path].decode("utf-8-sig")
        lines = load(text, path)[1]
        for number, watched in enumerate(parse_mapping(text, path).watched):
            at = ("watched", number, "areas")
            for pattern in watched.areas:
                if not any(fnmatchcase(region, pattern) for region in regions):
                    what = f"{pattern!r} fits no area of level `region`: nothing of it counts as watched"
                    few = ", ".join(regions[:5]) + (", ..." if len(regions) > 5 else "")
                    do = f"Correct it ({few})." if regions else "Write `around:` with a place, or add regions."
                    yield Problem(path, line_of(at, lines), dotted(at), what, do)


def _of_case(definitions: Definitions, regions: list[str]) -> Iterator[Problem]:
    """That there is no region, where something is judged."""
    if not regions and definitions.agreements:
        what = "the case has no area of level `region`: no rate can say what was watched"
        do = "Add a source with reader `areas` and `level: region`, or ingest its file."
        yield Problem(CASE_FILE, 0, "sources", what, do)
