"""What a placement may not pass, as linear bounds on how many of each option are taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from teisen.geodesy import Floats
from teisen.planning.coverage import Ints
from teisen.planning.plan import Rules

Bools = NDArray[np.bool_]


class Impossible(Exception):
    """No placement keeps to the rules; the message says which of them stands in the way."""


@dataclass(frozen=True)
class Least:
    """At least ``number`` of the options ``of``, shape (options,), are taken; ``name`` says what they are."""

    name: str
    of: Bools
    number: int


@dataclass(frozen=True)
class Limits:
    """Bounds on a placement.

    Attributes:
        names: of the bounds that add up over options: ``budget``, ``people``, ``effort of ...``.
        use: how much one of each option takes of each, shape (bounds, options).
        most: the bounds, shape (bounds,).
        each: most of each option; 0: it is not allowed.
        group: options of one group shut each other out (schedules of one sensor at one site), shape (options,).
        least: numbers that are taken at least.
    """

    names: tuple[str, ...]
    use: Floats
    most: Floats
    each: Ints
    group: Ints
    least: tuple[Least, ...] = ()

    @property
    def price(self) -> Floats:
        """What one of each option takes, as a share of the bounds, summed over them; for want of better prices."""
        return np.asarray((self.use / self.most[:, None]).sum(axis=0))

    def kept(self, number: Ints) -> bool:
        """Whether a placement keeps to all of it."""
        taken = np.bincount(self.group, weights=np.minimum(number, 1))
        return bool(
            (self.use @ number <= self.most * (1 + 1e-9)).all() and (number <= self.each).all() and taken.max() <= 1
        ) and self.met(number)

    def met(self, number: Ints) -> bool:
        """Whether a placement has at least what it must have."""
        return all(int(number[one.of].sum()) >= one.number for one in self.least)

    def fewest(self) -> Ints:
        """A placement that keeps to all of it with what must be taken alone, by the lowest price (to one part in 100).

        Of the schedules that shut each other out the one that takes least of every bound stands for all.

        Raises:
            Impossible: there is none.
        """
        for one in self.least:
            can = int(np.bincount(self.group[one.of], weights=self._most_of_group(one.of)).sum())
            if can < one.number:
                raise Impossible(f"{one.name}: at least {one.number} are asked for, and its sites may hold {can}")
        number = np.zeros(len(self.each), np.int64)
        if not self.least:
            return number
        may = np.flatnonzero(np.any([one.of for one in self.least], axis=0) & (self.each > 0))
        may = may[np.lexsort((may, self.price[may], self.group[may]))]
        may = may[np.flatnonzero(np.diff(self.group[may], prepend=-1))]
        rows = np.array([one.of[may] for one in self.least], float)
        found = scipy.optimize.milp(
            np.maximum(self.price[may], 1e-9),
            integrality=np.ones(len(may), np.int64),
            bounds=scipy.optimize.Bounds(0, self.each[may].astype(float)),
            constraints=[
                scipy.optimize.LinearConstraint(scipy.sparse.csr_array(self.use[:, may]), -np.inf, self.most),
                scipy.optimize.LinearConstraint(scipy.sparse.csr_array(rows), [one.number for one in self.least]),
            ],
            options={"mip_rel_gap": 0.01},
        )
        if found.x is None:
            asked = ", ".join(self.names)
            raise Impossible(f"the numbers that are asked for at least do not fit into all of: {asked}")
        number[may] = np.round(found.x).astype(np.int64)
        return number

    def _most_of_group(self, of: Bools) -> Floats:
        """For each option of ``of``, the most of its group where it is the group's first; else 0."""
        at = np.flatnonzero(of)
        order = at[np.lexsort((at, -self.each[at], self.group[at]))]
        first = np.diff(self.group[order], prepend=-1) != 0
        most = np.zeros(len(of))
        most[order] = np.where(first, self.each[order], 0)
        return most[of]


def limits(
    options: pl.DataFrame,
    rules: Rules,
    parties: tuple[str, str],
    sector: pl.Series | None = None,
    sectors: Sequence[str] = (),
) -> Limits:
    """The bounds that rules put on a placement.

    Args:
        options: OPTION.
        rules: the rules.
        parties: whose ground lies on the two sides.
        sector: the sector of each option; empty: none. Without it no number in sectors is looked at.
        sectors: all sectors that there are.
    """
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
    least = () if sector is None else tuple(_least(options["sensor"], rules, sector, sectors))
    return Limits(tuple(names), np.array(use, float), np.array(most, float), each, group, least)


def _least(sensor: pl.Series, rules: Rules, sector: pl.Series, sectors: Sequence[str]) -> Iterator[Least]:
    for asked in rules.at_least:
        for where in (asked.sector,) if asked.sector else sectors:
            of = (sector == where).fill_null(value=False).to_numpy()
            if asked.sensor:
                of = of & (sensor == asked.sensor).to_numpy()
            yield Least(f"{asked.sensor or 'sensors'} in {where}", of, asked.number)
