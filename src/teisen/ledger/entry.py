"""Entries: small signed statements in canonical JSON (RFC 8785), each about a subject, most with a blob.

The bytes of an entry are the leaf of the tree. Its author signs the same bytes without ``signature``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import rfc8785

from teisen.errors import BadInput, Problem
from teisen.ledger.note import ED25519, Signer, VerifierKey, from_base64, to_base64
from teisen.ledger.tiles import LARGEST_ENTRY

FORMAT = "teisen-entry/1"
DEFINITIONS = frozenset({"case", "agreement", "profile", "mapping"})
"""Types of which the newest entry of a subject and name is the one that counts."""
SOURCE_FILE = "source-file"
ACCESS = "access"
"""Type of the entries that tell who signed in and whose account was changed; nothing is derived from them."""
WITHDRAWAL = "withdrawal"
"""Type of the entry after which a received file (``body.blob``) counts no more, or again; its bytes stay."""
REDACTION = "redaction"
"""Type of the entry after which a blob (``body.blob``, its SHA-256) may be absent."""

_FIELDS = {"format", "ledger", "type", "time", "author", "subject", "blob", "body", "commitments", "signature"}
_TYPE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Draft:
    """What somebody wants to have recorded: the type, the subject, and the bytes (a blob) or None.

    ``subject`` is what it is about: a source's id for a ``source-file``. ``blob_name`` is the file's name.
    """

    type: str
    subject: str
    blob_name: str = ""
    content: bytes | None = field(default=None, repr=False)
    media_type: str = "application/octet-stream"
    body: Mapping[str, Any] = field(default_factory=dict)
    commitments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Author:
    """Who signed: a name, and the key as base64 of 0x01 (Ed25519) and the 32 bytes of the public key."""

    name: str
    key: str


@dataclass(frozen=True)
class Blob:
    """A file kept beside the log: SHA-256 in hex, bytes, the name it came with, and its media type."""

    sha256: str
    size: int
    name: str
    media_type: str


@dataclass(frozen=True)
class Entry:
    """One record of the ledger. ``ledger`` is the origin of the ledger it was signed for; ``time`` is UTC."""

    index: int
    ledger: str
    type: str
    time: datetime
    author: Author
    subject: str
    blob: Blob | None
    body: Mapping[str, Any]
    commitments: Mapping[str, str]
    signature: str

    def encode(self) -> bytes:
        """The entry's bytes as they stand in the log."""
        return rfc8785.dumps(self._statement() | {"signature": self.signature})

    def signed_by_author(self) -> bool:
        """Whether the author's signature verifies."""
        key = VerifierKey(self.author.name, from_base64(self.author.key)[1:])
        return key.verifies(rfc8785.dumps(self._statement()), from_base64(self.signature))

    def _statement(self) -> dict[str, Any]:
        blob = self.blob
        return {
            "format": FORMAT,
            "ledger": self.ledger,
            "type": self.type,
            "time": self.time.strftime(_TIME),
            "author": {"name": self.author.name, "key": self.author.key},
            "subject": self.subject,
            "blob": blob
            and {"sha256": blob.sha256, "size": blob.size, "name": blob.name, "media_type": blob.media_type},
            "body": dict(self.body),
            "commitments": dict(self.commitments),
        }


def sign(draft: Draft, blob: Blob | None, author: Signer, *, index: int, ledger: str, time: datetime) -> Entry:
    """Make the entry of a draft.

    Raises:
        BadInput: the draft cannot be written as an entry: not JSON, a name that is no text, or too long.
    """
    key = to_base64(ED25519 + author.verifier.public)
    by = Author(author.name, key)
    values = (index, ledger, draft.type, time, by, draft.subject, blob, draft.body, draft.commitments)
    try:
        statement = rfc8785.dumps(Entry(*values, "")._statement())
        signed = Entry(*values, to_base64(author.private.sign(statement)))
        data = signed.encode()
        decoded = decode(index, data)
    except (rfc8785.CanonicalizationError, ValueError) as error:
        name = draft.blob_name.encode("utf-8", "replace").decode()
        what = f"it cannot be recorded as {draft.type!r} of {draft.subject!r}: {error}"
        raise BadInput(Problem(name, 0, "", what, "Rename the file, or correct the value.")) from None
    if len(data) > LARGEST_ENTRY:
        what = f"its entry would have {len(data)} bytes, and {LARGEST_ENTRY} is the most"
        raise BadInput(Problem(draft.blob_name, 0, "body", what, "Record the long part as a file of its own."))
    return decoded


def decode(index: int, data: bytes) -> Entry:
    """Read an entry's bytes; the signature is not checked.

    Raises:
        ValueError: they are not an entry in its canonical form.
    """
    try:
        value = json.loads(data)
        canonical = rfc8785.dumps(value)
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as error:
        raise ValueError(f"not canonical JSON: {error}") from None
    if canonical != data:
        at = next((i for i, (a, b) in enumerate(zip(canonical, data, strict=False)) if a != b), len(data))
        raise ValueError(f"not canonical JSON at its byte {at}")
    if not isinstance(value, dict) or set(value) != _FIELDS:
        raise ValueError(f"it does not have the fields {', '.join(sorted(_FIELDS))}")
    if value["format"] != FORMAT:
        raise ValueError(f"its format is {value['format']!r}, not {FORMAT}")
    _check(value)
    blob = value["blob"]
    time = datetime.strptime(value["time"], _TIME).replace(tzinfo=UTC)
    if time.strftime(_TIME) != value["time"]:
        raise ValueError(f"its time {value['time']!r} is not written like 2000-01-31T00:00:00Z")
    return Entry(
        index,
        value["ledger"],
        value["type"],
        time,
        Author(**value["author"]),
        value["subject"],
        None if blob is None else Blob(**blob),
        value["body"],
        value["commitments"],
        value["signature"],
    )


def _check(value: dict[str, Any]) -> None:
    """Raise ValueError where a field is not what the format says."""
    texts = ("ledger", "type", "time", "subject", "signature")
    if not all(isinstance(value[name], str) and value[name] for name in texts):
        raise ValueError(f"one of {', '.join(texts)} is no text or is empty")
    if not _TYPE.fullmatch(value["type"]):
        raise ValueError(f"its type {value['type']!r} is not lower-case words joined by hyphens")
    author, blob = value["author"], value["blob"]
    if not _texts(author, {"name", "key"}) or len(from_base64(author["key"])) != 33:
        raise ValueError("its author is not a name and an Ed25519 key")
    if not from_base64(author["key"]).startswith(ED25519):
        raise ValueError("its author's key is not an Ed25519 key")
    from_base64(value["signature"])
    if blob is not None:
        size = blob.pop("size", None) if isinstance(blob, dict) else None
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise ValueError("its blob has no size")
        if not _texts(blob, {"sha256", "name", "media_type"}) or not _SHA256.fullmatch(blob["sha256"]):
            raise ValueError("its blob is not a SHA-256, size, name and media type")
        blob["size"] = size
    if not isinstance(value["body"], dict) or not _texts(value["commitments"], None):
        raise ValueError("its body or its commitments are no object")


def _texts(value: Any, names: set[str] | None) -> bool:
    """Whether ``value`` is an object of texts, with these names."""
    return (
        isinstance(value, dict)
        and (names is None or set(value) == names)
        and all(isinstance(text, str) for text in value.values())
    )
