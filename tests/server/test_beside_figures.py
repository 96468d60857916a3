"""What stands beside figures on the pages, so that one quoted alone does not mislead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from fastapi.testclient import TestClient

from teisen.server import Settings, State, View, create_app
from teisen.server.current import current_view
from tests.release.test_report import Page

OF_DAY = "/?day=2025-04-19"


@pytest.fixture(scope="module")
def view(shown: Path) -> View:
    return State.of(shown).view("public")


@pytest.fixture
def read(shown: Path, view: View) -> Callable[..., str]:
    """The text of a page, with some tables of the case and the parties that its reading binds changed."""

    def text(path: str, *, only: tuple[str, ...] = (), **tables: pl.DataFrame) -> str:
        [agreement] = view.about.agreements
        [provision] = agreement.provisions
        [reading] = provision.readings
        bound = replace(agreement, provisions=(replace(provision, readings=(replace(reading, only=only),)),))
        about = replace(view.about, agreements=(bound,))
        changed = replace(view, about=about, released=replace(view.released, tables={**view.tables, **tables}))
        app = create_app(shown, Settings(requests_per_minute=100_000))  # its own, as pages are kept by their address
        app.dependency_overrides[current_view] = lambda: changed
        html = TestClient(app, "http://127.0.0.1", headers={"accept": "text/html"}).get(path).text
        return " ".join("".join(Page(html).text).split())

    return text


def made_fires(view: View) -> pl.DataFrame:
    """The case's incidents, all of them fires."""
    return view.table("incident").with_columns(kind=pl.lit("fire"))


def test_a_reading_that_leaves_out_what_nobody_is_named_for_says_so_and_not_that_nothing_was_seen(
    read: Callable[..., str], view: View
) -> None:
    nobody = [{"predicate": "bound_party", "share": 0.0, "says": "one who is bound did it"}]
    left_out = view.table("finding").with_columns(
        p_in_scope=pl.lit(0.0),
        p_violation=pl.lit(0.0),
        reasons=pl.lit([nobody], dtype=pl.List(view.table("finding").schema["reasons"])).list.first(),
    )
    quiet = view.table("rate").with_columns(word=pl.lit("nothing_seen"), expected=pl.lit(0.0))
    said = read(OF_DAY, only=("party-a",), finding=left_out, rate=quiet)
    assert "1 more use of force may be in its scope, but nobody is said to have done it" in said
    assert "nothing was seen, and it was looked for" not in said
    assert "nothing was seen, and it was looked for" in read(OF_DAY, finding=left_out, rate=quiet)


def test_what_was_found_is_told_apart_from_fires_of_which_nobody_tells_the_cause(
    read: Callable[..., str], view: View
) -> None:
    for path, words in (
        (OF_DAY, "fires and other traces, cause not told 1"),
        ("/compliance", "Of these lie among fires"),
    ):
        assert words not in read(path)
        assert words in read(path, incident=made_fires(view))


def test_a_total_of_watched_places_says_how_much_was_found_elsewhere(read: Callable[..., str], view: View) -> None:
    effort = pl.col("method") == "effort"
    more = view.table("missed").with_columns(seen=pl.when(effort).then(pl.lit(1.0)).otherwise(pl.lit(20.0)))
    assert "19 of the 20 found lie where next to nobody could see" in read("/compliance", missed=more)
    assert "next to nobody" not in read("/compliance")


def test_what_was_not_seen_is_told_by_how_well_one_looked(read: Callable[..., str], view: View) -> None:
    assert "it would probably have gone unseen" in read("/allegations")
    assert "could not have been seen" not in read("/allegations")
    assert "of the kind seen best" in read(OF_DAY, incident=view.table("incident").clear())
