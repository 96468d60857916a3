"""How sources report: how many reports each makes of an incident and of a false alarm, and what it calls each kind.

How often a source reports is what it declares; how often it repeats itself is found in
:mod:`teisen.fusion.learning`. What it calls things, and which kinds there are, is learned from the reports themselves,
with what the vocabulary says as the prior: put reports together, count, and again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from teisen.fusion.kinds import kind_names, leaves
from teisen.fusion.near import Ints
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats

MOST = 8
"""Reports of one source under one incident that are told apart; more count as so many."""
SEEN = 0.5
"""Share of incidents that a source reports, where nothing is known of it (assumed)."""
AGAIN, AGAIN_ALONE = 0.1, 0.003
"""Chance of one more report after the first, of an incident and of a false alarm, where nothing is known (assumed;
0.02 is better on the gallery, where who states no number mostly makes one, but parts the news of one real strike)."""
STEP = 0.25
"""Logs of probabilities are kept in such steps where they decide, ..."""
NAMED_RIGHT = 0.7
"""How often a source names the kind itself, before anything is learned; else it tells of a trace (assumed)."""
NAMELESS = ("fire", "explosion", "damage", "casualties", "other")
"""Kinds that tell of something without naming it: whatever happened was of another kind, but for a share of..."""
NAMELESS_SHARE = 0.01
"""...so much together (assumed)."""
NAMED = ~np.isin(kind_names(), NAMELESS)
"""Which kinds have a name of their own, shape (kinds,)."""
LEAST, LEAST_SAID = 0.002, 0.0001
"""...and none below these: shares of kinds, and of what is said of one."""


@dataclass(frozen=True)
class Reporting:
    """How ``sources`` (ids in order) report.

    Attributes:
        number: log of P(n reports | an incident of a kind), shape (sources, kinds, MOST + 1).
        emission: P(kind said | true kind) by source, shape (sources, true kinds, kinds said).
        kind_prior: log of the share of each true kind, shape (kinds,).
        alone: log of P(n reports | a false alarm of the source), shape (sources, MOST + 1); none counts as never.
        in_a_cell: mean over cells (:mod:`teisen.fusion.density`) of incidents, and of false alarms by source, shape
            (1 + sources,).
        usual: share of each kind among what each source says, shape (sources, kinds). A report that leaves open which
            of several kinds it was leans to what is usual already; that part of it is no evidence.
        unjoined: share of the true reports of each source that no other of its group joined
            (:mod:`teisen.fusion.unjoined`), shape (sources,).
    """

    sources: tuple[str, ...]
    number: Floats
    emission: Floats
    kind_prior: Floats
    usual: Floats
    alone: Floats
    in_a_cell: Floats
    reach: Floats
    unjoined: Floats

    @staticmethod
    def of(
        sources: tuple[str, ...],
        seen: Floats | None = None,
        again: Floats | None = None,
        again_alone: Floats | None = None,
    ) -> Reporting:
        """What is taken before anything is learned from what reports say together.

        Args:
            seen: P(a source reports an incident of a kind), shape (sources, kinds).
            again: P(one more report of an incident after one), shape (sources,).
            again_alone: the same of a false alarm.
        """
        n, k = len(sources), len(kind_names())
        seen = np.full((n, k), SEEN) if seen is None else seen
        again = np.full(n, AGAIN) if again is None else again
        again_alone = np.full(n, AGAIN_ALONE) if again_alone is None else again_alone
        said = normal(np.maximum(NAMED_RIGHT * np.eye(k) + (1 - NAMED_RIGHT) * normal(leaves()), LEAST_SAID))
        return Reporting(
            sources=sources,
            number=_numbers(seen, np.broadcast_to(again[:, None], seen.shape)),
            emission=np.tile(said, (n, 1, 1)),
            kind_prior=np.log(named(np.full(k, 1 / k))),
            usual=np.full((n, k), 1 / k),
            alone=_numbers(np.full(n, 1 - 1e-9), again_alone),
            in_a_cell=np.ones(1 + n),
            reach=np.ones(n),
            unjoined=np.ones(n),
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
        speaking, of = reports.speaking
        return np.searchsorted(np.array(self.sources, dtype=np.str_), np.array(speaking, dtype=np.str_))[of]

    def kinds(self, reports: Reports, source: Ints) -> Floats:
        """Log of P(one report of this source, which says so | true kind) / P(none of it | true kind), over that of what
        a random report says; (n, kinds).
        """
        return self.said(reports, source) + (self.number[..., 1] - self.number[..., 0])[source]

    def made(self, source: Ints, count: Ints) -> Floats:
        """Log of P(so many reports of a source | true kind) / P(none of it | true kind), shape (n, kinds)."""
        number = np.swapaxes(self.number, 1, 2)
        return np.asarray(number[source, np.minimum(count, MOST)] - self._silence[source])

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
    def silent(self) -> Floats:
        """Log of the prior of each kind where nobody reports it, as far as silence counts, shape (kinds,)."""
        return np.asarray(self.kind_prior + self._silence.sum(axis=0))

    @cached_property
    def _silence(self) -> Floats:
        """Log of P(a source is silent | true kind), as far as there was something in its reach, (sources, kinds)."""
        return np.asarray(np.log1p(self.reach[:, None] * np.expm1(self.number[..., 0])))

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
        if not counted.size:
            return np.zeros(len(counted))
        source = counted.argmax(axis=1)
        times = np.minimum(counted[np.arange(len(source)), source], MOST).astype(np.int64)
        return np.asarray(self.alone[source, times])

    def rough(self) -> Reporting:
        """The same in coarse steps: a new day seldom moves one."""
        return replace(
            self,
            emission=normal(np.exp(_steps(np.log(self.emission), LEAST_SAID))),
            kind_prior=np.log(normal(np.exp(_steps(self.kind_prior)))),
            usual=normal(np.exp(_steps(np.log(self.usual)))),
            in_a_cell=stepped(self.in_a_cell),
            reach=np.minimum(stepped(self.reach), 1.0),
        )


def _numbers(seen: Floats, again: Floats) -> Floats:
    """Log of P(none, one, two, ... reports), geometric after the first, shape (sources, MOST + 1)."""
    further = np.log(again)[..., None] * np.arange(MOST) + np.log(1 - again)[..., None]
    further[..., -1] -= np.log(1 - again)
    return np.concatenate([np.log(1 - seen)[..., None], np.log(seen)[..., None] + further], axis=-1)


def named(kinds: Floats) -> Floats:
    """Shares of kinds, those of :data:`NAMELESS` kept small."""
    shares = np.where(NAMED, normal(np.where(NAMED, kinds, 0.0)), NAMELESS_SHARE / (~NAMED).sum())
    return normal(shares)


def kind_weights(logs: Floats) -> Floats:
    """P(true kind) from logs of shares, shape (n, kinds)."""
    return normal(np.exp(logs - logs.max(axis=1, keepdims=True, initial=-np.inf)))


def stepped(chance: Floats) -> Floats:
    """Positive figures in steps of :data:`STEP` of their logs."""
    return np.asarray(np.exp(np.round(np.log(chance) / STEP) * STEP))


def _steps(logs: Floats, least: float = LEAST) -> Floats:
    return np.asarray(np.round(np.maximum(logs, np.log(least)) / STEP) * STEP)


def normal(shares: Floats) -> Floats:
    """Shares that add up to 1 along the last axis."""
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))
