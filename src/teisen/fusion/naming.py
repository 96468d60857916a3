"""What sources call things, and which kinds there are: learned from reports that were put together.

A report gives the right name of a kind, or none but a trace ("explosion", "fire"), or a wrong name. How often names
are wrong can't be told by reports alone from words used in another sense: it is declared. How often a source gives a
name at all, of each kind, and how many there are of each kind is counted in turn until both stand still (EM; Dempster,
Laird and Rubin, "Maximum likelihood from incomplete data via the EM algorithm", 1977). Kinds are counted over things
that somebody gave a name, by how often such a thing is given one: what nobody names is of the kinds that are named
elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from teisen.fusion.exposed import runs, starts
from teisen.fusion.kinds import UNRELATED, kind_names, leaves
from teisen.fusion.near import Ints
from teisen.fusion.reporting import LEAST_SAID, NAMED, Reporting, kind_weights, named, normal
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats
from teisen.observation import attack_kinds
from teisen.sources import Source

WRONG = 0.1
"""Share of reports that give another kind than it was, of a source that declares none (assumed)."""
WRONG_AT_MOST = 0.5
"""Who declares more is taken to be wrong as often as right (assumed)."""
PRIOR_REPORTS = 10.0
"""Reports that the share of names in all that a source says counts as, for each kind (assumed)."""
PRIOR_INCIDENTS = 4.0
"""Incidents of each kind that there are beside those counted (chosen on simulations of the gallery with seeds 2,001 to
2,004 off their own, between 0.5 and 8)."""
LEAST_NAMED = 0.02
"""Incidents of a kind are taken to be at most so many times those named: the inverse of this (assumed)."""
PRIOR_MET = 10.0
"""Incidents that a source would have reported of what others report, and did, before any is counted (assumed)."""
ROUNDS = 20
STILL = 0.01
"""A round that moves no share of a kind by more than this part of it is the last."""


@dataclass(frozen=True)
class Told:
    """What was told of things; those of which just the same was told are one row.

    Attributes:
        count: reports of each saying of one such thing, shape (rows, sayings).
        source: source of each saying, shape (sayings,).
        said: the kinds that it gives, shape (sayings, kinds).
        things: how many there are; ``true`` how many of them are true by the reports alone, shape (rows,).
    """

    count: Floats
    source: Ints
    said: Floats
    things: Floats
    true: Floats

    @staticmethod
    def of(reports: Reports, source: Ints, label: Ints, truth: Floats) -> Told:
        """That of things ``label`` (0, 1, ...), each true with ``truth``."""
        said = source * len(reports.distinct) + reports.kind_of
        _, first, saying = np.unique(said, return_index=True, return_inverse=True)
        thing, saying = np.divmod(np.sort(label * len(first) + saying), max(len(first), 1))
        begins = starts(thing)
        lengths = np.diff(begins, append=len(thing))
        # Things are alike as far as their first saying, then as far as the second, and so on.
        alike, known = np.zeros(len(begins), np.int64), 0
        for nth in range(int(lengths.max(initial=0))):
            some = np.flatnonzero(lengths > nth)
            told = np.unique(alike[some] * len(first) + saying[begins[some] + nth], return_inverse=True)[1]
            alike[some] = known + 1 + told
            known += len(some)
        _, at, of = np.unique(alike, return_index=True, return_inverse=True)
        order = np.argsort(at)  # rows stand in the order of the first thing of each
        at, of = at[order], np.argsort(order)[of]
        each, row = runs(begins[at], begins[at] + lengths[at])
        count = np.zeros((len(at), len(first)))
        np.add.at(count, (row, saying[each]), 1.0)
        things, true = np.bincount(of).astype(np.float64), np.bincount(of, truth).astype(np.float64)
        return Told(count, source[first], reports.distinct[reports.kind_of[first]], things, true)


def wrong_shares(who: tuple[str, ...], sources: Mapping[str, Source]) -> Floats:
    """Share of reports of each source that give a wrong kind, as declared, shape (sources,)."""
    told = [sources[name].profile.wrong_kind_share if name in sources else None for name in who]
    return np.array([min(one.value if one else WRONG, WRONG_AT_MOST) for one in told])


def learned(before: Reporting, reports: Reports, label: Ints, truth: Floats, wrong_share: Floats) -> Reporting:
    """How sources report as the reports of things ``label`` (0, 1, ...) tell.

    Args:
        before: how they were taken to report; how often they do stays as it is there.
        label: thing of each report, shape (reports,).
        truth: P(it is an incident and no false alarm) of each, shape (things,).
        wrong_share: of each source, shape (sources,), see :func:`wrong_shares`.
    """
    told = Told.of(reports, before.index(reports), label, truth)
    who = np.eye(len(before.sources))[told.source]
    usual = normal(who.T @ ((told.things @ told.count)[:, None] * told.said) + PRIOR_REPORTS / len(NAMED))
    words = Words.of(usual, wrong_share)
    silent = before.number[..., 0]
    seen, there = 1 - np.exp(silent), (told.count @ who > 0).astype(np.float64)
    heard = there @ np.log(seen) + (1 - there) @ silent
    is_named = told.count @ (told.said @ NAMED > 0.5) > 0
    prior = before.kind_prior
    for _ in range(ROUNDS):
        said = np.log(words.chance(words.emission, told))
        weight = kind_weights(told.count @ said + heard + prior) * told.true[:, None]
        words = words.counted(told, told.count.T @ weight)
        share = 1 - np.prod(1 - seen * (words.emission @ NAMED), axis=0)
        was, kinds = prior, weight[is_named].sum(axis=0) / np.maximum(share, LEAST_NAMED) + PRIOR_INCIDENTS
        prior = np.log(named(kinds))
        if np.abs(prior - was).max() < STILL:
            break
    return replace(before, usual=usual, emission=words.emission, kind_prior=prior, reach=_reach(there, weight, seen))


@dataclass(frozen=True)
class Words:
    """What each source says of each true kind.

    Attributes:
        names: share of its right reports that name the kind, shape (sources, kinds); the others tell of a trace.
        base: share of names in all that a source says, shape (sources,).
        traces: P(kind said | true kind, a trace is told of), shape (sources, kinds, kinds).
        mistaken: share of its reports that give a wrong kind, shape (sources,).
    """

    names: Floats
    base: Floats
    traces: Floats
    mistaken: Floats

    @staticmethod
    def of(usual: Floats, wrong_share: Floats) -> Words:
        """What is taken before anything is counted: as many names of each kind as of all, and the usual traces.

        Who gives no name gives no wrong one.
        """
        base = usual @ NAMED
        traces = normal(np.where(NAMED, 0.0, usual[:, None, :] * leaves()))
        return Words(np.where(NAMED, base[:, None], 0.0), base, traces, np.minimum(wrong_share, base))

    @cached_property
    def by_name(self) -> Floats:
        """P(the kind is named, rightly | true kind), by kind said; shape (sources, kinds, kinds)."""
        return np.asarray(self._right * self.names[..., None] * np.eye(len(NAMED)))

    @cached_property
    def rightly(self) -> Floats:
        """P(what is said is the kind or a trace of it | true kind), by kind said."""
        return np.asarray(self._right * self._own)

    @cached_property
    def emission(self) -> Floats:
        """P(kind said | true kind), shape (sources, true kinds, kinds said)."""
        return normal(np.maximum(self.rightly + self._wrong, LEAST_SAID))

    def chance(self, emission: Floats, told: Told) -> Floats:
        """P(each saying | true kind) by one of these, shape (sayings, kinds)."""
        return np.asarray(np.einsum("at,akt->ak", told.said, emission[told.source]))

    def counted(self, told: Told, expected: Floats) -> Words:
        """The same where names are as many as were counted.

        Args:
            expected: reports with each saying, of each true kind, shape (sayings, kinds).
        """
        each, who = expected / self.chance(self.emission, told), np.eye(len(self.base))[told.source].T
        given, right = (who @ (each * self.chance(one, told)) for one in (self.by_name, self.rightly))
        names = (given + PRIOR_REPORTS * self.base[:, None]) / (right + PRIOR_REPORTS)
        return replace(self, names=np.where(NAMED, names, 0.0))

    @cached_property
    def _own(self) -> Floats:
        """What the source says of a kind where it is not wrong."""
        return np.asarray(self.names[..., None] * np.eye(len(NAMED)) + (1 - self.names)[..., None] * self.traces)

    @cached_property
    def _wrong(self) -> Floats:
        """P(kind said, wrongly | true kind): what the source would not have said anyway of use of force that leaves the
        same traces, by how like it is in the vocabulary."""
        force = np.isin(kind_names(), attack_kinds())
        like = (leaves() > UNRELATED) & np.outer(force & NAMED, force) & ~np.eye(len(force), dtype=np.bool_)
        fit = np.where(like, leaves(), 0.0) * (1 - self._own)
        return np.asarray(self.mistaken[:, None, None] * fit / np.maximum(fit.sum(axis=2, keepdims=True), 1e-12))

    @cached_property
    def _right(self) -> Floats:
        return np.asarray(1 - self._wrong.sum(axis=2, keepdims=True))


def _reach(there: Floats, weight: Floats, seen: Floats) -> Floats:
    """Share of what others report that a source has in reach, shape (sources,): how much of it it reports, over how
    much it should.

    Args:
        there: which sources reported each of some things, shape (things, sources).
        weight: how many of these there are of each kind, shape (things, kinds).
        seen: P(a source reports | a kind), shape (sources, kinds).
    """
    others = there.sum(axis=1, keepdims=True) - there > 0
    expected = ((others.T @ weight) * seen).sum(axis=1)
    both = (others * there).T @ weight.sum(axis=1)
    return np.asarray(np.minimum((both + PRIOR_MET) / (expected + PRIOR_MET), 1.0))
