"""Small values that tests build on: profiles, sources, files, scopes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from teisen.observation import Figure, Licence, Profile
from teisen.sources import Scope, Source, SourceFile

SCOPE = Scope(datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC), 21.0, 43.0, 60.0, 58.0)


def figure(value: float) -> Figure:
    return Figure(value=value, origin="chosen for the test", basis="assumed")


def profile(**changes: Any) -> Profile:
    values: dict[str, Any] = {
        "id": "test",
        "title": "Test source",
        "licence": Licence(name="CC0", attribution="nobody", redistribute=True),
        "role": "makes",
        "group": "test",
        "place_error_m": figure(1000),
        "time_error_s": figure(600),
        "delay_s": figure(3600),
        "false_share": figure(0.1),
        "detection": {},
    }
    return Profile(**(values | changes))


def source(source_id: str = "test", reader: str = "test", **changes: Any) -> Source:
    kept = {name: changes.pop(name) for name in ("reported_by", "about", "options", "parties") if name in changes}
    return Source(source_id, reader, profile(**changes), **kept)


def source_file(content: bytes | str, name: str = "file.csv") -> SourceFile:
    data = content.encode() if isinstance(content, str) else content
    return SourceFile(name, hashlib.sha256(data).hexdigest(), data)
