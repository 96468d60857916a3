"""What sources counted in the periods that quotas ask about: a tally is judged as an incident is.

A source's counts of a unit are summed over places, where they lie within the period; a count of some days, or of an
area, stands for those of parts of them, which are not added to it (:mod:`teisen.judgement.nested`). Of what stays the
last count of each place stands. A source counted the period as a whole if it has a count of each place that it counts
on every local day of it, and of what stays one of each place (:mod:`teisen.judgement.whole`). Those who counted the
whole are heard before those who counted a part, and of these those who speak for no party before the parties: what
the others say is kept beside it. Sources of one group have one voice together. A period that nobody counted stands as a
row that says so, for it is no zero.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import polars as pl

from teisen.agreement import Agreement, Counted, Counting, leaves
from teisen.judgement.nested import PLACE, counted_once
from teisen.judgement.periods import Period, periods
from teisen.judgement.schema import TALLY
from teisen.judgement.whole import last_of_each, missed, spots
from teisen.sources import Source
from teisen.tables import PROBABILITY_DECIMALS, UTC_TIME

COUNT_DECIMALS = 6
_EPOCH = datetime.fromisoformat("1970-01-01T00:00Z")
_LAST = timedelta(microseconds=1)
Windows = list[tuple[int | None, int | None]]


def tallies(  # noqa: PLR0917  the stage's inputs, in the order of the data's way
    observations: pl.DataFrame,
    agreements: Sequence[Agreement],
    sources: Mapping[str, Source],
    start: datetime,
    until: datetime,
    areas: pl.DataFrame,
) -> pl.DataFrame:
    """Tallies (TALLY) of all that the agreements' quotas ask about.

    Args:
        observations: OBSERVATION; those with a ``count`` in a unit that is asked for.
        agreements: whose quotas.
        sources: by id, for their groups and whom they speak for.
        start: first moment of the case's data (aware); a period that began before is left out.
        until: moment up to which there are data; a period that is not over then is left out.
        areas: AREA, to tell which places lie in which areas that were counted.
    """
    rows = []
    for what, windows in sorted(_asked(agreements).items(), key=lambda one: str(one[0])):
        if what.zone is None:  # a quota per window without a window counts over nothing
            continue
        spans = [span for span in _spans(what, windows, start, until) if start <= span[0] and span[1] <= until]
        rows.append(_counted(observations.filter(pl.col("count_unit") == what.unit), what, spans, sources, areas))
    table = pl.concat([TALLY.empty(), *rows]).unique("tally_id", keep="first", maintain_order=True)
    return TALLY.hand_over(table)


def over_by(observations: pl.DataFrame, end: datetime) -> datetime:
    """The moment up to which a case has data: the last that an observation speaks of, and ``end`` at most."""
    last = observations.select(pl.max_horizontal("end", "reported").max()).item()
    return end if last is None else min(last, end)


def _asked(agreements: Sequence[Agreement]) -> dict[Counting, Windows]:
    """What quotas ask about, with the windows of the readings that ask."""
    found: dict[Counting, Windows] = {}
    for agreement in agreements:
        for provision in agreement.provisions:
            for reading in provision.readings:
                rule = agreement.rule(provision, reading)
                for part in leaves(rule):
                    if isinstance(part, Counted):
                        found.setdefault(part.counting, []).append((rule.span.start_us, rule.span.end_us))
    return found


def _spans(what: Counting, windows: Windows, start: datetime, until: datetime) -> list[Period]:
    """The periods that are asked about: of a window the window, else those that share time with one."""
    if what.per == "window":
        first, last = what.window or (None, None)
        return [] if first is None or last is None else [(_moment(first), _moment(last))]
    if what.zone is None or until <= start:
        return []
    return [
        (first, last)
        for first, last in periods(what.per, what.zone, start, until)
        if any((a is None or _moment(a) < last) and (b is None or _moment(b) > first) for a, b in windows)
    ]


def _moment(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)


def _counted(
    observations: pl.DataFrame,
    what: Counting,
    spans: Sequence[Period],
    sources: Mapping[str, Source],
    areas: pl.DataFrame,
) -> pl.DataFrame:
    zone = str(what.zone)
    day = {end: pl.col(end).dt.convert_time_zone(zone).dt.date() for end in ("first", "last")}
    span = pl.DataFrame(spans, schema={"first": UTC_TIME, "last": UTC_TIME}, orient="row").with_columns(
        **{"from": day["first"], "to": (pl.col("last") - _LAST).dt.convert_time_zone(zone).dt.date()}
    )
    counts = observations.filter(pl.col("count").is_not_null()).select(
        "source_id",
        "kind",
        "count",
        "start",
        "end",
        *PLACE,
        told=pl.date_ranges(
            pl.col("start").dt.convert_time_zone(zone).dt.date(),
            pl.max_horizontal("start", pl.col("end") - _LAST).dt.convert_time_zone(zone).dt.date(),
        ),
    )
    counts = spots(counts)
    inside = counts.join_where(span, pl.col("start") >= pl.col("first"), pl.col("end") <= pl.col("last"))
    within = counted_once(inside.filter(pl.col("start") < pl.col("last")), areas)
    within = last_of_each(within) if what.stays else within
    days = (pl.col("to").first() - pl.col("from").first()).dt.total_days() + 1
    each = within.group_by("first", "last", "source_id").agg(
        count=pl.col("count").sort().sum().round(COUNT_DECIMALS),
        whole=pl.lit(what.stays) | (pl.col("told").explode().n_unique() >= days),
    )
    lacking = missed(within, counts, areas, stays=what.stays).with_columns(part=pl.lit(value=True))
    each = each.join(lacking, on=["first", "last", "source_id"], how="left").with_columns(
        whole=pl.col("whole") & pl.col("part").is_null()
    )
    voices = (
        _heard(each, sources)
        .sort("first", "last", "source_id")
        .group_by("first", "last", maintain_order=True)
        .agg(
            pl.struct("source_id", "count", pl.col("p").round(PROBABILITY_DECIMALS)).alias("counts"),
            whole=pl.col("whole").any(),
        )
    )
    told = span.join(voices, on=["first", "last"], how="left", maintain_order="left")
    part = pl.when("whole").then(pl.lit("counted")).otherwise(pl.lit("counted_in_part"))
    return TALLY.check(
        told.select(
            pl.Series("tally_id", [_id(what, zone, one) for one in spans], dtype=pl.String),
            stays=pl.lit(what.stays),
            unit=pl.lit(what.unit),
            per=pl.lit(what.per),
            zone=pl.lit(zone),
            start="first",
            end="last",
            state=pl.when(pl.col("whole").is_null()).then(pl.lit("nobody_counted")).otherwise(part),
            counts=pl.col("counts").fill_null(pl.lit([], TALLY.schema["counts"])),
        )
    )


def _heard(each: pl.DataFrame, sources: Mapping[str, Source]) -> pl.DataFrame:
    """``each`` (``first``, ``last``, ``source_id``, ``whole``) with ``p``, its share of the voices; 0: not heard."""
    groups = {name: source.profile.group for name, source in sources.items()}
    ours = [name for name, source in sources.items() if source.reported_by]
    span = ("first", "last")
    rank = 2 * (~pl.col("whole")).cast(pl.Int64) + pl.col("source_id").is_in(ours).cast(pl.Int64)
    ranked = each.with_columns(heard=rank == rank.min().over(span), group=pl.col("source_id").replace(groups))
    many = pl.col("group").n_unique().over(*span, "heard") * pl.len().over(*span, "heard", "group")
    return ranked.with_columns(p=pl.when("heard").then(1 / many).otherwise(0.0))


def _id(what: Counting, zone: str, span: Period) -> str:
    kept = ("stays",) if what.stays else ()
    text = "\x1f".join((what.unit, what.per, zone, *kept, *(moment.isoformat() for moment in span)))
    return "tly-" + hashlib.sha256(text.encode()).hexdigest()[:12]
