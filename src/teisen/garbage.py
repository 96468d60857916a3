"""How a process of Teisen looks for garbage: for rings of objects that hold each other and nothing else holds."""

from __future__ import annotations

import atexit
import gc

SEEN_FIRST = 50_000
"""New objects, more than went, after which Python looks among them for rings (by itself it does after 700)."""


def look_seldom() -> None:
    """Look for rings of garbage seldom, and not once more as the process ends.

    Tables and arrays are no such rings, and loading Polars and NumPy makes none: by itself Python looks some hundred
    times through what they bring, and through all of it at the end. For programs, not for those who use Teisen as a
    library: it holds for the whole process.
    """
    gc.set_threshold(SEEN_FIRST)
    atexit.register(gc.freeze)
