"""What a command does not need is not imported for it, and what is said before is what the command says itself."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

from teisen.cli import app

HEAVY = ("polars", "numpy", "scipy", "shapely", "pyproj", "jinja2", "pydantic", "yaml", "pyarrow", "duckdb")
SLOW = ("scipy.stats", "scipy.optimize", "scipy.spatial", "scipy.special", "scipy.ndimage", "pyproj")
"""Libraries that cost most to load, and that opening a case does not take: they are named as ``scipy.stats``."""
SEEN = """
import sys
from teisen.cli import main
sys.argv = ["teisen", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    print("exit", end.code)
print("imported:", *sorted(sys.modules))
"""


def imported(*arguments: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", SEEN, *arguments], capture_output=True, text=True, check=True)
    assert "exit 0" in done.stdout
    return set(done.stdout.rpartition("imported:")[2].split())


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_version_and_help_import_nothing_heavy(argument: str) -> None:
    assert not imported(argument) & set(HEAVY)


def test_a_command_called_imports_what_it_needs() -> None:
    found = imported("status", "--help")
    assert "polars" in found
    assert not found & set(SLOW)


def test_names_and_help_are_those_of_the_commands_themselves() -> None:
    late = typer.main.get_command(app).commands
    assert {"new", "derive", "report", "demo", "agreement"} <= set(late)
    for name, command in late.items():
        real = command.real
        if command.name not in ("agreement", "plan"):
            assert real.name == name
        assert command.get_short_help_str(200) == real.get_short_help_str(200), name
        assert command.get_short_help_str(200), name
