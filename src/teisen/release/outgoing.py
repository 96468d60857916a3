"""Tables on their way out, and the log of what is done to them."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from teisen.tables import Column, Table

REDACTION = Table(
    "redaction",
    "What was withheld or made coarser before release: in which table, why, and how often.",
    (
        Column("table", pl.String(), "the table", nullable=False),
        Column("what", pl.String(), "what was done", nullable=False),
        Column("reason", pl.String(), "why", nullable=False),
        Column("count", pl.Int64(), "how many rows it concerns", nullable=False),
    ),
    key=("table", "what", "reason"),
)


@dataclass
class Outgoing:
    """Tables on their way out."""

    tables: dict[str, pl.DataFrame]
    log: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def note(self, table: str, what: str, reason: str, count: int) -> None:
        """Log that ``what`` was done, and why, to so many rows of a table; nothing where it was none."""
        if count:
            key = (table, what, reason)
            self.log[key] = self.log.get(key, 0) + count

    def height(self, table: str) -> int:
        """Rows of a table; 0 where it is not there."""
        return self.tables[table].height if table in self.tables else 0

    def logged(self) -> pl.DataFrame:
        """The log as a table (REDACTION)."""
        rows = [(*key, count) for key, count in self.log.items()]
        return REDACTION.hand_over(pl.DataFrame(rows, schema=REDACTION.schema, orient="row"))

    def keep(self, table: str, condition: pl.Expr, reason: str) -> None:
        """Withhold the rows for which ``condition`` does not hold (empty counts as not)."""
        if table in self.tables:
            before = self.tables[table]
            self.tables[table] = before.filter(condition.fill_null(False))
            self.note(table, "row withheld", reason, before.height - self.tables[table].height)

    def blank(self, table: str, column: str, condition: pl.Expr, reason: str) -> None:
        """Empty ``column`` where ``condition`` holds."""
        frame = self.tables.get(table)
        if frame is not None and column in frame.columns:
            hit = condition & pl.col(column).is_not_null()
            self.note(table, f"{column} withheld", reason, int(frame.select(hit.sum()).item()))
            self.tables[table] = frame.with_columns(pl.when(~condition).then(pl.col(column)).alias(column))
