"""What people wrote for a case, parsed: case.yaml, agreements, mappings, profiles that override the shipped ones.

A definition is known by its path in the case folder (``case.yaml``, ``agreements/x.yaml``) and its bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from teisen.agreement import UNDETERMINED, Agreement, load_agreement
from teisen.case.casefile import CaseFile, SourceEntry
from teisen.documents import dotted, line_of, load, parse
from teisen.errors import BadInput, Problem
from teisen.observation import Profile
from teisen.sources import Source
from teisen.sources.mapping import parse_mapping
from teisen.sources.mappings import mapping_text, mappings
from teisen.sources.profiles import load_profile, parse_profile
from teisen.sources.readers import reader

CASE_FILE = "case.yaml"
FOLDERS = ("agreements", "mappings", "profiles")
"""Folders of a case whose YAML files are definitions."""


@dataclass(frozen=True)
class Definitions:
    """A case as it is declared: its file, agreements in the file's order with their files' SHA-256, sources by id."""

    case: CaseFile
    agreements: tuple[Agreement, ...]
    agreement_blobs: tuple[str, ...]
    sources: Mapping[str, Source]


def parse_definitions(texts: Mapping[str, bytes]) -> Definitions:
    """Parse definitions by path.

    Raises:
        BadInput: with every problem that was found, each with file and line.
    """
    case = parse(_text(texts, CASE_FILE, "Write one, or make a new case with `teisen new`."), CaseFile, CASE_FILE)
    problems: list[Problem] = []
    agreements: list[tuple[Agreement, str]] = []
    for name in case.agreements:
        path = f"agreements/{name}"
        try:
            text = _text(texts, path, "Put the file there, or correct `agreements:`.")
            agreements.append((load_agreement(text, path), hashlib.sha256(texts[path]).hexdigest()))
        except BadInput as error:
            problems += error.problems
    sources: dict[str, Source] = {}
    parties = {party.id for party in case.parties} | {p.id for agreement, _ in agreements for p in agreement.parties}
    for entry in sorted(case.sources, key=lambda entry: entry.id):
        try:
            sources[entry.id] = _source(entry, texts, [*sorted(parties), UNDETERMINED] if parties else ())
        except BadInput as error:
            problems += error.problems
        else:
            problems += _strangers(entry, texts, parties)
    if problems:
        raise BadInput(*problems)
    return Definitions(case, tuple(a for a, _ in agreements), tuple(blob for _, blob in agreements), sources)


def _source(entry: SourceEntry, texts: Mapping[str, bytes], parties: Iterable[str]) -> Source:
    reader(entry.reader)
    return Source(
        entry.id,
        entry.reader,
        _profile(entry, texts),
        entry.reported_by,
        entry.about,
        _options(entry, texts),
        tuple(parties),
    )


def _profile(entry: SourceEntry, texts: Mapping[str, bytes]) -> Profile:
    own = f"profiles/{entry.profile}.yaml"
    return parse_profile(_text(texts, own, ""), own) if own in texts else load_profile(entry.profile)


def _options(entry: SourceEntry, texts: Mapping[str, bytes]) -> dict[str, Any]:
    """The options; a mapping that is named as a file is put in its place."""
    named = entry.options.get("mapping")
    if not isinstance(named, str):
        return dict(entry.options)
    path, text = _mapping(entry, named, texts)
    parse_mapping(text, path)
    return dict(entry.options) | {"mapping": load(text, path)[0]}


def _mapping(entry: SourceEntry, named: str, texts: Mapping[str, bytes]) -> tuple[str, str]:
    """Path and text of a mapping: the case's own, else the shipped one of that name."""
    path = f"mappings/{named}"
    if path not in texts and named in mappings():
        return path, mapping_text(named)
    near = ", ".join(mappings())
    do = f"Put the file there, or correct `mapping:` of source {entry.id}; these ship with Teisen: {near}."
    return path, _text(texts, path, do)


def _strangers(entry: SourceEntry, texts: Mapping[str, bytes], parties: Collection[str]) -> Iterator[Problem]:
    """Words that a mapping puts where a party belongs and that name none: nobody would be held bound by them."""
    named = entry.options.get("mapping")
    if not isinstance(named, str) or not parties:
        return
    path, text = _mapping(entry, named, texts)
    fields, lines = parse_mapping(text, path).fields, load(text, path)[1]
    for name in ("actor_stated", "accuser", "accused"):
        field = getattr(fields, name, None)
        for word in field.words() if field else ():
            if word not in parties and word != UNDETERMINED:
                do = f"Write one of {', '.join(sorted(parties))}."
                at = ("fields", name)
                yield Problem(path, line_of(at, lines), dotted(at), f"{word!r} is no party of this case", do)


def _text(texts: Mapping[str, bytes], path: str, do: str) -> str:
    if path not in texts:
        raise BadInput(Problem(path, 0, "", "the file is missing", do))
    try:
        return texts[path].decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(Problem(path, 0, "", "it is not UTF-8", "Save the file as UTF-8 text.")) from None
