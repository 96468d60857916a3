"""Whole cases for tests: the simulated one and the real ones, made in a folder, with words exchanged if asked for."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from teisen.case import Case, derive, ingest_all
from teisen.case.publish import released
from teisen.library import library
from teisen.release import Released
from teisen.simulation import load_scenario, simulate, write
from teisen.sources.profiles import load_profile

LATER = datetime(2027, 1, 1, tzinfo=UTC)
"""A moment of release long after everything that the cases hold."""


def public(case: Case) -> Released:
    """What the public gets of a case, at a moment that does not depend on when its files came in."""
    return released(case, as_of=LATER)


def simulated_files(folder: Path) -> Path:
    """The files of the shipped scenario."""
    write(simulate(load_scenario(library("cases") / "simulated" / "scenario.yaml"), load_profile), folder)
    return folder


def exchanged(text: str, pairs: Mapping[str, str]) -> str:
    """``text`` with each key written as its value and each value as its key, all at once."""
    both = {**pairs, **{new: old for old, new in pairs.items()}}
    words = "|".join(re.escape(word) for word in sorted(both, key=len, reverse=True))
    return re.sub(words, lambda found: both[found.group()], text) if both else text


def make(name: str, files: Path, folder: Path, pairs: Mapping[str, str] | None = None) -> Case:
    """A shipped case, filled and derived; ``pairs`` are exchanged in its definitions."""
    template = folder / "template"
    shutil.copytree(library("cases") / name, template)
    shutil.copytree(library("cases") / "ground", template / "ground")
    (template / "agreements").mkdir(exist_ok=True)
    for agreement in library("agreements").glob("*.yaml"):
        shutil.copyfile(agreement, template / "agreements" / agreement.name)
    for path in template.rglob("*.yaml") if pairs else ():
        path.write_text(exchanged(path.read_text(encoding="utf-8"), pairs or {}), encoding="utf-8")
    case = Case.create(folder / "case", template)
    ingest_all(case, files)
    derive(case)
    return case
