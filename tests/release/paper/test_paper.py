"""A paper: tagged, dated by itself, the same bytes again; texts never become markup; drawings stand alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from teisen.release.paper import Facts, Figure, Grid, Heading, Lines, Notice, Paper, Quote, Text, pdf, standalone

SHAPES = '<rect class="sea" width="20" height="10"/><text class="tick">Київ</text>'
DRAWING = f'<svg viewBox="0 0 20 10" class="map">{SHAPES}</svg>'
RULES = ".sea{fill:var(--sea)}td.x,.tick{font-size:5px}a{b:c}"
CSS = f":root{{--sea:#dbe9f4}}@media print{{:root{{--sea:#fff}}.sea{{fill:red}}}}{RULES}"
HOSTILE = '#panic("x") *bold* _it_ $x$ `raw` <tag> @ref "quoted" \\ 停戦 // no comment'


def paper(language: str = "en") -> Paper:
    blocks = [
        Notice("Nothing here happened."),
        Heading("Chapter"),
        Text(HOSTILE, head="Head"),
        Facts((("Term", HOSTILE), ("Other", "value"))),
        Lines((("Head", "says"), ("", HOSTILE))),
        Heading("Part", 2),
        Grid("A table", ("Name", "Number"), (2, 1), (("a", "1"), (HOSTILE, "2")), frozenset({1})),
        Quote("їхні слова", "uk"),
        Figure(standalone(DRAWING, CSS), "a sea\nand a town", "A figure"),
    ]
    return Paper("Title", "Daily report", language, date(2025, 4, 20), blocks, banner="SIMULATED", author="x.example")


def told(made: bytes, folder: Path, command: str, *options: str) -> str:
    if not shutil.which(command):
        pytest.skip(f"{command} is not installed")
    (folder / "a.pdf").write_bytes(made)
    out = ["-"] if command == "pdftotext" else []
    done = subprocess.run([command, *options, "a.pdf", *out], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode()


def test_the_same_paper_is_the_same_bytes_and_another_is_not() -> None:
    assert pdf(paper()) == pdf(paper())
    assert pdf(paper()) != pdf(paper("uk"))


def test_it_keeps_to_the_standards_of_access_and_keeping() -> None:
    made = pdf(paper())
    assert b"/MarkInfo" in made
    assert b"/StructTreeRoot" in made
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made
    assert b"<pdfaid:part>2</pdfaid:part>" in made
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in made
    assert re.search(rb"/Lang ?\(uk\)", pdf(paper("uk")))


def test_it_is_dated_by_itself_never_by_the_clock(tmp_path: Path) -> None:
    info = told(pdf(paper()), tmp_path, "pdfinfo", "-isodates")
    assert "CreationDate:    2025-04-20" in info
    assert "Title:           Title, Daily report" in info


def test_texts_are_never_markup(tmp_path: Path) -> None:
    text = " ".join(told(pdf(paper()), tmp_path, "pdftotext").split())
    assert text.count('#panic("x") *bold* _it_ $x$ `raw` <tag> @ref') == 4
    assert "// no comment" in text
    assert "їхні слова" in text
    assert "SIMULATED" in text


def test_a_drawing_that_stands_alone_has_the_light_colours_of_its_page() -> None:
    alone = standalone(DRAWING, CSS)
    assert alone.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10" class="map"><style>')
    assert ".sea{fill:#dbe9f4}.tick{font-size:5px}" in alone
    assert "var(" not in alone
    assert "td.x" not in alone
    assert "red" not in alone
