from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from teisen.ledger import merkle
from teisen.ledger.note import Checkpoint, Note, Signer, VerifierKey, check_name, from_base64, to_base64

# The example of the reference implementation's documentation (Go, golang.org/x/mod/sumdb/note).
PRIVATE_TEXT = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC_TEXT = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = (
    TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
# The example of the C2SP checkpoint and cosignature specifications: a log's signature and a witness's.
COSIGNED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
).encode()

SIGNER = Signer("example.org/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def test_known_keys_and_signature() -> None:
    signer = Signer.parse(PRIVATE_TEXT)
    assert signer.encode() == PRIVATE_TEXT
    assert str(signer.verifier) == PUBLIC_TEXT
    assert signer.sign(TEXT) == SIGNED
    note = Note.parse(SIGNED)
    note.check(VerifierKey.parse(PUBLIC_TEXT))
    assert note.text == TEXT


def test_the_cosigned_checkpoint_of_the_specification_is_read() -> None:
    note = Note.parse(COSIGNED)
    assert [s.name for s in note.signatures] == ["example.com/behind-the-sofa", "witness.example.com/w1"]
    assert [len(s.signature) for s in note.signatures] == [64, 72]


@given(st.integers(0, 1 << 40), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_reads_back(size: int, root: bytes) -> None:
    point = Checkpoint.sign(size, root, SIGNER)
    again = Checkpoint.open(point.content, SIGNER.verifier)
    assert (again.origin, again.size, again.root) == ("example.org/log", size, root)


def test_signatures_of_unknown_keys_are_kept_and_not_judged() -> None:
    content = Checkpoint.sign(3, bytes(32), SIGNER).content
    witness = "— witness.example.com/w1 " + to_base64(b"hash" + bytes(72)) + "\n"
    point = Checkpoint.open(content + witness.encode(), SIGNER.verifier)
    assert [s.name for s in point.signatures] == ["example.org/log", "witness.example.com/w1"]


def test_every_flipped_bit_of_a_checkpoint_is_refused() -> None:
    content = Checkpoint.sign(3, merkle.EMPTY_ROOT, SIGNER).content
    for bit in range(len(content) * 8):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ValueError):  # noqa: PT011
            Checkpoint.open(bytes(changed), SIGNER.verifier)


def test_every_flipped_bit_of_a_verifier_key_is_refused() -> None:
    for bit in range(len(PUBLIC_TEXT) * 8):
        changed = bytearray(PUBLIC_TEXT.encode())
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ValueError):  # noqa: PT011
            VerifierKey.parse(changed.decode("utf-8"))


@pytest.mark.parametrize("size", ["007", "-1", "+1", "1_0", "٣", ""])
def test_a_size_has_one_spelling(size: str) -> None:
    content = SIGNER.sign(f"example.org/log\n{size}\n{to_base64(bytes(32))}\n")
    with pytest.raises(ValueError, match="size"):
        Checkpoint.open(content, SIGNER.verifier)


def test_a_checkpoint_of_another_ledger_is_refused() -> None:
    content = SIGNER.sign(f"example.org/other\n1\n{to_base64(bytes(32))}\n")
    with pytest.raises(ValueError, match=r"example\.org/other"):
        Checkpoint.open(content, SIGNER.verifier)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b", "a\nb"])
def test_names_that_notes_forbid_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        check_name(name)


def test_base64_with_loose_bits_is_refused() -> None:
    assert from_base64("AA==") == b"\x00"
    with pytest.raises(ValueError, match="unused bits"):
        from_base64("AB==")
