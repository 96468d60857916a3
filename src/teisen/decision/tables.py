"""A record as tables: decisions, states of findings, and which of them speak of what is not derived any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from teisen.decision.life import VOID, Record, Step
from teisen.decision.schema import DECISION, SUBJECT_STATE
from teisen.tables import Table


def decisions(record: Record, known: Mapping[str, Iterable[str]], settled: Iterable[str] = ()) -> pl.DataFrame:
    """All decisions (DECISION).

    Args:
        record: what was decided.
        known: ids that are derived now, by kind of subject.
        settled: incidents that people struck or made part of another; decisions about one, or about a finding of one,
            are not orphaned by that.
    """
    ids = {kind: set(these) for kind, these in known.items()}
    return _frame(DECISION, [_row(step, ids, set(settled)) for step in record.steps.values()])


def orphaned(table: pl.DataFrame) -> pl.DataFrame:
    """Of DECISION, those that count and whose subject is not derived any more."""
    return table.filter(pl.col("orphaned") & (pl.col("standing") != VOID)).sort("number")


def subject_states(record: Record) -> pl.DataFrame:
    """Findings, incidents and allegations that people touched, with their state (SUBJECT_STATE)."""
    rows = []
    for subject_id, state in record.states.items():
        steps = record.of(subject_id)
        counted = [step for step in steps if step.standing != VOID and step.act.body]
        first = counted[0].act.body if counted else None
        if first is None:
            continue
        proposal = record.steps[state.proposal].act.body if state.proposal else None
        rows.append(
            {
                "subject": first.subject,
                "subject_id": subject_id,
                "incident_id": first.incident or None,
                "state": state.name,
                "ruling": state.ruling,
                "level": state.level,
                "since": state.since or counted[0].act.time,
                "by": (state.by.name or None) if state.by else None,
                "role": state.by.role if state.by else None,
                "proposed": proposal.action if proposal else None,
                "history": state.history,
            }
        )
    return _frame(SUBJECT_STATE, rows)


def _row(step: Step, ids: Mapping[str, set[str]], settled: set[str]) -> dict[str, Any]:
    act, body = step.act, step.act.body
    common = {
        "decision_id": step.id,
        "decided": act.time,
        "number": step.number,
        "subject_id": act.subject_id,
        "state_from": step.before,
        "state_to": step.after,
        "standing": step.standing,
        "note": step.note or None,
    }
    if body is None:
        blank: dict[str, Any] = {
            "subject": "",
            "incident_id": None,
            "action": "",
            "seconds": None,
            "fields": [],
            "reason": "",
        }
        return common | blank | {"language": "", "author": None, "role": "", "party": None, "orphaned": False}
    there = act.subject_id in ids.get(body.subject, ()) or body.incident in settled
    return common | {
        "subject": body.subject,
        "incident_id": body.incident or None,
        "action": body.action,
        "seconds": body.seconds or None,
        "fields": list(body.values),
        "reason": body.reason,
        "language": body.language,
        "author": body.by.name or None,
        "role": body.by.role,
        "party": body.by.party or None,
        "orphaned": not there,
    }


def _frame(table: Table, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return table.hand_over(pl.DataFrame(rows, schema=table.schema))
