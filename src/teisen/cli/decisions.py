"""Commands of people who decide and reply: decide, reply, history, queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from teisen import case as room
from teisen.case import Case, stored
from teisen.cli.terminal import HERE, AsJson, CaseFolder, Wait, result
from teisen.decision import By, Step, life_cycle, replay
from teisen.decision import orphaned as orphans
from teisen.decision.life import VOID
from teisen.errors import BadInput, Problem

Subject = Annotated[str, typer.Argument(help="Id of a finding, an incident or an allegation.")]
As = Annotated[str, typer.Option("--as", help="Your name, one word. Default: the case's own key, nobody in person.")]
Party = Annotated[str, typer.Option(help="Party that you speak for.")]
Language = Annotated[str, typer.Option(help="Language of the words (BCP 47).")]
TOP = 20


def decide(
    action: Annotated[str, typer.Argument(help="What to do: open, invite, confirm, correct, dismiss, ...")],
    subject: Subject,
    *,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why.")],
    role: Annotated[str, typer.Option(help="Role that you act in.")] = "analyst",
    as_: As = "",
    party: Party = "",
    set_: Annotated[list[str] | None, typer.Option("--set", "-s", help="FIELD=VALUE of a correction.")] = None,
    language: Language = "en",
    case: CaseFolder = HERE,
    wait: Wait = 30,
    as_json: AsJson = False,
) -> None:
    """Confirm, correct, dismiss or move on a finding or an incident, on the record."""
    by = By(name=as_, role=role, party=party)
    done = room.decide(
        Case.open(case), action, subject, by, reason=reason, values=_values(set_ or []), language=language, wait_s=wait
    )
    _told(done, as_json)


def reply(
    subject: Subject,
    *,
    party: Annotated[str, typer.Option(help="Party that you speak for.")],
    text: Annotated[str, typer.Option("--text", "-t", help="The reply.")] = "",
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Text file that holds the reply.")] = None,
    as_: As = "",
    language: Language = "en",
    case: CaseFolder = HERE,
    wait: Wait = 30,
    as_json: AsJson = False,
) -> None:
    """Put a party's reply beside a finding, an incident or an allegation."""
    if bool(text) == bool(file):
        raise typer.BadParameter("Write --text or --file.")
    words = _read(file) if file else text
    by = By(name=as_, role="party-liaison", party=party)
    done = room.decide(Case.open(case), "reply", subject, by, reason=words, language=language, wait_s=wait)
    _told(done, as_json)


def history(
    subject: Annotated[str, typer.Argument(help="Id; default: all of the case.")] = "",
    *,
    orphaned: Annotated[bool, typer.Option("--orphaned", help="Only what speaks of nothing derived now.")] = False,
    case: CaseFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """List what people decided and replied, in order, with what became of it."""
    opened = Case.open(case)
    subject = room.inside_id(opened, subject)
    record = replay(opened.acts())
    steps = [step for step in record.steps.values() if not subject or step.act.subject_id == subject]
    if orphaned:
        derived = stored.read_tables(opened.derived, ("decision",)).get("decision")
        lost = set() if derived is None else set(orphans(derived)["decision_id"])
        steps = [step for step in steps if step.id in lost]
    values: dict[str, Any] = {"decisions": [_plain(step) for step in steps]}
    lines = [_line(step) for step in steps]
    if subject:
        state = record.state(subject)
        kind = next((step.act.body.subject for step in steps if step.act.body), "finding")
        possible = life_cycle().possible(kind, state.name)
        values |= {"state": state.name, "possible": possible}
        lines.append(f"Now: {life_cycle().states[state.name].title}. Possible: {', '.join(possible)}.")
    result(values, "\n".join(lines) or "Nothing is on record.", as_json)


def queue(
    *,
    top: Annotated[int, typer.Option(help="How many to list.", min=1)] = TOP,
    case: CaseFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """List what waits for a person, in the order in which a look would change most."""
    rows = room.waiting(Case.open(case))
    shown = list(rows.head(top).iter_rows(named=True))
    why = {"second": "second person", "appeal": "appeal", "state": "open", "doubt": "doubt"}
    lines = [
        f"{why[r['waits']]:13} {r['subject_id']}  {_chance(r['p_violation'])}  {r['title'] or ''}{_due(r['due'])}"
        for r in shown
    ]
    lines.append(_counts(rows))
    result({"waiting": shown, "count": rows.height}, "\n".join(lines), as_json)


def _chance(p: float | None) -> str:
    return "P  --" if p is None else f"P {p:.2f}"


def _due(due: datetime | None) -> str:
    return "" if due is None else f"  (due {due:%Y-%m-%d %H:%M} UTC)"


def _counts(rows: pl.DataFrame) -> str:
    return f"{rows.height} incidents wait." if rows.height else "Nothing waits."


def _values(given: list[str]) -> Mapping[str, str]:
    values = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or name in values:
            raise typer.BadParameter(f"--set {one}: write FIELD=VALUE, each field once.")
        values[name] = value
    return values


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError):
        do = "Name a text file in UTF-8."
        raise BadInput(Problem(str(file), 0, "", "it cannot be read as text", do)) from None


def _told(done: room.Decided, as_json: bool) -> None:
    step, title = done.step, life_cycle().states[done.step.after].title
    said = {
        "proposed": f"Proposed: another person has to do the same to put it in force. It stays {step.before}.",
        "in_force": f"On record. {step.act.subject_id} is {title}.",
    }.get(step.standing, f"On record, {step.standing}: {step.note}.")
    values = _plain(step) | {"entry": done.entry}
    result(values, f"{step.id}, entry {done.entry}. {said}\nRun `teisen derive` to put it into the tables.", as_json)


def _plain(step: Step) -> dict[str, Any]:
    body = step.act.body
    return {
        "id": step.id,
        "time": step.act.time,
        "subject": step.act.subject_id,
        "standing": step.standing,
        "note": step.note,
        "from": step.before,
        "to": step.after,
        "key": step.act.key,
        "signed_as": step.act.signed_as,
        "said": body.model_dump(by_alias=True) if body else dict(step.act.raw),
    }


def _line(step: Step) -> str:
    body, time = step.act.body, step.act.time.strftime("%Y-%m-%d %H:%M:%SZ")
    if body is None:
        return f"{time}  {step.id}  {step.act.subject_id}  {step.standing}: {step.note}"
    party = f" of {body.by.party}" if body.by.party else ""
    who = f"{body.by.name or 'the case itself'} ({life_cycle().roles.get(body.by.role, body.by.role)}{party})"
    title = life_cycle().actions[body.action].title if body.action in life_cycle().actions else body.action
    values = "".join(f" {name}={value}" for name, value in body.values.items())
    standing = "" if step.standing == "in_force" else f" [{step.standing}{f': {step.note}' if step.note else ''}]"
    way = "" if step.standing == VOID or step.before == step.after else f" ({step.before} -> {step.after})"
    return f"{time}  {step.id}  {step.act.subject_id}  {who} {title}{values}{way}{standing}: {body.reason}"


COMMANDS = (decide, reply, history, queue)
