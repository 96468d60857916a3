"""The annex: everything for the commission, no place and no blind spot for the public, the same in every language."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime

import polars as pl
import pytest
import shapely

from teisen.languages import speaking, words
from teisen.planning.consent import SIGNATURE
from teisen.planning.difference import changes
from teisen.planning.ground import made_line
from teisen.planning.patrols import Shifts, programme
from teisen.release.annex import annex, cut, sentences
from teisen.release.policy import Policy
from tests.planning.plans import placed, plan
from tests.planning.settings import small_plan

POLICY = Policy.model_validate({})
OLD = plan()
NEW = plan(version=2, placement=[placed(0, number=4), *(placed(n) for n in range(1, 5)), placed(7, "camera")])


def signed(made) -> pl.DataFrame:
    rows = [
        (n, made.id, made.version, made.sha256, datetime(2025, 5, 1, tzinfo=UTC), "ana-the-signer", "k", whom,
         "in_force", "said in confidence")
        for n, whom in enumerate(("party-a", "party-b"))
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SIGNATURE.schema, orient="row")


def made(audience: str, language: str = "en", of=NEW, **more) -> dict[str, bytes]:
    found = cut(of, POLICY.terms(audience), signatures=signed(of), changes=changes(OLD, NEW), **more)
    return annex(found, language=language, dated=date(2025, 5, 1), audience=audience, author="origin")


def test_the_commission_gets_places_sectors_and_changes():
    files = made("mission")
    assert set(files) == {
        "annex.html",
        "annex.pdf",
        "annex.geojson",
        "placement.csv",
        "promises.csv",
        "guarantees.csv",
        "changes.csv",
    }
    page = files["annex.html"].decode()
    assert all(
        word in page
        for word in ("sector-2", NEW.sha256, "New in placement: site-7/camera/always", "Not signed yet by the mediator")
    )
    features = json.loads(files["annex.geojson"])["features"]
    assert {tuple(one["geometry"]["coordinates"]) for one in features} == {(p.lon, p.lat) for p in NEW.placement}
    assert files["annex.pdf"].startswith(b"%PDF-")


def test_the_public_gets_no_place_no_sector_and_no_blind_spot():
    here, real = small_plan()
    patrols = programme(here, real, Shifts(stops=2, slot_h=4, watch_h=2), gap=0.05, rounds=10)
    for of, more in ((NEW, {}), (real, {"programme": patrols})):
        files = made("public", of=of, **more)
        assert set(files) == {"annex.html", "annex.pdf", "placement.csv", "promises.csv"}
        text = b"".join(content for name, content in files.items() if not name.endswith("pdf")).decode()
        for one in of.placement:
            assert one.sector_id == "" or one.sector_id not in text
            assert one.site_id not in text
            assert one.lon is None or str(one.lon) not in text
        assert not any(one.least_sector in text for one in of.promises)
        assert "by day" not in text
        assert "ana-the-signer" not in text
        assert "in confidence" not in text
        assert "least" not in pl.read_csv(files["promises.csv"]).columns


def test_the_public_gets_counts_of_the_whole_line_but_not_of_a_few():
    rows = pl.read_csv(made("public")["placement.csv"])
    assert dict(rows.iter_rows()) == {"camera": None, "post": 8}
    assert pl.read_csv(made("mission")["placement.csv"])["number"].sum() == 9


@pytest.mark.parametrize("language", ["en", "ja", "uk", "ru"])
def test_every_language_says_it_all(language):
    files = made("mission", language)
    page = files["annex.html"].decode()
    assert f'<html lang="{language}">' in page
    if language != "en":
        assert not any(text in page for text in ("What it sees", "Not signed yet", "By sector and side", "New in"))
    assert files == made("mission", language)


def test_guarantees_of_patrols_stand_in_the_commissions_annex():
    here, real = small_plan()
    patrols = programme(here, real, Shifts(stops=2, slot_h=4, watch_h=2), gap=0.05, rounds=10)
    files = annex(
        cut(real, POLICY.terms("mission"), programme=patrols), language="en", dated=date(2025, 5, 1), audience="mission"
    )
    rows = pl.read_csv(files["guarantees.csv"])
    assert rows.height == sum(len(sector.guarantees) for sector in patrols.sectors)
    assert patrols.sectors[0].sector_id in files["annex.html"].decode()


def test_an_agreed_plan_is_said_to_be_agreed():
    rows = pl.concat(
        [signed(NEW), signed(NEW).head(1).with_columns(for_whom=pl.lit("mediator"), entry=pl.lit(9, pl.Int64))]
    )
    files = annex(
        cut(NEW, POLICY.terms("public"), signatures=rows), language="en", dated=date(2025, 5, 1), audience="public"
    )
    assert "All parties and the mediator signed this version." in files["annex.html"].decode()


def test_what_is_written_in_a_plan_is_no_markup():
    evil = plan(title="<script>alert(1)</script> #evil[x]")
    page = annex(cut(evil, POLICY.terms("mission")), language="en", dated=date(2025, 5, 1), audience="mission")[
        "annex.html"
    ]
    assert b"<script" not in page


def test_changes_are_told_in_sentences():
    with speaking(words("en")):
        said = sentences(changes(OLD, NEW))
    assert "In placement, site-0/post/always, number is 4; it was 1." in said
    assert any(one.startswith("Gone from placement: site-5/post/always (number 1, sensor post") for one in said)


def test_the_map_has_the_line_as_it_is_for_the_commission_and_coarse_for_the_public():
    line = made_line(200)
    mission, public = (
        annex(cut(NEW, POLICY.terms(audience), line=line), language="en", dated=date(2025, 5, 1), audience=audience)
        for audience in ("mission", "public")
    )
    exact = cut(NEW, POLICY.terms("mission"), line=line).line[0]
    coarse = cut(NEW, POLICY.terms("public"), line=line).line[0]
    assert len(coarse) < len(exact)
    assert not {tuple(at) for at in exact} & {tuple(at) for at in coarse}
    off = shapely.hausdorff_distance(shapely.LineString(exact), shapely.LineString(coarse))
    assert 0.01 < off < 0.2
    pages = [files["annex.html"].decode() for files in (mission, public)]
    assert all(page.count("<polyline") == 1 for page in pages)
    assert [page.count("<circle") > 0 for page in pages] == [True, False]
    assert "made coarse" in pages[1]
    assert "<polyline" not in made("public")["annex.html"].decode()
    kinds = [one["geometry"]["type"] for one in json.loads(mission["annex.geojson"])["features"]]
    assert kinds.count("LineString") == 1


def test_numbers_that_sectors_must_have_are_told_to_the_commission_alone():
    asked = plan(rules={"budget": 1000000.0, "at_least": [{"number": 2, "sensor": "post", "sector": "sector-1"}]})
    assert "At least in sector-1" in made("mission", of=asked)["annex.html"].decode()
    assert "sector-1" not in made("public", of=asked)["annex.html"].decode()


def test_a_map_across_the_180th_meridian_is_as_wide_as_what_is_on_it():
    def sites(*lons: float) -> list[float]:
        of = plan(placement=[placed(n, lon=lon) for n, lon in enumerate(lons)])
        page = made("mission", of=of)["annex.html"].decode()
        return [float(x) for x in re.findall(r'<circle cx="([\d.]+)" cy="[\d.]+" r="3.5"', page)]

    there, here = sorted(sites(179.9, -179.9, -179.8)), sites(9.9, 10.1, 10.2)
    assert len(here) == 3
    assert there == pytest.approx(here, abs=0.2)
