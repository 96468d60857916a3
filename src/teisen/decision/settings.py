"""What a correction can set: each field with the form of its value, read once and the same way everywhere."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from teisen.observation import vocabulary

AUTOMATIC = "automatic"
"""Value that takes a field back to what fusion made of the evidence."""
NOBODY = "none"
LEVEL = "level"
MERGE = "merge_with"
SPLIT = "split"
STRUCK = "not_an_incident"
ACTORS = "actors"
PLACE = "place"
TIME = "time"
_ID = re.compile(r"inc-[0-9a-f]{12}")


@dataclass(frozen=True)
class Setting:
    """One field: its form as a person writes it, what it means, and what reads it (raises ValueError)."""

    name: str
    form: str
    doc: str
    read: Callable[[str], Any]


def settings() -> Mapping[str, Setting]:
    """All fields by name, in the order in which they are shown."""
    return _SETTINGS


def check(values: Mapping[str, str]) -> dict[str, Any]:
    """The values of a correction, read; ``automatic`` stays as it is.

    Raises:
        ValueError: a field is not known, or its value is not of its form; the message says which form it has.
    """
    read: dict[str, Any] = {}
    for name, text in values.items():
        if name not in _SETTINGS:
            raise ValueError(f"nothing is called {name!r}; a correction sets {', '.join(_SETTINGS)}")
        if text == AUTOMATIC:
            read[name] = AUTOMATIC
            continue
        one = _SETTINGS[name]
        try:
            read[name] = one.read(text)
        except ValueError as error:
            raise ValueError(f"{name}={text}: {error}; write {name}={one.form}") from None
    return read


def _kind(text: str) -> str:
    if text not in vocabulary().kinds:
        raise ValueError(f"no kind of the vocabulary ({', '.join(vocabulary().kinds)})")
    return text


def _place(text: str) -> tuple[float, float, float]:
    lat, lon, error_m = (float(part) for part in _parts(text, 3))
    if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 0 < error_m <= 1e6):
        raise ValueError("latitude and longitude in degrees, and an error above 0 m")
    return lat, lon, error_m


def _time(text: str) -> tuple[datetime, datetime]:
    start, _, end = text.partition("/")
    first, last = (datetime.fromisoformat(part) for part in (start, end or start))
    if first.tzinfo is None or last.tzinfo is None:
        raise ValueError("a time needs its zone, Z or +03:00")
    if last < first:
        raise ValueError("it ends before it begins")
    return first.astimezone(UTC).replace(microsecond=0), last.astimezone(UTC).replace(microsecond=0)


def _target(text: str) -> str | None:
    if text == NOBODY:
        return None
    if text not in vocabulary().target_classes:
        raise ValueError(f"no class of the vocabulary ({', '.join(vocabulary().target_classes)})")
    return text


def _weapon(text: str) -> str | None:
    if text == NOBODY:
        return None
    if text not in vocabulary().weapons:
        raise ValueError(f"no weapon of the vocabulary ({', '.join(vocabulary().weapons)})")
    return text


def _actors(text: str) -> tuple[tuple[str, float], ...]:
    if text == NOBODY:
        return ()
    found: dict[str, float] = {}
    for part in _parts(text):
        party, _, p = part.partition(":")
        value = float(p or "nan")
        if not party or party in found or not 0 < value <= 1:
            raise ValueError("each party once, with a probability above 0 and up to 1")
        found[party] = value
    if math.fsum(found.values()) > 1 + 1e-9:
        raise ValueError("the probabilities sum to more than 1; what is missing to 1 is undetermined")
    return tuple(found.items())


def _yes(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("neither true nor false")
    return text == "true"


def _incident(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("no id of an incident")
    return text


def _observations(text: str) -> tuple[str, ...]:
    return tuple(sorted(set(_parts(text))))


def _word(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty")
    return text


def _parts(text: str, wanted: int | None = None) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    if not all(parts) or (wanted and len(parts) != wanted):
        raise ValueError("its parts, joined by commas, are not all there")
    return parts


_SETTINGS: Mapping[str, Setting] = {
    one.name: one
    for one in (
        Setting("kind", "KIND", "what it was, a word of the vocabulary", _kind),
        Setting(PLACE, "LAT,LON,ERROR_M", "where: degrees, and the standard deviation in metres", _place),
        Setting(TIME, "START/END", "when: two moments with their zone", _time),
        Setting("target", "CLASS|none", "what was hit", _target),
        Setting("weapon", "WEAPON|none", "with which weapon", _weapon),
        Setting(ACTORS, "PARTY:P[,PARTY:P]|none", "who; what is missing to 1 is undetermined", _actors),
        Setting(STRUCK, "true|false", "it is no incident of the conflict", _yes),
        Setting(MERGE, "INCIDENT", "it is that other incident", _incident),
        Setting(SPLIT, "OBSERVATION[,OBSERVATION]", "these reports tell of another incident", _observations),
        Setting(LEVEL, "WORD", "the level of the finding, a word of the agreement's standard of proof", _word),
    )
}
