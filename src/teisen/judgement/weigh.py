"""Allegations met with incidents and exposure: the same thresholds and the same path for every party."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl

from teisen.judgement.matching import FITS, Fits, matches
from teisen.judgement.places import Places
from teisen.judgement.schema import OUTCOME
from teisen.judgement.totals import COUNTED, count, is_total
from teisen.judgement.watched import would_see
from teisen.sources import Ground, Source
from teisen.tables import PROBABILITY_DECIMALS


@dataclass(frozen=True)
class Thresholds:
    """From where on an outcome is called what; the same for every party. All assumed.

    ``corroborated``: likelier than not; of a total, the share of its number. ``partly``: something was recorded that
    may be a part of it. ``watched``: from this probability of being seen on, silence of the sources speaks against
    it.
    """

    corroborated: float = 0.5
    partly: float = 0.2
    watched: float = 0.5


THRESHOLDS = Thresholds()
EVEN = 0.5
"""That the record reaches a share of a total has to be likelier than not."""
SHIFTS = (-14, -10, -7, -4, 4, 7, 10, 14)
"""Days by which an allegation is moved to see how well it would fit by chance: far enough for a night's events to be
over, near enough for the season and the front to be the same. Assumed."""
MOST_NAMED = 20
"""Incidents that an outcome names at most, best first."""

SAYS = {
    "corroborated": "Corroborated: {n} recorded without the accuser's sources fit (P = {p}; by chance {c}).",
    "partly": "Partly corroborated: {n} recorded without the accuser's sources fit in part (P = {p}; by chance {c}).",
    "not_seen_blind": "Not corroborated, and it could not well have been seen: P(others report it) = {w}.",
    "not_seen_watched": "Not corroborated, although it would probably have been seen: P(others report it) = {w}.",
    "nowhere": "Not corroborated; it names no place, so what could have been seen is not known.",
    "unread": "Not read: the statement is kept as text and nothing is guessed from it.",
}
TOTAL_SAYS = {
    "corroborated": "Corroborated by number",
    "partly": "Partly corroborated by number",
    "not_seen_blind": "Not corroborated by number, and it is not shown that a part of it could have been seen",
    "not_seen_watched": "Not corroborated by number, although a part of it would probably have been seen",
}
UNPLACED_TOTAL = "where it happened is not stated, so what others would have recorded is not known"


def weigh(  # noqa: PLR0917  the stage's inputs, in the order of the data's way
    allegations: pl.DataFrame,
    incidents: pl.DataFrame,
    evidence: pl.DataFrame,
    exposure: pl.DataFrame,
    sources: Mapping[str, Source],
    ground: Ground,
    *,
    thresholds: Thresholds = THRESHOLDS,
    fits: Fits = FITS,
) -> pl.DataFrame:
    """What became of each allegation (OUTCOME).

    How well it fits is the expected share of what is alleged for which an incident stands: of the ``quantity`` best
    fitting incidents (one, where none is stated) the mean probability of being it. Weak fits don't add up to a strong
    one. How well it would fit by chance is the mean of the same with the allegation moved by days (:data:`SHIFTS`):
    where much happens everywhere, something always fits. ``p_corroborated`` is fit x fit / (fit + chance), at even
    prior odds. A total that names no place is about no single incident: :mod:`teisen.judgement.totals` counts. Evidence
    and exposure of the accuser's own sources are left out of everything.

    Args:
        allegations: ALLEGATION. incidents: INCIDENT. evidence: EVIDENCE.
        exposure: EXPOSURE, with detection as estimated where it was measured, else as declared.
        sources: by id; ``reported_by`` says whose they are, the profile's ``group`` which of them count once.
        ground: areas.
        thresholds: from where on an outcome is called what.
        fits: of what an allegation or an incident does not say.
    """
    places = Places(ground)
    read = allegations.filter(pl.col("read") != "unread").sort("allegation_id")
    met = partial(matches, incidents=incidents, evidence=evidence, sources=sources, places=places, fits=fits)
    would = np.round(would_see(read, exposure, sources, places.ground.areas), PROBABILITY_DECIMALS)
    read = read.with_columns(pl.Series("p_would_see", would).fill_nan(None))
    single, totals = read.filter(~is_total()), read.filter(is_total())
    scored = _scored(single, met(single)).join(_chance(single, incidents, met), on="allegation_id", how="left")
    singles = (
        single.join(scored, on="allegation_id", how="left")
        .with_columns(pl.col("fit").fill_null(0.0), pl.col("n").fill_null(0), pl.col("incident_ids").fill_null(_none()))
        .with_columns(p_corroborated=_beyond_chance().round(PROBABILITY_DECIMALS))
        .with_columns(outcome=_outcome(thresholds, pl.col("p_corroborated") >= thresholds.partly))
        .with_columns(explanation=_explanation())
    )
    shares = (thresholds.corroborated, thresholds.partly)
    placed = single.filter(pl.col("p_would_see").is_not_null())
    counted = count(totals, placed, incidents, met, shares=shares)
    summed = (
        totals.drop("p_would_see")
        .join(counted, on="allegation_id", how="left")
        .with_columns(outcome=_outcome(replace(thresholds, corroborated=EVEN), pl.col("p_part") >= EVEN))
        .with_columns(explanation=_told())
    )
    unread = allegations.filter(pl.col("read") == "unread").select(
        "allegation_id", "accuser", "accused", outcome=pl.lit("unread"), incident_ids=_none(),
        explanation=pl.lit(SAYS["unread"]),
    )  # fmt: skip
    named = pl.when(_found()).then(pl.col("incident_ids").list.head(MOST_NAMED)).otherwise(_none())
    rows = [
        OUTCOME.fill(table.with_columns(incident_ids=named).select(set(OUTCOME.schema) & set(table.columns)))
        for table in (singles, summed)
    ]
    return OUTCOME.hand_over(pl.concat([*rows, OUTCOME.fill(unread)]))


def _scored(read: pl.DataFrame, best: pl.DataFrame) -> pl.DataFrame:
    """By allegation with a match: ``fit``, the matching ``incident_ids``, and ``n``, how many of them count.

    A number of drones or shells is no number of incidents: one incident then stands for half of it at most.
    """
    number = pl.col("quantity").fill_null(1.0).clip(1.0).ceil()
    counted = pl.col("unit").is_null() | pl.col("unit").is_in(COUNTED)
    wanted = read.select("allegation_id", wanted=pl.when(counted).then(number).otherwise(number.clip(1.0, 2.0)))
    return (
        best.join(wanted, on="allegation_id", maintain_order="left")
        .with_columns(rank=pl.int_range(pl.len()).over("allegation_id"))
        .filter(pl.col("rank") < pl.col("wanted"))
        .group_by("allegation_id")
        .agg(
            (pl.col("p").sort().sum() / pl.col("wanted").first()).round(PROBABILITY_DECIMALS).alias("fit"),
            pl.col("incident_id").sort_by("rank").head(MOST_NAMED).alias("incident_ids"),
            pl.len().alias("n"),
        )
    )


def _chance(read: pl.DataFrame, incidents: pl.DataFrame, met: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """By allegation, ``chance``: its mean fit when moved by days, within the time that incidents cover; empty: none."""
    first, last = incidents.select(pl.col("start").min(), pl.col("end").max()).row(0)
    fits = []
    for days in SHIFTS if incidents.height else ():
        moved = read.with_columns(pl.col("start", "end").dt.offset_by(f"{days}d"))
        inside = moved.filter((pl.col("start") >= first) & (pl.col("end") <= last))
        found = _scored(inside, met(inside))
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
    return (
        pl.when(pl.col("p_corroborated") >= thresholds.corroborated)
        .then(pl.lit("corroborated"))
        .when(part)
        .then(pl.lit("partly"))
        .when(pl.col("p_would_see").fill_null(0.0) >= thresholds.watched)
        .then(pl.lit("not_seen_watched"))
        .otherwise(pl.lit("not_seen_blind"))
    )


def _told() -> pl.Expr:
    """The sentence of a total."""
    number = pl.col("quantity").cast(pl.String).str.strip_suffix(".0")
    would = pl.format("had all of it happened, others would have recorded {}", _two("would_record"))
    return pl.format(
        "{}: of {} {} stated, {} on record without the accuser's sources fit (expected number); {}.",
        pl.col("outcome").replace_strict(TOTAL_SAYS, return_dtype=pl.String),
        number,
        "unit",
        _two("matched"),
        would.fill_null(UNPLACED_TOTAL),
    )


def _explanation() -> pl.Expr:
    words = pl.lit("")
    for outcome in ("corroborated", "partly", "not_seen_watched", "not_seen_blind"):
        words = pl.when(pl.col("outcome") == outcome).then(pl.lit(SAYS[outcome])).otherwise(words)
    nowhere = pl.col("p_would_see").is_null() & (pl.col("outcome") == "not_seen_blind")
    words = pl.when(nowhere).then(pl.lit(SAYS["nowhere"])).otherwise(words)
    n = pl.format("{} incident{}", "n", pl.when(pl.col("n") == 1).then(pl.lit("")).otherwise(pl.lit("s")))
    chance = _two("chance").fill_null("not known")
    for mark, value in (("{n}", n), ("{p}", _two("p_corroborated")), ("{c}", chance), ("{w}", _two("p_would_see"))):
        words = words.str.replace(mark, value.fill_null(""), literal=True)
    return words


def _two(name: str) -> pl.Expr:
    return pl.col(name).round(2).cast(pl.String)
