"""Fusing part after part of time, for more reports than memory holds: together the parts are what fusing all gives.

A part is told of with what lies around it: some days on either side are fused with it, and of more days beyond the
cells are counted that tell local density. Whether that is enough is not assumed but checked, from the outside in:

1. a component (:class:`teisen.fusion.making.Joined`) that is near a report outside, or that lasts so long that it may
   be near one that was not read, may be more than what is known of it; its time, and all beyond it, is cut off. So is
   that of
2. supports and reports of an area alone that reach out of what is left: others may fit them better;
3. incidents of reports of an area alone that reach out of what is left then.

Where what is left does not hold the part and the incidents that begin in it, twice as many days are taken, in the end
all there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import polars as pl

from teisen.fusion.copies import APART_S, originals
from teisen.fusion.density import FARTHEST_M, METRES_PER_SECOND, around
from teisen.fusion.fuse import Fused, Heard, attach, distinct, hear, left_over, tell, watching
from teisen.fusion.habits import Habits, habits_of
from teisen.fusion.making import Joined, join, make, parted
from teisen.fusion.near import DAY_S, FARTHEST_SIGMAS, Ints, near_between
from teisen.fusion.reports import TIME_ERROR_ELSE_S, TRACE_LASTS_S, Reports
from teisen.fusion.schema import EVIDENCE, INCIDENT
from teisen.fusion.span import Flags, Span, meeting
from teisen.fusion.supports import BASE_DAYS
from teisen.geodesy import Floats
from teisen.sources import Ground, Source

AT_ONCE = 400_000
"""Observations of a part, about: decides memory, and no result."""
HALO_S = 6.0 * DAY_S
"""Time on either side that is fused with a part; twice as much where that is not enough."""
DENSITY_S = FARTHEST_M / METRES_PER_SECOND + DAY_S
"""Reports farther off in time bear on no density."""
SLACK_S = 4.0 * DAY_S
"""More is read than density needs, for copies of reports of so long an interval."""
BASE_S = (BASE_DAYS + 1.0) * DAY_S
"""Supports farther off in time bear on no base share."""


def fuse_in_parts(
    observations: pl.LazyFrame,
    exposure: pl.LazyFrame,
    ground: Ground,
    sources: Mapping[str, Source],
    *,
    learned: pl.DataFrame | None = None,
    habits: Habits | None = None,
    at_once: int = AT_ONCE,
) -> Iterator[Fused]:
    """What :func:`teisen.fusion.fuse` gives, some time after other: all parts' rows together, in order, are the same.

    Args:
        observations: OBSERVATION, each once, as a scan of files; each part reads its own time and some around it,
            which is quickest where files or their row groups follow time.
        exposure: EXPOSURE, likewise.
        learned: as :func:`teisen.fusion.fuse` takes them.
        habits: likewise.
        at_once: observations of a part; memory grows with them, and results are the same.
    """
    habits = habits or habits_of(observations, sources, learned, exposure=exposure, ground=ground)
    case = _Case(observations, exposure, ground, sources, habits, _margin(sources, habits))
    for part in _cut(observations, at_once):
        halo, fused = HALO_S, None
        while fused is None:
            fused, halo = _fused(case, part, halo), halo * 2
        yield fused


@dataclass(frozen=True)
class _Case:
    """``margin``: a report is taken to be up to so many seconds off the time of its observation."""

    observations: pl.LazyFrame
    exposure: pl.LazyFrame
    ground: Ground
    sources: Mapping[str, Source]
    habits: Habits
    margin: float


def _margin(sources: Mapping[str, Source], habits: Habits) -> float:
    errors = [TIME_ERROR_ELSE_S, *(source.profile.time_error_s.value for source in sources.values())]
    factors: list[float] = habits.learned.filter(figure="time_error_s")["factor"].to_list()
    return FARTHEST_SIGMAS * max(errors) * max([1.0, *factors]) + max(TRACE_LASTS_S.values()) + 1.0


def _cut(observations: pl.LazyFrame, at_once: int) -> list[Span]:
    """Parts of whole days that hold some ``at_once`` observations each; the first and the last are open."""
    middle = (pl.col("start").dt.epoch("s") + pl.col("end").dt.epoch("s")) // 2 // DAY_S
    days = observations.group_by(day=middle).len().collect().sort("day")
    part = (days["len"].cum_sum() - 1) // at_once
    first = days.filter(part != part.shift(1, fill_value=part[0] if len(part) else None))["day"].to_list()
    edges = [-np.inf, *(float(day * DAY_S) for day in first), np.inf]
    return [Span(*ends) for ends in pairwise(edges)]


def _fused(case: _Case, part: Span, halo: float) -> Fused | None:
    """Incidents that begin in ``part``; None: more of what is around has to be known."""
    habits, ground, sources = case.habits, case.ground, case.sources
    inner = Span(part.start - halo, part.end + halo)
    more = DENSITY_S + APART_S + SLACK_S
    rows, outer = _read(case, Span(inner.start - more, inner.end + more))
    heard = hear(rows, ground, sources, habits)
    known = _joined(heard.placed, inner, outer, habits)
    if known is None:
        return None
    joined, bad = known
    middle = part.start if np.isinf(part.end) else part.end if np.isinf(part.start) else (part.start + part.end) / 2
    left = outer.without(heard.placed.since[bad], heard.placed.end[bad], middle)
    if not _within(part, left):
        return None

    left = Span(max(left.start, outer.start + BASE_S), min(left.end, outer.end - BASE_S))
    few, chose = _chosen(heard, left, middle)
    placed = make(joined, habits.shown, habits.reporting, ground)
    attached = attach(few, placed, sources)
    begun = np.flatnonzero((placed.settled.start >= part.start) & (placed.settled.start < part.end))

    joined_alone, left = _alone(left_over(few, attached), chose, middle, habits)
    alone = make(joined_alone, habits.shown, habits.reporting, ground)
    few_alone, chose_alone = _chosen(few, left, middle)
    begun_alone = np.flatnonzero((alone.settled.start >= part.start) & (alone.settled.start < part.end))
    told = ((placed, attached, few, begun, chose), (alone, attached.clear(), few_alone, begun_alone, chose_alone))
    if not _within(part, left):
        return None
    if not all(span.holds(of.settled.start[some], of.settled.end[some]).all() for of, _, _, some, span in told):
        return None

    asked = Span()
    for of, _, _, some, _ in told:
        asked = asked.over(of.settled.start[some], of.settled.end[some])
    watched = watching(_watched(case.exposure, asked), sources)
    found = [
        rows
        for of, also, with_, some, _ in told
        for rows in tell(with_, of, also, watched, ground=ground, sources=sources, only=some)
    ]
    return Fused(
        INCIDENT.hand_over(INCIDENT.gather(one for one, _ in found)),
        EVIDENCE.gather(one for _, one in found).sort(EVIDENCE.key, maintain_order=True),
        habits,
    )


def _within(part: Span, left: Span) -> bool:
    return left.start <= part.start and left.end >= part.end


def _read(case: _Case, span: Span) -> tuple[pl.DataFrame, Span]:
    """Observations that meet ``span``, and the time in which there is no other report; open where there is none."""
    from_, to = pl.col("end").dt.epoch("us") / 1e6 < span.start, pl.col("start").dt.epoch("us") / 1e6 >= span.end
    before, after = case.observations.select(from_.any().alias("before"), to.any().alias("after")).collect().row(0)
    rows = case.observations
    if before:
        rows = rows.filter(pl.col("end") >= _moment(span.start))
    if after:
        rows = rows.filter(pl.col("start") < _moment(span.end))
    start = span.start + case.margin if before else -np.inf
    end = span.end - case.margin if after else np.inf
    return distinct(rows.collect()), Span(start, end)


def _moment(seconds: float) -> pl.Expr:
    return pl.lit(int(seconds * 1e6)).cast(pl.Datetime("us", "UTC"))


def _watched(exposure: pl.LazyFrame, span: Span) -> pl.DataFrame:
    if span.end < span.start:
        return exposure.head(0).collect()
    slack = 2.0
    start, end = _moment(span.start - slack), _moment(span.end + slack)
    return meeting(exposure.filter(pl.col("end") >= start, pl.col("start") <= end).collect(), span)


def _joined(placed: Reports, inner: Span, outer: Span, habits: Habits) -> tuple[Joined, Flags] | None:
    """Incidents of ``inner`` that nothing else can be near, and which reports are of no such one; None: copies reach
    too far out."""
    lead = originals(placed)
    first = np.flatnonzero(lead == np.arange(len(placed)))
    if not _whole_texts(placed, inner, outer):
        return None
    of = placed.take(first)
    beside, cells = around(of, habits.reporting)
    middle = (of.start + of.end) / 2
    here = (middle >= inner.start) & (middle < inner.end)
    mine, others = np.flatnonzero(here), np.flatnonzero(~here)
    few = of.take(mine)
    found = parted(few, beside.take(mine), habits.reporting)
    near = np.union1d(_near(few, of.take(others)), np.flatnonzero(~outer.holds(few.spots.start, few.spots.end)))
    good = ~np.isin(found.component, found.component[near])
    some = np.flatnonzero(np.isin(lead, first[mine]))
    at = np.searchsorted(some, lead[some]), np.searchsorted(some, first[mine])
    joined = Joined(placed.take(some), *at, found.label, found.component, beside.take(mine), cells)
    kept = np.unique(found.label[good])
    bad = np.ones(len(placed), np.bool_)
    bad[some[np.isin(joined.incident, kept)]] = False
    return joined.take(kept), bad


def _near(mine: Reports, others: Reports) -> Ints:
    """Those of ``mine`` that one of ``others`` may be near."""
    spots, theirs = mine.spots, others.spots
    beside = np.flatnonzero(Span().over(spots.start, spots.end).meets(theirs.start, theirs.end))
    theirs = theirs.take(beside)
    edge = np.flatnonzero(_meets_any(spots.start, spots.end, theirs.start, theirs.end))
    return edge[np.unique(near_between(spots.take(edge), theirs)[0])]


def _meets_any(start: Floats, end: Floats, other_start: Floats, other_end: Floats) -> Flags:
    """Which intervals meet some of the others: as many others have not begun at their end as have ended at their
    start, where they meet none."""
    begun = np.searchsorted(np.sort(other_start), end, side="right")
    ended = np.searchsorted(np.sort(other_end), start, side="left")
    return np.asarray(begun > ended)


def _whole_texts(placed: Reports, inner: Span, outer: Span) -> bool:
    """Whether it is known, of reports that bear on ``inner``, which are copies, and all copies of those in it.

    The same text again within two days may be a copy; chains of such reports are looked at as a whole.
    """
    key = ["group", "native_id", "lon", "lat", "area_id"]
    texts = placed.frame.select(key).with_columns(
        start=pl.Series(placed.start), middle=pl.Series((placed.start + placed.end) / 2)
    )
    texts = texts.drop_nulls("native_id").sort(*key, "start")
    new = (pl.col("start") - pl.col("start").shift(1) > APART_S).over(key).fill_null(True)
    chains = (
        texts.with_columns(chain=new.cum_sum().over(key))
        .group_by(*key, "chain")
        .agg(
            pl.col("start").min().alias("from"),
            pl.col("start").max().alias("to"),
            pl.col("middle").min().alias("begun"),
            pl.col("middle").max().alias("last"),
        )
    )
    unsure = (pl.col("from") < outer.start + APART_S) & (pl.col("last") >= inner.start - DENSITY_S)
    open_ = (pl.col("to") >= outer.end - APART_S) & (pl.col("begun") < inner.end)
    return chains.filter(unsure | open_).is_empty()


def _chosen(heard: Heard, known: Span, middle: float) -> tuple[Heard, Span]:
    """Reports of an area alone and supports that lie in the time that is ``known``, and what of it no other meets."""
    inside = [known.holds(of.since, of.end) for of in (heard.areal, heard.supports)]
    left = known
    for of, here in zip((heard.areal, heard.supports), inside, strict=True):
        left = left.without(of.since[~here], of.end[~here], middle)
    areal, supports = (np.flatnonzero(here) for here in inside)
    few = replace(
        heard,
        areal=heard.areal.take(areal),
        supports=heard.supports.take(supports),
        areal_base=heard.areal_base[areal],
        base=heard.base[supports],
    )
    return few, left


def _alone(left: Reports, known: Span, middle: float, habits: Habits) -> tuple[Joined, Span]:
    """Incidents of reports of an area alone that lie in the time that is ``known``, and what of it no others meet."""
    joined = join(left, habits.reporting)
    out = ~known.holds(left.since, left.end)
    component = joined.component[np.searchsorted(joined.first, joined.lead)]
    bad = np.isin(component, component[out])
    kept = np.unique(joined.incident[~bad])
    return joined.take(kept), known.without(left.since[bad], left.end[bad], middle)
