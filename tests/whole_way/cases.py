"""Whole cases for tests: the simulated one and the real ones, made in a folder, with words exchanged if asked for."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from teisen.case import Case, derive, ingest, ingest_all, stored
from teisen.library import library
from teisen.release import Released, release
from teisen.simulation import load_scenario, simulate, write
from teisen.sources.profiles import load_profile
from tests.outward import secret

DERIVE = "import sys, pathlib, teisen.case as room; room.derive(room.Case.open(pathlib.Path(sys.argv[1])))"
FEW = 20
"""Files that are taken one by one."""
LATER = datetime(2027, 1, 1, tzinfo=UTC)
"""A moment of release long after everything that the cases hold."""


def public(case: Case) -> Released:
    """What the public gets of a case, at a moment that does not depend on when its files came in, under a secret that
    does not depend on its key: two ledgers have two, and give two ids to one thing."""
    tables, definitions = stored.read_tables(case.derived), case.definitions
    return release(tables, definitions.case.release, "public", LATER, definitions.sources, secret=secret)


def simulated_files(folder: Path) -> Path:
    """The files of the shipped scenario."""
    write(simulate(load_scenario(library("cases") / "simulated" / "scenario.yaml"), load_profile), folder)
    return folder


def exchanged(text: str, pairs: Mapping[str, str]) -> str:
    """``text`` with each key written as its value and each value as its key, all at once."""
    both = {**pairs, **{new: old for old, new in pairs.items()}}
    words = "|".join(re.escape(word) for word in sorted(both, key=len, reverse=True))
    return re.sub(words, lambda found: both[found.group()], text) if both else text


def template(name: str, folder: Path, pairs: Mapping[str, str] | None = None) -> Path:
    """The definitions of a shipped case, copied; ``pairs`` are exchanged in them."""
    shutil.copytree(library("cases") / name, folder)
    shutil.copytree(library("cases") / "ground", folder / "ground")
    (folder / "agreements").mkdir(exist_ok=True)
    for agreement in library("agreements").glob("*.yaml"):
        shutil.copyfile(agreement, folder / "agreements" / agreement.name)
    for path in folder.rglob("*.yaml") if pairs else ():
        path.write_text(exchanged(path.read_text(encoding="utf-8"), pairs or {}), encoding="utf-8")
    return folder


def make(name: str, files: Path, folder: Path, pairs: Mapping[str, str] | None = None) -> Case:
    """A shipped case, filled and derived; ``pairs`` are exchanged in its definitions."""
    case = Case.create(folder / "case", template(name, folder / "template", pairs))
    ingest_all(case, files)
    derive(case)
    return case


def made_otherwise(definitions: Path, files: Path, folder: Path, seed: int) -> Case:
    """A case of these definitions filled in another order, and derived by another process, one thread.

    The order is one of files where they are few; else one of sources and of each one's files, as every call of
    ``ingest`` reads again what the case already knows of the ground.
    """
    case = Case.create(folder / "deep" / "er", definitions)
    wanted = [
        (entry.id, path)
        for entry in case.definitions.case.sources
        for place, patterns in ((files, entry.files), (case.folder, entry.shipped))
        for pattern in patterns
        for path in sorted(place.glob(pattern))
    ]
    random.Random(seed).shuffle(wanted)  # noqa: S311
    batches: dict[tuple[str, int], list[Path]] = {}
    for n, (source_id, path) in enumerate(wanted):
        batches.setdefault((source_id, n if len(wanted) <= FEW else 0), []).append(path)
    for (source_id, _), paths in batches.items():
        ingest(case, source_id, paths)
    env = dict(os.environ) | {"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": str(seed)}
    subprocess.run([sys.executable, "-c", DERIVE, str(case.folder)], env=env, check=True)
    return case
