"""YAML documents that ship with Teisen."""

from __future__ import annotations

from typing import Any

import yaml

FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, compiled where it can be."""


def shipped(text: str) -> Any:
    """Plain values of a YAML document that ships with Teisen and needs no messages, by the fastest loader there is."""
    return yaml.load(text, Loader=FASTEST)  # noqa: S506  a safe loader
