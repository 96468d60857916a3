"""Fusion from end to end: makers cluster into incidents, supports and misses are weighed, tables are handed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from teisen.fusion import belief
from teisen.fusion.exposed import Watch, starts, watch
from teisen.fusion.habits import Habits, habits_of, sample_of
from teisen.fusion.kinds import kind_names, numbered
from teisen.fusion.learning import corrected
from teisen.fusion.making import Begun, Joined, Made, begin, join, make
from teisen.fusion.near import Ints
from teisen.fusion.posterior import actors, chances_column, ellipse, targets
from teisen.fusion.reports import NEEDED, Reports, reports
from teisen.fusion.schema import EVIDENCE, INCIDENT
from teisen.fusion.supports import base_share, supporting
from teisen.fusion.weekly import against_weekly
from teisen.geodesy import Floats
from teisen.observation import OBSERVATION, attack_kinds, vocabulary
from teisen.sources import Ground, Source

AT_ONCE = 50_000
"""Incidents whose evidence is written together: bounds memory, changes nothing."""
MAKES = pl.col("role") == "makes"
PLACED, AREAL = MAKES & pl.col("lon").is_not_null(), MAKES & pl.col("lon").is_null()
"""Observations that make incidents, of a place and of an area alone."""


@dataclass(frozen=True)
class Fused:
    """What fusion hands over: ``incidents`` (INCIDENT), the ``evidence`` under each (EVIDENCE), and with which
    ``habits`` reports were put together. ``basis`` is what fusing again starts from.
    """

    incidents: pl.DataFrame
    evidence: pl.DataFrame
    habits: Habits
    basis: Basis | None = field(default=None, repr=False, compare=False)

    @property
    def learned(self) -> pl.DataFrame:
        """How far off sources were found to be (LEARNED)."""
        return self.habits.learned


@dataclass(frozen=True)
class Basis:
    """What incidents were fused from, to fuse them again: see :mod:`teisen.fusion.again`."""

    heard: Heard
    placed: Standing
    alone: Standing
    exposure: pl.DataFrame
    ground: Ground
    sources: Mapping[str, Source]


@dataclass(frozen=True)
class Standing:
    """Reports that were joined, with the id, start and end (seconds) of the incident of each label."""

    joined: Joined
    incident_id: pl.Series
    start: Floats
    end: Floats


@dataclass(frozen=True)
class Heard:
    """What fusion works on: makers with a ``placed`` report, those of an area alone (``areal``), and ``supports``.

    ``areal_base`` and ``base`` are the shares of time that the latter two speak in (``teisen.fusion.supports``).
    """

    placed: Reports
    areal: Reports
    supports: Reports
    areal_base: Floats
    base: Floats
    habits: Habits


def fuse(
    observations: pl.DataFrame,
    exposure: pl.DataFrame,
    ground: Ground,
    sources: Mapping[str, Source],
    *,
    learned: pl.DataFrame | None = None,
    habits: Habits | None = None,
) -> Fused:
    """Incidents from observations (OBSERVATION) and exposure (EXPOSURE); rows may come in any order.

    Observations that make incidents are joined where one incident explains them better than two nearby would. Reports
    of an area alone first try to support such an incident, and make one without a place where none fits. The founding
    observation of an incident, and so its id, is the one reported first (of several the smallest id): it survives new
    data unless they join or part incidents, which :func:`teisen.fusion.succession_table` tells.

    Args:
        learned: factors of the sources' errors (LEARNED); None: learned from ``observations``.
        habits: what :func:`teisen.fusion.habits.habits_of` found in these or more observations; None: found here.
    """
    observations = distinct(observations)
    if habits is None:
        heard, begun = _heard_learning(observations, exposure, ground, sources, learned)
    else:
        heard, begun = hear(observations, ground, sources, habits), None
    return fuse_heard(heard, exposure, ground, sources, begun)


def _heard_learning(
    observations: pl.DataFrame,
    exposure: pl.DataFrame,
    ground: Ground,
    sources: Mapping[str, Source],
    learned: pl.DataFrame | None,
) -> tuple[Heard, Begun | None]:
    """What is heard with habits that are learned from it, and what joining those that have a place begins with: while
    this processor learns how sources report, another looks up what lies near what."""
    with ThreadPoolExecutor(1) as thread:
        declared = thread.submit(reports, observations.filter(PLACED), sources)
        sample = sample_of(observations, sources)
        learned = sample.learn() if learned is None else learned
        placed = corrected(declared.result(), learned)
        begun = thread.submit(begin, placed)
        habits = habits_of(observations, sources, learned, exposure=exposure, ground=ground, sample=sample)
        return hear(observations, ground, sources, habits, placed), begun.result()


def fuse_heard(
    heard: Heard,
    exposure: pl.DataFrame,
    ground: Ground,
    sources: Mapping[str, Source],
    begun: Begun | None = None,
) -> Fused:
    """Incidents of all that was heard; ``begun``: what joining those that have a place begins with, if known."""
    shown, reporting = heard.habits.shown, heard.habits.reporting
    joined = join(heard.placed, reporting, begun)
    placed = make(joined, shown, reporting, ground)
    attached = attach(heard, placed, sources)
    joined_alone = join(left_over(heard, attached), reporting)
    alone = make(joined_alone, shown, reporting, ground)
    watched = watching(exposure, sources)
    incidents, evidence = [], []
    for made, also in ((placed, attached), (alone, attached.clear())):
        for of, under in tell(heard, made, also, watched, ground=ground, sources=sources):
            incidents.append(of)
            evidence.append(under)
    basis = Basis(heard, standing(joined, placed), standing(joined_alone, alone), exposure, ground, sources)
    return handed_over(incidents, evidence, basis)


def standing(joined: Joined, made: Made) -> Standing:
    """What is kept of incidents to fuse them again."""
    return Standing(joined, made.settled.incident_id, made.settled.start, made.settled.end)


def distinct(observations: pl.DataFrame) -> pl.DataFrame:
    """Each observation once, in the order of ids, with what fusion looks at."""
    rows = OBSERVATION.check(observations).select(NEEDED).sort("observation_id")
    again = rows["observation_id"] == rows["observation_id"].shift()
    return rows.filter(~again.fill_null(False)) if again.any() else rows


def hear(
    observations: pl.DataFrame,
    ground: Ground,
    sources: Mapping[str, Source],
    habits: Habits,
    placed: Reports | None = None,
) -> Heard:
    """Observations as reports, with their sources' errors as learned and their odds as ordinary years leave them;
    ``placed``: those that have a place with errors as learned, if known."""
    areal, supports = (reports(observations.filter(which), sources) for which in (AREAL, pl.col("role") == "supports"))
    if placed is None:
        placed = corrected(reports(observations.filter(PLACED), sources), habits.learned)
    areal = corrected(areal, habits.learned)
    if not ground.background.is_empty():
        from teisen.fusion.background import against_background  # noqa: PLC0415  its filters are slow to load

        placed = against_background(placed, ground.background, sources)
    placed = against_weekly(placed, habits.weekly, sources)
    return Heard(placed, areal, supports, base_share(areal, habits), base_share(supports, habits), habits)


def watching(exposure: pl.DataFrame, sources: Mapping[str, Source]) -> Watch:
    """Exposure of the sources whose silence tells something."""
    looks = {name for name, source in sources.items() if source.profile.role != "context"}
    return watch(exposure.filter(pl.col("source_id").is_in(sorted(looks))))


def attach(heard: Heard, placed: Made, sources: Mapping[str, Source]) -> pl.DataFrame:
    """Which reports of an area alone support which incident: ``support`` is their index."""
    return _best(supporting(heard.areal, heard.areal_base, placed.settled, sources), placed)


def left_over(heard: Heard, attached: pl.DataFrame) -> Reports:
    """Reports of an area alone that support no incident."""
    return heard.areal.take(np.setdiff1d(np.arange(len(heard.areal)), attached["support"].to_numpy()))


def tell(
    heard: Heard,
    made: Made,
    also: pl.DataFrame,
    watched: Watch,
    *,
    ground: Ground,
    sources: Mapping[str, Source],
    only: Ints | None = None,
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Incidents (INCIDENT) and their evidence (EVIDENCE), some at a time, in the order of ids.

    Args:
        also: reports of an area alone that support incidents.
        only: incidents to tell of; the others take part where reports choose between them.
    """
    if not len(made.settled):
        return
    found = supporting(heard.supports, heard.base, made.settled, sources)
    found = _one_each(found, made, heard.supports, sources)
    speaking = [names for one in (made.reports, heard.supports, heard.areal) for names in (one.names, one.groups)]
    names = belief.names_of(sources, watched.what["source_id"].unique(), *speaking)
    # Another processor tells what sources could have seen while this one weighs what they said; and so on.
    with ThreadPoolExecutor(1) as thread:
        for some, told, more in _batches(made, only, found, also):
            seen = thread.submit(belief.seeing, some.settled, watched, ground)
            said = [belief.support_rows(of, by, names) for of, by in ((heard.supports, told), (heard.areal, more))]
            rows = belief.once(belief.member_rows(some, sources, heard.habits.reporting, names), pl.concat(said))
            every = pl.concat([rows, belief.miss_rows(seen.result(), rows, watched, sources)])
            evidence = thread.submit(_evidence, every, some.settled.incident_id)
            stating = [
                some.reports.frame,
                heard.supports.frame[told["support"].unique()],
                heard.areal.frame[more["support"].unique()],
            ]
            incidents = _incidents(some, rows, every, pl.concat(_stated(one) for one in stating), ground)
            yield incidents, evidence.result()


def _evidence(every: pl.DataFrame, incident_id: pl.Series) -> pl.DataFrame:
    """The table of evidence, of ``every`` row of it."""
    return EVIDENCE.hand_over(belief.in_words(every, incident_id))


def handed_over(incidents: list[pl.DataFrame], evidence: list[pl.DataFrame], basis: Basis) -> Fused:
    """Tables put together from parts; each part of the evidence is in order."""
    whole = EVIDENCE.gather(evidence)
    if not whole["incident_id"].is_sorted():
        whole = whole.sort(EVIDENCE.key, maintain_order=True)
    return Fused(INCIDENT.hand_over(INCIDENT.gather(incidents)), whole, basis.heard.habits, basis)


def _batches(
    made: Made, only: Ints | None, found: pl.DataFrame, also: pl.DataFrame
) -> Iterator[tuple[Made, pl.DataFrame, pl.DataFrame]]:
    """Some incidents at a time, in the order of their ids, with the rows of ``found`` that are about them."""
    order = made.settled.incident_id.arg_sort().to_numpy().astype(np.int64)
    if only is not None:
        order = order[np.isin(order, only)]
    turn = np.full(len(made.settled), -1)
    turn[order] = np.arange(len(order))
    rows = []
    for one in (found, also):
        incident = turn[one["incident"].to_numpy()]
        by = np.lexsort((one["support"].to_numpy(), incident))
        rows.append((incident[by], one.drop("incident")[by]))
    for at in range(0, len(order), AT_ONCE):
        mine = []
        for incident, one in rows:
            low, high = np.searchsorted(incident, [at, at + AT_ONCE])
            mine.append(one[low:high].with_columns(incident=pl.Series(incident[low:high] - at)))
        yield made.take(order[at : at + AT_ONCE]), mine[0], mine[1]


def _stated(frame: pl.DataFrame) -> pl.DataFrame:
    """Reports that state a target, a weapon or who did it."""
    return frame.filter(pl.any_horizontal(pl.col("target_class", "weapon", "actor_stated").is_not_null()))


def _one_each(found: pl.DataFrame, made: Made, supports: Reports, sources: Mapping[str, Source]) -> pl.DataFrame:
    """Let each report of a source that makes incidents support one only: it tells of one, an alert of all."""
    telling = [name in sources and sources[name].profile.role == "makes" for name in supports.names]
    tells = np.array(telling, np.bool_)[supports.source][found["support"].to_numpy()]
    if not tells.any():
        return found
    best = _best(found.filter(tells), made)
    return pl.concat([found.filter(~tells), best]).sort("incident", "support")


def _best(found: pl.DataFrame, placed: Made) -> pl.DataFrame:
    """Of each report the incident that it fits best: more reports, then the smaller id, break ties."""
    size = np.bincount(placed.label, minlength=len(placed.settled))
    ids = placed.settled.incident_id
    return (
        found.with_columns(
            size=pl.Series(size, dtype=pl.Int64).gather(found["incident"]), id=ids.gather(found["incident"])
        )
        .sort(["support", "fit", "size", "id"], descending=[False, True, True, False])
        .unique("support", keep="first", maintain_order=True)
        .drop("size", "id")
    )


def _incidents(
    made: Made, rows: pl.DataFrame, every: pl.DataFrame, reports_: pl.DataFrame, ground: Ground
) -> pl.DataFrame:
    """The table of incidents: of ``every`` row of evidence ``rows`` are members and supports, of which ``reports_``
    state a target, a weapon or who did it."""
    settled, m = made.settled, len(made.settled)
    moves = (pl.col("relation") == "member") | ((pl.col("relation") == "supports") & (pl.col("log_ratio") > 0))
    told = (
        rows.filter(moves)
        .select("observation_id", label="incident")
        .join(reports_, on="observation_id")
        .sort("observation_id", "label")
    )
    major, minor, azimuth = (np.where(np.isnan(settled.lon), np.nan, one) for one in ellipse(settled.cov))
    kinds = chances_column(settled.kinds)
    believed = belief.believe(every, rows, m)
    kind = _kinds(made, settled.kinds.argmax(axis=1), believed["p_conflict"].to_numpy())
    place_name = _names(made, m)
    return INCIDENT.check(
        pl.DataFrame(
            {
                "incident_id": settled.incident_id,
                "start": _times(settled.start),
                "end": _times(settled.end),
                "lon": settled.lon,
                "lat": settled.lat,
                "place_error_m": major,
                "place_error_minor_m": minor,
                "place_azimuth_deg": azimuth,
                "area_id": settled.area_id,
                "place_name": place_name,
                "kind": kind,
                "kinds": kinds,
                "title": _titles(kind, place_name, settled.area_id, ground),
                "targets": targets(told, m),
                "weapons": targets(told, m, "weapon"),
                "actors": actors(told, m),
                **believed.to_dict(),
            }
        ).with_columns(pl.col("lon", "lat", "place_error_m", "place_error_minor_m", "place_azimuth_deg").fill_nan(None))
    )


def _kinds(made: Made, likeliest: Ints, p_conflict: Floats) -> pl.Series:
    """What each incident is called: the likeliest of its kinds; where it is more probably none of the conflict, or no
    report tells of use of force, what most of its reports say (of several the first by name). A field that burns is a
    fire, whatever it would be else; so is a fire that nobody says is a strike."""
    names, said = numbered(made.reports.frame["kind"])
    force = np.bincount(made.label, np.isin(names, attack_kinds())[said], len(p_conflict)) > 0
    plain = np.flatnonzero(((p_conflict < 0.5) | ~force)[made.label])
    said, count = np.unique(made.label[plain] * max(len(names), 1) + said[plain], return_counts=True)
    label, kind = said // max(len(names), 1), said % max(len(names), 1)
    order = np.lexsort((kind, -count, label))
    order = order[starts(label[order])]
    called = likeliest.copy()
    called[label[order]] = len(kind_names()) + kind[order]
    return pl.Series([*kind_names(), *names], dtype=pl.String).gather(called)


def _times(values: Floats) -> pl.Series:
    """Seconds since 1970 as times, to the second."""
    whole = pl.Series(np.round(values) * 1e6, dtype=pl.Float64).cast(pl.Int64)
    return whole.cast(pl.Datetime("us", "UTC"))


def _names(made: Made, m: int) -> pl.Series:
    """Place name of each incident's most precise member that has one."""
    names = made.reports.frame["place_name"]
    known = np.flatnonzero(names.is_not_null().to_numpy())
    order = known[np.lexsort((known, np.round(made.reports.sigma[known]), made.label[known]))]
    order = order[starts(made.label[order])]
    at = np.full(m, len(order))
    at[made.label[order]] = np.arange(len(order))
    return pl.concat([names.gather(order), pl.Series([None], dtype=pl.String)]).gather(at)


def _titles(kind: pl.Series, place_name: pl.Series, area_id: pl.Series, ground: Ground) -> pl.Series:
    """Kind and place: Teisen's own words, never those of a source, which may take sides."""
    kinds = {name: kind.title for name, kind in vocabulary().kinds.items()}
    areas = dict(ground.areas.select("area_id", "name").sort("area_id", "name", descending=[False, True]).iter_rows())
    area = pl.col("area_id").replace_strict(areas, default=pl.col("area_id"), return_dtype=pl.String)
    place = pl.coalesce("place_name", area)
    bare = pl.col("kind").replace(kinds)
    return (
        pl.DataFrame({"kind": kind, "place_name": place_name, "area_id": area_id})
        .select(pl.coalesce(pl.when(place.is_not_null()).then(pl.format("{}, {}", bare, place)), bare))
        .to_series()
    )
