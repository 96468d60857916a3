"""Lines to follow: what each independent source reported on each day of what a reading forbids, and its effort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen.agreement import Agreement, Predicate
from teisen.agreement.predicates import IsKind, Near, TargetIs, Within, leaves
from teisen.agreement.vocabulary import kinds_of
from teisen.compliance.windows import Key, by_count, in_force, rules_of
from teisen.fusion import coverage, seen_by_source
from teisen.fusion.narrowest import area_sizes
from teisen.geodesy import Floats
from teisen.observation import attack_kinds
from teisen.sources import Scope, Source

EVERYTHING: Key = ("", "", "")
"""The line of all that is reported, under no reading."""
WITNESS_ROLES = ("makes", "supports")


@dataclass(frozen=True)
class Lines:
    """Counts to follow.

    Attributes:
        keys: agreement, provision and reading of each line; :data:`EVERYTHING` first.
        starts: first moment of each day and, last, of the day after (UTC).
        groups: independent groups of sources.
        counts: lines by days by groups; of sources that make incidents the expected number of acts in scope (on the
            line of everything their reports of a use of force), of others what they count, or their rows.
        effort: the same axes: what the group could have reported, 0 to 1.
        share: lines by days: the part of the day in which the reading is in force.
        weekday: of each day, 0 is Monday.
        beside: groups by groups: whether both ever look at one region; without it all do.
    """

    keys: tuple[Key, ...]
    starts: tuple[datetime, ...]
    groups: tuple[str, ...]
    counts: Floats
    effort: Floats
    share: Floats
    weekday: NDArray[np.int64]
    beside: NDArray[np.bool_] | None = None

    @property
    def begins(self) -> NDArray[np.int64]:
        """The first day in force of each line; the number of days where there is none."""
        on = self.share > 0
        return np.asarray(np.where(on.any(axis=1), on.argmax(axis=1), on.shape[1]), dtype=np.int64)


def lines(  # noqa: PLR0917  what a case has
    found: pl.DataFrame,
    incidents: pl.DataFrame,
    evidence: pl.DataFrame,
    activity: pl.DataFrame,
    exposure: pl.DataFrame,
    agreements: Sequence[Agreement],
    areas: pl.DataFrame,
    scope: Scope,
    zone: str,
    sources: Mapping[str, Source],
) -> Lines:
    """Lines of a case.

    Args:
        found: FINDING under every reading without its clock (:func:`teisen.compliance.standing.standing`).
        incidents: INCIDENT.
        evidence: EVIDENCE: which source reported which incident.
        activity: ACTIVITY: days of sources that only support.
        exposure: EXPOSURE.
        agreements: whose readings.
        areas: AREA.
        scope: the days.
        zone: of the reporting day.
        sources: by id, for their groups and roles.

    A supporting source (an alert, a tally) is a witness only of readings that leave no place or target out: it tells
    neither. Sources of one group are one witness, with the counts of all and the effort of the best.
    """
    starts = day_starts(scope, zone)
    days = len(starts) - 1
    roles = {name: source.profile.role for name, source in sources.items()}
    group_of = {n: sources[n].profile.group for n in sorted(sources) if roles[n] in WITNESS_ROLES}
    groups = tuple(sorted(set(group_of.values())))
    at = {group: n for n, group in enumerate(groups)}
    rules = {key: rule for key, rule in rules_of(agreements).items() if not by_count(rule)}
    keys = (EVERYTHING, *rules)
    makes = [n for n in group_of if roles[n] == "makes"]
    effort = np.zeros((days, len(groups)))
    by_source, never, ever = _effort(exposure, activity, areas, starts, sorted(group_of))
    for name, by_day in by_source.items():
        column = at[group_of[name]]
        effort[:, column] = np.maximum(effort[:, column], by_day)
    counts = np.zeros((len(keys), days, len(groups)))
    row = {key: n for n, key in enumerate(keys)}
    for key, name, day, n in _made(found, incidents, evidence, starts, makes, never):
        if key in row and name in group_of:
            counts[row[key], day, at[group_of[name]]] += n
    supports = [n for n in group_of if roles[n] == "supports"]
    shown = np.zeros((days, len(groups)))
    for name, day, n in _reported(activity, supports, starts, force=False).iter_rows():
        shown[day, at[group_of[name]]] += n
    for name, day, n in _reported(activity, makes, starts, force=True).iter_rows():
        counts[0, day, at[group_of[name]]] += n
    every = np.broadcast_to(effort, counts.shape).copy()
    only = [at[g] for g in {group_of[n] for n in supports} - {group_of[n] for n in makes}]
    for n, key in enumerate(keys):
        wide = key == EVERYTHING or _leaves_nothing_out(rules[key])
        for g in only:
            counts[n, :, g] = shown[:, g]
            if not wide:
                every[n, :, g] = 0.0
    us = np.array([int(s.timestamp() * 1e6) for s in starts], dtype=np.int64)
    share = np.stack([np.zeros(days)] + [in_force(rule, us[:-1], us[1:]) for rule in rules.values()])
    local = ZoneInfo(zone)
    weekday = np.array([s.astimezone(local).weekday() for s in starts[:-1]], dtype=np.int64)
    seen = (counts.sum(axis=(0, 1)) > 0) | (effort.sum(axis=0) > 0)
    kept = tuple(g for g, keep in zip(groups, seen, strict=True) if keep)
    beside = _beside(ever, group_of, sorted(by_source), kept)
    return Lines(keys, starts, kept, counts[:, :, seen], every[:, :, seen], share, weekday, beside)


def day_starts(scope: Scope, zone: str) -> tuple[datetime, ...]:
    """First moment (UTC) of each local day that the scope touches and, last, of the day after."""
    local = ZoneInfo(zone)
    first = scope.start.astimezone(local).date()
    last = (scope.end - timedelta(microseconds=1)).astimezone(local).date()
    dates = [first + timedelta(days=n) for n in range((last - first).days + 2)]
    return tuple(datetime(d.year, d.month, d.day, tzinfo=local).astimezone(UTC) for d in dates)


def _leaves_nothing_out(rule: Predicate) -> bool:
    """No place, target or kind of attack is left out by the rule."""
    attacks = set(attack_kinds())
    for leaf in leaves(rule):
        if isinstance(leaf, Near | TargetIs | Within):
            return False
        if isinstance(leaf, IsKind) and not attacks <= set(kinds_of(leaf.is_kind)):
            return False
    return True


def of_day(frame: pl.DataFrame, starts: tuple[datetime, ...]) -> pl.DataFrame:
    """``frame`` with ``nth``, the day on which the middle of each row lies; rows of no day are left out."""
    us = np.array([int(s.timestamp() * 1e6) for s in starts], dtype=np.int64)
    middle = ((frame["start"].dt.epoch("us") + frame["end"].dt.epoch("us")) // 2).to_numpy()
    nth = np.searchsorted(us, middle, side="right") - 1
    return frame.with_columns(nth=pl.Series(nth, dtype=pl.Int64)).filter(
        (pl.col("nth") >= 0) & (pl.col("nth") < len(starts) - 1)
    )


def _made(  # noqa: PLR0917  what a case has
    found: pl.DataFrame,
    incidents: pl.DataFrame,
    evidence: pl.DataFrame,
    starts: tuple[datetime, ...],
    makes: list[str],
    never: pl.DataFrame,
) -> list[tuple[tuple[str, ...], str, int, float]]:
    """Expected acts in scope by key, source and day, of the sources that reported them, where these say that they look.

    ``never``: regions (``source_id``, ``area_id``) in which a source that states effort by area states none. What it
    brings from there has no effort to be set against, so it tells nothing of change.
    """
    placed = of_day(incidents.select("incident_id", "start", "end"), starts)
    members = (
        evidence.filter((pl.col("relation") == "member") & pl.col("source_id").is_in(makes))
        .select("incident_id", "source_id")
        .unique()
        .join(incidents.select("incident_id", "area_id"), on="incident_id")
        .join(never, on=["source_id", "area_id"], how="anti")
        .drop("area_id")
    )
    key = pl.concat_list("agreement_id", "provision_id", "reading_id")
    of_readings = found.filter(pl.col("subject") == "incident").select(
        key=key, incident_id="subject_id", n=pl.col("p_violation").fill_null(0.0)
    )
    counted = of_readings.join(placed, on="incident_id")
    summed = (
        counted.join(members, on="incident_id")
        .group_by("key", "source_id", "nth")
        .agg(pl.col("n").sort().sum().round(4))
        .sort("source_id", "nth")
    )
    return sorted((tuple(key), source, day, n) for key, source, day, n in summed.iter_rows())


def _reported(activity: pl.DataFrame, names: list[str], starts: tuple[datetime, ...], *, force: bool) -> pl.DataFrame:
    """What sources reported on each day: launches stated, else rows; ``force``: of uses of force alone."""
    mine = activity.filter(pl.col("source_id").is_in(names) & pl.col("role").is_in(WITNESS_ROLES))
    if force:
        mine = mine.filter(pl.col("kind").is_in(attack_kinds()))
    counted = mine.with_columns(n=pl.when(pl.col("count_unit") == "launched").then("total").otherwise("rows"))
    return (
        of_day(counted, starts)
        .sort("source_id", "nth", "kind", "role", "count_unit")
        .group_by("source_id", "nth", maintain_order=True)
        .agg(pl.col("n").sum())
    )


def _beside(
    ever: pl.DataFrame, group_of: Mapping[str, str], names: Sequence[str], groups: Sequence[str]
) -> NDArray[np.bool_]:
    """Groups by groups, whether both ever look at one region; a source that states none looks at all of them."""
    regions: dict[str, set[str]] = {group: set() for group in groups}
    everywhere = {group_of[name] for name in set(names) - set(ever["source_id"])}
    for name, area in ever.select("source_id", "area_id").iter_rows():
        regions.setdefault(group_of[name], set()).add(area)
    return np.array(
        [[a in everywhere or b in everywhere or bool(regions[a] & regions[b]) for b in groups] for a in groups]
    ).reshape(len(groups), len(groups))


def _effort(
    exposure: pl.DataFrame,
    activity: pl.DataFrame,
    areas: pl.DataFrame,
    starts: tuple[datetime, ...],
    names: list[str],
) -> tuple[dict[str, Floats], pl.DataFrame, pl.DataFrame]:
    """By source and day the chance that it reports an attack, averaged over the areas that it ever watches by size, the
    regions that a source which states effort by area alone never watches, and those that one which states effort ever
    watches (``source_id``, ``area_id``).

    A source that states no exposure is taken to watch from its first day to its last. Where it is not known whether one
    watched, because it was silent for longer than it uses to be, it is taken to do as on its other days: whether it was
    at work or nothing happened is what is asked here, and its silence may not answer it beforehand.
    """
    days = len(starts) - 1
    stated = exposure.filter(pl.col("source_id").is_in(names))
    regions = areas.filter(pl.col("level") == "region")["area_id"].unique().sort()
    cells = pl.DataFrame({"area_id": regions}).join(
        pl.DataFrame({"nth": range(days)}, schema={"nth": pl.Int64}), how="cross"
    )
    seconds = pl.Series([s.timestamp() for s in starts])
    cells = cells.with_columns(
        from_s=pl.Series(seconds.gather(cells["nth"])), to_s=pl.Series(seconds.gather(cells["nth"] + 1))
    ).with_row_index("id")
    cells = cells.with_columns(pl.col("id").cast(pl.Int64), lon=pl.lit(None, pl.Float64), lat=pl.lit(None, pl.Float64))
    attacks = attack_kinds()
    weights = pl.DataFrame({"kind": attacks, "weight": [1 / len(attacks)] * len(attacks)})
    effort: dict[str, Floats] = {}
    never = ever = pl.DataFrame(schema={"source_id": pl.String, "area_id": pl.String})
    if not stated.is_empty() and not cells.is_empty():
        seen = coverage(cells.drop("nth"), stated, areas)
        own = pl.coalesce("p", pl.when(pl.col("watched") > 0).then("watched"))
        usual = pl.col("e").median().over("source_id", "area_id")
        by = seen_by_source(seen, seen.select("id").unique().join(weights, how="cross"))
        plain = seen.group_by("id", "source_id").agg(pl.col("watched").max())
        both = plain.join(by.select("id", "source_id", "p"), on=["id", "source_id"], how="left")
        sized = (
            both.with_columns(e=own)
            .join(cells.select("id", "area_id", "nth"), on="id")
            .join(area_sizes(areas), on="area_id", how="left")
            .with_columns(pl.col("e").fill_null(usual).fill_null(0.0), size=pl.col("size_m2").fill_null(1.0))
        )
        ever = sized.select("source_id", "area_id", "size").unique().sort("source_id", "area_id")
        whole = ever.group_by("source_id").agg(all=pl.col("size").sum())
        # A post's circle may reach into regions beside the one that it stands in.
        posts = stated.filter(pl.col("lon").is_not_null())["source_id"].unique()
        whole_areas = ever.filter(~pl.col("source_id").is_in(posts.implode())).select("source_id").unique()
        every = whole_areas.join(cells.select("area_id").unique(), how="cross")
        never = every.join(ever, on=["source_id", "area_id"], how="anti")
        summed = (
            sized.sort("source_id", "nth", "area_id")
            .group_by("source_id", "nth", maintain_order=True)
            .agg(e=(pl.col("e") * pl.col("size")).sum())
            .join(whole, on="source_id")
            .with_columns((pl.col("e") / pl.col("all")).round(4))
        )
        for name, nth, e in summed.select("source_id", "nth", "e").iter_rows():
            effort.setdefault(name, np.zeros(days))[nth] = e
    spoken = of_day(activity.filter(pl.col("source_id").is_in(names)), starts)
    for name, first, last in spoken.group_by("source_id").agg(pl.col("nth").min(), b=pl.col("nth").max()).iter_rows():
        if name not in effort:
            effort[name] = np.zeros(days)
            effort[name][first : last + 1] = 1.0
    return effort, never, ever
