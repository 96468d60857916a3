"""Fusing again after new data: what they can't touch keeps its rows, and the rest is fused as if all were new.

What is touched spreads in steps, each of which looks only at what changed in the one before:

1. reports that are new, gone or changed, and those whose local density changes with them;
2. components (:class:`teisen.fusion.making.Joined`) that such a report is in or near: they are parted anew;
3. incidents that are no longer what they were, and supports and exposure that are new, gone or changed, bound a time;
4. supports that meet this time choose anew between all incidents that they meet; incidents that these supports meet
   have their evidence written again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from teisen.fusion.copies import originals
from teisen.fusion.density import around
from teisen.fusion.fuse import (
    Basis,
    Fused,
    Heard,
    Standing,
    attach,
    distinct,
    fuse_heard,
    handed_over,
    hear,
    standing,
    tell,
    watching,
)  # fmt: skip
from teisen.fusion.habits import Habits, habits_of
from teisen.fusion.making import Joined, join, make, parted
from teisen.fusion.near import Ints, near_between
from teisen.fusion.reports import Reports
from teisen.fusion.span import Flags, Span, meeting
from teisen.geodesy import Floats
from teisen.sources import Ground, Source


def fuse_again(
    before: Fused,
    observations: pl.DataFrame,
    exposure: pl.DataFrame,
    ground: Ground,
    sources: Mapping[str, Source],
    *,
    learned: pl.DataFrame | None = None,
    habits: Habits | None = None,
) -> Fused:
    """What :func:`teisen.fusion.fuse` gives of all these, sooner: only what changed since ``before`` is fused.

    Where the ground, a source's declaration or a habit (:mod:`teisen.fusion.habits`) changed, all is fused.

    Args:
        before: fused earlier, in this process, from most of the same.
        observations: OBSERVATION: all of them, the old and the new.
        habits: where they are to stay as they were found at one time, as for a month; None: found in ``observations``.
    """
    observations = distinct(observations)
    heard = hear(
        observations,
        ground,
        sources,
        habits or habits_of(observations, sources, learned, exposure=exposure, ground=ground),
    )
    basis = before.basis
    if (
        basis is None
        or not _same_ground(basis.ground, ground)
        or dict(basis.sources) != dict(sources)
        or not _alike(basis, heard.habits)
    ):
        return fuse_heard(heard, exposure, ground, sources)

    span = _changes(basis, heard, exposure)
    joined, was = _joined(basis.placed.joined, heard.placed, heard.habits)
    fresh = np.flatnonzero(was < 0)
    remade = make(joined.take(fresh), heard.habits.shown, heard.habits.reporting, ground)
    start, end = _as_before(basis.placed, was)
    start[fresh], end[fresh] = remade.settled.start, remade.settled.end
    reach = _reach(basis.placed, was, start, end, span=span, heard=heard, basis=basis)
    few, whole = _narrowed(heard, reach.asked)
    taking = np.flatnonzero(whole.meets(start, end))
    made = make(joined.take(taking), heard.habits.shown, heard.habits.reporting, ground)
    attached = attach(few, made, sources)
    watched = watching(meeting(exposure, reach.asked), sources)
    rows = list(
        tell(few, made, attached, watched, ground=ground, sources=sources, only=np.flatnonzero(reach.told[taking]))
    )
    ids = np.append(basis.placed.incident_id.to_numpy(), "")[was]
    ids[taking] = made.settled.incident_id.to_numpy()
    placed = Standing(joined, pl.Series("incident_id", ids, dtype=pl.String), start, end)

    joined_alone = join(_left(basis, heard, few, attached), heard.habits.reporting)
    alone = make(joined_alone, heard.habits.shown, heard.habits.reporting, ground)
    was_alone = _was(basis.alone.joined, joined_alone, np.zeros(len(joined_alone.first), np.int64))
    reach_alone = _reach(
        basis.alone, was_alone, alone.settled.start, alone.settled.end, span=span, heard=heard, basis=basis
    )
    few, _ = _narrowed(heard, reach_alone.asked)
    watched = watching(meeting(exposure, reach_alone.asked), sources)
    rows += tell(
        few, alone, attached.clear(), watched, ground=ground, sources=sources, only=np.flatnonzero(reach_alone.told)
    )

    gone = pl.concat([reach.gone, reach_alone.gone]).unique().implode()
    kept = [one.filter(~pl.col("incident_id").is_in(gone)) for one in (before.incidents, before.evidence)]
    basis = Basis(heard, placed, standing(joined_alone, alone), exposure, ground, sources)
    return handed_over([kept[0], *(one for one, _ in rows)], [kept[1], *(one for _, one in rows)], basis)


@dataclass(frozen=True)
class Reach:
    """Which incidents are ``told`` anew, the time that is ``asked`` for their supports, and the ids of rows
    ``gone``."""

    told: Flags
    asked: Span
    gone: pl.Series


def _reach(old: Standing, was: Ints, start: Floats, end: Floats, *, span: Span, heard: Heard, basis: Basis) -> Reach:
    """How far what changed reaches: ``was``, ``start`` and ``end`` are of the new incidents."""
    dropped = np.setdiff1d(np.arange(len(old.start)), was)
    span = span.over(start[was < 0], end[was < 0]).over(old.start[dropped], old.end[dropped])
    chosen = span
    for reports in (heard.areal, heard.supports, basis.heard.areal, basis.heard.supports):
        chosen = chosen.over_reports(reports, span.meets(reports.since, reports.end))
    told = chosen.meets(start, end)
    gone = old.incident_id.gather(np.union1d(dropped, was[told & (was >= 0)]).astype(np.int64))
    return Reach(told, chosen.over(start[told], end[told]), gone)


def _as_before(old: Standing, was: Ints) -> tuple[Floats, Floats]:
    return np.append(old.start, 0.0)[was], np.append(old.end, 0.0)[was]


def _same_ground(one: Ground, two: Ground) -> bool:
    """Whether all is the same of the ground that fusion looks at: who holds which areas is no matter of it."""
    return one is two or all(a.equals(b) for a, b in zip(looked_at(one), looked_at(two), strict=True))


def looked_at(ground: Ground) -> tuple[pl.DataFrame, ...]:
    """Tables of the ground in which a change would change incidents."""
    lasting = ground.areas.filter(pl.col("level") != "control").sort("area_id", "valid_from", "geometry")
    names = ground.areas.select("area_id", "name").unique().sort("area_id", "name")
    return lasting, names, ground.background


def _alike(basis: Basis, habits: Habits) -> bool:
    """Whether the habits are the same that bear on everything; errors of sources bear on their own reports."""
    one, two = basis.heard.habits, habits
    names = ("number", "emission", "kind_prior", "usual", "alone", "in_a_cell", "reach", "unjoined")
    arrays = ((one.shown, two.shown), *((getattr(one.reporting, name), getattr(two.reporting, name)) for name in names))
    return one.reporting.sources == two.reporting.sources and all(np.array_equal(a, b) for a, b in arrays)


def _prints(reports: Reports) -> pl.DataFrame:
    """``observation_id`` of each report and a hash of all that fusion takes from it."""
    numbers = np.column_stack([reports.cov, reports.start, reports.end, reports.since, reports.base])
    table = pl.concat([reports.frame, pl.DataFrame(numbers), reports.credit.to_frame()], how="horizontal")
    kinds = pl.DataFrame(reports.distinct).hash_rows().gather(reports.kind_of).alias("kinds")
    return reports.frame.select("observation_id").with_columns(print=table.with_columns(kinds).hash_rows())


def _joined(old: Joined, makers: Reports, habits: Habits) -> tuple[Joined, Ints]:
    """The reports joined, and of each new label the old one that it is the same as, -1 where there is none."""
    lead = originals(makers)
    first = np.flatnonzero(lead == np.arange(len(makers)))
    of = makers.take(first)
    around_, cells = around(of, habits.reporting, old.cells)
    then = _prints(old.reports.take(old.first)).with_columns(
        incidents=pl.Series(old.around.incidents),
        alarms=pl.Series(old.around.alarms),
        at=pl.arange(0, len(old.first), eager=True),
    )
    now = _prints(of).with_columns(incidents=pl.Series(around_.incidents), alarms=pl.Series(around_.alarms))
    at = now.join(then, on=["observation_id", "print", "incidents", "alarms"], how="left", maintain_order="left")["at"]
    same = at.is_not_null().to_numpy()
    origin = at.fill_null(-1).to_numpy()
    part, mark = (np.append(one, -1)[origin] for one in (old.component, old.label))
    changed = np.flatnonzero(~same)
    lost = np.setdiff1d(np.arange(len(old.first)), origin[same])
    spots = of.spots
    mine = spots.take(changed)
    meeting = Span().over(mine.start, mine.end).meets(spots.start, spots.end)
    others = np.flatnonzero(meeting & same)
    near = others[np.unique(near_between(mine, spots.take(others))[1])]
    touched = np.union1d(old.component[lost], part[near])
    anew = ~same | np.isin(part, touched)
    some = np.flatnonzero(anew)
    found = parted(of.take(some), around_.take(some), habits.reporting)
    mark[some], part[some] = found.label + len(old.first), found.component + len(old.first)
    part = np.unique(part, return_inverse=True)[1]
    joined = Joined(makers, lead, first, _counted(mark), part, around_, cells)
    return joined, _was(old, joined, origin)


def _counted(label: Ints) -> Ints:
    """Labels counted anew in the order of their first members."""
    _, first, of = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return np.asarray(rank[of])


def _was(old: Joined, new: Joined, origin: Ints) -> Ints:
    """Of each new label the old one with the same reports, copies too, none of them changed; -1 where there is none."""
    then = _prints(old.reports).with_columns(then=pl.Series(old.incident))
    now = _prints(new.reports).with_columns(label=pl.Series(new.incident))
    met = now.join(then, on=["observation_id", "print"], how="left")
    size = then.group_by("then").len("size")
    denser = pl.DataFrame({"label": new.label, "denser": origin < 0}).group_by("label").agg(pl.col("denser").any())
    labels = (
        met.group_by("label")
        .agg(pl.len(), pl.col("then").min(), pl.col("then").n_unique().alias("n"))
        .join(size, on="then", how="left")
        .join(denser, on="label", how="left")
        .sort("label")
    )
    same = (pl.col("n") == 1) & (pl.col("len") == pl.col("size")) & ~pl.col("denser")
    return labels.select(pl.when(same.fill_null(False)).then("then").otherwise(-1)).to_series().to_numpy()


def _changes(basis: Basis, heard: Heard, exposure: pl.DataFrame) -> Span:
    """The time of supports, reports of an area alone and exposure that are new, gone or changed."""
    span = Span()
    for name, base in (("areal", "areal_base"), ("supports", "base")):
        one, two = getattr(basis.heard, name), getattr(heard, name)
        prints = [_prints(of).with_columns(base=pl.Series(getattr(all_, base))).with_row_index("at")
                  for of, all_ in ((one, basis.heard), (two, heard))]  # fmt: skip
        key = ["observation_id", "print", "base"]
        for reports, mine, others in ((one, *prints), (two, *reversed(prints))):
            span = span.over_reports(reports, mine.join(others, on=key, how="anti")["at"].to_numpy().astype(np.int64))
    for mine, others in ((basis.exposure, exposure), (exposure, basis.exposure)):
        rows = mine.filter(~mine.hash_rows().is_in(others.hash_rows().implode()))
        span = span.over(*(rows[name].dt.epoch("us").to_numpy() / 1e6 for name in ("start", "end")))
    return span


def _narrowed(heard: Heard, span: Span) -> tuple[Heard, Span]:
    """Supports and reports of an area alone that meet ``span``, and the span with all of their time."""
    areal, supports = (
        np.flatnonzero(span.meets(reports.since, reports.end)) for reports in (heard.areal, heard.supports)
    )
    few = replace(
        heard,
        areal=heard.areal.take(areal),
        supports=heard.supports.take(supports),
        areal_base=heard.areal_base[areal],
        base=heard.base[supports],
    )
    return few, span.over_reports(heard.areal, areal).over_reports(heard.supports, supports)


def _left(basis: Basis, heard: Heard, few: Heard, attached: pl.DataFrame) -> Reports:
    """Reports of an area alone that support no incident: as before, where they did not choose anew."""
    chose = few.areal.frame["observation_id"]
    supports = chose.gather(attached["support"])
    before = basis.alone.joined.reports.frame["observation_id"]
    every = heard.areal.frame["observation_id"]
    left = (every.is_in(chose.implode()) & ~every.is_in(supports.implode())) | (
        ~every.is_in(chose.implode()) & every.is_in(before.implode())
    )
    return heard.areal.take(np.flatnonzero(left.to_numpy()))
