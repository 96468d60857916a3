from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from teisen.agreement import Clocks
from teisen.decision import SUBJECT_STATE, queue
from teisen.decision.tables import subject_states
from tests.decision.acts import INCIDENT, OTHER, act, after
from tests.decision.test_attribution import findings


def judged(**p: float) -> pl.DataFrame:
    frame = findings(*({} for _ in p))
    return frame.with_columns(p_violation=pl.Series(list(p.values())), subject_id=pl.lit(INCIDENT))


ENDED = datetime(2025, 4, 13, 7, 30, tzinfo=UTC)
INCIDENTS = pl.DataFrame({"incident_id": [INCIDENT, OTHER], "title": ["Shelling", "Fire"], "end": [ENDED] * 2})


def test_doubt_waits_and_what_is_clear_does_not() -> None:
    waits = queue(judged(a=0.5, b=0.6, c=0.99), INCIDENTS, SUBJECT_STATE.empty())
    row = waits.row(0, named=True)
    assert (waits.height, row["waits"], row["subject_id"], row["open"]) == (1, "doubt", "fnd-0", 2)
    assert row["score"] == 1.96
    assert queue(judged(a=0.01, b=0.99), INCIDENTS, SUBJECT_STATE.empty()).is_empty()


def test_an_incident_that_people_ruled_on_is_in_doubt_no_more() -> None:
    states = subject_states(after(act(1, "confirm", subject="incident")))
    assert queue(judged(a=0.5), INCIDENTS, states).is_empty()


def test_proposals_and_appeals_come_first_also_those_about_incidents() -> None:
    proposal = act(1, "confirm", subject="incident", subject_id=OTHER, proposal=True)
    states = subject_states(after(proposal))
    states = states.with_columns(incident_id=pl.lit(OTHER))
    waits = queue(judged(a=0.5), INCIDENTS, states)
    assert waits.select("waits", "subject_id", "title").rows() == [
        ("second", OTHER, "Fire"),
        ("doubt", "fnd-0", "Shelling"),
    ]


def test_a_comment_alone_does_not_make_anything_wait() -> None:
    states = subject_states(after(act(1, "reply", "liaison-a", subject="allegation")))
    assert states["state"].to_list() == ["automatic"]
    assert queue(judged(a=0.99), INCIDENTS, states).is_empty()


def test_an_agreement_s_clocks_say_by_when() -> None:
    clocks = {judged(a=0.5)["agreement_id"][0]: Clocks(inquiry_hours=24, finding_hours=72)}
    untouched = queue(judged(a=0.5), INCIDENTS, SUBJECT_STATE.empty(), clocks)
    assert untouched["due"].to_list() == [ENDED + timedelta(hours=24)]
    begun = subject_states(after(act(1, "open", subject="finding", subject_id="fnd-0")))
    begun = begun.with_columns(incident_id=pl.lit(INCIDENT))
    assert queue(judged(a=0.5), INCIDENTS, begun, clocks)["due"].to_list() == [ENDED + timedelta(hours=72)]
    assert queue(judged(a=0.5), INCIDENTS, SUBJECT_STATE.empty())["due"].to_list() == [None]
