"""The tables that a source fills: what it reported, what it could have seen, and the ground it speaks about.

Times are UTC. ``start`` and ``end`` bound the time; ``time_meaning`` says how: ``within`` (it happened at some moment
between them) or ``throughout`` (it lasted from one to the other). Places are WGS84; ``place_error_m`` is one standard
deviation per axis of a normal error, ``place_error_minor_m`` and ``place_azimuth_deg`` make it an ellipse (the words of
QuakeML's OriginUncertainty, with the standard deviation in place of a confidence level). A thing that is only known to
lie in an area has ``area_id`` and no ``lon``.

Every row names the file (``blob``, its SHA-256) and the row in it (``row``, data rows from 1) that it was read from.
"""

from __future__ import annotations

import polars as pl

from teisen.tables import METRE_DECIMALS, PLACE_DECIMALS, PROBABILITY_DECIMALS, UTC_TIME, Column, Table

TEXT = pl.String()
NUMBER = pl.Float64()
CHANCES = pl.List(pl.Struct({"kind": pl.String, "p": pl.Float64}))
PARTS = pl.List(pl.Struct({"label": pl.String, "quantity": pl.Float64, "unit": pl.String}))

ORIGIN = (
    Column("source_id", TEXT, "the source, as the case names it", nullable=False),
    Column("blob", TEXT, "SHA-256 of the file it was read from, in hex", nullable=False),
    Column("row", pl.Int64(), "data row in that file, from 1", nullable=False),
)
WHEN = (
    Column("start", UTC_TIME, "earliest time", nullable=False),
    Column("end", UTC_TIME, "latest time", nullable=False),
)
WHERE = (
    Column("lon", NUMBER, "longitude, degrees", decimals=PLACE_DECIMALS),
    Column("lat", NUMBER, "latitude, degrees", decimals=PLACE_DECIMALS),
    Column("place_error_m", NUMBER, "standard deviation along the major axis, metres", decimals=METRE_DECIMALS),
    Column("place_error_minor_m", NUMBER, "along the minor axis; empty: a circle", decimals=METRE_DECIMALS),
    Column("place_azimuth_deg", NUMBER, "azimuth of the major axis, degrees east of north", decimals=0),
    Column("area_id", TEXT, "area it lies in, where only that is known; else the area stated"),
    Column("place_name", TEXT, "the place as the source wrote it"),
)

OBSERVATION = Table(
    "observation",
    "One thing that one source reported.",
    (
        Column(
            "observation_id", TEXT, "source_id, a colon, 16 hex digits of a hash of what was reported", nullable=False
        ),
        Column("native_id", TEXT, "the source's own identifier"),
        *WHEN,
        Column("time_meaning", TEXT, "within or throughout", nullable=False),
        Column("source_zone", TEXT, "time zone the source wrote in (IANA name)", nullable=False),
        Column("reported", UTC_TIME, "when the source published it"),
        *WHERE,
        Column("kind", TEXT, "likeliest kind, a word of the vocabulary", nullable=False),
        Column("kinds", CHANCES, "all kinds it may be, with probabilities that sum to 1", nullable=False),
        Column("target_class", TEXT, "class of the thing hit, as the source states it"),
        Column("weapon", TEXT, "weapon used or seen, a word of the vocabulary, as the source states it"),
        Column("strength", NUMBER, "strength, in strength_unit"),
        Column("strength_unit", TEXT, "unit of strength, e.g. frp_mw"),
        Column("count", NUMBER, "how many, in count_unit"),
        Column("count_unit", TEXT, "what was counted, e.g. launched, bursts, reports"),
        Column("actor_stated", TEXT, "party id of who did it, as stated by the source; empty: not stated"),
        Column(
            "role", TEXT, "makes (an incident), supports (moves the odds of one), context (neither)", nullable=False
        ),
        Column(
            "flags", pl.List(pl.String), "what to be careful about, words of the reader's documentation", nullable=False
        ),
        Column("language", TEXT, "language of text (BCP 47)"),
        Column("text", TEXT, "what the source wrote"),
        Column("link", TEXT, "where the source published it"),
        *ORIGIN,
    ),
    key=("observation_id",),
)

EXPOSURE = Table(
    "exposure",
    "What a source could have seen: in an area, over an interval, the probability to detect one incident of a kind.",
    (
        Column("exposure_id", TEXT, "source_id, a colon, 16 hex digits", nullable=False),
        *WHEN,
        Column("area_id", TEXT, "area watched"),
        Column("lon", NUMBER, "centre of the place watched where it is no area, degrees", decimals=PLACE_DECIMALS),
        Column("lat", NUMBER, "centre, degrees", decimals=PLACE_DECIMALS),
        Column("radius_m", NUMBER, "radius watched around the centre, metres", decimals=METRE_DECIMALS),
        Column("falls", pl.Boolean(), "true: p_detect is of the centre, and falls as 1 - (distance / radius)^2"),
        Column("kind", TEXT, "kind of incident, a word of the vocabulary", nullable=False),
        Column("state", TEXT, "watched, outage, cloud, refused, jammed, no_data or unknown", nullable=False),
        Column(
            "p_detect",
            NUMBER,
            "P(the source reports it | it happened here and then); empty: unknown",
            decimals=PROBABILITY_DECIMALS,
        ),
        Column("reason", TEXT, "why, in words, e.g. cloud 59 %", nullable=False),
        Column("basis", TEXT, "measured, declared or assumed", nullable=False),
        Column("source_id", TEXT, "the source", nullable=False),
    ),
    key=("exposure_id",),
)

ALLEGATION = Table(
    "allegation",
    "A party's statement that another did what an agreement forbids; kept as stated, never summed across parties.",
    (
        Column("allegation_id", TEXT, "source_id, a colon, 16 hex digits", nullable=False),
        Column("native_id", TEXT, "the source's own identifier"),
        Column("accuser", TEXT, "party id of who states it", nullable=False),
        Column("accused", TEXT, "party id of who is said to have done it"),
        Column("stated", UTC_TIME, "when it was stated", nullable=False),
        *WHEN,
        Column("source_zone", TEXT, "time zone the statement speaks in (IANA name)", nullable=False),
        *WHERE,
        Column("kind", TEXT, "kind alleged, a word of the vocabulary; other where it is not said", nullable=False),
        Column("target_class", TEXT, "class of the thing said to be hit"),
        Column("weapon", TEXT, "weapon said to be used, a word of the vocabulary"),
        Column("quantity", NUMBER, "how many, in unit; empty: not said"),
        Column("unit", TEXT, "what is counted: strikes, sites, violations"),
        Column("components", PARTS, "the parts the statement itself gives", nullable=False),
        Column("components_gap", NUMBER, "quantity less the sum of the parts of the same unit; empty: no parts"),
        Column("read", TEXT, "parsed, partly or unread: how much of the statement was understood", nullable=False),
        Column("flags", pl.List(pl.String), "what to be careful about", nullable=False),
        Column("language", TEXT, "language of text (BCP 47)"),
        Column("text", TEXT, "the statement, or the part of it that this row was read from"),
        Column("link", TEXT, "where it was published"),
        *ORIGIN,
    ),
    key=("allegation_id",),
)

AREA = Table(
    "area",
    "A named area: administrative region, zone or line of an agreement, sector, or an area under control on a day.",
    (
        Column("area_id", TEXT, "stable id, e.g. an ISO 3166-2 code", nullable=False),
        Column("level", TEXT, "region, district, sea, zone, sector, control or line", nullable=False),
        Column("name", TEXT, "name in English", nullable=False),
        Column("valid_from", UTC_TIME, "first moment it holds; empty: always"),
        Column("valid_to", UTC_TIME, "moment from which it no longer holds; empty: still"),
        Column("controlled_by", TEXT, "party id, as the source assesses it"),
        Column("geometry", pl.Binary(), "polygons, of level line lines, WKB, WGS84", nullable=False),
        Column("approximate", pl.Boolean(), "true: a stand-in for a boundary that is not at hand", nullable=False),
        *ORIGIN,
    ),
    key=("source_id", "area_id", "blob", "row"),
)

NAME = Table(
    "name",
    "Names of places and areas in any language, to read what sources write.",
    (
        Column("name", TEXT, "a name as it is written", nullable=False),
        Column("language", TEXT, "its language (BCP 47)"),
        Column("area_id", TEXT, "the area it names, or the area the place lies in"),
        Column("lon", NUMBER, "longitude of a place, degrees", decimals=PLACE_DECIMALS),
        Column("lat", NUMBER, "latitude of a place, degrees", decimals=PLACE_DECIMALS),
        Column("place_error_m", NUMBER, "standard deviation of a place, metres", decimals=METRE_DECIMALS),
        *ORIGIN,
    ),
    key=("source_id", "blob", "row", "name"),
)

SITE = Table(
    "site",
    "A place of a protected class.",
    (
        Column("site_id", TEXT, "source_id, a colon, the source's id", nullable=False),
        Column("target_class", TEXT, "protected class, a word of the vocabulary of classes", nullable=False),
        Column("name", TEXT, "its name"),
        Column("lon", NUMBER, "longitude, of a line: of its middle", nullable=False, decimals=PLACE_DECIMALS),
        Column("lat", NUMBER, "latitude", nullable=False, decimals=PLACE_DECIMALS),
        Column("place_error_m", NUMBER, "standard deviation, metres", nullable=False, decimals=METRE_DECIMALS),
        Column("geometry", pl.Binary(), "the line of a line, WKB, WGS84; empty: a point"),
        Column("size", NUMBER, "capacity or voltage, in size_unit"),
        Column("size_unit", TEXT, "e.g. capacity_mw, voltage_kv"),
        *ORIGIN,
    ),
    key=("site_id",),
)

CONDITION = Table(
    "condition",
    "Weather and the like that decides what could be seen.",
    (
        *WHEN,
        Column("area_id", TEXT, "area it holds for"),
        Column("lon", NUMBER, "or the place it was measured at, degrees", decimals=PLACE_DECIMALS),
        Column("lat", NUMBER, "degrees", decimals=PLACE_DECIMALS),
        Column("quantity", TEXT, "cloud_fraction, wind_m_s, precipitation_mm, ...", nullable=False),
        Column("value", NUMBER, "its value, in the unit that the quantity's name states", nullable=False, decimals=4),
        *ORIGIN,
    ),
    key=("source_id", "blob", "row", "quantity", "start", "area_id", "lon", "lat"),
)

ORBIT = Table(
    "orbit",
    "Mean elements of a satellite at an epoch, in the words of the CCSDS Orbit Mean-Elements Message, for SGP4.",
    (
        Column("catalogue_number", pl.Int64(), "the satellite's number in the NORAD catalogue", nullable=False),
        Column("satellite", TEXT, "its name", nullable=False),
        Column("epoch", UTC_TIME, "time of the elements", nullable=False),
        Column("mean_motion", NUMBER, "revolutions a day", nullable=False),
        Column("eccentricity", NUMBER, "eccentricity", nullable=False),
        Column("inclination", NUMBER, "degrees", nullable=False),
        Column("ra_of_asc_node", NUMBER, "right ascension of the ascending node, degrees", nullable=False),
        Column("arg_of_pericenter", NUMBER, "argument of the pericentre, degrees", nullable=False),
        Column("mean_anomaly", NUMBER, "degrees", nullable=False),
        Column("bstar", NUMBER, "drag term, per Earth radius", nullable=False),
        *ORIGIN,
    ),
    key=("catalogue_number", "epoch", "source_id", "blob", "row"),
)

CELL_DEG = 0.05
"""Side of the cells of :data:`BACKGROUND`, degrees: 5.6 km north, 3.7 km east at 48 degrees of latitude."""
SEASONS = 36
"""Ten-day seasons of a year; the last has the five or six days left over."""

BACKGROUND = Table(
    "background",
    "How often a thing of a kind was seen in ordinary years, by cell and season: what is there without a conflict.",
    (
        Column("kind", TEXT, "kind of observation, a word of the vocabulary", nullable=False),
        Column("x", pl.Int32(), "the cell: longitude / 0.05 degrees, rounded down", nullable=False),
        Column("y", pl.Int32(), "latitude / 0.05 degrees, rounded down", nullable=False),
        Column("year", pl.Int32(), "the year", nullable=False),
        Column("season", pl.Int32(), "0 to 35: (day of the year - 1) / 10, rounded down", nullable=False),
        Column("days", pl.Int32(), "days of the season on which one was seen in the cell", nullable=False),
        *ORIGIN,
    ),
    key=("source_id", "kind", "x", "y", "year", "season"),
)

SET_ASIDE = Table(
    "set_aside",
    "Rows that could not be read: kept with the reason, never guessed.",
    (
        Column("source_id", TEXT, "the source", nullable=False),
        Column("file", TEXT, "the file's name when it was received", nullable=False),
        Column("blob", TEXT, "SHA-256 of the file", nullable=False),
        Column("row", pl.Int64(), "data row from 1; 0: the file as a whole", nullable=False),
        Column("column", TEXT, "column, or empty", nullable=False),
        Column("what", TEXT, "what is wrong", nullable=False),
        Column("do", TEXT, "what to do about it", nullable=False),
        Column("raw", TEXT, "the row as it stood in the file"),
    ),
    key=("source_id", "blob", "row", "column", "what"),
)

ROLES = ("makes", "supports", "context")
TIME_MEANINGS = ("within", "throughout")
EXPOSURE_STATES = ("watched", "outage", "cloud", "refused", "jammed", "no_data", "unknown")
