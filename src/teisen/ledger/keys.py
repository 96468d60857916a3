"""Private keys: one for each ledger and one for each person, outside the case, because a case is zipped and mailed."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from teisen.errors import NoKey
from teisen.ledger import disk
from teisen.ledger.note import Signer, VerifierKey, check_name

KEYS_VARIABLE = "TEISEN_KEYS"
PEOPLE = "people"
"""Folder of people's keys among the keys."""
LOCAL = "teisen.invalid"
"""Under this name stand ledgers that no address was given for; ``.invalid`` is nobody's (RFC 2606)."""


def keys_folder() -> Path:
    """The folder of private keys: ``TEISEN_KEYS``, or ``teisen/keys`` in the user's configuration folder."""
    named = os.environ.get(KEYS_VARIABLE)
    if named:
        return Path(named).expanduser()
    config = os.environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else Path.home() / ".config") / "teisen" / "keys"


def key_file(origin: str, folder: Path | None = None) -> Path:
    """Where the private key of the ledger ``origin`` stands."""
    return (folder or keys_folder()) / f"{quote(origin, safe='')}.key"


def new_key(origin: str, folder: Path | None = None) -> Signer:
    """Make and keep a key for a new ledger.

    Args:
        origin: a scheme-less URL, taken as it is; or a case's id, without a slash, which becomes
            ``teisen.invalid/<id>/<first 8 hex digits of the public key>``, so that two cases of one id differ.
        folder: where keys are kept; by default :func:`keys_folder`.

    Raises:
        ValueError: the origin cannot be a key's name.
        NoKey: another ledger of this origin has its key here, or the key cannot be written.
    """
    private = Ed25519PrivateKey.generate()
    if "/" not in origin:
        origin = f"{LOCAL}/{origin}/{private.public_key().public_bytes_raw()[:4].hex()}"
    signer = Signer(check_name(origin), private)
    path = key_file(origin, folder)
    try:
        keep(path, signer.encode())
    except FileExistsError:
        raise NoKey(f"A ledger {origin} has its key in {path} already. Choose another origin.") from None
    return signer


def person_key(name: str, folder: Path | None = None) -> Signer:
    """The private key of a person on this machine; made at the first call.

    Raises:
        ValueError: the name cannot be a key's.
        NoKey: the key cannot be written, or is not that person's.
    """
    path = key_file(check_name(name), (folder or keys_folder()) / PEOPLE)
    if not path.exists():
        with contextlib.suppress(FileExistsError):
            keep(path, Signer(name, Ed25519PrivateKey.generate()).encode())
    try:
        signer = Signer.parse(path.read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        signer = None
    if signer is None or signer.name != name:
        raise NoKey(f"{path} is not the key of {name}. Put the right file there.")
    return signer


def keep(path: Path, secret: str) -> None:
    """Write a new key, or another secret, to ``path``, for its owner alone; FileExistsError where there is one.

    Raises:
        NoKey: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(secret + "\n")
            file.flush()
            disk.flush(file.fileno())
        disk.sync_folder(path.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise NoKey(
            f"The key {path} cannot be written: {error.strerror}. Set {KEYS_VARIABLE} to another folder."
        ) from None


def load_key(verifier: VerifierKey, folder: Path | None = None) -> Signer:
    """The private key of a ledger.

    Raises:
        NoKey: it is not on this machine, or is not the ledger's.
    """
    path = key_file(verifier.name, folder)
    signer = None
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise NoKey(
            f"The private key of the ledger {verifier.name} is not here ({path}), so nothing can be added. "
            f"Copy that file from the machine where the case was made, or set {KEYS_VARIABLE} to the folder that "
            "holds it. Reading and verifying work without it."
        ) from None
    with contextlib.suppress(ValueError):
        signer = Signer.parse(text.strip())
    if signer is None or signer.verifier != verifier:
        raise NoKey(
            f"{path} is not the key of the ledger {verifier.name}. Put the right file there, or set {KEYS_VARIABLE} to "
            "the folder that holds it. Reading and verifying work without it."
        )
    return signer
