"""The day by region, in the form of a mission's daily table: counts against the day before, then entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from teisen.languages import say, text
from teisen.observation import vocabulary
from teisen.release.report import watching
from teisen.release.report.days import ELSEWHERE, Days
from teisen.release.report.groups import GROUPS, of_group
from teisen.release.report.incidents import Incident
from teisen.release.report.terms import ALL, ReadingOfDay

WITHHELD = "withheld"
LEAST_EXPECTED = 0.05
"""An expected number below this is written as none."""
OUTSIDE = text("Outside the regions, or not placed")


@dataclass(frozen=True)
class Region:
    """One region's day. A count is None where the release withheld it as a small cell.

    ``force``, ``traces`` and ``rest`` make up what was recorded: uses of force, fires and other traces of which the
    cause is not told, and what is neither; those with ``_before`` are of the day before. ``expected`` are expected
    violations by reading label (None: not released). ``verdict`` says how well an attack would have been recorded (a
    key of :data:`~teisen.release.report.watching.SIGHT`).
    """

    id: str
    name: str
    anchor: str
    force: int | None
    force_before: int | None
    traces: int | None
    traces_before: int | None
    rest: int | None
    rest_before: int | None
    conflict: float | None
    explosions: int | None
    expected: Mapping[str, float | None]
    watched: Mapping[str, float | None]
    verdict: str
    incidents: tuple[Incident, ...]

    @property
    def withheld(self) -> bool:
        """Whether the release withheld this region's counts."""
        return self.force is None

    @property
    def quiet(self) -> bool:
        """Whether neither day has a use of force and none is expected, so that regions alike may share a row."""
        return not (self.force or self.force_before) and all((e or 0) < LEAST_EXPECTED for e in self.expected.values())


def of_day(
    days: Days, shown: list[ReadingOfDay], incidents: list[Incident], watches: list[watching.Watch]
) -> list[Region]:
    """Every region, by name, then what lies outside of all."""
    names = [*days.region_names.items(), (ELSEWHERE, say(OUTSIDE))]
    earlier = days.incidents.filter(pl.col("day") == days.before)
    before = {group: Counter(earlier.filter(of_group(group))["region"].to_list()) for group in GROUPS}
    hidden = _withheld(days, days.rates_today, Counter(i.region for i in incidents))
    hidden_before = _withheld(days, days.rates.filter(pl.col("day") == days.before), sum(before.values(), Counter()))
    in_force = [one for one in shown if one.in_force]
    rates = {
        (row["area_id"], row["agreement_id"], row["provision_id"], row["reading_id"]): row
        for row in days.rates_today.iter_rows(named=True)
    }
    explosive = {name for name, kind in vocabulary().kinds.items() if any("explosion" in o for o in kind.osce)}
    rows = []
    for place, (region, name) in enumerate(names):
        mine = tuple(i for i in incidents if i.region == region)
        gone, gone_before = region in hidden, region in hidden_before
        found = {one.label: rates.get((region, *one.key)) for one in in_force}
        rows.append(
            Region(
                id=region,
                name=name,
                anchor=f"region-{place}",
                force=None if gone else sum(i.group == "force" for i in mine),
                force_before=None if gone_before else before["force"][region],
                traces=None if gone else sum(i.group == "trace" for i in mine),
                traces_before=None if gone_before else before["trace"][region],
                rest=None if gone else sum(i.group == "rest" for i in mine),
                rest_before=None if gone_before else before["rest"][region],
                conflict=None if gone else round(sum(i.p for i in mine), 4),
                explosions=None if gone else sum(i.kind in explosive for i in mine),
                expected={k: r["expected"] if r else None for k, r in found.items()},
                watched={k: r["watched"] if r else None for k, r in found.items()},
                verdict=watching.verdict(days, watches, region),
                incidents=mine,
            )
        )
    return rows


def quiet(regions: list[Region]) -> list[tuple[str, list[Region]]]:
    """Regions without a use of force, put together by why: what could be seen there, or that counts are withheld."""
    groups: dict[str, list[Region]] = {WITHHELD: [], **{sight: [] for sight in watching.SIGHT}}
    for region in regions:
        if region.quiet and (region.id or region.incidents):
            groups[WITHHELD if region.withheld else region.verdict].append(region)
    return [(why, members) for why, members in groups.items() if members]


def alike(regions: list[Region], watches: list[watching.Watch]) -> list[list[Region]]:
    """Regions in which every source could see the same, in the order of the first of each."""
    groups: dict[tuple[str, ...], list[Region]] = {}
    for region in regions:
        groups.setdefault(tuple(w.cells[region.id].text for w in watches), []).append(region)
    return list(groups.values())


def _withheld(days: Days, rates: pl.DataFrame, counts: Counter[str]) -> set[str]:
    """Regions of which the release gives no rate on a day on which it gives the rate of all.

    A region that has neither a rate on any day nor an incident on this one was never assessed; it is not withheld.
    """
    if days.about.smallest_cell <= 1 or not (rates["area_id"] == ALL).any():
        return set()
    assessed = set(days.rates["area_id"])
    missing = set(days.region_names) - set(rates["area_id"])
    return {region for region in missing if region in assessed or counts[region]}
