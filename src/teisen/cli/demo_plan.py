"""The example of a watch plan in the demonstration: on the line that a case derived, with patrols and other budgets."""

from __future__ import annotations

from pathlib import Path

from teisen.case import Case
from teisen.case.consenting import record_beside
from teisen.cli.plan import derived_line
from teisen.planning.beside import Beside, Bought, Frontier
from teisen.planning.brief import parse_brief, read_line
from teisen.planning.catalogue import load_catalogue
from teisen.planning.consent import versions
from teisen.planning.frontier import frontier
from teisen.planning.one_more import following, one_more
from teisen.planning.patrols import Shifts, programme
from teisen.planning.solve import find, plan_of, setting

BUDGETS = (0.4, 0.65, 1.0, 1.5)
"""Of the brief's budget, what is tried."""
SHIFTS = Shifts(slot_h=2, watch_h=1.5, stops=2)
"""Coarser than a mission's, so that the games are solved within seconds."""


def example_plan(case: Case, file: Path) -> None:
    """Make the plan of a brief on the case's latest line and put it on record; once.

    Raises:
        BadInput: the brief does not fit, or no line is derived.
    """
    brief = parse_brief(file.read_text(encoding="utf-8"), str(file))
    if versions(case.ledger.entries(), brief.id):
        return
    catalogue, reference = load_catalogue(brief.sensors, None)
    here = setting(brief, read_line(derived_line(case), str(case.derived)), catalogue, reference)
    number, proof = find(here)
    plan = plan_of(here, number, proof)
    bought = frontier(here, [brief.rules.budget * share for share in BUDGETS])
    rows = tuple(Bought(**row) for row in bought.to_dicts())
    there = Beside(
        Frontier(plan=plan.sha256, rows=rows), programme(here, plan, SHIFTS), following(plan, one_more(here, number))
    )
    record_beside(case, plan, there)
