"""How sources report: how many reports each makes of one incident, and what it calls a thing of each kind.

Learned from the reports themselves, with what the vocabulary says as the prior: put reports together, count, and again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from teisen.fusion.kinds import kind_names, leaves
from teisen.fusion.near import Ints
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats

MOST = 8
"""Reports of one source under one incident that are told apart; more count as so many, each further one like the last."""
UNSEEN = 0.5
"""Share of incidents of which a source reports nothing, before anything is learned (assumed)."""
AGAIN = 0.3
"""Chance of one more report after the first, before anything is learned (assumed)."""
PRIOR_INCIDENTS = 10.0
"""Incidents that these count as."""
PRIOR_REPORTS = 20.0
"""Reports that the vocabulary's compatibilities count as, for each source and kind (assumed)."""
DECIMALS = 4
STEP = 0.25
"""Logs of probabilities are kept in such steps where they decide, ..."""
MOST_SEEN = 0.95
LEAST = 0.002
"""...and none below this."""


@dataclass(frozen=True)
class Reporting:
    """How ``sources`` (ids in order) report.

    Attributes:
        number: log of P(k reports | an incident), shape (sources, MOST + 1).
        emission: P(kind said | true kind) by source, shape (sources, true kinds, kinds said).
        kind_prior: log of the share of each true kind, shape (kinds,).
    """

    sources: tuple[str, ...]
    number: Floats
    emission: Floats
    kind_prior: Floats

    @staticmethod
    def of(sources: tuple[str, ...]) -> Reporting:
        """What is taken before anything is learned."""
        k = len(kind_names())
        first = np.array([UNSEEN] + [(1 - UNSEEN) * (1 - AGAIN) * AGAIN**n for n in range(MOST)])
        said = leaves() / leaves().sum(axis=1, keepdims=True)
        return Reporting(
            sources,
            np.tile(np.log(first / first.sum()), (len(sources), 1)),
            np.tile(said, (len(sources), 1, 1)),
            np.full(k, -np.log(k)),
        )

    def index(self, reports: Reports) -> Ints:
        """Place of each report's source among :attr:`sources`."""
        return np.searchsorted(np.array(self.sources), reports.frame["source_id"].to_numpy().astype(str))

    def kinds(self, reports: Reports, source: Ints) -> Floats:
        """Log of P(what each report says | true kind), over what a random incident would make it say; (n, kinds)."""
        said = np.einsum("dk,stk->sdt", reports.distinct, self.emission)
        logs = np.log(said) - np.log(said @ np.exp(self.kind_prior))[..., None]
        return np.asarray(logs[source, reports.kind_of])

    def numbers(self, counted: Floats) -> Floats:
        """Log of P(so many reports of each source), over those of an incident that somebody reports; (n, sources)."""
        k = np.minimum(counted, MOST).astype(np.int64)
        log = self.number[np.arange(len(self.sources)), k]
        further = self.number[:, MOST] - self.number[:, MOST - 1]
        log = log + np.maximum(counted - MOST, 0) * np.minimum(further, 0.0)
        unseen = self.number[:, 0].sum()
        return np.asarray(log.sum(axis=1) - np.log1p(-np.exp(unseen)))

    def rough(self) -> Reporting:
        """The same in coarse steps: a new day seldom moves one."""
        return replace(
            self,
            number=_rough_numbers(np.exp(self.number)),
            emission=_normal(np.exp(_steps(np.log(self.emission)))),
            kind_prior=np.log(_normal(np.exp(_steps(self.kind_prior)))),
        )

    def learned(self, reports: Reports, label: Ints) -> Reporting:
        """What the reports of incidents ``label`` (0, 1, ...) tell, with the prior.

        A source's numbers are counted over incidents that another source reports too, so that those it does not report
        count; what it calls things over incidents with several sources.
        """
        m, s = int(label.max(initial=-1)) + 1, len(self.sources)
        source = self.index(reports)
        count = np.zeros((m, s))
        np.add.at(count, (label, source), 1.0)
        others = (count > 0).sum(axis=1)[:, None] - (count > 0)
        prior = Reporting.of(self.sources)
        number = PRIOR_INCIDENTS * np.exp(prior.number)
        for at in range(s):
            shared = count[others[:, at] > 0, at]
            number[at] += np.bincount(np.minimum(shared, MOST).astype(np.int64), minlength=MOST + 1)
        number = np.round(number / number.sum(axis=1, keepdims=True), DECIMALS) + 10.0**-DECIMALS
        said = self.kinds(reports, source)
        logs = np.tile(self.kind_prior, (m, 1))
        np.add.at(logs, label, said)
        weight = np.exp(logs - logs.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        emission = PRIOR_REPORTS * prior.emission
        several = (count > 0).sum(axis=1)[label] > 1
        for at in range(s):
            mine = several & (source == at)
            emission[at] += weight[label[mine]].T @ reports.kinds[mine]
        emission = np.round(emission / emission.sum(axis=2, keepdims=True), DECIMALS) + 10.0**-DECIMALS
        kinds = weight.sum(axis=0) + PRIOR_INCIDENTS / len(self.kind_prior)
        return Reporting(
            self.sources,
            np.log(number / number.sum(axis=1, keepdims=True)),
            emission / emission.sum(axis=2, keepdims=True),
            np.log(np.round(kinds / kinds.sum(), DECIMALS) + 10.0**-DECIMALS),
        )


def _steps(logs: Floats) -> Floats:
    return np.asarray(np.round(np.maximum(logs, np.log(LEAST)) / STEP) * STEP)


def _normal(shares: Floats) -> Floats:
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


def _rough_numbers(number: Floats) -> Floats:
    """Log of numbers of reports in steps: of whether there is any, and of how many there are then."""
    any_ = np.minimum(np.exp(_steps(np.log(1 - number[:, :1]))), MOST_SEEN)
    some = _normal(np.exp(_steps(np.log(_normal(number[:, 1:])))))
    return np.asarray(np.log(np.hstack([1 - any_, any_ * some])))
