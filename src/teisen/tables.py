"""Tables: what a stage takes and gives, declared once and checked at every door.

A :class:`Table` names its columns, their types, which may be empty, the key that orders its rows, and the grid on
which numbers are rounded when a stage hands the table over. Rounding at the hand-over is what makes results the same
on every processor: a threshold looks at the rounded value, so the last bit of an arithmetic never decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from teisen.errors import SchemaError

UTC_TIME = pl.Datetime("us", "UTC")

PLACE_DECIMALS = 5
"""Degrees are kept to 0.00001 (about 1.1 m of latitude)."""
METRE_DECIMALS = 0
PROBABILITY_DECIMALS = 4
"""Probabilities are kept to 0.0001; 256 possible worlds resolve 0.004."""


@dataclass(frozen=True)
class Column:
    """One column: its name, type, meaning (with unit), whether it may be empty, and the decimals it is kept to."""

    name: str
    dtype: pl.DataType | type[pl.DataType]
    doc: str
    nullable: bool = True
    decimals: int | None = None


@dataclass(frozen=True)
class Table:
    """A declared table. ``key`` is the columns that identify a row and order the table."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @cached_property
    def schema(self) -> pl.Schema:
        """Names and types, in order."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    def empty(self) -> pl.DataFrame:
        """The table with no rows."""
        return pl.DataFrame(schema=self.schema)

    def check(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return ``frame`` with the declared columns in the declared order.

        Raises:
            SchemaError: a column is missing or too many, has another type, or is empty where it may not be.
        """
        wanted, found = self.schema, frame.schema
        if list(found) != list(wanted):
            missing = [name for name in wanted if name not in found]
            extra = [name for name in found if name not in wanted]
            if missing or extra:
                raise SchemaError(f"table {self.name}: missing columns {missing}, unknown columns {extra}")
            frame = frame.select(wanted.names())
        wrong = [f"{name} is {found[name]}, not {dtype}" for name, dtype in wanted.items() if found[name] != dtype]
        if wrong:
            raise SchemaError(f"table {self.name}: {'; '.join(wrong)}")
        empty = [c.name for c in self.columns if not c.nullable and frame.get_column(c.name).null_count()]
        if empty:
            raise SchemaError(f"table {self.name}: empty values in {empty}")
        return frame

    def hand_over(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Check ``frame``, round it to the declared decimals and order it by its key.

        Two rows with the same key are a mistake of the stage that made them.

        Raises:
            SchemaError: as :meth:`check`, or a key stands twice.
        """
        frame = self.check(frame)
        rounded = [_rounded(c.name, c.decimals) for c in self.columns if c.decimals is not None]
        frame = frame.with_columns(rounded).sort(self.key, maintain_order=True, nulls_last=False)
        same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in self.key)
        if frame.height > 1 and frame.select(same.slice(1).any()).item():
            twice = frame.filter(pl.struct(self.key).is_duplicated()).select(self.key).row(0)
            raise SchemaError(f"table {self.name}: key {twice} stands more than once")
        return frame

    def build(self, columns: dict[str, object]) -> pl.DataFrame:
        """Make a frame from column values; a column that is not given is empty (null)."""
        frame = pl.DataFrame(columns, schema_overrides={n: t for n, t in self.schema.items() if n in columns})
        return self.fill(frame)

    def fill(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add the declared columns that ``frame`` lacks as nulls, and put all in the declared order."""
        absent = [pl.lit(None, dtype=t).alias(n) for n, t in self.schema.items() if n not in frame.columns]
        return self.check(frame.with_columns(absent))

    def gather(self, frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
        """Put frames of this table one under the other; none gives the empty table."""
        checked = [self.check(frame) for frame in frames]
        return pl.concat(checked) if checked else self.empty()


def _rounded(name: str, decimals: int) -> pl.Expr:
    """The column rounded, without negative zeros: they would be other bytes for the same number."""
    value = pl.col(name).round(decimals)
    return pl.when(value == 0).then(0.0).otherwise(value).alias(name)
