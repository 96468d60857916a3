"""Coverage: what each source could have seen of a place and time, from its exposure rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from teisen.fusion.exposed import P_STEPS, Rows, Watch, runs, starts, watch
from teisen.fusion.kinds import by_trace, kind_names, numbered
from teisen.fusion.narrowest import US, area_sizes, left_of_wider, narrowest, pieces, ranks
from teisen.fusion.near import Ints, Spots, by_day, containing, near_between
from teisen.geodesy import MEAN_RADIUS_M, Floats, distance_m, unit_vectors

MEAN_OVER_DISC = 0.5
"""Mean of 1 - (distance / radius)^2 over a circle, for areas of which it covers a part."""
NEGLIGIBLE = 0.005
"""A probability to detect below this is "could not see"."""


@dataclass(frozen=True)
class _Seen:
    """What was watched of places, arrays in the order of ``id`` and ``what``: numbers of these and of ``why``, ``p``
    (NaN: unknown), ``watched`` and ``blind`` as :func:`coverage` gives them."""

    id: Ints
    what: Ints
    why: Ints
    p: Floats
    watched: Floats
    blind: Floats


@dataclass(frozen=True)
class Seeing:
    """What each source could have seen of places: arrays in the order of place (``id``) and ``source`` (place among
    ``names``), with the number of ``why``, ``p`` (NaN: unknown) and the share of time ``watched``."""

    names: tuple[str, ...]
    id: Ints
    source: Ints
    why: Ints
    p: Floats
    watched: Floats


def coverage(
    places: pl.DataFrame, exposure: pl.DataFrame | Watch, areas: pl.DataFrame, inside: pl.DataFrame | None = None
) -> pl.DataFrame:
    """What each source could have seen of each place, by kind.

    Args:
        places: ``id``, ``lon``, ``lat``, ``area_id`` (a point, an area or both) and ``from_s``, ``to_s`` in seconds.
        exposure: EXPOSURE. Rows of an area hold for the places in it, rows with a radius for the points within it (for
            an area alone: for the share of it that the circle covers), rows with neither for every place. Where they
            say that detection falls, less with distance.
        areas: AREA, to tell which places lie in which areas.
        inside: where that is known already: ``at`` (index of the place) and ``area_id``.

    Returns:
        One row for ``id``, ``source_id``, ``kind``: ``p``, the time-weighted probability to detect over the place's
        whole interval (time without a row counts as not watched; empty: never known), by any of the source's circles
        that hold there, and of its areas by the narrowest (:mod:`teisen.fusion.narrowest`); ``watched`` and ``blind``,
        shares of the interval; ``state`` and ``reason`` of the row that holds longest.
    """
    watched = exposure if isinstance(exposure, Watch) else watch(exposure)
    seen = _watching(places, watched, areas, inside)
    return pl.DataFrame(
        [
            pl.Series("id", seen.id).cast(places.schema["id"]),
            *(watched.what[name].gather(seen.what) for name in ("source_id", "kind")),
            pl.Series("p", seen.p, nan_to_null=True),
            pl.Series("watched", seen.watched),
            pl.Series("blind", seen.blind),
            *(watched.why[name].gather(seen.why) for name in ("state", "reason")),
        ]
    )


@dataclass(frozen=True)
class _Asked:
    """Pairs of an asked place and a row of exposure that holds there, arrays of shape (pairs,) in the order of ``key``.

    ``where`` is the area that the row is of, ``post`` its circle (-1: none), ``from_s`` and ``to_s`` the time
    asked about within a day, ``share`` how much of the asked place it holds for, ``near`` what distance leaves of its
    chance to detect, ``whole`` all of the time, ms.
    """

    key: Ints
    where: Ints
    post: Ints
    from_s: Floats
    to_s: Floats
    share: Floats
    near: Floats
    whole: Ints
    row: Ints

    def take(self, index: Ints) -> _Asked:
        """The pairs at ``index``."""
        return _Asked(*(getattr(self, name)[index] for name in self.__dataclass_fields__))

    def at_once(self, rows: Rows, rank: Ints | None) -> tuple[Ints, dict[str, Ints]]:
        """Sums as :func:`_summed` has them, of keys that several posts hold for: what two of them could report at one
        time is missed if both miss it, and what they watch one after the other adds up.

        What is not stated as circles counts as one post.
        """
        piece, pair, us = pieces(self.key, self.from_s, self.to_s, self.row, rows)
        if rank is not None:
            kept = self.where[pair] < 0
            kept[~kept] = narrowest(piece[~kept], rank[self.where[pair[~kept]]])
            piece, pair, us = piece[kept], pair[kept], us[kept]
        order = np.lexsort((self.post[pair], piece))
        piece, pair, us = piece[order], pair[order], us[order]
        begins = starts(piece, self.post[pair])
        number = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(piece)))
        ms, span = np.round(us * self.share[pair] / 1_000).astype(np.int64), np.round(us / 1_000).astype(np.int64)
        _, each = _summed(number, ms, self.near[pair], span, rows=rows, row=self.row[pair])
        piece, pair, span = piece[begins], pair[begins], span[begins]
        part = np.minimum(span / np.maximum(each["length"], 1), 1.0)  # the same circle stated twice is one
        of = starts(piece)
        miss = 1 - each["seen"] * part / P_STEPS / np.maximum(span, 1)
        seen = np.round((1 - np.multiply.reduceat(miss, of)) * P_STEPS * span[of]).astype(np.int64)
        most = {
            name: np.minimum(np.add.reduceat(np.round(each[name] * part).astype(np.int64), of), span[of])
            for name in ("weight", "looked")
        }
        unknown = np.minimum.reduceat(np.where(each["unknown"] < each["weight"], 0, each["weight"]), of)
        key = self.key[pair[of]]
        first = starts(key)
        weight = _sums(most["weight"], first)
        return key[first], {
            "length": np.maximum(_sums(self.whole[pair[of]], first, np.maximum), weight),
            "weight": weight,
            "seen": _sums(seen, first),
            "looked": _sums(most["looked"], first),
            "unknown": _sums(np.where(unknown > 0, most["weight"], 0), first),
            "why": _sums(np.minimum.reduceat(each["why"], of), first, np.minimum),
            "other": _sums(np.maximum.reduceat(each["other"], of), first, np.maximum),
        }


def _watching(places: pl.DataFrame, watched: Watch, areas: pl.DataFrame, inside: pl.DataFrame | None) -> _Seen:
    """What :func:`coverage` gives, in numbers."""
    spans, rows, many = by_day(_links(places, watched.places, areas, inside)), watched.rows, max(watched.what.height, 1)
    place, day, who = (spans[name].to_numpy().astype(np.int64) for name in ("place", "day", "id"))
    a, b, share, length = (spans[name].to_numpy() for name in ("from_s", "to_s", "share", "length"))
    near = spans["near"].to_numpy()
    i, j = rows.on(place, day)
    shared = np.minimum(rows.to_s[j], b[i]) - np.maximum(rows.from_s[j], a[i])
    meet = np.flatnonzero(shared > 0)
    shared, i, j = shared[meet], i[meet], j[meet]
    key, post = who[i] * many + rows.what[j], rows.post[j]
    circles = bool((post >= 0).any())
    if circles or not (np.diff(key) >= 0).all():
        order = np.lexsort((post, key))
        shared, i, j, key, post = (one[order] for one in (shared, i, j, key, post))
    whole, at_once = np.round(length * 1_000).astype(np.int64), None
    where = np.where(post < 0, place[i], -1) if circles else place[i]
    wide = _of_several(key, where)
    several = _of_several(key, post + 1) if circles else wide[:0]
    if len(wide) or len(several):
        rank = ranks(watched.places, areas) if len(wide) else None
        asked = _Asked(key, where, post, a[i], b[i], share[i], near[i], whole[i], j)
        at_once = asked.take(several).at_once(rows, rank) if len(several) else None
        if rank is not None:
            some = asked.take(wide)
            left = left_of_wider(some.key, some.where, some.from_s, some.to_s, some.row, rows, rank)
            shared[wide] = np.minimum(shared[wide], left / US)
            kept = np.flatnonzero(shared > 0)
            shared, i, j, key = (one[kept] for one in (shared, i, j, key))
    why, ms = rows.why[j], np.round(shared * share[i] * 1_000).astype(np.int64)
    of, sums = _summed(key, ms, near[i], whole[i], rows=rows, row=j)
    if at_once is not None:
        sums = {name: np.where(np.isin(of, at_once[0]), 0, values) for name, values in sums.items()}
        for name, values in at_once[1].items():
            sums[name][np.searchsorted(of, at_once[0])] = values
    longest, full = np.array(sums["why"]), sums["length"].astype(np.float64)
    torn = np.flatnonzero(sums["why"] != sums["other"])
    longest[torn] = _longest(key, why, ms, of[torn])
    known = sums["unknown"] < sums["weight"]
    return _Seen(
        *(of // many, of % many, longest),
        p=np.where(known, np.round(sums["seen"] / P_STEPS / full, 6), np.nan),
        watched=np.round(sums["looked"] / full, 6),
        blind=np.round((sums["weight"] - sums["looked"]) / full, 6),
    )


def _of_several(key: Ints, area: Ints) -> Ints:
    """Where several areas (-1: none) hold for one ``key``, in order: the rows of areas of it."""
    change = (area[1:] != area[:-1]) & (key[1:] == key[:-1]) & (np.minimum(area[1:], area[:-1]) >= 0)
    if not change.any():
        return np.flatnonzero(change)
    return np.flatnonzero(np.isin(key, key[1:][change]) & (area >= 0))


def _summed(key: Ints, ms: Ints, near: Floats, whole: Ints, *, rows: Rows, row: Ints) -> tuple[Ints, dict[str, Ints]]:
    """Each key, in order, and sums over its rows: ``whole`` the time asked about, ``ms`` that which each holds, and
    what distance leaves of its chance to detect, ``near``."""
    first = starts(key)
    why, weight = rows.why[row], _sums(ms, first)
    return key[first], {
        "length": np.maximum(_sums(whole, first, np.maximum), weight),
        "weight": weight,
        "seen": _sums(np.round(ms * near).astype(np.int64) * rows.p[row] * rows.known[row], first),
        "looked": _sums(ms * rows.looks[row], first),
        "unknown": _sums(ms * rows.unknown[row], first),
        "why": _sums(why, first, np.minimum),
        "other": _sums(why, first, np.maximum),
    }


def _sums(values: Ints, first: Ints, by: np.ufunc = np.add) -> Ints:
    """Sums (least, largest) of the runs of ``values`` that start at ``first``."""
    return np.asarray(by.reduceat(values, first) if len(first) else values[:0])


def _longest(key: Ints, why: Ints, ms: Ints, several: Ints) -> Ints:
    """Which ``why`` holds longest for each key of ``several`` (in order), the smallest of those that hold as long."""
    some = np.flatnonzero(np.isin(key, several))
    some = some[np.lexsort((why[some], key[some]))]
    first = some[starts(key[some], why[some])]
    total = _sums(ms[some], starts(key[some], why[some]))
    order = np.lexsort((why[first], -total, key[first]))
    return why[first][order][starts(key[first][order])]


def reached(places: pl.DataFrame, watched: Watch, areas: pl.DataFrame) -> pl.DataFrame:
    """Which of the places that are watched hold for each of ``places`` (``id``, ``lon``, ``lat``, ``area_id``).

    Returns:
        ``id`` and ``place``, a number of :class:`Watch`, and ``near``, what distance leaves of its chance to detect.
        Places for which the same ones hold, as near, are watched alike.
    """
    whole = places.with_columns(from_s=pl.lit(0.0), to_s=pl.lit(0.0))
    return _links(whole, watched.places, areas, None).select("id", "place", "near").unique()


def seen_by_source(seen: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """Probability that each source reports each place's incident, over the kinds that it may be.

    Args:
        seen: what :func:`coverage` gave.
        kinds: ``id``, ``kind``, ``weight``: what the incident may be; weights of an id sum to 1.

    A source without rows for a kind of attack is taken to see it by its traces: the best of its rows, times
    compatibility. Of other kinds it says nothing then.

    Returns:
        ``id``, ``source_id``, ``p`` (empty: unknown), ``watched``, ``state``, ``reason``.
    """
    sources = seen["source_id"].unique().sort()
    ids = seen["id"].unique().sort()
    names = dict(zip(kind_names(), range(len(kind_names())), strict=True))
    weights = np.zeros((len(ids), len(names)))
    kinds = kinds.filter(pl.col("weight") > 0).filter(pl.col("id").is_in(ids.implode()))
    code = kinds["kind"].replace_strict(names, return_dtype=pl.Int64).to_numpy()
    weights[ids.search_sorted(kinds["id"]).to_numpy(), code] = kinds["weight"].to_numpy()
    at, who = (of.search_sorted(seen[name]).to_numpy() for of, name in ((ids, "id"), (sources, "source_id")))
    order = np.lexsort((who, at))
    seen, at, who = seen[order], at[order].astype(np.int64), who[order].astype(np.int64)
    by = seen["kind"].replace_strict(names, return_dtype=pl.Int64).to_numpy()
    p, looks = seen["p"].to_numpy(), seen["watched"].to_numpy()  # an empty one becomes NaN
    row, p, looks = _over_kinds(p, looks, at=at, who=who, by=by, weights=weights)
    told = seen[row].select("id", "source_id", "state", "reason")
    return told.select(
        "id", "source_id", pl.Series("p", p, nan_to_null=True), pl.Series("watched", looks), "state", "reason"
    )


def seen_by_each(
    places: pl.DataFrame, watched: Watch, areas: pl.DataFrame, inside: pl.DataFrame | None, weights: Floats
) -> Seeing:
    """:func:`seen_by_source` of :func:`coverage`, for places whose ``id`` are their numbers: 0, 1, ...

    Args:
        weights: of each kind at each place, shape (places, kinds).
    """
    seen = _watching(places, watched, areas, inside)
    sources, who = numbered(watched.what["source_id"])
    kinds = dict(zip(kind_names(), range(len(kind_names())), strict=True))
    by = np.array([kinds[name] for name in watched.what["kind"]], np.int64)[seen.what]
    row, p, looks = _over_kinds(seen.p, seen.watched, at=seen.id, who=who[seen.what], by=by, weights=weights)
    return Seeing(sources, seen.id[row], who[seen.what[row]], seen.why[row], p, looks)


def _over_kinds(
    chance: Floats, looks: Floats, *, at: Ints, who: Ints, by: Ints, weights: Floats
) -> tuple[Ints, Floats, Floats]:
    """Of rows with a ``chance`` to detect (NaN: unknown) and a share of time watched (``looks``), in the order of
    ``at`` (row of ``weights``) and source (``who``), by kind watched for: one row for each of these pairs (that of
    its weightiest kind), chance and share over all kinds.

    Of several rows that tell of a kind, that of the kind itself counts, else the one which sees most of it.
    """
    begins, fit = starts(at, who), by_trace()
    pair, many = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(at))), len(begins)
    total, known, most = np.zeros(many, np.int64), np.zeros(many, np.bool_), np.zeros(many)
    heaviest, row = np.zeros(many), np.full(many, -1)
    knows, chance, whole = ~np.isnan(chance), np.nan_to_num(chance), np.round(weights * 1e6).astype(np.int64)
    bounds = np.searchsorted(at, np.arange(len(weights) + 1))
    told_by = fit[:, np.bincount(by, minlength=len(fit)) > 0].any(axis=1)
    for kind in np.flatnonzero((weights > 0).any(axis=0) & told_by):
        of_kind = weights[:, kind]
        may = np.flatnonzero(of_kind > 0)
        some, of_may = runs(bounds[may], bounds[may + 1])
        fits = fit[kind][by[some]]
        some, of_may, fits = some[fits > 0], of_may[fits > 0], fits[fits > 0]
        part, of, at_ = np.round(chance[some] * fits * 1e8).astype(np.int64), pair[some], may[of_may]
        if (of[1:] == of[:-1]).any():
            order = np.lexsort((by[some], -part, ~knows[some], by[some] != kind, of))
            order = order[starts(of[order])]
            some, part, of, at_ = (one[order] for one in (some, part, of, at_))
        total[of] += part * whole[:, kind][at_]
        known[of] |= knows[some]
        weight = of_kind[at_]
        most[of] = np.maximum(most[of], looks[some])
        more = weight > heaviest[of]
        heaviest[of[more]], row[of[more]] = weight[more], some[more]
    told = np.flatnonzero(row >= 0)
    return row[told], np.where(known[told], np.round(total[told] / 1e14, 4), np.nan), most[told]


def _links(
    places: pl.DataFrame, watched: pl.DataFrame, areas: pl.DataFrame, inside: pl.DataFrame | None
) -> pl.DataFrame:
    """Which watched places hold for which ids: ``id``, ``from_s``, ``to_s``, their ``length``, ``place``, ``share``."""
    lon, lat = (places[name].to_numpy() for name in ("lon", "lat"))  # an empty one becomes NaN
    whole = watched.filter(pl.col("lon").is_null())
    of_areas, everywhere = whole.drop_nulls("area_id"), whole.filter(pl.col("area_id").is_null())["place"].to_numpy()
    names, area = numbered(of_areas["area_id"])
    if inside is None:
        inside = containing(areas.filter(pl.col("area_id").is_in(names)), lon, lat)
    every = np.arange(len(places))
    held = np.concatenate([inside["at"].to_numpy(), every])
    of = pl.concat([inside["area_id"], places["area_id"]]).cast(pl.Enum(names), strict=False).to_physical()
    known = np.flatnonzero(of.is_not_null().to_numpy())
    pairs = np.sort(held[known] * len(names) + of.to_numpy()[known].astype(np.int64))
    pairs = pairs[starts(pairs)]
    order = np.argsort(area, kind="stable")
    held, of_area = np.divmod(pairs, max(len(names), 1))
    bounds = np.searchsorted(area[order], np.arange(len(names) + 1))
    row, of_pair = runs(bounds[of_area], bounds[of_area + 1])
    at = np.concatenate([held[of_pair], np.repeat(every, len(everywhere))])
    place = np.concatenate([of_areas["place"].to_numpy()[order][row], np.tile(everywhere, len(every))])
    found = pl.DataFrame({"at": at, "place": place}).with_columns(share=pl.lit(1.0), near=pl.lit(1.0))
    circles = watched.filter(pl.col("lon").is_not_null())
    if circles.height:
        alone = pl.DataFrame({"at": every, "area_id": places["area_id"]}).filter(places["lon"].is_null())
        found = pl.concat([found, _within(lon, lat, circles), _covered(alone, circles, areas)])
    columns = {name: places[name].gather(found["at"]) for name in ("id", "from_s", "to_s")}
    length = np.maximum((columns["to_s"] - columns["from_s"]).to_numpy(), 1.0)
    return found.drop("at").with_columns(**columns, length=pl.Series(length))


def _within(lon: Floats, lat: Floats, circles: pl.DataFrame) -> pl.DataFrame:
    """Points within circles."""
    known = np.flatnonzero(~np.isnan(lon))
    x, y, radius = (circles[name].fill_null(0.0).to_numpy() for name in ("lon", "lat", "radius_m"))

    def spots(lam: Floats, phi: Floats, reach: Floats) -> Spots:
        zero = np.zeros(len(lam))
        return Spots(unit_vectors(lam, phi) * MEAN_RADIUS_M, reach, zero, zero + 1)

    i, j = near_between(spots(lon[known], lat[known], np.ones(len(known))), spots(x, y, np.maximum(radius, 1.0)))
    far = distance_m(lon[known][i], lat[known][i], x[j], y[j])
    close = far <= radius[j]
    falls = circles["falls"].fill_null(value=False).to_numpy()[j[close]]
    near = np.where(falls, np.round(1 - (far[close] / np.maximum(radius[j[close]], 1.0)) ** 2, 4), 1.0)
    return pl.DataFrame(
        {"at": known[i[close]], "place": circles["place"].gather(j[close])}, schema={"at": pl.Int64, "place": pl.UInt32}
    ).with_columns(share=pl.lit(1.0), near=pl.Series(near))


def _covered(alone: pl.DataFrame, circles: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """Areas that hold the middle of a circle, with the share of them that it covers."""
    inside = containing(areas, circles["lon"].to_numpy(), circles["lat"].to_numpy())
    return (
        inside.with_columns(
            place=circles["place"].gather(inside["at"]),
            radius=circles["radius_m"].fill_null(0.0).gather(inside["at"]),
            near=pl.when(circles["falls"].gather(inside["at"])).then(MEAN_OVER_DISC).otherwise(1.0),
        )
        .drop("at")
        .join(area_sizes(areas), on="area_id")
        .join(alone.select("at", "area_id"), on="area_id")
        .select("at", "place", share=(np.pi * pl.col("radius") ** 2 / pl.col("size_m2")).clip(0.0, 1.0), near="near")
    )
