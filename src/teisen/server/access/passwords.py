"""Passwords: Argon2id with the library's defaults (RFC 9106, second recommended option), and which are too weak."""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from teisen.languages import text

SHORTEST = 12
"""Characters (NIST SP 800-63B, section 5.1.1.2 asks for at least 8 and no rules of composition)."""
LONGEST = 256
FEWEST_DIFFERENT = 5
_AT_ONCE = BoundedSemaphore(2)
"""Argon2 takes 64 MiB each time: more at once would let a crowd of guesses exhaust the memory."""
_hasher = PasswordHasher()


def weakness(password: str, name: str) -> str | None:
    """Why a password will not do, in words; None: it will."""
    if not SHORTEST <= len(password) <= LONGEST:
        return text("A password has {least} to {most} characters.").format(least=SHORTEST, most=LONGEST)
    if len(set(password)) < FEWEST_DIFFERENT or name.lower() in password.lower():
        return text("That password is easily guessed. Take several words that do not belong together.")
    return None


def hashed(password: str) -> str:
    """The hash to keep."""
    with _AT_ONCE:
        return _hasher.hash(password)


def fits(kept: str, password: str) -> bool:
    """Whether a password is the one that was kept; as slow where none was."""
    with _AT_ONCE:
        try:
            return _hasher.verify(kept or _NOBODY, password[:LONGEST]) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


_NOBODY = _hasher.hash("a password of nobody")
