"""P(in scope) of random rules on random incidents against many draws, made here from what the incident states.

The other side of the comparison shares no code with judgement: its own draws, its own ground, its own reading of a
rule. Incidents lie on the borders of window, zone and distance (from sites and from lines), where few worlds decide.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from teisen.judgement import judge
from teisen.observation import ALLEGATION
from teisen.sources import Ground
from tests.judgement.cases import NOON, agreement, ground, incident, incidents

DRAWS = 250_000
"""A share of so many is known to 0.001, a twentieth of the tolerance."""
TOLERANCE = 0.02
PARTIES = ("a", "b", "undetermined")
ISO = "%Y-%m-%dT%H:%M"
NORTH_M = 111_195.0
EAST_M = NORTH_M * np.cos(np.radians(50))
HOUR = timedelta(hours=1)
KINDS = ("drone-strike", "shelling", "fire")
"""Two uses of force, and a trace that is none."""
TARGETS = {"substation": ("energy",), "refinery": ("energy",), "bridge": ("infrastructure",)}
"""Classes of things hit, and the wider classes that the vocabulary puts them in."""
SITES = [("substation", 0.0, 0.0, 0.0), ("refinery", 2500.0, -1500.0, 1500.0), ("bridge", -3000.0, 2000.0, 400.0)]
"""Class, metres east and north of 30 E 50 N, and place error."""
ZONES = {
    "triangle": ([(-9000, -6000), (8000, -5000), (0, 9000)], None),
    "notched": ([(-4000, -8000), (9000, -8000), (9000, 8000), (-4000, 8000), (2000, 0)], None),
    "for-a-while": ([(-7000, -2000), (7000, -2000), (7000, 3000), (-7000, 3000)], (-2 * HOUR, HOUR)),
}
"""Corners in metres, and the hours about noon in which the area holds."""
LINES = {
    "agreed": [([(-12000, -3000), (0, 1000), (12000, -2000)], None)],
    "moving": [
        ([(-3000, -12000), (-1000, 0), (-4000, 12000)], (-48 * HOUR, -HOUR)),
        ([(3000, -12000), (1000, 0), (4000, 12000)], (-HOUR, 48 * HOUR)),
    ],
}
"""Corners in metres of lines as they ran, and the hours about noon."""
HELD = {
    "a": [([(-20000, -20000), (-500, -20000), (1500, 20000), (-20000, 20000)], (-48 * HOUR, 2 * HOUR))],
    "b": [([(20000, -20000), (-500, -20000), (1500, 20000), (20000, 20000)], None)],
}
"""Ground that a party holds, likewise; between the two only a line, and after two hours nobody is known to hold a's."""
WEAPONS = {
    "mortar-82": ("mortar", 82), "mortar-120": ("mortar", 120), "artillery-85": ("artillery", 85),
    "artillery-122": ("artillery", 122), "artillery": ("artillery", None), "mlrs-220": ("mlrs", 220),
}  # fmt: skip
"""Weapons with the class that they lie within and their calibre."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Rule = dict[str, Any]
Corners = list[tuple[int, int]]
Hours = tuple[timedelta, timedelta] | None


def degrees(east: float, north: float) -> tuple[float, float]:
    return 30 + east / EAST_M, 50 + north / NORTH_M


def polygon(corners: Corners) -> shapely.Polygon:
    return shapely.Polygon([degrees(*corner) for corner in corners])


def shape(name: str) -> shapely.Polygon:
    return polygon(ZONES[name][0])


def valid(hours: Hours) -> dict[str, datetime]:
    return {} if hours is None else {"valid_from": NOON + hours[0], "valid_to": NOON + hours[1]}


def land(wider: float = 0.0, parties: tuple[str, str] = ("a", "b")) -> Ground:
    """The zones and the ground that parties hold, each wider by some degrees, the lines, and the sites."""
    areas: list[dict[str, Any]] = [
        {"area_id": name, "geometry": shapely.to_wkb(shape(name).buffer(wider))} | valid(hours)
        for name, (_, hours) in ZONES.items()
    ]
    for name, runs in LINES.items():
        for corners, hours in runs:
            drawn = shapely.to_wkb(shapely.LineString([degrees(*corner) for corner in corners]))
            areas.append({"area_id": name, "level": "line", "geometry": drawn} | valid(hours))
    for party, parts in zip(parties, HELD.values(), strict=True):
        for corners, hours in parts:
            ground_of = {"area_id": f"of-{party}", "level": "control", "controlled_by": party}
            areas.append(ground_of | {"geometry": shapely.to_wkb(polygon(corners).buffer(wider))} | valid(hours))
    sites: list[dict[str, Any]] = [
        {"target_class": name, "place_error_m": error} | dict(zip(("lon", "lat"), degrees(x, y), strict=True))
        for name, x, y, error in SITES
    ]
    return ground(areas, sites)


LAND, WIDER_LAND, SWAPPED_LAND = land(), land(wider=0.02), land(parties=("b", "a"))


class Drawn:
    """Many ways in which one incident may have been, drawn without any help of the code that is tested."""

    def __init__(self, row: dict[str, Any], seed: int) -> None:
        rng = np.random.default_rng(seed)
        span = (row["end"] - row["start"]) / HOUR
        self.hour = (row["start"] - NOON) / HOUR + span * rng.random(DRAWS)
        if row["lon"] is None:
            self.lon, self.lat = spread(shape(row["area_id"]), rng)
        else:
            along = rng.standard_normal(DRAWS) * row["place_error_m"]
            across = rng.standard_normal(DRAWS) * row["place_error_minor_m"]
            turn = np.radians(row["place_azimuth_deg"])
            self.lon = row["lon"] + (along * np.sin(turn) + across * np.cos(turn)) / EAST_M
            self.lat = row["lat"] + (along * np.cos(turn) - across * np.sin(turn)) / NORTH_M
        self.kind = chosen(row["kinds"], "kind", rng)
        self.target = chosen(row["targets"], "kind", rng)
        self.actor = chosen(row["actors"], "party", rng)
        self.weapon = chosen(row["weapons"], "kind", rng)
        self.moved = rng.standard_normal((2, DRAWS))

    def holds(self, rule: Rule) -> Bools:
        ((name, asked),) = rule.items()
        answers: dict[str, Callable[[Any], Bools]] = {
            "all_of": lambda parts: np.logical_and.reduce([self.holds(part) for part in parts]),
            "any_of": lambda parts: np.logical_or.reduce([self.holds(part) for part in parts]),
            "unless": lambda part: ~self.holds(part),
            "during": self.during,
            "within": lambda zone: np.logical_or.reduce([self.within(area) for area in zone["areas"]]),
            "near": self.near,
            "near_line": self.near_line,
            "on_side": self.on_side,
            "with_weapon": lambda arms: self.weapon({name for name in WEAPONS if fits(name, arms)}),
            "is_kind": lambda kinds: self.kind({*kinds, *(KINDS[:2] if "attack" in kinds else ())}),
            "target_is": lambda wide: self.target({t for t, up in TARGETS.items() if {t, *up} & set(wide)}),
            "bound_party": lambda parties: self.actor(set(parties)),
        }
        return answers[name](asked)

    def during(self, window: dict[str, str]) -> Bools:
        first, last = ((datetime.fromisoformat(window[k]).replace(tzinfo=UTC) - NOON) / HOUR for k in ("from", "to"))
        return np.asarray((self.hour >= first) & (self.hour < last))

    def within(self, area: str) -> Bools:
        hours = ZONES[area][1]
        return np.asarray(shapely.contains_xy(shape(area), self.lon, self.lat) & self.holding(hours))

    def holding(self, hours: Hours) -> Bools:
        if hours is None:
            return np.ones(DRAWS, dtype=np.bool_)
        return np.asarray((self.hour >= hours[0] / HOUR) & (self.hour < hours[1] / HOUR))

    def near_line(self, asked: dict[str, Any]) -> Bools:
        found = np.zeros(DRAWS, dtype=np.bool_)
        x, y = (self.lon - 30) * EAST_M, (self.lat - 50) * NORTH_M
        for corners, hours in (run for name in asked["lines"] for run in LINES[name]):
            for (x1, y1), (x2, y2) in itertools.pairwise(corners):
                dx, dy = x2 - x1, y2 - y1
                along = np.clip(((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy), 0, 1)
                away = np.hypot(x - x1 - along * dx, y - y1 - along * dy)
                found |= (away <= asked["distance_m"]) & self.holding(hours)
        return found

    def on_side(self, asked: str) -> Bools:
        found = np.zeros(DRAWS, dtype=np.bool_)
        for holder, parts in HELD.items():
            did = self.actor({"a", "b"} - {holder} if asked == "other" else {holder})
            for corners, hours in parts:
                found |= did & shapely.contains_xy(polygon(corners), self.lon, self.lat) & self.holding(hours)
        return found

    def near(self, asked: dict[str, Any]) -> Bools:
        found = np.zeros(DRAWS, dtype=np.bool_)
        for name, x, y, error in SITES:
            if {name, *TARGETS[name]} & set(asked["classes"]):
                east = (self.lon - 30) * EAST_M - x - error * self.moved[0]
                north = (self.lat - 50) * NORTH_M - y - error * self.moved[1]
                found |= np.hypot(east, north) <= asked["distance_m"]
        return found


def fits(weapon: str, arms: dict[str, Any]) -> bool:
    """Whether a weapon is of the classes and the calibre asked for."""
    within, calibre = WEAPONS[weapon]
    if not {weapon, within} & set(arms.get("classes", (weapon,))):
        return False
    for bound, mm in arms.get("calibre_mm", {}).items():
        if calibre is None or (bound == "at_least" and calibre < mm) or (bound == "below" and calibre >= mm):
            return False
    return True


def chosen(slots: Sequence[dict[str, Any]], field: str, rng: np.random.Generator) -> Callable[[set[str]], Bools]:
    """Draws one alternative a world and answers whether it is among some words; what is missing is undetermined."""
    drawn = np.searchsorted(np.cumsum([slot["p"] for slot in slots]), rng.random(DRAWS), side="right")
    words = [*(slot[field] for slot in slots), "undetermined"]
    return lambda wanted: np.array([word in wanted for word in words])[drawn]


def spread(area: shapely.Polygon, rng: np.random.Generator) -> tuple[Floats, Floats]:
    west, south, east, north = area.bounds
    lon, lat = rng.uniform(west, east, 4 * DRAWS), rng.uniform(south, north, 4 * DRAWS)
    inside = shapely.contains_xy(area, lon, lat)
    return lon[inside][:DRAWS], lat[inside][:DRAWS]


class Made:
    """Random rules and incidents, the incidents set on the rules' borders; ``growing`` rules make no exceptions."""

    def __init__(self, random: Random, *, growing: bool = False) -> None:
        self.random, self.growing = random, growing
        self.zones = random.sample(sorted(ZONES), random.randint(1, 2))
        self.classes = random.sample([*TARGETS, "energy"], random.randint(1, 2))
        self.distance_m = random.randint(5, 60) * 100.0
        self.first = random.randint(-36, 24)
        self.last = self.first + random.randint(6, 36)

    def rule(self) -> Rule:
        parts = [self.during(), self.placed(), *(self.nested() for _ in range(self.random.randint(0, 2)))]
        return {"all_of": parts}

    def incident(self) -> dict[str, Any]:
        start = self.random.choice((self.first, self.last)) - self.random.randint(0, 40)
        rows = self.random.choice(("kinds", "targets", "weapons", "actors"))
        known = {
            "kinds": self.chances("kind", KINDS, whole=True),
            "targets": self.chances("kind", list(TARGETS), whole=rows == "targets"),
            "weapons": self.chances("kind", list(WEAPONS), whole=rows == "weapons"),
            "actors": self.chances("party", ["a", "b"], whole=rows == "actors"),
        }
        span = {"start": clock(start), "end": clock(start + self.random.randint(0, 80))}
        return incident(**span, **known, **self.place())

    def place(self) -> dict[str, Any]:
        if self.random.random() < 0.1:
            return dict.fromkeys(("lon", "lat", "place_error_m")) | {"area_id": self.random.choice(sorted(ZONES))}
        major, turn = self.random.randint(1, 80) * 100.0, self.random.uniform(0, 2 * np.pi)
        _, x, y, _ = self.random.choice(SITES)
        corners = ZONES[self.random.choice(self.zones)][0]
        (x1, y1), (x2, y2) = self.random.choice(list(zip(corners, corners[1:] + corners[:1], strict=True)))
        along, off = self.random.random(), self.random.gauss(0, 0.7) * major
        on_zone = (x1 + along * (x2 - x1) + off * np.sin(turn), y1 + along * (y2 - y1) + off * np.cos(turn))
        reach = self.distance_m + off
        on_site = (x + reach * np.sin(turn), y + reach * np.cos(turn))
        run = self.random.choice(self.random.choice(list(LINES.values())))[0]
        (x1, y1), (x2, y2) = self.random.choice(list(itertools.pairwise(run)))
        on_line = (x1 + along * (x2 - x1) + reach * np.sin(turn), y1 + along * (y2 - y1) + reach * np.cos(turn))
        lon, lat = degrees(*self.random.choice((on_zone, on_site, on_line)))
        return {
            "lon": float(lon),
            "lat": float(lat),
            "place_error_m": major,
            "place_error_minor_m": round(major * self.random.choice((0.1, 0.5, 1.0))),
            "place_azimuth_deg": float(self.random.randint(0, 179)),
        }

    def chances(self, field: str, words: Sequence[str], *, whole: bool) -> list[dict[str, Any]]:
        """One or two alternatives with their probabilities; ``whole``: they sum to one."""
        p = round(self.random.uniform(0.1, 0.9), 4)
        rest = round((1 - p) * (1 if whole else self.random.random()), 4)
        one, two = self.random.sample(list(words), 2)
        return [{field: one, "p": p}, {field: two, "p": rest}]

    def during(self) -> Rule:
        return {"during": {"from": f"{clock(self.first):{ISO}}", "to": f"{clock(self.last):{ISO}}", "zone": "UTC"}}

    def within(self) -> Rule:
        return {"within": {"areas": self.zones}}

    def near(self) -> Rule:
        return {"near": {"classes": self.classes, "distance_m": self.distance_m}}

    def near_line(self) -> Rule:
        lines = self.random.sample(sorted(LINES), self.random.randint(1, 2))
        return {"near_line": {"lines": lines, "distance_m": self.distance_m}}

    def on_side(self) -> Rule:
        return {"on_side": self.random.choice(("own", "other"))}

    def with_weapon(self) -> Rule:
        classes = {"classes": self.random.sample(["mortar", "artillery", "mlrs", "mortar-82"], 2)}
        calibre = {"calibre_mm": {"at_least": self.random.choice((80, 85, 100, 122))}}
        if self.random.random() < 0.3:
            calibre["calibre_mm"]["below"] = 130
        return {"with_weapon": self.random.choice((classes, calibre, classes | calibre))}

    def placed(self) -> Rule:
        return self.random.choice((self.within, self.near, self.near_line, self.on_side))()

    def said(self) -> Rule:
        name, words = self.random.choice(
            (("is_kind", ["attack", *KINDS]), ("target_is", [*TARGETS, "energy"]), ("bound_party", PARTIES))
        )
        return {name: self.random.sample(list(words), self.random.randint(1, 2))}

    def leaf(self) -> Rule:
        placed = (self.within, self.near, self.near_line, self.on_side)
        return self.random.choice((self.during, *placed, self.with_weapon, self.said, self.said))()

    def nested(self) -> Rule:
        one, two = self.leaf(), self.leaf()
        rules: list[Rule] = [one, {"any_of": [one, two]}]
        if not self.growing:
            rules += [{"unless": one}, {"unless": {"all_of": [one, two]}}]
        return self.random.choice(rules)


def clock(twelfths: int) -> datetime:
    """Noon and so many times five minutes."""
    return NOON + twelfths * HOUR / 12


def wider(rule: Rule, made: Made) -> Rule:
    """The rule with longer windows, larger radii, and more areas, classes, kinds and parties."""
    ((name, asked),) = rule.items()
    words: dict[str, Sequence[str]] = {"is_kind": KINDS, "target_is": list(TARGETS), "bound_party": PARTIES}
    if name in words:
        return {name: sorted({*asked, made.random.choice(words[name])})}
    if name == "during":
        longer = made.random.randint(0, 12)
        return {name: asked | {"to": f"{clock(made.last + longer):{ISO}}"}}
    if name == "within":
        return {name: {"areas": sorted({*asked["areas"], made.random.choice(list(ZONES))})}}
    if name == "near":
        more = made.random.choice(list(TARGETS))
        return {name: {"classes": sorted({*asked["classes"], more}), "distance_m": asked["distance_m"] * 1.2}}
    if name == "near_line":
        return {name: {"lines": sorted({*asked["lines"], "agreed"}), "distance_m": asked["distance_m"] * 1.2}}
    if name == "with_weapon":
        arms = dict(asked)
        if "classes" in arms:
            arms["classes"] = sorted({*arms["classes"], made.random.choice(list(WEAPONS))})
        if "calibre_mm" in arms:
            arms["calibre_mm"] = arms["calibre_mm"] | {"at_least": arms["calibre_mm"]["at_least"] - 20}
        return {name: arms}
    if name == "on_side":
        return {name: asked}
    return {name: [wider(part, made) for part in asked]}


def exchanged(value: Any) -> Any:
    """Party ids exchanged, wherever they stand."""
    if isinstance(value, dict):
        return {key: exchanged(part) for key, part in value.items()}
    return [exchanged(part) for part in value] if isinstance(value, list) else {"a": "b", "b": "a"}.get(value, value)


def judged(row: dict[str, Any], rule: Rule, land: Ground = LAND, parties: tuple[str, str] = ("a", "b")) -> pl.DataFrame:
    flow = yaml.safe_dump(rule, default_flow_style=True, width=10_000).strip()
    return judge(incidents(row), ALLEGATION.empty(), [agreement(flow, parties=parties)], land).findings


def p_in_scope(row: dict[str, Any], rule: Rule, land: Ground = LAND) -> float:
    """P(in scope); a subject that has nothing to do with the rule has no finding."""
    return float(sum(judged(row, rule, land)["p_in_scope"]))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=True))
def test_p_agrees_with_many_draws(random: Random) -> None:
    made = Made(random)
    row, rule = made.incident(), made.rule()
    held = Drawn(row, random.randrange(1 << 30)).holds(rule).mean()
    assert p_in_scope(row, rule) == pytest.approx(held, abs=TOLERANCE)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=True))
def test_more_ground_more_time_and_more_of_what_is_forbidden_never_lower_p(random: Random) -> None:
    made = Made(random, growing=True)
    row, rule = made.incident(), made.rule()
    p = p_in_scope(row, rule)
    assert p_in_scope(row, wider(rule, made)) >= p
    if row["lon"] is not None:  # a place told by its area alone widens with the area
        assert p_in_scope(row, rule, WIDER_LAND) >= p


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=True))
def test_under_random_rules_too_parties_exchanged_in_are_parties_exchanged_out(random: Random) -> None:
    made = Made(random)
    row, rule = made.incident(), made.rule()
    one = judged(row, rule)
    two = judged(exchanged(row), exchanged(rule), SWAPPED_LAND, parties=("b", "a"))
    assert one.drop("reasons", "explanation", "attribution").equals(two.drop("reasons", "explanation", "attribution"))
    assert exchanged(one["attribution"].to_list()) == two["attribution"].to_list()
