"""From pairs to clusters: average linkage on log ratios, which does not chain as single linkage does."""

from __future__ import annotations

from collections.abc import Callable

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

Ratio = Callable[[Ints, Ints], Floats]


def clusters(n: int, i: Ints, j: Ints, ratio: Floats, between: Ratio) -> Ints:
    """Cluster label of each of ``n`` reports, shape (n,); labels count up in the order of first members.

    Args:
        i, j, ratio: candidate pairs and their log ratios; those above 0 connect.
        between: log ratio of any pairs, also of those that are no candidates.

    Two clusters merge while the mean log ratio over all pairs between them is above 0.
    """
    label = np.arange(n)
    for part in _components(n, i, j, ratio):
        if len(part) == 2:
            label[part] = part[0]
            continue
        one, two = np.triu_indices(len(part), 1)
        distance = CEILING - between(part[one], part[two])
        groups = fcluster(linkage(distance, "average"), CEILING - 1e-6, "distance")
        first = np.full(groups.max() + 1, n)
        np.minimum.at(first, groups, part)
        label[part] = first[groups]
    return np.unique(label, return_inverse=True)[1].astype(np.int64)


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
