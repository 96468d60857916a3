from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from teisen.fusion.schema import EVIDENCE, INCIDENT
from teisen.judgement import weigh
from teisen.observation import EXPOSURE
from teisen.sources import Source
from tests.builders import source
from tests.judgement.cases import NOON, allegation, allegations, evidence, exposure, ground, incident, incidents, square

LAND = ground([square()])
DAY = timedelta(days=1)
ELSEWHERE = [incident(f"inc-{days}", start=NOON + days * DAY, lon=50.0) for days in (-20, 20)]
"""Far away in place and time: they say that the time between them is covered."""


def sources(swap: bool = False) -> dict[str, Source]:
    a, b = ("b", "a") if swap else ("a", "b")
    return {
        "ours": source("ours", reported_by=a, group="ours"),
        "theirs": source("theirs", reported_by=b, group="theirs"),
        "press": source("press", group="press"),
        "copy": source("copy", group="press"),
        "fires": source("fires", group="fires"),
    }


def member(*source_ids: str, of: str = "inc-1", **more: Any) -> list[dict[str, Any]]:
    return [{"incident_id": of, "source_id": name, "observation_id": name} | more for name in source_ids]


def weighed(
    said: dict[str, Any], happened: list[dict[str, Any]], seen: pl.DataFrame, watched: pl.DataFrame
) -> dict[str, Any]:
    table = incidents(*happened, *ELSEWHERE) if happened else INCIDENT.empty()
    return weigh(allegations(said), table, seen, watched, sources(), LAND).row(0, named=True)


def watching(source_id: str, p: float, **more: Any) -> dict[str, Any]:
    return {"source_id": source_id, "p_detect": p, "start": NOON - DAY, "end": NOON + DAY} | more


def test_an_incident_that_others_saw_corroborates() -> None:
    row = weighed(allegation(), [incident()], evidence(*member("press", "ours")), EXPOSURE.empty())
    assert row["outcome"] == "corroborated"
    assert row["incident_ids"] == ["inc-1"]
    assert row["p_corroborated"] >= 0.5
    assert row["explanation"].startswith("Corroborated: 1 incident recorded without the accuser's sources")


def test_an_incident_that_the_accuser_alone_reports_does_not() -> None:
    row = weighed(allegation(), [incident()], evidence(*member("ours")), EXPOSURE.empty())
    assert (row["outcome"], row["p_corroborated"], row["incident_ids"]) == ("not_seen_blind", 0.0, [])


def test_the_accuser_s_share_of_the_odds_is_taken_away() -> None:
    rows = evidence(*member("press", log_ratio=0.5), *member("ours", log_ratio=2.197))
    row = weighed(allegation(), [incident(p_conflict=0.9)], rows, EXPOSURE.empty())
    assert row["p_corroborated"] == pytest.approx(0.5, abs=0.001)  # odds of 9 less a factor of 9


@pytest.mark.parametrize(
    "changes",
    [
        {"start": NOON + 3 * DAY},
        {"lon": 31.0},
        {"kinds": [{"kind": "obstruction", "p": 1.0}], "kind": "obstruction"},
        {"actors": [{"party": "a", "p": 1.0}]},
        {"targets": [{"kind": "bridge", "p": 1.0}]},
    ],
)
def test_an_incident_of_another_time_place_kind_actor_or_target_does_not(changes: dict[str, Any]) -> None:
    said = allegation(target_class="refinery")
    row = weighed(said, [incident(**changes)], evidence(*member("press")), EXPOSURE.empty())
    assert row["outcome"] == "not_seen_blind"


def test_a_target_that_was_not_told_corroborates_in_part() -> None:
    row = weighed(allegation(target_class="refinery"), [incident()], evidence(*member("press")), EXPOSURE.empty())
    assert row["outcome"] == "partly"


def test_of_three_strikes_alleged_one_recorded_is_a_part() -> None:
    row = weighed(allegation(quantity=3.0), [incident()], evidence(*member("press")), EXPOSURE.empty())
    assert row["outcome"] == "partly"
    assert row["p_corroborated"] == 0.0  # a half of them would be two


def test_where_something_always_fits_a_fit_says_little() -> None:
    daily = [incident(f"inc-day{n}", start=NOON + n * DAY) for n in range(-14, 15)]
    seen = evidence(*[row for one in daily for row in member("press", of=one["incident_id"])])
    row = weighed(allegation(), daily, seen, EXPOSURE.empty())
    assert row["p_corroborated"] == pytest.approx(0.45, abs=0.001)  # 0.9 then, and 0.9 at any other time
    assert "by chance 0.9" in row["explanation"]


def test_without_another_time_to_compare_with_chance_counts_as_good() -> None:
    alone = weigh(
        allegations(allegation()), incidents(incident()), evidence(*member("press")), EXPOSURE.empty(), sources(), LAND
    )
    assert alone["p_corroborated"].to_list() == [0.45]
    assert "by chance not known" in alone["explanation"][0]


def test_alerts_and_tallies_do_not_count_as_watching() -> None:
    kinds = sources() | {"alerts": source("alerts", role="supports", group="alerts")}
    seen = exposure(watching("alerts", 0.9))
    row = weigh(allegations(allegation()), INCIDENT.empty(), EVIDENCE.empty(), seen, kinds, LAND)
    assert row["p_would_see"].to_list() == [0.0]


def test_silence_speaks_against_it_only_where_others_watched() -> None:
    seen = exposure(watching("press", 0.5), watching("copy", 0.4), watching("fires", 0.2), watching("ours", 1.0))
    row = weighed(allegation(), [], EVIDENCE.empty(), seen)
    assert row["p_would_see"] == pytest.approx(1 - 0.5 * 0.8)  # one group counts once, the accuser's not at all
    assert row["outcome"] == "not_seen_watched"
    assert row["explanation"].startswith("Not corroborated, although it would probably have been seen")


@pytest.mark.parametrize(
    ("changes", "p"),
    [
        ({"end": NOON + timedelta(minutes=30)}, 0.4),  # half of the hour
        ({"start": NOON + DAY, "end": NOON + 2 * DAY}, 0.0),
        ({"area_id": "elsewhere"}, 0.0),
        ({"kind": "fire"}, 0.0),
        ({"state": "outage"}, 0.0),
        ({"area_id": None, "lon": 30.0, "lat": 50.01, "radius_m": 2000.0}, 0.8),
        ({"area_id": None, "lon": 30.0, "lat": 50.10, "radius_m": 2000.0}, 0.0),
    ],
)
def test_exposure_counts_by_its_share_of_the_window_at_the_place_for_the_kind(
    changes: dict[str, Any], p: float
) -> None:
    row = weighed(allegation(), [], EVIDENCE.empty(), exposure(watching("press", 0.8) | changes))
    assert row["p_would_see"] == pytest.approx(p)
    assert row["outcome"] == ("not_seen_watched" if p >= 0.5 else "not_seen_blind")


def test_posts_of_one_source_that_hold_the_place_miss_it_apart() -> None:
    post = {"area_id": None, "lon": 30.0, "lat": 50.01, "radius_m": 2000.0}
    two = exposure(watching("press", 0.8) | post, watching("press", 0.5) | post | {"lat": 49.99})
    row = weighed(allegation(), [], EVIDENCE.empty(), two)
    assert row["p_would_see"] == pytest.approx(1 - 0.2 * 0.5)


def test_an_outage_stated_for_an_area_holds_there_though_the_source_watches_everywhere() -> None:
    out = watching("press", 0.0, state="outage", end=NOON + timedelta(minutes=15))
    row = weighed(allegation(), [], EVIDENCE.empty(), exposure(watching("press", 0.8, area_id=None), out))
    assert row["p_would_see"] == pytest.approx(0.6)


def test_an_allegation_that_names_an_area_meets_incidents_in_it() -> None:
    said = allegation(lon=None, lat=None, place_error_m=None, area_id="square", target_class="refinery")
    hit = incident(targets=[{"kind": "refinery", "p": 1.0}])
    row = weighed(said, [hit], evidence(*member("press")), exposure(watching("press", 0.3)))
    assert row["outcome"] == "corroborated"
    assert row["p_would_see"] == pytest.approx(0.3)
    far = weighed(said, [hit | {"lon": 35.0}], evidence(*member("press")), EXPOSURE.empty())
    assert far["outcome"] == "not_seen_blind"


def test_what_is_alleged_of_an_area_is_watched_by_who_watches_a_wider_one_that_holds_it() -> None:
    """A corridor lies in its sea; the sea does not lie in the corridor, and an area of its own word goes before."""
    land = ground([square(), square("corridor", 0.2, level="zone"), square("beside", 3.0, level="zone")])

    def would(area: str, *rows: dict[str, Any]) -> float:
        said = allegations(allegation(lon=None, lat=None, place_error_m=None, area_id=area))
        out = weigh(said, INCIDENT.empty(), EVIDENCE.empty(), exposure(*rows), sources(), land)
        return float(out["p_would_see"].item())

    assert would("corridor", watching("press", 0.8)) == pytest.approx(0.8)
    assert would("beside", watching("press", 0.8)) == 0
    jammed = watching("press", 0.0, area_id="corridor", state="jammed")
    assert would("corridor", watching("press", 0.8), jammed) == 0


def test_where_no_place_is_named_what_could_be_seen_is_not_known() -> None:
    said = allegation(lon=None, lat=None, place_error_m=None)
    for where in ({}, {"area_id": None}):
        row = weighed(said, [], EVIDENCE.empty(), exposure(watching("press", 0.9, **where)))
        assert (row["outcome"], row["p_would_see"]) == ("not_seen_blind", None)
        assert "names no place" in row["explanation"]


def test_what_was_not_read_stays_unread() -> None:
    row = weighed(allegation(read="unread"), [incident()], evidence(*member("press")), EXPOSURE.empty())
    assert (row["outcome"], row["p_corroborated"], row["p_would_see"]) == ("unread", None, None)


def test_the_same_path_serves_every_party() -> None:
    seen = exposure(watching("press", 0.6), watching("ours", 0.9), watching("theirs", 0.2))
    happened = incidents(incident(actors=[{"party": "b", "p": 0.5}]))
    swapped = incidents(incident(actors=[{"party": "a", "p": 0.5}]))
    stands = evidence(*member("press", "ours"))
    one = weigh(allegations(allegation()), happened, stands, seen, sources(), LAND)
    two = weigh(allegations(allegation(accuser="b", accused="a")), swapped, stands, seen, sources(swap=True), LAND)
    assert one.drop("accuser", "accused").equals(two.drop("accuser", "accused"))
    assert one["accuser"].to_list() == two["accused"].to_list()


def test_no_allegations_give_no_outcomes() -> None:
    assert weigh(allegations(), incidents(incident()), EVIDENCE.empty(), EXPOSURE.empty(), sources(), LAND).height == 0
