"""A paper set by Typst: its blocks as JSON into one fixed template, so that no text can become markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from teisen.release.paper.blocks import Block, Figure, Grid, Paper

FONT_PACKAGES: Mapping[str, str] = {
    "fontpkg_noto_sans": "files",
    "noto_cjk_sans_jp_regular": ".",
    "noto_cjk_sans_jp_bold": ".",
}
"""Packages that hold fonts (all under the SIL Open Font License 1.1), and where in them the files lie."""
STANDARDS: list[Literal["ua-1", "a-2a"]] = ["ua-1", "a-2a"]
"""What every paper keeps to: PDF/UA-1 (ISO 14289-1, accessible) and PDF/A-2a (ISO 19005-2, to be kept)."""


def pdf(paper: Paper) -> bytes:
    """The PDF of a paper; a function of the paper, the fonts and the version of Typst."""
    import typst  # noqa: PLC0415  it is large, and few commands need it

    made = typst.compile(
        Path(str(files("teisen.release.paper"))) / "template.typ",
        sys_inputs={"paper": json.dumps(_values(paper), ensure_ascii=False)},
        font_paths=[*_fonts()],
        ignore_system_fonts=True,
        pdf_standards=[*STANDARDS],
        timestamp=0,
        format="pdf",
    )
    return bytes(made)


@cache
def _fonts() -> tuple[Path, ...]:
    return tuple((Path(str(files(package))) / inside).resolve() for package, inside in FONT_PACKAGES.items())


def _values(paper: Paper) -> dict[str, Any]:
    return {
        "title": paper.title,
        "subtitle": paper.subtitle,
        "language": paper.language,
        "year": paper.dated.year,
        "month": paper.dated.month,
        "day": paper.dated.day,
        "banner": paper.banner,
        "author": paper.author,
        "foot": paper.foot,
        "blocks": [_block(one) for one in paper.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    values: dict[str, Any] = {"is": type(block).__name__.lower()} | vars(block)
    if isinstance(block, Grid):
        values["numbers"] = sorted(block.numbers)
        values["widths"] = list(block.widths)
    if isinstance(block, Figure):
        values["alt"] = " ".join(block.alt.split())
    return values
