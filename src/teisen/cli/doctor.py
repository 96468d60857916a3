"""The command doctor: what is missing on this machine, and what to do about it."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import typer

from teisen.case import templates
from teisen.cli.terminal import HERE, AsJson, CaseFolder, result
from teisen.ledger import KEYS_VARIABLE, keys_folder
from teisen.library import DATA_VARIABLE, data_folder

NEEDED_PYTHON = (3, 11)
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)>=([0-9.]+)$", re.M)


@dataclass(frozen=True)
class Check:
    """One thing looked at: whether it is well, whether Teisen can do without it, and what to do."""

    name: str
    well: bool
    needed: bool
    says: str
    do: str = ""


def doctor(case: CaseFolder = HERE, as_json: AsJson = False) -> None:
    """Say what is missing on this machine; exit code 1 if something that is needed is."""
    checks = [*_python(), *_packages(), *_folders(case), _browser()]
    sick = [check for check in checks if check.needed and not check.well]
    words = {(True, True): "ok     ", (True, False): "ok     ", (False, True): "MISSING", (False, False): "without"}
    lines = [
        f"{words[c.well, c.needed]} {c.name}: {c.says}" + (f" {c.do}" if c.do and not c.well else "") for c in checks
    ]
    lines.append("Something that is needed is missing." if sick else "All that is needed is here.")
    result({"checks": [asdict(check) for check in checks], "well": not sick}, "\n".join(lines), as_json)
    if sick:
        raise typer.Exit(1)


def _python() -> Iterator[Check]:
    found = sys.version.split()[0]
    wanted = ".".join(map(str, NEEDED_PYTHON))
    yield Check("Python", sys.version_info >= NEEDED_PYTHON, True, found, f"Install Python {wanted} or newer.")


def _packages() -> Iterator[Check]:
    wrong = []
    for name, least in _REQUIREMENT.findall("\n".join(r for r in requires("teisen") or [] if ";" not in r)):
        try:
            if _numbers(version(name)) < _numbers(least):
                wrong.append(f"{name} {version(name)} is older than {least}")
        except PackageNotFoundError:
            wrong.append(f"{name} is absent")
    yield Check("packages", not wrong, True, "; ".join(wrong) or "all here", "Run `pip install -e .` again.")
    yield Check("templates", bool(templates()), True, ", ".join(templates()) or "none", "Install the package again.")


def _numbers(version_text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version_text)[:3])


def _folders(case: Path) -> Iterator[Check]:
    data = data_folder()
    do = f"Set {DATA_VARIABLE} to the folder of real data; without it `teisen demo` shows a simulated case."
    yield Check("data folder", data is not None, False, str(data) if data else "none.", do)
    keys = keys_folder()
    do = f"Set {KEYS_VARIABLE} to a folder that you may write to."
    yield Check("keys folder", _writable(keys), True, str(keys), do)
    if (case / "case.yaml").exists():
        do = "Copy the case to a folder that you may write to; reading and verifying work as it is."
        yield Check("case folder", _writable(case), False, str(case.resolve()), do)


def _writable(folder: Path) -> bool:
    """Whether files can be made in ``folder``, or in the nearest folder above it that exists."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        return False
    try:
        with tempfile.TemporaryFile(dir=there):
            return True
    except OSError:
        return False


def _browser() -> Check:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return Check(
            "browser", False, False, "none found.", "Open the pages that commands name in a browser elsewhere."
        )
    return Check("browser", True, False, "found")


COMMANDS = (doctor,)
