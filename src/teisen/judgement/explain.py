"""Answers of a reading in words: reasons, one sentence, and what decides where readings part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from teisen.agreement import Agreement, Level, Predicate, TargetIs, conditions, leaves, titles
from teisen.judgement.rules import Answer
from teisen.judgement.schema import FINDING
from teisen.languages import ENGLISH, Words
from teisen.observation import vocabulary
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
            "says": pl.Series([leaf.says() for leaf, _ in answer.leaves]).gather(leaf),
        }
    )
    return frame.to_struct("reasons").reshape((size, width)).arr.to_list()


def level(probability: pl.Expr, standard: tuple[Level, ...]) -> pl.Expr:
    """The word for a quantised probability; equal to a bound counts as above it."""
    word = pl.lit(standard[0].word)
    for step in standard[1:]:
        word = pl.when(probability >= step.at_least).then(pl.lit(step.word)).otherwise(word)
    return word


def decides(answer: Answer) -> pl.Series:
    """Which condition of the rule decides, from 1: the first of those that hold in the fewest worlds."""
    shares = np.stack([share for _, share in answer.conditions], axis=1)
    return pl.Series("decides", shares.argmin(axis=1) + 1, dtype=pl.Int64)


def sentence(rows: pl.DataFrame, rule: Predicate, words: Words = ENGLISH) -> pl.Series:
    """One sentence a finding: in how many worlds it is in scope, and what decides against it.

    Args:
        rows: ``p_in_scope``, ``decides``, ``start``, the subject's earliest time, to tell too early from too late, and
            ``targets``, what was hit as stated, likeliest first.
        rule: the reading's whole rule.
        words: the language.
    """
    percent = (pl.col("p_in_scope") * 100).round(0).cast(pl.Int64).cast(pl.String)
    fails, doubts, most = pl.lit(""), pl.lit(""), pl.lit("")
    for nth, condition in enumerate(conditions(rule), start=1):
        here = pl.col("decides") == nth
        clause = condition.says(words)
        fails = pl.when(here).then(_fails(condition, words)).otherwise(fails)
        doubt = words(
            "In scope under this reading in {percent} % of possible worlds; least sure is that {clause}.",
            percent="{}",
            clause=clause,
        )
        only = words(
            "In scope in {percent} % of possible worlds only; least sure is that {clause}.", percent="{}", clause=clause
        )
        doubts = pl.when(here).then(_format(doubt, percent)).otherwise(doubts)
        most = pl.when(here).then(_format(only, percent)).otherwise(most)
    text = (
        pl.when(pl.col("p_in_scope") >= SURE)
        .then(pl.lit(words("In scope under this reading in all possible worlds.")))
        .when(pl.col("p_in_scope") >= IN_SCOPE)
        .then(doubts)
        .when(pl.col("p_in_scope") > 1 - SURE)
        .then(most)
        .otherwise(fails)
    )
    return rows.select(text.alias("explanation")).to_series()


def _format(text: str, value: pl.Expr) -> pl.Expr:
    """``text`` with ``value`` in its one gap ``{}``."""
    before, _, after = text.partition("{}")
    return pl.concat_str(pl.lit(before), value, pl.lit(after))


def _fails(condition: Predicate, words: Words) -> pl.Expr:
    """What to say where a condition does not hold, by the subject's earliest time."""
    (_, first), *later = condition.fails(words)
    says = pl.lit(first)
    for us, text in later:
        says = pl.when(pl.col("start").dt.epoch("us") >= us).then(pl.lit(text)).otherwise(says)
    if not any(isinstance(leaf, TargetIs) for leaf in leaves(condition)):
        return says
    stated = pl.col("targets").list.get(0, null_on_oob=True).struct.field("kind")
    names = {name: titles([name], words) for name in vocabulary().target_classes}
    told = words("Out of scope: hit, as stated: {target}; {clause}.", clause=condition.denies(words), target="{}")
    return pl.when(stated.is_null()).then(says).otherwise(_format(told, stated.replace_strict(names, default=stated)))


def sentences(
    findings: pl.DataFrame, subjects: pl.DataFrame, agreements: Sequence[Agreement], words: Words
) -> pl.DataFrame:
    """The explanations of findings in another language.

    Args:
        findings: FINDING, of any of ``agreements``.
        subjects: ``subject_id``, ``start`` and ``targets`` of the incidents and allegations.
        agreements: as they were when the findings were made.
        words: the language.

    Returns:
        ``finding_id`` and ``explanation``, in the order of ``findings``.
    """
    rows = findings.join(subjects.select("subject_id", "start", "targets"), on="subject_id", how="left")
    found = [pl.DataFrame(schema={"finding_id": pl.String, "explanation": pl.String})]
    for agreement in agreements:
        for provision in agreement.provisions:
            for reading in provision.readings:
                of = {"agreement_id": agreement.id, "provision_id": provision.id, "reading_id": reading.id}
                some = rows.filter(**of)
                said = sentence(some, agreement.rule(provision, reading), words)
                found.append(some.select("finding_id").with_columns(said))
    return findings.select("finding_id").join(pl.concat(found), on="finding_id", how="left", maintain_order="left")


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
