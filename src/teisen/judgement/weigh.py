"""Allegations met with incidents and exposure: the same thresholds and the same path for every party."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl

from teisen.judgement import saying
from teisen.judgement.matching import FITS, Fits, chances, matches, without_own
from teisen.judgement.numbers import HALF, is_number, is_total, numbers, stated, states_number
from teisen.judgement.places import Places
from teisen.judgement.schema import OUTCOME
from teisen.judgement.watched import where_it_lies, would_see
from teisen.sources import Ground, Source
from teisen.tables import PROBABILITY_DECIMALS


@dataclass(frozen=True)
class Thresholds:
    """From where on an outcome is called what; the same for every party. All assumed.

    ``corroborated``: likelier than not; of a total, the share of its number. ``partly``: something was recorded that
    may be a part of it. ``watched``: from this probability of being seen on, silence of the sources speaks against
    it, and a number can be told. ``on_record``: that so many are on record is said as a fact, so it has to be sure.
    """

    corroborated: float = 0.5
    partly: float = 0.2
    watched: float = 0.5
    on_record: float = 0.9


THRESHOLDS = Thresholds()
EVEN = 0.5
"""That the record reaches a share of a total has to be likelier than not."""
SHIFTS = (-14, -10, -7, -4, 4, 7, 10, 14)
"""Days by which an allegation is moved to see how well it would fit by chance: far enough for a night's events to be
over, near enough for the season and the front to be the same. Assumed."""
PARTS = {"half": "p_corroborated", "part": "p_part"}
"""Shares of a number that are on record, and what they are weighed as."""
MOST_NAMED = 20
"""Incidents that an outcome names at most, best first."""


def weigh(  # noqa: PLR0917  the stage's inputs, in the order of the data's way
    allegations: pl.DataFrame,
    incidents: pl.DataFrame,
    evidence: pl.DataFrame,
    exposure: pl.DataFrame,
    sources: Mapping[str, Source],
    ground: Ground,
    *,
    findings: pl.DataFrame | None = None,
    thresholds: Thresholds = THRESHOLDS,
    fits: Fits = FITS,
) -> pl.DataFrame:
    """What became of each allegation (OUTCOME).

    How well it fits is the probability that the best fitting incident is what is alleged. How well it would fit by
    chance is the mean of the same with the allegation moved by days (:data:`SHIFTS`): where much happens everywhere,
    something always fits. ``p_corroborated`` is fit x fit / (fit + chance), at even prior odds. Of a statement of a
    number it is that times P(half of it is on record | one is), and :mod:`teisen.judgement.numbers` tells how many
    there were; a total that names no place is about no single incident, and the number alone is weighed. Evidence and
    exposure of the accuser's own sources are left out of everything.

    Args:
        allegations: ALLEGATION. incidents: INCIDENT. evidence: EVIDENCE.
        exposure: EXPOSURE, with detection as estimated where it was measured, else as declared.
        sources: by id; ``reported_by`` says whose they are, the profile's ``group`` which of them count once.
        ground: areas.
        findings: FINDING, for numbers under each reading; without it they are told as stated alone.
        thresholds: from where on an outcome is called what.
        fits: of what an allegation or an incident does not say.
    """
    places = Places(ground)
    read = allegations.filter(pl.col("read") != "unread").sort("allegation_id")
    met = partial(matches, incidents=incidents, evidence=evidence, sources=sources, places=places, fits=fits)
    would = np.round(would_see(read, exposure, sources, places.ground.areas), PROBABILITY_DECIMALS)
    read = read.with_columns(pl.Series("p_would_see", would).fill_nan(None))
    said = read.filter(is_number() | is_total())
    known = {one: without_own(incidents, evidence, sources, one) for one in said["accuser"].unique()}
    each = where_it_lies(said, known, exposure, sources, places.ground.areas)
    said = said.with_columns(pl.Series("seen", np.round(each, PROBABILITY_DECIMALS)).fill_nan(None))
    found = numbers(
        stated(
            said,
            read.filter(~is_total() & pl.col("p_would_see").is_not_null()),
            chances(said, incidents, evidence, sources, places),
            known,
        ),
        (thresholds.corroborated, thresholds.partly),
        findings,
    )
    single, totals = read.filter(~is_total()), read.filter(is_total())
    scored = _scored(met(single)).join(_chance(single, incidents, met), on="allegation_id", how="full", coalesce=True)
    summed = (
        totals.drop("p_would_see")
        .join(found, on="allegation_id", how="left")
        .with_columns(p_corroborated="half", p_would_see="part_seen")
        .with_columns(_number(thresholds))
        .with_columns(outcome=_outcome(replace(thresholds, corroborated=EVEN), pl.col("part") >= EVEN))
        .with_columns(explanation=saying.total())
    )
    placed = (
        single.join(scored, on="allegation_id", how="left")
        .with_columns(pl.col("fit").fill_null(0.0), pl.col("n").fill_null(0), pl.col("best").fill_null(_none()))
        .with_columns(one_such=_beyond_chance())
        .join(found, on="allegation_id", how="left")
        .with_columns(_of_number(single=pl.col("one_such")))
        .with_columns(_number(thresholds))
        .with_columns(outcome=_outcome(thresholds, pl.col("p_part") >= thresholds.partly))
        .with_columns(explanation=saying.placed())
    )
    unread = allegations.filter(pl.col("read") == "unread").select(
        "allegation_id", "accuser", "accused", outcome=pl.lit("unread"), incident_ids=_none(),
        explanation=pl.lit(saying.SAYS["unread"]),
    )  # fmt: skip
    named = pl.when(_found()).then(pl.col("incident_ids").list.head(MOST_NAMED)).otherwise(_none())
    rows = [
        OUTCOME.fill(table.with_columns(incident_ids=named).select(set(OUTCOME.schema) & set(table.columns)))
        for table in (placed, summed)
    ]
    return OUTCOME.hand_over(pl.concat([*rows, OUTCOME.fill(unread)]))


def _of_number(single: pl.Expr) -> list[pl.Expr]:
    """What a statement with a place is weighed by: of a number, how likely it is that as many are on record, if one is.

    Where it names neither a kind nor a target nothing tells one such incident, and the number alone is weighed. Of a
    number in a unit that counts no incidents one stands for half.
    """
    number, other = pl.col("half").is_not_null(), states_number()
    of_no_sort = (pl.col("kind") == "other") & pl.col("target_class").is_null()
    one = pl.when(of_no_sort).then("one").otherwise(single)
    share = {name: pl.when(pl.col("one") > 0).then(one * pl.col(name) / pl.col("one")).otherwise(0.0) for name in PARTS}
    by_itself = pl.when(other).then(single * HALF).otherwise(single)
    return [
        *(
            pl.when(number).then(share[name]).otherwise(by_itself).round(PROBABILITY_DECIMALS).alias(column)
            for name, column in PARTS.items()
        ),
        pl.when(number).then("part_seen").otherwise("p_would_see").alias("p_would_see"),
        pl.when(number).then("incident_ids").otherwise("best").alias("incident_ids"),
    ]


def _number(thresholds: Thresholds) -> list[pl.Expr]:
    """How a number of two and more is met (``number``), and no word for others."""
    compared = pl.col("half").is_not_null()
    word = (
        pl.when(~compared)
        .then(pl.lit("not_comparable"))
        .when(pl.col("so_many") >= thresholds.on_record)
        .then(pl.lit("borne_out"))
        .when((pl.col("least") > pl.col("number_high")).fill_null(False))
        .then(pl.lit("not_supported"))
        .when((pl.col("seen_one") < thresholds.watched).fill_null(True))
        .then(pl.lit("cannot_tell"))
        .otherwise(pl.lit("possible"))
    )
    return [
        pl.when(states_number()).then(word).alias("number"),
        *(
            pl.when(states_number()).then(name).alias(name)
            for name in ("p_number", "record_low", "record_high", "number_low", "number_high", "under")
        ),
    ]


def _scored(best: pl.DataFrame) -> pl.DataFrame:
    """By allegation with a match: ``fit`` of the best, which it is (``best``), and ``n``, one."""
    return best.group_by("allegation_id", maintain_order=True).agg(
        pl.col("p").first().round(PROBABILITY_DECIMALS).alias("fit"),
        pl.col("incident_id").head(1).alias("best"),
        n=pl.lit(1, pl.UInt32),
    )


def _chance(read: pl.DataFrame, incidents: pl.DataFrame, met: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """By allegation, ``chance``: its mean fit when moved by days, within the time that incidents cover; empty: none."""
    first, last = incidents.select(pl.col("start").min(), pl.col("end").max()).row(0)
    fits = []
    for days in SHIFTS if incidents.height else ():
        moved = read.with_columns(pl.col("start", "end").dt.offset_by(f"{days}d"))
        inside = moved.filter((pl.col("start") >= first) & (pl.col("end") <= last))
        found = _scored(met(inside))
        fits.append(
            inside.select("allegation_id")
            .join(found, on="allegation_id", how="left")
            .select("allegation_id", pl.col("fit").fill_null(0.0))
        )
    if not fits:
        return pl.DataFrame(schema={"allegation_id": pl.String, "chance": pl.Float64})
    return pl.concat(fits).group_by("allegation_id").agg(pl.col("fit").sort().mean().round(6).alias("chance"))


def _beyond_chance() -> pl.Expr:
    """Fit x fit / (fit + chance); where no other time can be compared with, chance is taken to fit as well."""
    fit, chance = pl.col("fit"), pl.col("chance").fill_null(pl.col("fit"))
    return pl.when(fit > 0).then(fit * fit / (fit + chance)).otherwise(0.0)


def _found() -> pl.Expr:
    return pl.col("outcome").is_in(["corroborated", "partly"])


def _none() -> pl.Expr:
    return pl.lit([], dtype=pl.List(pl.String))


def _outcome(thresholds: Thresholds, part: pl.Expr) -> pl.Expr:
    """The outcome's word. Of a number that is likelier smaller, as far as was watched, there is a part at best, and so
    there is of one that cannot be compared."""
    short = pl.col("number").is_in(["possible", "not_supported", "not_comparable"]).fill_null(False)
    return (
        pl.when((pl.col("p_corroborated") >= thresholds.corroborated) & ~short)
        .then(pl.lit("corroborated"))
        .when(part)
        .then(pl.lit("partly"))
        .when(pl.col("p_would_see").fill_null(0.0) >= thresholds.watched)
        .then(pl.lit("not_seen_watched"))
        .otherwise(pl.lit("not_seen_blind"))
    )
