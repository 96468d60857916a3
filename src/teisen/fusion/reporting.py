"""How sources report: how many reports each makes of one incident, and what it calls a thing of each kind.

Learned from the reports themselves, with what the vocabulary says as the prior: put reports together, count, and again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from teisen.fusion.kinds import kind_names, leaves
from teisen.fusion.near import Ints
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats
from teisen.observation import attack_kinds

CPRIOR = float(os.environ.get("CPRIOR", "10000"))
OPRIOR = float(os.environ.get("OPRIOR", "100"))
FIXED = os.environ.get("FIXED", "1") == "1"
MOST = 8
"""Reports of one source under one incident that are told apart; more count as so many, each further one like the
last."""
UNSEEN = 0.5
"""Share of incidents of which a source reports nothing, before anything is learned (assumed)."""
AGAIN = 0.1
"""Chance of one more report after the first, before anything is learned (assumed)."""
PRIOR_KIND = float(os.environ.get("PK","0.5"))
AGAIN_ALONE = 0.003
PRIOR_INCIDENTS = float(os.environ.get("PI","50"))
"""Incidents that these count as."""
PRIOR_REPORTS = float(os.environ.get("PR","20"))
"""Reports that the vocabulary's compatibilities count as, for each source and kind (assumed)."""
STEP = 0.25
"""Logs of probabilities are kept in such steps where they decide, ..."""
MOST_SEEN = 0.95
NAMED_RIGHT = float(os.environ.get("NR","0.7"))
"""How often a source names the kind itself, before anything is learned; else it tells of a trace (assumed)."""
RIGHT_AT_LEAST = 0.7
"""Of the reports that name a kind of attack at least this share name the true one (assumed): who takes more of them
wrongly than rightly can't be told, by reports alone, from one who uses the words in another sense."""
NAMELESS = ("fire", "explosion", "damage", "casualties", "other")
"""Kinds that tell of something without naming it: whatever happened was of another kind, but for a share of..."""
NAMELESS_SHARE = 0.01
"""...so much together (assumed)."""
LEAST = 0.002
"""...and none below this."""


@dataclass(frozen=True)
class Reporting:
    """How ``sources`` (ids in order) report.

    Attributes:
        number: log of P(n reports | an incident of a kind), shape (sources, kinds, MOST + 1).
        emission: P(kind said | true kind) by source, shape (sources, true kinds, kinds said).
        kind_prior: log of the share of each true kind, shape (kinds,).
        alone: log of P(n reports | a false alarm of the source), shape (sources, MOST + 1); none counts as never.
        odds: log of what the odds that a report of the source is true are to be multiplied by, shape (sources,).
        in_a_cell: mean over cells (:mod:`teisen.fusion.density`) of incidents, and of false alarms by source, shape
            (1 + sources,).
        usual: share of each kind among what each source says, shape (sources, kinds). A report that leaves open which
            of several kinds it was leans to what is usual already; that part of it is no evidence.
    """

    sources: tuple[str, ...]
    number: Floats
    emission: Floats
    kind_prior: Floats
    usual: Floats
    alone: Floats
    odds: Floats
    in_a_cell: Floats
    first: Floats

    @staticmethod
    def of(sources: tuple[str, ...], seen: Floats | None = None, again: Floats | None = None, alone: Floats | None = None) -> Reporting:
        """What is taken before anything is learned.

        Args:
            seen: P(a source reports an incident of a kind), shape (sources, kinds).
            again: P(one more report after one), shape (sources,).
        """
        k = len(kind_names())
        seen = np.full((len(sources), k), 1 - UNSEEN) if seen is None else seen
        again = np.full(len(sources), AGAIN) if again is None else again
        number = _numbers(seen, np.broadcast_to(again[:, None], seen.shape))
        said = NAMED_RIGHT * np.eye(k) + (1 - NAMED_RIGHT) * _normal(leaves())
        return Reporting(
            sources,
            number,
            np.tile(said, (len(sources), 1, 1)),
            np.log(_named(np.full(k, 1 / k))),
            np.full((len(sources), k), 1 / k),
            _numbers(np.full(len(sources), 1 - 1e-9), np.full(len(sources), AGAIN_ALONE) if alone is None else alone),
            np.zeros(len(sources)),
            np.ones(1 + len(sources)),
            number,
        )

    @cached_property
    def repeats(self) -> tuple[Floats, Floats]:
        """Log of how much likelier an incident than a false alarm is: with a first report, and with each further one.

        A report is one of ``n`` with a chance that grows with ``n``; where ``r`` is P(one more after one), it stands
        alone with ``(1 - r)^2``. Shape (sources,) each.
        """
        # The geometric part of the number does not rest on the kind.
        true, false = (self.number[:, 0, 2] - self.number[:, 0, 1]), (self.alone[:, 2] - self.alone[:, 1])
        return 2 * (np.log1p(-np.exp(true)) - np.log1p(-np.exp(false))), true - false

    @cached_property
    def of_one(self) -> Floats:
        """Mean number of reports of one thing that a source reports, shape (sources,)."""
        share = np.exp(self.alone[:, 1:])
        return np.asarray(share @ np.arange(1, MOST + 1) / share.sum(axis=1))

    def index(self, reports: Reports) -> Ints:
        """Place of each report's source among :attr:`sources`."""
        return np.searchsorted(np.array(self.sources), reports.frame["source_id"].to_numpy().astype(str))

    def kinds(self, reports: Reports, source: Ints) -> Floats:
        """Log of P(one report of this source, which says so | true kind) / P(none of it | true kind), over that of what
        a random report says; (n, kinds).
        """
        return self.said(reports, source) + (self.number[..., 1] - self.number[..., 0])[source]

    def made(self, source: Ints, count: Ints) -> Floats:
        """Log of P(so many reports of a source | true kind) / P(none of it | true kind), shape (n, kinds)."""
        number = np.swapaxes(self.number, 1, 2)
        return np.asarray(number[source, np.minimum(count, MOST)] - number[source, 0])

    def said(self, reports: Reports, source: Ints) -> Floats:
        """Log of P(each report says what it says | true kind), over that of what a random report says; (n, kinds)."""
        said = np.einsum("dk,stk->sdt", reports.distinct, self.emission / self.usual[:, None, :])
        logs = np.log(said) - np.log(said @ np.exp(self.kind_prior))[..., None]
        return np.asarray(logs[source, reports.kind_of])

    @cached_property
    def unreported(self) -> Floats:
        """Log of the prior of each kind times P(nobody reports it | kind), shape (kinds,)."""
        return np.asarray(self.kind_prior + self.number[..., 0].sum(axis=0))

    @cached_property
    def reported(self) -> float:
        """Log of the share of incidents that somebody reports."""
        return float(np.log1p(-min(np.exp(self.unreported).sum(), 1 - 1e-9)))

    @cached_property
    def _several(self) -> Floats:
        """By how much so many reports of a source are off what each of them alone makes; (sources, counts, kinds)."""
        count = np.arange(MOST + 1)
        log = self.number - self.number[..., :1] - count * (self.number[..., 1:2] - self.number[..., :1])
        return np.asarray(np.swapaxes(np.where(count <= 1, 0.0, log), 1, 2))

    def shares(self, kinds: Floats, counted: Floats) -> Floats:
        """Log of P(what was said and by how many reports, true kind), over incidents that somebody reports; (n, kinds).

        Args:
            kinds: sums over each cluster's reports of :meth:`kinds`, shape (n, kinds).
            counted: reports of each source, shape (n, sources).
        """
        logs = kinds + self.unreported - self.reported
        row, source = np.nonzero(counted > 1)
        if row.size:
            np.add.at(logs, row, self._several[source, np.minimum(counted[row, source], MOST).astype(np.int64)])
        return np.asarray(logs)

    def repeated(self, counted: Floats) -> Floats:
        """Log of P(so many reports | a false alarm) of the source with most reports, shape (n,).

        Args:
            counted: reports of each source, shape (n, sources).
        """
        source = counted.argmax(axis=1)
        times = np.minimum(counted[np.arange(len(source)), source], MOST).astype(np.int64)
        return np.asarray(self.alone[source, times])

    def rough(self) -> Reporting:
        """The same in coarse steps: a new day seldom moves one."""
        return replace(
            self,
            number=self.number if CPRIOR < 9999 else self.first,
            emission=_normal(np.exp(_steps(np.log(self.emission)))),
            kind_prior=np.log(_normal(np.exp(_steps(self.kind_prior)))),
            usual=_normal(np.exp(_steps(np.log(self.usual)))),
            odds=np.round(self.odds / STEP) * STEP,
            in_a_cell=np.exp(np.round(np.log(self.in_a_cell) / STEP) * STEP),
        )

    def learned(self, reports: Reports, label: Ints, truth: Floats) -> Reporting:
        """What the reports of incidents ``label`` (0, 1, ...) tell, with the prior.

        A source's numbers are counted over incidents that another source reports too, so that those it does not report
        count; what it calls things over incidents with several sources.
        """
        m, s = int(label.max(initial=-1)) + 1, len(self.sources)
        source = self.index(reports)
        count, logs = np.zeros((m, s)), np.zeros((m, len(self.kind_prior)))
        np.add.at(count, (label, source), 1.0)
        np.add.at(logs, label, self.kinds(reports, source))
        weight = kind_weights(self.shares(logs, count)) * truth[:, None]
        others = (count > 0).sum(axis=1)[:, None] - (count > 0)
        prior = Reporting.of(self.sources)
        number, emission = PRIOR_INCIDENTS * np.exp(self.first), PRIOR_REPORTS * prior.emission
        several = (count > 0).sum(axis=1)[label] > 1
        times = np.minimum(count, MOST).astype(np.int64)
        for at in range(s):
            shared = others[:, at] > 0
            np.add.at(number[at].T, times[shared, at], weight[shared])
            mine = several & (source == at)
            emission[at] += weight[label[mine]].T @ reports.kinds[mine]
        only = np.flatnonzero((count > 0).sum(axis=1) == 1)
        one = count[only].argmax(axis=1)
        seen = 1 - np.exp(self.first[..., 0])
        factor = np.ones(s)
        for at in range(s):
            shared = others[:, at] > 0
            expected = (weight[shared] @ seen[at]).sum() 
            factor[at] = ((truth[shared] * (count[shared, at] > 0)).sum() + CPRIOR) / (expected + CPRIOR)
        print(np.round(factor, 2)) if os.environ.get("SHOW") else None
        factor = np.exp(np.round(np.log(factor) / STEP) * STEP)
        now = np.clip(seen * factor[:, None], 0.005, 0.95)
        scaled = np.log(1 - now) [..., None], np.log(now)[..., None] + self.first[..., 1:] - np.log(seen)[..., None]
        scaled = np.concatenate(scaled, axis=-1)
        alone = self.alone
        usual = PRIOR_REPORTS * prior.usual
        np.add.at(usual, source, reports.kinds)
        # Those that nobody reports count too: of a kind that is seldom reported there are more than its reports tell.
        kinds = weight.sum(axis=0) + PRIOR_KIND
        kinds = kinds / np.maximum(1 - np.exp(self.first[..., 0].sum(axis=0)), 0.02)
        return Reporting(
            self.sources, scaled if CPRIOR < 9999 else np.log(_normal(number)), _anchored(_normal(emission)), np.log(_named(kinds)), _normal(usual),
            alone, self._odds(reports, source, truth[label]) if OPRIOR < 1e5 else self.odds, self.in_a_cell, self.first,
        )  # fmt: skip

    def _odds(self, reports: Reports, source: Ints, truth: Floats) -> Floats:
        """Log of what declared odds of truth are to be multiplied by, as ``truth`` of each report tells."""
        declared = 1 / (1 + np.exp(-reports.base))
        odds = np.zeros(len(self.sources))
        for at in range(len(self.sources)):
            mine = source == at
            if mine.any():
                first = OPRIOR * declared[mine].mean()
                share = (first + truth[mine].sum()) / (OPRIOR + mine.sum())
                odds[at] = np.log(share / (1 - share)) - np.log(declared[mine].mean() / (1 - declared[mine].mean()))
        return odds


def _numbers(seen: Floats, again: Floats) -> Floats:
    """Log of P(none, one, two, ... reports), geometric after the first, shape (sources, MOST + 1)."""
    further = np.log(again)[..., None] * np.arange(MOST) + np.log(1 - again)[..., None]
    further[..., -1] -= np.log(1 - again)
    return np.concatenate([np.log(1 - seen)[..., None], np.log(seen)[..., None] + further], axis=-1)


def _named(kinds: Floats) -> Floats:
    """Shares of kinds, those of :data:`NAMELESS` kept small."""
    nameless = np.isin(kind_names(), NAMELESS)
    shares = np.where(nameless, NAMELESS_SHARE / nameless.sum(), _normal(np.where(nameless, 0.0, kinds)))
    return _normal(shares)


def _anchored(emission: Floats) -> Floats:
    """P(kind said | true kind) where the true one is named in at least :data:`RIGHT_AT_LEAST` of what names an attack.

    What is said too often of another kind is given to the true one.
    """
    named = np.isin(kind_names(), attack_kinds()) & ~np.isin(kind_names(), NAMELESS)
    wrong = named[:, None] & named[None, :] & ~np.eye(len(named), dtype=np.bool_)
    own = np.diagonal(emission, axis1=-2, axis2=-1)
    others = np.where(wrong, emission, 0.0).sum(axis=-1)
    most = (1 - RIGHT_AT_LEAST) * (own + others)
    kept = np.where(others > most, most / np.maximum(others, 1e-12), 1.0)
    anchored = np.where(wrong, emission * kept[..., None], emission)
    every = np.arange(len(named))
    anchored[..., every, every] += (1 - kept) * others
    return np.asarray(anchored)


def kind_weights(logs: Floats) -> Floats:
    """P(true kind) from logs of shares, shape (n, kinds)."""
    return _normal(np.exp(logs - logs.max(axis=1, keepdims=True, initial=-np.inf)))


def _steps(logs: Floats) -> Floats:
    return np.asarray(np.round(np.maximum(logs, np.log(LEAST)) / STEP) * STEP)


def _normal(shares: Floats) -> Floats:
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


def _rough_numbers(number: Floats) -> Floats:
    """Log of numbers of reports in steps: of whether there is any, and of how many there are then."""
    any_ = np.minimum(np.exp(_steps(np.log(1 - number[..., :1]))), MOST_SEEN)
    some = _normal(np.exp(_steps(np.log(_normal(number[..., 1:])))))
    return np.asarray(np.log(np.concatenate([1 - any_, any_ * some], axis=-1)))
