"""Findings: every incident, allegation and tally under every reading of every provision, and where readings part."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from teisen.agreement import Agreement, Counted, Predicate, Provision, Reading, leaves
from teisen.judgement import explain
from teisen.judgement.bits import share
from teisen.judgement.draws import WORLDS, draws
from teisen.judgement.places import Places
from teisen.judgement.rules import Answer, answer, holds, may_hold
from teisen.judgement.schema import FINDING, PARTING, TALLY
from teisen.judgement.subjects import of_allegations, of_incidents, of_tallies
from teisen.judgement.worlds import PossibleWorlds
from teisen.sources import Ground
from teisen.tables import PROBABILITY_DECIMALS

KEPT_FROM = 0.005
"""A subject that is in scope below this under every reading of a provision is left out of the findings: it has nothing
to do with the provision. In scope under one reading, it has a finding under each."""
CHUNK = 32_000
"""Subjects judged at once; bounds memory (each predicate's answer is then 2 MB) and changes no result."""
THREADS = min(os.cpu_count() or 1, 4)
"""Chunks judged at the same time; decides time and memory, and no result."""
LEVEL_ALLEGED = "alleged"
"""Level of a finding on an allegation: nothing is proven by it."""


@dataclass(frozen=True)
class Judged:
    """``findings`` (FINDING) and ``partings`` (PARTING)."""

    findings: pl.DataFrame
    partings: pl.DataFrame


@dataclass(frozen=True)
class _Case:
    """A provision with its readings' whole rules."""

    agreement: Agreement
    provision: Provision
    rules: tuple[tuple[Reading, Predicate], ...]


def judge(
    incidents: pl.DataFrame,
    allegations: pl.DataFrame,
    agreements: Sequence[Agreement],
    ground: Ground,
    *,
    tallies: pl.DataFrame | None = None,
    n: int = WORLDS,
    chunk: int = CHUNK,
) -> Judged:
    """Judge incidents (INCIDENT) and allegations (ALLEGATION, as stated) under each reading of each provision.

    Args:
        incidents: what happened.
        allegations: what was alleged; unread ones are left out.
        agreements: whose provisions and readings; an id may stand once.
        ground: areas and sites.
        tallies: what was counted (TALLY), judged under the readings that ask for it; none: nothing was.
        n: possible worlds of a subject.
        chunk: subjects at once; decides memory, not results.
    """
    parts = list(judge_in_parts(incidents, allegations, agreements, ground, tallies=tallies, n=n, chunk=chunk))
    return Judged(
        FINDING.hand_over(FINDING.gather(part.findings for part in parts)),
        PARTING.hand_over(PARTING.gather(part.partings for part in parts)),
    )


def judge_in_parts(
    incidents: pl.DataFrame,
    allegations: pl.DataFrame,
    agreements: Sequence[Agreement],
    ground: Ground,
    *,
    tallies: pl.DataFrame | None = None,
    n: int = WORLDS,
    chunk: int = CHUNK,
) -> Iterator[Judged]:
    """The same as :func:`judge`, some subjects after others, for more of them than memory holds findings of.

    Parts come in the order of the subjects; within a part rows are not ordered.
    """
    places = Places(ground)
    cases = [
        _Case(agreement, provision, tuple((r, agreement.rule(provision, r)) for r in provision.readings))
        for agreement in agreements
        for provision in agreement.provisions
        if provision.readings
    ]
    counting = [case for case in map(_counting, cases) if case.rules]
    subjects = (
        (of_incidents(incidents), cases),
        (of_allegations(allegations), cases),
        (of_tallies(TALLY.empty() if tallies is None else tallies), counting),
    )
    slices = ((some, under) for table, under in subjects for some in table.iter_slices(chunk))
    drawn = draws(n)

    def judged(some: pl.DataFrame, under: Sequence[_Case]) -> Judged:
        worlds = PossibleWorlds(some, places, drawn)
        found = [_judge_provision(worlds.seen_by(case.agreement.party_ids), case) for case in under]
        kept = [one for one in found if one is not None]
        return Judged(FINDING.gather(one.findings for one in kept), PARTING.gather(one.partings for one in kept))

    with ThreadPoolExecutor(THREADS) as pool:
        begun: deque[Future[Judged]] = deque()
        for some, under in slices:
            begun.append(pool.submit(judged, some, under))
            if len(begun) > THREADS:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


def _counting(case: _Case) -> _Case:
    """The provision with those of its readings alone that ask what was counted."""
    asking = [one for one in case.rules if any(isinstance(leaf, Counted) for leaf in leaves(one[1]))]
    return replace(case, rules=tuple(asking))


def _judge_provision(worlds: PossibleWorlds, case: _Case) -> Judged | None:
    """What the provision's readings say of the subjects; None: nothing."""
    possible = np.flatnonzero(np.logical_or.reduce([may_hold(rule, worlds) for _, rule in case.rules]))
    closer = worlds.take(possible)
    kept = np.max([share(holds(rule, closer)) for _, rule in case.rules], axis=0) >= KEPT_FROM
    if not kept.any():
        return None
    closer = closer.take(kept)
    answers = [answer(rule, closer) for _, rule in case.rules]
    subjects = worlds.subjects[closer.rows]
    found = [_findings(subjects, case, *one, a) for one, a in zip(case.rules, answers, strict=True)]
    return Judged(FINDING.gather(found), _partings(subjects, case, answers))


def _findings(subjects: pl.DataFrame, case: _Case, reading: Reading, rule: Predicate, answer: Answer) -> pl.DataFrame:
    p_in_scope = pl.col("_share").round(PROBABILITY_DECIMALS)
    p_violation = (pl.col("_share") * pl.col("p_conflict")).round(PROBABILITY_DECIMALS)
    standard = case.agreement.standard(case.provision)
    frame = subjects.with_columns(
        pl.Series("_share", answer.share),
        explain.reasons(answer).alias("reasons"),
        explain.decides(answer),
    ).with_columns(p_in_scope=p_in_scope)
    frame = frame.with_columns(explain.sentence(frame, rule))
    return FINDING.check(
        frame.select(
            _ids(frame, case, reading).alias("finding_id"),
            "subject",
            "subject_id",
            agreement_id=pl.lit(case.agreement.id),
            provision_id=pl.lit(case.provision.id),
            reading_id=pl.lit(reading.id),
            held_by=pl.lit(reading.held_by),
            p_in_scope="p_in_scope",
            p_violation=p_violation,
            level=pl.when(pl.col("subject") == "allegation")
            .then(pl.lit(LEVEL_ALLEGED))
            .otherwise(explain.level(p_violation, standard)),
            severity=pl.lit(case.provision.severity, pl.String),
            reasons="reasons",
            decides="decides",
            explanation="explanation",
            attribution="actors",
        )
    )


def _ids(subjects: pl.DataFrame, case: _Case, reading: Reading) -> pl.Series:
    """fnd- and 12 hex digits of SHA-256 over agreement, provision, reading, kind of subject and its id."""
    where = pl.lit("\x1f".join((case.agreement.id, case.provision.id, reading.id)))
    names = subjects.select(pl.concat_str(where, "subject", "subject_id", separator="\x1f")).to_series()
    return pl.Series(["fnd-" + hashlib.sha256(name.encode()).hexdigest()[:12] for name in names], dtype=pl.String)


def _partings(subjects: pl.DataFrame, case: _Case, answers: list[Answer]) -> pl.DataFrame:
    """Subjects that are in scope under some readings and not under others, and what decides."""
    inside = np.stack([answer.share.round(PROBABILITY_DECIMALS) >= explain.IN_SCOPE for answer in answers], axis=1)
    parts = inside.any(axis=1) & ~inside.all(axis=1)
    names = [reading.id for reading, _ in case.rules]

    def named(where: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> pl.Expr:
        return pl.concat_list(
            pl.when(pl.Series(where[:, n])).then(pl.lit([name])).otherwise(pl.lit([], pl.List(pl.String)))
            for n, name in enumerate(names)
        )

    because = pl.concat_list(
        pl.when(pl.Series(~inside[:, n])).then(explain.against(a)).otherwise(pl.lit([], pl.List(pl.String)))
        for n, a in enumerate(answers)
    )
    frame = subjects.select(
        agreement_id=pl.lit(case.agreement.id),
        provision_id=pl.lit(case.provision.id),
        subject="subject",
        subject_id="subject_id",
        in_under=named(inside),
        out_under=named(~inside),
        because=because.list.unique(maintain_order=True).list.join(" and "),
    )
    return PARTING.check(frame.filter(pl.Series(parts)))
