"""From pairs to clusters: average linkage on log ratios, which does not chain as single linkage does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from teisen.fusion.near import Ints
from teisen.fusion.pairs import CEILING
from teisen.geodesy import Floats

LARGEST = 1_500
"""Reports in one component that are clustered at once; a larger one is cut at its weakest pairs first."""
STRICTER = 1.0
SIZES = (2, 3, 4, 6, 8, 12, 16, 24, 32)
"""Components of up to so many reports are merged many at a time, filled up to the next size; larger ones one by one."""
CELLS = 2_000_000
"""Log ratios that are held at a time."""
LEAST = 1e-6
"""Clusters merge while their mean log ratio is above this."""

Ratio = Callable[[Ints, Ints], Floats]


@dataclass(frozen=True)
class Clustered:
    """``label``: cluster of each report, counting up in the order of first members. ``component``: the smallest index
    among the reports that it hangs together with through pairs of a log ratio above 0; nothing else decides its label.
    """

    label: Ints
    component: Ints


def clusters(n: int, near: Iterable[tuple[Ints, Ints]], between: Ratio) -> Clustered:
    """Clusters of ``n`` reports.

    Args:
        near: pairs that may be of one incident, some at a time, in any order, each once.
        between: log ratio of any pairs, also of those that are not near.

    Two clusters merge while the mean log ratio over all pairs between them is above 0, the best two first.
    """
    label = np.arange(n)
    links = _linking(near, between)
    component, parts = _components(n, *links)
    size = np.array([len(part) for part in parts], dtype=np.int64)
    for below, most in zip((1, *SIZES), SIZES, strict=False):
        for batch in _batches([parts[at] for at in np.flatnonzero((size > below) & (size <= most))], most):
            reports = batch[batch >= 0]
            label[reports] = _merged(batch, between)[batch >= 0]
    for at in np.flatnonzero(size > SIZES[-1]):
        label[parts[at]] = _linked(parts[at], between)
    return Clustered(np.unique(label, return_inverse=True)[1].astype(np.int64), component)


def _linking(near: Iterable[tuple[Ints, Ints]], between: Ratio) -> tuple[Ints, Ints, Floats]:
    """Pairs with a log ratio above 0, and that."""
    none = np.empty(0, np.int64)
    found: list[tuple[Ints, Ints, Floats]] = [(none, none, np.empty(0))]
    for i, j in near:
        ratio = between(i, j)
        linked = ratio > 0
        found.append((i[linked], j[linked], ratio[linked]))
    i, j, ratio = (np.concatenate(column) for column in zip(*found, strict=True))
    return i, j, ratio


def _batches(parts: list[Ints], size: int) -> Iterator[Ints]:
    """Components as rows of ``size`` reports, -1 where one has fewer."""
    step = max(CELLS // size**2, 1)
    for at in range(0, len(parts), step):
        some = parts[at : at + step]
        rows = np.full((len(some), size), -1)
        length = np.array([len(part) for part in some])
        rows[np.arange(size) < length[:, None]] = np.concatenate(some)
        yield rows


def _merged(rows: Ints, between: Ratio) -> Ints:
    """First member of the cluster of each report of each row: average linkage of all rows in step."""
    many, size = rows.shape
    one, two = np.triu_indices(size, 1)
    there = (rows[:, one] >= 0) & (rows[:, two] >= 0)
    mean = np.full((many, size, size), -np.inf)
    value = np.full(there.shape, -np.inf)
    value[there] = between(rows[:, one][there], rows[:, two][there])
    mean[:, one, two] = mean[:, two, one] = value
    weight, owner = np.ones((many, size)), np.tile(np.arange(size), (many, 1))
    left = np.arange(many)
    for _ in range(size - 1):
        best = mean[left].reshape(len(left), -1).argmax(axis=1)
        a, b = best // size, best % size
        still = mean[left, a, b] > LEAST
        left, a, b = left[still], a[still], b[still]
        if not left.size:
            break
        share = (weight[left, a] / (weight[left, a] + weight[left, b]))[:, None]
        joined = share * mean[left, a] + (1 - share) * mean[left, b]
        joined[np.arange(len(left)), a] = -np.inf
        mean[left, a], mean[left, :, a] = joined, joined
        mean[left, b], mean[left, :, b] = -np.inf, -np.inf
        weight[left, a] += weight[left, b]
        owner[left] = np.where(owner[left] == b[:, None], a[:, None], owner[left])
    return np.take_along_axis(rows, owner, axis=1)


def _linked(part: Ints, between: Ratio) -> Ints:
    """First member of the cluster of each report of one component."""
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415  seldom needed, and slow to load

    one, two = np.triu_indices(len(part), 1)
    distance = CEILING - between(part[one], part[two])
    groups = fcluster(linkage(distance, "average"), CEILING - LEAST, "distance")
    first = np.full(groups.max() + 1, part.max())
    np.minimum.at(first, groups, part)
    return np.asarray(first[groups])


def _components(n: int, i: Ints, j: Ints, ratio: Floats) -> tuple[Ints, list[Ints]]:
    """Smallest member of each report's connected component, and the components of two and more, none larger than
    :data:`LARGEST`.

    One that is too large is cut by leaving out its weakest pairs, a step of the log ratio at a time.
    """
    from scipy.sparse import coo_matrix  # noqa: PLC0415  loading it takes as long as fusing some thousand reports
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    done: list[Ints] = []
    whole = np.arange(n)
    threshold, keep = 0.0, ratio > 0.0
    while keep.any():
        i, j, ratio = i[keep], j[keep], ratio[keep]
        nodes, at = np.unique(np.concatenate([i, j]), return_inverse=True)
        edges = at[: len(i)], at[len(i) :]
        graph = coo_matrix((np.ones(len(i), np.int8), edges), shape=(len(nodes), len(nodes)))
        _, label = connected_components(graph, directed=False)
        size = np.bincount(label)
        order = np.argsort(label, kind="stable")
        begins = np.concatenate([[0], np.cumsum(size)])
        if threshold == 0.0:
            whole[nodes] = nodes[order[begins[:-1]]][label]
        last = threshold >= CEILING - STRICTER
        for part in range(len(size)):
            members = nodes[order[begins[part] : begins[part + 1]]]
            if len(members) <= LARGEST:
                done.append(members)
            elif last:
                done.extend(members[at : at + LARGEST] for at in range(0, len(members), LARGEST))
        if last:
            break
        threshold += STRICTER
        keep = (size[label[edges[0]]] > LARGEST) & (ratio > threshold)
    return whole, done
