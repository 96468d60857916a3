"""What people decided and what the parties replied, to stand beside what it is about; as released, in its order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from teisen.decision import life_cycle
from teisen.decision.life import VOID
from teisen.decision.states import AUTOMATIC, LIAISON
from teisen.languages import say, say_again, text
from teisen.release.report import words
from teisen.release.report.context import Party
from teisen.release.report.days import Days

RULINGS = {
    "confirmed": text("People confirmed it"),
    "corrected": text("People corrected it"),
    "dismissed": text("People dismissed it"),
}


@dataclass(frozen=True)
class Said:
    """One decision, comment or reply. ``who`` is a party's name, or a role; a person's name where it is released."""

    anchor: str
    subject: str
    subject_id: str
    who: str
    party: str
    reply: bool
    action: str
    when: str
    sets: str
    text: str
    language: str
    waits: bool


@dataclass(frozen=True)
class Stand:
    """Where a subject stands: its state and what people ruled, in words, and what was said about it, in order."""

    state: str
    ruling: str
    level: str
    said: tuple[Said, ...]

    @property
    def replies(self) -> tuple[Said, ...]:
        """What the parties said."""
        return tuple(one for one in self.said if one.party)


def nothing() -> Stand:
    """Of whatever nobody has decided about."""
    return Stand(say(life_cycle().states[AUTOMATIC].title), "", "", ())


@dataclass(frozen=True)
class PartySaid:
    """One party, and what it said about what stands on the page."""

    party: Party
    said: tuple[Said, ...]


def stands(days: Days) -> Mapping[str, Stand]:
    """Where whatever people touched stands, by id of finding, incident or allegation."""
    rows = days.table("decision").filter(pl.col("standing") != VOID).sort("number")
    said: dict[str, list[Said]] = {}
    for row in rows.iter_rows(named=True):
        said.setdefault(row["subject_id"], []).append(_said(days, row))
    states = {row["subject_id"]: row for row in days.table("subject_state").iter_rows(named=True)}
    titles = {name: say(state.title) for name, state in life_cycle().states.items()}
    found = {}
    for name in sorted(said.keys() | states.keys()):
        state = states.get(name)
        found[name] = Stand(
            titles[state["state"] if state else AUTOMATIC],
            say(RULINGS.get(state["ruling"] or "", "")) if state else "",
            say_again(state["level"] or "") if state else "",
            tuple(said.get(name, ())),
        )
    return found


def replies(days: Days, standing: Mapping[str, Stand], shown: set[str]) -> tuple[PartySaid, ...]:
    """What each party said about what is ``shown`` (ids), every party alike, in the case's order."""
    there = [one for name, stand in standing.items() if name in shown for one in stand.replies]
    return tuple(PartySaid(p, tuple(one for one in there if one.party == p.id)) for p in days.about.parties)


def lost(days: Days) -> tuple[Said, ...]:
    """Decisions whose subject is not derived any more."""
    rows = days.table("decision").filter(pl.col("orphaned"), pl.col("standing") != VOID).sort("number")
    return tuple(_said(days, row) for row in rows.iter_rows(named=True))


def decisions_csv(days: Days, shown: set[str]) -> str:
    """Decisions about what is ``shown`` and about what is not derived any more, one row each."""
    rows = days.table("decision").filter(pl.col("subject_id").is_in(sorted(shown)) | pl.col("orphaned"))
    return rows.with_columns(pl.col("fields").list.join(" ")).sort("number").write_csv()


def _said(days: Days, row: Mapping[str, Any]) -> Said:
    cycle = life_cycle()
    role = say(cycle.roles.get(row["role"], row["role"]))
    party = row["party"] or ""
    name = f" ({row['author']})" if row["author"] else ""
    who = (
        f"{days.about.name_of(party)}{name}"
        if row["role"] == LIAISON and party
        else say("A person as {role}{name}", role=role, name=name)
    )
    action = cycle.actions.get(row["action"])
    return Said(
        anchor=row["decision_id"],
        subject=row["subject"],
        subject_id=row["subject_id"],
        who=who,
        party=party,
        reply=row["action"] == "reply",
        action=say(action.title) if action else row["action"],
        when=words.moment(row["decided"], days.about.zone),
        sets=", ".join(row["fields"] or ()),
        text=row["reason"],
        language=row["language"],
        waits=row["standing"] == "proposed",
    )
