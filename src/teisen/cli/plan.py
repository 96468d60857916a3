"""Commands on watch plans: new, solve, compare."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
import shapely
import typer
import yaml

from teisen.agreement import load_agreement
from teisen.case import Case, stored
from teisen.cli import plan_words
from teisen.cli.terminal import AsJson, result
from teisen.documents import fit
from teisen.errors import BadInput, Problem
from teisen.languages import say, speaking, words
from teisen.library import library
from teisen.planning import Plan, made_line
from teisen.planning.beside import Bought, Frontier
from teisen.planning.brief import AT_SEA, Brief, parse_brief, read_areas, read_line, read_places
from teisen.planning.catalogue import load_catalogue
from teisen.planning.frontier import assumptions, frontier, refusals, worth
from teisen.planning.ground import track
from teisen.planning.margins import site_worth
from teisen.planning.risk import weights
from teisen.planning.solve import Setting, find, per_sector, placement, plan_of, setting
from teisen.planning.terrain import read_terrain
from teisen.planning.zones import depths_m, zones

BRIEF = "brief.yaml"
PLAN = "plan.json"
FRONTIER = "frontier.json"
NEXT = "next.json"
KINDS = {
    "shelling": [1000, 8000],
    "drone-strike": [1000, 8000],
    "small-arms-fire": [300],
    "ground-assault": [300],
    "weapon-presence": [4000, 12000, 21000],
}
"""What a new brief watches for, and how far from the line, metres; people change it."""
BUDGET = 100_000_000
INSIDE = ("placement", "sectors", "sites")
"""Tables that stand in files alone."""

app = typer.Typer(help="Plan the watch: where sensors stand, what that sees, and what it costs.", no_args_is_help=True)
Language = Annotated[str, typer.Option(help="Language: en, ja, uk or ru.")]
Folder = Annotated[Path, typer.Argument(help="Folder of the plan.")]


@app.command()
def new(
    folder: Folder,
    *,
    line: Annotated[Path | None, typer.Option(help="GeoJSON file of the line.")] = None,
    km: Annotated[float | None, typer.Option(help="Make up a line of that length, km.", min=1)] = None,
    case: Annotated[Path | None, typer.Option("--case", "-c", help="Take the latest line that a case derived.")] = None,
    sea: Annotated[Path | None, typer.Option(help="GeoJSON file of sea areas, beside a line or alone.")] = None,
    agreement: Annotated[str, typer.Option(help="Agreement that says how far back weapons go: name or file.")] = "",
    budget: Annotated[float, typer.Option(help="US dollars a year.", min=1)] = BUDGET,
    as_json: AsJson = False,
) -> None:
    """Make a folder with a brief to fill in: line, sites, what is to be seen, and the rules."""
    if [line, km, case].count(None) != 2 and (sea is None or line or km or case):
        raise typer.BadParameter("Write --line FILE, --case FOLDER, --km LENGTH for a made-up line, or --sea FILE.")
    if folder.exists() and any(folder.iterdir()):
        raise BadInput(Problem(str(folder), 0, "", "the folder is not empty", "Choose another folder."))
    parties, depths, refers = ["party-a", "party-b"], dict(KINDS), {}
    if agreement:
        shipped = library("agreements") / f"{agreement}.yaml"
        path = shipped if shipped.is_file() else Path(agreement)
        wording = _text(path)
        read = load_agreement(wording, str(path))
        refers = {"agreement": {"name": read.id, "sha256": hashlib.sha256(wording.encode()).hexdigest()}}
        parties = list(read.party_ids[:2])
        found = depths_m(zones(read), "weapon-presence")
        if found:
            depths["weapon-presence"] = [round(depth) for depth in found]
    text = _text(line) if line else derived_line(Case.open(case)) if case else ""
    length = read_line(text, str(line or case))["length_km"][0] if text else km or 0.0
    water = _text(sea) if sea else ""
    if sea:
        read_areas(water, str(sea))
    watched = [{"kind": kind, "depths_m": list(far)} for kind, far in depths.items()] if length else []
    brief = {
        "format": "teisen-watch/1",
        "id": folder.resolve().name.lower(),
        "title": f"Watch plan of {folder.resolve().name}",
        "parties": parties,
        **refers,
        **({"line": {"file": "line.geojson"} if text else {"made_km": km}} if length else {}),
        **({"sea": "sea.geojson"} if sea else {}),
        "sector_km": 40,
        "step_km": 4,
        "sites": {"every_km": 4, "depths_km": [1, 12, 25]},
        "watched": watched + ([{"kind": AT_SEA}] if sea else []),
        "rules": {"budget": budget, "window_h": 24, "effort_share": 0.55},
    }
    checked = fit(brief, Brief, BRIEF)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / BRIEF, yaml.safe_dump(brief, sort_keys=False, allow_unicode=True))
    if text:
        _write(folder / "line.geojson", text)
    if sea:
        _write(folder / "sea.geojson", water)
    values = {"folder": str(folder), "plan": checked.id, "line_km": length, "parties": parties}
    about = f"a line of {length:,.0f} km" if length else "sea alone"
    said = f"Made {folder / BRIEF}: {about}, {budget:,.0f} US dollars a year. Change it, then"
    result(values, f"{said}\n`teisen plan solve {folder}`.", as_json)


@app.command()
def solve(
    folder: Folder,
    *,
    budgets: Annotated[str, typer.Option(help="Also what each of these buys, US dollars: 50e6,100e6.")] = "",
    refused: Annotated[bool, typer.Option("--refused", help="Also what each side's refusal of sites costs.")] = False,
    vary: Annotated[bool, typer.Option("--vary", help="Also what hangs on figures without a source.")] = False,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Find where to put what, say what that promises, and prove how near it is to the best."""
    here = _setting(folder)
    number, proof = find(here)
    plan = plan_of(here, number, proof)
    if vary:
        plan = plan.model_copy(update={"assumptions": assumptions(here, number)})
    tables: dict[str, pl.DataFrame] = {
        "placement": placement(here, number),
        "sectors": per_sector(here.coverage, number),
        "worth": worth(here, number),
        "sites": site_worth(proof, here.coverage.options),
    }
    if budgets:
        tables["frontier"] = frontier(here, _numbers(budgets))
    if refused:
        tables["refusals"] = refusals(here)
    for name, table in tables.items():
        _write(folder / f"{name}.csv", table.write_csv())
    (folder / PLAN).write_bytes(plan.canonical())
    if budgets:
        bought = tuple(Bought(**row) for row in tables["frontier"].sort("budget").to_dicts())
        (folder / FRONTIER).write_bytes(Frontier(plan=plan.sha256, rows=bought).canonical())
    _write(folder / "placement.geojson", _geojson(plan))
    values: dict[str, Any] = {"sha256": plan.sha256, "plan": plan.model_dump(mode="json")}
    values |= {name: table.to_dicts() for name, table in tables.items() if name not in INSIDE}
    files = ", ".join((PLAN, *(f"{name}.csv" for name in tables)))
    with speaking(words(language)):
        wrote = say("Wrote {files} into {folder}", files=files, folder=folder)
        said = [*plan_words.solved(plan), *plan_words.more(tables), wrote]
    result(values, "\n".join(said), as_json)


@app.command()
def compare(
    plans: Annotated[list[Path], typer.Argument(help="Folders of plans, or their plan.json.")],
    *,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Set plans side by side: what each costs, needs, and promises of each kind within an hour, a day and a week."""
    read = [_plan(path) for path in plans]
    rows: list[dict[str, Any]] = []
    files = [str(_plan_file(path)) for path in plans]
    for plan, file in zip(read, files, strict=True):
        cost, people = plan_words.spent(plan)
        rows += [
            {
                "file": file,
                "plan": plan.id,
                "version": plan.version,
                "sha256": plan.sha256,
                "cost": cost,
                "people": people,
            }
            | promise.model_dump()
            for promise in plan.promises
        ]
    more = [
        {"file": file, "plan": plan.id, "version": plan.version} | one.model_dump()
        for plan, file in zip(read, files, strict=True)
        for one in plan.margins
    ]
    with speaking(words(language)):
        said = "\n".join(plan_words.compared(read, files))
    result({"plans": rows, "margins": more}, said, as_json)


def derived_line(opened: Case) -> str:
    """The latest line of contact that a case derived, as GeoJSON.

    Raises:
        BadInput: none is derived.
    """
    lines = stored.read_tables(opened.derived, ["contact_line"]).get("contact_line")
    if lines is None or lines.is_empty():
        what, do = "no line of contact is derived there", "Run `teisen derive` on a case with areas of control."
        raise BadInput(Problem(str(opened.derived), 0, "", what, do))
    return str(shapely.to_geojson(shapely.from_wkb(lines.sort("start", "source_id")["geometry"][-1])))


def made_in(folder: Path) -> tuple[Setting, Plan]:
    """A plan's folder: its ground and sensors, and the plan that was made of them.

    Raises:
        BadInput: the plan was made from another line or catalogue than the folder has now.
    """
    here, plan = _setting(folder), _plan(folder)
    if (plan.line, plan.catalogue) != (here.references["line"], (here.references["catalogue"],)):
        what = "it was made from another line or sensor catalogue than the folder has now"
        raise BadInput(Problem(str(folder / PLAN), 0, "", what, f"Run `teisen plan solve {folder}` again."))
    return here, plan


def _setting(folder: Path) -> Setting:
    brief = parse_brief(_text(folder / BRIEF), str(folder / BRIEF))
    own = folder / brief.sensors
    catalogue, reference = load_catalogue(brief.sensors, _text(own) if own.is_file() else None)
    sites = brief.sites

    def read(name: str) -> str:
        return _text(folder / name)

    line = _line(folder, brief)
    return setting(
        brief,
        line,
        catalogue,
        reference,
        forbidden=read_areas(_text(folder / sites.forbidden), sites.forbidden) if sites.forbidden else None,
        access=read_places(_text(folder / sites.access), sites.access) if sites.access else None,
        forest=read_terrain(folder / sites.forest) if sites.forest else None,
        sea=read_areas(_text(folder / brief.sea), brief.sea) if brief.sea else None,
        terrain=read_terrain(folder / sites.terrain) if sites.terrain else None,
        risk=weights(brief.risk, track(line, brief.sector_km), read, str(folder / BRIEF))
        if brief.risk and line is not None
        else None,
    )


def _line(folder: Path, brief: Brief) -> pl.DataFrame | None:
    """The line (LINE) of a brief; None: it has sea alone."""
    if brief.line is None:
        return None
    file = brief.line.file
    return read_line(_text(folder / file), file) if file else made_line(brief.line.made_km or 0)


def _geojson(plan: Plan) -> str:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [one.lon, one.lat]},
            "properties": one.model_dump(exclude={"lon", "lat"}),
        }
        for one in plan.placement
        if one.lon is not None
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, sort_keys=True, ensure_ascii=False)


def _plan_file(path: Path) -> Path:
    return path / PLAN if path.is_dir() else path


def _plan(path: Path) -> Plan:
    file = _plan_file(path)
    try:
        read = json.loads(_text(file))
    except ValueError as error:
        raise BadInput(
            Problem(str(file), 0, "", f"it is no JSON: {error}", "Name a plan.json or its folder.")
        ) from None
    return fit(read, Plan, str(file))


def _numbers(text: str) -> list[float]:
    try:
        found = [float(one) for one in text.split(",")]
    except ValueError:
        found = []
    if not found or not all(np.isfinite(found)) or min(found) <= 0:
        raise BadInput(
            Problem("--budgets", 0, "", f"{text!r} is no list of sums", "Write sums with commas: 50e6,100e6.")
        )
    return found


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(Problem(str(file), 0, "", f"it cannot be read: {error}", "Name a UTF-8 text file.")) from None
