"""Exposure laid out by place and day, to be asked many times what holds where and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from teisen.fusion.near import Ints, by_day
from teisen.fusion.span import Flags
from teisen.geodesy import Floats

P_STEPS = 10_000
"""Probabilities to detect are kept to 0.0001, as EXPOSURE states them."""


WHERE, WHO, WORDS = ["area_id", "lon", "lat", "radius_m", "falls"], ["source_id", "kind"], ["state", "reason"]
"""Columns of EXPOSURE that tell the place, who looks for what, and what came of it."""


@dataclass(frozen=True)
class Watch:
    """Exposure laid out to be asked many times.

    ``places`` are those watched, ``rows`` hold for one place, day and pair of source and kind (``what``), ``post`` the
    place again where it is a circle, with a pair of state and reason (``why``); sums over them are of whole
    milliseconds, so that their order decides nothing.
    """

    places: pl.DataFrame
    rows: Rows
    what: pl.DataFrame
    why: pl.DataFrame


@dataclass(frozen=True)
class Rows:
    """Rows of :class:`Watch` as arrays of shape (rows,), in the order of ``place_day``, the place times ``days`` plus
    the days since ``first_day``; ``post`` is -1 where there is none, ``p`` in ten thousandths, times in seconds."""

    place_day: Ints
    first_day: int
    days: int
    what: Ints
    why: Ints
    post: Ints
    from_s: Floats
    to_s: Floats
    p: Ints
    looks: Flags
    known: Flags
    unknown: Flags

    @staticmethod
    def of(by_day: pl.DataFrame) -> Rows:
        """Columns of the same names and ``place`` and ``day``."""
        place, day, what = (by_day[name].to_numpy().astype(np.int64) for name in ("place", "day", "what"))
        first, days = (int(day.min()), int(np.ptp(day)) + 1) if len(day) else (0, 1)
        place_day = place * days + day - first
        order = np.lexsort((what, place_day))
        why, post, p = (by_day[name].to_numpy().astype(np.int64)[order] for name in ("why", "post", "p"))
        from_s, to_s, looks, known, unknown = (
            by_day[name].to_numpy()[order] for name in ("from_s", "to_s", "looks", "known", "unknown")
        )
        place_day, what = place_day[order], what[order]
        return Rows(place_day, first, days, what, why, post, from_s, to_s, p, looks, known, unknown)

    def on(self, place: Ints, day: Ints) -> tuple[Ints, Ints]:
        """Pairs of one of these places on its day and a row that holds there and then, in the order of the first."""
        there = np.flatnonzero((day >= self.first_day) & (day < self.first_day + self.days))
        asked = place[there] * self.days + day[there] - self.first_day
        row, of = runs(*(np.searchsorted(self.place_day, asked, side=side) for side in ("left", "right")))
        return there[of], row


def watch(exposure: pl.DataFrame) -> Watch:
    """``exposure`` (EXPOSURE) by place and day."""
    start, end = (pl.col(name).dt.epoch("us") / 1e6 for name in ("start", "end"))
    every = exposure.with_columns(from_s=start, to_s=pl.max_horizontal(end, start + 1.0))
    (places, place), (what, whats), (why, whys) = (_distinct(exposure.select(keys)) for keys in (WHERE, WHO, WORDS))
    looks = pl.col("state") == "watched"
    rows = every.select(
        *(place.alias("place"), whats.alias("what"), whys.alias("why"), "from_s", "to_s"),
        post=pl.when(pl.col("lon").is_not_null()).then(place.cast(pl.Int64)).otherwise(-1),
        looks=looks,
        p=(pl.col("p_detect").fill_null(0.0) * P_STEPS).round().cast(pl.Int64),
        known=looks & pl.col("p_detect").is_not_null(),
        unknown=(looks & pl.col("p_detect").is_null()) | (pl.col("state") == "unknown"),
    )
    return Watch(places.with_row_index("place"), Rows.of(by_day(rows)), what, why)


def _distinct(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """The distinct rows in order, empty ones last, and which of them each row is."""
    distinct = rows.unique().sort(pl.all(), nulls_last=True)
    keys = rows.columns
    return distinct, rows.join(distinct.with_row_index("of"), on=keys, nulls_equal=True, maintain_order="left")["of"]


def runs(start: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """All numbers from each ``start`` until its ``stop``, one run after the other, and which run each is of."""
    count = stop - start
    of = np.repeat(np.arange(len(start)), count)
    return np.arange(len(of)) + (start - np.cumsum(count) + count)[of], of


def starts(*ordered: Ints) -> Ints:
    """Where runs of the same numbers start in arrays that are in order together."""
    new = np.ones(len(ordered[0]), np.bool_)
    new[1:] = np.any([one[1:] != one[:-1] for one in ordered], axis=0)
    return np.flatnonzero(new)
