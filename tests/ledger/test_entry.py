from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teisen.errors import BadInput
from teisen.ledger import Draft, Entry, Signer
from teisen.ledger.entry import Blob, decode, sign

SIGNER = Signer("Анна Example", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
TIME = datetime(2025, 4, 19, 15, 0, tzinfo=UTC)
BLOB = Blob("ab" * 32, 7, "файл.csv", "text/csv")


def signed(draft: Draft, blob: Blob | None = None) -> Entry:
    return sign(draft, blob, SIGNER, index=3, ledger="example.org/log", time=TIME)


def test_the_format_of_an_entry() -> None:
    made = signed(Draft("source-file", "firms", body={"b": 1, "a": [None, "é"]}), BLOB)
    value = json.loads(made.encode())
    assert len(value.pop("signature")) == 88
    assert len(value["author"].pop("key")) == 44
    assert value == {
        "format": "teisen-entry/1",
        "ledger": "example.org/log",
        "type": "source-file",
        "time": "2025-04-19T15:00:00Z",
        "author": {"name": "Анна Example"},
        "subject": "firms",
        "blob": {"sha256": "ab" * 32, "size": 7, "name": "файл.csv", "media_type": "text/csv"},
        "body": {"a": [None, "é"], "b": 1},
        "commitments": {},
    }
    assert made.encode().startswith(b'{"author":{"key":"')
    assert made.signed_by_author()


TEXT = st.text(max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e15, 1e15) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(TEXT, JSON, max_size=2))
def test_an_entry_reads_back_and_keeps_its_bytes(body: dict[str, object]) -> None:
    made = signed(Draft("decision", "x", body=body, commitments={"name": "00"}))
    again = decode(3, made.encode())
    assert again == made
    assert again.encode() == made.encode()
    assert again.signed_by_author()


def test_every_flipped_byte_is_refused_or_breaks_the_signature() -> None:
    data = signed(Draft("source-file", "firms"), BLOB).encode()
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        try:
            found = decode(3, bytes(changed))
        except ValueError:
            continue
        assert not found.signed_by_author(), at


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b'"body":{}', b'"body": {}', "canonical JSON at its byte"),
        (b"teisen-entry/1", b"teisen-entry/2", "format"),
        (b'"body":{},', b"", "fields"),
        (b"2025-04-19T15:00:00Z", b"2025-4-19T15:00:00Z", "time"),
        (b"2025-04-19T15:00:00Z", b"yesterday", "time"),
        (b'"size":7', b'"size":-7', "size"),
        (b'"type":"source-file"', b'"type":"Source File"', "type"),
        (b"abababab", b"ABABABAB", "SHA-256"),
    ],
)
def test_what_is_no_entry_is_refused_with_the_reason(old: bytes, new: bytes, message: str) -> None:
    data = signed(Draft("source-file", "firms"), BLOB).encode()
    assert old in data
    with pytest.raises(ValueError, match=message):
        decode(3, data.replace(old, new, 1))


@pytest.mark.parametrize(
    "draft",
    [
        Draft("decision", "x", body={"n": float("nan")}),
        Draft("decision", "x", body={"n": 2**60}),
        Draft("decision", "x", body={"n": "long" * 20_000}),
        Draft("decision", "broken \udcff name"),
        Draft("decision", ""),
        Draft("Decision", "x"),
    ],
)
def test_what_cannot_be_recorded_is_said_in_words(draft: Draft) -> None:
    with pytest.raises(BadInput):
        signed(draft)
