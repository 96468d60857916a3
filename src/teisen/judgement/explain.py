"""Answers of a reading in words: reasons, one sentence, and what decides where readings part."""

from __future__ import annotations

import numpy as np
import polars as pl

from teisen.agreement import During, Level, Predicate, leaves
from teisen.judgement.rules import Answer
from teisen.judgement.schema import FINDING
from teisen.tables import PROBABILITY_DECIMALS

IN_SCOPE = 0.5
"""A subject counts as in scope under a reading from this probability on."""
SURE = 0.995
"""From here on a share is spoken of as all possible worlds."""


def reasons(answer: Answer) -> pl.Series:
    """The leaves with their shares and sentences, one list a subject."""
    size, width = len(answer.share), len(answer.leaves)
    if not size:
        return FINDING.empty()["reasons"]
    leaf = np.tile(np.arange(width), size)
    shares = np.stack([share for _, share in answer.leaves], axis=1)
    frame = pl.DataFrame(
        {
            "predicate": pl.Series([leaf.name for leaf, _ in answer.leaves]).gather(leaf),
            "share": pl.Series(shares.ravel()).round(PROBABILITY_DECIMALS),
            "says": pl.Series([leaf.says for leaf, _ in answer.leaves]).gather(leaf),
        }
    )
    return frame.to_struct("reasons").reshape((size, width)).arr.to_list()


def level(probability: pl.Expr, standard: tuple[Level, ...]) -> pl.Expr:
    """The word for a quantised probability; equal to a bound counts as above it."""
    word = pl.lit(standard[0].word)
    for step in standard[1:]:
        word = pl.when(probability >= step.at_least).then(pl.lit(step.word)).otherwise(word)
    return word


def sentence(answer: Answer, start_us: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pl.Series:
    """One sentence a subject: in how many worlds it is in scope, and what decides against it.

    Args:
        answer: of the reading's rule.
        start_us: earliest times of the subjects, microseconds since 1970, to tell too early from too late.
    """
    shares = np.stack([share for _, share in answer.conditions], axis=1)
    weakest = shares.argmin(axis=1)
    rows = np.arange(len(weakest))
    frame = pl.DataFrame(
        {"p": answer.share, "weakest": weakest, "share": shares[rows, weakest], "start": start_us}
    ).with_columns(percent=(pl.col("p") * 100).round(0).cast(pl.Int64).cast(pl.String))
    fails, doubts = pl.lit(""), pl.lit("")
    for n, (condition, _) in enumerate(answer.conditions):
        here = pl.col("weakest") == n
        fails = pl.when(here).then(_fails(condition)).otherwise(fails)
        doubts = pl.when(here).then(pl.lit(f"least sure is that {condition.says}")).otherwise(doubts)
    text = (
        pl.when(pl.col("p") >= SURE)
        .then(pl.lit("In scope under this reading in all possible worlds."))
        .when(pl.col("p") >= IN_SCOPE)
        .then(pl.format("In scope under this reading in {} % of possible worlds; {}.", "percent", doubts))
        .when(pl.col("p") > 1 - SURE)
        .then(pl.format("In scope in {} % of possible worlds only; {}.", "percent", doubts))
        .otherwise(pl.format("{}.", fails))
    )
    return frame.select(text.alias("explanation"))["explanation"]


def _fails(condition: Predicate) -> pl.Expr:
    """What to say where a condition does not hold."""
    if not isinstance(condition, During):
        return pl.lit(f"Out of scope: it is not shown that {condition.says}")
    window = condition.during
    early = f"it began on {window.spoken(window.start)} ({window.clock})" if window.start else ""
    late = f"it ended on {window.spoken(window.end)} ({window.clock})" if window.end else early
    after = pl.col("start") >= (window.end_us if window.end_us is not None else 1 << 62)
    return pl.format("Outside the window: {}", pl.when(after).then(pl.lit(late)).otherwise(pl.lit(early or late)))


def abouts(condition: Predicate) -> list[str]:
    """What a condition looks at, each word once: window, place, target, kind, party, condition."""
    return list(dict.fromkeys(leaf.about for leaf in leaves(condition)))


def against(answer: Answer) -> pl.Series:
    """What speaks against a subject under a reading: the words of the conditions that fail, else of the weakest."""
    shares = np.stack([share for _, share in answer.conditions], axis=1)
    failing = shares < IN_SCOPE
    none = ~failing.any(axis=1)
    failing[none, shares[none].argmin(axis=1)] = True
    columns = [
        pl.when(pl.Series(failing[:, n])).then(pl.lit(abouts(condition))).otherwise(pl.lit([], pl.List(pl.String)))
        for n, (condition, _) in enumerate(answer.conditions)
    ]
    return pl.select(pl.concat_list(columns).alias("against"))["against"]
