"""Who did it, as is told: what sources of no party record, what that is held to be worth, what parties themselves say.

Detection says nothing of it. Parties stand in the agreement's order, each whether named or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from teisen.decision.settings import ACTORS
from teisen.languages import say
from teisen.observation import attack_kinds
from teisen.release.report import words
from teisen.release.report.days import Days


@dataclass(frozen=True)
class Told:
    """Who did the days' uses of force, by party in the agreement's order.

    Attributes:
        of: uses of force recorded.
        named: by party, of how many a source that speaks for no party says that this party did it.
        unsaid: of how many no such source names a party, as far as is released.
        by_party: by party that speaks through its own sources, and by party that these name, of how many.
        unreleased: of how many a party is named by sources of which the audience may not have who.
        expected: by party, uses of force expected to be of the conflict and this party's, from statements alone.
        undetermined: those expected to be of the conflict that remain.
        silent: parties that no source of incidents names in the whole case, as far as is released.
    """

    of: int
    named: Mapping[str, int]
    unsaid: int
    by_party: Mapping[str, Mapping[str, int]]
    unreleased: int
    expected: Mapping[str, float]
    undetermined: float
    silent: tuple[str, ...]


def of_days(days: Days) -> Told:
    """Who did the uses of force of the days reported."""
    force = days.today.filter(pl.col("kind").is_in(attack_kinds()))
    parties = [party.id for party in days.about.parties]
    stated = _stated(days, force)
    neutral = stated.filter(pl.col("speaker").is_null())
    own = stated.drop_nulls("speaker")
    held = force.select("incident_id", "p_conflict", "actors").explode("actors", empty_as_null=True, keep_nulls=True)
    held = held.drop_nulls("actors").unnest("actors").filter(pl.col("p") > 0)
    expected = {
        party: round(float((rows["p"] * rows["p_conflict"]).sum()), 4)
        for party in parties
        for rows in [held.filter(pl.col("party") == party)]
    }
    conflict = float(force["p_conflict"].sum())
    by_people = days.table("correction").filter(pl.col("applied"), field=ACTORS)
    unsaid = held.join(stated, on="incident_id", how="anti").join(by_people, on="incident_id", how="anti")
    unreleased = unsaid["incident_id"].n_unique()
    return Told(
        force.height,
        _counts(neutral, parties),
        force.height - neutral["incident_id"].n_unique() - unreleased,
        {speaker: _counts(own.filter(pl.col("speaker") == speaker), parties) for speaker in parties},
        unreleased,
        expected,
        round(max(conflict - sum(expected.values()), 0.0), 4),
        _silent(days, parties),
    )


def _silent(days: Days, parties: list[str]) -> tuple[str, ...]:
    """Parties of which no incident of the case and no report of a source says that they did anything."""
    held = days.table("incident")["actors"].drop_nulls().explode(empty_as_null=True, keep_nulls=True).drop_nulls()
    named = set(held.struct.field("party")) if held.len() else set()
    named |= set(days.table("observation")["actor_stated"].drop_nulls())
    return tuple(party for party in parties if party not in named)


def _stated(days: Days, force: pl.DataFrame) -> pl.DataFrame:
    """Once for each incident, speaking party (empty: none) and party named: ``incident_id``, ``speaker``, ``named``."""
    ids = force["incident_id"].implode()
    named = days.table("observation").select("observation_id", "source_id", named="actor_stated").drop_nulls("named")
    lines = days.table("evidence").filter(pl.col("incident_id").is_in(ids)).select("incident_id", "observation_id")
    speakers = {name: source.reported_by for name, source in days.about.sources.items()}
    speaker = pl.col("source_id").replace_strict(speakers, default=None, return_dtype=pl.String)
    return (
        lines.join(named, on="observation_id")
        .filter(pl.col("named").is_in([party.id for party in days.about.parties]))
        .select("incident_id", speaker.alias("speaker"), "named")
        .unique()
    )


def _counts(stated: pl.DataFrame, parties: Iterable[str]) -> dict[str, int]:
    counts = dict(stated.group_by("named").agg(pl.col("incident_id").n_unique()).iter_rows())
    return {party: counts.get(party, 0) for party in parties}


def sentence(days: Days, told: Told) -> str:
    """What is recorded and assessed of who did it."""
    listed = [f"{days.about.name_of(party)} {n}" for party, n in told.named.items()]
    worth = [f"{days.about.name_of(party)} {words.estimate(p)}" for party, p in told.expected.items()]
    worth.append(say("undetermined {p}", p=words.estimate(told.undetermined)))
    listed.append(say("nobody named {n}", n=told.unsaid))
    if told.unreleased:
        listed.append(say("not released who names whom {n}", n=told.unreleased))
    partial = of_parties(days)
    if partial:
        said = say("Assessed, from their statements: {assessed}.", assessed=words.listing(worth))
        said = f"{partial} {said}"
        return f"{said} {_unnamed(days, told)}".strip()
    said = say(
        "Recorded, by sources that speak for no party: {listed}. Assessed, from statements of all sources, those of "
        "parties too: {assessed}.",
        listed=words.listing(listed),
        assessed=words.listing(worth),
    )
    return f"{said} {_unnamed(days, told)}".strip()


def of_parties(days: Days) -> str:
    """That whoever looks speaks for a party; empty: some source of incidents speaks for none, or there is no source."""
    speak = {one.reported_by for one in days.about.sources.values() if one.profile.role != "context"}
    if not speak or None in speak:
        return ""
    parties = [party.name for party in days.about.parties if party.id in speak]
    return say("Every source of incidents in this case speaks for a party: {parties}.", parties=words.listing(parties))


def _unnamed(days: Days, told: Told) -> str:
    """Whom no source names, and that this is no acquittal; empty: all are named at some time."""
    if not told.silent:
        return ""
    return say(
        "Named by no source of incidents in the whole case, as far as is released: {parties}. A 0 beside such a name "
        "says nothing of what was done.",
        parties=words.listing([days.about.name_of(party) for party in told.silent]),
    )


def alleged(days: Days, told: Told, party: str, accused: Iterable[str | None]) -> str:
    """Whom a party names: in statements that accuse ``accused``, and in its own sources' reports; empty: nobody."""
    counts: dict[str, int] = {one.id: 0 for one in days.about.parties}
    untold = 0
    for one in accused:
        if one in counts:
            counts[one] += 1
        else:
            untold += 1
    parts = []
    if any(counts.values()) or untold:
        listed = [f"{days.about.name_of(one)} {n}" for one, n in counts.items() if n]
        listed += [f"{say('not told')} {untold}"] if untold else []
        parts.append(say("Its statements say who did it: {listed}.", listed=words.listing(listed)))
    own = [f"{days.about.name_of(one)} {n}" for one, n in told.by_party.get(party, {}).items() if n]
    if own:
        parts.append(
            say("Its own sources say who did uses of force recorded here: {listed}.", listed=words.listing(own))
        )
    return " ".join(parts)
