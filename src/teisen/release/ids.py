"""Ids on the way out, hashed again under a secret of the ledger.

Inside, an id is a plain hash of what was reported. Where place, time and kind can be guessed, whoever has it can try
candidates until one gives it, and has the place that was made coarser. Outside, each id is a keyed hash (BLAKE2b, RFC
7693) of the one inside: the same in every table, format and release of a case, and nothing to try candidates against.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from hashlib import blake2b

import polars as pl

from teisen.release.outgoing import Outgoing

Secret = Callable[[], bytes]
"""Gives the ledger's secret (16 to 64 bytes); asked only where ids leave hashed again."""
WHOLE = frozenset(
    {
        *(f"{one}_id" for one in ("observation", "exposure", "allegation", "incident", "finding", "tally")),
        *("decision_id", "site_id", "subject_id", "incident_ids", "seconds"),
        *("id", "about", "others"),  # of the table difference
    }
)
"""Columns that hold ids and nothing else, whatever their form."""
WORDS_OF_SOURCES = frozenset({"text", "link", "native_id", "raw", "file", "name", "place_name", "blob"})
"""Columns in which a source's own words and names stand, which are left as they are."""
_HINT = r"(?:inc|fnd|dec|tly)-[0-9a-f]{12}|:[0-9a-f]{16}"
_INSIDE = re.compile(r"(?<![\w.:-])(?:(?:inc|fnd|dec|tly)-[0-9a-f]{12}|[\w.-]+(?::[\w.-]+)*:[0-9a-f]{16})(?![\w-])")
_OUTSIDE = re.compile(r"(?:[\w.:-]*[-:])?r[0-9a-f]{16}")
_PREFIX = re.compile(r"(?:inc|fnd|dec|tly)-|.*:(?=[0-9a-f]{16}\Z)|[^:]*:", re.DOTALL)


class Ids:
    """Gives each id the one that it has outside: its prefix (``inc-``, or the source and a colon), ``r``, and 16 hex
    digits of its keyed hash. One that is an outside one already stays as it is."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._made: dict[str, str] = {}

    def outside(self, one: str) -> str:
        """The id outside of one inside; the empty text stays empty."""
        if not one or is_outside(one):
            return one
        if (made := self._made.get(one)) is None:
            prefix = found[0] if (found := _PREFIX.match(one)) else ""
            digest = blake2b(one.encode(), digest_size=8, key=self._secret, person=b"teisen ids").hexdigest()
            made = self._made[one] = f"{prefix}r{digest}"
        return made

    def said(self, text: str) -> str:
        """A text with each id in it as it is outside."""
        return _INSIDE.sub(lambda found: self.outside(found[0]), text)

    def inside(self, one: str, known: Iterable[str]) -> str:
        """Which of the ids that are ``known`` inside is ``one`` outside; ``one`` itself where none is."""
        return next((own for own in known if self.outside(own) == one), one) if is_outside(one) else one

    def frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """A table with its ids, and those that its texts name, as they are outside."""
        texts = [n for n, t in frame.schema.items() if t in (pl.String, pl.List(pl.String))]
        turned = [self._column(frame[name]) for name in texts if name not in WORDS_OF_SOURCES]
        return frame.with_columns(turned)

    def _column(self, column: pl.Series) -> pl.Series:
        listed = column.dtype != pl.String
        values = column.explode() if listed else column
        values = values.drop_nulls().unique(maintain_order=True)
        if column.name not in WHOLE:
            values = values.filter(values.str.contains(_HINT))
        turn = self.outside if column.name in WHOLE else self.said
        changed = {old: new for old in values.to_list() if (new := turn(old)) != old}
        if not changed:
            return column
        each = (pl.element() if listed else pl.col(column.name)).replace(changed)
        told = pl.col(column.name).list.eval(each) if listed else each
        return column.to_frame().select(told.alias(column.name)).to_series()


def is_outside(one: str) -> bool:
    """Whether an id has the form of those that leave."""
    return _OUTSIDE.fullmatch(one) is not None


def hash_again(work: Outgoing, ids: Ids) -> None:
    """Give every id that is on its way out the one that it has outside."""
    for name, frame in list(work.tables.items()):
        work.tables[name] = told = ids.frame(frame)
        held = [column for column in frame.columns if column in WHOLE]
        moved = pl.any_horizontal(pl.lit(False), *(frame[column].ne_missing(told[column]) for column in held))
        work.note(
            name,
            "ids hashed again",
            "a plain id would tell what it was made from",
            int(frame.select(moved.sum()).item()),
        )
