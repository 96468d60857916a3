"""A case as it was: the same bytes as those of a ledger that never held more."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teisen.case import Case, derive, derive_past, ingest, size_at, stored
from teisen.errors import BadInput
from teisen.ledger import REDACTION, Checkpoint, Draft, merkle
from tests.case import small

Make = Callable[[str], Case]
FILES = {"news-1.csv": "news", "news-2.csv": "news", "claims.csv": "claims"}


def without_state(folder: Path) -> dict[str, Any]:
    manifest = stored.read_manifest(folder)
    assert manifest
    manifest.pop("as_of", None)
    return manifest


def same(ours: Path, theirs: Path) -> None:
    """Every byte of two folders' results is the same, but for the state that a manifest names."""
    files = [{p.relative_to(f) for p in f.rglob("*") if p.is_file()} for f in (ours, theirs)]
    names = [{p.as_posix() for p in each if p.parts[0] != stored.STATE} for each in files]
    assert names[0] == names[1]
    for name in names[0] - {stored.MANIFEST}:
        assert (ours / name).read_bytes() == (theirs / name).read_bytes(), name
    assert without_state(ours) == without_state(theirs)


def test_at_its_full_size_it_is_what_deriving_gives(full: Case, tmp_path: Path) -> None:
    derive_past(full, tmp_path / "past")
    same(tmp_path / "past", full.derived)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([*FILES, "shorter truce"]), data=st.data())
def test_at_a_size_it_is_what_a_ledger_gives_that_only_ever_had_so_many(
    order: list[str], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, data_files: Path
) -> None:
    folder = tmp_path_factory.mktemp("grown")
    case = Case.create(folder / "case", small.template(folder / "template"))
    ingest(case, "regions", [folder / "template" / "regions.geojson"])
    steps = data.draw(st.integers(0, len(order)))
    for step, what in enumerate(order):
        if step == steps:
            shutil.copytree(case.folder, folder / "then")
        if what in FILES:
            ingest(case, FILES[what], [data_files / what])
        else:
            path = case.folder / "agreements" / "truce.yaml"
            path.write_text(path.read_text().replace("- during: {from: 2025-04-19", "- during: {from: 2025-04-20"))
            case.record_definitions()
    if steps == len(order):
        shutil.copytree(case.folder, folder / "then")
    then = Case.open(folder / "then")
    derive(then)
    derive_past(case, folder / "past", size=len(then.ledger))
    same(folder / "past", then.derived)


def test_the_manifest_proves_the_state_to_whoever_has_the_ledgers_key(full: Case, tmp_path: Path) -> None:
    size = len(full.ledger) - 2
    derive_past(full, tmp_path / "past", size=size)
    state = json.loads((tmp_path / "past" / "manifest.json").read_text())["as_of"]
    head = Checkpoint.open(state["checkpoint"].encode(), full.ledger.key)
    proof = [base64.b64decode(one) for one in state["consistency"]]
    root = base64.b64decode(state["root"])
    assert state["size"] == size
    assert merkle.verify_consistency(size, head.size, proof, root, head.root)
    assert not merkle.verify_consistency(size - 1, head.size, proof, root, head.root)


def test_a_moment_is_a_size(make: Make, data_files: Path) -> None:
    case = make("timed")
    start = case.head_time()
    for hours, name in enumerate(FILES, start=1):
        draft = Draft("source-file", FILES[name], name, (data_files / name).read_bytes())
        case.ledger.append([draft], now=start + timedelta(hours=hours))
    sizes = [size_at(case, start + timedelta(hours=h)) for h in range(4)]
    assert [b - a for a, b in pairwise(sizes)] == [1, 1, 1]
    assert sizes[-1] == len(case.ledger)
    assert size_at(case, start + timedelta(hours=1, seconds=-1)) == sizes[0]
    assert size_at(case, start - timedelta(seconds=1)) == 0


def test_a_file_taken_out_since_is_missing_and_named(full: Case, tmp_path: Path) -> None:
    size = len(full.ledger)
    blob = next(r.blob for r in full.received() if r.name == "news-2.csv")
    full.ledger.append([Draft(REDACTION, "news", body={"blob": blob, "reason": "names a person"})])
    (full.folder / "ledger" / "blobs" / blob[:2] / blob[2:]).unlink()
    past = derive_past(full, tmp_path / "past", size=size)
    assert past.state()["taken_out_since"] == [blob]
    assert stored.read_tables(tmp_path / "past")["observation"].height == 3
    derive(full)
    same(tmp_path / "past", full.derived)


def test_what_was_known_leaves_out_what_came_later(full: Case, tmp_path: Path) -> None:
    evening = datetime(2025, 4, 19, 18, tzinfo=UTC)
    past = derive_past(full, tmp_path / "past", known=evening)
    tables, state = stored.read_tables(tmp_path / "past"), without_state(tmp_path / "past")
    assert sorted(tables["observation"]["text"]) == ["first", "second", "second again"]
    assert tables["allegation"].is_empty()
    assert tables["exposure"]["end"].max() == evening
    assert tables["rate"]["start"].max() == datetime(2025, 4, 19, tzinfo=UTC)
    assert state["inputs"] == past.inputs() == full.inputs()
    manifest = stored.read_manifest(tmp_path / "past") or {}
    assert manifest["as_of"]["known_by"] == "2025-04-19T18:00:00Z"
    assert manifest["as_of"]["undated"] == {"news": 3}
    assert manifest["as_of"]["said_later"] == []


def test_a_reading_that_was_stated_later_is_named(full: Case, tmp_path: Path) -> None:
    derive_past(full, tmp_path / "past", known=datetime(2025, 4, 17, 18, tzinfo=UTC))
    manifest = stored.read_manifest(tmp_path / "past") or {}
    assert manifest["as_of"]["said_later"] == ["truce/hostilities/one"]


def test_what_was_known_at_the_end_is_all(full: Case, tmp_path: Path) -> None:
    derive_past(full, tmp_path / "past", known=datetime(2030, 1, 1, tzinfo=UTC))
    same(tmp_path / "past", full.derived)


@pytest.mark.parametrize("size", [0, 1, 99])
def test_a_state_that_is_none_is_answered_with_what_to_do(full: Case, tmp_path: Path, size: int) -> None:
    with pytest.raises(BadInput, match=r"the ledger: .*(no whole case. Name a later state|entries, not 99. Write)"):
        derive_past(full, tmp_path / "past", size=size)
    assert not (tmp_path / "past").exists()


def test_nothing_but_derived_tables_is_written_over(full: Case, tmp_path: Path) -> None:
    before = {p: p.read_bytes() for p in full.folder.rglob("*") if p.is_file()}
    for name in ("", "derived", "ledger", "ledger/blobs", "agreements"):
        with pytest.raises(BadInput, match="--out"):
            derive_past(full, full.folder / name)
    site = tmp_path / "site"
    site.mkdir()
    (site / "manifest.json").write_text('{"name": "a page of somebody"}')
    with pytest.raises(BadInput, match="something else than derived tables"):
        derive_past(full, site)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BadInput, match="something else than derived tables"):
        derive_past(full, tmp_path / "file")
    derive_past(full, tmp_path / "past")
    (tmp_path / "past" / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="something else than derived tables"):
        derive_past(full, tmp_path / "past")
    assert {p: p.read_bytes() for p in full.folder.rglob("*") if p.is_file()} == before


def test_an_earlier_past_is_replaced_and_nothing_left_beside(full: Case, tmp_path: Path) -> None:
    (tmp_path / "out.new").mkdir()
    (tmp_path / "out.new" / "mine").write_text("mine")
    derive_past(full, tmp_path / "out", known=datetime(2025, 4, 19, tzinfo=UTC))
    first = {p.name for p in tmp_path.iterdir()}
    derive_past(full, tmp_path / "out")
    same(tmp_path / "out", full.derived)
    assert {p.name for p in tmp_path.iterdir()} == first
    assert (tmp_path / "out.new" / "mine").read_text() == "mine"
