"""The case as a whole: what is monitored, and which state is served."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from teisen.server.access import allowed
from teisen.server.current import CurrentView

router = APIRouter(tags=["case"])


class CaseAnswer(BaseModel):
    """A case and the state of it that is served."""

    id: str
    title: str
    simulated: bool
    audience: str
    as_of: datetime
    ledger_size: int
    policy: list[str]


@router.get("/case", dependencies=[allowed("read")])
def case(view: CurrentView) -> CaseAnswer:
    """What is monitored, as of when, and under which terms of release."""
    return CaseAnswer(
        id=view.case.id,
        title=view.case.title,
        simulated=view.case.simulated,
        audience=view.audience,
        as_of=view.as_of,
        ledger_size=view.size,
        policy=list(view.released.terms.says),
    )
