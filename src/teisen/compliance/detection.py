"""Detection estimated: what share of the incidents known from other sources did this one see?

**Known from others.** An incident is known to a source's estimate if sources of other groups alone make it likelier
than not: reports of role ``makes``, from sources that speak for no party. A party chooses what it lists, so its list is
no sample of what happened, and it is never a reference, for any source and for every party alike. What the source
itself or its group said makes no incident known, nor likelier; so nothing is circular. Place,
time and kind are those that the reference told, not the fused ones, which move to where the source saw it; a trace that
it told, such as an explosion, stands for the kinds that all it told so are taken for. Incidents of kinds that its
profile does not name are left out: nobody says that it would see them.

**Model.** With p the declared probability to detect at the incident (from exposure) and c the profile's figure for its
kinds, p / c is the opportunity: passes, cloud, hours of watch. The source reports with opportunity x logistic(logit(c)
+ b), b a sum of effects of all, of kind, cloud, darkness and distance to a town, normal about 0: few data change the
declared figure little. A report is looked for within two standard deviations of place and moment, where a share m of
those of the incident lies. Of an incident known with probability w one is found with w m p' + (1 - w m p') e, e the
chance that the source would say something there and then anyway (:mod:`teisen.compliance.saying`). The penalised
maximum and its curvature give estimate and interval (Laplace).

**Feeding back.** :func:`recalibrated` multiplies p_detect by estimate / declared where enough was known, before rates
are computed and before it is asked what others would have seen of an allegation; fusion and findings keep what is
declared, as the incidents come from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy

from teisen.compliance.saying import said
from teisen.compliance.schema import DETECTION
from teisen.compliance.surroundings import FEATURES, surroundings
from teisen.fusion.coverage import coverage, seen_by_source
from teisen.fusion.detection import detection as declared_detection
from teisen.fusion.kinds import chances, kind_names
from teisen.fusion.reporting import NAMED
from teisen.geodesy import Floats
from teisen.sources import Ground, Source
from teisen.tables import PROBABILITY_DECIMALS

KNOWN_FROM = 0.5
"""Probability from which an incident is known from others."""
FEWEST = 20.0
"""Incidents known and watched, each with its probability, from which an estimate is fed back (assumed)."""
SPREAD_ALL, SPREAD_KIND, SPREAD_FEATURE = 1.0, 0.7, 0.5
"""Standard deviations, in logits, of how far profiles are off in all, by kind, and of effects of features (assumed)."""
LEAST, MOST = 0.005, 0.995
"""Declared figures are kept within these: none is certain."""
NINETY = 1.6448536269514722
"""Quantile of the normal distribution for an interval of 90 %."""
EVERY = "*"


@dataclass(frozen=True)
class _Known:
    """Incidents known from others than one source; arrays of shape (n,), effects (n, k). ``met``: P(a report of the
    incident lies where and when one is looked for)."""

    seen: Floats
    weight: Floats
    chance: Floats
    opportunity: Floats
    anyway: Floats
    met: Floats
    effects: Floats
    spread: Floats


def estimated(
    incidents: pl.DataFrame,
    evidence: pl.DataFrame,
    exposure: pl.DataFrame,
    observations: pl.DataFrame,
    *,
    ground: Ground,
    sources: Mapping[str, Source],
    working: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """How well each source detects, from incidents known from others (DETECTION).

    Args:
        incidents: INCIDENT. evidence: EVIDENCE. exposure: EXPOSURE as declared. observations: OBSERVATION.
        ground: areas, names of towns and cloud. sources: the case's, by id.
        working: groups that report less than they did (:func:`teisen.compliance.instruments.working`): what is
            estimated is how well the source detects while it works.
    """
    watching = {n: s for n, s in sorted(sources.items()) if s.profile.role != "context" and s.profile.detection}
    rows = [DETECTION.empty()]
    known = incidents.join(
        evidence.filter(pl.col("relation") == "member").select("incident_id").unique(), on="incident_id", how="semi"
    ).sort("incident_id")
    if known.is_empty() or exposure.is_empty():
        return DETECTION.empty()
    for name, source in watching.items():
        weight = _known_from_others(known, evidence, source, sources).filter(pl.col("weight") >= KNOWN_FROM)
        some = _as_told(weight, known, observations, sources).filter(
            pl.col("kind").is_in(list(source.profile.detection))
        )
        some = some.join(_declared(some, exposure.filter(pl.col("source_id") == name), ground), on="incident_id")
        some = _as_it_worked(some, working, source)
        some = some.join(surroundings(some, ground), on="incident_id").sort("incident_id")
        rows.append(_rows(source, some, observations.filter(pl.col("source_id") == name)))
    return DETECTION.hand_over(DETECTION.gather(rows))


def recalibrated(exposure: pl.DataFrame, detection: pl.DataFrame) -> pl.DataFrame:
    """EXPOSURE with p_detect as estimated: times the factor of its source and kind, where that was measured.

    A kind that the profile does not name takes the source's factor for all. p_detect stays at most 1, and what was not
    watched at all stays so.
    """
    measured = detection.filter((pl.col("feature") == "kind") & (pl.col("basis") == "measured"))
    own = measured.filter(pl.col("value") != EVERY).select("source_id", kind="value", own="factor")
    whole = measured.filter(pl.col("value") == EVERY).select("source_id", whole="factor")
    frame = exposure.join(own, on=["source_id", "kind"], how="left", maintain_order="left")
    frame = frame.join(whole, on="source_id", how="left", maintain_order="left")
    factor = pl.coalesce("own", "whole")
    hit = factor.is_not_null() & (pl.col("p_detect") > 0)
    return frame.with_columns(
        p_detect=pl.when(hit)
        .then((pl.col("p_detect") * factor).clip(0.0, 1.0).round(PROBABILITY_DECIMALS))
        .otherwise("p_detect"),
        basis=pl.when(hit).then(pl.lit("measured")).otherwise("basis"),
        reason=pl.when(hit)
        .then(pl.format("{}; detection as estimated, {} times what is declared", "reason", factor.round(2)))
        .otherwise("reason"),
    ).select(exposure.columns)


def _as_told(
    weight: pl.DataFrame, known: pl.DataFrame, observations: pl.DataFrame, sources: Mapping[str, Source]
) -> pl.DataFrame:
    """Incidents with place, time and kinds as the reference that founds them told, in place of the fused ones.

    ``time_error_s`` is how far off that source's moments are.

    Fusion moves an incident to where and when the source in question saw it, if it did: with the fused place, what was
    seen would lie elsewhere than what was missed.
    """
    what = ["start", "end", "lon", "lat", "place_error_m", "kind", "kinds"]
    errors = {name: s.profile.time_error_s.value for name, s in sources.items()}
    told = observations.select(
        "observation_id",
        *[pl.col(name).alias(f"_{name}") for name in what],
        time_error_s=pl.col("source_id").replace_strict(errors, default=0.0, return_dtype=pl.Float64),
    )
    frame = weight.join(known, on="incident_id").join(told, on="observation_id", how="left")
    found = pl.col("_kind").is_not_null()
    frame = frame.with_columns(_kinds=_meant(frame))
    return (
        frame.with_columns(pl.when(found).then(pl.col(f"_{name}")).otherwise(pl.col(name)).alias(name) for name in what)
        .select("incident_id", "weight", "area_id", "time_error_s", *what)
        .sort("incident_id")
    )


def _meant(frame: pl.DataFrame) -> pl.Series:
    """Kinds that the reference told; where it told a trace ("explosion"), the mean fused kinds of all that it told so.

    Who hears explosions names no kind, and detection is declared by kind. Fusion names one incident the better for what
    the source in question said of it: the average over those that it saw and those that it missed is one for both.
    """
    names, word, weight = kind_names(), frame["_kind"], np.maximum(frame["weight"].to_numpy(), LEAST)
    fused, meant = chances(frame["kinds"]), list(frame["_kinds"])
    for trace in word.drop_nulls().unique().sort():
        if not NAMED[names.index(trace)]:
            mine = np.flatnonzero((word == trace).fill_null(False).to_numpy())
            mean = np.average(fused[mine], axis=0, weights=weight[mine]).round(PROBABILITY_DECIMALS)
            told = [{"kind": names[at], "p": float(mean[at])} for at in np.flatnonzero(mean)]
            for at in mine:
                meant[at] = told
    return pl.Series("_kinds", meant, dtype=frame.schema["_kinds"])


def _declared(known: pl.DataFrame, exposure: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """``incident_id`` and ``p``, what one source's exposure and profile declare; of incidents that it could see."""
    places = known.with_row_index("id").select(
        pl.col("id").cast(pl.Int64),
        "lon",
        "lat",
        "area_id",
        from_s=pl.col("start").dt.epoch("us") / 1e6,
        to_s=pl.max_horizontal(pl.col("end").dt.epoch("us") / 1e6, pl.col("start").dt.epoch("us") / 1e6 + 1.0),
    )
    kinds = (
        known.with_row_index("id")
        .select(pl.col("id").cast(pl.Int64), "kinds")
        .explode("kinds", empty_as_null=True, keep_nulls=True)
        .drop_nulls("kinds")
        .unnest("kinds")
        .rename({"p": "weight"})
    )
    seen = seen_by_source(coverage(places, exposure, ground.areas), kinds)
    numbered = places.select("id", known["incident_id"])
    return seen.join(numbered, on="id").select("incident_id", "p").filter(pl.col("p") > 0)


def _as_it_worked(some: pl.DataFrame, working: pl.DataFrame | None, source: Source) -> pl.DataFrame:
    """Incidents with ``p`` times what the source still reported on their days."""
    if working is None or working.is_empty():
        return some
    mine = working.filter(pl.col("group") == source.profile.group)
    less = mine.select("share", from_="start", until="end").sort("from_")
    joined = some.sort("start").join_asof(less, left_on="start", right_on="from_", strategy="backward")
    on_it = (pl.col("start") < pl.col("until")).fill_null(False)
    return joined.with_columns(p=pl.when(on_it).then(pl.col("p") * pl.col("share")).otherwise("p")).select(some.columns)


def _known_from_others(
    known: pl.DataFrame, evidence: pl.DataFrame, source: Source, sources: Mapping[str, Source]
) -> pl.DataFrame:
    """``incident_id``, ``weight``: P(incident) by the evidence of other groups; ``observation_id``: who founds it.

    The reference with the best declared share of true reports founds it, whoever founded it in fusion, so that what
    this source saw and what it missed are weighed alike.
    """
    others = pl.DataFrame(
        [
            {
                "source_id": name,
                "group": s.profile.group,
                "reference": s.profile.role == "makes" and s.reported_by is None,
                "odds": float(scipy.special.logit(np.clip(1 - s.profile.false_share.value, LEAST, MOST))),
            }
            for name, s in sorted(sources.items())
            if s.profile.group != source.profile.group
        ],
        schema={"source_id": pl.String, "group": pl.String, "reference": pl.Boolean, "odds": pl.Float64},
    )
    rows = evidence.join(others, on="source_id")
    member = pl.col("relation") == "member"
    founds = (
        rows.filter(member & pl.col("reference"))
        .sort("incident_id", "odds", "group", "observation_id", descending=[False, True, False, False])
        .unique("incident_id", keep="first", maintain_order=True)
        .select("incident_id", "odds", founder="observation_id", first="group")
    )
    rest = (
        rows.drop("odds")
        .join(founds, on="incident_id")
        .filter(~member | (pl.col("reference") & (pl.col("group") != pl.col("first"))))
    )
    # one group of several adds at most what it would as a second voice, were it the founder in fusion
    added = (
        rest.with_columns(
            pl.when(member).then(pl.min_horizontal("log_ratio", pl.lit(1.0))).otherwise("log_ratio").alias("log_ratio")
        )
        .group_by("incident_id")
        .agg(pl.col("log_ratio").sum().round(3))
    )
    total = founds.join(added, on="incident_id", how="left").with_columns(pl.col("log_ratio").fill_null(0.0))
    weight = scipy.special.expit((total["odds"] + total["log_ratio"]).to_numpy())
    return total.select("incident_id", weight=pl.Series(np.round(weight, 4)), observation_id="founder").sort(
        "incident_id"
    )


def _rows(source: Source, some: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    """Rows of DETECTION of one source: for all, by kind, by feature."""
    figures = {
        kind: float(np.clip(figure.value, LEAST, MOST)) for kind, figure in sorted(source.profile.detection.items())
    }
    kinds, names = chances(some["kinds"]), list(kind_names())
    named = [kind for kind in figures if some.height and kinds[:, names.index(kind)].any()]
    effects, spread = [np.ones(some.height)], [SPREAD_ALL]
    effects += [kinds[:, names.index(kind)] for kind in named]
    spread += [SPREAD_KIND] * len(named)
    middle = {}
    for feature in FEATURES:
        values = some[feature.name].cast(pl.Float64)
        known = values.drop_nulls()
        middle[feature.name] = float(known.mean() or 0.0) if len(known) else 0.0  # type: ignore[arg-type]
        effects.append(values.fill_null(middle[feature.name]).to_numpy() - middle[feature.name])
        spread.append(SPREAD_FEATURE)
    chance = np.clip(kinds @ declared_detection(source), LEAST, MOST)
    seen, anyway, met = said(source, some, reports)
    data = _Known(
        seen, some["weight"].to_numpy(), chance, np.clip(some["p"].to_numpy() / chance, 0.0, 1.0), anyway, met,
        np.column_stack(effects), np.array(spread),
    )  # fmt: skip
    best, cov = _fit(data)
    counts = data.weight * data.opportunity * (1 - data.anyway)
    overall = float(np.average(chance, weights=counts)) if counts.sum() > 0 else float(np.mean(list(figures.values())))
    wanted: list[tuple[str, str, float, Floats, Floats]] = [
        ("kind", EVERY, overall, _typical(data, counts), np.ones(some.height))
    ]
    for kind, figure in figures.items():
        x = _at(len(best), {1 + named.index(kind): 1.0} if kind in named else {})
        wanted.append(("kind", kind, figure, x, kinds[:, names.index(kind)]))
    for at, feature in enumerate(FEATURES):
        numbers = some[feature.name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        for word, low, high, typical in feature.levels:
            within = (numbers >= low) & (numbers < high)
            shown = float(numbers[within].mean()) if within.any() else typical
            x = _at(len(best), {1 + len(named) + at: shown - middle[feature.name]})
            wanted.append((feature.name, word, overall, x, within.astype(float)))
    enough = float(counts.sum()) >= FEWEST
    rows = []
    for name, value, declared, x, inside in wanted:
        line, sd = float(scipy.special.logit(declared) + x @ best), float(np.sqrt(np.maximum(x @ cov @ x, 0.0)))
        estimate = float(scipy.special.expit(line))
        rows.append(
            {
                "source_id": source.source_id, "feature": name, "value": value,
                "known": float(counts @ inside), "seen": float((seen - anyway) @ inside),
                "declared": declared, "estimate": estimate,
                "low": float(scipy.special.expit(line - NINETY * sd)),
                "high": float(scipy.special.expit(line + NINETY * sd)),
                "factor": estimate / declared, "basis": "measured" if enough else "declared",
            }
        )  # fmt: skip
    return pl.DataFrame(rows, schema=DETECTION.schema)


def _typical(data: _Known, counts: Floats) -> Floats:
    """The effects of the incidents known, on average: what all of them together tell best."""
    if not counts.sum() > 0:
        return _at(len(data.spread))
    return np.asarray(np.average(data.effects, axis=0, weights=counts))


def _at(size: int, values: Mapping[int, float] | None = None) -> Floats:
    x = np.zeros(size)
    x[0] = 1.0
    for at, value in (values or {}).items():
        x[at] = value
    return x


def _fit(data: _Known) -> tuple[Floats, Floats]:
    """The penalised maximum of the effects, and their covariance (inverse curvature)."""
    base = scipy.special.logit(data.chance)

    def parts(b: Floats) -> tuple[Floats, Floats]:
        p = data.opportunity * data.met * scipy.special.expit(base + data.effects @ b)
        real = data.weight * p
        return np.clip(real + (1 - real) * data.anyway, 1e-9, 1 - 1e-9), p

    def slope_of(b: Floats, p: Floats) -> Floats:
        return data.weight * (1 - data.anyway) * p * scipy.special.expit(-(base + data.effects @ b))

    def lost(b: Floats) -> tuple[float, Floats]:
        q, p = parts(b)
        loss = -(data.seen * np.log(q) + (1 - data.seen) * np.log1p(-q)).sum() + 0.5 * ((b / data.spread) ** 2).sum()
        pull = (data.seen / q - (1 - data.seen) / (1 - q)) * slope_of(b, p)
        return float(loss), -(data.effects.T @ pull) + b / data.spread**2

    start = np.zeros(data.effects.shape[1])
    best = np.asarray(scipy.optimize.minimize(lost, start, jac=True, method="BFGS", options={"gtol": 1e-6}).x)
    q, p = parts(best)
    slope = slope_of(best, p)
    information = (data.effects * (slope**2 / (q * (1 - q)))[:, None]).T @ data.effects + np.diag(1 / data.spread**2)
    return best, np.asarray(np.linalg.inv(information), float)
