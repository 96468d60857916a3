"""Attribution: what is said of who did it is never surer, of itself, than the agreement allows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from teisen.agreement import Agreement


def limited(findings: pl.DataFrame, agreements: Sequence[Agreement], by_people: Iterable[str]) -> pl.DataFrame:
    """Findings (FINDING) whose attribution to any party is at most what its agreement lets be automatic.

    What is taken off is undetermined then. An agreement that sets no limit leaves it as the sources stated it, and an
    incident in ``by_people`` (ids) has it from a person.
    """
    for agreement in agreements:
        most = agreement.attribution.most
        if most is None:
            continue
        own = (pl.col("subject") == "incident") & pl.col("subject_id").is_in(sorted(by_people))
        hit = (pl.col("agreement_id") == agreement.id) & ~own
        element = pl.element()
        capped = pl.col("attribution").list.eval(
            pl.struct(
                party=element.struct.field("party"), p=pl.min_horizontal(element.struct.field("p"), pl.lit(most))
            ).filter(pl.lit(most) > 0)
        )
        findings = findings.with_columns(pl.when(hit).then(capped).otherwise("attribution").alias("attribution"))
    return findings
