"""Ids that leave: nobody finds a place by trying candidates against them, and they still join what belongs together."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

import numpy as np
import polars as pl
import pytest

from teisen.case import Case, decide, derive, ingest, stored
from teisen.case import publish as room
from teisen.case.difference import publish_difference
from teisen.case.sides import Side, compared
from teisen.decision import By, founded_by
from teisen.errors import BadInput, NoKey
from teisen.release import Ids, Released, is_outside
from teisen.release.coarsening import snap
from teisen.release.exports import Format, Publication, export, publish
from teisen.release.outward import hxl_csv
from teisen.release.report.context import ReportContext
from teisen.release.report.gathered import gather
from teisen.release.report.printed import printed
from tests.case import small

LATER = datetime(2025, 6, 1, tzinfo=UTC)
DAY = date(2025, 4, 19)
NAMED = ("observation", "exposure", "incident", "finding", "allegation", "decision", "tally", "subject")
LINKS = {
    ("evidence", "incident_id"): ("incident", "incident_id"),
    ("finding", "subject_id"): ("incident", "incident_id"),
    ("decision", "incident_id"): ("incident", "incident_id"),
    ("correction", "incident_id"): ("incident", "incident_id"),
    ("correction", "decision_id"): ("decision", "decision_id"),
    ("outcome", "allegation_id"): ("allegation", "allegation_id"),
}
"""Columns of released tables that name rows of another."""


def guessed(folder: Path, lon: float, lat: float) -> dict[str, tuple[float, float]]:
    """Ids of what a source would have reported at each place of a 0.01 degree grid in the cell of 10 km around a
    released place, as anybody can make them with Teisen: moment, kind and words are known, the place is not."""
    xs, ys = (np.round(np.arange(middle - 0.08, middle + 0.08, 0.01), 2) for middle in (lon, lat))
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["at", "x", "y", "what", "words"])
    rows.writerows(["2025-04-19 07:00", f"{x:.2f}", f"{y:.2f}", "drone-strike", "second"] for x in xs for y in ys)
    own = Case.create(folder / "guesses", small.template(folder / "own"))
    (folder / "guesses.csv").write_text(out.getvalue(), encoding="utf-8")
    ingest(own, "regions", [folder / "own" / "regions.geojson"])
    ingest(own, "news", [folder / "guesses.csv"])
    seen = derive(own)["observation"]
    places = dict(zip(seen["observation_id"], zip(seen["lon"], seen["lat"], strict=True), strict=True))
    return places | {founded_by(one): place for one, place in places.items()}


def test_the_place_inside_a_cell_is_not_found_by_trying_candidates(full: Case, tmp_path: Path) -> None:
    exact = (30.50, 50.50)
    cell = snap(np.array(exact[:1]), np.array(exact[1:]), 10_000)
    candidates = guessed(tmp_path, float(cell[0][0]), float(cell[1][0]))
    inside = stored.read_tables(full.derived, ["observation"])["observation"]
    assert exact in [candidates[one] for one in inside["observation_id"] if one in candidates]  # the attack works
    out = room.released(full, "public", as_of=LATER).tables
    assert (out["observation"]["lon"] != exact[0]).all()
    ids = {*out["observation"]["observation_id"], *out["incident"]["incident_id"], *out["evidence"]["incident_id"]}
    assert not ids & set(candidates)


def _ids(frame: pl.DataFrame) -> set[str]:
    lists = [frame[name].explode() for name in ("incident_ids", "others") if name in frame.columns]
    whole = [frame[f"{name}_id"] for name in NAMED if f"{name}_id" in frame.columns]
    return {one for column in (*lists, *whole) for one in column.drop_nulls().to_list() if one}


@pytest.fixture
def decided(full: Case) -> Case:
    """The small case, in whose decisions ids are named, in values and in words."""
    seen = stored.read_tables(full.derived, ["incident", "observation", "finding"])
    first, second, *_ = seen["incident"].sort("start", descending=True)["incident_id"]
    by = By(name="ana", role="analyst")
    decide(full, "correct", first, by, reason=f"the same as {second}", values={"merge_with": second})
    decide(full, "comment", second, by, reason=f"see {seen['observation']['observation_id'][0]}")
    finding = seen["finding"].filter(subject="incident")["finding_id"][0]
    decide(full, "comment", finding, by, reason="yes")
    derive(full)
    return full


def texts(case: Case, out: Released, folder: Path) -> list[str]:
    """All that can be written from what is released, with the names of the files."""
    about, sources = room.context(case, out), case.definitions.sources
    for table in out.tables:
        for form in get_args(Format):
            export(out, table, form, folder, sources)
    for form in get_args(Publication):
        publish(out, about, case.definitions.agreements, form, folder)
    room.report(case, DAY, out, folder / "day")
    room.report(case, DAY, out, folder / "week", week=True)
    sides = Side.of_ledger(case, len(case.ledger) - 3), Side.of_ledger(case, None)
    rows = compared(*sides)
    assert not rows.is_empty()
    publish_difference(case, sides, rows, folder / "difference", audience=out.audience, as_of=out.as_of)
    written = [path for path in folder.rglob("*") if path.is_file()]
    names = [path.relative_to(folder).as_posix() for path in written]
    return [*names, *map(_text, written), *map(hxl_csv, out.tables.values()), _on_paper(out, about)]


def _text(path: Path) -> str:
    if path.suffix == ".parquet":
        return pl.read_parquet(path).drop("geometry", strict=False).write_json()
    return path.read_text(encoding="utf-8")


def _on_paper(out: Released, about: ReportContext) -> str:
    return repr(printed(gather(out.tables, DAY, about)))


def test_no_plain_id_and_no_secret_leaves_in_any_form(decided: Case, tmp_path: Path) -> None:
    tables = stored.read_tables(decided.derived)
    plain = {one for frame in tables.values() for one in _ids(frame)}
    assert {one.partition("-")[0] for one in plain if "-" in one} >= {"inc", "fnd", "dec"}
    out = room.released(decided, "public", as_of=LATER)
    shown = texts(decided, out, tmp_path / "public")
    assert not [(one, text[:60]) for one in plain for text in shown if one in text]
    line = decided.ledger.secret_file.read_text(encoding="utf-8").strip()
    for secret in (line, line.rsplit("+", 1)[1], decided.ledger.secret().hex()):
        assert not any(secret in text for text in shown)
    left = {one for frame in out.tables.values() for one in _ids(frame)}
    assert len(left) > 20
    assert all(map(is_outside, left))


def test_tables_that_left_still_join(decided: Case) -> None:
    inside, out = stored.read_tables(decided.derived), room.released(decided, "public", as_of=LATER).tables
    ids = Ids(decided.ledger.secret())
    for (table, column), (other, key) in LINKS.items():
        names = {one for one in out[table][column].drop_nulls().to_list() if one}
        joined = names & set(out[other][key])
        before = set(inside[table][column].drop_nulls().to_list()) & set(inside[other][key])
        assert joined == names & {ids.outside(one) for one in before}, (table, column)
    members = out["evidence"].filter(relation="member")
    assert members.join(out["observation"], on="observation_id", how="anti").is_empty()
    assert members.join(out["incident"], on="incident_id", how="anti").is_empty()
    merged = inside["correction"].filter(field="merge_with")
    assert ids.frame(merged)["corrected"].item() in set(out["incident"]["incident_id"])
    said = out["decision"].filter(action="comment", subject="incident")["reason"][0]
    assert said.removeprefix("see ") in set(out["observation"]["observation_id"])


def test_an_id_outside_is_the_same_in_the_next_release_and_once_more_is_known(full: Case, tmp_path: Path) -> None:
    first = room.released(full, "public", as_of=LATER).tables
    again = room.released(full, "public", as_of=LATER).tables
    assert all(first[name].equals(again[name]) for name in first)
    more = tmp_path / "more.csv"
    more.write_text("at,x,y,what,words\n2025-04-21 03:00,31.70,51.20,shelling,later\n", encoding="utf-8")
    ingest(full, "news", [more])
    derive(full)
    later = room.released(full, "public", as_of=LATER).tables
    for name in ("observation", "incident", "allegation"):
        before, now = (set(tables[name][f"{name}_id"]) for tables in (first, later))
        assert before <= now
    assert later["observation"].height == first["observation"].height + 1


def test_a_copy_of_the_case_gives_the_same_ids_with_the_secret_and_none_without(
    full: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = room.released(full, "public", as_of=LATER).tables["incident"]
    secret = full.ledger.secret_file
    monkeypatch.setenv("TEISEN_KEYS", str(tmp_path / "elsewhere"))
    copy = Case.open(full.folder)
    with pytest.raises(NoKey, match=r"Copy that file"):
        room.released(copy, "public", as_of=LATER)
    assert room.released(copy, "mission", as_of=LATER).tables["incident"].height  # gets all as it is
    copy.ledger.secret_file.parent.mkdir()
    copy.ledger.secret_file.write_bytes(secret.read_bytes())
    assert room.released(copy, "public", as_of=LATER).tables["incident"].equals(here)


def test_people_inside_can_name_things_by_the_id_outside(full: Case) -> None:
    tables, ids = stored.read_tables(full.derived), Ids(full.ledger.secret())
    incident, other, *_ = tables["incident"]["incident_id"]
    by = By(name="ana", role="analyst")
    values = {"merge_with": ids.outside(other)}
    step = decide(full, "correct", ids.outside(incident), by, reason="one", values=values).step
    assert (step.act.subject_id, step.act.body and step.act.body.values) == (incident, {"merge_with": other})
    with pytest.raises(BadInput, match="no finding, incident or allegation"):
        decide(full, "confirm", "inc-r0123456789abcdef", by, reason="of nothing")
