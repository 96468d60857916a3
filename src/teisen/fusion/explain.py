"""Why an incident's observations were joined, and why its neighbours were not: in words and numbers.

What speaks for one incident against two is the sum of parts (:meth:`teisen.fusion.likelihood.Likelihood.parts`): where
(against the density of incidents around), when, what kind, what was hit, and how many reports each source makes of one.
Words are in the language that is spoken (:func:`teisen.languages.speaking`), English where none is; nothing of this
goes into a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from teisen.errors import BadInput, Problem
from teisen.fusion.copies import originals
from teisen.fusion.density import around
from teisen.fusion.fuse import distinct, hear
from teisen.fusion.habits import habits_of
from teisen.fusion.likelihood import NEVER, Likelihood, Sums, offset_m
from teisen.fusion.making import has_places, over_area
from teisen.fusion.near import DAY_S, Ints, near_between
from teisen.fusion.reports import Reports
from teisen.languages import say, spoken, text
from teisen.sources import Ground, Source

NEIGHBOURS = 5
"""Neighbouring incidents that are told of, those that came nearest to being joined."""
IMPOSSIBLE = NEVER / 2
"""A log ratio below this says that reports lie too far apart to be one."""
PARTS = {
    "place": text("where"),
    "time": text("when"),
    "kind": text("what kind, and how many reports which sources make of one"),
    "target": text("what was hit"),
}


@dataclass(frozen=True)
class Explanation:
    """Why an incident is one.

    Attributes:
        incident_id: the incident.
        p_conflict: P(it is an incident of the conflict).
        together: natural log of how much likelier its reports are as one incident than as one each, by parts; 0: one.
        members: a dict a report that counts: ``observation_id``, ``source_id``, ``parts`` and ``total`` (log ratio of
            its joining the others), ``says`` (in words).
        copies: reports that count once with another: ``observation_id``, ``of``.
        errors: a dict a source: place and time errors, declared, learned factors.
        evidence: rows that move P(conflict): ``relation``, ``source_id``, ``log_ratio``, ``reason``.
        neighbours: a dict an incident that was not joined: ``incident_id``, ``distance_m``, ``parts``, ``total``,
        ``says``.
    """

    incident_id: str
    p_conflict: float
    together: dict[str, float]
    members: list[dict[str, Any]]
    copies: list[dict[str, Any]]
    errors: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    neighbours: list[dict[str, Any]]

    def values(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return asdict(self)


def explain(
    incident_id: str,
    incidents: pl.DataFrame,
    evidence: pl.DataFrame,
    observations: pl.DataFrame,
    *,
    ground: Ground,
    sources: Mapping[str, Source],
    exposure: pl.DataFrame | None = None,
    learned: pl.DataFrame | None = None,
) -> Explanation:
    """Why the observations of an incident were joined, and those of its neighbours were not.

    Args:
        incidents, evidence: INCIDENT and EVIDENCE as fused from ``observations`` (OBSERVATION) with these sources.
        exposure: EXPOSURE that they were fused with.
        learned: factors of the sources' errors (LEARNED) that they were fused with; None: learned again.

    Raises:
        BadInput: there is no such incident.
    """
    mine = evidence.filter(incident_id=incident_id)
    if mine.is_empty():
        raise BadInput(
            Problem(
                "",
                0,
                "",
                f"there is no incident {incident_id}",
                "Take an id from a report or from the table `incident`.",
            )
        )
    seen = distinct(observations)
    heard = hear(seen, ground, sources, habits_of(seen, sources, learned, exposure=exposure, ground=ground))
    names = mine.filter(relation="member")["observation_id"]
    of = heard.placed if heard.placed.frame["observation_id"].is_in(names.implode()).any() else heard.areal
    lead = originals(of)
    first = of.take(np.flatnonzero(lead == np.arange(len(of))))
    reporting = heard.habits.reporting
    likelihood = Likelihood(reporting, has_places(first))
    sums = likelihood.sums(first, around(first, reporting)[0] if has_places(first) else over_area(first))
    owner = _owners(first, evidence)
    members = np.flatnonzero((owner == incident_id).to_numpy())
    whole = _cluster(sums, members)
    ids = of.frame["observation_id"]
    copies = [
        {"observation_id": ids[int(at)], "of": ids[int(lead[at])]}
        for at in np.flatnonzero(ids.is_in(names.implode()).to_numpy() & (lead != np.arange(len(of))))
    ]
    return Explanation(
        incident_id=incident_id,
        p_conflict=float(incidents.filter(incident_id=incident_id)["p_conflict"][0]),
        together=_parts(likelihood, whole, [_cluster(sums, np.array([at])) for at in members]),
        members=[_member(likelihood, first, sums, members, int(at)) for at in members],
        copies=copies,
        errors=_errors(mine, sources, heard.habits.learned),
        evidence=mine.filter(pl.col("relation") != "could_not_see")
        .select("relation", "source_id", "observation_id", "log_ratio", "p_detect", "reason")
        .to_dicts(),
        neighbours=_neighbours(likelihood, first, sums, owner, members),
    )


def _owners(first: Reports, evidence: pl.DataFrame) -> pl.Series:
    """The incident that each report is a member of."""
    of = evidence.filter(relation="member").select("observation_id", "incident_id")
    joined = first.frame.select("observation_id").join(of, on="observation_id", how="left", maintain_order="left")
    return joined["incident_id"].fill_null("")


def _cluster(sums: Sums, members: Ints) -> Sums:
    """Reports as one cluster."""
    one = sums.take(members[:1])
    for at in members[1:]:
        one = one.with_(sums.take(np.array([at])))
    return one


def _parts(likelihood: Likelihood, whole: Sums, pieces: list[Sums]) -> dict[str, float]:
    """Log ratio of one cluster against its pieces, by parts; that of place is against the incidents of a day."""
    one, several = likelihood.parts(whole), [likelihood.parts(piece) for piece in pieces]
    gains = {name: float(one[name][0] - sum(part[name][0] for part in several)) for name in one}
    of_a_day = (len(pieces) - 1) * np.log(DAY_S)
    gains["place"] += gains.pop("density") - of_a_day
    gains["time"] += of_a_day
    return {name: round(gains[name], 2) + 0.0 for name in PARTS}


def _member(likelihood: Likelihood, first: Reports, sums: Sums, members: Ints, at: int) -> dict[str, Any]:
    row = first.frame.row(at, named=True)
    told = {"observation_id": row["observation_id"], "source_id": row["source_id"]}
    rest = members[members != at]
    if not len(rest):
        return told | {"parts": {}, "total": 0.0, "says": say("the only report that counts")}
    mine, others = _cluster(sums, np.array([at])), _cluster(sums, rest)
    parts = _parts(likelihood, others.with_(mine), [mine, others])
    away = _apart(mine, others)
    return told | away | {"parts": parts, "total": round(sum(parts.values()), 2), "says": _words(parts, away)}


def _apart(one: Sums, two: Sums) -> dict[str, Any]:
    """Distance of two clusters' places and time between them, as far as both state one."""
    (lon, lat), (lon2, lat2) = one.middle(), two.middle()
    east, north = offset_m(lon, lat, lon2, lat2)
    return {"distance_m": round(float(np.hypot(east, north)[0])), "apart_s": round(abs(_when(one) - _when(two)))}


def _when(one: Sums) -> float:
    """Middle of a cluster's time, seconds since 1970."""
    low, high = float(one.low[0]), float(one.high[0])
    return (low + high) / 2 if np.isfinite(low) and np.isfinite(high) and high > low else float(one.when[0])


def _words(parts: Mapping[str, float], away: Mapping[str, Any]) -> str:
    """The parts in words, the weightiest first."""
    total = sum(parts.values())
    order = sorted(parts, key=lambda name: (-abs(parts[name]), name))
    said = [f"{say(PARTS[name])}: {_times(parts[name])}" for name in order if abs(parts[name]) >= 0.05]
    apart = say(
        "{km} km and {hours} h from the rest",
        km=spoken().signs(f"{away['distance_m'] / 1000:.1f}"),
        hours=spoken().signs(f"{away['apart_s'] / 3600:.1f}"),
    )
    verdict = [f"{say('as one incident')}: {_times(total)}"] if total else []
    return "; ".join([apart, *verdict, *said])


def _times(log_ratio: float) -> str:
    """A log ratio as how many times likelier or less likely; of what lies too far apart to be one, that it is."""
    if log_ratio < IMPOSSIBLE:
        return say("impossible")
    factor = float(np.exp(min(abs(log_ratio), 23.0)))
    small, large = spoken().signs(f"{factor:.2g}"), f"{factor:.0e}"
    number = small if factor < 10 else spoken().number(factor, 0) if factor < 1e5 else large
    if log_ratio < 0:
        return say("{number} times less likely", number=number)
    return say("{number} times likelier", number=number)


def _errors(mine: pl.DataFrame, sources: Mapping[str, Source], learned: pl.DataFrame) -> list[dict[str, Any]]:
    """Errors that the sources of members were taken with, where a report states none of its own."""
    factors = {(source, figure): factor for source, figure, factor, _ in learned.iter_rows()}
    told = []
    for name in sorted(mine.filter(relation="member")["source_id"].unique()):
        profile = sources[name].profile
        told.append(
            {
                "source_id": name,
                "group": profile.group,
                "place_error_m": profile.place_error_m.value,
                "place_factor": factors.get((name, "place_error_m"), 1.0),
                "time_error_s": profile.time_error_s.value,
                "time_factor": factors.get((name, "time_error_s"), 1.0),
                "false_share": profile.false_share.value,
            }
        )
    return told


def _neighbours(
    likelihood: Likelihood, first: Reports, sums: Sums, owner: pl.Series, members: Ints
) -> list[dict[str, Any]]:
    """The incidents that came nearest to being joined with this one."""
    if not likelihood.placed:
        area = first.frame["area_id"]
        near = np.flatnonzero(area.is_in(area.gather(members).implode()).to_numpy())
    else:
        spots = first.spots
        near = np.unique(near_between(spots.take(members), spots)[1])
    whole, found = _cluster(sums, members), []
    for other in sorted(set(owner.gather(near)) - set(owner.gather(members)) - {""}):
        theirs = np.flatnonzero((owner == other).to_numpy())
        cluster = _cluster(sums, theirs)
        parts = _parts(likelihood, whole.with_(cluster), [whole, cluster])
        away = _apart(whole, cluster)
        found.append(
            {"incident_id": other, "reports": len(theirs), **away, "parts": parts,
             "total": round(sum(parts.values()), 2), "says": _words(parts, away)}
        )  # fmt: skip
    return sorted(found, key=lambda row: (-row["total"], row["incident_id"]))[:NEIGHBOURS]
