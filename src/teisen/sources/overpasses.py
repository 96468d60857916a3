"""Chance that a fire burns at a satellite's overpass, from the times of day at which it passes."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from teisen.observation.profile import Strict


class Pass(Strict):
    """A daily cluster of overpasses: from ``hour`` (local mean solar time) for ``width_h`` hours."""

    hour: float = Field(ge=0, lt=24)
    width_h: float = Field(ge=0, lt=24)


def p_overpass(passes: Sequence[Pass], fire_hours: float) -> float:
    """P(a fire that starts at any time of the day and burns ``fire_hours`` burns at some overpass), 0 to 1.

    It is the share of the day from which a fire reaches an overpass: the union of the spans from ``fire_hours``
    before each cluster to its end, around the clock. With two clusters of 1.2 h half a day apart that is
    min(1, (fire_hours + 1.2) / 12).
    """
    spans = [((p.hour - fire_hours) % 24, fire_hours + p.width_h) for p in passes]
    if any(length >= 24 for _, length in spans):
        return 1.0
    flat = [(start, min(start + length, 24.0)) for start, length in spans]
    flat += [(0.0, start + length - 24) for start, length in spans if start + length > 24]
    total, reached = 0.0, 0.0
    for start, end in sorted(flat):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return min(1.0, total / 24)
