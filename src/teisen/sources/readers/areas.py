"""Areas from GeoJSON, plain or gzipped, and their names: polygons of regions, seas and zones; agreed lines as lines.

A feature may say from when to when it holds and which party holds the ground; one id may stand several times then, once
for each time from which it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import polars as pl
import shapely
from pydantic import AfterValidator, Field

from teisen.documents import Strict
from teisen.geodesy import METRES_PER_DEGREE
from teisen.observation import AREA, EXPOSURE, NAME
from teisen.sources.geojson import Aside, Feature, features, line, polygon, simplified, table_of
from teisen.sources.options import options
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.zones import zones


def _zone(name: str) -> str:
    if name not in zones():
        raise ValueError("no time zone; write an IANA name such as UTC or Asia/Tokyo")
    return name


class AreaOptions(Strict):
    """What the columns of a file of polygons, or of lines (level ``line``), mean.

    Attributes:
        id, name: properties with the area's id and its name; ``language`` is the name's.
        ids: ids to write for those in the file.
        aliases: further properties with names, and their languages.
        keep: ids that are read, as they stand in the file; empty: all.
        simplify_m: details under this size are dropped, metres.
        approximate: the shapes stand in for boundaries that are not at hand.
        valid_from, valid_to: properties with the first moment at which it holds, and the moment from which it holds no
            longer: dates or times of ISO 8601, in ``zone`` where they state none; empty: always, still.
        controlled_by: property with the party that holds the ground; ``parties`` gives the id for a file's own word.
    """

    id: str
    name: str
    level: Literal["region", "district", "sea", "zone", "sector", "line"]
    language: str = "en"
    ids: dict[str, str] = Field(default_factory=dict)
    aliases: dict[str, str] = Field(default_factory=dict)
    keep: list[str] = Field(default_factory=list)
    simplify_m: float = 0
    approximate: bool = False
    valid_from: str = ""
    valid_to: str = ""
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    controlled_by: str = ""
    parties: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Areas:
    """Reads AREA and NAME rows."""

    name: str = "areas"
    phase: Literal["ground", "watch"] = "ground"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """Areas and names of one file; see :class:`AreaOptions`.

        Raises:
            BadInput: the file or an option can't be read.
        """
        wanted = options(source, AreaOptions)
        aside = Aside(file, source)
        areas: list[dict[str, Any]] = []
        names: list[dict[str, Any]] = []
        first: dict[tuple[str, datetime | None], int] = {}
        shapes: list[Any] = []
        origin = {"source_id": source.source_id, "blob": file.blob}
        for feature in features(file):
            given = str(feature.properties.get(wanted.id) or "").strip()
            called = str(feature.properties.get(wanted.name) or "").strip()
            if wanted.keep and given and given not in wanted.keep:
                continue
            if not given or not called:
                column = wanted.name if given else wanted.id
                do = f"Give each feature its {column}."
                aside.add(feature.row, column, "it is empty", do, str(feature.properties))
                continue
            holds = _holds(feature, wanted, aside)
            if holds is None:
                continue
            if (given, holds["valid_from"]) in first:
                what = f"{given!r} stands at feature {first[given, holds['valid_from']]} already"
                aside.add(feature.row, wanted.id, what, "Keep one feature for each area.", str(feature.properties))
                continue
            shape = (line if wanted.level == "line" else polygon)(feature, aside, scope)
            if shape is None:
                continue
            first[given, holds["valid_from"]] = feature.row
            area_id = wanted.ids.get(given, given)
            here = origin | {"row": feature.row, "area_id": area_id}
            shapes.append(shape)
            areas.append(here | holds | {"level": wanted.level, "name": called, "approximate": wanted.approximate})
            spelt = {called: wanted.language}
            for column, language in wanted.aliases.items():
                alias = str(feature.properties.get(column) or "").strip()
                if alias:
                    spelt.setdefault(alias, language)
            names += [here | {"name": name, "language": language} for name, language in spelt.items()]
        for area, shape in zip(areas, _simplified(shapes, wanted), strict=True):
            area["geometry"] = shape.wkb
        return Intake({"area": table_of(AREA, areas), "name": table_of(NAME, names), "set_aside": aside.table()})

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """None: the ground sees nothing."""
        return EXPOSURE.empty()


def _holds(feature: Feature, wanted: AreaOptions, aside: Aside) -> dict[str, Any] | None:
    """From when to when an area holds, and for whom; None where that was set aside."""
    found: dict[str, Any] = {"valid_from": None, "valid_to": None, "controlled_by": None}
    for name, column in (("valid_from", wanted.valid_from), ("valid_to", wanted.valid_to)):
        text = str(feature.properties.get(column) or "").strip() if column else ""
        try:
            moment = datetime.fromisoformat(text) if text else None
        except ValueError:
            do = "Write a date as 2014-09-19, or a time of ISO 8601."
            aside.add(feature.row, column, f"{text!r} is no date", do, str(feature.properties))
            return None
        if moment is not None:
            found[name] = (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(wanted.zone))).astimezone(UTC)
    if found["valid_from"] and found["valid_to"] and found["valid_to"] <= found["valid_from"]:
        what = "it ends before it begins to hold"
        aside.add(feature.row, wanted.valid_to, what, "Correct the two dates.", str(feature.properties))
        return None
    party = str(feature.properties.get(wanted.controlled_by) or "").strip() if wanted.controlled_by else ""
    found["controlled_by"] = wanted.parties.get(party, party) or None
    return found


def _simplified(shapes: list[Any], wanted: AreaOptions) -> list[Any]:
    if shapes and wanted.simplify_m > 0 and (wanted.level == "line" or wanted.valid_from):
        # lines border on nothing, and areas of several times overlap: each is simplified apart
        return list(shapely.simplify(shapes, wanted.simplify_m / METRES_PER_DEGREE))
    return simplified(shapes, wanted.simplify_m)


READER = Areas()
