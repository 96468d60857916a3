"""From pairs to clusters: average linkage on log ratios, which does not chain as single linkage does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

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


def clusters(n: int, near: Iterable[tuple[Ints, Ints]], between: Ratio) -> Ints:
    """Cluster label of each of ``n`` reports, shape (n,); labels count up in the order of first members.

    Args:
        near: pairs that may be of one incident, some at a time, in any order, each once.
        between: log ratio of any pairs, also of those that are not near.

    Two clusters merge while the mean log ratio over all pairs between them is above 0, the best two first.
    """
    label = np.arange(n)
    parts = _components(n, *_linking(near, between))
    size = np.array([len(part) for part in parts], dtype=np.int64)
    for below, most in zip((1, *SIZES), SIZES, strict=False):
        for batch in _batches([parts[at] for at in np.flatnonzero((size > below) & (size <= most))], most):
            reports = batch[batch >= 0]
            label[reports] = _merged(batch, between)[batch >= 0]
    for at in np.flatnonzero(size > SIZES[-1]):
        label[parts[at]] = _linked(parts[at], between)
    return np.unique(label, return_inverse=True)[1].astype(np.int64)


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
    one, two = np.triu_indices(len(part), 1)
    distance = CEILING - between(part[one], part[two])
    groups = fcluster(linkage(distance, "average"), CEILING - LEAST, "distance")
    first = np.full(groups.max() + 1, part.max())
    np.minimum.at(first, groups, part)
    return np.asarray(first[groups])


def _components(n: int, i: Ints, j: Ints, ratio: Floats) -> list[Ints]:
    """Connected components of two and more reports, none larger than :data:`LARGEST`.

    One that is too large is cut by leaving out its weakest pairs, a step of the log ratio at a time.
    """
    done: list[Ints] = []
    threshold, keep = 0.0, ratio > 0.0
    while keep.any():
        i, j, ratio = i[keep], j[keep], ratio[keep]
        graph = coo_matrix((np.ones(len(i), np.int8), (i, j)), shape=(n, n))
        _, label = connected_components(graph, directed=False)
        size = np.bincount(label)
        order = np.argsort(label, kind="stable")
        parts = np.split(order, np.cumsum(size)[:-1])
        last = threshold >= CEILING - STRICTER
        for part in parts:
            if 2 <= len(part) <= LARGEST:
                done.append(part)
            elif len(part) > LARGEST and last:
                done.extend(part[at : at + LARGEST] for at in range(0, len(part), LARGEST))
        if last:
            break
        threshold += STRICTER
        keep = (size[label[i]] > LARGEST) & (ratio > threshold)
    return done
