"""The documentation speaks of what is there: links, files, commands and documents."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from teisen.agreement import load_agreement
from teisen.cli import app
from teisen.sources.mapping import parse_mapping

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
FILE = re.compile(r"`((?:src|docs|cases|agreements|tests|benchmarks|scripts)/[\w./-]+)`")
BLOCK = re.compile(r"(?ms)^```(\w+)\n(.*?)^```")


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def blocks(page: Path, *languages: str) -> list[str]:
    return [text for language, text in BLOCK.findall(page.read_text(encoding="utf-8")) if language in languages]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
class TestPage:
    def test_links_lead_somewhere(self, page: Path) -> None:
        for link in LINK.findall(page.read_text(encoding="utf-8")):
            target, _, anchor = link.partition("#")
            if "://" in link:
                continue
            found = (page.parent / target).resolve() if target else page
            assert found.exists(), link
            if anchor:
                assert anchor in anchors(found), link

    def test_files_that_it_names_exist(self, page: Path) -> None:
        for name in FILE.findall(page.read_text(encoding="utf-8")):
            assert "NAME" in name or (ROOT / name).exists(), name  # NAME stands for the reader's choice

    def test_commands_that_it_shows_exist(self, page: Path) -> None:
        for line in "".join(blocks(page, "sh", "bash", "console")).splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if words[:1] == ["teisen"]:
                known(words[1:])

    def test_documents_that_it_shows_are_sound(self, page: Path) -> None:
        for text in blocks(page, "yaml"):
            if text.startswith("format: teisen-agreement/1") and "provisions:" in text:
                load_agreement(text, page.name)
            if text.startswith("format: teisen-table/1"):
                parse_mapping(text, page.name)


def known(words: list[str]) -> None:
    """Fail unless ``words`` name a command and options that it has."""
    command = get_command(app)
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        assert words[0] in command.commands, words
        command, words = command.commands[words[0]], words[1:]
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    for word in words:
        if word.startswith("-"):
            assert word.partition("=")[0] in options | {"--help"}, words
