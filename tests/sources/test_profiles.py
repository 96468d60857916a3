"""Profiles: what is written wrongly in one is told with its line and what to write."""

from __future__ import annotations

import pytest

from teisen.errors import BadInput
from teisen.sources.profiles import parse_profile

PROFILE = """\
id: posts
title: Posts
licence: {name: CC0, attribution: nobody, redistribute: true}
role: makes
group: posts
place_error_m: &figure {value: 300, origin: said, basis: assumed}
time_error_s: *figure
delay_s: *figure
false_share: {value: 0.1, origin: said, basis: assumed}
detection: {shelling: {value: 0.3, origin: said, basis: assumed}}
"""


def test_a_profile_is_read_and_what_it_leaves_out_is_not_known() -> None:
    profile = parse_profile(PROFILE, "posts.yaml")
    assert profile.place_error_m.value == 300
    assert profile.detections is None
    assert profile.effort == {}


@pytest.mark.parametrize(
    ("written", "instead", "line", "said"),
    [
        ("delay_s:", "dealy_s:", 8, "Write `delay_s:` instead."),
        ("group: posts\n", "", 1, "Add `group:` here."),
        ("origin: said", "origin: ''", 6, "a figure has to say where it comes from"),
        ("role: makes", "role: guesses", 4, "'makes', 'supports' or 'context'"),
        ("redistribute: true", "redistribute: true, free: true", 3, "the key 'free' is not known here"),
        ("value: 300", "value: -300", 1, "place_error_m: -300 is not 0 or more"),
        ("value: 0.1", "value: 10", 1, "false_share: 10 is not between 0 and 1"),
        ("value: 0.3", "value: 30", 1, "detection.shelling: 30 is not between 0 and 1"),
        ("{shelling:", "{sheling:", 1, "detection: sheling: no kind; kinds are"),
        ("value: 300", "value: far", 6, "a valid number"),
    ],
)
def test_what_does_not_fit_is_told(written: str, instead: str, line: int, said: str) -> None:
    with pytest.raises(BadInput) as told:
        parse_profile(PROFILE.replace(written, instead), "posts.yaml")
    assert f"posts.yaml, line {line}" in str(told.value)
    assert said in str(told.value)
