"""Incidents and findings, with what they rest on."""

from __future__ import annotations

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from teisen.decision import CORRECTION, DECISION, SUBJECT_STATE
from teisen.fusion.schema import EVIDENCE, INCIDENT
from teisen.judgement.schema import FINDING, PARTING
from teisen.languages import text
from teisen.observation import OBSERVATION
from teisen.server import record
from teisen.server.access import allowed
from teisen.server.api.rows import (
    Between,
    Paging,
    answered,
    listed,
    one_of,
    page_model,
    plain,
    problems,
    row_model,
    same,
    where,
    whole_model,
)
from teisen.server.current import CurrentView
from teisen.server.problems import Refusal

router = APIRouter(tags=["incidents"])
Id = Annotated[str, Path(pattern=r"^[a-z]+-([0-9a-f]{12}|r[0-9a-f]{16})$", max_length=40)]


class IncidentQuery(Between):
    """Filters of incidents."""

    kind: str | None = Field(default=None, max_length=100, description="A kind of the vocabulary.")
    area_id: str | None = Field(default=None, max_length=200, description="Id of the area it lies in.")
    bbox: str | None = Field(
        default=None,
        pattern=r"^-?\d{1,3}(\.\d{1,9})?(,-?\d{1,3}(\.\d{1,9})?){3}$",
        description="West, south, east, north in degrees of WGS84.",
    )
    p_conflict: float = Field(default=0, ge=0, le=1, description="Least probability that it is one of the conflict.")


class FindingQuery(Paging):
    """Filters of findings."""

    agreement_id: str | None = Field(default=None, max_length=200)
    provision_id: str | None = Field(default=None, max_length=200)
    reading_id: str | None = Field(default=None, max_length=200)
    subject: str | None = Field(default=None, max_length=20, description="incident, allegation or tally")
    subject_id: str | None = Field(default=None, max_length=200)
    level: str | None = Field(default=None, max_length=100)
    p_violation: float | None = Field(default=None, ge=0, le=1, description="Least probability of a violation.")


IncidentWhole = whole_model(
    "IncidentWhole",
    "An incident with all that is released about it.",
    incident=INCIDENT,
    evidence=[EVIDENCE],
    observations=[OBSERVATION],
    findings=[FINDING],
    partings=[PARTING],
    states=[SUBJECT_STATE],
    corrections=[CORRECTION],
    decisions=[DECISION],
)


class EntryShown(BaseModel):
    """An entry of the ledger. ``text`` is its bytes (UTF-8) where they are released; ``leaf`` is their leaf hash."""

    index: int
    leaf: str
    type: str | None
    time: str | None
    text: str | None


class ProofShown(BaseModel):
    """That an entry stands in the ledger (RFC 9162, 2.1.3.2): SHA-256 of 0x00 and ``text`` is the leaf."""

    entry: EntryShown
    size: int
    root: str
    hashes: list[str]


class IncidentProof(BaseModel):
    """What proves that an incident's observations were recorded: entries, proofs, and the signed head."""

    incident_id: str
    checkpoint: str
    key: str
    proofs: list[ProofShown]
    withheld: int


@router.get("/incidents", dependencies=[allowed("read")], response_model=page_model(INCIDENT), responses=problems(422))
def incidents(request: Request, view: CurrentView, query: Annotated[IncidentQuery, Query()]) -> Response:
    """Incidents, by id."""
    conditions = [*query.times(), same("kind", query.kind), same("area_id", query.area_id)]
    if query.p_conflict:
        conditions.append(pl.col("p_conflict") >= query.p_conflict)
    if query.bbox:
        conditions.append(_inside(query.bbox))
    return listed(request, view, where(view.table("incident"), conditions), query)


@router.get(
    "/incidents/{incident_id}",
    dependencies=[allowed("read")],
    response_model=IncidentWhole,
    responses=problems(404, 422),
)
def incident(view: CurrentView, incident_id: Id) -> Response:
    """One incident: what each source said, findings under each reading, what people did, and what readings part."""
    incident_id = view.own_id(incident_id)
    found = one_of(view.table("incident"), "incident_id", incident_id)
    mine = pl.col("incident_id") == incident_id
    subject = (pl.col("subject") == "incident") & (pl.col("subject_id") == incident_id)
    evidence = view.table("evidence").filter(mine)
    observations = view.table("observation").join(evidence, on="observation_id", how="semi", maintain_order="left")
    parts: dict[str, Any] = {
        "incident": found,
        "evidence": plain(evidence),
        "observations": plain(observations),
        "findings": plain(view.table("finding").filter(subject)),
        "partings": plain(view.table("parting").filter(subject)),
        "states": plain(view.table("subject_state").filter(mine)),
        "corrections": plain(view.table("correction").filter(mine)),
        "decisions": plain(view.table("decision").filter(mine).sort("number")),
    }
    return answered(parts)


@router.get("/incidents/{incident_id}/proof", dependencies=[allowed("read")], responses=problems(404, 422))
def proof(view: CurrentView, incident_id: Id) -> IncidentProof:
    """Proof, to be checked by whoever asks, that the incident's reports stand in the ledger as it was signed."""
    incident_id = view.own_id(incident_id)
    one_of(view.table("incident"), "incident_id", incident_id)
    found, withheld = record.proofs_of(view, incident_id)
    shown = [ProofShown.model_validate(one, from_attributes=True) for one in found]
    return IncidentProof(
        incident_id=incident_id,
        checkpoint=view.checkpoint.content.decode("utf-8"),
        key=str(view.ledger.key),
        proofs=shown,
        withheld=withheld,
    )


@router.get("/findings", dependencies=[allowed("read")], response_model=page_model(FINDING), responses=problems(422))
def findings(request: Request, view: CurrentView, query: Annotated[FindingQuery, Query()]) -> Response:
    """Findings: subjects under each reading, with probability, level and reasons."""
    names = ("agreement_id", "provision_id", "reading_id", "subject", "subject_id", "level")
    conditions = [same(name, getattr(query, name)) for name in names]
    if query.p_violation is not None:
        conditions.append(pl.col("p_violation") >= query.p_violation)
    return listed(request, view, where(view.table("finding"), conditions), query)


@router.get(
    "/findings/{finding_id}",
    dependencies=[allowed("read")],
    response_model=row_model(FINDING),
    responses=problems(404, 422),
)
def finding(view: CurrentView, finding_id: Id) -> Response:
    """One finding."""
    return answered(one_of(view.table("finding"), "finding_id", view.own_id(finding_id)))


def _inside(bbox: str) -> pl.Expr:
    west, south, east, north = (float(part) for part in bbox.split(","))
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise Refusal(422, text("The box is west, south, east, north in degrees."))
    across = pl.col("lon") <= east if west > east else pl.lit(True)
    lon = (pl.col("lon") >= west) | across if west > east else pl.col("lon").is_between(west, east)
    return lon & pl.col("lat").is_between(south, north)
