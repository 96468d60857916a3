"""How often a source sees what others report: how many more of their reports have one of its beside them than chance.

Learning that from what was put together ends where it began: who is taken to see little is joined with little. Here
nothing is put together. Of the reports of sources that are mostly right those are counted that have one of an
independent source within two standard deviations and at the same time; and again with their days moved by a week and a
day, two, three, to either side, where chance alone puts one beside them. Given on how many of these days there is one,
the true day is any of them if the two never see the same, so that its excess is zero on average however fires, fronts
and towns lie (one pattern is shifted against the other, as where cross-K functions are tested: Diggle, "Statistical
Analysis of Spatial Point Patterns", 2003).

Only of sources that are mostly wrong, such as satellites that see fields burn, is the declared figure lowered so: what
they have beside others' reports is mostly chance. It is never raised, for incidents that set each other off make an
excess of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from teisen.fusion.near import DAY_S, Ints, Spots, near_between
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats

STEPS = (-3, -2, -1, 1, 2, 3)
"""Shifts, in units of..."""
SHIFT_DAYS = 8
"""...at least so many days: longer than intervals and traces, and every weekday in turn."""
LEAST_SHIFTS = 3
"""A report counts for a source that was heard on at least so many of its shifted days."""
BESIDE_SIGMAS = 2.0
WITHIN = 0.865
"""Share of true pairs within two standard deviations in the plane."""
RARE = 1 / 3
"""Reports that have one beside them on more of the days than this tell nothing: there is always one."""
MOST_TELLING = 8_000
"""Of more reports that tell every second, third, ... is looked at."""
PRIOR_SEEN = 5.0
"""Reports seen again that the declared figure counts as (assumed)."""
LEAST = 0.05
"""Smallest share of what is declared that is believed (assumed)."""


@dataclass(frozen=True)
class Beside:
    """Of each source, shape (sources,): ``telling`` reports of others, how many of them have one of its ``seen`` beside
    them, ``usual`` ones by chance, and ``hoped`` ones over chance by what it declares."""

    telling: Floats
    seen: Floats
    usual: Floats
    hoped: Floats


def share_seen(reports: Reports, source: Ints, seen: Floats, stretch_days: int) -> Floats:
    """Share of the declared detection that holds, by source, shape (sources,): 0.05 to 1; 1 where nothing tells.

    Args:
        reports: originals that have a place.
        source: index of each one's source.
        seen: P(a source reports an incident of a kind) as declared, shape (sources, kinds).
        stretch_days: the reports are those of every so many days, or of all (1); shifts keep to that.
    """
    wrong = np.bincount(source, reports.base, len(seen)) < 0
    if not wrong.any():
        return np.ones(len(seen))
    found = beside(reports, source, seen, stretch_days, np.flatnonzero(wrong))
    share = (found.seen - found.usual + PRIOR_SEEN) / (found.hoped + PRIOR_SEEN)
    return np.where(wrong, np.clip(share, LEAST, 1.0), 1.0)


def beside(reports: Reports, source: Ints, seen: Floats, stretch_days: int, of: Ints) -> Beside:
    """What is counted of the sources ``of`` (0 of others); other arguments as :func:`share_seen` takes them."""
    many, unit = len(seen), stretch_days * -(-SHIFT_DAYS // stretch_days) * DAY_S
    telling = np.flatnonzero(reports.base > 0)
    telling = telling[:: max(-(-len(telling) // MOST_TELLING), 1)]
    if not telling.size:
        return Beside(*np.zeros((4, many)))
    group = np.unique(reports.frame["group"].to_numpy(), return_inverse=True)[1]
    middle = (reports.start + reports.end) / 2
    first, last = np.full(many, np.inf), np.full(many, -np.inf)
    np.minimum.at(first, source, middle)
    np.maximum.at(last, source, middle)
    late = np.array([0, *STEPS])[:, None] * unit
    hit = np.zeros((len(late), len(telling), many), np.bool_)
    hit.reshape(-1, many)[_met(reports, source, telling, late=late, of=of)] = True
    then = (middle[telling] + late)[..., None]
    heard = (then >= first) & (then <= last)
    days, chance = heard[1:].sum(axis=0), (hit & heard)[1:].sum(axis=0)
    usual = (hit[0] + chance) / (days + 1)
    alike = np.zeros((many, int(group.max()) + 1), np.bool_)
    alike[source, group] = True
    use = (days >= LEAST_SHIFTS) & heard[0] & (usual <= RARE) & ~alike.T[group[telling]] & np.isin(np.arange(many), of)
    declared = (reports.kinds[telling] @ seen.T) / (1 + np.exp(-reports.base[telling]))[:, None] * WITHIN
    hoped = declared * (1 - chance / np.maximum(days, 1)) * days / (days + 1)
    return Beside(*(np.where(use, one, 0.0).sum(axis=0) for one in (np.ones_like(usual), hit[0], usual, hoped)))


def _met(reports: Reports, source: Ints, telling: Ints, *, late: Floats, of: Ints) -> tuple[Ints, Ints]:
    """Which reports that tell, moved by each of the times ``late`` (counting through one time after the other), have a
    report of the sources ``of`` beside them, and of which source."""
    own, others = reports.spots.take(telling), np.flatnonzero(np.isin(source, of))
    start, end = ((one + late).reshape(-1) for one in (own.start, own.end))
    moved = Spots(np.tile(own.xyz, (len(late), 1)), np.tile(own.sigma, len(late)), start, end)
    i, j = near_between(reports.spots.take(others), moved)
    i = others[i]
    apart2 = ((reports.xyz[i] - moved.xyz[j]) ** 2).sum(axis=1)
    close = apart2 <= BESIDE_SIGMAS**2 * (reports.sigma[i] ** 2 + moved.sigma[j] ** 2)
    return j[close], source[i[close]]
