"""What evaluation hands over: scores by stratum, and stated probabilities against what was true."""

from __future__ import annotations

import polars as pl

from teisen.tables import Column, Table

TEXT, NUMBER, COUNT = pl.String(), pl.Float64(), pl.Int64()

SCORE = Table(
    "score",
    "How right fusion is where the truth is known.",
    (
        Column("by", TEXT, "all, density, sources or kind: what the stratum is a stratum of", nullable=False),
        Column("stratum", TEXT, "the stratum", nullable=False),
        Column("measure", TEXT, "a word of docs/simulating.md", nullable=False),
        Column("value", NUMBER, "its value; empty: nothing to measure", decimals=4),
        Column("n", COUNT, "what it was measured on: pairs, reports or incidents", nullable=False),
    ),
    key=("by", "stratum", "measure"),
)

CALIBRATION = Table(
    "calibration",
    "Stated probabilities against how often they were right.",
    (
        Column("probability", TEXT, "conflict, kind or actor", nullable=False),
        Column("low", NUMBER, "least probability of the bin", nullable=False, decimals=2),
        Column("high", NUMBER, "and up to this", nullable=False, decimals=2),
        Column("n", COUNT, "probabilities stated in the bin", nullable=False),
        Column("stated", NUMBER, "their mean", nullable=False, decimals=4),
        Column("true", NUMBER, "share of them that were right", nullable=False, decimals=4),
        Column("by_chance", NUMBER, "mean difference of these, were each right", nullable=False, decimals=4),
    ),
    key=("probability", "low"),
)
