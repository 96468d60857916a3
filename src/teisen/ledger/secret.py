"""The secret under which a ledger's ids leave: beside its private key, and like it never in the case, a log or a URL.

It is made from the private key, so that one who has kept the key has lost nothing, and a case from before there was a
secret needs none to be carried to it. It stands in a file of its own, because a machine that only shows a case has to
give the same ids and must not be able to add to the ledger.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from teisen.errors import NoKey
from teisen.ledger.keys import KEYS_VARIABLE, keep, key_file, load_key
from teisen.ledger.note import Signer, VerifierKey, from_base64, to_base64

PREFIX = "IDS+SECRET+"
BYTES = 32


def secret_file(origin: str, folder: Path | None = None) -> Path:
    """Where the secret of the ledger ``origin`` stands."""
    return key_file(origin, folder).with_suffix(".ids")


def ids_secret(verifier: VerifierKey, folder: Path | None = None) -> bytes:
    """The secret of a ledger, 32 bytes: from its file, else made from the private key and kept there.

    Args:
        verifier: the ledger's key.
        folder: where keys are kept; by default :func:`teisen.ledger.keys.keys_folder`.

    Raises:
        NoKey: its file cannot be read or is not this ledger's; or neither the file nor the private key is here.
    """
    path = secret_file(verifier.name, folder)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return _made(verifier, path, folder)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise NoKey(
            f"The secret under which the ids of the ledger {verifier.name} leave cannot be read from {path}: {why}. "
            "Make the file readable to whoever runs this, and to nobody else."
        ) from None
    secret = b""
    with contextlib.suppress(ValueError):
        secret = from_base64(text.strip().removeprefix(_head(verifier)))
    if len(secret) != BYTES:
        raise NoKey(
            f"{path} is not the secret under which the ids of the ledger {verifier.name} leave. Copy that file from "
            "the machine where the case was made; on that machine move it away, and it is made again as it was."
        )
    return secret


def _made(verifier: VerifierKey, path: Path, folder: Path | None) -> bytes:
    try:
        signer = load_key(verifier, folder)
    except NoKey:
        raise NoKey(
            f"The secret under which the ids of the ledger {verifier.name} leave is not here ({path}), so nothing can "
            f"be released. Copy that file from the machine where the case was made, or set {KEYS_VARIABLE} to the "
            "folder that holds it. An audience that gets everything as it is needs none."
        ) from None
    secret = _derived(signer)
    with contextlib.suppress(FileExistsError, NoKey):  # a folder of keys that is read alone does: it has the key
        keep(path, f"{_head(verifier)}{to_base64(secret)}")
    return secret


def _head(verifier: VerifierKey) -> str:
    return f"{PREFIX}{verifier.name}+{verifier.key_hash.hex()}+"


def _derived(signer: Signer) -> bytes:
    """From this neither the private key nor anything that it signs can be told (BLAKE2b as a keyed function)."""
    key = signer.private.private_bytes_raw()
    return hashlib.blake2b(signer.name.encode(), digest_size=BYTES, key=key, person=b"teisen ids").digest()
