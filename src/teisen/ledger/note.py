"""C2SP signed notes with Ed25519, and the checkpoint, a note that states a ledger's size and root.

A note is text, an empty line and signature lines. Signatures of keys that are not known are kept and not judged:
that is how witnesses cosign.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
"""The signature type of plain Ed25519 keys."""
PRIVATE = "PRIVATE+KEY+"


def to_base64(data: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """The bytes of standard base64; any other spelling of the same bytes is refused.

    Raises:
        ValueError: it is no base64, or its unused bits are not zero.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"not base64: {error}") from None
    if to_base64(data) != text:
        raise ValueError("not base64 as it is written: its unused bits are not zero")
    return data


def check_name(name: str) -> str:
    """Return a key's name if the note format allows it.

    Raises:
        ValueError: it is empty, or holds a space, a plus sign or a control character.
    """
    if not name or any(c.isspace() or c == "+" or not c.isprintable() for c in name):
        raise ValueError(f"{name!r} is no name for a key: no spaces, plus signs or control characters")
    return name


@dataclass(frozen=True)
class VerifierKey:
    """A name and the 32 bytes of an Ed25519 public key."""

    name: str
    public: bytes

    @property
    def key_hash(self) -> bytes:
        """The 4 bytes by which signature lines name this key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_hash.hex()}+{to_base64(ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read ``name+hash+base64``.

        Raises:
            ValueError: it is no Ed25519 verifier key, or its hash is not that of its name and key.
        """
        name, _, rest = text.partition("+")
        _, _, encoded = rest.partition("+")
        key = from_base64(encoded)
        if len(key) != 33 or key[:1] != ED25519:
            raise ValueError("not an Ed25519 verifier key")
        found = cls(check_name(name), key[1:])
        if str(found) != text:
            raise ValueError("the verifier key's hash is not that of its name and key")
        return found

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is this key's over ``message``."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A name and an Ed25519 private key."""

    name: str
    private: Ed25519PrivateKey

    @property
    def verifier(self) -> VerifierKey:
        """The key that checks what this one signs."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    def encode(self) -> str:
        """The private key as text (``PRIVATE+KEY+name+hash+base64``): keep it secret."""
        verifier = self.verifier
        secret = to_base64(ED25519 + self.private.private_bytes_raw())
        return f"{PRIVATE}{verifier.name}+{verifier.key_hash.hex()}+{secret}"

    @classmethod
    def parse(cls, text: str) -> Signer:
        """Read what :meth:`encode` wrote.

        Raises:
            ValueError: it is no Ed25519 private key, or its hash is not that of its name and key.
        """
        if not text.startswith(PRIVATE):
            raise ValueError("not a private key")
        name, _, rest = text.removeprefix(PRIVATE).partition("+")
        secret = from_base64(rest.partition("+")[2])
        if len(secret) != 33 or secret[:1] != ED25519:
            raise ValueError("not an Ed25519 private key")
        signer = cls(check_name(name), Ed25519PrivateKey.from_private_bytes(secret[1:]))
        if signer.encode() != text:
            raise ValueError("the private key's hash is not that of its name and key")
        return signer

    def sign(self, text: str) -> bytes:
        """A note of ``text`` (which ends with a newline) with this key's signature line."""
        signature = to_base64(self.verifier.key_hash + self.private.sign(text.encode()))
        return f"{text}\n— {self.name} {signature}\n".encode()


@dataclass(frozen=True)
class SignatureLine:
    """Who signed (name and key hash) and the signature's bytes."""

    name: str
    key_hash: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    """A note's text, with its last newline, and all its signature lines; nothing of it is verified."""

    text: str
    signatures: tuple[SignatureLine, ...]

    @classmethod
    def parse(cls, content: bytes) -> Note:
        """Take a note apart.

        Raises:
            ValueError: it is no note.
        """
        try:
            whole = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"byte {error.start}: not UTF-8") from None
        text, gap, tail = whole.rpartition("\n\n")
        if not gap or not tail.endswith("\n"):
            raise ValueError("not a signed note: no empty line with signature lines after it")
        if any(c < " " and c != "\n" for c in whole):
            raise ValueError("it holds control characters")
        return cls(text + "\n", tuple(_signature_line(line) for line in tail[:-1].split("\n")))

    def check(self, key: VerifierKey) -> None:
        """Check ``key``'s signature.

        Raises:
            ValueError: there is none, or it does not verify.
        """
        own = [s for s in self.signatures if (s.name, s.key_hash) == (key.name, key.key_hash)]
        if not own:
            raise ValueError(f"no signature of {key.name}")
        if not all(key.verifies(self.text.encode(), s.signature) for s in own):
            raise ValueError(f"the signature of {key.name} does not verify")


def _signature_line(line: str) -> SignatureLine:
    mark, name, encoded = [*line.split(" "), "", ""][:3]
    if mark != "—" or line.count(" ") != 2:
        raise ValueError("a signature line is not of the form '— name base64'")
    data = from_base64(encoded)
    if len(data) < 5:
        raise ValueError("a signature is too short")
    return SignatureLine(check_name(name), data[:4], data[4:])


@dataclass(frozen=True)
class Checkpoint:
    """A ledger's signed head: its origin, the number of entries, the root hash (32 bytes), and the note as received."""

    origin: str
    size: int
    root: bytes
    content: bytes
    signatures: tuple[SignatureLine, ...]

    @classmethod
    def sign(cls, size: int, root: bytes, signer: Signer) -> Checkpoint:
        """The checkpoint of a tree, signed by the ledger's key, whose name is the origin."""
        return cls.open(signer.sign(f"{signer.name}\n{size}\n{to_base64(root)}\n"), signer.verifier)

    @classmethod
    def open(cls, content: bytes, key: VerifierKey) -> Checkpoint:
        """Read a checkpoint and check the ledger's signature.

        Raises:
            ValueError: it is no checkpoint of this ledger, or the signature does not verify.
        """
        note = Note.parse(content)
        lines = note.text.split("\n")[:-1]
        if len(lines) < 3 or not all(lines):
            raise ValueError("a checkpoint has an origin, a size and a root")
        origin, size, encoded = lines[:3]
        if origin != key.name:
            raise ValueError(f"it is of the ledger {origin!r}, not {key.name!r}")
        note.check(key)
        if not (size.isascii() and size.isdigit() and str(int(size)) == size):
            raise ValueError(f"{size!r} is no size")
        root = from_base64(encoded)
        if len(root) != 32:
            raise ValueError("the root is not 32 bytes")
        return cls(origin, int(size), root, content, note.signatures)
