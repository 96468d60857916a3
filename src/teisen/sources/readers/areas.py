"""Areas from GeoJSON polygons, plain or gzipped: administrative regions, seas, zones; and their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl
from pydantic import Field

from teisen.observation import AREA, EXPOSURE, NAME
from teisen.observation.profile import Strict
from teisen.sources.geojson import Aside, features, polygon, simplified, table_of
from teisen.sources.options import options
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile


class AreaOptions(Strict):
    """What the columns of a file of polygons mean.

    Attributes:
        id, name: properties with the area's id and its name; ``language`` is the name's.
        ids: ids to write for those in the file.
        aliases: further properties with names, and their languages.
        keep: ids that are read, as they stand in the file; empty: all.
        simplify_m: details under this size are dropped, metres.
        approximate: the polygons stand in for boundaries that are not at hand.
    """

    id: str
    name: str
    level: Literal["region", "district", "sea", "zone"]
    language: str = "en"
    ids: dict[str, str] = Field(default_factory=dict)
    aliases: dict[str, str] = Field(default_factory=dict)
    keep: list[str] = Field(default_factory=list)
    simplify_m: float = 0
    approximate: bool = False


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
        first: dict[str, int] = {}
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
            if given in first:
                what = f"{given!r} stands at feature {first[given]} already"
                aside.add(feature.row, wanted.id, what, "Keep one feature for each area.", str(feature.properties))
                continue
            shape = polygon(feature, aside, scope)
            if shape is None:
                continue
            first[given] = feature.row
            area_id = wanted.ids.get(given, given)
            here = origin | {"row": feature.row, "area_id": area_id}
            shapes.append(shape)
            areas.append(here | {"level": wanted.level, "name": called, "approximate": wanted.approximate})
            spelt = {called: wanted.language}
            for column, language in wanted.aliases.items():
                alias = str(feature.properties.get(column) or "").strip()
                if alias:
                    spelt.setdefault(alias, language)
            names += [here | {"name": name, "language": language} for name, language in spelt.items()]
        for area, shape in zip(areas, simplified(shapes, wanted.simplify_m), strict=True):
            area["geometry"] = shape.wkb
        return Intake({"area": table_of(AREA, areas), "name": table_of(NAME, names), "set_aside": aside.table()})

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """None: the ground sees nothing."""
        return EXPOSURE.empty()


READER = Areas()
