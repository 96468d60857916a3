"""Which of the violator's choices decide a patrol game: the others are found at least as surely, whatever crews do.

A violation that lasts for hours is found by whoever comes in them, so that those that begin a little earlier or later
are found by more; a place behind another one is found by what finds that. A game of thousands of choices is decided by
some hundreds, and is solved on those.
"""

from __future__ import annotations

import numpy as np

from teisen.geodesy import Floats
from teisen.planning.patrol import Bools, Ints

DIGITS = 12
"""Chances that agree to so many digits are equal."""


def deciding(sees: Floats, base: Floats, kind: Ints, owed: Floats, among: Bools) -> Ints:
    """The numbers of the choices that decide, in their order.

    Another choice of the same kind is found at least as surely as one of these under every joint route, from its base
    on, and is owed no more; of equal choices the first one is taken.

    Args:
        sees: P(a visit finds a choice), shape (visits, choices).
        base: P(found without any patrol), shape (choices,).
        kind: number of the kind of each choice. ``owed``: detection that it is owed, in proportion.
        among: the choices that are looked at.
    """
    taken: list[Ints] = []
    for k in np.unique(kind[among]):
        mine = np.flatnonzero(among & (kind == k))
        rows = np.round(np.vstack([sees[:, mine], base[mine], -owed[mine]]).T, DIGITS)
        distinct, first = np.unique(rows, axis=0, return_index=True)
        # What is found by less comes first: only that can stand for what comes later.
        order = np.argsort(distinct.sum(axis=1), kind="stable")
        kept = np.empty_like(distinct)
        many, at = 0, []
        for n in order:
            if not (kept[:many] <= distinct[n]).all(axis=1).any():
                kept[many] = distinct[n]
                many += 1
                at.append(first[n])
        taken.append(mine[np.array(at)])
    return np.sort(np.concatenate(taken)) if taken else np.zeros(0, np.int64)
