"""Watch plans on the ledger as an audience may have them: versions, who signed, what was said, what changed.

What leaves of a plan is decided by :func:`teisen.release.annex.cut` under the terms of the view, here and nowhere else
in the server. Comments name sectors and sensors: where the plan leaves as a summary, only a party's own do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from teisen.ledger import Entry
from teisen.planning.beside import FRONTIER_ENTRY, NEXT_ENTRY, PATROLS_ENTRY, Frontier, Next, beside
from teisen.planning.consent import COMMENT_ENTRY, PLAN_ENTRY, SIGNATURE_ENTRY, Comment, Version, comments, versions
from teisen.planning.consent import missing as missing_of
from teisen.planning.consent import signatures as signatures_of
from teisen.planning.difference import changes
from teisen.planning.plan import Plan
from teisen.release.annex import Cut, cut, leaves
from teisen.server.view import View

ENTRIES = frozenset({PLAN_ENTRY, COMMENT_ENTRY, SIGNATURE_ENTRY, FRONTIER_ENTRY, PATROLS_ENTRY, NEXT_ENTRY})
IN_FORCE = "in_force"


@dataclass(frozen=True)
class OnRecord:
    """A version of a plan: where it stands, what of it leaves, who signed it in force (SIGNATURE), and who has not.

    ``frontier``: what other budgets would buy; None: nobody put it on record. ``next_one``: what one more of each
    sensor would add; None: so too, or only a summary leaves, since it tells where least is seen.
    """

    version: Version
    cut: Cut
    signed: pl.DataFrame
    missing: tuple[str, ...]
    frontier: Frontier | None
    next_one: Next | None


class Plans:
    """All plans that the ledger of a view holds and that the terms let leave by now.

    What a party said itself it sees at once.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self._entries: list[Entry] = [
            one
            for one in view.ledger.entries()[: view.size]
            if one.type in ENTRIES
            and (
                leaves(one.time, view.released.terms, view.as_of)
                or (view.party and one.body.get("for_whom") == view.party)
            )
        ]

    @cached_property
    def ids(self) -> list[str]:
        """Ids of the plans, the one with the newest version first."""
        newest = {one.plan_id: one.entry for one in versions(self._entries)}
        return sorted(newest, key=lambda plan_id: -newest[plan_id])

    def versions(self, plan_id: str) -> list[OnRecord]:
        """The versions of a plan, the newest first."""
        return [self._read(one) for one in reversed(versions(self._entries, plan_id))]

    def changes(self, old: Version, new: Version) -> pl.DataFrame:
        """What differs between two versions (PLAN_CHANGE), as far as it leaves."""
        plan = self._plan(new)
        return cut(plan, self.view.released.terms, changes=changes(self._plan(old), plan)).changes

    def comments(self, plan_id: str) -> tuple[list[Comment], int]:
        """Comments that leave, in their order, and how many stay inside."""
        every = comments(self._entries, plan_id)
        terms = self.view.released.terms
        party = self.view.party
        shown = [one for one in every if terms.watch_plan == "full" or (party and one.said.for_whom == party)]
        if terms.decisions != "all":
            shown = [replace(one, name="") for one in shown]
        return shown, len(every) - len(shown)

    def _read(self, version: Version) -> OnRecord:
        plan = self._plan(version)
        ledger, terms = self.view.ledger, self.view.released.terms
        signatures = signatures_of(self._entries, plan.id, plan.parties, ledger.origin)
        if terms.decisions != "all":
            signatures = signatures.with_columns(name=pl.lit(""))
        missing = tuple(missing_of(signatures, version.sha256, plan.parties))
        there = beside(self._entries, version.sha256, ledger.blob)
        found = cut(plan, terms, programme=there.programme, signatures=signatures)
        mine = found.signatures.filter(sha256=version.sha256, standing=IN_FORCE).sort("entry")
        return OnRecord(version, found, mine, missing, there.frontier, there.next_one if found.full else None)

    def _plan(self, version: Version) -> Plan:
        return Plan.model_validate_json(self.view.ledger.blob(version.sha256))
