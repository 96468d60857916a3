"""Predicates on where it happened."""

from __future__ import annotations

from pydantic import Field

from teisen.agreement.predicates.base import Leaf
from teisen.agreement.vocabulary import AreaId, Some, TargetClass, titles
from teisen.agreement.worlds import Sets, Worlds
from teisen.documents import Strict
from teisen.languages import ENGLISH, Words


class Areas(Strict):
    """Ids of areas or levels of areas (region, district, sea, zone, sector, control)."""

    areas: Some[AreaId]


class Within(Leaf):
    """It happened in an area."""

    about, cheap = "place", False
    within: Areas

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words("it happened within {areas}", areas=words.listed(self.within.areas))

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.within(self.within.areas)


class Sites(Strict):
    """Classes of protected sites and a distance from them."""

    classes: Some[TargetClass]
    distance_m: float = Field(gt=0, le=100_000)


class Near(Leaf):
    """It happened at most a distance from a site of a protected class."""

    about, cheap = "target", False
    near: Sites

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words("it happened within {distance} m of a site of this kind: {classes}", **self._gaps(words))

    def denies(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words("it did not happen within {distance} m of any {classes}", **self._gaps(words))

    def _gaps(self, words: Words) -> dict[str, str]:
        return {"distance": f"{self.near.distance_m:,.0f}", "classes": titles(self.near.classes, words)}

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.near(self.near.classes, self.near.distance_m)
