"""The command explain: why an incident's observations were joined, and what each reading says of it."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import polars as pl
import typer

from teisen.case import Case, inside_id, stored
from teisen.case.reading import GROUND_TABLES, ground_of
from teisen.cli.secret import tells_of_secret
from teisen.cli.terminal import HERE, AsJson, CaseFolder, result
from teisen.errors import BadInput, NoKey, Problem
from teisen.fusion.explain import IMPOSSIBLE, PARTS, Explanation
from teisen.fusion.explain import explain as why
from teisen.judgement.explain import sentences
from teisen.languages import LANGUAGES, say, say_again, speaking, spoken, words
from teisen.release import Ids
from teisen.release.report.words import RELATIONS, chance, number

Language = Annotated[str, typer.Option(help=f"Language that it is said in: {', '.join(LANGUAGES)}.")]
Incident = Annotated[str, typer.Argument(help="Id of the incident, as in the table incident or as it left.")]

TERMS = ("agreement_id", "provision_id", "reading_id", "held_by")
SAYS = ("p_in_scope", "p_violation", "level", "severity", "explanation")


def explain(incident: Incident, *, language: Language = "en", case: CaseFolder = HERE, as_json: AsJson = False) -> None:
    """Say why an incident's observations were joined, those of its neighbours were not, and what each reading says."""
    speech = words(language)
    opened = Case.open(case)
    names = ["incident", "evidence", "observation", "exposure", "learned", "finding", "outcome", *GROUND_TABLES]
    tables = stored.read_tables(opened.derived, names)
    if "incident" not in tables:
        raise BadInput(Problem(str(opened.derived), 0, "", "nothing is derived there", "Run `teisen derive` first."))
    incident = inside_id(opened, incident)
    with speaking(speech):
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
        outside = _outside(opened, incident)
        named = [say("Its id where it leaves: {id}", id=outside)] if outside else []
        alleged = tables["outcome"].filter(pl.col("incident_ids").list.contains(incident)).sort("allegation_id")
        told = "\n".join([_text(found), *named, "", *_findings(values), *_alleged(alleged, opened)])
    weighed = alleged.select("allegation_id", "accuser", "outcome", "number", "explanation").to_dicts()
    result(found.values() | {"findings": values, "allegations": weighed, "outside_id": outside}, told, as_json)


def _outside(case: Case, incident: str) -> str | None:
    """The id that an incident has where it leaves; None: the secret that gives it is not here."""
    try:
        with tells_of_secret(case):
            return Ids(case.ledger.secret()).outside(incident)
    except NoKey:
        return None


def _findings(values: list[dict[str, Any]]) -> list[str]:
    if not values:
        return [say("No reading of the case's agreements has anything to say of it.")]
    return [say("What each reading says of it:")] + [
        f"  {one['provision_id']}, {one['reading_id']} ({one['held_by']}): P(violation) {chance(one['p_violation'])}, "
        f"{say_again(one['level'])}{f', {grave}' if (grave := one['severity']) else ''}. {one['explanation']}"
        for one in values
    ]


def _alleged(outcomes: pl.DataFrame, case: Case) -> list[str]:
    """Allegations that the incident fits, and what became of them."""
    if outcomes.is_empty():
        return []
    names = {party.id: party.name for party in case.definitions.case.parties}
    return ["", say("Allegations that it fits:")] + [
        f"  {one['allegation_id']} ({names.get(one['accuser'], one['accuser'])}): {say_again(one['explanation'])}"
        for one in outcomes.iter_rows(named=True)
    ]


def _text(found: Explanation) -> str:
    head = f"{found.incident_id}: P(conflict) {chance(found.p_conflict)}"
    lines = [f"{head}; {say('reports that count: {n}', n=len(found.members))}"]
    if len(found.members) > 1:
        total = _ratio(sum(found.together.values()), 1)
        lines += ["", say("Log ratio of one incident against one a report: {ratio}", ratio=total)]
        lines += [f"  {_ratio(value):>8} {say(PARTS[name])}" for name, value in found.together.items()]
    lines += ["", say("Reports, each against the others:")]
    lines += [f"  {one['observation_id']} ({_ratio(one['total'], 1)}): {one['says']}" for one in found.members]
    lines += [f"  {one['observation_id']}: {say('a copy of {id}: counts once', id=one['of'])}" for one in found.copies]
    lines += ["", say("Errors their sources were taken with, where a report states none (declared × learned):")]
    lines += [f"  {one['source_id']} ({one['group']}): {_errors(one)}" for one in found.errors]
    lines += ["", say("What moves P(conflict), as log ratios:")]
    moves = Counter(
        f"{_ratio(one['log_ratio'] or 0.0)} {one['source_id']}, {say(RELATIONS[one['relation']])}: "
        f"{say_again(one['reason'])}"
        for one in found.evidence
    )
    lines += [f"  {says}{f' (× {n})' if n > 1 else ''}" for says, n in moves.items()]
    near = bool(found.neighbours)
    lines += ["", say("Nearest incidents that were not joined:") if near else say("No other incident is near.")]
    for one in found.neighbours:
        total = "" if one["total"] < IMPOSSIBLE else f" ({_ratio(one['total'], 1)})"
        lines.append(f"  {one['incident_id']}{total}: {one['says']}")
    return "\n".join(lines)


def _ratio(value: float, decimals: int = 2) -> str:
    return spoken().signs(f"{value:+.{decimals}f}")


def _errors(one: dict[str, Any]) -> str:
    """How far off a source is, declared and as a factor that was learned."""
    return say(
        "place {place_m} m × {place_factor}, moments {time_s} s × {time_factor}",
        place_m=number(one["place_error_m"], 0),
        place_factor=spoken().signs(f"{one['place_factor']:.2f}"),
        time_s=number(one["time_error_s"], 0),
        time_factor=spoken().signs(f"{one['time_factor']:.2f}"),
    )


COMMANDS = (explain,)
