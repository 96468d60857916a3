"""What could have been known at a moment: tables without what was published, or had happened, only later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import polars as pl

from teisen.agreement import Agreement


def known_by(tables: Mapping[str, pl.DataFrame], moment: datetime) -> dict[str, pl.DataFrame]:
    """Leave out of tables what nobody outside could have known at ``moment`` (UTC); a row that stays is unchanged.

    - Observations: published (``reported``) by then. Where a source does not say when it published, what had ended by
      then stays: the earliest anyone could have known of it, not the time it was known (:func:`undated` counts them).
    - Allegations: ``stated`` by then.
    - Conditions and areas: begun by then, so that neither weather nor a line of control of a later day is used; orbital
      elements: of an epoch by then.
    - Exposure: begun by then, and cut at the moment: nobody had watched the day after. How probable detection is stays
      as it is, so that silence counts as a miss although a report may still be on its way.

    - Rates: of days begun by then; of what is not over, only what was seen by then is in them. Weeks: over by then.

    Names, sites, rows set aside and definitions carry no time of publication and stay as they are.
    """
    at = pl.lit(moment)
    kept = {
        "observation": pl.coalesce("reported", "end") <= at,
        "allegation": pl.col("stated") <= at,
        "condition": pl.col("start") <= at,
        "orbit": pl.col("epoch") <= at,
        "area": pl.col("valid_from").is_null() | (pl.col("valid_from") <= at),
        "exposure": pl.col("start") < at,
        "rate": pl.col("start") < at,
        "rate_part": pl.col("start") < at,
        "week": pl.col("end") <= at,
    }
    out = {name: frame.filter(kept[name]) if name in kept else frame for name, frame in tables.items()}
    if "exposure" in out:
        out["exposure"] = out["exposure"].with_columns(pl.min_horizontal("end", at.cast(pl.Datetime("us", "UTC"))))
    return out


def undated(observations: pl.DataFrame) -> dict[str, int]:
    """How many observations of each source do not say when they were published, by source id."""
    rows = observations.filter(pl.col("reported").is_null()).group_by("source_id").len().sort("source_id")
    return dict(rows.iter_rows())


def said_later(agreements: Iterable[Agreement], moment: datetime) -> list[str]:
    """Readings that rest on statements of later days alone (their dates taken as UTC), as agreement/provision/reading.

    They are judged by nevertheless: the text may have been there before anybody said how they read it.
    """
    found = []
    for agreement in agreements:
        dates = {statement.id: statement.date for statement in agreement.statements}
        for provision in agreement.provisions:
            for reading in provision.readings:
                said = [dates.get(source) for source in reading.sources]
                if said and all(day is not None and day.replace(tzinfo=UTC) > moment for day in said):
                    found.append(f"{agreement.id}/{provision.id}/{reading.id}")
    return found
