"""Acts to test with: a day in April on which people with names and keys act, one a minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from teisen.decision import Act, Body, By, Record, Review, life_cycle, replay

BEGIN = datetime(2025, 4, 21, 9, tzinfo=UTC)
FINDING = "fnd-0123456789ab"
INCIDENT = "inc-0123456789ab"
OTHER = "inc-ba9876543210"
PARTIES = {"liaison-a": "party-a", "liaison-b": "party-b"}
ROLES = {"ana": "analyst", "rei": "reviewer", "dan": "duty-officer"} | dict.fromkeys(PARTIES, "party-liaison")


def act(number: int, action: str, name: str = "ana", /, **changes: Any) -> Act:
    """An act of ``name``, the ``number``th, from the state and to the state that the life cycle has for it."""
    subject = changes.pop("subject", "finding")
    before = changes.pop("before", "automatic")
    subject_id = changes.pop("subject_id", {"finding": FINDING, "incident": INCIDENT}.get(subject, "claims:1"))
    role = changes.pop("role", ROLES.get(name, "analyst"))
    known = life_cycle().actions.get(action)
    body = Body.model_validate(
        {
            "number": number,
            "subject": subject,
            "incident": "" if subject == "allegation" else INCIDENT,
            "action": action,
            "from": before,
            "to": known.leads(before) if known else before,
            "proposal": changes.pop("proposal", False),
            "seconds": changes.pop("seconds", ""),
            "reason": changes.pop("reason", "looked at it"),
            "by": By(name=name, role=role, party=changes.pop("party", PARTIES.get(name, ""))),
            "set": changes.pop("values", {}),
        }
    )
    key = changes.pop("key", f"key of {name}")
    time = changes.pop("time", BEGIN + timedelta(minutes=number))
    review = changes.pop("review", Review())
    if changes:
        raise ValueError(f"unknown: {sorted(changes)}")
    return Act(time, subject_id, body, key, name, review)


def after(*acts: Act) -> Record:
    return replay(acts)
