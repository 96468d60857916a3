"""Reports that are let out by two people: prepared by one, released by another, kept in the ledger as they were."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from teisen.case.definitions import CASE_FILE
from teisen.case.folder import WAIT_S, Case
from teisen.errors import BadInput, Problem
from teisen.ledger import DEFINITIONS, Draft, Entry, person_key
from teisen.ledger.note import ED25519, to_base64

PUBLICATION = "publication"
"""Type of the entries."""
FORMAT = "teisen-publication/1"
RELEASER = "duty-officer"
"""Role of who releases."""
MEDIA_TYPE = "application/zip"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
State = Literal["prepared", "released", "withdrawn"]


@dataclass(frozen=True)
class Publication:
    """A report on its way out, or let out.

    Attributes:
        id: pub- and 12 hex digits over kind, name, audience and content.
        kind: daily, weekly, ...
        name: which one of its kind, such as the day.
        audience: for whom it was made.
        state: prepared, released or withdrawn.
        blob: SHA-256 of its files, a zip.
        terms: SHA-256 of the ``case.yaml`` whose release policy it was made under.
        prepared: the entry that prepared it, and by whom; ``keys`` are public keys, for one person is one key.
        released: the entry that released it; None: none yet.
        time: of the entry that brought it into its state.
        languages: that its pages and papers are written in.
    """

    id: str
    kind: str
    name: str
    audience: str
    state: State
    blob: str
    terms: str
    prepared: int
    prepared_by: str
    prepared_key: str
    time: datetime
    released: int | None = None
    released_by: str = ""
    languages: tuple[str, ...] = ("en",)


def publications(entries: Iterable[Entry]) -> list[Publication]:
    """The publications on record, in the order in which they were prepared. What does not fit changes nothing."""
    found: dict[str, Publication] = {}
    for entry in entries:
        if entry.type == PUBLICATION:
            after = _after(entry, found.get(entry.subject))
            if after:
                found[entry.subject] = after
    return list(found.values())


def prepare(
    case: Case,
    kind: str,
    name: str,
    audience: str,
    files: Mapping[str, bytes],
    *,
    by: str,
    languages: Sequence[str] = ("en",),
    wait_s: float = WAIT_S,
) -> Publication:
    """Put a report's files on record for a second person to release.

    Raises:
        BadInput: the same report is on record. NoKey, CaseBusy: as the ledger says.
    """
    content = zipped(files)
    blob = hashlib.sha256(content).hexdigest()
    id_ = "pub-" + hashlib.sha256("\x1f".join((kind, name, audience, blob)).encode()).hexdigest()[:12]
    with case.busy(wait_s):
        if any(one.id == id_ and one.state != "withdrawn" for one in publications(case.ledger.entries())):
            raise _bad(f"the same report is on record as {id_}", "Release that one")
        body: dict[str, Any] = {"kind": kind, "name": name, "audience": audience, "terms": _terms(case), "by": by}
        body["languages"] = list(languages)
        draft = Draft(PUBLICATION, id_, f"{kind}-{name}-{audience}.zip", content, MEDIA_TYPE, _body("prepare", body))
        case.ledger.append([draft], author=person_key(by), wait_s=wait_s)
        return _of(case, id_)


def release_publication(case: Case, id_: str, *, by: str, role: str, wait_s: float = WAIT_S) -> Publication:
    """Let a prepared report out.

    Raises:
        BadInput: there is none that waits, the same person prepared it, the role may not, or the terms changed.
    """
    with case.busy(wait_s):
        one = _of(case, id_)
        signer = person_key(by)
        key = to_base64(ED25519 + signer.verifier.public)
        if one.state != "prepared":
            raise _bad(f"{id_} is {one.state}", "Prepare it anew, if it has to be")
        if role != RELEASER:
            raise _bad(f"the role {role} does not release", f"Ask a {RELEASER}")
        if by == one.prepared_by or key == one.prepared_key:
            raise _bad(f"{by} prepared {id_}", "A second person has to release it")
        if one.terms != _terms(case):
            raise _bad("case.yaml changed since it was prepared", "Prepare it anew, under the terms that hold now")
        body = {"by": by, "role": role, "prepared": one.prepared}
        case.ledger.append([Draft(PUBLICATION, id_, body=_body("release", body))], author=signer, wait_s=wait_s)
        return _of(case, id_)


def withdraw_publication(
    case: Case, id_: str, *, by: str, role: str, reason: str, wait_s: float = WAIT_S
) -> Publication:
    """Take a report back; it stays on record, and is shown no more.

    Raises:
        BadInput: there is none, it is withdrawn already, or the role may not.
    """
    with case.busy(wait_s):
        one = _of(case, id_)
        if one.state == "withdrawn":
            raise _bad(f"{id_} is withdrawn", "Nothing is left to do")
        if one.state == "released" and role != RELEASER:
            raise _bad(f"the role {role} does not withdraw what was released", f"Ask a {RELEASER}")
        body = {"by": by, "role": role, "reason": reason}
        draft = Draft(PUBLICATION, id_, body=_body("withdraw", body))
        case.ledger.append([draft], author=person_key(by), wait_s=wait_s)
        return _of(case, id_)


def files_of(content: bytes) -> dict[str, bytes]:
    """The files of a publication's zip, by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Files as a zip; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), files[name])
    return out.getvalue()


def _after(entry: Entry, before: Publication | None) -> Publication | None:
    """The publication after an entry; None: the entry does not fit."""
    body = entry.body
    step, by = body.get("step"), str(body.get("by", ""))
    if body.get("format") != FORMAT or by != entry.author.name or not entry.signed_by_author():
        return None
    if step == "prepare" and entry.blob and (before is None or before.state == "withdrawn"):
        languages = body.get("languages", ("en",))
        kind, name, audience, terms = (str(body.get(key, "")) for key in ("kind", "name", "audience", "terms"))
        return Publication(
            id=entry.subject,
            kind=kind,
            name=name,
            audience=audience,
            state="prepared",
            blob=entry.blob.sha256,
            terms=terms,
            prepared=entry.index,
            prepared_by=by,
            prepared_key=entry.author.key,
            time=entry.time,
            languages=tuple(map(str, languages)) if isinstance(languages, Sequence) else ("en",),
        )
    if before is None:
        return None
    another = by != before.prepared_by and entry.author.key != before.prepared_key
    if step == "release" and before.state == "prepared" and body.get("role") == RELEASER and another:
        return replace(before, state="released", released=entry.index, released_by=by, time=entry.time)
    if step == "withdraw" and (before.state == "prepared" or body.get("role") == RELEASER):
        return replace(before, state="withdrawn", time=entry.time)
    return None


def _of(case: Case, id_: str) -> Publication:
    found = next((one for one in publications(case.ledger.entries()) if one.id == id_), None)
    if found is None:
        raise _bad(f"there is no publication {id_!r}", "Take its id from the list")
    return found


def _terms(case: Case) -> str:
    files = [
        e.blob.sha256 for e in case.ledger.entries() if e.type in DEFINITIONS and e.subject == CASE_FILE and e.blob
    ]
    return files[-1]


def _body(step: str, more: Mapping[str, Any]) -> dict[str, Any]:
    return {"format": FORMAT, "step": step, **more}


def _bad(what: str, do: str) -> BadInput:
    return BadInput(Problem("the publication", 0, "", what, f"{do}."))
