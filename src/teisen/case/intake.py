"""Files into a case: each is read once to tell what is wrong with it, and recorded unless unreadable as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from teisen.case.folder import WAIT_S, Case
from teisen.case.reading import GROUND_TABLES, Progress, Received, ground_of, once, read_file, silent
from teisen.case.taken_back import taken_back
from teisen.errors import BadInput, Problem
from teisen.ledger import SOURCE_FILE, Draft, Signer
from teisen.sources import READ_TABLES, Ground, Intake, Source, SourceFile
from teisen.sources.readers import reader

SHOWN = 20
"""Problems of one file that a message lists; the rest are counted and stand in the table of rows set aside."""


@dataclass(frozen=True)
class FileResult:
    """What became of one file. ``entry`` is None where it was refused; ``new`` is false where it was there already, and
    ``withdrawn`` says why it counts no more, if that is so (empty: it counts). ``replaces`` is the file in whose place
    it counts from now on, of a source of which each file holds all that there is (empty: none).
    """

    source_id: str
    name: str
    blob: str
    entry: int | None
    new: bool
    rows_read: int
    rows_set_aside: int
    out_of_scope: int
    problems: tuple[Problem, ...]
    withdrawn: str = ""
    replaces: str = ""


@dataclass(frozen=True)
class IngestResult:
    """What became of a batch of files, in the order in which they were read."""

    files: tuple[FileResult, ...]

    @property
    def refused(self) -> tuple[FileResult, ...]:
        """Files that were not taken."""
        return tuple(f for f in self.files if f.entry is None)

    @property
    def new(self) -> int:
        """How many files were added."""
        return sum(f.new for f in self.files)


def ingest(
    case: Case,
    source_id: str,
    paths: Iterable[Path],
    *,
    wait_s: float = WAIT_S,
    progress: Progress = silent,
) -> IngestResult:
    """Take files of one source into the ledger.

    A file goes in even if rows of it are set aside; one that cannot be read as a whole is refused, and the rest of
    the batch is kept.

    Raises:
        BadInput: the case declares no such source, or a path is no file. NoKey, CaseBusy: as the ledger says.
    """
    _check_declared(case, source_id)
    return _ingest(case, [(source_id, path) for path in paths], wait_s, progress)


def receive(
    case: Case,
    source_id: str,
    files: Sequence[tuple[str, bytes]],
    *,
    author: Signer | None = None,
    wait_s: float = WAIT_S,
) -> IngestResult:
    """As :func:`ingest`, of files that somebody sent: each a name and its bytes.

    Args:
        case: the case.
        source_id: a source that it declares.
        files: names without a path, and bytes.
        author: who signs the entries; by default the ledger itself.
        wait_s: seconds to wait for another command.

    Raises:
        As :func:`ingest`.
    """
    _check_declared(case, source_id)
    loaded = [(source_id, SourceFile(name, hashlib.sha256(data).hexdigest(), data)) for name, data in files]
    with case.busy(wait_s):
        return _take_all(case, loaded, wait_s, silent, author)


def examine(case: Case, source_id: str, name: str, content: bytes) -> FileResult:
    """What would become of a file; nothing goes on record.

    Raises:
        BadInput: the case declares no such source.
    """
    _check_declared(case, source_id)
    file = SourceFile(name, hashlib.sha256(content).hexdigest(), content)
    return _read(case.definitions.sources[source_id], file, _Ground(case))[0]


def ingest_all(
    case: Case, data_folder: Path | None, *, wait_s: float = WAIT_S, progress: Progress = silent
) -> IngestResult:
    """Take all files that ``case.yaml`` names: ``files`` under ``data_folder``, ``shipped`` in the case's folder.

    Raises:
        BadInput: a pattern finds no file.
    """
    found: list[tuple[str, Path]] = []
    problems: list[Problem] = []
    for entry in case.definitions.case.sources:
        for folder, patterns in ((data_folder, entry.files), (case.folder, entry.shipped)):
            for pattern in patterns if folder else ():
                paths = sorted(p for p in folder.glob(pattern) if p.is_file()) if folder else []
                found += [(entry.id, path) for path in paths]
                if not paths:
                    what = f"no file under {folder} fits {pattern!r} of source {entry.id}"
                    problems.append(Problem("case.yaml", 0, "files", what, "Name another folder with --data."))
    if problems:
        raise BadInput(*problems)
    return _ingest(case, found, wait_s, progress)


def _check_declared(case: Case, source_id: str) -> None:
    if source_id not in case.definitions.sources:
        known = ", ".join(sorted(case.definitions.sources)) or "none yet"
        what = f"the case declares no source {source_id!r}"
        raise BadInput(Problem("case.yaml", 0, "sources", what, f"Write one of {known}, or add it to case.yaml."))


def _ingest(case: Case, files: Sequence[tuple[str, Path]], wait_s: float, progress: Progress) -> IngestResult:
    with case.busy(wait_s):
        return _take_all(case, [_load(source_id, path) for source_id, path in files], wait_s, progress, None)


def _take_all(
    case: Case, files: Iterable[tuple[str, SourceFile]], wait_s: float, progress: Progress, author: Signer | None
) -> IngestResult:
    sources = case.definitions.sources
    # Of exports of all that there is the last counts, and their names tell their moments.
    whole = _whole_files(case)
    loaded = sorted(files, key=lambda f: (f[0], f[1].name if f[0] in whole else "", f[1].blob))
    ground_first = sorted(loaded, key=lambda f: reader(sources[f[0]].reader).phase != "ground")
    gathered = _Ground(case)
    results: list[FileResult] = []
    for done, (source_id, file) in enumerate(ground_first):
        progress(f"reading {file.name}", done, len(loaded))
        results.append(_take(case, sources[source_id], file, gathered, wait_s=wait_s, author=author))
    return IngestResult(tuple(results))


def _load(source_id: str, path: Path) -> tuple[str, SourceFile]:
    try:
        content = path.read_bytes()
    except OSError as error:
        what = f"it cannot be read: {error.strerror}"
        raise BadInput(Problem(str(path), 0, "", what, "Check the name and the rights of the file.")) from None
    return source_id, SourceFile(path.name, hashlib.sha256(content).hexdigest(), content)


def _take(
    case: Case, source: Source, file: SourceFile, ground: _Ground, *, wait_s: float, author: Signer | None
) -> FileResult:
    found, intake = _read(source, file, ground)
    if intake is None:
        return found
    before = [e for e in case.entries() if e.subject == source.source_id and source.source_id in _whole_files(case)]
    draft = Draft(SOURCE_FILE, source.source_id, file.name, file.content, _media_type(file.name))
    added = case.ledger.append([draft], author=author, wait_s=wait_s)[0]
    if added.new and reader(source.reader).phase != "watch":
        ground.add(intake)
    back = None if added.new else taken_back(case.ledger.entries()).get((source.source_id, file.blob))
    gone = before[-1].blob.name if added.new and before and before[-1].blob else ""
    return replace(found, entry=added.index, new=added.new, withdrawn=back.reason if back else "", replaces=gone)


def _whole_files(case: Case) -> set[str]:
    return {one.id for one in case.definitions.case.sources if one.each_file == "replaces"}


def _read(source: Source, file: SourceFile, ground: _Ground) -> tuple[FileResult, Intake | None]:
    """What a file holds, without an entry; no tables where it cannot be read as a whole."""
    watch = reader(source.reader).phase == "watch"
    try:
        intake = reader(source.reader).read(file, source, ground.whole() if watch else Ground(), ground.scope)
    except BadInput as error:
        return FileResult(source.source_id, file.name, file.blob, None, False, 0, 0, 0, error.problems), None
    aside = intake.table("set_aside")
    rows = aside.head(SHOWN).select("row", "column", "what", "do").iter_rows()
    problems = tuple(Problem(file.name, row, column, what, do, counted="row") for row, column, what, do in rows)
    counts = (intake.rows_read, aside.height, intake.out_of_scope)
    return FileResult(source.source_id, file.name, file.blob, None, False, *counts, problems), intake


class _Ground:
    """The ground as far as it is known while a batch is read: what was recorded before, and what the batch adds."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.scope = case.definitions.case.scope
        sources = case.definitions.sources
        before = [r for r in case.received() if r.source_id in sources]
        self._before = [r for r in before if reader(sources[r.source_id].reader).phase == "ground"]
        self._added: list[Intake] = []
        self._whole: Ground | None = None

    def add(self, intake: Intake) -> None:
        self._added.append(intake)
        self._whole = None

    def whole(self) -> Ground:
        """Read what was recorded before (once, and only if it is asked for), and put all together."""
        if self._whole is None:
            intakes = [*map(self._read, self._before), *self._added]
            self._whole = ground_of({name: once(READ_TABLES[name], _all(intakes, name)) for name in GROUND_TABLES})
        return self._whole

    def _read(self, one: Received) -> Intake:
        source = self.case.definitions.sources[one.source_id]
        return read_file(one, self.case.ledger.blob, source, Ground(), self.scope)


def _all(intakes: Iterable[Intake], name: str) -> list[pl.DataFrame]:
    return [intake.table(name) for intake in intakes]


def _media_type(name: str) -> str:
    ends = {".csv": "text/csv", ".json": "application/json", ".geojson": "application/geo+json"}
    packed = {".gz": "application/gzip", ".zip": "application/zip"}
    return next((media for end, media in (packed | ends).items() if name.endswith(end)), "application/octet-stream")
