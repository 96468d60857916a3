"""Moments as arguments of commands: ISO 8601, UTC where no zone is written."""

from __future__ import annotations

from datetime import UTC, datetime

import typer


def moment(text: str) -> datetime:
    """A moment from what a user wrote: a date (its beginning), or date and time, with a zone or in UTC.

    Raises:
        typer.BadParameter: it is none.
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no moment; write 2025-03-25, 2025-03-25T18:00 (UTC) or 2025-03-25T20:00+02:00"
        ) from None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
