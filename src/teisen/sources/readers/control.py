"""The area under a party's effective control by day: a zip of GeoJSON files with the day in their names, or one file.

A file holds from its hour until the next file's. Where days are missing it holds ``longest_hours`` at most; after that
nothing is known, and no row says otherwise. The party is the one that the source is ``about``.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import polars as pl
import shapely
from pydantic import Field

from teisen.documents import Strict
from teisen.errors import BadInput, Problem
from teisen.geodesy import geod
from teisen.observation import AREA, EXPOSURE
from teisen.sources.geojson import Aside, features_of, polygon, simplified, table_of
from teisen.sources.options import options
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.sources.rows import LARGEST_FILE, unpack


class ControlOptions(Strict):
    """How to read the files.

    Attributes:
        day: regular expression whose group is the day in a file's name; ``form`` how it is written.
        hour: UTC hour from which a file holds.
        longest_hours: how long a file holds where the next is missing.
        smallest_km2: parts smaller than this are dropped.
        simplify_m: details under this size are dropped, metres; 0: as it stands.
    """

    day: str = r"(\d{8})"
    form: str = "%Y%m%d"
    hour: int = Field(0, ge=0, le=23)
    longest_hours: float = Field(48, gt=0)
    smallest_km2: float = Field(0, ge=0)
    simplify_m: float = Field(0, ge=0)


@dataclass(frozen=True)
class Member:
    """One day's file: its number in the order of names (from 1), its name, the time from which it holds."""

    row: int
    name: str
    start: datetime


@dataclass(frozen=True)
class Control:
    """Reads AREA rows of level ``control``."""

    name: str = "control"
    phase: Literal["ground", "watch"] = "ground"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """The areas of the days in scope; see :class:`ControlOptions`. Members that can't be read are set aside.

        Raises:
            BadInput: the file or an option can't be read, or the source is about no party.
        """
        wanted = options(source, ControlOptions)
        if not source.about:
            what = f"source {source.source_id} does not say whose control it shows"
            raise BadInput(Problem("case.yaml", 0, "about", what, "Write `about:` with a party's id."))
        aside = Aside(file, source)
        archive = _archive(file)
        members = _members(archive, wanted, aside)
        longest = timedelta(hours=wanted.longest_hours)
        rows: list[dict[str, Any]] = []
        left_out = 0
        following = [*(member.start for member in members[1:]), datetime.max.replace(tzinfo=UTC)]
        for member, after in zip(members, following, strict=False):
            end = min(member.start + longest, after)
            if end <= scope.start or member.start >= scope.end:
                left_out += 1
                continue
            shape = _area(archive, member, wanted, aside, scope)
            if shape is not None:
                rows.append(
                    {
                        "area_id": f"control-{source.about}",
                        "level": "control",
                        "name": f"Area under effective control of {source.about} on {member.start:%Y-%m-%d}",
                        "valid_from": member.start,
                        "valid_to": end,
                        "controlled_by": source.about,
                        "geometry": shape.wkb,
                        "approximate": False,
                        "source_id": source.source_id,
                        "blob": file.blob,
                        "row": member.row,
                    }
                )
        return Intake({"area": table_of(AREA, rows), "set_aside": aside.table()}, left_out)

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """None: the ground sees nothing."""
        return EXPOSURE.empty()


class _Archive(Mapping[str, bytes]):
    """Files by name, of a zip or a single file; reading a damaged one of a zip raises what zipfile raises."""

    def __init__(self, names: list[str], opened: zipfile.ZipFile | None, single: bytes = b"") -> None:
        self._names, self._opened, self._single = sorted(names), opened, single

    def __getitem__(self, name: str) -> bytes:
        return self._opened.read(name) if self._opened else self._single

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _archive(file: SourceFile) -> _Archive:
    if not file.content.startswith(b"PK"):
        content, damage = unpack(file)
        if damage:
            raise BadInput(Problem(file.name, 0, "", damage, "Send the file again, whole."))
        features_of(content, file.name)
        return _Archive([file.name], None, content)
    try:
        opened = zipfile.ZipFile(io.BytesIO(file.content))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        what = f"not readable as a zip file ({error})"
        raise BadInput(Problem(file.name, 0, "", what, "Send the file again, whole.")) from None
    inside = [info for info in opened.infolist() if not info.is_dir()]
    if sum(info.file_size for info in inside) > LARGEST_FILE:
        what = f"it unpacks to more than {LARGEST_FILE >> 30} GiB"
        raise BadInput(Problem(file.name, 0, "", what, "Split the file into smaller ones."))
    return _Archive([info.filename for info in inside], opened)


def _members(archive: _Archive, wanted: ControlOptions, aside: Aside) -> list[Member]:
    """Members with a day in their name, in the order of days."""
    found: dict[datetime, Member] = {}
    for row, name in enumerate(archive, 1):
        told = re.search(wanted.day, name.rpartition("/")[2])
        try:
            day = datetime.strptime(told[1], wanted.form) if told else None  # noqa: DTZ007 (a date; its hour is added)
        except ValueError:
            day = None
        if day is None:
            aside.add(
                row, "", f"the name {name!r} holds no day", "Name the file after its day, as the options say.", name
            )
            continue
        start = day.replace(hour=wanted.hour, tzinfo=UTC)
        if start in found:
            what = f"the day {day:%Y-%m-%d} stands in {found[start].name!r} already"
            aside.add(row, "", what, "Keep one file for each day.", name)
            continue
        found[start] = Member(row, name, start)
    return [found[start] for start in sorted(found)]


def _area(archive: _Archive, member: Member, wanted: ControlOptions, aside: Aside, scope: Scope) -> Any | None:
    """The union of a member's polygons without slivers; None where it was set aside."""
    do = "Send this day's file again."
    try:
        found = features_of(archive[member.name], member.name)
    except BadInput as error:
        aside.add(member.row, "", f"{member.name}: {error.problems[0].what}", do)
        return None
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError) as error:
        aside.add(member.row, "", f"{member.name}: not readable from the zip file ({error})", do)
        return None
    shapes = [polygon(replace(feature, row=member.row), aside, scope) for feature in found]
    if any(shape is None for shape in shapes):
        return None
    parts = shapely.get_parts(shapely.union_all(shapes))
    kept = [part for part in parts if abs(geod().geometry_area_perimeter(part)[0]) >= wanted.smallest_km2 * 1e6]
    if not kept:
        aside.add(member.row, "", f"{member.name}: no part is as large as {wanted.smallest_km2:g} km2", do)
        return None
    return shapely.MultiPolygon(simplified(kept, wanted.simplify_m))


READER = Control()
