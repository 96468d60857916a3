"""Commands on watch plans: simulate, annex, record, sign, comment, signed, changes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import polars as pl
import shapely
import typer

from teisen.case import Case
from teisen.case.consenting import plan_on_record, record_beside, signed
from teisen.case.consenting import say as put
from teisen.cli import plan_words
from teisen.cli.plan import BRIEF, FRONTIER, NEXT, Language, _line, _plan, _text, made_in
from teisen.cli.terminal import HERE, AsJson, CaseFolder, Wait, result
from teisen.errors import BadInput, Problem
from teisen.evaluation.delivered import RUNS, deliver, differs
from teisen.evaluation.trials import load_trials
from teisen.languages import say, speaking, words
from teisen.planning.beside import Beside, Document, Frontier, Next
from teisen.planning.brief import parse_brief
from teisen.planning.consent import comments, missing, versions
from teisen.planning.difference import change_map
from teisen.planning.difference import changes as changes_of
from teisen.planning.plan import Plan
from teisen.planning.programme import Programme
from teisen.planning.solve import Setting, fingerprint
from teisen.release.annex import annex as annex_of
from teisen.release.annex import cut, leaves, sentences

PATROLS = "patrols.json"
PlanPath = Annotated[Path, typer.Argument(help="Folder of the plan, or its plan.json.")]
As = Annotated[str, typer.Option("--as", help="Your name, one word; its key signs.")]
Whom = Annotated[str, typer.Option("--for", help="Party that you speak for, or mediator.")]


def simulate(
    folder: Annotated[Path, typer.Argument(help="Folder of the plan.")],
    *,
    trials: Annotated[Path | None, typer.Option(help="File of ceasefires to try it on.")] = None,
    only: Annotated[str, typer.Option(help="Only these, by id with commas.")] = "",
    runs: Annotated[int, typer.Option(help="Runs of each.", min=2)] = RUNS,
    seed: Annotated[int, typer.Option(help="Seed of the first run.", min=0)] = 1,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Run a plan against simulated ceasefires: what it promised, what it delivered, and where a gap comes from."""
    here, plan = opened(folder)
    tried = load_trials(_text(trials), str(trials)) if trials else load_trials()
    wanted = [one for one in only.split(",") if one]
    if unknown := sorted(set(wanted) - {one.id for one in tried}):
        do = f"Write one of {', '.join(one.id for one in tried)}."
        raise BadInput(Problem("--only", 0, "", f"there is no trial {unknown[0]!r}", do))
    tried = tuple(one for one in tried if not wanted or one.id in wanted)
    programme = programme_of(folder, plan)
    delivered, reviewed = deliver(here, plan, tried, runs=runs, seed=seed, programme=programme)
    gaps = differs(delivered)
    for name, table in (("delivered", delivered), ("reviewed", reviewed)):
        (folder / f"{name}.csv").write_text(table.write_csv(), encoding="utf-8", newline="")
    with speaking(words(language)):
        lines = list(plan_words.delivered(tried, delivered, gaps, reviewed, driven=programme is not None))
        lines.append(say("Wrote {files} into {folder}", files="delivered.csv, reviewed.csv", folder=folder))
    values = {"delivered": delivered.to_dicts(), "reviewed": reviewed.to_dicts(), "gaps": gaps.to_dicts()}
    result(values, "\n".join(lines), as_json)


def annex(
    plan: PlanPath,
    out: Annotated[Path, typer.Option(help="Folder to write into.")],
    *,
    audience: Annotated[str, typer.Option(help="For whom: public, mission, or one that the case adds.")] = "public",
    language: Language = "en",
    before: Annotated[Path | None, typer.Option(help="The version before: its folder or plan.json.")] = None,
    dated: Annotated[str, typer.Option(help="Day of the annex, YYYY-MM-DD. Default: that of its record.")] = "",
    case: CaseFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Write a plan as a technical annex: page, paper, map and tables, with what may leave for the audience."""
    made, record = _plan(plan), Case.open(case)
    signatures = signed(record, made)
    recorded = [one for one in versions(record.ledger.entries(), made.id) if one.sha256 == made.sha256]
    day = _day(dated) if dated else recorded[-1].time.date() if recorded else None
    if day is None:
        do = "Put it there with `teisen plan sign`, or write --dated."
        raise BadInput(Problem(str(plan), 0, "", "this version of the plan is not on record", do))
    terms = record.definitions.case.release.terms(audience)
    if terms.plan_delay_hours and not any(leaves(one.time, terms, record.head_time()) for one in recorded):
        what = f"plans leave to {audience} {terms.plan_delay_hours:g} hours after they are put on record"
        do = "Wait, or name an audience that may have it now."
        raise BadInput(Problem(str(plan), 0, "", what, do))
    found = cut(
        made,
        terms,
        programme=programme_of(plan, made),
        signatures=signatures,
        changes=changes_of(_plan(before), made) if before else None,
        line=_line_of(plan, made),
    )
    files = annex_of(found, language=language, dated=day, audience=audience, author=record.ledger.origin)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
    values = {"files": sorted(files), "sha256": made.sha256, "withheld": list(found.withheld)}
    held = f" Withheld: {', '.join(found.withheld)}." if found.withheld else ""
    result(values, f"Wrote {', '.join(sorted(files))} into {out}.{held}", as_json)


def record_(
    plan: PlanPath,
    *,
    case: CaseFolder = HERE,
    wait: Wait = 30,
    as_json: AsJson = False,
) -> None:
    """Put a version on record, with what lies beside it, for people to look at before they sign."""
    made = _plan(plan)
    there = lying_beside(plan, made)
    added = record_beside(Case.open(case), made, there, wait_s=wait)
    named = {"frontier": there.frontier, "patrols": there.programme, "next": there.next_one}
    found = {name: document is not None for name, document in named.items()}
    said = f"{made.id}, version {made.version} ({made.sha256[:12]}) is on record"
    said += "".join(f", with its {name}" for name, is_there in found.items() if is_there)
    values = {"sha256": made.sha256, "version": made.version, "added": added, **found}
    result(values, f"{said}. New entries: {added}.", as_json)


def sign(
    plan: PlanPath,
    *,
    as_: As,
    for_whom: Whom,
    reason: Annotated[str, typer.Option("--reason", "-r", help="What is said with it.")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take your signature back; needs a reason.")] = False,
    language: Annotated[str, typer.Option(help="Language of the words (BCP 47).")] = "en",
    case: CaseFolder = HERE,
    wait: Wait = 30,
    as_json: AsJson = False,
) -> None:
    """Sign a version of a plan, or take a signature back; the version is put on record first."""
    made, record = _plan(plan), Case.open(case)
    action: Literal["sign", "withdraw"] = "withdraw" if withdraw else "sign"
    entry = put(record, made, action, name=as_, for_whom=for_whom, words=reason, language=language, wait_s=wait)
    lacking = missing(signed(record, made), made.sha256, made.parties)
    values = {"entry": entry, "sha256": made.sha256, "version": made.version, "missing": lacking}
    said = f"not signed yet by {', '.join(lacking)}" if lacking else "signed by all: agreed"
    result(values, f"Entry {entry}: {made.id}, version {made.version} ({made.sha256[:12]}) is {said}.", as_json)


def comment(
    plan: PlanPath,
    *,
    as_: As,
    for_whom: Whom,
    text: Annotated[str, typer.Option("--text", "-t", help="The comment.")],
    about: Annotated[str, typer.Option(help="What of the plan: a sector, a sensor, a rule.")] = "",
    language: Annotated[str, typer.Option(help="Language of the words (BCP 47).")] = "en",
    case: CaseFolder = HERE,
    wait: Wait = 30,
    as_json: AsJson = False,
) -> None:
    """Put a comment on a version of a plan on record."""
    made = _plan(plan)
    entry = put(
        Case.open(case), made, "comment", name=as_, for_whom=for_whom, words=text, about=about, language=language,
        wait_s=wait,
    )  # fmt: skip
    result({"entry": entry, "sha256": made.sha256}, f"Entry {entry}.", as_json)


def signed_(
    plan_id: Annotated[str, typer.Argument(help="Id of the plan.")],
    *,
    case: CaseFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """List the versions of a plan on record, who signed which, and the comments."""
    record = Case.open(case)
    plan = plan_on_record(record, plan_id)
    rows, entries = signed(record, plan), record.ledger.entries()
    lines = []
    for one in versions(entries, plan_id):
        lacking = missing(rows, one.sha256, plan.parties)
        state = f"not signed yet by {', '.join(lacking)}" if lacking else "agreed"
        lines.append(f"version {one.version}  {one.sha256}  {one.time:%Y-%m-%d %H:%M} UTC  {state}")
        mine = rows.filter(sha256=one.sha256).iter_rows(named=True)
        lines += [f"  {row['name']} for {row['for_whom']}: {row['standing']}  {row['reason']}".rstrip() for row in mine]
        for note in comments(entries, plan_id):
            if note.said.plan == one.sha256:
                about = f" on {note.said.about}" if note.said.about else ""
                lines.append(f"  {note.name} for {note.said.for_whom}{about}: {note.said.words}")
    values = {
        "versions": [vars(one) for one in versions(entries, plan_id)],
        "signatures": rows.to_dicts(),
        "comments": [
            {"entry": n.entry, "time": n.time, "name": n.name, **n.said.model_dump()}
            for n in comments(entries, plan_id)
        ],
    }
    result(values, "\n".join(lines), as_json)


def changes(
    old: Annotated[Path, typer.Argument(help="The earlier version: its folder or plan.json.")],
    new: Annotated[Path, typer.Argument(help="The later one.")],
    *,
    map_: Annotated[Path | None, typer.Option("--map", help="Write places that changed as GeoJSON.")] = None,
    table: Annotated[Path | None, typer.Option(help="Write every value that changed as CSV.")] = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Say what changed between two versions of a plan: in words, as a table and as a map."""
    one, two = _plan(old), _plan(new)
    rows = changes_of(one, two)
    if table:
        table.write_text(rows.write_csv(), encoding="utf-8", newline="")
    if map_:
        text = json.dumps(change_map(one, two), ensure_ascii=False, sort_keys=True)
        map_.write_text(text, encoding="utf-8", newline="")
    with speaking(words(language)):
        said = sentences(rows)
    result({"changes": rows.to_dicts(), "words": said}, "\n".join(said) or "Nothing changed.", as_json)


def opened(folder: Path) -> tuple[Setting, Plan]:
    """A plan's folder: its ground and sensors, and the plan that was made of them.

    Raises:
        BadInput: the plan was made from another line or catalogue than the folder has now.
    """
    here, plan = made_in(folder)
    if here.brief.line is None:
        do = "Give the brief a `line:` for patrols and trials."
        raise BadInput(Problem(str(folder / BRIEF), 0, "line", "the plan is one of the sea alone", do))
    return here, plan


def _line_of(path: Path, plan: Plan) -> pl.DataFrame | None:
    """The line (LINE) in the folder of a plan, for its map; None: it is not there, or the plan is of another one."""
    folder = path if path.is_dir() else path.parent
    if not (folder / BRIEF).is_file():
        return None
    line = _line(folder, parse_brief(_text(folder / BRIEF), str(folder / BRIEF)))
    same = line is not None and fingerprint(shapely.from_wkb(line["geometry"][0])) == plan.line.sha256
    return line if same else None


def lying_beside(path: Path, plan: Plan) -> Beside:
    """What lies beside a plan and is of its version."""
    frontier = _beside(path, plan, FRONTIER, Frontier, "`teisen plan solve --budgets`")
    next_one = _beside(path, plan, NEXT, Next, "`teisen plan next`")
    return Beside(frontier, programme_of(path, plan), next_one)


def _beside(path: Path, plan: Plan, name: str, model: type[Document], command: str) -> Document | None:
    """A document beside a plan; None: it is not there, or is of another version."""
    file = (path if path.is_dir() else path.parent) / name
    if not file.is_file():
        return None
    try:
        read = model.model_validate_json(_text(file))
    except ValueError as error:
        what = f"it is none that {command} makes: {str(error).splitlines()[0]}"
        raise BadInput(Problem(str(file), 0, "", what, f"Make one with {command}.")) from None
    return read if read.plan == plan.sha256 else None


def programme_of(path: Path, plan: Plan) -> Programme | None:
    """The patrol programme beside a plan; None: there is none, or it is of another version."""
    file = (path if path.is_dir() else path.parent) / PATROLS
    if not file.is_file():
        return None
    read = read_programme(file)
    return read if read.plan == plan.sha256 else None


def read_programme(file: Path) -> Programme:
    """A patrol programme's file.

    Raises:
        BadInput: it cannot be read as one.
    """
    try:
        return Programme.model_validate_json(_text(file))
    except ValueError as error:
        what = f"it is no patrol programme: {str(error).splitlines()[0]}"
        raise BadInput(Problem(str(file), 0, "", what, "Make one with `teisen plan patrol`.")) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text}: write a day as YYYY-MM-DD.") from None


COMMANDS = (simulate, annex, record_, sign, comment, signed_, changes)
