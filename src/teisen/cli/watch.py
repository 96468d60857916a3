"""All commands on watch plans: those that make one (:mod:`.plan`), agree on it, try it, and draw its patrols."""

from __future__ import annotations

import typer

from teisen.cli import plan_consent, plan_inspections, plan_next, plan_patrols
from teisen.cli.plan import app

seed = typer.Typer(
    help="Committed seeds: chance that nobody chose, and that everybody can check.", no_args_is_help=True
)
PLANS = (*plan_next.COMMANDS, *plan_consent.COMMANDS, *plan_patrols.COMMANDS, *plan_inspections.COMMANDS)
for group, functions in (
    (app, PLANS),
    (seed, plan_patrols.SEEDS),
):
    for function in functions:
        group.command(function.__name__.rstrip("_"))(function)
app.add_typer(seed, name="seed")

__all__ = ["app"]
