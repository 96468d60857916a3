"""From what fusion handed over and what was true to scores, by density, by mix of sources and by kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy

from teisen.evaluation.calibration import expected_error, reliability
from teisen.evaluation.partitions import Agreement, b_cubed, pairwise
from teisen.evaluation.schema import CALIBRATION, SCORE
from teisen.geodesy import MEAN_RADIUS_M, METRES_PER_DEGREE, Floats, unit_vectors

NEAR_M, NEAR_S = 10_000.0, 86_400.0
"""True incidents this near in place and time crowd one another..."""
CROWDS = ((0, "alone"), (1, "1 to 3 others"), (4, "4 to 15 others"), (16, "16 and more others"))
"""...and so many of them make a stratum of density."""
LEVEL = 0.9
"""A region or interval stated is held to this probability."""
CALLED = 0.5

OF_INVENTED = {"invented_share", "invented_and_called_share", "ece_conflict", "ece_conflict_by_chance"}
"""Measures of what holds no true incident too, which has no density and no kind."""
OF_UNREPORTED = {"unreported_share", "hidden_in_another_share"}
"""Measures of true incidents that no fused one is of, which has no sources."""

Measured = tuple[str, float | None, int]
Row = tuple[str, str, str, float | None, int]


@dataclass(frozen=True)
class Evaluation:
    """``scores`` (SCORE) and ``calibration`` (CALIBRATION)."""

    scores: pl.DataFrame
    calibration: pl.DataFrame


def evaluate(
    incidents: pl.DataFrame,
    evidence: pl.DataFrame,
    observations: pl.DataFrame,
    truth: pl.DataFrame,
    links: pl.DataFrame,
) -> Evaluation:
    """Scores of fused incidents against the truth.

    Args:
        incidents, evidence: INCIDENT and EVIDENCE, as fused.
        observations: OBSERVATION.
        truth: TRUTH of the simulation.
        links: ``observation_id`` and ``truth_id`` of what each observation came from; empty or absent: nothing true.
            With ``other_id``, what is no incident but one thing (a field that burns) may be put together without fault.
    """
    members = evidence.filter(relation="member").select("incident_id", "observation_id")
    reports = (
        members.join(observations.select("observation_id", "source_id"), on="observation_id")
        .join(_behind(links), on="observation_id", how="left")
        .rename({"incident_id": "incident", "truth_id": "truth"})
        .sort("observation_id")
    )
    things = reports.with_columns(truth=pl.coalesce("truth", "other_id"))
    known = truth.with_columns(crowd=crowds(truth))
    matched = _matched(incidents, reports, known)
    calibration = CALIBRATION.hand_over(pl.concat(_calibrations(matched)))
    rows = [
        *_agreements("all", "all", things),
        *(("all", "all", *one) for one in _measured(reports, matched, truth, calibration)),
        *_strata(things, known),
        *_measured_by(reports, matched, known),
    ]
    return Evaluation(SCORE.hand_over(pl.DataFrame(rows, schema=SCORE.schema, orient="row")), calibration)


def _behind(links: pl.DataFrame) -> pl.DataFrame:
    """``observation_id``, ``truth_id`` and ``other_id``, null where there is none."""
    other = "other_id" if "other_id" in links.columns else pl.lit(None, pl.String).alias("other_id")
    found = links.select("observation_id", "truth_id", other)
    return found.with_columns(pl.col("truth_id", "other_id").replace("", None))


def crowds(truth: pl.DataFrame) -> pl.Series:
    """Stratum of density of each true incident."""
    when = truth["time"].dt.epoch("s").to_numpy() / NEAR_S * NEAR_M
    spots = np.column_stack([unit_vectors(*_lon_lat(truth)) * MEAN_RADIUS_M, when])
    others = scipy.spatial.cKDTree(spots).query_ball_point(spots, NEAR_M, p=np.inf, return_length=True) - 1
    words = np.array([word for _, word in CROWDS])
    return pl.Series("crowd", words[np.searchsorted([least for least, _ in CROWDS], others, side="right") - 1])


def _lon_lat(frame: pl.DataFrame) -> tuple[Floats, Floats]:
    return frame["lon"].to_numpy(), frame["lat"].to_numpy()


def _matched(incidents: pl.DataFrame, reports: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Incidents with the true one that most of their reports are of (the smaller id of two as many), if any."""
    main = (
        reports.drop_nulls("truth")
        .group_by("incident", "truth")
        .len()
        .sort(["incident", "len", "truth"], descending=[False, True, False])
        .unique("incident", keep="first")
        .select(incident_id="incident", truth_id="truth")
    )
    what = truth.rename({name: f"true_{name}" for name in ("time", "lon", "lat", "kind", "actor")})
    return incidents.join(main, on="incident_id", how="left").join(what, on="truth_id", how="left").sort("incident_id")


def _agreements(by: str, stratum: str, reports: pl.DataFrame) -> Iterator[Row]:
    found: dict[str, Agreement] = {"pairs": pairwise(reports), "b3": b_cubed(reports)}
    for name, one in found.items():
        for measure, value in (("precision", one.precision), ("recall", one.recall), ("f1", one.f1)):
            yield by, stratum, f"{name}_{measure}", value if one.n else None, one.n


def _measured(
    reports: pl.DataFrame, matched: pl.DataFrame, truth: pl.DataFrame, calibration: pl.DataFrame
) -> Iterator[Measured]:
    yield from _counts(reports, matched, truth)
    yield from _places(matched)
    yield from _errors(calibration)


def _counts(reports: pl.DataFrame, matched: pl.DataFrame, truth: pl.DataFrame) -> Iterator[Measured]:
    """Incidents missed, invented, merged and split: those of ``truth`` and of ``matched``, by all reports."""
    told = reports.drop_nulls("truth")
    true = told.filter(pl.col("truth").is_in(truth["truth_id"].implode()))
    reported, happened, fused = true["truth"].n_unique(), truth.height, matched.height
    mine = told.filter(pl.col("incident").is_in(matched["incident_id"].implode()))
    of_truths = mine.group_by("incident").agg(pl.col("truth").n_unique())
    incidents = true.group_by("truth").agg(pl.col("incident").n_unique())
    invented = matched["truth_id"].is_null()
    called = matched["p_conflict"] >= CALLED
    for measure, count, n in (
        ("unreported_share", happened - reported, happened),
        ("hidden_in_another_share", reported - matched["truth_id"].n_unique() + int(invented.any()), reported),
        ("split_share", int((incidents["incident"] > 1).sum()), reported),
        ("merged_share", int((of_truths["truth"] > 1).sum()), fused),
        ("invented_share", int(invented.sum()), fused),
        ("invented_and_called_share", int((invented & called).sum()), int(called.sum())),
        ("true_and_not_called_share", int((~invented & ~called).sum()), int((~invented).sum())),
    ):
        yield measure, count / n if n else None, n


def _places(matched: pl.DataFrame) -> Iterator[Measured]:
    """Errors of place and time, and whether what is stated of them holds as often as it says."""
    rows = matched.drop_nulls(["truth_id", "lon"])
    lon, lat = _lon_lat(rows)
    east = (rows["true_lon"].to_numpy() - lon) * METRES_PER_DEGREE * np.cos(np.radians(lat))
    north = (rows["true_lat"].to_numpy() - lat) * METRES_PER_DEGREE
    major = rows["place_error_m"].to_numpy().astype(np.float64)
    minor = np.where(rows["place_error_minor_m"].is_null(), major, rows["place_error_minor_m"].fill_null(0).to_numpy())
    azimuth = np.radians(rows["place_azimuth_deg"].fill_null(0.0).to_numpy())
    along, across = east * np.sin(azimuth) + north * np.cos(azimuth), east * np.cos(azimuth) - north * np.sin(azimuth)
    within = (along / np.maximum(major, 1)) ** 2 + (across / np.maximum(minor, 1)) ** 2 <= scipy.stats.chi2.ppf(
        LEVEL, 2
    )
    n = rows.height
    yield "place_error_median_m", float(np.median(np.hypot(east, north))) if n else None, n
    yield "place_in_90_region_share", float(within.mean()) if n else None, n
    timed = matched.drop_nulls("truth_id")
    held = timed.select((pl.col("true_time") >= pl.col("start")) & (pl.col("true_time") <= pl.col("end"))).to_series()
    outside = timed.select(
        pl.max_horizontal(pl.col("start") - pl.col("true_time"), pl.col("true_time") - pl.col("end"))
        .dt.total_seconds()
        .clip(0)
    ).to_series()
    length = (timed["end"] - timed["start"]).dt.total_seconds()
    for measure, value in (
        ("time_in_interval_share", held.mean()), ("time_outside_mean_s", outside.mean()),
        ("interval_median_s", length.median()),
    ):  # fmt: skip
        yield measure, value if isinstance(value, float | int) else None, timed.height


def _calibrations(matched: pl.DataFrame) -> list[pl.DataFrame]:
    """Reliability of P(conflict), and of the kinds and actors of incidents that are true."""
    true = matched.drop_nulls("truth_id")
    tables = [reliability("conflict", matched["p_conflict"], matched["truth_id"].is_not_null())]
    for probability, column, field in (("kind", "kinds", "kind"), ("actor", "actors", "party")):
        stated = "true_actor" if probability == "actor" else "true_kind"
        rows = (
            true.select("incident_id", column, stated)
            .explode(column, empty_as_null=True, keep_nulls=True)
            .drop_nulls(column)
        )
        rows = rows.unnest(column)
        tables.append(reliability(probability, rows["p"], rows[field] == rows[stated], rows["incident_id"]))
    return tables


def _errors(calibration: pl.DataFrame) -> Iterator[Measured]:
    for name in ("conflict", "kind", "actor"):
        error, chance, n = expected_error(calibration.filter(probability=name))
        yield f"ece_{name}", error, n
        yield f"ece_{name}_by_chance", chance, n


def _measured_by(reports: pl.DataFrame, matched: pl.DataFrame, truth: pl.DataFrame) -> Iterator[Row]:
    """The other measures by density and kind of the true incident, and by sources.

    What is invented has no density and no kind. What is said of fused incidents is by the sources that are fused in
    them, which can be known without the truth: among those that two sources truly reported none would be invented.
    """

    def sources(of: str) -> pl.DataFrame:
        told = reports.drop_nulls(of).group_by(of)
        return told.agg(sources=pl.col("source_id").unique().sort().str.join(" + "))

    true = truth.select("truth_id", density="crowd", kind="kind")
    true = true.join(sources("truth"), left_on="truth_id", right_on="truth", how="left")
    fused = matched.select("incident_id", "truth_id").join(true.drop("sources"), on="truth_id", how="left")
    fused = fused.join(sources("incident"), left_on="incident_id", right_on="incident", how="left")
    for by, without in (("density", OF_INVENTED), ("kind", OF_INVENTED), ("sources", OF_UNREPORTED)):
        for stratum in sorted({*true[by].drop_nulls(), *fused[by].drop_nulls()}):
            happened, stand = (frame.filter(pl.col(by) == stratum).to_series(0).implode() for frame in (true, fused))
            mine = matched.filter(pl.col("incident_id").is_in(stand))
            stated = pl.concat(_calibrations(mine))
            for one in _measured(reports, mine, truth.filter(pl.col("truth_id").is_in(happened)), stated):
                if one[0] not in without:
                    yield by, stratum, *one


def _strata(reports: pl.DataFrame, truth: pl.DataFrame) -> Iterator[Row]:
    """Agreement by density and kind of the true incident, and by which sources reported it.

    A report of no true incident counts in the strata of the incident that it was put into.
    """
    mix = reports.drop_nulls("truth").group_by("truth").agg(sources=pl.col("source_id").unique().sort().str.join(" + "))
    of = truth.select(truth="truth_id", density="crowd", kind="kind").join(mix, on="truth", how="left")
    told = reports.join(of, on="truth", how="left")
    for by in ("density", "kind", "sources"):
        filled = told.with_columns(pl.col(by).fill_null(pl.col(by).drop_nulls().first().over("incident")))
        for stratum in sorted(filled[by].drop_nulls().unique()):
            yield from _agreements(by, stratum, filled.filter(pl.col(by) == stratum))
