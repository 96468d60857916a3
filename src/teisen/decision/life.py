"""Acts in their order, each checked against what stood before it: states, proposals and who may do what.

The same rules answer twice: when an act is about to be recorded, and whenever tables are derived from the record. An
act that does not fit is refused the first time; one that stands on the record all the same is void and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from teisen.decision.act import Act, Body, By, in_order
from teisen.decision.settings import AUTOMATIC as TAKEN_BACK
from teisen.decision.settings import LEVEL, MERGE, STRUCK, check
from teisen.decision.states import AUTOMATIC, LIAISON, LifeCycle, life_cycle

IN_FORCE, PROPOSED, SECONDED, LAPSED, VOID = "in_force", "proposed", "seconded", "lapsed", "void"
COUNT = (IN_FORCE, SECONDED)
"""Standings of what took effect."""
CORRECT = "correct"


class Refused(ValueError):
    """An act does not fit; ``what`` is wrong and what to ``do``."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(f"{what}. {do}")
        self.what, self.do = what, do


@dataclass(frozen=True)
class State:
    """Where a subject stands: since when (None: from the beginning), by whom, the last ruling, a level people set."""

    name: str = AUTOMATIC
    since: datetime | None = None
    by: By | None = None
    ruling: str | None = None
    level: str | None = None
    proposal: str = ""
    history: int = 0


NEW = State()
"""Of whatever nobody has decided about."""


@dataclass(frozen=True)
class Step:
    """An act with what became of it: its standing, the states around it, and why it is void."""

    id: str
    number: int
    act: Act
    standing: str
    before: str
    after: str
    note: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Record:
    """All acts so far: steps by id in their order, states, the key of each name, the party of each key.

    ``corrections``: for each incident and field the read value that holds, with the id of the decision that set it;
    what was taken back is not there.
    """

    cycle: LifeCycle
    steps: dict[str, Step] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    parties: dict[str, str] = field(default_factory=dict)
    corrections: dict[tuple[str, str], tuple[Any, str]] = field(default_factory=dict)

    @property
    def next_number(self) -> int:
        """The number of the next act."""
        return max((s.act.body.number for s in self.steps.values() if s.act.body), default=0) + 1

    def state(self, subject_id: str) -> State:
        """Where a subject stands."""
        return self.states.get(subject_id, NEW)

    def of(self, subject_id: str) -> list[Step]:
        """The steps about a subject, in order."""
        return [step for step in self.steps.values() if step.act.subject_id == subject_id]

    def check(self, act: Act) -> tuple[Body, dict[str, Any]]:
        """The body of an act that fits, and its values read.

        Raises:
            Refused: it does not fit.
        """
        body = act.body
        if body is None:
            raise Refused("its form is not known, or its signature does not verify", "Read it with a newer version")
        self._check_author(act, body.by)
        self._check_step(act.subject_id, body)
        self._check_second(act, body)
        return body, self._check_values(body)

    def take(self, act: Act) -> Step:
        """Add an act that comes after all others; one that does not fit is void."""
        name, n = act.id, 1
        while name in self.steps:
            n += 1
            name = f"{act.id}-{n}"
        before = self.state(act.subject_id)
        number = len(self.steps) + 1
        try:
            body, values = self.check(act)
        except Refused as refused:
            step = Step(name, number, act, VOID, before.name, before.name, refused.what)
            self.steps[name] = step
            return step
        action = self.cycle.actions[body.action]
        self.keys.setdefault(body.by.name, act.key)
        if body.by.name:
            self.parties.setdefault(act.key, body.by.party)
        standing = PROPOSED if body.proposal else IN_FORCE
        step = Step(name, number, act, standing, before.name, action.leads(before.name), "", values)
        self.steps[name] = step
        self.states[act.subject_id] = self._after(before, step, body)
        if not body.proposal:
            for setting, value in values.items():
                self._set(body.incident, setting, value, name)
        return step

    def _after(self, before: State, step: Step, body: Body) -> State:
        state = replace(before, history=before.history + 1)
        if body.proposal:
            self._lapse(before.proposal)
            return replace(state, proposal=step.id)
        if body.seconds:
            self.steps[body.seconds] = replace(self.steps[body.seconds], standing=SECONDED)
        action = self.cycle.actions[body.action]
        if step.after == before.name and action.ruling is None:
            return state
        if before.proposal != body.seconds:
            self._lapse(before.proposal)
        level = step.values.get(LEVEL, before.level)
        return State(
            step.after,
            step.act.time,
            body.by,
            action.ruling or before.ruling,
            None if level == TAKEN_BACK else level,
            "",
            state.history,
        )

    def _lapse(self, proposal: str) -> None:
        if proposal:
            self.steps[proposal] = replace(self.steps[proposal], standing=LAPSED)

    def _set(self, incident: str, setting: str, value: Any, decision: str) -> None:
        if setting == LEVEL:
            return
        if value == TAKEN_BACK or (setting == STRUCK and value is False):
            self.corrections.pop((incident, setting), None)
        else:
            self.corrections[incident, setting] = value, decision

    def _check_author(self, act: Act, by: By) -> None:
        if by.role not in self.cycle.roles:
            raise Refused(f"there is no role {by.role!r}", f"Write one of {', '.join(self.cycle.roles)}")
        if by.name != act.signed_as:
            raise Refused(f"it says {by.name!r} and was signed as {act.signed_as!r}", "Sign it with one's own key")
        if self.keys.get(by.name, act.key) != act.key:
            raise Refused(
                f"the name {by.name!r} stands on this record with another key", "Use that key, or another name"
            )
        if (by.role == LIAISON) != bool(by.party):
            raise Refused("a party liaison, and nobody else, speaks for a party", "Name the party, or another role")
        spoke = self.parties.get(act.key, by.party) if by.name else by.party
        if spoke != by.party:
            of = f"for {spoke}" if spoke else "for no party"
            raise Refused(f"{by.name} stands on this record as one who speaks {of}", "Nobody has both parts")
        if act.review.people:
            _check_listed(act, by)

    def _check_step(self, subject_id: str, body: Body) -> None:
        action, state = self.cycle.actions.get(body.action), self.state(subject_id).name
        if action is None:
            raise Refused(f"there is no action {body.action!r}", f"Write one of {', '.join(self.cycle.actions)}")
        possible = self.cycle.possible(body.subject, state)
        if body.subject not in action.about:
            raise Refused(f"{body.action} is nothing for {body.subject}s", f"Possible are {', '.join(possible)}")
        if not action.starts_from(state) or body.before != state:
            title = self.cycle.states[state].title
            raise Refused(
                f"{subject_id} is {title} ({state}), and {body.action} does not start there",
                f"Possible are {', '.join(possible)}",
            )
        if body.after != action.leads(state):
            raise Refused(f"{body.action} does not lead to {body.after!r}", f"It leads to {action.leads(state)}")
        if body.by.role not in action.by:
            roles = ", ".join(self.cycle.roles[role] for role in action.by)
            raise Refused(f"{body.action} is not for the role {body.by.role}", f"It is for: {roles}")
        if not body.reason.strip():
            raise Refused(f"{body.action} comes without its words", "Give the reason, or the text")

    def _check_second(self, act: Act, body: Body) -> None:
        waiting, needed = self.state(act.subject_id).proposal, body.action in act.review.four_eyes
        if needed and not body.proposal and not body.seconds:
            raise Refused(f"{body.action} needs two people", "Propose it; another person puts it in force")
        if needed and body.seconds and body.by.role != act.review.second_role:
            raise Refused(
                f"{body.action} is put in force by a {self.cycle.roles[act.review.second_role]}, not in the role "
                f"{body.by.role}",
                "Ask somebody in that role",
            )
        if body.proposal and body.seconds:
            raise Refused("it is a proposal and seconds one", "Do one of the two")
        if body.proposal and not body.by.name:
            raise Refused(f"{body.action} needs two people, and the case's own key is nobody", "Name the author")
        first = self.steps[waiting].act if waiting else None
        if body.proposal and first and first.body and first.body.by.name == body.by.name and _same(body, first.body):
            raise Refused(f"{body.by.name} proposed it already", "Another person has to look at it")
        if not body.seconds:
            return
        if first is None or first.body is None or waiting != body.seconds:
            raise Refused(f"no proposal {body.seconds} waits here", "Look at the history, and propose it again")
        if not body.by.name or body.by.name == first.body.by.name or act.key == first.key:
            raise Refused(
                f"{first.body.by.name} proposed it, and the same person cannot put it in force",
                "Another person has to look at it",
            )
        if not _same(body, first.body):
            raise Refused("it is not what was proposed", "Second it as it is, or propose another")

    def _check_values(self, body: Body) -> dict[str, Any]:
        if (body.action == CORRECT) != bool(body.values):
            do = "Name what to set" if body.action == CORRECT else "Take the values away, or correct instead"
            raise Refused(f"{body.action} with {len(body.values) or 'no'} values to set", do)
        try:
            values = check(body.values)
        except ValueError as error:
            raise Refused(str(error), "Correct the value") from None
        if LEVEL in values and body.subject != "finding":
            raise Refused("only a finding has a level", "Correct the finding")
        if values.keys() - {LEVEL} and not body.incident:
            raise Refused("it concerns no incident", "Correct a finding on an incident, or the incident")
        if MERGE in values and self._circle(body.incident, values[MERGE]):
            raise Refused(f"{values[MERGE]} is, or was made part of, {body.incident}", "Merge them the other way round")
        return values

    def _circle(self, incident: str, into: str) -> bool:
        while True:
            if into == incident:
                return True
            found = self.corrections.get((into, MERGE))
            if found is None:
                return False
            into = found[0]


def _check_listed(act: Act, by: By) -> None:
    """Hold an author against the people that the case names."""
    person = act.review.person(by.name)
    if person is None:
        raise Refused(f"the case names nobody {by.name!r} who may act", "Add the person under review: in case.yaml")
    if by.role not in person.roles or by.party != person.party:
        of = f" of {by.party}" if by.party else ""
        raise Refused(f"{by.name} may not act as {by.role}{of}", f"{by.name} has: {', '.join(person.roles)}")
    if person.key not in ("", act.key):
        raise Refused(f"{by.name} signed with another key than the case names", "Use that key, or name the new one")


def _same(one: Body, other: Body) -> bool:
    """Whether two acts would do the same."""
    return (one.action, one.values) == (other.action, other.values)


def replay(acts: Iterable[Act], cycle: LifeCycle | None = None) -> Record:
    """What the acts amount to, in whatever order they come."""
    record = Record(cycle or life_cycle())
    for act in in_order(acts):
        record.take(act)
    return record
