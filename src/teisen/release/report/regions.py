"""The day by region, in the form of a mission's daily table: counts against the day before, then entries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import polars as pl

from teisen.observation import vocabulary
from teisen.release.report import watching
from teisen.release.report.days import ELSEWHERE, Days
from teisen.release.report.incidents import Incident
from teisen.release.report.terms import ALL, ReadingOfDay

WITHHELD = "withheld"
OUTSIDE = "Outside the regions, or not placed"


@dataclass(frozen=True)
class Region:
    """One region's day. A count is None where the release withheld it as a small cell.

    ``expected`` are expected violations by reading label (None: not released). ``verdict`` says, where nothing was
    recorded, whether it was looked at: watched, blind or unstated.
    """

    id: str
    name: str
    anchor: str
    recorded: int | None
    before: int | None
    conflict: float | None
    explosions: int | None
    expected: dict[str, float | None]
    watched: dict[str, float | None]
    verdict: str
    incidents: tuple[Incident, ...]

    @property
    def withheld(self) -> bool:
        """Whether the release withheld this region's counts."""
        return self.recorded is None


def of_day(
    days: Days, shown: list[ReadingOfDay], incidents: list[Incident], watches: list[watching.Watch]
) -> list[Region]:
    """Every region, by name, then what lies outside of all."""
    names = [*days.regions.select("area_id", "name").iter_rows(), (ELSEWHERE, OUTSIDE)]
    before = Counter(days.incidents.filter(pl.col("day") == days.before)["region"].to_list())
    now = Counter(i.region for i in incidents)
    hidden = _withheld(days, days.rates_today, now)
    hidden_before = _withheld(days, days.rates.filter(pl.col("day") == days.before), before)
    in_force = [one for one in shown if one.in_force]
    rates = {
        (row["area_id"], row["agreement_id"], row["provision_id"], row["reading_id"]): row
        for row in days.rates_today.iter_rows(named=True)
    }
    explosive = {name for name, kind in vocabulary().kinds.items() if any("explosion" in o for o in kind.osce)}
    rows = []
    for place, (region, name) in enumerate(names):
        mine = tuple(i for i in incidents if i.region == region)
        gone = region in hidden
        found = {one.label: rates.get((region, *one.key)) for one in in_force}
        rows.append(
            Region(
                id=region,
                name=name,
                anchor=f"region-{place}",
                recorded=None if gone else len(mine),
                before=None if region in hidden_before else before[region],
                conflict=None if gone else round(sum(i.p for i in mine), 4),
                explosions=None if gone else sum(i.kind in explosive for i in mine),
                expected={k: r["expected"] if r else None for k, r in found.items()},
                watched={k: r["watched"] if r else None for k, r in found.items()},
                verdict=watching.verdict(watches, region),
                incidents=mine,
            )
        )
    return rows


def _withheld(days: Days, rates: pl.DataFrame, counts: Counter[str]) -> set[str]:
    """Regions of which the release gives no rate on a day on which it gives the rate of all.

    A region that has neither a rate on any day nor an incident on this one was never assessed; it is not withheld.
    """
    if days.about.smallest_cell <= 1 or not (rates["area_id"] == ALL).any():
        return set()
    assessed = set(days.rates["area_id"])
    missing = set(days.region_names) - set(rates["area_id"])
    return {region for region in missing if region in assessed or counts[region]}
