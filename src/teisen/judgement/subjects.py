"""Incidents, allegations and tallies in one form, so that all are judged by the same code.

A subject has a time interval, a normal place or an area, and slots of kinds, targets, weapons and actors with
probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen.fusion.schema import INCIDENT

SUBJECT_COLUMNS = (
    "subject", "subject_id", "start", "end", "lon", "lat", "place_error_m", "place_error_minor_m",
    "place_azimuth_deg", "area_id", "kinds", "targets", "weapons", "actors", "p_conflict",
)  # fmt: skip
COUNTED_COLUMNS = ("counts", "unit", "per", "zone", "stays")
"""What subjects that state a number have beside: counts with shares, of what, in which period; incidents have none."""
COUNTS = pl.List(pl.Struct({"count": pl.Float64, "p": pl.Float64, "whole": pl.Boolean}))
ELLIPSE = ("place_error_m", "place_error_minor_m", "place_azimuth_deg")
KIND_NOT_SAID = "other"
KIND_OF_FORCE = "explosion"
"""An allegation that says no kind but what was hit, with what, or how many strikes, alleges a use of force not told
further, which is what this kind stands for. One of none of these may be of anything, and stays ``other``."""
OF_FORCE = ("strikes", "sites")
"""Units in which uses of force are counted."""


def of_incidents(incidents: pl.DataFrame) -> pl.DataFrame:
    """Incidents (INCIDENT) as subjects."""
    return incidents.with_columns(subject=pl.lit("incident"), subject_id="incident_id").select(SUBJECT_COLUMNS)


def of_allegations(allegations: pl.DataFrame) -> pl.DataFrame:
    """Allegations (ALLEGATION) as subjects, taken as stated; those that were not read are left out."""
    of_force = pl.any_horizontal(
        pl.col("unit").is_in(OF_FORCE), pl.col("target_class").is_not_null(), pl.col("weapon").is_not_null()
    ).fill_null(False)
    said = pl.when((pl.col("kind") == KIND_NOT_SAID) & of_force).then(pl.lit(KIND_OF_FORCE)).otherwise(pl.col("kind"))
    return (
        allegations.filter(pl.col("read") != "unread")
        .with_columns(
            subject=pl.lit("allegation"),
            subject_id=pl.col("allegation_id"),
            kinds=_surely(said, "kind"),
            targets=_surely(pl.col("target_class"), "kind"),
            weapons=_surely(pl.col("weapon"), "kind"),
            actors=_surely(pl.col("accused"), "party"),
            p_conflict=pl.lit(None, dtype=pl.Float64),
            counts=pl.when(pl.col("quantity").is_null())
            .then(pl.lit([], dtype=COUNTS))
            .otherwise(pl.concat_list(pl.struct(count="quantity", p=1.0, whole=True)).cast(COUNTS)),
            per=pl.lit(None, dtype=pl.String),
            zone=pl.lit(None, dtype=pl.String),
            stays=pl.lit(None, dtype=pl.Boolean),
        )
        .select(*SUBJECT_COLUMNS, *COUNTED_COLUMNS)
    )


def of_tallies(tallies: pl.DataFrame) -> pl.DataFrame:
    """Tallies (TALLY) as subjects: a period and what was counted in it; no place, no kind, and nobody who did it."""
    empty = INCIDENT.empty()
    count = pl.element().struct.field("count"), pl.element().struct.field("p")
    whole = pl.col("state") == "counted"
    return tallies.with_columns(
        subject=pl.lit("tally"),
        subject_id="tally_id",
        p_conflict=pl.lit(1.0),
        counts=pl.when(whole)
        .then(pl.col("counts").list.eval(pl.struct(*count, whole=True)))
        .otherwise(pl.col("counts").list.eval(pl.struct(*count, whole=False)))
        .cast(COUNTS),
        **{name: pl.lit(None, dtype=empty.schema[name]) for name in ("lon", "lat", *ELLIPSE, "area_id")},
        **{name: pl.lit([], dtype=empty.schema[name]) for name in ("kinds", "targets", "weapons", "actors")},
    ).select(*SUBJECT_COLUMNS, *COUNTED_COLUMNS)


def _surely(value: pl.Expr, field: str) -> pl.Expr:
    """A list of one certain value; of none where the value is empty."""
    one = pl.concat_list(pl.struct(value.alias(field), pl.lit(1.0).alias("p")))
    none = pl.lit([], dtype=pl.List(pl.Struct({field: pl.String, "p": pl.Float64})))
    return pl.when(value.is_null()).then(none).otherwise(one)


@dataclass(frozen=True)
class Slots:
    """The parts of the unit interval that each alternative of a subject takes, ordered by subject.

    ``index`` is the subject's row, ``nth`` counts its slots, ``word`` is the alternative's place in ``words``.
    """

    index: NDArray[np.int64]
    nth: NDArray[np.int64]
    word: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    words: tuple[str, ...]

    def of(self, wanted: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]]:
        """Rows, low and high ends of the slots of some words; no row stands twice in what is given at once."""
        chosen = np.array([word in set(wanted) for word in self.words], dtype=np.bool_)
        here = chosen[self.word] if len(self.words) else np.zeros(0, dtype=np.bool_)
        for n in range(int(self.nth.max(initial=-1)) + 1):
            rows = here & (self.nth == n)
            yield self.index[rows], self.low[rows], self.high[rows]


def slots(frame: pl.DataFrame, column: str, field: str, order: Sequence[str] = ()) -> Slots:
    """The slots of each subject's alternatives.

    Alternatives lie one after the other, those of ``order`` first and the others by name, so that the order of a
    subject's own list decides nothing. Parties stand in the agreement's order: their names then decide nothing either.
    """
    laid = (
        frame.select(pl.int_range(pl.len()).alias("index"), pl.col(column).alias("slot"))
        .explode("slot", empty_as_null=True, keep_nulls=True)
        .drop_nulls("slot")
        .select("index", pl.col("slot").struct.field(field).alias("word"), pl.col("slot").struct.field("p"))
        .with_columns(rank=_rank(order))
        .sort("index", "rank", "word", "p")
        .with_columns(high=pl.col("p").cum_sum().over("index"), nth=pl.int_range(pl.len()).over("index"))
        .with_columns(low=pl.col("high") - pl.col("p"))
    )
    words = tuple(laid["word"].unique().sort().to_list())
    code = laid["word"].replace_strict({word: n for n, word in enumerate(words)}, return_dtype=pl.Int64)
    index, nth, low, high = (laid[name].to_numpy() for name in ("index", "nth", "low", "high"))
    return Slots(index, nth, code.to_numpy(), low, high, words)


def _rank(order: Sequence[str]) -> pl.Expr:
    if not order:
        return pl.lit(0)
    places = {word: n for n, word in enumerate(order)}
    return pl.col("word").replace_strict(places, default=len(order), return_dtype=pl.Int64)
