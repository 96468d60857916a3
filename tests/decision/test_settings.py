from __future__ import annotations

from datetime import UTC, datetime

import pytest

from teisen.decision import check


def test_values_are_read_as_written() -> None:
    read = check(
        {
            "place": "48.5, 37.25, 300",
            "time": "2025-04-20T10:00+03:00/2025-04-20T11:00+03:00",
            "actors": "party-a:0.6,party-b:0.4",
            "target": "none",
            "weapon": "mortar-120",
            "split": "b,a,b",
            "kind": "automatic",
        }
    )
    assert read["place"] == (48.5, 37.25, 300)
    assert read["time"] == (datetime(2025, 4, 20, 7, tzinfo=UTC), datetime(2025, 4, 20, 8, tzinfo=UTC))
    assert read["actors"] == (("party-a", 0.6), ("party-b", 0.4))
    assert read["weapon"] == "mortar-120"
    assert (read["target"], read["split"], read["kind"]) == (None, ("a", "b"), "automatic")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("colour", "red"),
        ("kind", "thunder"),
        ("place", "48.5,37.25"),
        ("place", "91,0,10"),
        ("place", "0,0,0"),
        ("place", "nan,0,10"),
        ("time", "2025-04-20T10:00"),
        ("time", "2025-04-20T10:00Z/2025-04-20T09:00Z"),
        ("target", "moon"),
        ("weapon", "catapult"),
        ("actors", "party-a"),
        ("actors", "party-a:0.6,party-a:0.1"),
        ("actors", "party-a:0.6,party-b:0.5"),
        ("not_an_incident", "maybe"),
        ("merge_with", "the other one"),
        ("split", ""),
        ("level", " "),
    ],
)
def test_a_value_of_another_form_is_refused_and_says_which_form_it_has(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"write|sets") as error:
        check({name: text})
    assert name in str(error.value)
