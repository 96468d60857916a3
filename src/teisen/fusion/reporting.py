"""How sources report: how many reports each makes of one incident, and what it calls a thing of each kind.

Learned from the reports themselves, with what the vocabulary says as the prior: put reports together, count, and again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from teisen.fusion.kinds import kind_names, leaves
from teisen.fusion.near import Ints
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats
from teisen.observation import attack_kinds

MOST = 8
"""Reports of one source under one incident that are told apart; more count as so many, each further one like the
last."""
UNSEEN = 0.5
"""Share of incidents of which a source reports nothing, before anything is learned (assumed)."""
AGAIN = 0.1
"""Chance of one more report after the first, before anything is learned (assumed)."""
PRIOR_INCIDENTS = 10.0
"""Incidents that these count as."""
PRIOR_REPORTS = 20.0
"""Reports that the vocabulary's compatibilities count as, for each source and kind (assumed)."""
STEP = 0.25
"""Logs of probabilities are kept in such steps where they decide, ..."""
MOST_SEEN = 0.95
NAMED_RIGHT = 0.7
"""How often a source names the kind itself, before anything is learned; else it tells of a trace (assumed)."""
RIGHT_AT_LEAST = 0.7
"""Of the reports that name a kind of attack at least this share name the true one (assumed): who takes more of them
wrongly than rightly can't be told, by reports alone, from one who uses the words in another sense."""
NAMELESS = ("explosion", "damage", "casualties", "other")
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
        usual: share of each kind among what each source says, shape (sources, kinds). A report that leaves open which
            of several kinds it was leans to what is usual already; that part of it is no evidence.
    """

    sources: tuple[str, ...]
    number: Floats
    emission: Floats
    kind_prior: Floats
    usual: Floats

    @staticmethod
    def of(sources: tuple[str, ...]) -> Reporting:
        """What is taken before anything is learned."""
        k = len(kind_names())
        first = np.array([UNSEEN] + [(1 - UNSEEN) * (1 - AGAIN) * AGAIN**n for n in range(MOST)])
        said = NAMED_RIGHT * np.eye(k) + (1 - NAMED_RIGHT) * _normal(leaves())
        return Reporting(
            sources,
            np.tile(np.log(first / first.sum()), (len(sources), k, 1)),
            np.tile(said, (len(sources), 1, 1)),
            np.log(_named(np.full(k, 1 / k))),
            np.full((len(sources), k), 1 / k),
        )

    def index(self, reports: Reports) -> Ints:
        """Place of each report's source among :attr:`sources`."""
        return pl.Series(self.sources, dtype=pl.String).search_sorted(reports.frame["source_id"]).to_numpy().astype(int)

    def kinds(self, reports: Reports, source: Ints) -> Floats:
        """Log of P(one report of this source, which says so | true kind) / P(none of it | true kind), over that of what
        a random report says; (n, kinds).
        """
        return self._said(reports, source) + (self.number[..., 1] - self.number[..., 0])[source]

    def _said(self, reports: Reports, source: Ints) -> Floats:
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

    def rough(self) -> Reporting:
        """The same in coarse steps: a new day seldom moves one."""
        return replace(
            self,
            number=_rough_numbers(np.exp(self.number)),
            emission=_normal(np.exp(_steps(np.log(self.emission)))),
            kind_prior=np.log(_normal(np.exp(_steps(self.kind_prior)))),
            usual=_normal(np.exp(_steps(np.log(self.usual)))),
        )

    def learned(self, reports: Reports, label: Ints) -> Reporting:
        """What the reports of incidents ``label`` (0, 1, ...) tell, with the prior.

        A source's numbers are counted over incidents that another source reports too, so that those it does not report
        count; what it calls things over incidents with several sources.
        """
        m, s = int(label.max(initial=-1)) + 1, len(self.sources)
        source = self.index(reports)
        count, logs = np.zeros((m, s)), np.zeros((m, len(self.kind_prior)))
        np.add.at(count, (label, source), 1.0)
        np.add.at(logs, label, self.kinds(reports, source))
        weight = kind_weights(self.shares(logs, count))
        others = (count > 0).sum(axis=1)[:, None] - (count > 0)
        prior = Reporting.of(self.sources)
        number, emission = PRIOR_INCIDENTS * np.exp(prior.number), PRIOR_REPORTS * prior.emission
        several = (count > 0).sum(axis=1)[label] > 1
        times = np.minimum(count, MOST).astype(np.int64)
        for at in range(s):
            shared = others[:, at] > 0
            np.add.at(number[at].T, times[shared, at], weight[shared])
            mine = several & (source == at)
            emission[at] += weight[label[mine]].T @ reports.kinds[mine]
        usual = PRIOR_REPORTS * prior.usual
        np.add.at(usual, source, reports.kinds)
        kinds = weight.sum(axis=0) + PRIOR_INCIDENTS / len(self.kind_prior)
        return Reporting(
            self.sources, np.log(_normal(number)), _anchored(_normal(emission)), np.log(_named(kinds)), _normal(usual)
        )


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
