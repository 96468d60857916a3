"""What commands say: results on standard output (as text or JSON), progress and messages on standard error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from teisen.case import Progress as Told

CaseFolder = Annotated[Path, typer.Option("--case", "-c", help="Folder of the case.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Wait = Annotated[float, typer.Option(help="Seconds to wait for another command on the same case.", min=0)]
HERE = Path()

errors = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """A line of the result."""
    typer.echo(text)


def warn(text: str) -> None:
    """A line beside the result."""
    errors.print(escape(text))


def result(values: Mapping[str, Any], text: str, as_json: bool) -> None:
    """Print a result as text, or its values as JSON with sorted keys."""
    say(json.dumps(values, ensure_ascii=False, sort_keys=True, indent=2, default=str) if as_json else text)


@contextmanager
def progress() -> Iterator[Told]:
    """A bar on standard error while work goes on; a terminal sees it, a file does not."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def told(step: str, done: int, total: int) -> None:
            bar.update(task, description=escape(step[:60]), completed=done, total=total if total > 1 else None)

        yield told
