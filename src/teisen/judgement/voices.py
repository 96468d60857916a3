"""Whose voice a report is: where the press quotes a party, its report is no evidence for what that party alleges."""

from __future__ import annotations

import polars as pl


def own_voice(evidence: pl.DataFrame, observations: pl.DataFrame, allegations: pl.DataFrame) -> pl.DataFrame:
    """EVIDENCE in which a report read from the row of an allegation counts as that allegation's source.

    A file may be read twice: as reports of what happened and, where a headline quotes a party, as its allegation. The
    same row cannot corroborate itself; :func:`teisen.judgement.weigh` leaves out what the accuser's own sources say.

    Args:
        evidence: EVIDENCE. observations: OBSERVATION. allegations: ALLEGATION.
    """
    row = ["blob", "row"]
    said = allegations.sort("allegation_id").unique(row, keep="first").select(*row, said_by="source_id")
    quoting = observations.join(said, on=row).select("observation_id", "said_by")
    voiced = evidence.join(quoting, on="observation_id", how="left", maintain_order="left")
    return voiced.with_columns(source_id=pl.coalesce("said_by", "source_id")).drop("said_by")
