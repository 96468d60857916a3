"""The vocabulary of kinds, target classes and weapons, read from ``kinds.yaml`` beside this file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from teisen.shipped import shipped


@dataclass(frozen=True)
class Kind:
    """A word of the vocabulary with its mappings; ``seen_as`` gives the compatibility of its traces, 0 to 1.

    ``attack``: it is a use of force; ``trace``: it may be the trace of one. What is neither stands apart in reports.
    """

    title: str
    attack: bool
    seen_as: dict[str, float]
    acled: list[str]
    plover: list[str]
    osce: list[str]
    trace: bool = False


@dataclass(frozen=True)
class TargetClass:
    """A class of things that agreements protect; ``within`` are the wider classes that contain it."""

    title: str
    within: list[str]


@dataclass(frozen=True)
class Weapon:
    """A weapon or a class of them; ``within`` are the wider classes that contain it.

    ``calibre_mm`` is that of its name; empty: a bound on calibres holds for none of it. ``range_km`` is how far it
    typically reaches, for people; nothing is computed from it.
    """

    title: str
    within: list[str]
    calibre_mm: float | None = None
    range_km: float | None = None


@dataclass(frozen=True)
class Vocabulary:
    """The words for what happened, for what was hit, and for what with."""

    kinds: dict[str, Kind]
    target_classes: dict[str, TargetClass]
    weapons: dict[str, Weapon]


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary that ships with Teisen."""
    words = shipped(files("teisen.observation").joinpath("kinds.yaml").read_text(encoding="utf-8"))
    return Vocabulary(
        kinds={name: Kind(**one) for name, one in words["kinds"].items()},
        target_classes={name: TargetClass(**one) for name, one in words["target_classes"].items()},
        weapons={name: Weapon(**one) for name, one in words["weapons"].items()},
    )


def compatibility(true_kind: str, seen_kind: str) -> float:
    """How well an observation of ``seen_kind`` fits an incident of ``true_kind``: 1 the same, 0.05 unrelated."""
    if true_kind == seen_kind:
        return 1.0
    kinds = vocabulary().kinds
    return max(kinds[true_kind].seen_as.get(seen_kind, 0.05), kinds[seen_kind].seen_as.get(true_kind, 0.05))


def attack_kinds() -> tuple[str, ...]:
    """Kinds that are a use of force, in the vocabulary's order."""
    return tuple(name for name, kind in vocabulary().kinds.items() if kind.attack)


def trace_kinds() -> tuple[str, ...]:
    """Kinds that may be the trace of a use of force, in the vocabulary's order."""
    return tuple(name for name, kind in vocabulary().kinds.items() if kind.trace)


def in_class(target_class: str, wanted: str) -> bool:
    """Whether ``target_class`` is ``wanted`` or lies within it."""
    known = vocabulary().target_classes.get(target_class)
    return target_class == wanted or (known is not None and wanted in known.within)


def in_weapons(weapon: str, wanted: str) -> bool:
    """Whether ``weapon`` is ``wanted`` or lies within it."""
    known = vocabulary().weapons.get(weapon)
    return weapon == wanted or (known is not None and wanted in known.within)
