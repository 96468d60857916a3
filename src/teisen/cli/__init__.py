"""The command line: one module a command group, over the rooms below; decides nothing itself.

In: arguments. Out: results on standard output, messages on standard error, and an exit code (docs/cli.md). May touch
every room; nothing may touch it.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from teisen import __version__
from teisen.cli.late import among, commands, group
from teisen.cli.terminal import warn
from teisen.errors import TeisenError
from teisen.garbage import look_seldom

DEBUG_VARIABLE = "TEISEN_DEBUG"
"""Set to anything, a mistake of the code ends in its traceback."""
MISTAKE = 70
INTERRUPTED = 130

MODULES = (
    *("cases", "derive", "decisions", "compare", "claims", "assess", "explain"),
    *("publish", "serve", "simulate", "evaluate", "demo", "doctor", "languages"),
)
COMMANDS = [command for module in MODULES for command in commands(module)]
GROUPS = (
    group("agreements", "agreement", "Check agreements."),
    group("watch", "plan", "Plan the watch: where sensors stand, what that sees, and what it costs."),
)

app = typer.Typer(
    name="teisen",
    cls=among([*COMMANDS, *GROUPS]),
    help="Monitor and verify a ceasefire.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"teisen {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Monitor and verify a ceasefire: what happened, was it a violation, under whose reading, and how sure."""


def main() -> None:
    """Run the command line; what users do wrong ends as a message and an exit code, never as a traceback."""
    look_seldom()
    try:
        app()
    except TeisenError as error:
        warn(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        warn("Interrupted; nothing half-done is kept.")
        sys.exit(INTERRUPTED)
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        warn(
            f"Teisen made a mistake ({type(error).__name__}: {error}). Please report it; "
            f"with {DEBUG_VARIABLE}=1 the same command says where it happened."
        )
        sys.exit(MISTAKE)
