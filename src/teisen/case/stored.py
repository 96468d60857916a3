"""Derived tables on disk: Parquet, rows set aside as CSV, and a manifest; the same tables give the same bytes.

Nothing here tells when, where or in which order the case was filled: that is the ledger's to tell.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from teisen import __version__, parquet
from teisen.errors import BadInput, Problem, SchemaError
from teisen.library import PACKAGE
from teisen.release.tables import TABLES

MANIFEST = "manifest.json"
FORMAT = "teisen-derived/1"
SET_ASIDE_FOLDER = "set_aside"
STATE = "state"
"""Folder beside the tables from which the next derivation may go on (:mod:`teisen.case.resuming`): no result."""
LIBRARIES = ("numpy", "polars", "pyarrow", "pyproj", "scipy", "shapely")
"""Libraries whose version can change a byte of a result."""
NO_CODE = {".pyc", ".pyi"}


def write_tables(
    tables: Mapping[str, pl.DataFrame],
    inputs: str,
    folder: Path,
    rests_on: Mapping[str, Any] | None = None,
) -> None:
    """Write tables, the rows set aside by source, and the manifest into an empty ``folder``.

    ``inputs`` is :meth:`teisen.case.Case.inputs`; ``rests_on`` goes into the manifest beside it, key by key.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listed: dict[str, Any] = {}
    for name in sorted(tables):
        path = folder / f"{name}.parquet"
        parquet.write(TABLES[name], tables[name], path)
        listed[name] = {"sha256": sha256_of(path), "rows": tables[name].height}
    (folder / SET_ASIDE_FOLDER).mkdir()
    aside = tables["set_aside"]
    for source in aside["source_id"].unique().sort():
        rows = aside.filter(pl.col("source_id") == source)
        rows.write_csv(folder / SET_ASIDE_FOLDER / f"{source}.csv")
    manifest = {
        "format": FORMAT,
        "version": __version__,
        "code": code_digest(),
        "libraries": library_versions(),
        "inputs": inputs,
        "tables": listed,
        **(rests_on or {}),
    }
    text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="")


def replace(new: Path, old: Path) -> None:
    """Put the folder ``new`` in the place of ``old``; a reader sees one or the other, whole."""
    gone = old.with_name(f"{old.name}.old")
    shutil.rmtree(gone, ignore_errors=True)
    if old.exists():
        old.rename(gone)
    new.rename(old)
    shutil.rmtree(gone, ignore_errors=True)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a folder of derived tables; None where there is none that can be read."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("format") == FORMAT else None


def only_tables(folder: Path) -> bool:
    """Whether a folder is empty, or holds derived tables and nothing else that could be lost."""
    names = {path.name for path in folder.iterdir()}
    rest = {name for name in names if not name.endswith(".parquet")} - {MANIFEST, SET_ASIDE_FOLDER, STATE}
    return not names or (not rest and read_manifest(folder) is not None)


def read_tables(folder: Path, names: Iterable[str] | None = None) -> dict[str, pl.DataFrame]:
    """The derived tables of a folder, by name; all of them, or those named.

    Raises:
        BadInput: a table has not what this version of the code reads.
    """
    wanted = TABLES if names is None else names
    paths = {name: folder / f"{name}.parquet" for name in wanted}
    return {name: _read(name, path) for name, path in paths.items() if path.is_file()}


def _read(name: str, path: Path) -> pl.DataFrame:
    try:
        return parquet.read(TABLES[name], path)
    except (pa.ArrowException, pl.exceptions.PolarsError, SchemaError):
        what, do = "the table was derived with another version of the code, or is damaged", "Run `teisen derive`."
        raise BadInput(Problem(str(path), 0, "", what, do)) from None


def first_difference(ours: Path, theirs: Path) -> str | None:
    """Which file of two folders differs first and at which byte, in words; None where results are the same."""
    files = [
        {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file() and p.parent.name != STATE}
        for root in (ours, theirs)
    ]
    for name in sorted(files[0] | files[1]):
        if name not in files[0]:
            return f"{name} is missing in the case"
        if name not in files[1]:
            return f"{name} is in the case, but deriving does not give it"
        a, b = (ours / name).read_bytes(), (theirs / name).read_bytes()
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
            return f"{name} differs from byte {at} on (bytes count from 0)"
    return None


@cache
def code_digest() -> str:
    """SHA-256 over the names and bytes of all files of the package: what a result was derived with."""
    digest = hashlib.sha256()
    for path in sorted(p for p in PACKAGE.rglob("*") if p.is_file()):
        name = path.relative_to(PACKAGE).as_posix()
        if path.suffix in NO_CODE or name.startswith("_library/"):
            continue
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{name}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()


def library_versions() -> dict[str, str]:
    """Versions of the libraries that can change a byte of a result."""
    return {name: version(name) for name in LIBRARIES}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
