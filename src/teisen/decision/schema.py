"""What decisions hand over: the decisions, the state of findings that people touched, and what they corrected."""

from __future__ import annotations

import polars as pl

from teisen.observation.schema import TEXT
from teisen.tables import UTC_TIME, Column, Table

DECISION = Table(
    "decision",
    "What people decided, commented and replied, each once, with its standing.",
    (
        Column("decision_id", TEXT, "dec-, 12 hex digits of time, number, subject and action", nullable=False),
        Column("decided", UTC_TIME, "when it was recorded", nullable=False),
        Column("number", pl.Int64(), "place in the order of all decisions of the case, from 1", nullable=False),
        Column("subject", TEXT, "finding, incident or allegation", nullable=False),
        Column("subject_id", TEXT, "its id", nullable=False),
        Column("incident_id", TEXT, "the incident that it concerns; empty for an allegation"),
        Column("action", TEXT, "what was done, a word of the life cycle", nullable=False),
        Column("state_from", TEXT, "state before", nullable=False),
        Column("state_to", TEXT, "state after, where it is in force", nullable=False),
        Column(
            "standing",
            TEXT,
            "in_force; proposed (waits for a second person); seconded (in force by the second's entry); lapsed (a "
            "proposal that was overtaken); void (does not fit what stood before it)",
            nullable=False,
        ),
        Column("seconds", TEXT, "the proposal that it puts in force"),
        Column("fields", pl.List(pl.String), "what it corrects, see the table correction", nullable=False),
        Column("reason", TEXT, "the reason, the comment or the reply, as written", nullable=False),
        Column("language", TEXT, "language of it (BCP 47)", nullable=False),
        Column("author", TEXT, "name of who did it; empty: the case's own key, nobody in person"),
        Column("role", TEXT, "in which role", nullable=False),
        Column("party", TEXT, "party id that a liaison speaks for"),
        Column("note", TEXT, "why it is void"),
        Column("orphaned", pl.Boolean(), "what it speaks of is not derived any more", nullable=False),
    ),
    key=("decision_id",),
)

SUBJECT_STATE = Table(
    "subject_state",
    "Where findings, incidents and allegations that people touched stand; one without a row is automatic.",
    (
        Column("subject", TEXT, "finding, incident or allegation", nullable=False),
        Column("subject_id", TEXT, "its id", nullable=False),
        Column("incident_id", TEXT, "the incident that it concerns; empty for an allegation"),
        Column("state", TEXT, "a state of the life cycle", nullable=False),
        Column("ruling", TEXT, "confirmed, corrected or dismissed: what people said last; empty: nothing yet"),
        Column("level", TEXT, "of a finding: the level that people gave it, in place of the automatic one"),
        Column("since", UTC_TIME, "since when it is in this state", nullable=False),
        Column("by", TEXT, "name of who brought it there; empty: nobody in person"),
        Column("role", TEXT, "in which role"),
        Column("proposed", TEXT, "action that waits for a second person"),
        Column("history", pl.Int64(), "decisions about it, comments and replies among them", nullable=False),
    ),
    key=("subject_id",),
)

CORRECTION = Table(
    "correction",
    "What people set in place of what was automatic; the table of incidents holds the corrected values.",
    (
        Column("incident_id", TEXT, "the incident", nullable=False),
        Column("field", TEXT, "what was set, as in `teisen decide --set`", nullable=False),
        Column("automatic", TEXT, "what it was before anybody corrected it, as text"),
        Column("corrected", TEXT, "what it is now, as text"),
        Column("decision_id", TEXT, "the decision that set it", nullable=False),
        Column("applied", pl.Boolean(), "whether it could be applied to what is derived now", nullable=False),
    ),
    key=("incident_id", "field"),
)
