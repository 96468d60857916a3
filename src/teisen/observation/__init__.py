"""The observation and exposure tables, the vocabulary of kinds, and source profiles.

In: nothing. Out: the declared tables that sources fill and later stages read. May touch only ``tables``,
``geodesy`` and ``errors``; knows no file, no agreement and no stage.
"""

from teisen.observation.kinds import attack_kinds, compatibility, in_class, in_weapons, trace_kinds, vocabulary
from teisen.observation.profile import Figure, Licence, Profile
from teisen.observation.schema import (
    ALLEGATION,
    AREA,
    BACKGROUND,
    CELL_DEG,
    CONDITION,
    EXPOSURE,
    NAME,
    OBSERVATION,
    ORBIT,
    SEASONS,
    SET_ASIDE,
    SITE,
)

__all__ = [
    "ALLEGATION",
    "AREA",
    "BACKGROUND",
    "CELL_DEG",
    "CONDITION",
    "EXPOSURE",
    "NAME",
    "OBSERVATION",
    "ORBIT",
    "SEASONS",
    "SET_ASIDE",
    "SITE",
    "Figure",
    "Licence",
    "Profile",
    "attack_kinds",
    "compatibility",
    "in_class",
    "in_weapons",
    "trace_kinds",
    "vocabulary",
]
