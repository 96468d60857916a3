from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import shapely

from teisen.case import Case, derive, ingest
from teisen.case.compare import differences
from teisen.case.derivation import LINE_OF_CONTACT, derived_tables, with_line
from teisen.case.publish import released, report
from teisen.case.reading import Received
from teisen.judgement import worlds
from teisen.judgement.bits import unpack
from teisen.observation import Licence
from teisen.planning import LINE
from teisen.release import Policy, release
from tests.builders import source
from tests.case import small
from tests.judgement.cases import NOON, ground, incident, incidents, square
from tests.outward import secret

DAY = timedelta(days=1)
QUOTA = """\
  - id: aid
    title: Trucks let in
    text: {language: en, words: Three hundred trucks a day., source: text}
    binds: [party-a]
    readings:
      - id: daily
        title: Each day
        held_by: party-b
        sources: [text]
        rule:
          all_of:
            - during: {from: 2025-04-19, to: 2025-04-22, zone: UTC}
            - fewer_than: {count: 300, unit: trucks, per: day, zone: UTC}
allegations:
"""
COUNTS = """\
day,crossing,trucks
2025-04-18,north,10
2025-04-19,north,120
2025-04-19,south,150
2025-04-21,north,400
"""
COUNTS_MAPPING = """\
format: teisen-table/1
fills: observation
zone: UTC
fields:
  start: day
  place_name: crossing
  kind: {constant: delivery}
  count: trucks
  count_unit: {constant: trucks}
"""
CLOSED = Licence(name="closed", attribution="nobody", redistribute=False)
COUNTER = """\
  - id: crossings
    reader: table
    profile: claims
    files: [counts.csv]
    options: {mapping: counts.yaml}
"""


def drawn(*lons: float) -> pl.DataFrame:
    """The line of contact on the day before noon and the day after it, north to south."""
    rows = [
        {
            "start": NOON + (n - 1) * DAY,
            "end": NOON + n * DAY,
            "geometry": shapely.to_wkb(shapely.LineString([(lon, 49), (lon, 51)])),
            "length_km": 222.0,
            "pieces": 1,
            "tolerance_m": 3000.0,
            "simplify_m": 0.0,
            "source_id": "control",
        }
        for n, lon in enumerate(lons)
    ]
    return LINE.hand_over(pl.DataFrame(rows, schema=LINE.schema))


def test_rules_can_name_the_line_of_contact_as_it_ran_on_each_day() -> None:
    land = with_line(ground([square()]), drawn(30.0, 30.5))
    assert land.areas.filter(level="line")["area_id"].unique().to_list() == [LINE_OF_CONTACT]
    rows = [incident("inc-1", start=NOON - DAY / 2), incident("inc-2", start=NOON + DAY / 2)]
    near = unpack(worlds(incidents(*rows), land).near_line((LINE_OF_CONTACT,), 10_000.0))
    assert near.all(axis=1).tolist() == [True, False]
    assert not near[1].any()


def test_a_case_without_a_line_has_none() -> None:
    land = ground([square()])
    assert with_line(land, LINE.empty()).areas.equals(land.areas)


def derived(folder: Path, counts: str = COUNTS) -> dict[str, pl.DataFrame]:
    """The small case with a quota of 300 trucks a day and a source that counts them."""
    template = small.template(folder).parent
    texts = {str(p.relative_to(template)): p.read_bytes() for p in template.rglob("*.yaml")}
    texts["case.yaml"] += COUNTER.encode()
    texts["mappings/counts.yaml"] = COUNTS_MAPPING.encode()
    texts["agreements/truce.yaml"] = small.AGREEMENT.replace("allegations:\n", QUOTA).encode()
    files = {
        "regions": ("regions.geojson", (template / "regions.geojson").read_bytes()),
        "news": ("news-1.csv", (small.NEWS + small.MORE_NEWS.partition("\n")[2]).encode()),
        "crossings": ("counts.csv", counts.encode()),
    }
    content = {hashlib.sha256(data).hexdigest(): data for _, data in files.values()}
    received = [Received(source, hashlib.sha256(data).hexdigest(), name) for source, (name, data) in files.items()]
    return derived_tables(texts, received, content.__getitem__)


def test_what_sources_counted_is_judged_and_what_nobody_counted_is_said(tmp_path: Path) -> None:
    tables = derived(tmp_path)
    tally = tables["tally"].sort("start")
    days = [datetime(2025, 4, day, tzinfo=UTC) for day in (19, 20, 21)]  # the 18th lies outside the window
    assert tally.select("start", "state").rows() == list(
        zip(days, ["counted", "nobody_counted", "counted_in_part"], strict=True)  # of the south no row on the 21st
    )
    assert tally["counts"][0].to_list() == [{"source_id": "crossings", "count": 270.0, "p": 1.0}]
    found = tables["finding"].filter(subject="tally")
    assert found.select("subject_id", "reading_id", "p_violation").rows() == [(tally["tally_id"][0], "daily", 1.0)]
    assert found["explanation"].item() == "In scope under this reading in all possible worlds."
    assert tables["finding"].filter(subject="incident")["provision_id"].unique().to_list() == ["hostilities"]
    assert set(tables["rate"]["provision_id"]) == {"hostilities"}  # a quota has no rate: a zero would mislead


@pytest.mark.parametrize("audience", ["public", "mission"])
def test_a_tally_leaves_late_and_a_closed_source_s_number_with_none(tmp_path: Path, audience: str) -> None:
    tables = derived(tmp_path)

    def out(hours: float) -> dict[str, Any]:
        sources = {"crossings": source("crossings", licence=CLOSED)}
        policy = Policy.model_validate({})
        released = release(
            tables, policy, audience, datetime(2025, 4, 20, tzinfo=UTC) + timedelta(hours=hours), sources, secret=secret
        )
        return dict(released.tables)

    early, late = out(10), out(80)
    inside = audience == "mission"
    assert early["tally"].height == (3 if inside else 0)
    assert early["finding"].filter(subject="tally").height == inside
    assert late["finding"].filter(subject="tally").height == 1
    first = late["tally"].sort("start")["counts"][0]
    assert len(first) == inside


def test_a_count_that_is_corrected_changes_its_finding_on_its_day(tmp_path: Path) -> None:
    before, after = derived(tmp_path / "a"), derived(tmp_path / "b", COUNTS.replace("150", "200"))
    rows = differences(before, after, {}, {})
    gone = rows.filter(subject="finding").row(0, named=True)
    assert (gone["change"], gone["about"]) == ("vanished", before["tally"].sort("start")["tally_id"][0])
    assert gone["start"] == datetime(2025, 4, 19, tzinfo=UTC)


def test_a_report_says_what_was_counted_and_where_nobody_counted(make: Callable[[str], Case], tmp_path: Path) -> None:
    case = make("counting")
    for name, old, new in (
        ("case.yaml", small.CASE, small.CASE + COUNTER),
        ("agreements/truce.yaml", small.AGREEMENT, small.AGREEMENT.replace("allegations:\n", QUOTA)),
        ("mappings/counts.yaml", "", COUNTS_MAPPING),
    ):
        path = case.folder / name
        assert not old or path.read_text(encoding="utf-8").endswith(old[-40:])
        path.write_text(new, encoding="utf-8")
    (tmp_path / "counts.csv").write_text(COUNTS, encoding="utf-8")
    case = Case.open(case.folder)
    case.record_definitions()
    ingest(case, "crossings", [tmp_path / "counts.csv"])
    derive(case)
    out = released(case, "mission")
    counted, silent = (report(case, date(2025, 4, day), out).read_text(encoding="utf-8") for day in (19, 20))
    assert "270 (Made-up claims)" in counted
    assert re.search(r"270 \(Made-up claims\)</td><td>R2: [a-z ]+ 1", counted)
    assert "nobody counted" in silent
    assert "(Made-up claims)" not in silent
