"""What of a case a page's address asks for: the day, and the readings as the pages number them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from teisen.languages import text
from teisen.release.report.context import ProvisionShown, ReadingShown
from teisen.release.report.days import Days, day_of
from teisen.server.problems import Refusal
from teisen.server.view import View

NO_DAY = text("‘{id}’ is no day. Write it as 2025-04-20.")
Key = tuple[str, str, str]
"""Ids of agreement, provision and reading."""


@dataclass(frozen=True)
class DayChosen:
    """A day of the case with its neighbours, for the form that chooses one; None where the case ends."""

    day: date
    first: date
    last: date

    @property
    def before(self) -> date | None:
        """The day before."""
        return self.day - timedelta(days=1) if self.day > self.first else None

    @property
    def after(self) -> date | None:
        """The day after."""
        return self.day + timedelta(days=1) if self.day < self.last else None


@dataclass(frozen=True)
class Reading:
    """A reading with its label (R1, R2, ... in the agreements' order), and where it stands."""

    label: str
    key: Key
    agreement: str
    provision: ProvisionShown
    reading: ReadingShown
    held_by: str

    @property
    def id(self) -> str:
        """Its id in an address."""
        return "/".join(self.key)


def day_chosen(view: View, asked: str) -> DayChosen:
    """The day that an address asks for, else the last one that has an answer, else the last with an incident.

    Raises:
        Refusal: it is no day, or none of the case (404).
    """
    first, last = view.about.first, view.about.last
    if not asked:
        return DayChosen(_newest(view), first, last)
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        raise Refusal(404, NO_DAY.format(id=asked[:20])) from None
    if not first <= day <= last:
        raise Refusal(404, text("The case covers {first} to {last}.").format(first=first, last=last))
    return DayChosen(day, first, last)


def _newest(view: View) -> date:
    for name in ("verdict", "incident"):
        table = view.table(name)
        if table.height:
            newest = table.select(day_of(view.about.zone).max()).item()
            if isinstance(newest, date):
                return min(max(newest, view.about.first), view.about.last)
    return view.about.last


def readings(view: View) -> list[Reading]:
    """Every reading of every provision, in the agreements' order."""
    return [
        Reading(f"R{n}", (a, p.id, r.id), title, p, r, view.about.name_of(r.held_by))
        for n, (a, title, p, r) in enumerate(_walk(view), 1)
    ]


def _walk(view: View) -> Iterator[tuple[str, str, ProvisionShown, ReadingShown]]:
    for agreement in view.about.agreements:
        for provision in agreement.provisions:
            for reading in provision.readings:
                yield agreement.id, agreement.title, provision, reading


def days_of(view: View, day: date) -> Days:
    """The view's tables seen from a day."""
    return Days(view.tables, day, view.about)


def under(key: Key) -> pl.Expr:
    """Rows of one reading."""
    return pl.all_horizontal(
        pl.col(column) == value
        for column, value in zip(("agreement_id", "provision_id", "reading_id"), key, strict=True)
    )
