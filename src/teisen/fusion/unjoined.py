"""Reports that no other source of their group joined: its silence counts nothing by itself, on average it tells.

Sources of one group have one voice, so that one of them is silent about what another reports counts nothing. But its
profile says of a source how many of all its reports are true: where others of the group join half of the true ones,
and of the false next to none, the odds of what they do not join are half as good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from teisen.fusion.near import Ints
from teisen.fusion.reporting import stepped
from teisen.fusion.reports import Reports
from teisen.fusion.span import Flags
from teisen.geodesy import Floats
from teisen.sources import Source

PRIOR_TRUE = 10.0
"""True reports, none of them joined, that there are beside those counted (assumed)."""
LEAST = 0.05
"""Smallest share that is believed to stand unjoined (assumed: as misses are believed with at most 0.95)."""


def of_group(who: Sequence[str], sources: Mapping[str, Source]) -> Flags:
    """Whether each source is another one of the same group, shape (who, who)."""
    group = np.array([sources[name].profile.group if name in sources else name for name in who], dtype=np.str_)
    return np.asarray((group[:, None] == group[None, :]) & ~np.eye(len(who), dtype=np.bool_))


def joined(label: Ints, source: Ints, among: Flags) -> Flags:
    """Whether the incident of each report holds one of another source of its group, shape (n,).

    Args:
        label, source: of original reports, shape (n,). among: as :func:`of_group` tells.
    """
    with_one, many = np.zeros(len(label), np.bool_), int(label.max(initial=-1)) + 1
    for one in np.flatnonzero(among.any(axis=0)):
        there = np.bincount(label[source == one], minlength=many) > 0
        with_one |= there[label] & among[source, one]
    return with_one


def unjoined(first: Reports, source: Ints, label: Ints, among: Flags) -> Floats:
    """Share of the true reports of each source that others of its group did not join, in steps, shape (sources,).

    Nothing is told of who is mostly wrong: how many of its reports are true is too little known, and who of its group
    looks at the same takes the same for true.
    """
    many = len(among)
    true = np.bincount(source, 1 / (1 + np.exp(-first.base)), many)
    met = np.bincount(source[joined(label, source, among)], minlength=many)
    right = np.bincount(source, first.base, many) > 0
    share = np.where(right, met / (true + PRIOR_TRUE), 0.0)
    return np.minimum(stepped(np.maximum(1 - share, LEAST)), 1.0)
