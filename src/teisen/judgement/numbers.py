"""Statements of a number ("12 violations that day") against how many are on record and how many could be seen.

What is asked is how many incidents of the kind alleged happened in the window and place alleged: those on record
without the accuser's own sources, each with its chance (a Poisson binomial), and those that nobody recorded, given how
well others watched (a negative binomial). The statement itself is no evidence of that number. Parts that it states
are not weighed beside their total, and no statement's number is added to another's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
import scipy

from teisen.judgement.posterior import Floats, Number, chances_of_seeing, on_record
from teisen.judgement.schema import UNDER
from teisen.observation import attack_kinds
from teisen.tables import PROBABILITY_DECIMALS

COUNTED = ("strikes", "hits", "attacks", "violations", "incidents", "air strikes", "shellings", "assaults")
"""Units in which incidents can be counted. Drones, shells and people are not among them: an incident may be of any
number of those."""
REGIONS = "regions"
"""The unit of statements that count the regions in which something happened."""
ABOUT = 0.1
"""A number said to be rounded ("about") may be this share lower. Assumed."""
IN_SCOPE = 0.5
"""A number is weighed under the readings which the statement, taken as stated, is likelier than not to break."""
HALF = 0.5
"""A half of what nobody attributes is expected to be the accused's."""
INTERVAL = (0.05, 0.95)
READING = ("agreement_id", "provision_id", "reading_id")

_PROBABILITIES = ("one", "half", "part", "part_seen", "seen_one", "so_many", "p_number")
_INTERVALS = ("record_low", "record_high", "number_low", "number_high")
SCHEMA = pl.Schema(
    {"allegation_id": pl.String()}
    | dict.fromkeys((*_PROBABILITIES, "matched", "would_record", "least"), pl.Float64())
    | dict.fromkeys(_INTERVALS, pl.Int64())
    | {"incident_ids": pl.List(pl.String), "under": UNDER}
)
_AREAS = pl.DataFrame(schema={"incident_id": pl.String, "area_id": pl.String})


def states_number() -> pl.Expr:
    """Whether an allegation states a number of two and more."""
    return (pl.col("quantity") > 1).fill_null(False)


def is_number() -> pl.Expr:
    """Whether it states a number of two and more of what incidents can be counted in."""
    return states_number() & (pl.col("unit").is_null() | pl.col("unit").is_in([*COUNTED, REGIONS]))


def is_total() -> pl.Expr:
    """Whether it is a total: no place, a number of incidents, and a kind or target, or two and more of whatever."""
    nowhere = pl.col("lon").is_null() & pl.col("area_id").is_null()
    counted = (pl.col("quantity") > 0) & pl.col("unit").is_in([*COUNTED, REGIONS])
    of_a_sort = pl.col("target_class").is_not_null() | (pl.col("kind") != "other")
    return nowhere & counted.fill_null(False) & (of_a_sort | states_number())


@dataclass(frozen=True)
class Stated:
    """A number as stated, and what it is held against.

    ``said`` is its row of ALLEGATION. ``pairs`` (:func:`~teisen.judgement.matching.chances`) are the incidents that may
    be some of it, with ``area_id``. ``seen`` is the chance that others record one that happens (None: not known).
    ``attributed`` says how many uses of force around there sources attribute to the accused, and to others.
    """

    said: dict[str, Any]
    pairs: pl.DataFrame
    seen: float | None
    attributed: tuple[float, float]

    @property
    def least(self) -> float:
        """The number, less a share if it is said to be rounded."""
        return float(self.said["quantity"]) * (1 - ABOUT if "about" in self.said["flags"] else 1)

    def share(self, of: float) -> int:
        """How many are so large a part of it; one at least."""
        return max(1, int(np.ceil(round(of * self.least, 6))))

    def weighed(self, corroborated: float, partly: float) -> dict[str, Any]:
        """A row of :func:`numbers`, without readings."""
        found, surely = Number(self._record("loose")), Number(self._record("strict"))
        part = self.share(partly)
        return {
            "allegation_id": self.said["allegation_id"],
            "one": found.at_least(1),
            "half": found.at_least(self.share(corroborated)),
            "part": found.at_least(part),
            "part_seen": self._would_record(part),
            "matched": float(np.arange(len(found.record)) @ found.record),
            "would_record": None if self.seen is None else self.seen * self.least,
            "seen_one": self.seen,
            "least": self.least,
            "so_many": surely.at_least(self.least),
            "incident_ids": self._best(),
            **self._numbers(surely.record, found.record),
        }

    def under(self, readings: pl.DataFrame, scopes: pl.DataFrame) -> list[dict[str, Any]]:
        """Intervals and ``p_number`` under each of the readings, of the incidents that lie in its scope."""
        rows = []
        for reading in readings.iter_rows(named=True):
            mine = scopes.filter(*(pl.col(name) == value for name, value in reading.items()))
            pairs = self.pairs.join(mine.select("incident_id", "p_in_scope"), on="incident_id", maintain_order="left")
            held = replace(self, pairs=pairs.with_columns(pl.col("loose", "strict") * pl.col("p_in_scope")))
            found = held._numbers(held._record("strict"), held._record("loose"))
            rows.append(reading | found | {"p_number": _rounded(found["p_number"])})
        return rows

    def _record(self, time: str) -> Floats:
        """P(n are on record) for n from 0. ``strict`` counts of an incident the share of its interval that lies in the
        window, ``loose`` as much as can."""
        held, told, untold = pl.col(time), pl.col("told"), pl.col("untold")
        if self.said["quantity"] <= 1:  # nothing adds up: half of what nobody attributes is the accused's
            told, untold = told + HALF * untold, 0.0 * untold
        rows = self.pairs.select("area_id", sure=held * told, either=held * (told + untold))
        if self.said["unit"] == REGIONS:  # a region counts if one incident there does
            some = [(1 - (1 - pl.col(name)).sort().product()).round(9).alias(name) for name in ("sure", "either")]
            rows = rows.drop_nulls("area_id").group_by("area_id").agg(some).sort("area_id")
        sure, either = (rows[name].to_numpy() for name in ("sure", "either"))
        return on_record(sure, np.maximum(either - sure, 0.0), self.attributed)

    def _numbers(self, strict: Floats, loose: Floats) -> dict[str, Any]:
        """90 % intervals of the number on record and of that which happened, and P(so many happened).

        Lower ends count what surely lies in the window, upper ends all that may.
        """
        seen = chances_of_seeing(None if self.said["unit"] == REGIONS else self.seen)
        bounded = len(seen) > 0
        return {
            "record_low": Number(strict).quantile(INTERVAL[0]),
            "record_high": Number(loose).quantile(INTERVAL[1]),
            "number_low": Number(strict, seen).quantile(INTERVAL[0]),
            "number_high": Number(loose, seen).quantile(INTERVAL[1]) if bounded else None,
            "p_number": Number(loose, seen).at_least(self.least) if bounded else None,
        }

    def _would_record(self, part: int) -> float | None:
        """P(others would have recorded so many and more, had all of it happened)."""
        if self.seen is None:
            return None
        return float(scipy.special.bdtrc(part - 1, max(part, round(self.least)), self.seen))

    def _best(self) -> list[str]:
        """The incidents, likeliest to be of it first."""
        p = (pl.col("loose") * (pl.col("told") + HALF * pl.col("untold"))).round(9)
        ranked = self.pairs.select("incident_id", p=p).filter(pl.col("p") > 0)
        return ranked.sort("p", "incident_id", descending=[True, False])["incident_id"].to_list()


def numbers(
    stated: Iterable[Stated], shares: tuple[float, float], findings: pl.DataFrame | None = None
) -> pl.DataFrame:
    """What is known of each number.

    Args:
        stated: the statements, each with its pairs.
        shares: of the number stated that make it corroborated, and partly so.
        findings: FINDING, for the numbers under readings; without it there are none.

    Returns:
        Columns of :data:`SCHEMA`: P(others' records hold ``one``, a ``half`` or a ``part`` of it) and ``part_seen``,
        P(they would hold a part, had it all happened); ``matched`` and ``would_record``, expected numbers on record,
        and had it all happened; ``seen_one``, the chance that others record one; ``least``, the number, less if
        rounded; ``so_many``, P(that many are on record and surely in its window); ``p_number``, P(that many happened);
        90 % intervals of the number on record and of that which happened; ``incident_ids``, best first; and the last
        five of these numbers ``under`` readings.
    """
    rows = []
    for one in stated:
        row = one.weighed(*shares) | {"under": []}
        if findings is not None:
            row["under"] = one.under(*_scopes(one, findings))
        rows.append(row)
    return pl.DataFrame(rows, schema=SCHEMA).with_columns(
        pl.col(_PROBABILITIES).round(PROBABILITY_DECIMALS), pl.col("matched", "would_record").round(2)
    )


def _rounded(p: float | None) -> float | None:
    return None if p is None else round(p, PROBABILITY_DECIMALS)


def _scopes(one: Stated, findings: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Readings under which a number is weighed, and what is in scope of the incidents that may be some of it.

    They are those that the statement, taken as stated, would break; where it names neither a kind nor a target, which
    no reading forbids, those that some of the incidents break.
    """
    about = findings.filter(pl.col("subject") == "incident").select(*READING, "p_in_scope", incident_id="subject_id")
    scopes = about.join(one.pairs.select("incident_id"), on="incident_id", how="semi")
    alone = findings.filter(pl.col("subject") == "allegation", pl.col("subject_id") == one.said["allegation_id"])
    readings = scopes if one.said["kind"] == "other" and one.said["target_class"] is None else alone
    return readings.filter(pl.col("p_in_scope") >= IN_SCOPE).select(READING).unique().sort(READING), scopes


def stated(
    said: pl.DataFrame, placed: pl.DataFrame, pairs: pl.DataFrame, known: Mapping[str, pl.DataFrame]
) -> Iterator[Stated]:
    """The statements that :func:`numbers` weighs.

    Where a total's incidents would lie is taken from the same accuser's other statements about the same party in its
    window that name a region: only incidents there count, and they could have been seen as well as those. Without such
    statements incidents anywhere count, and what could have been seen is not known.

    Args:
        said: ALLEGATION with ``seen``, the chance that others record one such incident, where a place is named.
        placed: all that name a place, with ``p_would_see``.
        pairs: of :func:`~teisen.judgement.matching.chances`.
        known: INCIDENT by accuser, with P(of the conflict) without the accuser's own sources.
    """
    told = {accuser: _share_with_target(incidents) for accuser, incidents in known.items()}
    areas = pl.concat([incidents.select("incident_id", "area_id") for incidents in known.values()] or [_AREAS]).unique()
    pairs = pairs.join(areas, on="incident_id", maintain_order="left")
    by = {name: part for (name,), part in pairs.group_by("allegation_id", maintain_order=True)}
    for row in said.iter_rows(named=True):
        mine, seen = by.get(row["allegation_id"], pairs.clear()), row["seen"]
        if row["lon"] is None and row["area_id"] is None:
            alike = placed.filter(
                (pl.col("accuser") == row["accuser"]) & pl.col("accused").eq_missing(pl.lit(row["accused"])),
                (pl.col("start") < row["end"]) & (pl.col("end") > row["start"]),
            )
            if alike["area_id"].count():
                mine = mine.filter(pl.col("area_id").is_in(alike["area_id"].unique().drop_nulls().implode()))
            seen = alike["p_would_see"].sort().mean()
        if seen is not None and row["target_class"]:
            seen *= told[row["accuser"]]
        yield Stated(row, mine, seen, _attributed(known[row["accuser"]], row["accused"], row["area_id"]))


def _attributed(incidents: pl.DataFrame, accused: str | None, area_id: str | None) -> tuple[float, float]:
    """How many uses of force of the area (None: of all) sources attribute to the accused, and to others."""
    here = incidents.filter(pl.col("kind").is_in(attack_kinds()))
    if area_id is not None:
        here = here.filter(area_id=area_id)
    each = here.select("p_conflict", pl.col("actors").alias("by")).explode("by").drop_nulls("by")
    share = pl.col("p_conflict") * pl.col("by").struct.field("p")
    mine = pl.col("by").struct.field("party").eq_missing(pl.lit(accused, pl.String))
    one, other = each.select(share.filter(mine).sort().sum().alias("one"), share.filter(~mine).sort().sum()).row(0)
    return round(one, PROBABILITY_DECIMALS), round(other, PROBABILITY_DECIMALS)


def _share_with_target(incidents: pl.DataFrame) -> float:
    """Share of the uses of force on record, but for those that the accuser's own sources alone make, whose target
    somebody stated: what is seen may go without it."""
    attacks = pl.col("kind").is_in(attack_kinds()) & (pl.col("p_conflict") > 0)
    target = pl.col("targets").list.eval(pl.element().struct.field("p")).list.sum().fill_null(0.0).clip(0.0, 1.0)
    share = incidents.filter(attacks).select(target.sort().mean()).item()
    return round(float(share), PROBABILITY_DECIMALS) if share is not None else 0.0
