"""What a party stated itself, beside what is released: nobody has to wait for one's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from teisen.release.redaction import Released
from teisen.release.tables import TABLES

LIAISON = "party-liaison"


def with_own(released: Released, tables: Mapping[str, pl.DataFrame], party: str) -> Released:
    """Put into ``released`` what ``party`` itself alleged, replied and commented, as it was stated.

    What became of an allegation, and everything that others did, stays as it was released. A table that the policy
    hides stays hidden.

    Args:
        released: what the audience of the party's people may have.
        tables: the derived tables that it was made from.
        party: id of the party.
    """
    own = {
        "allegation": pl.col("accuser") == party,
        "decision": (pl.col("party") == party) & (pl.col("role") == LIAISON),
    }
    out = dict(released.tables)
    for name, mine in own.items():
        if name in out and name in tables:
            stated, key = tables[name].filter(mine.fill_null(False)), TABLES[name].key
            stated = released.ids.frame(stated) if released.ids else stated
            others = out[name].join(stated, on=key, how="anti", maintain_order="left")
            out[name] = TABLES[name].hand_over(pl.concat([others, stated]))
    return replace(released, tables=out)
