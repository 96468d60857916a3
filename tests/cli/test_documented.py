"""docs/cli.md says what the commands are: no command, option, exit code or setting is left out, and none is made up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

import teisen
from teisen import errors
from teisen.cli import INTERRUPTED, MISTAKE, app

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            given = {o for p in command.params for o in (*p.opts, *p.secondary_opts) if o.startswith("-")}
            yield " ".join((*path, name)), given - {"--help"}


REAL = dict(commands(typer.main.get_command(app)))


def sections() -> dict[str, set[str]]:
    found = {}
    for heading, text in re.findall(r"^### `teisen ([^`]+)`\n(.*?)(?=^##|\Z)", PAGE, re.M | re.S):
        name = " ".join(word for word in re.split(r"[\s\[]", heading) if re.fullmatch("[a-z]+", word))
        options = text.partition("Options:")[2]
        found[name] = set(re.findall(r"`(--?[a-z-]+)`", options))
    return found


def test_every_command_and_option_is_documented_and_no_other() -> None:
    assert sections() == REAL


def test_every_exit_code_is_documented_and_no_other() -> None:
    table = PAGE.partition("## Exit codes")[2].partition("##")[0]
    known = {c.exit_code for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.TeisenError)}
    assert set(map(int, re.findall(r"^\| (\d+) \|", table, re.M))) == known | {0, MISTAKE, INTERRUPTED}


def test_every_setting_is_documented_and_no_other() -> None:
    package = Path(teisen.__file__).parent
    used = {n for p in package.rglob("*.py") for n in re.findall(r"\bTEISEN_[A-Z]+\b", p.read_text(encoding="utf-8"))}
    assert set(re.findall(r"^\| `(TEISEN_[A-Z]+)`", PAGE, re.M)) == used


def test_a_command_that_prints_a_result_prints_it_as_json_too() -> None:
    assert {name for name, options in REAL.items() if "--json" not in options} == {"agreement schema", "serve"}
