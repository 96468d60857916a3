"""Who saw what: capture histories, the groups of sources that saw each violation, as counts by area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen.geodesy import Floats
from teisen.sources import Source

MOST_LISTS = 5
"""Lists that are told apart; where there are more, those that saw least are one list together: what any of them saw, it
saw. Left out, what they alone saw would be taken for unseen."""
TOGETHER = " + "
SMALL_AREA = 8.0
"""Areas with fewer violations seen than this are put together (assumed)."""


@dataclass(frozen=True)
class Captures:
    """Violations by history.

    Attributes:
        lists: names of the lists, in order; of several that are one together all names.
        histories: (histories, lists): whether each list saw it; every combination but none.
        seen: expected violations seen, (strata, histories): sums of p.
        doubt: variance of the whole of ``seen``.
    """

    lists: tuple[str, ...]
    histories: NDArray[np.bool_]
    seen: Floats
    doubt: float

    @property
    def total(self) -> float:
        """Violations seen."""
        return float(self.seen.sum())

    @property
    def by_number(self) -> Floats:
        """Violations seen by exactly 1, 2, ... lists: (lists,)."""
        return np.asarray(
            np.bincount(self.histories.sum(axis=1) - 1, self.seen.sum(axis=0), minlength=len(self.lists)).astype(
                np.float64
            )
        )

    @property
    def overlaps(self) -> Floats:
        """Violations that each pair of lists both saw, in the order of :func:`pairs`."""
        both = [(self.histories[:, g] & self.histories[:, h]) for g, h in pairs(len(self.lists))]
        return np.array([float(self.seen.sum(axis=0)[pair].sum()) for pair in both])


@dataclass(frozen=True)
class Linkage:
    """How often fusion errs in what is one incident.

    Attributes:
        missed: share of violations seen by several lists of which one report stands apart as an incident of its own.
        false: share of violations that seem seen by several lists and are two.
        error: standard deviation of ``missed`` less ``false``.
    """

    missed: float = 0.0
    false: float = 0.0
    error: float = 0.05


STATED = Linkage()
"""Where errors of fusion were not measured: as often too many as too few, five in a hundred either way (assumed)."""


def pairs(lists: int) -> list[tuple[int, int]]:
    """Pairs of lists, in order."""
    return list(combinations(range(lists), 2))


def all_histories(lists: int) -> NDArray[np.bool_]:
    """Every combination of lists but none: (2**lists - 1, lists)."""
    number = np.arange(1, 2**lists)
    return np.asarray((number[:, None] >> np.arange(lists)) & 1 == 1)


def list_groups(sources: Mapping[str, Source]) -> dict[str, str]:
    """Group of each source that may be a list: it makes incidents, and no source of its group speaks for a party."""
    partial = {s.profile.group for s in sources.values() if s.reported_by is not None}
    return {
        name: s.profile.group
        for name, s in sorted(sources.items())
        if s.profile.role == "makes" and s.profile.group not in partial
    }


def captures(found: pl.DataFrame, evidence: pl.DataFrame, sources: Mapping[str, Source]) -> Captures:
    """Capture histories of violations.

    Args:
        found: ``incident_id``, ``area_id``, ``p``: how probably each is a violation.
        evidence: EVIDENCE; members count, supports don't: an alert or a tally sees no single incident.
        sources: by id; groups of parties are never lists.
    """
    groups = list_groups(sources)
    named = pl.DataFrame(
        {"source_id": list(groups), "list": list(groups.values())}, schema={"source_id": pl.String, "list": pl.String}
    )
    member = (
        evidence.filter(pl.col("relation") == "member")
        .join(named, on="source_id")
        .select("incident_id", "list")
        .unique()
        .join(
            found.group_by("incident_id").agg(pl.col("p").sum().clip(0.0, 1.0), pl.col("area_id").first()),
            on="incident_id",
        )
    )
    most = member.group_by("list").agg(pl.col("p").sum().round(6)).sort(["p", "list"], descending=[True, False])
    least = sorted(most["list"][MOST_LISTS - 1 :])
    if len(least) > 1:
        together = TOGETHER.join(least)
        member = member.with_columns(pl.col("list").replace(dict.fromkeys(least, together))).unique(maintain_order=True)
        lists = tuple(sorted([*most["list"].head(MOST_LISTS - 1), together]))
    else:
        lists = tuple(sorted(most["list"]))
    histories = all_histories(len(lists))
    if member.is_empty():
        return Captures((), np.zeros((0, 0), bool), np.zeros((1, 0)), 0.0)
    bit = pl.col("list").replace_strict({name: 2**n for n, name in enumerate(lists)}, return_dtype=pl.Int64)
    each = (
        member.with_columns(bit=bit)
        .group_by("incident_id")
        .agg(pl.col("bit").sum(), pl.col("p").first(), pl.col("area_id").first().fill_null(""))
        .sort("incident_id")
    )
    sizes = each.group_by("area_id").agg(pl.col("p").sum()).sort("area_id")
    large = sizes.filter(pl.col("p") >= SMALL_AREA)["area_id"].to_list()
    number = {area: n for n, area in enumerate(large)}
    strata = each["area_id"].replace_strict(number, default=len(large), return_dtype=pl.Int64).to_numpy()
    seen = np.zeros((len(large) + 1, len(histories)))
    np.add.at(seen, (strata, each["bit"].to_numpy() - 1), each["p"].to_numpy())
    seen = seen[seen.sum(axis=1) > 0]
    return Captures(lists, histories, seen, float((each["p"] * (1 - each["p"])).sum()))


def relinked(found: Captures, share: float) -> Captures:
    """As if the links of ``share`` of what several lists saw had been missed (below 0: had been found too little).

    Of such a violation one list's report, any of them, becomes a violation of its own.
    """
    many = found.histories.sum(axis=1)
    index = found.histories @ (1 << np.arange(len(found.lists))) - 1
    moved = np.zeros((len(many), len(many)))
    for h in np.flatnonzero(many > 1):
        moved[h, h] -= 1
        for g in np.flatnonzero(found.histories[h]):
            moved[index[h] - (1 << g), h] += 1 / many[h]
            moved[(1 << g) - 1, h] += 1 / many[h]
    change = np.eye(len(many)) + abs(share) * moved
    seen = found.seen @ change.T if share > 0 else np.linalg.solve(change, found.seen.T).T
    return Captures(found.lists, found.histories, np.maximum(seen, 0.0), found.doubt)
