"""Evidence for and against each incident, and P(it is an incident of the conflict) as the sum of its log ratios.

Naive Bayes over groups of sources. The most credible group founds the belief with its odds of reporting truly; each
other group adds that it saw the same; supports add how unusual they are; groups that watched and saw nothing take away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import polars as pl

from teisen.fusion.coverage import NEGLIGIBLE, Seeing, seen_by_each
from teisen.fusion.exposed import P_STEPS, Watch, runs, starts
from teisen.fusion.making import Made
from teisen.fusion.near import Ints
from teisen.fusion.posterior import Settled
from teisen.fusion.reporting import Reporting
from teisen.fusion.reports import Reports
from teisen.fusion.span import Flags
from teisen.fusion.supports import detections
from teisen.fusion.unjoined import joined, of_group
from teisen.geodesy import Floats
from teisen.sources import Ground, Source
from teisen.tables import PROBABILITY_DECIMALS

AGREEMENT_AT_MOST = 3.0
"""Largest log ratio with which a second group's agreement is believed (assumed)."""
MISS_AT_MOST = 0.95
"""Largest probability to detect that a miss is believed with (assumed)."""
COUNTS_FROM = 0.4
"""A support counts as a group of its own from this log ratio (a factor of 1.5; assumed)."""
LEAST, MOST = 0.002, 0.99
"""P(conflict) is kept within these: fusion alone is never certain."""

HUNDREDTHS = [str(n / 100) for n in range(101)]
UNSEEN = {"watched": "too weak to see", "no_data": "no data"}
"""States of exposure in words, where they say it otherwise."""

RELATIONS = pl.Enum(["could_not_see", "member", "missed", "supports"])
"""In their order as words."""
COLUMNS = ["incident", "source_id", "group", "observation_id", "relation", "log_ratio", "p_detect", "reason"]


def names_of(sources: Mapping[str, Source], *told: Iterable[str]) -> pl.Enum:
    """Names of sources and their groups as numbers in the order of names, which are quicker to compare."""
    declared = [name for source_id, source in sources.items() for name in (source_id, source.profile.group)]
    return pl.Enum(sorted({*declared, *(name for some in told for name in some)}))


def member_rows(made: Made, sources: Mapping[str, Source], reporting: Reporting, names: pl.Enum) -> pl.DataFrame:
    """Evidence rows of members (:data:`COLUMNS`), ``incident`` being the label; sources and groups by ``names``."""
    reports, lead = made.reports, made.lead
    p_detect = detections(reports.names, reports.source, sources, made.settled.kinds[made.label])
    added = np.log1p(p_detect * np.exp(np.minimum(_agreement(made), AGREEMENT_AT_MOST))).round(3)
    source = reporting.index(reports)
    first, further = (np.where(reports.weighed, 0.0, one[source]) for one in reporting.repeats)
    base = np.round(reports.base, 3)
    name, group = (pl.Series(one, dtype=names) for one in (reports.names, reports.groups))
    codes = (_numbers(one)[reports.source] for one in (name, group))
    stands = _standing(made, *codes, base=base, added=added)
    so_far, before = (np.minimum(first + further * (stands.nth - step), AGREEMENT_AT_MOST) for step in (0, 1))
    alone = np.log(
        np.where(_unjoined(made, source, of_group(reporting.sources, sources)), reporting.unjoined[source], 1)
    )
    founding = base + np.minimum(first, AGREEMENT_AT_MOST) + alone
    log_ratio = np.select([stands.founds, stands.same, stands.agrees], [founding, so_far - before, added], 0.0)
    copies = lead != np.arange(len(reports))
    repeats = stands.same & reports.weighed
    which = np.select([copies, stands.founds, repeats, stands.same, stands.agrees], [5, 4, 0, 1, 2], 3)
    mostly = np.flatnonzero(~copies & stands.founds & (first <= -0.1))
    copied = np.flatnonzero(copies)
    words = [
        "a further report of the same source: what lies about it is in the odds of the first",
        "a further report of the same source: it repeats a false one less often than a true one",
        "a source independent of the others agrees in place, time and kind",
        "a further report of the same group of sources: counts once",
    ]
    credit, ids = _credit(reports.credit, alone), reports.frame["observation_id"]
    reasons = [
        pl.Series(words),
        credit,
        credit.gather(mostly) + "; of an incident it mostly makes more reports than one",
        "a copy of " + ids.gather(lead[copied]) + ": counts once",
    ]
    at = np.where(which < len(words), which, len(words) + np.arange(len(reports)))
    at[mostly] = len(words) + len(reports) + np.arange(len(mostly))
    at[copied] = len(words) + len(reports) + len(mostly) + np.arange(len(copied))
    return pl.DataFrame(
        {
            "incident": made.label,
            "source_id": name.gather(reports.source),
            "group": group.gather(reports.source),
            "observation_id": ids,
            "relation": pl.Series(["member"], dtype=RELATIONS).new_from_index(0, len(reports)),
            "log_ratio": np.round(log_ratio, 3),
            "p_detect": pl.Series([None], dtype=pl.Float64).new_from_index(0, len(reports)),
            "reason": pl.concat([one.alias("reason") for one in reasons]).gather(at),
        }
    )


def _unjoined(made: Made, source: Ints, among: Flags) -> Flags:
    """Reports whose incident no original report of another source of their group joined."""
    own = np.flatnonzero(made.lead == np.arange(len(made.lead)))
    alone = ~made.reports.weighed
    alone[own] &= ~joined(made.label[own], source[own], among)
    return alone


def _credit(credit: pl.Series, alone: Floats) -> pl.Series:
    """Reasons of the odds, with what stands ``alone`` adds to them as a log."""
    percent = np.round((1 - np.exp(alone)) * 100).astype(np.int64)
    if not percent.any():
        return credit
    others = "of its true reports are joined by others of its group, and this one is by none"
    return credit + pl.Series(["", *(f"; {p} % {others}" for p in range(1, 101))]).gather(percent)


@dataclass(frozen=True)
class _Standing:
    """How each report stands among those of its incident, shape (n,): it ``founds`` the belief; is of the ``same``
    source as that which does, and the ``nth`` of these; ``agrees`` as the first of another group."""

    founds: Flags
    same: Flags
    nth: Ints
    agrees: Flags


def _standing(made: Made, source: Ints, group: Ints, *, base: Floats, added: Floats) -> _Standing:
    """The most credible group founds the belief by its most credible report that is no copy.

    Args:
        source, group: numbers of each report's, in the order of names.
    """
    n, label = len(base), made.label
    founds, same, nth, agrees = (
        np.ones(n, np.bool_),
        np.zeros(n, np.bool_),
        np.zeros(n, np.int64),
        np.zeros(n, np.bool_),
    )
    many = np.flatnonzero(np.bincount(label)[label] > 1) if n else label
    source, group = source[many], group[many]
    copy, of = made.lead[many] != many, label[many]
    each = np.unique(of * (group.max(initial=0) + 1) + group, return_inverse=True)[1]
    best = np.full(each.max(initial=-1) + 1, -np.inf)
    np.maximum.at(best, each, base[many])
    # Reports are in the order of their ids.
    order = np.lexsort((many, -added[many], -base[many], copy, group, -best[each], of))
    many, source, group, copy, of, each = (one[order] for one in (many, source, group, copy, of, each))
    starts, speaks = np.ones(len(of), np.bool_), np.ones(len(of), np.bool_)
    starts[1:], speaks[1:] = of[1:] != of[:-1], each[1:] != each[:-1]
    first = np.flatnonzero(starts)[np.cumsum(starts) - 1]
    like = (source == source[first]) & ~copy
    so_far = np.cumsum(like)
    founds[many], same[many], agrees[many] = starts, like, speaks & (group != group[first])
    nth[many] = so_far - so_far[first]
    return _Standing(founds, same, nth, agrees)


def _agreement(made: Made) -> Floats:
    """Mean log ratio of each report with the reports of other groups in its incident; 0 where there are none."""
    label, pairs, groups = made.label, made.pairs, made.reports.groups
    group = np.unique(np.array(groups, dtype=np.str_), return_inverse=True)[1][made.reports.source]
    own = np.flatnonzero(made.lead == np.arange(len(label)))
    own = own[np.bincount(label[own], minlength=len(made.settled))[label[own]] > 1]
    order = own[np.argsort(label[own], kind="stable")]
    bounds = (np.searchsorted(label[order], label[own], side=side) for side in ("left", "right"))
    other, of = runs(*bounds)
    i, j = own[of], order[other]
    i, j = i[group[i] != group[j]], j[group[i] != group[j]]
    value = pairs.of_areas(i, j) if np.isnan(made.reports.lon).all() else pairs.of_places(i, j)
    total = np.bincount(i, value, len(label))
    return np.asarray(np.round(total / np.maximum(np.bincount(i, minlength=len(label)), 1), 3))


def support_rows(supports: Reports, found: pl.DataFrame, names: pl.Enum) -> pl.DataFrame:
    """Evidence rows of supports, from what :func:`teisen.fusion.supports.supporting` found; sources by ``names``."""
    support = found["support"].to_numpy()
    nowhere = (supports.frame["area_id"].is_null().to_numpy() & np.isnan(supports.lon))[support]
    away = (
        pl.when(pl.Series(nowhere))
        .then(pl.lit("of no stated place, so of every incident of its time"))
        .when(pl.col("distance_m").is_null())
        .then(pl.lit("over its area"))
        .otherwise(pl.format("{} km away", (pl.col("distance_m") / 1000).round(0).cast(pl.Int64)))
    )
    name, group = (
        pl.Series(one, dtype=names).gather(supports.source[support]) for one in (supports.names, supports.groups)
    )
    return found.select(
        "incident",
        name.alias("source_id"),
        group.alias("group"),
        supports.frame["observation_id"].gather(support),
        relation=pl.lit("supports", RELATIONS),
        log_ratio="log_ratio",
        p_detect=pl.lit(None, pl.Float64),
        reason=pl.format(
            "{}, covers {} % of its time; this source says so here {} % of the time",
            away,
            (pl.col("fit") * 100).round(0).cast(pl.Int64),
            (pl.col("base") * 100).round(0).cast(pl.Int64),
        ),
    )


def once(members: pl.DataFrame, supports: pl.DataFrame) -> pl.DataFrame:
    """Members and supports together; a group that has a member, or a better support, counts no further support."""
    rows = supports.sort(["incident", "group", "log_ratio", "observation_id"], descending=[False, False, True, False])
    of, made = (_codes(one["incident"], one["group"]) for one in (rows, members))
    counts = ~np.isin(of, made)
    counts[1:] &= of[1:] != of[:-1]
    first = pl.Series(counts, dtype=pl.Boolean)
    rows = rows.with_columns(
        log_ratio=pl.when(first).then("log_ratio").otherwise(0.0),
        reason=pl.when(~first)
        .then(pl.format("{}; its group of sources counts once", "reason"))
        .when(pl.col("log_ratio") > 0)
        .then("reason")
        .otherwise(pl.format("{}: moves nothing", "reason")),
    )
    return pl.concat([members, rows.sort("observation_id")])


def seeing(settled: Settled, exposure: Watch, ground: Ground) -> Seeing:
    """What each source could have seen of incidents, by their numbers."""
    places = pl.DataFrame(
        {"id": np.arange(len(settled)), "from_s": settled.start, "to_s": settled.end, "area_id": settled.area_id}
        | {name: pl.Series(of, nan_to_null=True) for name, of in (("lon", settled.lon), ("lat", settled.lat))}
    )
    return seen_by_each(places, exposure, ground.areas, settled.inside, settled.kinds)


def miss_rows(seen: Seeing, rows: pl.DataFrame, exposure: Watch, sources: Mapping[str, Source]) -> pl.DataFrame:
    """Evidence rows of sources with exposure at an incident and no report of it: missed, or could not see.

    The silence of a source that speaks for a party counts nothing, for parties leave out what they like; nor that of
    one that only supports, for it names no single incidents.

    Args:
        seen: what :func:`seeing` gave.
    """
    names = _names(rows["source_id"])
    groups = [sources[name].profile.group if name in sources else name for name in seen.names]
    tells = [n in sources and sources[n].profile.role == "makes" and sources[n].reported_by is None for n in seen.names]
    name, group = (pl.Series(one, dtype=rows.schema["source_id"]) for one in (seen.names, groups))
    said = seen.id * len(names) + _numbers(name)[seen.source]
    silent = np.flatnonzero(~np.isin(said, _codes(rows["incident"], rows["source_id"])))
    id_, source, why = (one[silent] for one in (seen.id, seen.source, seen.why))
    p = seen.p[silent]
    missed = p >= NEGLIGIBLE
    here = id_ * len(names) + _numbers(group)[source]
    may = missed & np.array(tells, np.bool_)[source]
    counts = np.flatnonzero(may & ~np.isin(here, _codes(rows["incident"], rows["group"])))
    likelier = here[counts] * (P_STEPS + 1) + P_STEPS - np.round(p[counts] * P_STEPS).astype(np.int64)
    order = counts[np.argsort(likelier, kind="stable")]
    first = order[starts(here[order])]
    log_ratio = np.zeros(len(p))
    log_ratio[first] = np.round(np.log(1 - np.minimum(p[first], MISS_AT_MOST)), 3)
    titles = [sources[one].profile.title if one in sources else one for one in seen.names]
    return pl.DataFrame(
        {
            "incident": id_,
            "source_id": name.gather(source),
            "group": group.gather(source),
            "observation_id": pl.Series([""]).new_from_index(0, len(id_)),
            "relation": pl.Series(["could_not_see", "missed"], dtype=RELATIONS).gather(missed.astype(np.int64)),
            "log_ratio": log_ratio,
            "p_detect": pl.Series(p, nan_to_null=True),
            "reason": _silences(source, why, np.where(missed, p, np.nan), titles, exposure.why),
        }
    )


def in_words(rows: pl.DataFrame, incident_id: pl.Series) -> pl.DataFrame:
    """Evidence rows (:data:`COLUMNS`) with the columns of EVIDENCE, nearly in its order: numbers are put in order much
    sooner than words are."""
    relation, source = (_numbers(rows[name]) for name in ("relation", "source_id"))
    number = rows["incident"].to_numpy() * len(RELATIONS.categories) + relation
    rows = rows.rechunk()[np.argsort(number * len(_names(rows["source_id"])) + source, kind="stable")]
    words = pl.col("source_id", "relation").cast(pl.String)
    return rows.select(incident_id.gather(rows["incident"]), words, "observation_id", "log_ratio", "p_detect", "reason")


def _names(numbered: pl.Series) -> pl.Series:
    """The names that a column of sources or groups has as numbers, see :func:`names_of`."""
    return cast("pl.Enum", numbered.dtype).categories


def _numbers(named: pl.Series) -> Ints:
    """The numbers of a column of sources or groups, see :func:`names_of`."""
    return named.to_physical().to_numpy().astype(np.int64)


def _codes(incident: pl.Series, name: pl.Series) -> Ints:
    """One number for each incident and source, or group."""
    many = len(_names(name))
    return np.asarray(incident.to_numpy().astype(np.int64) * many + _numbers(name))


def _silences(source: Ints, why: Ints, p: Floats, titles: Sequence[str], whys: pl.DataFrame) -> pl.Series:
    """Why each source said nothing, in words; every sentence is written once.

    Args:
        source: index in ``titles``. why: row of ``whys`` (``state``, ``reason``).
        p: with which it would have reported it; NaN where it could not see.
    """
    unseen = len(HUNDREDTHS)
    percent = np.where(np.isnan(p), unseen, np.round(np.nan_to_num(p) * 100)).astype(np.int64)
    said = (why * len(titles) + source) * (unseen + 1) + percent
    _, first, of = np.unique(said, return_index=True, return_inverse=True)
    states, reasons = whys["state"].to_list(), whys["reason"].to_list()
    sentences = []
    for title, row, at in zip((titles[one] for one in source[first]), why[first], percent[first], strict=True):
        if at < unseen:
            seen = f"watched, would have reported it with p {HUNDREDTHS[at]}; nothing reported"
        else:
            seen = UNSEEN.get(states[row], states[row])
        sentences.append(f"{title}: {seen} ({reasons[row]})")
    return pl.Series(sentences, dtype=pl.String).gather(of)


def believe(every: pl.DataFrame, told: pl.DataFrame, m: int) -> pl.DataFrame:
    """``p_conflict``, ``n_observations`` and ``n_groups`` of incidents 0 to ``m``, in that order.

    ``p_conflict`` is the logistic of the sum of the log ratios of ``every`` row, within 0.002 and 0.99. Groups are
    those of members, and of supports that move the odds by a factor of 1.5 and more: both are ``told``.
    """
    log_odds = np.bincount(every["incident"].to_numpy(), every["log_ratio"].to_numpy(), m)
    p = 1 / (1 + np.exp(-np.round(log_odds, 3)))
    member = (told["relation"] == "member").to_numpy()
    groups = np.sort(_codes(told["incident"], told["group"])[member | (told["log_ratio"].to_numpy() >= COUNTS_FROM)])
    groups = groups[starts(groups)]
    return pl.DataFrame(
        {
            "p_conflict": np.round(np.clip(p, LEAST, MOST), PROBABILITY_DECIMALS),
            "n_observations": np.bincount(told["incident"].to_numpy()[member], minlength=m),
            "n_groups": np.bincount(groups // len(_names(told["group"])), minlength=m),
        }
    )
