"""The difference between two derivations as a table, and its rows counted: by change, by cause, by level."""

from __future__ import annotations

import polars as pl

from teisen.observation.schema import NUMBER, TEXT, WHEN
from teisen.tables import PROBABILITY_DECIMALS, Column, Table

TEXTS = pl.List(pl.String)
SUBJECTS = ("incident", "finding", "outcome")
CHANGES = ("appeared", "vanished", "changed", "merged", "split")
BECAUSE = (
    "data",
    "agreement",
    "reading",
    "profile",
    "mapping",
    "decision",
    "case",
    "code",
    "library",
    "known_by",
    "unknown",
)
"""Classes of causes."""
_P = PROBABILITY_DECIMALS

DIFFERENCE = Table(
    "difference",
    "What differs between two derivations: a row for each incident, finding or outcome that is not the same.",
    (
        Column("subject", TEXT, "incident, finding or outcome (of an allegation)", nullable=False),
        Column("id", TEXT, "id in the later derivation; where it vanished, in the earlier one", nullable=False),
        Column(
            "change",
            TEXT,
            "appeared, vanished or changed; of incidents also merged (of several) and split (a part of one)",
            nullable=False,
        ),
        *WHEN,
        Column("fields", TEXTS, "the columns that differ where it is on both sides", nullable=False),
        Column("agreement_id", TEXT, "finding: the agreement"),
        Column("provision_id", TEXT, "finding: the provision"),
        Column("reading_id", TEXT, "finding: the reading"),
        Column("about", TEXT, "finding: the incident or allegation it is about, as on the side of id"),
        Column(
            "others",
            TEXTS,
            "incident: ids it had or was part of before; finding: id before, if another; outcome: incidents that match "
            "on either side",
            nullable=False,
        ),
        Column(
            "p_before",
            NUMBER,
            "incident: p_conflict; finding: p_violation (empty for allegations); outcome: p_corroborated",
            decimals=_P,
        ),
        Column("p_after", NUMBER, "the same in the later derivation", decimals=_P),
        Column("scope_before", NUMBER, "finding: p_in_scope", decimals=_P),
        Column("scope_after", NUMBER, "the same in the later derivation", decimals=_P),
        Column("word_before", TEXT, "incident: kind; finding: level; outcome: outcome"),
        Column("word_after", TEXT, "the same in the later derivation"),
        Column("because", TEXTS, f"classes of what changed: {', '.join(BECAUSE)}", nullable=False),
        Column(
            "causes", TEXTS, "what changed that can have done it: files, terms, definitions, versions", nullable=False
        ),
    ),
    key=("subject", "id", "change"),
)
"""``start`` and ``end`` bound everything that a row speaks of, on both sides."""


def by_change(rows: pl.DataFrame) -> list[tuple[str, dict[str, int]]]:
    """How many incidents, findings and outcomes differ (DIFFERENCE), by how; a line for each subject."""
    counts = {(s, c): n for s, c, n in rows.group_by("subject", "change").len().iter_rows()}
    return [(subject, {change: counts.get((subject, change), 0) for change in CHANGES}) for subject in SUBJECTS]


def by_cause(rows: pl.DataFrame) -> pl.DataFrame:
    """How many rows of each subject name a cause, and how many name no other.

    Returns:
        Columns ``cause``, ``incident``, ``finding``, ``outcome`` and ``alone``; most rows first. A row can name several
        causes, so that columns do not add up to the number of rows. Rows that name none are under the empty text.
    """
    named = rows.select("subject", "id", "causes", alone=pl.col("causes").list.len() <= 1)
    each = named.explode("causes", empty_as_null=True, keep_nulls=True).with_columns(
        pl.col("causes").fill_null("").alias("cause")
    )
    counts = [(pl.col("subject") == s).sum().cast(pl.Int64).alias(s) for s in SUBJECTS]
    total = pl.sum_horizontal(SUBJECTS)
    return (
        each.group_by("cause")
        .agg(*counts, pl.col("alone").sum().cast(pl.Int64))
        .sort(total, "cause", descending=[True, False])
    )


def by_level(rows: pl.DataFrame) -> pl.DataFrame:
    """How many findings under each reading went from which level to which.

    Returns:
        Columns ``agreement_id``, ``provision_id``, ``reading_id``, ``word_before``, ``word_after`` (empty: no such
        finding on that side) and ``len``, in the order of the first five.
    """
    keys = ["agreement_id", "provision_id", "reading_id", "word_before", "word_after"]
    moved = rows.filter((pl.col("subject") == "finding") & pl.col("word_before").ne_missing(pl.col("word_after")))
    return moved.group_by(keys).len().sort(keys)


def largest(rows: pl.DataFrame, subject: str) -> pl.DataFrame:
    """The rows of one subject, those first whose probability changed most; what is absent on a side counts as 0.

    Findings of allegations, which say only whether what is alleged would be in scope, come after those of incidents.
    """
    mine = rows.filter(pl.col("subject") == subject)
    alleged = pl.all_horizontal(pl.col(f"p_{side}").is_null() for side in ("before", "after"))
    p = [pl.coalesce(f"p_{side}", f"scope_{side}", pl.lit(0.0)) for side in ("before", "after")]
    return mine.sort(alleged, (p[1] - p[0]).abs(), "start", "id", descending=[False, True, False, False])
