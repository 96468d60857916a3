"""Fusion: observations become incidents, each with the evidence for and against it.

In: observations, exposure, ground and sources. Out: incidents, evidence, and what was learned of the sources
(:data:`INCIDENT`, :data:`EVIDENCE`, :data:`LEARNED`); what became of incidents between two derivations
(:data:`SUCCESSION`).
May touch ``sources`` and below; knows no agreement, no reading and no party by name.

``coverage`` tells what each source could have seen of a place and time; judgement and compliance ask the same.
"""

from teisen.fusion.again import fuse_again
from teisen.fusion.coverage import coverage, seen_by_source
from teisen.fusion.explain import Explanation, explain
from teisen.fusion.fuse import Fused, fuse
from teisen.fusion.habits import Habits, habit_table, habits_of
from teisen.fusion.parts import fuse_in_parts
from teisen.fusion.schema import ACTORS, EVIDENCE, HABIT, INCIDENT, LEARNED, SUCCESSION
from teisen.fusion.succession import Succession, succession, succession_table

__all__ = [
    "ACTORS",
    "EVIDENCE",
    "HABIT",
    "INCIDENT",
    "LEARNED",
    "SUCCESSION",
    "Explanation",
    "Fused",
    "Habits",
    "Succession",
    "coverage",
    "explain",
    "fuse",
    "fuse_again",
    "fuse_in_parts",
    "habit_table",
    "habits_of",
    "seen_by_source",
    "succession",
    "succession_table",
]
