from __future__ import annotations

import numpy as np
import pytest

from teisen.planning import Condition, load_catalogue
from teisen.planning.detection import at_distance, factor, looks, within

CATALOGUE, _ = load_catalogue()


def test_a_fire_satellite_sees_a_fire_of_three_hours_as_domain_figures_say() -> None:
    """P(seen) = (d + 1.2) / 12 x (1 - cloud): 0.35 for three hours under a clear sky, certain in a look."""
    fire = CATALOGUE.with_figure("satellite-fire.sees.ground-assault.lasts_h", 3).sensor("satellite-fire")
    many = looks(fire, fire.sees["ground-assault"], 24)
    assert many == pytest.approx((3 + 1.2) / 12)
    assert within(1.0, many, 1.0) == pytest.approx(0.35)


def test_what_is_reported_too_late_is_not_detected() -> None:
    optical = CATALOGUE.sensor("satellite-optical")
    assert looks(optical, optical.sees["shelling"], 1) == 0
    assert looks(optical, optical.sees["shelling"], 24) == pytest.approx(0.5)
    assert looks(optical, optical.sees["shelling"], 168) == pytest.approx(156 / 24)


def test_more_looks_never_find_less_and_meet_at_one() -> None:
    many = np.linspace(0, 5, 101)
    found = np.array([within(0.3, n, 0.9) for n in many])
    assert (np.diff(found) >= 0).all()
    assert within(0.3, 1.0, 1.0) == pytest.approx(within(0.3, 1.0 + 1e-9, 1.0))


def test_detection_falls_to_nothing_at_the_reach() -> None:
    seen = CATALOGUE.sensor("camera").sees["shelling"]
    far = at_distance(seen, np.array([0, 2000, 4000, 9000.0]))
    assert far == pytest.approx([0.85, 0.85 * 0.75, 0, 0])


def test_night_and_weather_multiply() -> None:
    camera = CATALOGUE.sensor("camera")
    night = Condition(id="n", share=1, night=True, weather="rain")
    assert factor(camera, night) == pytest.approx(0.15 * 0.4)
    assert factor(camera, night.model_copy(update={"night": False, "weather": "clear"})) == 1
