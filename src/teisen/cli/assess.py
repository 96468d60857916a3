"""The command assess: is it holding? For each provision and reading the answer, the rate, and what all missed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any

import polars as pl
import typer

from teisen.case import Case, stored
from teisen.cli.terminal import HERE, AsJson, CaseFolder, result
from teisen.compliance import assessment, fell_silent, recalibrated
from teisen.compliance.parts import unstated
from teisen.errors import BadInput, Problem
from teisen.observation import vocabulary
from teisen.release.report import quotas, words
from teisen.release.report.context import shown
from teisen.release.report.days import day_of

READING = ("agreement_id", "provision_id", "reading_id")
NEEDED = ("finding", "incident", "evidence", "exposure", "area")
SHOWN = ("rate", "rate_part", "course", "profile", "missed", "verdict", "change")
MOST_PLACES, MOST_CHANGES = 3, 5
"""Areas that the text names, those with the highest rates, and changes, the last ones; JSON has all."""
LEAST_SHOWN = 0.05
"""What was found of a kind or party below which the text leaves it out."""
LEAST_PART = 0.05
"""Part of all that was found from which on a kind is named: a source that may err on kinds leaves a little of each."""
UNDETERMINED = "undetermined"
ANSWERS = ("holding", "eroding", "collapsed", "cannot_tell")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
At = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="First day of what counts as after, to compare with before."),
]
Tables = Mapping[str, pl.DataFrame]


def assess(at: At = None, case: CaseFolder = HERE, as_json: AsJson = False) -> None:
    """Say for each provision and reading whether it holds, how often it is violated, and what everybody missed."""
    opened = Case.open(case)
    derived = stored.read_tables(opened.derived)
    tables = _tables(opened, derived, at.date() if at else None)
    named = {party.id: party.name for party in opened.definitions.case.parties}
    titles = {kind: about.title for kind, about in vocabulary().kinds.items()}
    name = pl.when(by="party").then(pl.col("value").replace(named)).otherwise(pl.col("value").replace(titles))
    tables["rate_part"] = tables["rate_part"].with_columns(name=name)
    readings = tables["rate"].select(READING).unique(maintain_order=True)
    values, parts = [], []
    for row in readings.iter_rows(named=True):
        mine = {name: frame.filter(*(pl.col(n) == v for n, v in row.items())) for name, frame in tables.items()}
        said = [part(mine) for part in PARTS]
        values.append({**row, **{name: value for found, _ in said for name, value in found.items()}})
        lines = [_titled(opened, row)]
        parts.append("\n".join([*lines, *(f"  {line}" for _, told in said for line in told)]))
    counts, told = _by_count(opened, derived)
    parts += told
    if not parts:
        parts.append("No reading is assessed here: the case names no agreement with readings.")
    ahead, told = _ahead(derived, opened.definitions.case.zone)
    result(
        {"case": opened.definitions.case.id, "readings": values, "counted": counts, "ahead": ahead},
        "\n\n".join(parts + told),
        as_json,
    )


def _by_count(opened: Case, derived: Tables) -> tuple[list[dict[str, Any]], list[str]]:
    """What was counted for each reading that asks for a count, which has no rate, and what was found of it."""
    values, told = [], []
    for agreement in map(shown, opened.definitions.agreements):
        for provision in agreement.provisions:
            for reading in (one for one in provision.readings if one.counts):
                key = dict(zip(READING, (agreement.id, provision.id, reading.id), strict=True))
                rows = quotas.asked_for(derived["tally"], reading)
                found = quotas.found_under(derived["finding"], rows, (agreement.id, provision.id, reading.id))
                found = found.select(tally_id="subject_id", p_violation="p_violation", level="level")
                values.append(key | {"counted": rows.join(found, on="tally_id", how="left").to_dicts()})
                told.append(f"{_titled(opened, key)}\n  Counted: {quotas.so_far(rows, found)}")
    return values, told


def _tables(opened: Case, derived: Tables, at: date | None) -> dict[str, pl.DataFrame]:
    """Tables of compliance: those that were derived, or, to compare around a date, assessed anew."""
    if "rate" not in derived or "missed" not in derived:
        problem = Problem(str(opened.derived), 0, "", "no compliance is assessed there", "Run `teisen derive` first.")
        raise BadInput(problem)
    zone = opened.definitions.case.zone
    shown = {name: derived[name] for name in SHOWN}
    shown |= {name: shown[name].with_columns(day_of(zone)) for name in ("verdict", "change")}
    if at is None:
        return shown | {"course": _named(shown["course"], derived["area"])}
    known = opened.definitions
    period = known.case.period
    if not period.start < at < period.end:
        what = f"{at} parts no days of the case"
        do = f"Name a day after {period.start} and before {period.end}."
        raise BadInput(Problem("assess", 0, "--at", what, do))
    finding, incident, evidence, exposure, area = (derived[name] for name in NEEDED)
    scope = known.case.scope
    silent = fell_silent(incident, evidence, derived["activity"], exposure, area, scope, zone, known.sources)
    detection = derived["detection"]
    exposure = recalibrated(exposure, detection)
    anew = assessment(
        finding,
        incident,
        evidence,
        exposure,
        known.agreements,
        area,
        scope,
        zone,
        sources=known.sources,
        at=at,
        detection=detection,
        working=silent,
    )
    return (
        shown
        | {name: frame for name, frame in anew.items() if name in shown}
        | {"course": _named(anew["course"], area)}
    )


def _ahead(derived: Tables, zone: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Uses of force expected by area in the days after the case's last, and the first areas of the first day."""
    forecast = _named(derived["forecast"].with_columns(day_of(zone)), derived["area"])
    first = forecast.filter(pl.col("day") == pl.col("day").min()).sort("rank", "area_id").head(MOST_PLACES)
    places = [
        f"{row['name'] or row['area_id']} {words.estimate(row['expected'])} (usual {words.estimate(row['usual'])})"
        for row in first.iter_rows(named=True)
    ]
    told = [f"Next, on {first['day'][0]}: uses of force are likeliest in {', '.join(places)}."] if places else []
    return forecast.sort("day", "rank").to_dicts(), told


def _named(rows: pl.DataFrame, area: pl.DataFrame) -> pl.DataFrame:
    """``rows`` with the ``name`` of each one's area."""
    names = area.select("area_id", "name").unique("area_id", keep="first", maintain_order=True)
    return rows.join(names, on="area_id", how="left", maintain_order="left")


def _titled(opened: Case, row: Mapping[str, str]) -> str:
    """A reading by the names of its agreement, provision and holder; by their ids where the case knows them no more."""
    known = opened.definitions
    agreement = next((one for one in known.agreements if one.id == row["agreement_id"]), None)
    provision = next((p for p in agreement.provisions if p.id == row["provision_id"]), None) if agreement else None
    reading = next((r for r in provision.readings if r.id == row["reading_id"]), None) if provision else None
    if agreement is None or provision is None or reading is None:
        return f"{row['agreement_id']}, {row['provision_id']}, as {row['reading_id']} reads it"
    names = {party.id: party.name for party in agreement.parties} | {p.id: p.name for p in known.case.parties}
    return (
        f"{agreement.title}: {provision.title}. {reading.title}, held by {names.get(reading.held_by, reading.held_by)}"
    )


Said = tuple[dict[str, Any], list[str]]


def _rate(mine: Tables) -> Said:
    """The mean rate over the days in force, with its interval, and how many days nobody could see."""
    whole, days = (mine[name].filter(pl.col("area_id") == "*") for name in ("course", "rate"))
    forced = days.filter(pl.col("word") != "out_of_window")
    if not forced.height:
        return {"rate": None, "days": 0}, ["Not in force on any day of the case."]
    rate = whole.filter(pl.col("measure") == "rate").row(0, named=True)
    told = [f"Violations found: {words.estimate(rate['expected'])} in {words.number(rate['days'])} days in force."]
    interval = f"{words.number(rate['low'])} to {words.number(rate['high'])}"
    if rate["middle"] is None:
        why = "nobody could see" if days["watched"].count() else "no source says how well it would be seen"
        told.append(f"Rate: {why}; from what is known elsewhere {interval} a day.")
    else:
        told.append(f"Rate: {words.number(rate['middle'])} a day ({interval}, 90 %).")
    return {"rate": rate, "days": forced.height}, told


def _answer(mine: Tables) -> Said:
    """The answer of the last day that has one, in how many days each was given, and what changed when."""
    days = mine["verdict"].sort("start")
    told = []
    if days.height:
        last = days.row(-1, named=True)
        p = "" if last["word"] == "cannot_tell" else f", with probability {last['p']:.2f}"
        told.append(f"Is it holding? On {last['day']}: {_plain(last['word'])}{p}. {last['says']}")
        counts = [(word, days.filter(word=word).height) for word in ANSWERS]
        told.append(f"Days: {', '.join(f'{_plain(word)} {n}' for word, n in counts if n)}.")
    changes = mine["change"].sort("start", "what")
    told += [
        f"Changed on {row['day']} ({row['what']}). {row['says']}"
        for row in changes.tail(MOST_CHANGES).iter_rows(named=True)
    ]
    if changes.height > MOST_CHANGES:
        told.append(f"Of {changes.height} changes the last {MOST_CHANGES} are told; --json has all.")
    return {"answers": days.drop(READING).to_dicts(), "changes": changes.drop(READING).to_dicts()}, told


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _watched(mine: Tables) -> Said:
    """What was watched of areas and days."""
    forced = mine["rate"].filter((pl.col("word") != "out_of_window") & (pl.col("area_id") != "*"))
    if mine["rate"].filter(pl.col("word") != "out_of_window").is_empty():
        return {"watched": None, "nobody_could_see": None}, []
    if forced.is_empty():
        return {"watched": None, "nobody_could_see": None}, ["Watched: nothing is known of what could have been seen."]
    shares = mine["rate"].filter((pl.col("word") != "out_of_window") & (pl.col("area_id") == "*"))["watched"].to_list()
    known = [share for share in shares if share is not None]
    average = sum(known) / len(known) if known else None
    blind = forced["rate"].null_count() / forced.height  # also where something was found nevertheless
    how = "nobody states how well" if average is None else f"{words.share(average)} of what happens would be seen"
    told = f"Watched: {how}"
    none = f"nobody could see {words.share(blind)} of areas and days"
    return {"watched": average, "nobody_could_see": blind}, [f"{told}; {none}."]


def _parts(mine: Tables) -> Said:
    """What was found of each kind, and by whom as far as it is attributed, over all days and areas."""
    whole = mine["rate_part"].filter(pl.col("area_id") == "*")
    found = whole.group_by("by", "value", "name").agg(pl.col("expected").sum(), unstated=unstated())
    found = found.with_columns(pl.col("expected").round(2)).sort("by", "value")
    shown = found.filter(pl.col("expected") >= LEAST_SHOWN)
    kinds, parties = (
        shown.filter(by="kind").sort("expected", "value", descending=[True, False]),
        shown.filter(by="party"),
    )
    told = []
    if kinds.height:
        large = pl.col("expected") >= LEAST_PART * float(kinds["expected"].sum())
        rest = kinds.filter(~large)
        others = f", other kinds together {words.estimate(float(rest['expected'].sum()))}" if rest.height else ""
        told.append(f"Found by kind: {_counts(kinds.filter(large))}{others}.")
        if (untold := kinds.filter("unstated")).height:
            told.append(
                f"No source says how well it sees {_counts(untold)}: the rate takes them to be seen as well as the "
                "others, or is none. State it in the source's profile (`detection`)."
            )
    if parties.filter(pl.col("value") != UNDETERMINED).height:
        told.append(f"Found, as attributed: {_counts(parties)}; one side may be watched better, so compare none by it.")
    return {"parts": found.drop("unstated").to_dicts()}, told


def _counts(found: pl.DataFrame) -> str:
    return ", ".join(f"{row['name']} {words.estimate(row['expected'])}" for row in found.iter_rows(named=True))


def _where(mine: Tables) -> Said:
    """Rates by area over the days in force, and which are highest."""
    areas = mine["course"].filter((pl.col("area_id") != "*") & (pl.col("measure") == "rate"))
    areas = areas.sort("middle", "area_id", descending=[True, False], nulls_last=True)
    most = [
        f"{row['name'] or row['area_id']} {words.number(row['middle'])} "
        f"({words.number(row['low'])} to {words.number(row['high'])})"
        for row in areas.filter(pl.col("middle") >= LEAST_SHOWN).head(MOST_PLACES).iter_rows(named=True)
    ]
    told = [f"Highest of {areas.height} areas, a day: {', '.join(most)}."] if most and areas.height > 1 else []
    return {"areas": areas.drop(READING).to_dicts()}, told


def _when(mine: Tables) -> Said:
    """Weekdays and hours that surely differ from the average."""
    profile = mine["profile"].sort("by", "value")
    surely = profile.filter((pl.col("low") > 1) | (pl.col("high") < 1))
    told = []
    for by, says in (("weekday", "By weekday"), ("hour", "By hour")):
        some = [
            f"{DAYS[row['value'] - 1] if by == 'weekday' else row['value']} times {words.number(row['middle'])}"
            for row in surely.filter(by=by).iter_rows(named=True)
        ]
        told += [f"{says} surely other than the average: {', '.join(some)}."] if some else []
    return {"profile": profile.drop(READING).to_dicts()}, told


def _course(mine: Tables) -> Said:
    """Trend, and after a date against before."""
    whole = mine["course"].filter(pl.col("area_id") == "*")
    told = []
    for measure, says in (("trend", "Trend: times {} in 30 days"), ("change", "After the date: times {} of before")):
        for row in whole.filter(pl.col("measure") == measure, pl.col("middle").is_not_null()).iter_rows(named=True):
            value = f"{words.number(row['middle'])} ({words.number(row['low'])} to {words.number(row['high'])})"
            told.append(f"{says.format(value)}; it is lower with P = {row['p_below']:.2f}.")
    return {"course": whole.filter(pl.col("measure") != "rate").drop("name").to_dicts()}, told


def _missed(mine: Tables) -> Said:
    """What everybody missed, by each method."""
    return {"missed": mine["missed"].drop(READING).to_dicts()}, mine["missed"]["says"].to_list()


PARTS: tuple[Callable[[Tables], Said], ...] = (
    *(_answer, _rate, _watched, _course),
    *(_parts, _where, _when, _missed),
)
"""What is said of each reading, in order: each gives values and lines."""

COMMANDS = (assess,)
