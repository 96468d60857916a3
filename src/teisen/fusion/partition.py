"""Which reports are of one incident: the partition that is most probable, as far as merging two at a time finds it.

Every cluster looks for the one that it gains most with; those that choose each other merge, all at once, until none
gains. That is what merging the best two first comes to, and what is far away changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from teisen.fusion.likelihood import Likelihood, Sums, Two
from teisen.fusion.near import FARTHEST_SIGMAS, Ints
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats

KEPT = -1.0
"""Pairs of reports that lose more than this together are not looked at again, unless through others."""
LEAST = 1e-3
"""Clusters merge while they gain at least so much."""
DECIMALS = 3
AT_ONCE = 100_000


@dataclass(frozen=True)
class Parted:
    """``label``: incident of each report, counting up in the order of first reports. ``component``: the smallest index
    among the reports that it hangs together with through pairs that are kept; nothing else decides its label.
    """

    label: Ints
    component: Ints


@dataclass(frozen=True)
class Close:
    """Pairs of reports within reach of each other, with what place, time and density say of the two as one incident."""

    i: Ints
    j: Ints
    plain: Floats


def close(reports: Reports, density: Floats, near: Iterable[tuple[Ints, Ints]], likelihood: Likelihood) -> list[Close]:
    """Pairs that :func:`partition` looks at; how sources report does not bear on them.

    Args:
        near: pairs ``i < j`` that may be of one incident, some at a time, each once.
    """
    return list(_close(likelihood.of_two(reports, likelihood.sums(reports, density)), near))


def partition(
    reports: Reports, density: Floats, near: Iterable[tuple[Ints, Ints]] | list[Close], likelihood: Likelihood
) -> Parted:
    """Which reports are of one incident.

    Args:
        reports: originals, no copies, in the order of their ids.
        density: of incidents around each, a m2 and second.
        near: pairs ``i < j`` that may be of one incident, some at a time, each once; or what :func:`close` made of
            them.
        likelihood: weighs clusters.
    """
    n = len(reports)
    if not n:
        return Parted(np.empty(0, np.int64), np.empty(0, np.int64))
    owner, sums = np.arange(n), likelihood.sums(reports, density)
    value = _values(sums, likelihood)
    two = likelihood.of_two(reports, sums)
    i, j, gain = _first(two, value, near if isinstance(near, list) else _close(two, near))
    component = _components(n, i, j)
    while True:
        a, b = _mutual(n, i, j, gain)
        if not len(a):
            break
        sums.put(a, sums.take(a).with_(sums.take(b)))
        value[a] = likelihood.value(sums.take(a))
        into = np.arange(n)
        into[b] = a
        owner = into[owner]
        changed = np.zeros(n, dtype=np.bool_)
        changed[a] = True
        i, j, gain = _contracted(into[i], into[j], gain, changed, n)
        fresh = np.flatnonzero(np.isnan(gain))
        gain[fresh] = _gains(sums, value, i[fresh], j[fresh], likelihood)
    return Parted(np.unique(owner, return_inverse=True)[1].astype(np.int64), component)


def _components(n: int, i: Ints, j: Ints) -> Ints:
    """Smallest member of each report's connected component."""
    from scipy.sparse import coo_matrix  # noqa: PLC0415  loading them takes as long as fusing some thousand reports
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    _, part = connected_components(coo_matrix((np.ones(len(i), np.int8), (i, j)), shape=(n, n)), directed=False)
    return np.asarray(np.unique(part, return_index=True)[1][part], np.int64)


def _values(sums: Sums, likelihood: Likelihood) -> Floats:
    n = len(sums.lon)
    parts = [likelihood.value(sums.take(np.arange(at, min(at + AT_ONCE, n)))) for at in range(0, n, AT_ONCE)]
    return np.concatenate([np.empty(0), *parts])


def _close(two: Two, near: Iterable[tuple[Ints, Ints]]) -> Iterator[Close]:
    for many_i, many_j in near:
        for at in range(0, len(many_i), AT_ONCE):
            i, j = many_i[at : at + AT_ONCE], many_j[at : at + AT_ONCE]
            within = two.apart2(i, j) <= FARTHEST_SIGMAS**2
            i, j = i[within], j[within]
            yield Close(i, j, two.plain(i, j))


def _first(two: Two, value: Floats, near: Iterable[Close]) -> tuple[Ints, Ints, Floats]:
    """Pairs of reports that may come together, with what each gains."""
    none = np.empty(0, np.int64)
    found: list[tuple[Ints, Ints, Floats]] = [(none, none, np.empty(0))]
    for some in near:
        i, j = some.i, some.j
        gain = np.round(two.value(i, j, some.plain) - value[i] - value[j], DECIMALS)
        kept = gain > KEPT
        found.append((i[kept], j[kept], gain[kept]))
    i, j, gain = (np.concatenate(column) for column in zip(*found, strict=True))
    return i, j, gain


def _gains(sums: Sums, value: Floats, i: Ints, j: Ints, likelihood: Likelihood) -> Floats:
    gain = np.empty(len(i))
    for at in range(0, len(i), AT_ONCE):
        a, b = i[at : at + AT_ONCE], j[at : at + AT_ONCE]
        gain[at : at + AT_ONCE] = likelihood.value(sums.take(a).with_(sums.take(b))) - value[a] - value[b]
    return np.asarray(np.round(gain, DECIMALS))


def _mutual(n: int, i: Ints, j: Ints, gain: Floats) -> tuple[Ints, Ints]:
    """Pairs of clusters that gain most with each other; ties go to the smaller indices."""
    some = np.flatnonzero(gain >= LEAST)
    some = some[np.lexsort((j[some], i[some], -gain[some]))]
    rank = np.arange(len(some))
    best = np.full(n, len(some))
    np.minimum.at(best, i[some], rank)
    np.minimum.at(best, j[some], rank)
    chosen = some[(best[i[some]] == rank) & (best[j[some]] == rank)]
    return i[chosen], j[chosen]


def _contracted(i: Ints, j: Ints, gain: Floats, changed: np.ndarray, n: int) -> tuple[Ints, Ints, Floats]:
    """Pairs of clusters after merging, each once; the gain is not a number where one of the two has changed."""
    low, high = np.minimum(i, j), np.maximum(i, j)
    apart = low != high
    low, high, gain = low[apart], high[apart], gain[apart].copy()
    gain[changed[low] | changed[high]] = np.nan
    _, first = np.unique(low * n + high, return_index=True)
    return low[first], high[first], gain[first]
