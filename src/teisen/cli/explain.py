"""The command explain: why an incident's observations were joined, and what each reading says of it."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import typer

from teisen.case import Case, stored
from teisen.case.reading import GROUND_TABLES, ground_of
from teisen.cli.terminal import HERE, AsJson, CaseFolder, result
from teisen.errors import BadInput, Problem
from teisen.fusion.explain import IMPOSSIBLE, Explanation
from teisen.fusion.explain import explain as why
from teisen.judgement.explain import sentences
from teisen.languages import LANGUAGES, words

Language = Annotated[str, typer.Option(help=f"Language of what readings say: {', '.join(LANGUAGES)}.")]
Incident = Annotated[str, typer.Argument(help="Id of the incident, as in the table incident.")]

TERMS = ("agreement_id", "provision_id", "reading_id", "held_by")
SAYS = ("p_in_scope", "p_violation", "level", "severity", "explanation")


def explain(incident: Incident, *, language: Language = "en", case: CaseFolder = HERE, as_json: AsJson = False) -> None:
    """Say why an incident's observations were joined, those of its neighbours were not, and what each reading says."""
    speech = words(language)
    opened = Case.open(case)
    names = ["incident", "evidence", "observation", "exposure", "learned", "finding", *GROUND_TABLES]
    tables = stored.read_tables(opened.derived, names)
    if "incident" not in tables:
        raise BadInput(Problem(str(opened.derived), 0, "", "nothing is derived there", "Run `teisen derive` first."))
    found = why(
        incident,
        tables["incident"],
        tables["evidence"],
        tables["observation"],
        ground=ground_of(tables),
        sources=opened.definitions.sources,
        exposure=tables["exposure"],
        learned=tables["learned"],
    )
    agreements = opened.definitions.agreements
    judged = tables["finding"].filter(subject="incident", subject_id=incident)
    said = sentences(judged, tables["incident"].rename({"incident_id": "subject_id"}), agreements, speech)
    rows = judged.drop("explanation").join(said, on="finding_id").select(*TERMS, *SAYS).to_dicts()
    nth = [(a.id, p.id, r.id) for a in agreements for p in a.provisions for r in p.readings]
    values = sorted(rows, key=lambda row: nth.index((row["agreement_id"], row["provision_id"], row["reading_id"])))
    result(found.values() | {"findings": values}, "\n".join([_text(found), "", *_findings(values)]), as_json)


def _findings(values: list[dict[str, Any]]) -> list[str]:
    if not values:
        return ["No reading of the case's agreements has anything to say of it."]
    return ["What each reading says of it:"] + [
        f"  {one['provision_id']}, {one['reading_id']} ({one['held_by']}): P(violation) {one['p_violation']:.2f}, "
        f"{one['level']}{f', {grave}' if (grave := one['severity']) else ''}. {one['explanation']}"
        for one in values
    ]


def _text(found: Explanation) -> str:
    lines = [f"{found.incident_id}: P(conflict) {found.p_conflict:.2f}, {len(found.members)} reports that count"]
    if len(found.members) > 1:
        lines += ["", f"Log ratio of one incident against one a report: {sum(found.together.values()):+.1f}"]
        lines += [f"  {name:<8}{value:+8.2f}" for name, value in found.together.items()]
    lines += ["", "Reports, each against the others:"]
    lines += [f"  {one['observation_id']} ({one['total']:+.1f}): {one['says']}" for one in found.members]
    lines += [f"  {one['observation_id']}: a copy of {one['of']}, counts once" for one in found.copies]
    lines += ["", "Errors their sources were taken with, where a report states none:"]
    lines += [
        f"  {one['source_id']} (group {one['group']}): "
        f"place {one['place_error_m']:,.0f} m x {one['place_factor']:.2f}, "
        f"moments {one['time_error_s']:,.0f} s x {one['time_factor']:.2f} (declared x learned)"
        for one in found.errors
    ]
    lines += ["", "What moves P(conflict), as log ratios:"]
    moves = Counter(
        f"{one['log_ratio'] or 0.0:+.2f} {one['relation']}, {one['source_id']}: {one['reason']}"
        for one in found.evidence
    )
    lines += [f"  {says}{f' ({n} times)' if n > 1 else ''}" for says, n in moves.items()]
    lines += ["", "Nearest incidents that were not joined:" if found.neighbours else "No other incident is near."]
    for one in found.neighbours:
        total = "" if one["total"] < IMPOSSIBLE else f" ({one['total']:+.1f})"
        lines.append(f"  {one['incident_id']}{total}: {one['says']}")
    return "\n".join(lines)


COMMANDS = (explain,)
