"""What a placement may not pass, as linear bounds on how many of each option are taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from teisen.geodesy import Floats
from teisen.planning.coverage import Ints
from teisen.planning.plan import Rules


@dataclass(frozen=True)
class Limits:
    """Bounds on a placement.

    Attributes:
        names: of the bounds that add up over options: ``budget``, ``people``, ``effort of ...``.
        use: how much one of each option takes of each, shape (bounds, options).
        most: the bounds, shape (bounds,).
        each: most of each option; 0: it is not allowed.
        group: options of one group shut each other out (schedules of one sensor at one site), shape (options,).
    """

    names: tuple[str, ...]
    use: Floats
    most: Floats
    each: Ints
    group: Ints

    @property
    def price(self) -> Floats:
        """What one of each option takes, as a share of the bounds, summed over them; for want of better prices."""
        return np.asarray((self.use / self.most[:, None]).sum(axis=0))

    def kept(self, number: Ints) -> bool:
        """Whether a placement keeps to all of it."""
        taken = np.bincount(self.group, weights=np.minimum(number, 1))
        return bool(
            (self.use @ number <= self.most * (1 + 1e-9)).all() and (number <= self.each).all() and taken.max() <= 1
        )


def limits(options: pl.DataFrame, rules: Rules, parties: tuple[str, str]) -> Limits:
    """The bounds that rules put on a placement of ``options`` (OPTION)."""
    cost = options["cost"].to_numpy()
    names, use, most = ["budget"], [cost], [rules.budget]
    if rules.people is not None:
        names.append("people")
        use.append(options["people"].to_numpy())
        most.append(rules.people)
    if rules.effort_share < 1:
        for party in parties:
            names.append(f"effort of {party}")
            use.append(np.where((options["side"] == party).to_numpy(), cost, 0.0))
            most.append(rules.effort_share * rules.budget)
    refused = options["consent"].is_in(list(rules.refused)).to_numpy()
    each = np.where(refused, 0, options["most"].to_numpy())
    group = options.select(pl.struct("site_id", "sensor").rank("dense")).to_series().to_numpy().astype(np.int64) - 1
    return Limits(tuple(names), np.array(use, float), np.array(most, float), each, group)
