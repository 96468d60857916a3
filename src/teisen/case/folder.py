"""A case folder: made from a template, opened, its definitions kept on record, its files and digests listed."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import filelock

from teisen.case import acts
from teisen.case.casefile import CaseFile
from teisen.case.definitions import CASE_FILE, FOLDERS, Definitions, parse_definitions
from teisen.case.reading import Received
from teisen.case.taken_back import TakenBack, taken_back
from teisen.case.terms import digests
from teisen.decision import Act
from teisen.documents import parse
from teisen.errors import BadInput, CaseBusy, NotACase, Problem
from teisen.ledger import ACCESS, DEFINITIONS, REDACTION, SOURCE_FILE, Draft, Entry, Ledger
from teisen.library import library

WAIT_S = 30.0
"""Seconds that a command waits for another one on the same case."""
LOCK = ".lock"


class Case:
    """A case in ``folder``: definitions to edit, the ledger, and what was derived from it."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.folder = folder
        self.ledger = ledger
        self._acts: dict[int, Act] = {}

    @classmethod
    def create(cls, folder: Path, template: str | Path, *, keys_folder: Path | None = None) -> Case:
        """Make a case from a template: a name of one that ships with Teisen, or a ``case.yaml`` with what is beside it.

        Agreements are taken from the template's folder, else from those that ship with Teisen. The definitions are
        checked and put on record before the call returns.

        Raises:
            BadInput: there is a case already, no such template, or a definition does not fit.
        """
        if (folder / CASE_FILE).exists() or (folder / "ledger").exists():
            raise BadInput(Problem(str(folder), 0, "", "there is a case already", "Choose another folder."))
        source = _template(template)
        texts = _gather(source)
        definitions = parse_definitions(texts)
        for entry in definitions.case.sources:
            for name in entry.shipped:
                _copy(source.parent, name, folder)
        for path, content in texts.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        case = cls(folder, Ledger.create(folder / "ledger", definitions.case.id, keys_folder))
        case.record_definitions()
        return case

    @classmethod
    def open(cls, folder: Path, *, keys_folder: Path | None = None) -> Case:
        """Open the case in ``folder``.

        Raises:
            NotACase: there is none, or only a part of one. LedgerBroken: its ledger is damaged.
        """
        if not (folder / "ledger").is_dir():
            what = "has a case.yaml and no ledger" if (folder / CASE_FILE).is_file() else "holds no case"
            raise NotACase(
                f"{folder} {what}. Name the folder of a case with --case, or make one with `teisen new FOLDER`."
            )
        return cls(folder, Ledger.open(folder / "ledger", keys_folder))

    @property
    def derived(self) -> Path:
        """The folder of derived tables."""
        return self.folder / "derived"

    @property
    def reports(self) -> Path:
        """The folder of reports."""
        return self.folder / "reports"

    def on_disk(self) -> dict[str, bytes]:
        """The definitions as they stand in the folder now, by path."""
        paths = [self.folder / CASE_FILE, *(p for f in FOLDERS for p in sorted((self.folder / f).glob("*.yaml")))]
        return {p.relative_to(self.folder).as_posix(): p.read_bytes() for p in paths if p.is_file()}

    def on_record(self) -> dict[str, bytes]:
        """The definitions that the ledger holds, by path, each in its newest version; a removed one is left out."""
        return {path: self.ledger.blob(sha256) for path, (sha256, size) in self._recorded().items() if size}

    def _recorded(self) -> dict[str, tuple[str, int]]:
        newest = {e.subject: e.blob for e in self.ledger.entries() if e.type in DEFINITIONS and e.blob}
        return {path: (blob.sha256, blob.size) for path, blob in sorted(newest.items())}

    def record_definitions(self) -> list[str]:
        """Put definitions that changed since they were recorded into the ledger; return their paths.

        They are checked first, so that the ledger holds sound ones. A file that was removed is recorded as empty.

        Raises:
            BadInput: a definition does not fit. NoKey: something changed and this machine may not append.
        """
        now, known = self.on_disk(), self._recorded()
        changed = {p: c for p, c in now.items() if known.get(p, ("", 0))[0] != hashlib.sha256(c).hexdigest()}
        changed |= {p: b"" for p, (_, size) in known.items() if size and p not in now and p != CASE_FILE}
        if changed or not known:
            parse_definitions(now)
            drafts = [Draft(_type(path), path, path, content, "application/yaml") for path, content in changed.items()]
            self.ledger.append(drafts)
            self.__dict__.pop("definitions", None)
        return sorted(changed)

    @cached_property
    def definitions(self) -> Definitions:
        """The definitions on record, parsed."""
        return parse_definitions(self.on_record())

    def entries(self) -> list[Entry]:
        """Entries of received files that count, in the order of the ledger: without those that were withdrawn, that a
        later file replaces, or whose bytes were taken out."""
        entries = self.ledger.entries()
        redacted, back = {e.body.get("blob") for e in entries if e.type == REDACTION}, taken_back(entries)
        files = [(e, e.blob.sha256) for e in entries if e.type == SOURCE_FILE and e.blob]
        counting = [e for e, blob in files if blob not in redacted and (e.subject, blob) not in back]
        whole = {one.id for one in self.definitions.case.sources if one.each_file == "replaces"}
        last = {e.subject: e.index for e in counting}
        return [e for e in counting if e.subject not in whole or e.index == last[e.subject]]

    def taken_back(self) -> list[TakenBack]:
        """Received files that were withdrawn and count no more, in the order in which that was said."""
        return list(taken_back(self.ledger.entries()).values())

    def received(self) -> list[Received]:
        """The received files, in an order that does not depend on when they came."""
        return sorted(Received(e.subject, e.blob.sha256, e.blob.name) for e in self.entries() if e.blob)

    def acts(self) -> list[Act]:
        """What people decided, corrected, commented and replied, in the order in which it counts."""
        return acts.acts_of(self.ledger.entries(), self.ledger.blob, self.ledger.origin, self._acts)

    def head_time(self) -> datetime:
        """The time of the ledger's newest entry, those left out that tell who came and went: they add nothing to it."""
        return next(e.time for e in reversed(self.ledger.entries()) if e.type != ACCESS)

    def inputs(self) -> str:
        """SHA-256 over what a derivation rests on: definitions, files and acts, whatever order they came in."""
        lines = [f"definition\x1f{path}\x1f{sha256}" for path, (sha256, size) in self._recorded().items() if size]
        lines += [f"file\x1f{r.source_id}\x1f{r.blob}\x1f{r.name}" for r in self.received()]
        lines += acts.lines(self.acts())
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()

    def rests_on(self) -> dict[str, Any]:
        """What a derivation rests on, piece by piece, so that a change can be told by name.

        ``acts``: digests of what people did. ``definitions``: SHA-256 by path. ``files``: source, SHA-256 and name of
        each. ``agreements``: the path that defines an agreement, by id. ``terms``: digests of its pieces
        (:func:`teisen.case.terms.digests`). ``sources``: the paths of the profile and the mapping of a source, by id.
        """
        declared, recorded = self.definitions, {path: sha for path, (sha, size) in self._recorded().items() if size}
        names = zip(declared.agreements, declared.case.agreements, strict=True)
        agreements = {agreement.id: f"agreements/{name}" for agreement, name in names}
        texts = self.on_record()
        own = {
            s.id: [f"profiles/{s.profile}.yaml", f"mappings/{s.options.get('mapping')}"] for s in declared.case.sources
        }
        return {
            "acts": [act.digest for act in self.acts()],
            "definitions": recorded,
            "files": [[r.source_id, r.blob, r.name] for r in self.received()],
            "agreements": agreements,
            "terms": {id_: digests(texts[path].decode("utf-8-sig"), path) for id_, path in agreements.items()},
            "sources": {source: [path for path in paths if path in recorded] for source, paths in own.items()},
        }

    def refresh(self) -> None:
        """Take up what others put on record since.

        Raises:
            LedgerBroken: what is there does not verify.
        """
        before = len(self.ledger.entries())
        self.ledger.follow()
        if any(e.type in DEFINITIONS for e in self.ledger.entries()[before:]):
            self.__dict__.pop("definitions", None)

    @contextmanager
    def busy(self, wait_s: float = WAIT_S) -> Iterator[None]:
        """Hold the case against other commands that write to it; it is then as they left it.

        Raises:
            CaseBusy: another one held it for longer than ``wait_s`` seconds.
        """
        try:
            with filelock.FileLock(self.folder / LOCK, timeout=wait_s):
                self.refresh()
                yield
        except filelock.Timeout:
            raise CaseBusy(
                f"Another command is working on {self.folder} and did not end within {wait_s:g} s. "
                "Wait until it has ended and run this one again; nothing was changed."
            ) from None


def templates() -> list[str]:
    """Names of the case templates that ship with Teisen."""
    return sorted(path.parent.name for path in library("cases").glob(f"*/{CASE_FILE}"))


def _template(template: str | Path) -> Path:
    shipped = library("cases") / str(template) / CASE_FILE
    if str(template) in templates():
        return shipped
    path = Path(template)
    path = path / CASE_FILE if path.is_dir() else path
    if path.is_file():
        return path
    raise BadInput(
        Problem(str(template), 0, "", "there is no such template", f"Write {', '.join(templates())} or a case.yaml.")
    )


def _gather(source: Path) -> Mapping[str, bytes]:
    """The definitions beside a template's case.yaml, by path; agreements that it lacks come from the library."""
    texts = {CASE_FILE: source.read_bytes()}
    for folder in FOLDERS:
        texts |= {f"{folder}/{p.name}": p.read_bytes() for p in sorted((source.parent / folder).glob("*.yaml"))}
    case = parse(texts[CASE_FILE].decode("utf-8-sig", "replace"), CaseFile, CASE_FILE)
    for name in case.agreements:
        shipped = library("agreements") / name
        if shipped.is_file():
            texts.setdefault(f"agreements/{name}", shipped.read_bytes())
    return texts


def _copy(source: Path, name: str, folder: Path) -> None:
    """Copy a shipped file from beside the template, or from beside all templates."""
    found = next((p for p in (source / name, library("cases") / name) if p.is_file()), None)
    if found is None:
        raise BadInput(Problem(str(source / name), 0, "shipped", "the file is missing", "Put it beside the template."))
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(found, folder / name)


def _type(path: str) -> str:
    return "case" if path == CASE_FILE else path.partition("/")[0].removesuffix("s")
