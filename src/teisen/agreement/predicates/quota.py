"""Predicates on how much was counted: quotas a day, a week, a month, or over a whole window."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from teisen.agreement.predicates.base import Leaf
from teisen.agreement.windows import Window, Zone
from teisen.agreement.worlds import Counting, Sets, Worlds
from teisen.documents import Strict
from teisen.languages import ENGLISH, Words


class Quota(Strict):
    """A number of things in a period of local time: a day, a week from Monday, a month, or a window.

    Of ``per: window`` the window is the one of the ``during`` beside the quota, unless it states its own. What
    ``stays`` (weapons in storage) is there again at the next count: of each place the last count of the period stands.
    """

    count: Annotated[float, Field(ge=0)]
    unit: str = Field(min_length=1)
    per: Literal["day", "week", "month", "window"]
    zone: Zone | None = None
    window: Window | None = None
    stays: bool = False

    @model_validator(mode="after")
    def _told(self) -> Quota:
        if self.per != "window" and self.zone is None:
            raise ValueError(f"a {self.per} begins at local midnight; give its `zone:`")
        if self.window is not None and self.per != "window":
            raise ValueError("`window:` goes with `per: window`")
        return self


class Counted(Leaf):
    """A predicate that asks what was counted. It holds for counts and for allegations that state one, for none else."""

    about = "quantity"

    @property
    def quota(self) -> Quota:
        """What it asks for."""
        raise NotImplementedError

    @property
    def counting(self) -> Counting:
        """What has to be counted for it."""
        quota, window = self.quota, self.quota.window
        span = None if window is None else (window.start_us, window.end_us)
        zone = quota.zone or (window.clock if window else None)
        return Counting(quota.unit, quota.per, zone, span, quota.stays)

    def over(self, window: Window) -> Self:
        """The same, counting over ``window`` where it is per window and states none."""
        quota = self.quota
        if quota.per != "window" or quota.window is not None:
            return self
        return self.model_copy(update={self.name: quota.model_copy(update={"window": window})})

    def _said(self, words: Words) -> dict[str, str]:
        spans = {
            "day": words("a day"),
            "week": words("a week"),
            "month": words("a month"),
            "window": words("the whole window"),
        }
        return {"count": f"{self.quota.count:,g}", "unit": self.quota.unit, "period": spans[self.quota.per]}


class FewerThan(Counted):
    """Fewer things were counted in a period than a quota asks for.

    Holds only for a period that was counted as a whole: what nobody counted is not fewer.
    """

    fewer_than: Quota

    @property
    def quota(self) -> Quota:  # noqa: D102
        return self.fewer_than

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words("fewer than {count} {unit} were counted in {period}", **self._said(words))

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.counted(self.counting, below=self.fewer_than.count)


class MoreThan(Counted):
    """More things were counted in a period than a quota allows; a count of a part of it may already be more."""

    more_than: Quota

    @property
    def quota(self) -> Quota:  # noqa: D102
        return self.more_than

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words("more than {count} {unit} were counted in {period}", **self._said(words))

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.counted(self.counting, above=self.more_than.count)
