"""How far others' records bear out what each party alleges, given the opportunity to observe it; one path for all.

A count of what was corroborated says as much about who could look as about who told the truth: strikes on a city full
of reporters are corroborated, those behind a closed line are not. So the share is a posterior: an allegation that
others would hardly have recorded says next to nothing about it when they recorded nothing, and the interval stays
wide.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen.judgement.schema import CORROBORATION

EVERY = "*"
"""Agreement, provision and reading of the rows that hold all allegations of a party."""
IN_SCOPE = 0.5
"""An allegation counts under a reading which, taken as stated, it is likelier than not to break."""
QUANTILES = (0.05, 0.5, 0.95)
STEPS = 1000
"""Points on which the share's posterior is computed; quantiles between them are interpolated."""

Floats = NDArray[np.float64]


def corroboration(outcomes: pl.DataFrame, findings: pl.DataFrame, parties: Sequence[str]) -> pl.DataFrame:
    """What became of each party's allegations against others, in all and under each reading (CORROBORATION).

    What a party says of its own acts (``accused`` is the accuser) is left out: it alleges nothing.

    Args:
        outcomes: OUTCOME.
        findings: FINDING; those on allegations say under which readings they would be violations.
        parties: ids in the case's order; each has a row, also one that alleged nothing.
    """
    against = outcomes.filter(pl.col("accused").is_null() | (pl.col("accused") != pl.col("accuser")))
    reading = ["agreement_id", "provision_id", "reading_id"]
    under = (
        findings.filter((pl.col("subject") == "allegation") & (pl.col("p_in_scope") >= IN_SCOPE))
        .select(*reading, allegation_id="subject_id")
        .join(against, on="allegation_id")
    )
    every = against.with_columns(pl.lit(EVERY).alias(name) for name in reading)
    rows = pl.concat([every.select(under.columns), under])
    known = pl.concat([pl.DataFrame([[EVERY]] * 3, schema=reading), findings.select(reading)]).unique()
    order = pl.DataFrame({"accuser": list(parties)}, schema={"accuser": pl.String}).with_row_index("nth")
    found = [_row(rows, cell) for cell in known.join(order, how="cross").iter_rows(named=True)]
    return CORROBORATION.hand_over(pl.DataFrame(found, schema=CORROBORATION.schema))


def _row(rows: pl.DataFrame, cell: dict[str, object]) -> dict[str, object]:
    mine = rows.filter(*(pl.col(name).eq(value) for name, value in cell.items() if name != "nth"))
    read = mine.filter(pl.col("outcome") != "unread").sort("allegation_id")
    found = pl.col("outcome").is_in(["corroborated", "partly"])
    borne = read.select(pl.when(found).then("p_corroborated").otherwise(0.0)).to_series().to_numpy()
    would = read["p_would_see"].fill_null(0.0).to_numpy()
    low, middle, high = share(borne, would)
    words = ("corroborated", "partly", "not_seen_watched", "not_seen_blind", "unread")
    return cell | {
        "allegations": mine.height,
        **{word: int((mine["outcome"] == word).sum()) for word in words},
        "unplaced": int(read["p_would_see"].null_count()),
        "opportunity": float(np.sort(would).sum()),
        "share_low": low,
        "share": middle,
        "share_high": high,
    }


def share(borne_out: Floats, would_see: Floats) -> tuple[float, float, float]:
    """Median and 5 % and 95 % quantiles of the share of allegations that happened: low, middle, high.

    With share s, an allegation borne out with probability c, that others would have recorded with probability w, had it
    happened, has the likelihood c s + (1 - c)(1 - s w). The prior is Jeffreys': beta with both shapes one half.
    """
    step = np.pi / 2 / STEPS
    s = np.sin((np.arange(STEPS) + 0.5) * step) ** 2  # in this angle Jeffreys' prior is even
    c, w = (column[np.lexsort((would_see, borne_out))][:, None] for column in (borne_out, would_see))
    log = np.log(c * s + (1 - c) * (1 - s * w)).sum(axis=0)
    below = np.concatenate([[0.0], np.cumsum(np.exp(log - log.max()))])
    at = np.sin(np.interp(np.multiply(QUANTILES, below[-1]), below, np.arange(STEPS + 1) * step)) ** 2
    return float(at[0]), float(at[1]), float(at[2])
