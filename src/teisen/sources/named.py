"""Whether a text names the place it was put on: its own name, the town it is a quarter of, or only its region.

Rows have ``place_name``, ``lon`` and ``lat``; the list of traps (``lexicon/traps.yaml``) says what some names mean.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import scipy
import shapely

from teisen.geodesy import chord, unit_vectors
from teisen.sources import texts
from teisen.sources.effort import regions
from teisen.sources.places import EDGE_DEG
from teisen.sources.reader import Ground
from teisen.sources.rows import ROW

SPOT = ["place_name", "lon", "lat"]
TOWN_M = 15_000
"""A place this near to a town of the ground that the text names stands for the town (metres; cities reach so far)."""
_AT = r"\b(?:u|v|po|na|nad|pod|bola|o|ta|atak\S+|obstr\S+)\s+"
"""In folded text before a name: in, on, over, or an attack on it; without, a seat of government may be meant."""
_BESIDE = r"\bmozh(?:du)?\s+(?:\S+\s+(?:o|ta)\s+)?|\b(?:ot|vod)\s+|n[oa]shcho?\s+"
"""In folded text before a name: between, (west) of: elsewhere than there."""
_BEYOND = r"\s+(?:napra|oblast|obl\b|raon|raono|hromad|htomad|trop|ova\b|oda\b)"
"""In folded text after a name: direction, region, district, community, offices: more than the place."""
NEVER = r"[^\s\S]"
"""A pattern that fits nothing."""


def spoken_of(frame: pl.DataFrame, known_towns: pl.DataFrame) -> pl.DataFrame:
    """Adds what the place's name and the list of traps tell: ``own`` (a pattern that finds the name in folded text),
    ``town`` (one that finds the town it stands for), ``astray``, ``trap`` and ``trap_area``."""  # fmt: skip
    traps = texts.lexicon("traps")
    seats = {_folded(name) for name in traps["seats"]}
    spots = frame.select(SPOT).unique().sort(SPOT)
    rows = []
    for spot, near in zip(spots.iter_rows(named=True), _towns_near(spots, known_towns), strict=True):
        name = spot["place_name"]
        own = [name, *traps["also"].get(name, [])]
        town = [*traps["towns"].get(name, []), *near]
        town += [other for one in town for other in traps["also"].get(one, [])]
        at, town_at = (_AT if seats & {_folded(one) for one in names} else "" for names in (own, town))
        its, towns_ = texts.name_pattern(own), texts.name_pattern(town)
        region = traps["astray"].get(name, NEVER)
        rows.append(
            {
                **spot,
                "own": at + its,
                "town": town_at + towns_,
                "astray": rf"(?:{_BESIDE}){its}|{its}{_BEYOND}|{region}",
                "town_astray": rf"(?:{_BESIDE}){towns_}|{towns_}{_BEYOND}",
                "trap": "word" if name in traps["words"] else "",
                "trap_area": traps["region"].get(name, {}).get("area"),
            }
        )
    known = pl.DataFrame(rows, schema_overrides={"trap_area": pl.String})
    return frame.join(known, on=SPOT, how="left", maintain_order="left")


def _folded(name: str) -> str:
    return texts.fold(name, latin=name.isascii())


def _towns_near(spots: pl.DataFrame, known_towns: pl.DataFrame) -> list[list[str]]:
    """For each place the names of towns of the ground within :data:`TOWN_M` of it."""
    if not known_towns.height or not spots.height:
        return [[] for _ in range(spots.height)]
    tree = scipy.spatial.KDTree(unit_vectors(known_towns["lon"].to_numpy(), known_towns["lat"].to_numpy()))
    places = unit_vectors(spots["lon"].to_numpy(), spots["lat"].to_numpy())
    found: Any = tree.query_ball_point(places, float(chord(TOWN_M)), return_sorted=True)
    names = known_towns["name"].to_list()
    return [[names[n] for n in each] for each in found]


def elsewhere(frame: pl.DataFrame, ground: Ground) -> pl.Series:
    """Whether the only region that a text names is one of the ground's and does not hold the place it was put on."""
    known = dict(regions(ground).iter_rows())
    spots = frame.select(ROW, "lon", "lat", region=pl.col("regions").list.unique(maintain_order=True))
    told = spots.filter(pl.col("region").list.len() == 1).with_columns(pl.col("region").list.first())
    lost: list[int] = []
    for (area,), part in told.group_by("region", maintain_order=True):
        if str(area) in known:
            shape = shapely.buffer(shapely.from_wkb(known[str(area)]), EDGE_DEG)
            away = ~shapely.contains_xy(shape, part["lon"].to_numpy(), part["lat"].to_numpy())
            lost += part.filter(pl.Series(away))[ROW].to_list()
    return frame[ROW].is_in(lost).alias("elsewhere")
