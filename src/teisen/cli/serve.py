"""The command serve: the case in the browser and as an API, until it is interrupted."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from teisen.case import Case
from teisen.cli.secret import tells_of_secret
from teisen.cli.terminal import warn
from teisen.errors import NoKey
from teisen.server.serving import serve as run
from teisen.server.settings import Settings


def serve(
    case: Annotated[Path, typer.Argument(help="Folder of the case.")] = Path(),
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: this machine alone.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0: any that is free.", min=0, max=65535)] = None,
    address: Annotated[str | None, typer.Option(help="Address under which people reach it, https://...")] = None,
) -> None:
    """Serve a case: pages, API and review, to this machine or behind a proxy."""
    given: dict[str, Any] = {"host": host, "port": port, "address": address}
    opened = Case.open(case)
    with suppress(NoKey), tells_of_secret(opened):
        opened.ledger.secret()  # where it cannot be had, whoever needs it says so
    run(case, Settings(**{name: value for name, value in given.items() if value is not None}), warn)


COMMANDS = (serve,)
