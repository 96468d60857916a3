"""The vocabulary's compatibilities as matrices over kinds and target classes, for vectorised look-up."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen.geodesy import Floats
from teisen.observation import attack_kinds, compatibility, in_class, trace_kinds, vocabulary

NOT_SAID = "other"
NEUTRAL = 0.3
"""Compatibility of "something else, or not said" with any kind: near the middle of the vocabulary's (assumed)."""
UNRELATED = 0.05
"""What the vocabulary gives kinds that have nothing to do with each other."""
TARGET_AGREES = float(np.log(3.0))
"""Log ratio where two reports name the same class of target, and its negative where they name others (assumed)."""


@cache
def kind_names() -> tuple[str, ...]:
    """The kinds, in the vocabulary's order, which is the order of every matrix here."""
    return tuple(vocabulary().kinds)


@cache
def either_way() -> Floats:
    """Symmetric compatibility of two kinds seen, shape (kinds, kinds), 0.05 to 1."""
    names = kind_names()
    matrix = np.array([[compatibility(a, b) for b in names] for a in names])
    other = names.index(NOT_SAID)
    matrix[other, :] = matrix[:, other] = NEUTRAL
    return matrix


@cache
def leaves() -> Floats:
    """How well a true kind (row) explains a kind seen (column): a strike leaves a fire, a fire leaves no strike.

    What is neither force nor a trace of it (a refusal, a gun that stands) leaves no such thing at all: an explosion
    that was heard is none of these, however many of them a source has told of.
    """
    names, kinds = kind_names(), vocabulary().kinds
    matrix = np.array([[1.0 if a == b else kinds[a].seen_as.get(b, UNRELATED) for b in names] for a in names])
    matrix[:, names.index(NOT_SAID)] = NEUTRAL
    loud = np.isin(names, [*attack_kinds(), *trace_kinds()])
    matrix[np.ix_(~loud & (np.array(names) != NOT_SAID), loud)] = 0.0
    return matrix


@cache
def by_trace() -> Floats:
    """How well a source that sees one kind (column) sees another (row): use of force by its traces, all else by itself.

    Who watches for strikes does not watch for fires: a fire in a field is nothing that an alert missed.
    """
    attacks = np.isin(kind_names(), attack_kinds())
    fit = np.where((either_way() > UNRELATED) & attacks[:, None], either_way(), 0.0)
    return np.maximum(fit, np.eye(len(fit)))


@cache
def class_names() -> tuple[str, ...]:
    """Target classes in the vocabulary's order; index ``len`` stands for not stated."""
    return tuple(vocabulary().target_classes)


@cache
def target_ratios() -> Floats:
    """Log ratio of two stated target classes, shape (classes + 1, classes + 1); 0 where one is not stated."""
    names = class_names()
    matrix = np.zeros((len(names) + 1, len(names) + 1))
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            matrix[i, j] = TARGET_AGREES if in_class(a, b) or in_class(b, a) else -TARGET_AGREES
    return matrix


def numbered(words: pl.Series) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The distinct words of a column without empty ones, in order, and the place of each one among them."""
    names = words.unique().sort()
    return tuple(names), words.cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int64)


def chances(kinds: pl.Series) -> Floats:
    """A column of kinds with probabilities as a matrix, shape (rows, kinds), rows summing to 1."""
    names = kind_names()
    flat = (
        pl.DataFrame({"row": pl.arange(0, len(kinds), eager=True), "kinds": kinds})
        .explode("kinds", empty_as_null=True, keep_nulls=True)
        .drop_nulls("kinds")
        .unnest("kinds")
    )
    matrix = np.zeros((len(kinds), len(names)))
    index = flat["kind"].replace_strict(list(names), range(len(names)), return_dtype=pl.Int64)
    np.add.at(matrix, (flat["row"].to_numpy(), index.to_numpy()), flat["p"].to_numpy())
    total = matrix.sum(axis=1, keepdims=True)
    matrix[total[:, 0] <= 0, names.index(NOT_SAID)] = 1.0
    return matrix / np.where(total > 0, total, 1.0)


def distinct_chances(kinds: pl.Series) -> tuple[NDArray[np.int64], Floats]:
    """Row of each of a column of kinds with probabilities in the matrix of those that occur, and that matrix.

    Its first rows are the certain ones, a kind each; the others are in the order of their probabilities.
    """
    names = kind_names()
    kind, p = (pl.col("kinds").list.first().struct.field(name) for name in ("kind", "p"))
    code = kind.replace_strict(list(names), range(len(names)), default=-1, return_dtype=pl.Int64).fill_null(-1)
    alone = ((pl.col("kinds").list.len() == 1) & (p > 0)).fill_null(False)
    told = kinds.to_frame("kinds").select(code=code, certain=alone & (code >= 0))
    of, certain = told["code"].to_numpy(), told["certain"].to_numpy()
    left = np.flatnonzero(~certain)
    if not left.size:
        return of, np.eye(len(names))
    rows = pl.DataFrame(chances(kinds.gather(left)), schema=list(names))
    more = rows.unique().sort(pl.all())
    which = rows.join(more.with_row_index("of"), on=list(names), how="left", maintain_order="left")["of"]
    of = of.copy()
    of[left] = which.to_numpy().astype(np.int64) + len(names)
    return of, np.concatenate([np.eye(len(names)), more.to_numpy()])


def mean_kinds(group: pl.Series, kind_of: NDArray[np.int64], count: NDArray[np.int64], distinct: Floats) -> Floats:
    """Mean over groups of sources of their mean kinds, shape (kinds,): ``count`` reports of a group and a distribution.

    Evenly spread where there are none.
    """
    if not len(group):
        return np.full(distinct.shape[1], 1.0 / distinct.shape[1])
    groups = group.unique().sort()
    table = np.zeros((len(groups), len(distinct)))
    np.add.at(table, (groups.search_sorted(group).to_numpy(), kind_of), count)
    return np.asarray(((table / table.sum(axis=1, keepdims=True)) @ distinct).mean(axis=0))


def class_index(target: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Index of each stated target class; not stated or unknown: ``len(class_names())``."""
    names = class_names()
    return target.replace_strict(list(names), range(len(names)), default=len(names), return_dtype=pl.Int64).to_numpy()


SAID_RIGHT = 0.7
"""Probability that a class of target stated is that of the thing hit, or one within it or around it (assumed)."""


@cache
def target_likelihoods() -> Floats:
    """Log of P(class stated | class hit) over that of a random report, shape (classes + 1, classes); none stated: 0."""
    names = class_names()
    agree = np.array([[in_class(a, b) or in_class(b, a) for b in names] for a in names])
    right, wrong = agree.sum(axis=0), (~agree).sum(axis=0)
    said = np.where(agree, SAID_RIGHT / right, (1 - SAID_RIGHT) / np.maximum(wrong, 1))
    logs = np.log(said) - np.log(said.mean(axis=1, keepdims=True))
    return np.vstack([logs, np.zeros(len(names))])
