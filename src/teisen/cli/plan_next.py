"""The command that says what one more sensor would bring a plan, and what one less would lose."""

from __future__ import annotations

from pathlib import Path

from teisen.cli import plan_words
from teisen.cli.plan import NEXT, PLAN, Folder, Language, _write, made_in
from teisen.cli.terminal import AsJson, result
from teisen.errors import BadInput, Problem
from teisen.languages import say, speaking, words
from teisen.planning.coverage import Ints
from teisen.planning.one_more import following, numbers, one_more
from teisen.planning.plan import Plan
from teisen.planning.solve import Setting

FILES = ("next.csv", "next-kinds.csv", "without.csv")


def next_(folder: Folder, *, language: Language = "en", as_json: AsJson = False) -> None:
    """Say what one more of each sensor would add to a plan, and what one less of each would lose; nothing is moved."""
    here, plan = made_in(folder)
    found = one_more(here, _numbers(folder, here, plan))
    document = following(plan, found)
    for name, table in zip(FILES, found, strict=True):
        _write(folder / name, table.write_csv())
    (folder / NEXT).write_bytes(document.canonical())
    with speaking(words(language)):
        wrote = say("Wrote {files} into {folder}", files=", ".join((NEXT, *FILES)), folder=folder)
        said = [*plan_words.followed(document), wrote]
    values = {"sha256": plan.sha256, "next": found.more.to_dicts(), "kinds": found.added.to_dicts()}
    result(values, "\n".join(said), as_json)


def _numbers(folder: Path, here: Setting, plan: Plan) -> Ints:
    """How many of each option the plan takes.

    Raises:
        BadInput: the brief asks for something else than the plan was made for.
    """
    brief, risk = here.brief, tuple(one for name, one in here.references.items() if name == "risk")
    asked = (brief.watched, brief.rules, here.conditions, risk)
    number = numbers(here, plan) if asked == (plan.watched, plan.rules, plan.conditions, plan.ground) else None
    if number is None:
        what = "the brief asks for something else now than the plan was made for"
        raise BadInput(Problem(str(folder / PLAN), 0, "", what, f"Run `teisen plan solve {folder}` again."))
    return number


COMMANDS = (next_,)
