"""Which reports are of one incident: the partition that is most probable, as far as merging and parting find it.

Every cluster looks for the one that it gains most with; those that choose each other merge, all at once, until none
gains. That is what merging the best two first comes to, and what is far away changes nothing. Reports are first merged
as if none were a false alarm: two fires of an incident say little, six say much, and no step from one to two would be
taken by what they say alone. Then clusters that are less probable than their reports alone are taken apart, reports
that are better off alone leave, and merging goes on. A report that may as well be of another cluster stays in the
likeliest: on its own it would be counted as one more incident, which it most probably is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from teisen.fusion.density import Around
from teisen.fusion.likelihood import Likelihood, Sums, without
from teisen.fusion.near import FARTHEST_SIGMAS, Ints
from teisen.fusion.reports import Reports
from teisen.fusion.span import Flags
from teisen.fusion.two import Closeness, Saying
from teisen.geodesy import Floats

KEPT = -0.5
"""Pairs of reports that lose more than this together are not looked at again, unless through others (chosen on the
gallery: with 2 in place of 0.5 it scores as well, and where reports are many they all hang together, through weeks)."""
LEAST = 1e-3
"""Clusters merge while they gain at least so much."""
DECIMALS = 3
SWEEPS = 3
"""Times that reports may leave their clusters and merge again."""
AT_ONCE = 50_000
TOGETHER = 20_000
"""Reports, about, that are parted together: what is at hand is quick to reach, and changes nothing."""


@dataclass(frozen=True)
class Parted:
    """``label``: incident of each report, counting up in the order of first reports. ``component``: the smallest index
    among the reports that it hangs together with through pairs that are kept; nothing else decides its label.
    """

    label: Ints
    component: Ints


@dataclass(frozen=True)
class Close:
    """Pairs of reports within reach of each other, with what place and time say of the two as one incident."""

    i: Ints
    j: Ints
    plain: Floats


def close(reports: Reports, near: Iterable[tuple[Ints, Ints]], *, placed: bool) -> Iterator[Close]:
    """Pairs that :func:`partition` looks at; how sources report does not bear on them.

    Args:
        near: pairs ``i < j`` that may be of one incident, some at a time, each once.
        placed: whether the reports have places.
    """
    closeness = Closeness.of(reports, placed)
    for many_i, many_j in near:
        for at in range(0, len(many_i), AT_ONCE):
            i, j = many_i[at : at + AT_ONCE], many_j[at : at + AT_ONCE]
            apart2, where = closeness.where(i, j)
            within = np.flatnonzero(apart2 <= FARTHEST_SIGMAS**2)
            i, j = i[within], j[within]
            yield Close(i, j, where[within] + closeness.time(i, j))


def partition(reports: Reports, around: Around, near: Iterable[Close], likelihood: Likelihood) -> Parted:
    """Which reports are of one incident.

    Args:
        reports: originals, no copies, in the order of their ids.
        around: what there is around each.
        near: what :func:`close` gives.
        likelihood: weighs clusters.
    """
    n = len(reports)
    if not n:
        return Parted(np.empty(0, np.int64), np.empty(0, np.int64))
    saying = Saying.by(likelihood, reports, around)
    pairs = _first(saying, near)
    component = connected(n, pairs.i, pairs.j)
    owner = np.arange(n)
    for some, mine in _together(component, pairs):
        at = np.searchsorted(some, pairs.i[mine]), np.searchsorted(some, pairs.j[mine])
        few = _Pairs(*at, pairs.gain[mine], pairs.later[mine])
        owner[some] = some[_owners(saying, some, few)]
    return Parted(np.unique(owner, return_inverse=True)[1].astype(np.int64), component)


def _together(component: Ints, pairs: _Pairs) -> Iterator[tuple[Ints, Ints]]:
    """Reports of some components at a time, ascending, and their pairs; no components whose reports all stay alone."""
    may = (pairs.gain >= LEAST) | (pairs.later >= LEAST)
    alive = np.zeros(len(component), dtype=np.bool_)
    alive[component[pairs.i[may]]] = True
    size = np.where(alive, np.bincount(component, minlength=len(component)), 0)
    turn = np.where(alive, (np.cumsum(size) - size) // TOGETHER, -1)
    turns = turn[component], turn[component[pairs.i]]
    orders = [np.argsort(one, kind="stable").astype(np.int64) for one in turns]
    for one in np.unique(turn[alive]):
        reports, mine = (
            order[slice(*np.searchsorted(of[order], (one, one + 1)))] for of, order in zip(turns, orders, strict=True)
        )
        yield reports, mine


def _owners(saying: Saying, some: Ints, pairs: _Pairs) -> Ints:
    """First report of the cluster of each of ``some`` reports, which hang together with no others; all by their places
    in ``some``, and so are ``pairs``."""
    likelihood, trusting = saying.likelihood, replace(saying.likelihood, alarms=False)
    single, alone, i, j = saying.sums(some), saying.one[some], pairs.i, pairs.j
    n = len(some)
    state = _State(np.arange(n), single.take(np.arange(n)), saying.one_trusting[some])
    _merged(state, i, j, pairs.gain, trusting)
    merged = np.flatnonzero(np.bincount(state.owner, minlength=n) > 1)
    state.value = alone.copy()
    state.value[merged] = _values(state.sums.take(merged), likelihood)
    _dissolved(state, single, alone)
    grown: Flags = np.ones(n, np.bool_)
    for sweep in range(SWEEPS):
        # Of a cluster that has not grown since, none leaves; two that nobody left do not gain together now either.
        left = _left(state, single, alone, likelihood, grown)
        if sweep and not left.any():
            break
        low, high = np.minimum(state.owner[i], state.owner[j]), np.maximum(state.owner[i], state.owner[j])
        apart = np.flatnonzero(low != high)
        met, first = np.unique(low[apart] * n + high[apart], return_index=True)
        low, high = met // n, met % n
        # What two reports gain that are both still alone is known.
        many = np.bincount(state.owner, minlength=n) > 1
        gain, several = pairs.later[apart[first]], many[low] | many[high]
        changed = left[low] | left[high] if sweep else several
        gain[several & ~changed] = -np.inf
        fresh = np.flatnonzero(several & changed)
        gain[fresh] = _gains(state.sums, state.value, low[fresh], high[fresh], likelihood)
        grown = _merged(state, low, high, gain, likelihood)
    return state.owner


@dataclass(frozen=True)
class _Pairs:
    """Pairs of reports that may come together, with what each gains as if no report were false, and ``later``."""

    i: Ints
    j: Ints
    gain: Floats
    later: Floats


@dataclass
class _State:
    """Clusters while they merge and part: ``owner`` is the index of the first report of each one's cluster, where
    ``sums`` and ``value`` hold what is known of it."""

    owner: Ints
    sums: Sums
    value: Floats


def _merged(state: _State, i: Ints, j: Ints, gain: Floats, likelihood: Likelihood) -> Flags:
    """Merge clusters ``i`` and ``j`` while any gain; which of all have grown."""
    n, sums = len(state.owner), state.sums
    grown = np.zeros(n, dtype=np.bool_)
    while True:
        a, b = _mutual(n, i, j, gain)
        if not len(a):
            return grown
        grown[a] = True
        sums.put(a, sums.take(a).with_(sums.take(b)))
        state.value[a] = likelihood.value(sums.take(a))
        into = np.arange(n)
        into[b] = a
        state.owner = into[state.owner]
        changed = np.zeros(n, dtype=np.bool_)
        changed[a] = True
        i, j, gain = _contracted(into[i], into[j], gain, changed, n)
        fresh = np.flatnonzero(np.isnan(gain))
        gain[fresh] = _gains(sums, state.value, i[fresh], j[fresh], likelihood)


def _dissolved(state: _State, single: Sums, alone: Floats) -> None:
    """Take clusters apart that are less probable than their reports alone."""
    apart = np.bincount(state.owner, alone, len(alone))
    gone = np.flatnonzero((apart > state.value + LEAST)[state.owner])
    state.owner[gone] = gone
    state.sums.put(gone, single.take(gone))
    state.value[gone] = alone[gone]


def _left(state: _State, single: Sums, alone: Floats, likelihood: Likelihood, grown: Flags) -> Flags:
    """Let reports of clusters that have ``grown`` go that are better off alone, of each that which gains most, until
    none gains; which clusters have changed."""
    changed = np.zeros(len(alone), dtype=np.bool_)
    look = np.flatnonzero((np.bincount(state.owner, minlength=len(alone))[state.owner] > 1) & grown[state.owner])
    while look.size:
        rest = without(state.sums, state.owner, single, look)
        value = _values(rest, likelihood)
        gain = np.round(value + alone[look] - state.value[state.owner[look]], DECIMALS)
        some = np.flatnonzero(gain >= LEAST)
        some = some[np.lexsort((look[some], -gain[some], state.owner[look[some]]))]
        some = some[np.unique(state.owner[look[some]], return_index=True)[1]]
        go, home = look[some], state.owner[look[some]]
        mine = look[np.isin(state.owner[look], home)]
        of, stays = state.owner[mine], ~np.isin(mine, go)
        # A cluster goes by its first report: where that leaves, by the next.
        first = np.full(len(alone), len(alone))
        np.minimum.at(first, of[stays], mine[stays])
        state.owner[mine[stays]] = first[of[stays]]
        state.sums.put(first[home], rest.take(some))
        state.value[first[home]] = value[some]
        state.owner[go] = go
        state.sums.put(go, single.take(go))
        state.value[go] = alone[go]
        changed[go], changed[first[home]] = True, True
        left = mine[stays]
        look = left[np.bincount(state.owner[left], minlength=len(alone))[state.owner[left]] > 1]
    return changed


def connected(n: int, i: Ints, j: Ints) -> Ints:
    """Smallest member of the component of each of ``n`` reports, which pairs ``i`` and ``j`` connect."""
    least = np.arange(n)
    while i.size:
        # The larger of each pair goes to the smallest that it is paired with, and on to where that one goes.
        np.minimum.at(least, np.maximum(i, j), np.minimum(i, j))
        while not np.array_equal(least, further := least[least]):
            least = further
        i, j = least[i], least[j]
        apart = np.flatnonzero(i != j)
        i, j = i[apart], j[apart]
    return least


def _values(sums: Sums, likelihood: Likelihood) -> Floats:
    n = len(sums.lon)
    parts = [likelihood.value(sums.take(np.arange(at, min(at + AT_ONCE, n)))) for at in range(0, n, AT_ONCE)]
    return np.concatenate([np.empty(0), *parts])


def _first(saying: Saying, near: Iterable[Close]) -> _Pairs:
    none = np.empty(0, np.int64)
    found = [(none, none, np.empty(0), np.empty(0))]
    for some in near:
        i, j = some.i, some.j
        gain = _gain(saying, some, alarms=False)
        kept = np.flatnonzero(gain > KEPT)
        few = Close(i[kept], j[kept], some.plain[kept])
        found.append((few.i, few.j, gain[kept], _gain(saying, few, alarms=True)))
    return _Pairs(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _gain(saying: Saying, some: Close, *, alarms: bool) -> Floats:
    alone = saying.one if alarms else saying.one_trusting
    return np.asarray(
        np.round(some.plain + saying.two(some.i, some.j, alarms) - alone[some.i] - alone[some.j], DECIMALS)
    )


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
