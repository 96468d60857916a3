"""How well incidents fit what is alleged: time, place, kind, target and actor, for every pair that can meet at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen import geodesy
from teisen.judgement.bits import share
from teisen.judgement.draws import draws
from teisen.judgement.places import Places
from teisen.judgement.subjects import KIND_NOT_SAID, KIND_OF_FORCE, of_allegations, of_incidents
from teisen.judgement.worlds import PossibleWorlds
from teisen.observation import attack_kinds, compatibility, in_class, vocabulary
from teisen.sources import Source

MOMENT = pl.duration(microseconds=1)
SHORTEST_US = 3_600_000_000
"""Intervals count as at least an hour long when overlaps are weighed: few statements are finer. Assumed."""


@dataclass(frozen=True)
class Fits:
    """How well an incident fits an allegation where one of the two says nothing of a thing. All assumed.

    ``target_untold``: the incident's target is not stated and the allegation's is; below one half, so that such an
    incident alone makes an allegation partly, never fully, corroborated. ``actor_untold``: nobody says who did it; 1
    where a place tells which incident is meant. ``area_alone``: one of the two is known no closer than its area; above
    one half, so that with a matching stated target it corroborates, and without one does so partly. ``nowhere``: the
    allegation names no place; something like it anywhere is weak support.
    """

    target_untold: float = 0.4
    actor_untold: float = 1.0
    area_alone: float = 0.6
    nowhere: float = 0.3


FITS = Fits()
SURELY = Fits(area_alone=1.0, nowhere=1.0)
"""Of a number, what is known by its area lies in it, and what names no place is anywhere."""
LEAST = 0.01
"""Pairs that fit less than this are left out."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def matches(
    allegations: pl.DataFrame,
    incidents: pl.DataFrame,
    evidence: pl.DataFrame,
    sources: Mapping[str, Source],
    places: Places,
    *,
    fits: Fits = FITS,
) -> pl.DataFrame:
    """Pairs of an allegation and an incident that may be what it alleges, with P(it is).

    Evidence from sources of the accuser is left out: an incident that stands on nothing else is no match, and one that
    also stands on others keeps only the odds that these give it.

    Args:
        allegations: those that were read (ALLEGATION).
        incidents: INCIDENT. evidence: EVIDENCE, what the incidents stand on.
        sources: by id; a source that the mapping lacks is taken to be nobody's.
        places: the ground.
        fits: of what one of the two does not say.

    Returns:
        Columns ``allegation_id``, ``incident_id``, ``p``; best first for each allegation, ties by id.
    """
    a, i = _meeting(allegations, incidents)
    subjects = (of_allegations(allegations), of_incidents(incidents))
    fit = _standing(allegations, partial(without_own, incidents, evidence, sources), a, i)
    target, actor = partial(_target, untold=fits.target_untold), partial(_actor, untold=fits.actor_untold)
    for factor in (_time, _kind, target, actor):
        fit = fit * factor(*subjects, a, i)
        kept = fit >= LEAST
        a, i, fit = a[kept], i[kept], fit[kept]
    fit = np.round(fit * _place(*subjects, a, i, places, fits), 6)
    pairs = pl.DataFrame(
        {
            "allegation_id": allegations["allegation_id"].gather(a),
            "incident_id": incidents["incident_id"].gather(i),
            "p": fit,
        }
    )
    return pairs.filter(pl.col("p") >= LEAST).sort("allegation_id", "p", "incident_id", descending=[False, True, False])


def chances(
    allegations: pl.DataFrame,
    incidents: pl.DataFrame,
    evidence: pl.DataFrame,
    sources: Mapping[str, Source],
    places: Places,
) -> pl.DataFrame:
    """Pairs of an allegation of a number and an incident, with the chance that the incident is one of that number.

    Other than :func:`matches`, which asks for the one incident that is meant, chances add up: of several a kind is that
    kind and no compatible one, a target has to be stated, and an area is where it lies.

    Args:
        allegations: ALLEGATION. incidents: INCIDENT. evidence: EVIDENCE, without the accuser's own sources.
        sources: by id. places: the ground.

    Returns:
        Columns ``allegation_id``, ``incident_id``; ``strict``, the chance but for who did it, with the share of the
        incident's interval that lies in the window, and ``loose``, where as much of it does as can; ``told``, P(sources
        name the accused), and ``untold``, P(nobody is named). Sorted by both ids.
    """
    a, i = _meeting(allegations, incidents)
    subjects = (of_allegations(allegations), of_incidents(incidents))
    base = _standing(allegations, partial(without_own, incidents, evidence, sources), a, i)
    one = (allegations["quantity"].fill_null(1.0) <= 1).to_numpy()[a]
    base = base * np.where(one, _kind(*subjects, a, i), _same_kind(*subjects, a, i))
    base = base * _target(*subjects, a, i, untold=0.0)
    kept = base >= LEAST
    a, i, base = a[kept], i[kept], base[kept]
    base = base * _place(*subjects, a, i, places, SURELY)
    told = _actor(*subjects, a, i, untold=0.0)
    pairs = pl.DataFrame(
        {
            "allegation_id": allegations["allegation_id"].gather(a),
            "incident_id": incidents["incident_id"].gather(i),
            "strict": np.round(base * _inside(*subjects, a, i), 6),
            "loose": np.round(base * _time(*subjects, a, i), 6),
            "told": np.round(told, 6),
            "untold": np.round(_actor(*subjects, a, i, untold=1.0) - told, 6),
        }
    )
    return pairs.filter(pl.col("loose") >= LEAST).sort("allegation_id", "incident_id")


def without_own(
    incidents: pl.DataFrame, evidence: pl.DataFrame, sources: Mapping[str, Source], accuser: str
) -> pl.DataFrame:
    """INCIDENT with P(of the conflict) as it is without what the accuser's own sources say; 0: they alone make it."""
    own = [name for name, source in sources.items() if source.reported_by == accuser]
    return incidents.with_columns(pl.Series("p_conflict", _without(own, incidents, evidence)))


def _standing(allegations: pl.DataFrame, known: Callable[[str], pl.DataFrame], a: Ints, i: Ints) -> Floats:
    """P(of the conflict) of each pair's incident without what the accuser's own sources say."""
    accusers = allegations["accuser"].gather(a)
    fit = np.zeros(len(a))
    for party in sorted(allegations["accuser"].unique()):
        here = (accusers == party).to_numpy()
        fit[here] = known(party)["p_conflict"].to_numpy()[i[here]]
    return fit


def _meeting(allegations: pl.DataFrame, incidents: pl.DataFrame) -> tuple[Ints, Ints]:
    """Row numbers of allegations and incidents whose intervals share time; one ends before its last moment, and a
    moment lies in what begins with it."""
    end = pl.max_horizontal("end", pl.col("start") + MOMENT)
    left = allegations.select(pl.int_range(pl.len()).alias("a"), "start", end=end)
    right = incidents.select(pl.int_range(pl.len()).alias("i"), s="start", e=end)
    met = left.join_where(right, pl.col("s") < pl.col("end"), pl.col("e") > pl.col("start")).sort("a", "i")
    return met["a"].to_numpy(), met["i"].to_numpy()


def _without(own: Sequence[str], incidents: pl.DataFrame, evidence: pl.DataFrame) -> Floats:
    """P(of the conflict) of incidents without evidence of ``own`` sources; 0 where no other's makes the incident."""
    theirs = pl.col("source_id").is_in(list(own))
    taken = (
        evidence.filter(theirs & pl.col("relation").is_in(["member", "supports"]))
        .group_by("incident_id")
        .agg(pl.col("log_ratio").fill_null(0.0).clip(0.0).sum().round(3).alias("taken"))
    )
    others = evidence.filter(~theirs & (pl.col("relation") == "member")).select("incident_id", stands=True).unique()
    odds = pl.col("p_conflict") / (1 - pl.col("p_conflict")).clip(1e-4) * (-pl.col("taken")).exp()
    left = pl.when(pl.col("taken").is_null()).then(pl.col("p_conflict")).otherwise(odds / (1 + odds))
    table = (
        incidents.select("incident_id", "p_conflict")
        .join(taken, on="incident_id", how="left", maintain_order="left")
        .join(others, on="incident_id", how="left", maintain_order="left")
        .select(p=pl.when("stands").then(left).otherwise(0.0).fill_null(0.0))
    )
    return np.asarray(table["p"].to_numpy(), dtype=np.float64)


def _time(alleged: pl.DataFrame, happened: pl.DataFrame, a: Ints, i: Ints) -> Floats:
    """Overlap of the two intervals over the shorter of them."""
    start_a, end_a, start_i, end_i = _moments(alleged, happened)
    overlap = np.minimum(end_a[a], end_i[i]) - np.maximum(start_a[a], start_i[i]) + SHORTEST_US
    shorter = np.minimum(end_a[a] - start_a[a], end_i[i] - start_i[i]) + SHORTEST_US
    return np.asarray(np.clip(overlap / shorter, 0.0, 1.0), dtype=np.float64)


def _inside(alleged: pl.DataFrame, happened: pl.DataFrame, a: Ints, i: Ints) -> Floats:
    """Share of the incident's interval that lies in the window alleged; of a moment, all."""
    start_a, end_a, start_i, end_i = _moments(alleged, happened)
    span = end_i[i] - start_i[i]
    overlap = np.minimum(end_a[a], end_i[i]) - np.maximum(start_a[a], start_i[i])
    return np.clip(np.where(span > 0, overlap / np.maximum(span, 1.0), 1.0), 0.0, 1.0)


def _moments(*frames: pl.DataFrame) -> tuple[Floats, ...]:
    """Starts and ends of subjects, microseconds."""
    return tuple(
        frame[name].dt.epoch("us").to_numpy().astype(np.float64) for frame in frames for name in ("start", "end")
    )


def _same_kind(alleged: pl.DataFrame, happened: pl.DataFrame, a: Ints, i: Ints) -> Floats:
    """P(the incident's kind is that alleged); of a use of force not told further, and of no kind, any use of force."""
    kinds = list(vocabulary().kinds)
    force = np.isin(kinds, attack_kinds())
    said = _dense(alleged, "kinds", "kind", kinds)
    any_of = said[:, [kinds.index(KIND_OF_FORCE), kinds.index(KIND_NOT_SAID)]].sum(axis=1, keepdims=True)
    seen = _dense(happened, "kinds", "kind", kinds)
    wanted = np.maximum(said, any_of * force)
    return np.asarray(np.minimum(np.einsum("pk,pk->p", wanted[a], seen[i]), 1.0), dtype=np.float64)


def _kind(alleged: pl.DataFrame, happened: pl.DataFrame, a: Ints, i: Ints) -> Floats:
    """Expected compatibility of the incident's kind with the one alleged."""
    kinds = list(vocabulary().kinds)
    table = np.array([[compatibility(seen, said) for said in kinds] for seen in kinds])
    said = _dense(alleged, "kinds", "kind", kinds)
    seen: Floats = _dense(happened, "kinds", "kind", kinds) @ table
    return np.asarray(np.einsum("pk,pk->p", said[a], seen[i]), dtype=np.float64)


def _target(alleged: pl.DataFrame, happened: pl.DataFrame, a: Ints, i: Ints, *, untold: float) -> Floats:
    """P(the thing hit is of the class alleged, or either contains the other); 1 where no class is alleged."""
    classes = list(vocabulary().target_classes)
    related = np.array([[float(in_class(t, c) or in_class(c, t)) for c in classes] for t in classes])
    said = _dense(alleged, "targets", "kind", classes)
    stated = _dense(happened, "targets", "kind", classes)
    rest = np.clip(1 - stated.sum(axis=1), 0.0, 1.0) * untold
    fits = np.einsum("pc,pc->p", said[a], (stated @ related)[i] + rest[i, None])
    return np.where(said[a].sum(axis=1) > 0, np.minimum(fits, 1.0), 1.0)


def _actor(alleged: pl.DataFrame, happened: pl.DataFrame, a: Ints, i: Ints, *, untold: float) -> Floats:
    """P(the accused did it), with a share of what nobody is said to have done; 1 where nobody is accused."""
    words = sorted(set(alleged.select(pl.col("actors").list.explode().struct.field("party").drop_nulls()).to_series()))
    said = _dense(alleged, "actors", "party", words)
    done = _dense(happened, "actors", "party", words)
    total: Floats = (
        happened.select(pl.col("actors").list.eval(pl.element().struct.field("p")).list.sum().fill_null(0.0))
        .to_series()
        .to_numpy()
    )
    fits = np.einsum("pc,pc->p", said[a], done[i]) + np.clip(1 - total[i], 0.0, 1.0) * untold
    return np.where(said[a].sum(axis=1) > 0, np.minimum(fits, 1.0), 1.0)


def _dense(frame: pl.DataFrame, column: str, field: str, words: Sequence[str]) -> Floats:
    """Probabilities of alternatives as a matrix (rows, words)."""
    table = np.zeros((frame.height, len(words)))
    if not table.size:
        return table
    long = (
        frame.select(pl.int_range(pl.len()).alias("row"), pl.col(column).alias("slot"))
        .explode("slot", empty_as_null=True, keep_nulls=True)
        .drop_nulls("slot")
        .select("row", pl.col("slot").struct.field(field).alias("word"), pl.col("slot").struct.field("p"))
        .filter(pl.col("word").is_in(list(words)))
        .sort("row", "word", "p")
    )
    code = long["word"].replace_strict({word: n for n, word in enumerate(words)}, return_dtype=pl.Int64)
    np.add.at(table, (long["row"].to_numpy(), code.to_numpy()), long["p"].to_numpy())
    return table


def _place(  # noqa: PLR0917  the same pair as every factor takes, and where things are
    alleged: pl.DataFrame, happened: pl.DataFrame, a: Ints, i: Ints, places: Places, fits: Fits
) -> Floats:
    """How well two places agree.

    Two points: P(their errors part them further | one place). A point and an area: P(it lies in the area), and two
    areas: whether they are one, both times ``area_alone``; no place alleged: ``nowhere``.
    """
    points = [frame["lon"].is_not_null().to_numpy() for frame in (alleged, happened)]
    areas = [frame["area_id"].fill_null("").to_numpy() for frame in (alleged, happened)]
    lon, lat = ([frame[name].to_numpy() for frame in (alleged, happened)] for name in ("lon", "lat"))
    variances = [_variance(frame) for frame in (alleged, happened)]
    apart = geodesy.distance_m(lon[0][a], lat[0][a], lon[1][i], lat[1][i])
    both = np.exp(-(apart**2) / (2 * (variances[0][a] + variances[1][i])))
    one = np.where(areas[0][a] == areas[1][i], fits.area_alone, 0.0)
    fit = np.where(points[0][a] & points[1][i], both, one)
    for point, frame, rows, other_point, area in (
        (points[1], happened, i, points[0][a], areas[0][a]),
        (points[0], alleged, a, points[1][i], areas[1][i]),
    ):
        mixed = point[rows] & ~other_point
        fit[mixed] = fits.area_alone * _in_areas(frame, rows[mixed], area[mixed], places)
    nowhere = ~points[0][a] & (areas[0][a] == "")
    return np.where(nowhere, fits.nowhere, fit)


def _variance(frame: pl.DataFrame) -> Floats:
    """Mean variance of a place along its axes, square metres; at least that of a metre."""
    major = pl.col("place_error_m").fill_null(0.0)
    mean = (major**2 + pl.col("place_error_minor_m").fill_null(major) ** 2) / 2
    values: Floats = frame.select(mean.clip(1.0)).to_series().to_numpy()
    return values


def _in_areas(frame: pl.DataFrame, rows: Ints, areas: NDArray[np.object_], places: Places) -> Floats:
    """P(the place of each row lies in the area beside it)."""
    answer = np.zeros(len(rows))
    for area in sorted({str(name) for name in areas if name}):
        here = areas == area
        wanted, back = np.unique(rows[here], return_inverse=True)
        mask = np.zeros(frame.height, dtype=np.bool_)
        mask[wanted] = True
        inside = PossibleWorlds(frame.filter(pl.Series(mask)), places, draws(256)).within((area,))
        answer[here] = share(inside)[back]
    return answer
