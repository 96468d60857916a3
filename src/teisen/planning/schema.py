"""The tables of the watch plan: what is to be watched, where a sensor may stand, what may stand there, what it sees.

A *demand* is a place at which one kind of violation may happen; a *candidate* is where a sensor may stand; an
*option* is one sensor of the catalogue at one candidate, with one schedule; a *placement* is the options that were
chosen and how many of each. COVERAGE says what an option sees of a demand under a condition (day or night, weather):
the probability that a violation is detected **and** reported within the plan's window.

Options of one ``means`` (hearing, sight, radar, orbit, signals, ground vibration) share what makes them fail: two
independent means are two different words of that column. Given the condition, options detect independently.
"""

from __future__ import annotations

import polars as pl

from teisen.observation.schema import NUMBER, TEXT
from teisen.tables import METRE_DECIMALS, PLACE_DECIMALS, PROBABILITY_DECIMALS, Column, Table

MONEY_DECIMALS = 0
WEIGHT_DECIMALS = 6

_PLACE = (
    Column("lon", NUMBER, "degrees", nullable=False, decimals=PLACE_DECIMALS),
    Column("lat", NUMBER, "degrees", nullable=False, decimals=PLACE_DECIMALS),
)
_ALONG = (
    Column("sector_id", TEXT, "the sector of the line that it belongs to", nullable=False),
    Column("along_m", NUMBER, "metres along the line, from its beginning", nullable=False, decimals=METRE_DECIMALS),
    Column("side", TEXT, "party that holds the ground; empty: nobody (sea, or not told)", nullable=False),
    Column("depth_m", NUMBER, "metres from the line, never negative", nullable=False, decimals=METRE_DECIMALS),
)

DEMAND = Table(
    "demand",
    "A place at which one kind of violation is to be seen.",
    (
        Column("demand_id", TEXT, "the place; stands once for each kind", nullable=False),
        Column("kind", TEXT, "kind of violation, a word of the vocabulary", nullable=False),
        *_ALONG,
        *_PLACE,
        Column("weight", NUMBER, "share of what is to be watched of this kind; sums to 1 by kind", nullable=False,
               decimals=WEIGHT_DECIMALS),
    ),
    key=("demand_id", "kind"),
)  # fmt: skip

CANDIDATE = Table(
    "candidate",
    "A place at which a sensor may stand or a patrol set out.",
    (
        Column("site_id", TEXT, "the place", nullable=False),
        *_ALONG,
        *_PLACE,
        Column("consent", TEXT, "party whose consent it needs; empty: nobody's", nullable=False),
        Column("forbidden", pl.Boolean(), "nothing may stand here", nullable=False),
        Column("access_km", NUMBER, "km to the nearest road or settlement; empty: not known", decimals=1),
    ),
    key=("site_id",),
)

OPTION = Table(
    "option",
    "A sensor of the catalogue at a candidate, with a schedule.",
    (
        Column("option_id", TEXT, "site, sensor and schedule", nullable=False),
        Column("site_id", TEXT, "the candidate", nullable=False),
        Column("sensor", TEXT, "id in the catalogue", nullable=False),
        Column("means", TEXT, "what fails together: hearing, sight, radar, orbit, signals, vibration", nullable=False),
        Column("schedule", TEXT, "hours that it watches: always, day or night", nullable=False),
        Column("side", TEXT, "party on whose ground it stands; empty: nobody's", nullable=False),
        Column("consent", TEXT, "party whose consent it needs; empty: nobody's", nullable=False),
        Column("cost", NUMBER, "US dollars a year, purchase spread over its life", nullable=False,
               decimals=MONEY_DECIMALS),
        Column("people", NUMBER, "people that it takes, shifts and leave counted", nullable=False, decimals=2),
        Column("most", pl.Int64(), "most that may stand there", nullable=False),
    ),
    key=("option_id",),
)  # fmt: skip

COVERAGE = Table(
    "coverage",
    "What one piece of an option sees of a demand under a condition, within the plan's window.",
    (
        Column("option_id", TEXT, "the option", nullable=False),
        Column("demand_id", TEXT, "the place", nullable=False),
        Column("kind", TEXT, "kind of violation", nullable=False),
        Column("condition", TEXT, "day or night and weather, an id of the plan's conditions", nullable=False),
        Column("means", TEXT, "that of the option", nullable=False),
        Column("detection", NUMBER, "P(detected and reported within the window | it happens there)", nullable=False,
               decimals=PROBABILITY_DECIMALS),
    ),
    key=("option_id", "demand_id", "kind", "condition"),
)  # fmt: skip

PLACEMENT = Table(
    "placement",
    "What was chosen.",
    (
        Column("option_id", TEXT, "the option", nullable=False),
        Column("number", pl.Int64(), "how many of it", nullable=False),
    ),
    key=("option_id",),
)

DETECTION = Table(
    "detection",
    "What a placement sees of each demand under a condition.",
    (
        Column("demand_id", TEXT, "the place", nullable=False),
        Column("kind", TEXT, "kind of violation", nullable=False),
        Column("condition", TEXT, "an id of the plan's conditions", nullable=False),
        Column("detection", NUMBER, "P(at least one detects it)", nullable=False, decimals=PROBABILITY_DECIMALS),
        Column("by_two", NUMBER, "P(at least two different means detect it)", nullable=False,
               decimals=PROBABILITY_DECIMALS),
    ),
    key=("demand_id", "kind", "condition"),
)  # fmt: skip
