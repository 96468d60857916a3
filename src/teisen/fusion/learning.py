"""Learning how far off sources really are: EM over pairs of nearby reports, of one source or of two.

A pair is of one incident, with a normal difference of place (and of time, where both state a moment) whose variance is
the sum of what its two sources contribute, or of two: the evidence ratio of fusion (:mod:`teisen.fusion.pairs`). Each
source's variance is its declared one times a factor squared; EM shares what is seen of a pair's difference between its
two sources (variance components), and learns beside how many reports of a source stand beside one of another, or of its
own, so that a source that reports once is not taken to repeat itself. Reports at the very same place (a town's middle)
say nothing of how far off it is, but how far such places lie apart does. What is declared counts as some pairs, so that
few data change little, and so that a source much more precise than all others keeps what it declares: nothing measures
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from teisen.fusion.density import Grid, around, in_a_cell
from teisen.fusion.kinds import either_way, mean_kinds
from teisen.fusion.lookup import nearest
from teisen.fusion.near import FARTHEST_SIGMAS, Ints, Spots, near_within
from teisen.fusion.pairs import Pairs
from teisen.fusion.reporting import Reporting
from teisen.fusion.reports import TRACE_LASTS_S, UNIFORM_HALF_WIDTH, Reports
from teisen.fusion.schema import LEARNED
from teisen.geodesy import Floats

WIDER = 3.0
"""Pairs are looked for as if errors of time were so many times those declared: a source worse than that is not found
out."""
REACH_SIGMAS = 6.0
"""Pairs are looked at up to so many declared standard deviations of their difference: three where both are twice as far
off as declared, which leaves out one true pair in a hundred."""
MOST_PAIRS = 30_000
"""Of more pairs every second, third, ... is looked at."""
PRIOR_PAIRS = 30.0
"""Pairs that the declared figure counts as (assumed)."""
BESIDE = 0.3
"""Reports of a source beside one of another of the same incident, before anything is learned (assumed)..."""
CROWDED = 0.9
"""Added to the log of what lies about a pair that may be of one thing: others come in bursts (chosen on simulations of
the gallery with seeds 2,001 to 2,004 off their own, between 0 and 0.9)."""
PRIOR_REPORTS = 10.0
"""...and the reports that this counts as."""
PRIOR_TRUE = 10.0
"""True reports (or false alarms) that the declared figure counts as (assumed)."""
SAME_DAY = 0.8
"""Added to the log of the density where pairs of days are weighed: incidents set each other off, and within a day more
lie close than the ten nearest tell (of news that tells everything once, 1.2 to 4.5 times as many reports lie beside
each on its day as weeks off, half of the times over 2.2: the gallery with seeds 2,001 and 2,002 off its own)."""
AROUND_NAMED = 8
"""Places around one that tell how much ground it stands for (assumed)..."""
EACH_NAMED = 3.5
"""...if places that are named twice and more are named so often on average (assumed)."""
REACHES_M = tuple(10_000.0 * 2**n for n in range(12))
"""They are looked for within these, one after the other: the last is wider than the Earth."""
SAME_PLACE_M2 = 1.0
"""Reports nearer than this (its root, 1 m) name the same place."""
ROUNDS = 60
STILL = 0.004
"""A round that moves no variance by more than this share is the last one: factors are kept in far coarser steps."""
STEP = 1.8
"""Each round goes this much farther than EM does, which comes near slowly (over-relaxation; below 2 it still does)."""
LEAST_FIT = 0.25
"""Kinds of a pair have to fit this well."""
STEPS = 8
"""Factors are kept in steps of the eighth root of 2 (9 %): a new day seldom moves one, and what rests on them with
it."""
SMALLEST, LARGEST = 0.25, 4.0
"""Factors are kept within these."""


@dataclass(frozen=True)
class _Pairs:
    """Pairs of reports that may be of one incident; arrays of shape (pairs,).

    Attributes:
        of: index of the source of each, twice.
        place: declared variance of place of each, m2, twice; ``fixed`` that of the extent of incidents.
        time: declared variance of time of each, s2, twice.
        distance2: square of their distance, m2.
        apart2: square of the time between them, s2; NaN where not both state a moment.
        clear: where both state a moment.
        other: log of all else that speaks for one incident, against two: time of those, kind, and local density.
        each: pairs that each of these stands for.
    """

    of: tuple[Ints, Ints]
    place: tuple[Floats, Floats]
    fixed: Floats
    time: tuple[Floats, Floats]
    distance2: Floats
    apart2: Floats
    clear: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    other: Floats
    each: int


def learn(first: Reports, grid: Grid) -> pl.DataFrame:
    """Factors of the errors of place and time of each source (LEARNED), from reports that have a place and are no
    copies, and the ``grid`` over them."""
    plain = Reporting.of(first.speaking[0])
    near = around(first, replace(plain, in_a_cell=in_a_cell(first, plain, grid)), grid=grid, beside=False)[0]
    learned = _learned(first, (near.incidents + near.alarms) * np.exp(CROWDED))
    learned = learned.join(_named(first), on=["source_id", "figure"], how="left", maintain_order="left").with_columns(
        factor=pl.max_horizontal("factor", "least")
    )
    steps = (pl.col("factor").clip(SMALLEST, LARGEST).log(2.0) * STEPS).round()
    return LEARNED.hand_over(learned.drop("least").with_columns(factor=2.0 ** (steps / STEPS)))


def _learned(first: Reports, density: Floats) -> pl.DataFrame:
    sources, source = first.speaking
    pairs, size = _candidates(first, density), len(sources)
    timed = ~np.isnan(pairs.apart2)
    apart2 = np.where(timed, pairs.apart2, 0.0)
    place, time, weight = np.ones(size), np.ones(size), np.zeros(len(apart2))
    i, j = pairs.of
    beside, reports = np.full((size, size), BESIDE), np.bincount(source, minlength=size)
    elsewhere = pairs.distance2 > SAME_PLACE_M2
    for _ in range(ROUNDS):
        parts = _times(pairs.place, place, pairs.of)
        moments = _times(pairs.time, time, pairs.of)
        spread, during = parts[0] + parts[1] + pairs.fixed, moments[0] + moments[1]
        log_odds = pairs.other - pairs.distance2 / (2 * spread) - np.log(2 * np.pi * spread)
        log_odds += np.where(timed, -apart2 / (2 * during) - 0.5 * np.log(2 * np.pi * during), 0.0)
        log_odds += np.log(beside[i, j] * beside[j, i]) / 2
        weight = 1 / (1 + np.exp(-np.maximum(log_odds, -300.0)))
        farther = _change(pairs.of, parts, place, spread=spread, seen=pairs.distance2 / 2, weight=weight * elsewhere)
        later = _change(pairs.of, moments, time, spread=during, seen=apart2, weight=weight * timed)
        place, time = place * farther, time * later
        met = np.bincount(i * size + j, weight * pairs.each, size * size).reshape(size, size)
        beside = (met + met.T + BESIDE * PRIOR_REPORTS) / (reports[:, None] + PRIOR_REPORTS)
        if max(np.abs(farther - 1).max(initial=0), np.abs(later - 1).max(initial=0)) < STILL:
            break
    rows = [
        {"source_id": name, "figure": figure, "factor": float(factor[at]) ** 0.5, "pairs": float(count[at])}
        for figure, factor, counted in (("place_error_m", place, weight), ("time_error_s", time, weight * timed))
        for count in [np.bincount(np.concatenate(pairs.of), np.concatenate([counted, counted]), size)]
        for at, name in enumerate(sources)
    ]
    return LEARNED.hand_over(pl.DataFrame(rows, schema=LEARNED.schema))


def _named(first: Reports) -> pl.DataFrame:
    """How far off reports are that name one of few places, as towns: ``least`` factor of what their source declares.

    Told of sources whose error is assumed; one that was measured holds towns' spacing already, and stands.

    A place that several reports of a source name stands for the ground around it, as much as each has where its nearest
    ones lie. What is even over a disc of the area A about it is A / 4 pi off, squared, on each axis. Where most places
    are named once or twice, others are not named yet, and nothing is told.
    """
    own = np.maximum((first.cov[:, 0] + first.cov[:, 2]) / 2 - first.extent**2, 1.0)
    rows = first.frame.select("source_id", "lon", "lat", "place_assumed", own=pl.Series(own), at=pl.int_range(pl.len()))
    rows = rows.with_columns(named=pl.len().over("source_id", "lon", "lat") > 1)
    each = pl.col("at").count() / pl.struct("lon", "lat").n_unique()
    telling = rows.filter("named", "place_assumed").group_by("source_id").agg(each=each)
    telling = telling.filter(pl.col("each") >= EACH_NAMED)
    named = rows.filter("named").join(telling, on="source_id", how="semi", maintain_order="left")
    places = first.xyz[named.unique(["lon", "lat"], keep="first", maintain_order=True)["at"].to_numpy()]
    many, spots = min(AROUND_NAMED, max(len(places) - 1, 1)), first.xyz[named["at"].to_numpy()]
    away = nearest(places, spots, many + 1, REACHES_M)[0] if len(places) > 1 else np.zeros((len(named), 1))
    disc = named.select("at", off2=pl.Series(away[:, -1] ** 2 / (4 * many)))
    share = pl.col("named").mean()
    factor2 = share * pl.col("off2").median() / pl.col("own").median() + 1 - share
    found = rows.join(disc, on="at", how="left", maintain_order="left").group_by("source_id").agg(least=factor2.sqrt())
    return found.with_columns(figure=pl.lit("place_error_m"))


def again(reports: Reports, density: Floats, declared: Floats) -> tuple[Floats, Floats]:
    """P(one more report of the same thing after one) of each source in the order of ids, shape (sources,): of an
    incident, and of a false alarm.

    From pairs of its reports that both state a moment: a report of a number that is geometric has ``2 r / (1 - r)``
    others beside it on average. No source makes more reports of an incident than twice what it declares; what stands
    beside its reports over that is of false alarms. Pairs of days tell less, for strikes of one day on a town look like
    one that was told several times; but nobody repeats itself more often than all its pairs leave room for.

    Args:
        density: of incidents around each report, a m2 and second.
        declared: what it is before anything is learned, which counts as :data:`PRIOR_TRUE` true reports.
    """
    sources, source = reports.speaking
    pairs, size, truth = _candidates(reports, density, own=True), len(sources), 1 / (1 + np.exp(-reports.base))
    first, most, found = 2 * declared / (1 - declared), 1 - (1 - declared) / 2, []
    for which, clear in ((pairs.clear, reports.moment), (pairs.clear | True, np.ones(len(reports), np.bool_))):
        count = np.bincount(source[clear], minlength=size)
        true = np.bincount(source[clear], truth[clear], size).astype(np.float64)
        share = np.maximum(count / np.maximum(np.bincount(source, minlength=size), 1), 0.02)
        met, beside = _repeated(pairs, np.flatnonzero(which), first, count=count, true=true, share=share)
        beside = np.minimum(beside, 2 * most / (1 - most))
        false = np.maximum(count - true, 0.0)
        found.append((beside, np.maximum(met - true * beside, 0.0) / (false + PRIOR_TRUE)))
    (beside, left), (room, _) = found
    beside = np.minimum(beside, room)
    return beside / (2 + beside), left / (2 + left)


def _repeated(
    pairs: _Pairs, which: Ints, first: Floats, *, count: Ints, true: Floats, share: Floats
) -> tuple[Floats, Floats]:
    """Of each source: reports that stand beside others of it, all together, and beside a true one on average.

    EM over the pairs at ``which``: those of ``count`` reports of each source, a ``share`` of all that it made, of which
    so many are ``true``. Before anything is learned ``first`` others are taken to be beside each.
    """
    i, timed = pairs.of[0][which], ~np.isnan(pairs.apart2[which])
    spread = pairs.place[0][which] + pairs.place[1][which] + pairs.fixed[which]
    during = pairs.time[0][which] + pairs.time[1][which]
    apart2 = np.where(timed, pairs.apart2[which], 0.0)
    fits = pairs.other[which] - pairs.distance2[which] / (2 * spread) - np.log(2 * np.pi * spread)
    fits -= np.where(pairs.clear[which], 0.0, SAME_DAY)
    fits += np.where(timed, -apart2 / (2 * during) - 0.5 * np.log(2 * np.pi * during), 0.0)
    beside, met = first, np.zeros(len(first))
    for _ in range(ROUNDS):
        odds = fits + np.log(beside * np.maximum(true, 1.0) / np.maximum(count, 1))[i]
        met = 2 * np.bincount(i, pairs.each / (1 + np.exp(-np.clip(odds, -300, 300))), len(first)) / share
        before, beside = beside, (met + PRIOR_TRUE * first) / (true + PRIOR_TRUE)
        if np.abs(beside - before).max(initial=0) < STILL:
            break
    return met, beside


def _times(declared: tuple[Floats, Floats], factor: Floats, of: tuple[Ints, Ints]) -> tuple[Floats, Floats]:
    return declared[0] * factor[of[0]], declared[1] * factor[of[1]]


def _change(
    of: tuple[Ints, Ints],
    parts: tuple[Floats, Floats],
    factor: Floats,
    *,
    spread: Floats,
    seen: Floats,
    weight: Floats,
) -> Floats:
    """What each source's factor of variance is to be multiplied by: what it contributed over what it was taken to.

    Of a squared difference ``seen`` (a dimension) whose variance is ``spread``, the part whose variance is v has the
    expectation v - v^2 / spread + (v / spread)^2 seen.
    """
    total, count = np.full(len(factor), PRIOR_PAIRS) / factor, np.full(len(factor), PRIOR_PAIRS)
    for at, v in zip(of, parts, strict=True):
        total += np.bincount(at, weight * (1 - v / spread + v / spread**2 * seen), len(factor))
        count += np.bincount(at, weight, len(factor))
    return np.asarray(np.clip((total / count) ** STEP, SMALLEST**2 / factor, LARGEST**2 / factor))


def _distance2(xyz: Floats, i: Ints, j: Ints) -> Floats:
    return np.asarray(np.square(xyz.take(i, axis=0) - xyz.take(j, axis=0)).sum(axis=1))


def _near_within_each(spots: Spots, of: Ints) -> Iterator[tuple[Ints, Ints]]:
    """:func:`near_within` of the spots of each source by itself."""
    for source in np.unique(of):
        mine = np.flatnonzero(of == source)
        for i, j in near_within(spots.take(mine)):
            yield mine[i], mine[j]


def _candidates(reports: Reports, density: Floats, *, own: bool = False) -> _Pairs:
    """Pairs that may be of one incident; ``own``: of one source alone."""
    place = np.maximum((reports.cov[:, 0] + reports.cov[:, 2]) / 2 - reports.extent**2, 1.0)
    half, middle = (reports.end - reports.start) / 2, (reports.start + reports.end) / 2
    moment = reports.moment & ~reports.frame["kind"].is_in(list(TRACE_LASTS_S)).to_numpy()
    error = np.where(moment, half / UNIFORM_HALF_WIDTH, 1.0)
    wide = np.where(reports.moment, WIDER, 1.0) * half
    sigma = reports.sigma * (REACH_SIGMAS / FARTHEST_SIGMAS)
    spots = Spots(reports.xyz, sigma, middle - wide - (reports.start - reports.since), middle + wide)
    fits_kind = reports.distinct @ either_way() @ reports.distinct.T >= LEAST_FIT
    kind = reports.kind_of
    of, spread = reports.speaking[1], place + reports.extent**2
    found = [np.empty(0, np.int64)]
    for one, two in _near_within_each(spots, of) if own else near_within(spots):
        fits = fits_kind[kind[one], kind[two]]
        i, j = one[fits], two[fits]
        near = _distance2(reports.xyz, i, j) <= REACH_SIGMAS**2 * (spread[i] + spread[j])
        found.append(i[near] * len(of) + j[near])
    every = np.sort(np.concatenate(found))
    each = max(-(-len(every) // MOST_PAIRS), 1)
    i, j = np.divmod(every[::each], max(len(of), 1))
    both = moment[i] & moment[j]
    shown = mean_kinds(reports.frame["group"], kind, np.ones(len(kind), np.int64), reports.distinct)
    pairs, during, lasting = Pairs(reports, density, shown), np.zeros(len(i)), np.flatnonzero(~both)
    during[lasting] = pairs.time(i[lasting], j[lasting])
    return _Pairs(
        of=(of[i], of[j]),
        place=(place[i], place[j]),
        fixed=reports.extent[i] ** 2 + reports.extent[j] ** 2,
        time=(error[i] ** 2, error[j] ** 2),
        distance2=_distance2(reports.xyz, i, j),
        apart2=np.where(both, (middle[i] - middle[j]) ** 2, np.nan),
        clear=reports.moment[i] & reports.moment[j],
        other=pairs.kind(i, j) - pairs.rival(i, j) + during,
        each=each,
    )


def corrected(reports: Reports, learned: pl.DataFrame) -> Reports:
    """``reports`` with the errors of place and of moments as learned (LEARNED)."""
    told = {
        (figure, name): factor for figure, name, factor in learned.select("figure", "source_id", "factor").iter_rows()
    }
    factor = {
        figure: np.array([told.get((figure, name), 1.0) for name in reports.names], dtype=np.float64)[reports.source]
        for figure in ("place_error_m", "time_error_s")
    }
    cov = reports.cov.copy()
    for axis, extent2 in ((0, reports.extent**2), (1, 0.0), (2, reports.extent**2)):
        cov[:, axis] = (cov[:, axis] - extent2) * factor["place_error_m"] ** 2 + extent2
    middle, half = (reports.start + reports.end) / 2, (reports.end - reports.start) / 2
    half = np.where(reports.moment, half * factor["time_error_s"], half)
    return replace(
        reports,
        cov=cov,
        sigma=np.sqrt(np.maximum(cov[:, 0], cov[:, 2])),
        start=middle - half,
        end=middle + half,
        since=middle - half - (reports.start - reports.since),
    )
