"""Orbital elements of satellites: two-line elements (TLE) with or without names, or OMM as CSV or XML.

Ground: what satellites watch of a place and time follows from them (:mod:`teisen.sources.orbits`). Elements of several
epochs may stand in one file. A TLE whose checksum is wrong, and a message that lacks an element, is set aside.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from xml.etree.ElementTree import ParseError

import polars as pl
from sgp4 import omm
from sgp4.api import Satrec
from sgp4.io import compute_checksum

from teisen.documents import Strict
from teisen.errors import BadInput, Problem
from teisen.observation import EXPOSURE, ORBIT, SET_ASIDE
from teisen.sources.options import options as options_of
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.sources.rows import unpack

DEGREES = 57.29577951308232
MOST_NUMBER = 10**9
"""Numbers of the catalogue have up to nine digits."""
FIELDS = {
    "mean_motion": ("MEAN_MOTION", 0.1, 20),
    "eccentricity": ("ECCENTRICITY", 0, 1),
    "inclination": ("INCLINATION", 0, 180),
    "ra_of_asc_node": ("RA_OF_ASC_NODE", -360, 360),
    "arg_of_pericenter": ("ARG_OF_PERICENTER", -360, 360),
    "mean_anomaly": ("MEAN_ANOMALY", -360, 360),
    "bstar": ("BSTAR", -10, 10),
}
"""Columns of ORBIT, the names that an OMM gives them, and what is possible."""
WHOLE = "Send the elements again as they were published (TLE, or OMM as CSV or XML)."


class Options(Strict):
    """Options of the source: none."""


@dataclass
class _Read:
    rows: list[dict[str, Any]] = field(default_factory=list)
    aside: list[tuple[int, str, str]] = field(default_factory=list)


class Orbits:
    """Reader of orbital elements."""

    name = "orbits"
    phase: Literal["ground"] = "ground"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """Elements (ORBIT) of one file; see the module.

        Raises:
            BadInput: the file is no text, or holds no elements at all.
        """
        options_of(source, Options)
        content, damage = unpack(file)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise BadInput(Problem(file.name, 0, "", "it is no UTF-8 text", WHOLE)) from None
        lines = text.splitlines()
        read = _two_lines(lines) if any(line.startswith("1 ") for line in lines) else _messages(text, file)
        if damage:
            read.aside.append((0, damage, ""))
        if not read.rows and not read.aside:
            raise BadInput(Problem(file.name, 0, "", "it holds no orbital elements", WHOLE))
        origin = {"source_id": source.source_id, "blob": file.blob}
        table = pl.DataFrame([row | origin for row in read.rows], schema=ORBIT.schema)
        table = table.unique(["catalogue_number", "epoch"], keep="first", maintain_order=True)
        n = len(read.aside)
        aside = SET_ASIDE.build(
            {
                "source_id": [source.source_id] * n, "file": [file.name] * n, "blob": [file.blob] * n,
                "row": [row for row, _, _ in read.aside], "column": [""] * n,
                "what": [what for _, what, _ in read.aside], "do": [WHOLE] * n,
                "raw": [raw for _, _, raw in read.aside],
            }
        )  # fmt: skip
        return Intake({ORBIT.name: ORBIT.check(table), SET_ASIDE.name: aside})

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """None: the instruments on the satellites are other sources."""
        return EXPOSURE.empty()


READER = Orbits()


def _two_lines(lines: list[str]) -> _Read:
    read = _Read()
    for number, line in enumerate(lines, 1):
        if not line.startswith("1 "):
            continue
        second = lines[number].rstrip() if number < len(lines) else ""
        first = line.rstrip()
        if not second.startswith("2 ") or len(first) < 69 or len(second) < 69:
            read.aside.append((number, "the two lines of elements are not whole", first))
            continue
        if any(not one[68].isdigit() or compute_checksum(one) != int(one[68]) for one in (first, second)):
            read.aside.append((number, "the checksum of a line is wrong", f"{first}\n{second}"))
            continue
        try:
            record = Satrec.twoline2rv(first[:69], second[:69])
        except ValueError as error:
            read.aside.append((number, f"not readable as two-line elements: {error}", f"{first}\n{second}"))
            continue
        name = lines[number - 2].removeprefix("0 ").strip() if number >= 2 else ""
        name = "" if name.startswith(("1 ", "2 ")) else name
        read.rows.append(_row(record, name, number))
    return read


def _row(record: Satrec, name: str, row: int) -> dict[str, Any]:
    days = (record.jdsatepoch - 2440587.5) + record.jdsatepochF
    return {
        "catalogue_number": record.satnum,
        "satellite": name or str(record.satnum),
        "epoch": datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=round(days * 86_400e6)),
        "mean_motion": round(record.no_kozai * 1440 / (2 * 3.141592653589793), 8),
        "eccentricity": round(record.ecco, 7),
        "inclination": round(record.inclo * DEGREES, 4),
        "ra_of_asc_node": round(record.nodeo * DEGREES, 4),
        "arg_of_pericenter": round(record.argpo * DEGREES, 4),
        "mean_anomaly": round(record.mo * DEGREES, 4),
        "bstar": record.bstar,
        "row": row,
    }


def _messages(text: str, file: SourceFile) -> _Read:
    """Orbit mean-elements messages, told apart by their first sign."""
    parse = omm.parse_xml if text.lstrip().startswith("<") else omm.parse_csv
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadInput(Problem(file.name, 0, "", "it declares a document type, which no OMM needs", WHOLE))
    read = _Read()
    try:
        for number, message in enumerate(_each(parse(io.StringIO(text))), 1):
            try:
                read.rows.append(_message(message, number))
            except (KeyError, ValueError, TypeError) as error:
                read.aside.append((number, f"an element is missing or wrong: {error}", str(message)[:500]))
    except (ParseError, csv.Error) as error:
        raise BadInput(Problem(file.name, 0, "", f"not readable as OMM: {error}", WHOLE)) from None
    return read


def _each(messages: Any) -> Iterator[Mapping[str, str]]:
    for message in messages:
        yield {key: value for key, value in message.items() if isinstance(key, str)}


def _message(message: Mapping[str, str], row: int) -> dict[str, Any]:
    out: dict[str, Any] = {"row": row, "catalogue_number": int(message["NORAD_CAT_ID"])}
    if not 0 < out["catalogue_number"] < MOST_NUMBER:
        raise ValueError("NORAD_CAT_ID is no catalogue number")
    out["satellite"] = message.get("OBJECT_NAME") or message["NORAD_CAT_ID"]
    epoch = datetime.fromisoformat(message["EPOCH"].removesuffix("Z"))
    out["epoch"] = epoch.replace(tzinfo=UTC) if epoch.tzinfo is None else epoch.astimezone(UTC)
    for name, (heading, low, high) in FIELDS.items():
        value = float(message[heading])
        if not low <= value <= high:
            raise ValueError(f"{heading} {value:g} is not possible")
        out[name] = value
    return out
