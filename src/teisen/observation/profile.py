"""A source's profile: its errors, delays, false alarms and dependence on others, each figure with its origin.

The same profile serves real sources and the simulation. :mod:`teisen.documents` checks what is read of one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from teisen.observation.kinds import vocabulary

Basis = Literal["measured", "sourced", "background", "assumed"]
CHECKED = {"extra": "forbid"}
"""To whoever checks what is read: keys that are not known are refused."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number, where it comes from and how good that is.

    ``basis``: measured (on data at hand, by a command that ``origin`` names), sourced (read in ``origin``), background
    (general knowledge, to be checked), assumed (chosen; results should be tried without it).
    """

    value: float
    origin: str
    basis: Basis
    __pydantic_config__: ClassVar = CHECKED

    def __post_init__(self) -> None:
        if not self.origin:
            raise ValueError("a figure has to say where it comes from")


@dataclass(frozen=True, kw_only=True)
class Licence:
    """Terms of the data. ``redistribute`` false: rows and texts stay inside; only what was derived may be published."""

    name: str
    attribution: str
    url: str | None = None
    redistribute: bool
    __pydantic_config__: ClassVar = CHECKED


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What is declared about a source.

    Attributes:
        id: the profile's name, also of its file.
        role: ``makes`` incidents, only ``supports`` them (an alert, a tally), or gives ``context``.
        group: sources of one group share their failures or copy each other, and count once.
        place_error_m: standard deviation per axis of a place, where a row does not state its own.
        time_error_s: standard deviation of a time that is given as a moment.
        delay_s: typical time from the event to its publication.
        false_share: share of reported rows of role ``makes`` that are no conflict incident.
        detection: P(reported | happened, within what exposure rows say was watched), by kind of incident.
        date_only_share: share of reports that give a day and no hour.
        town_share: share of reports that give the nearest town for the place.
        area_only_share: share of reports that name an area and no place.
        detections: mean number of reports of one incident that is reported (pixels of a fire at one overpass).
        copy_share: share of the reports of sources it listens to that it repeats.
        copy_lag_s: mean time from a report to its copy.
        wrong_kind_share: share of reports that give another kind than it was.
        wrong_actor_share: share of reports that name another party than did it, among those that name one.
        effort: further figures that the source's reader makes exposure from, by the names that it documents.

    The figures from ``date_only_share`` to ``wrong_actor_share`` may be left out: nothing is known of them then, and
    the simulation takes :data:`UNSTATED`.
    """

    id: str
    title: str
    licence: Licence
    role: Literal["makes", "supports", "context"]
    group: str
    place_error_m: Figure
    time_error_s: Figure
    delay_s: Figure
    false_share: Figure
    detection: dict[str, Figure]
    date_only_share: Figure | None = None
    town_share: Figure | None = None
    area_only_share: Figure | None = None
    detections: Figure | None = None
    copy_share: Figure | None = None
    copy_lag_s: Figure | None = None
    wrong_kind_share: Figure | None = None
    wrong_actor_share: Figure | None = None
    effort: dict[str, Figure] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    __pydantic_config__: ClassVar = CHECKED

    def __post_init__(self) -> None:
        unknown = sorted(set(self.detection) - set(vocabulary().kinds))
        if unknown:
            raise ValueError(f"detection: {', '.join(unknown)}: no kind; kinds are {', '.join(vocabulary().kinds)}")
        named = {f"detection.{kind}": figure for kind, figure in self.detection.items()} | vars(self)
        for name, figure in named.items():
            if not isinstance(figure, Figure):
                continue
            share = name.startswith("detection.") or name.endswith("_share")
            if figure.value < 0 or (share and figure.value > 1):
                bounds = "between 0 and 1" if share else "0 or more"
                raise ValueError(f"{name}: {figure.value:g} is not {bounds}")


UNSTATED = {
    "date_only_share": 0.0,
    "town_share": 0.0,
    "area_only_share": 0.0,
    "detections": 1.0,
    "copy_share": 0.0,
    "copy_lag_s": 21_600.0,
    "wrong_kind_share": 0.0,
    "wrong_actor_share": 0.0,
}
"""What holds for a figure that a profile leaves out: a source that does none of it (a copy's lag of 6 h is assumed)."""
