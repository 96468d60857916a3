"""Positions as people write them: degrees and minutes, MGRS, UTM, a map's grid; each with the error of its last digit.

What is written to a step (a minute, a square of a kilometre) lies evenly in it: its standard deviation is a step /
sqrt(12) on each axis. Bare decimal degrees, and eastings and northings of a grid, tell no step: sheets drop and add
noughts.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from teisen.geodesy import METRES_PER_DEGREE
from teisen.sources.away import ELLIPSE, UNIFORM
from teisen.sources.reader import Scope
from teisen.sources.rows import Rows

if TYPE_CHECKING:
    from pyproj import Transformer

LETTERS = {"lat": "NS", "lon": "EW"}
MOST = {"lat": 90.0, "lon": 180.0}
PARTS = (1.0, 60.0, 3600.0)
"""Degrees, minutes and seconds, as parts of a degree."""
BANDS = "CDEFGHJKLMNPQRSTUVWX"
"""Bands of latitude of MGRS and UTM, 8 degrees each from 80 south; the last one has 12."""
SQUARES = 100_000.0
"""Side of an MGRS square without digits, metres."""
NORTHERN = 10_000_000.0
"""False northing of UTM in the southern hemisphere, metres."""
EDGE_DEG = 0.1
"""A band reaches this much beyond its edge (grids are read on past it)."""

_MARKS = "[°º˚∘'’‘′ʹ´`\"”“″ʺ]|DEG\\b|MIN\\b|SEC\\b"
_NUMBERS = r"^(\d{1,3}(?:\.\d+)?)(?:[ :-]+(\d{1,2}(?:\.\d+)?)(?:[ :-]+(\d{1,2}(?:\.\d+)?))?)?$"
_SHORT = {
    "lat": (r"^(\d{2})(\d{2})(\d{2}(?:\.\d+)?)$", r"^(\d{2})(\d{2}(?:\.\d+)?)$"),
    "lon": (r"^(\d{3})(\d{2})(\d{2}(?:\.\d+)?)$", r"^(\d{3})(\d{2}(?:\.\d+)?)$"),
}
"""Degrees, minutes and seconds without anything between: 461230N, 0304412E."""
_PAIRS = tuple(
    (form, order)
    for first, second, order in (("NS", "EW", ("lat", "lon")), ("EW", "NS", ("lon", "lat")))
    for form in (
        rf"^([^NSEW]+[{first}])[ ,;/|]*([^NSEW]+[{second}])$",
        rf"^([{first}][^NSEW]+?)[ ,;/|]*([{second}][^NSEW]+)$",
    )
)
_UTM = r"^(\d{1,2}) ?([C-HJ-NP-X])[ ,;]*(\d{6}(?:\.\d+)?) ?(?:ME|M ?E|E|M)?[ ,;]+(\d{1,8}(?:\.\d+)?) ?(?:MN|M ?N|N|M)?$"
_MGRS = r"^(?:(?:\d{1,2}[C-HJ-NP-X])|[ABYZ]) ?[A-HJ-NP-Z]{2} ?(\d*) ?(\d*)$"


def _plain(text: pl.Expr, decimal: str) -> pl.Expr:
    """A text in capitals with blanks for marks of degrees, single ones, and a point for decimals."""
    if decimal == ",":
        text = text.str.replace_all(r"(\d),(\d)", "$1.$2")
    latin = text.str.to_uppercase().str.replace_all("[–—−]", "-").str.replace_all(_MARKS, " ")
    return latin.str.replace_all(r"\s+", " ").str.strip_chars()


def _degrees(texts: pl.Series, axis: str) -> pl.DataFrame:
    """Plain texts of one coordinate as ``degrees``, and their ``step`` in degrees; null: it is none."""
    letters, text = LETTERS[axis], pl.col("text")
    body = text.str.strip_chars("NSEW ").str.strip_prefix("-").str.strip_chars()
    for form in _SHORT[axis]:
        body = body.str.replace(form, "$1 $2 $3" if form.count("(\\d") == 3 else "$1 $2")
    before, after = (text.str.extract(form).fill_null("") for form in (r"^([NSEW]) ?[^NSEW]*$", r"^[^NSEW]*?([NSEW])$"))
    frame = texts.to_frame("text").select(letter=before + after, minus=text.str.starts_with("-"), body=body)
    told = [f"part{n}" for n in range(3)]
    frame = frame.with_columns(pl.col("body").str.extract(_NUMBERS, n + 1).alias(name) for n, name in enumerate(told))
    values = [pl.col(name).cast(pl.Float64, strict=False) for name in told]
    parts = zip(values, PARTS, strict=True)
    frame = frame.with_columns(
        # Of degrees, minutes and seconds the last that is told alone may have decimals.
        whole=~pl.any_horizontal(
            (pl.col(after).is_not_null() & pl.col(name).str.contains(".", literal=True)).fill_null(False)
            for name, after in pairwise(told)
        ),
        decimals=pl.coalesce(*reversed(told)).str.extract(r"\.(\d+)$").str.len_chars().fill_null(0).cast(pl.Float64),
        last=pl.coalesce(
            pl.when(pl.col(name).is_not_null()).then(part)
            for name, part in zip(reversed(told), reversed(PARTS), strict=True)
        ),
        degrees=pl.sum_horizontal(value.fill_null(0) / part for value, part in parts),
        sixties=(values[1].fill_null(0) < 60) & (values[2].fill_null(0) < 60),
    )
    fits = (
        pl.col("part0").is_not_null()
        & pl.col("whole")
        & pl.col("sixties")
        & (pl.col("degrees") <= MOST[axis])
        & pl.col("letter").is_in(["", *letters])
        & ~(pl.col("minus") & (pl.col("letter") != ""))
    )
    back = pl.col("minus") | (pl.col("letter") == letters[1])
    return frame.select(
        degrees=pl.when(fits).then(pl.when(back).then(-pl.col("degrees")).otherwise("degrees")),
        step=pl.when(fits).then(10.0 ** -pl.col("decimals") / pl.col("last")),
    )


def coordinates(rows: Rows, axis: str, *, heading: str, decimal: str) -> None:
    """Turn texts of column ``axis`` that are degrees and minutes into decimal texts; bare numbers stay as they are.

    Writes ``lon_step`` or ``lat_step``, degrees: the step that each is told to (null: a bare number tells none). What
    has letters or marks and is no latitude or longitude is set aside.
    """
    number = pl.col(axis).str.contains(r"^\s*[+-]?[\d.,]*(?:[eE][+-]?\d+)?\s*$").fill_null(True)
    texts = rows.frame.filter(~number).select(axis).unique().sort(axis)
    if not texts.height:
        rows.frame = rows.frame.with_columns(pl.lit(None, pl.Float64).alias(f"{axis}_step"))
        return
    read = _degrees(texts.select(_plain(pl.col(axis), decimal)).to_series(), axis)
    known = texts.with_columns(read["degrees"].alias("_degrees"), read["step"].alias(f"{axis}_step"))
    rows.frame = rows.frame.join(known, on=axis, how="left", maintain_order="left")
    word = {"lat": "latitude", "lon": "longitude"}[axis]
    shown = {"lat": "46°12.5'N, 46 12 30 N", "lon": "030°44.2'E, 30 44 12 E"}[axis]
    rows.set_aside(
        ~number & pl.col("_degrees").is_null(),
        heading,
        pl.format("'{}' is no {}", pl.col(axis).str.slice(0, 40), pl.lit(word)),
        f"Write it as {shown} or in decimal degrees, minutes and seconds below 60.",
    )
    # A bare number keeps its text, and with it whatever is wrong with it is told as of any number.
    written = pl.col("_degrees").cast(pl.String)
    written = written.str.replace(".", ",", literal=True) if decimal == "," else written
    told = pl.when(number).then(axis).otherwise(written)
    rows.frame = rows.frame.with_columns(told.alias(axis)).drop("_degrees")


def positions(rows: Rows, *, heading: str, decimal: str, scope: Scope) -> None:
    """Read column ``position`` (null: none) into ``lon``, ``lat``, ``lon_step``, ``lat_step``, degrees.

    Each cell is degrees and minutes with letters, MGRS or UTM. What is none of them is set aside.
    """
    texts = rows.frame.select("position").drop_nulls().unique().sort("position")
    plain = texts.with_columns(_text=_plain(pl.col("position"), decimal))
    known = pl.concat([_pairs(plain), _squares(plain), _utm(plain, scope)])
    rows.frame = rows.frame.join(known, on="position", how="left", maintain_order="left")
    rows.set_aside(
        pl.col("position").is_not_null() & pl.col("lat").is_null(),
        heading,
        pl.format("'{}' is no position", pl.col("position").str.slice(0, 40)),
        "Write it as 46°12.5'N 030°44.2'E, as MGRS with its zone (36TWS 1234 5678) or as UTM with its zone "
        "(36T 512345 5123456).",
    )


def _pairs(plain: pl.DataFrame) -> pl.DataFrame:
    """Positions that are a latitude and a longitude with their letters, in either order."""
    text = pl.col("_text")
    halves: dict[str, list[pl.Expr]] = {"lat": [], "lon": []}
    for form, order in _PAIRS:
        for n, axis in enumerate(order, 1):
            halves[axis].append(text.str.extract(form, n))
    pairs = pl.any_horizontal(text.str.contains(form) for form, _ in _PAIRS)
    split = plain.filter(pairs).select("position", lat=pl.coalesce(halves["lat"]), lon=pl.coalesce(halves["lon"]))
    for axis in LETTERS:
        read = _degrees(split[axis].str.strip_chars(" ,;/|"), axis)
        split = split.with_columns(read["degrees"].alias(axis), read["step"].alias(f"{axis}_step"))
    return split.drop_nulls().select("position", "lon", "lat", "lon_step", "lat_step")


def _squares(plain: pl.DataFrame) -> pl.DataFrame:
    """Positions that are squares of MGRS: their middle, and their side."""
    first, second = (pl.col("_text").str.replace_all("-", " ").str.extract(_MGRS, n) for n in (1, 2))
    cells = plain.with_columns(first=first, second=second).drop_nulls("first")
    digits = pl.concat_str("first", "second").str.len_chars()
    halved = (pl.col("second") == "") | (pl.col("first").str.len_chars() == pl.col("second").str.len_chars())
    cells = cells.filter(halved, digits % 2 == 0, digits <= 10).with_columns(side=SQUARES / 10.0 ** (digits // 2))
    middles = [_middle(text) for text in cells["_text"]]  # one call a text: a single bad one spoils a batch
    lat, lon = (pl.Series([place[n] for place in middles], dtype=pl.Float64) for n in (0, 1))
    return _stepped(cells.select("position", "side", lon=lon, lat=lat).drop_nulls(), pl.col("side"))


def _middle(text: str) -> tuple[float, float] | tuple[None, None]:
    """Latitude and longitude of the middle of an MGRS square; none where there is no such square."""
    from mgrs import MGRS, core  # noqa: PLC0415  few tables ask for it

    try:
        lat, lon = MGRS().toLatLon(re.sub("[ -]", "", text))
    except core.MGRSError:
        return None, None
    return lat, lon


def _utm(plain: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Positions in UTM. The letter is a band of latitude or, of N and S, may be the hemisphere.

    N says the same both ways. S is the band 32 to 40 north or the south: where both fit, the one in the case's box
    counts.
    """
    names = ("zone", "letter", "east", "north")
    found = plain.select(
        "position", **{name: pl.col("_text").str.extract(_UTM, n) for n, name in enumerate(names, 1)}
    ).drop_nulls()
    decimals = pl.max_horizontal(
        pl.col(n).str.extract(r"\.(\d+)$").str.len_chars().fill_null(0) for n in ("east", "north")
    )
    found = found.with_columns(
        pl.col("zone").cast(pl.Int64), pl.col("east", "north").cast(pl.Float64), step=10.0 ** -decimals.cast(pl.Float64)
    ).filter(pl.col("zone").is_between(1, 60), pl.col("north") <= NORTHERN)
    south = pl.col("letter") < "N"
    either = pl.col("letter") == "S"
    ways = pl.concat(
        [
            found.with_columns(code=32600 + pl.col("zone") + 100 * south.cast(pl.Int64), hemisphere=pl.lit(False)),
            found.filter(either).with_columns(code=32700 + pl.col("zone"), hemisphere=pl.lit(True)),
        ]
    )
    parts = [_unprojected(part, code) for (code,), part in ways.sort("code").group_by("code", maintain_order=True)]
    if not parts:
        return _stepped(plain.head(0).select("position", lon=pl.lit(0.0), lat=pl.lit(0.0)), pl.lit(1.0))
    lowest = pl.col("letter").replace_strict({band: 8.0 * n - 80 for n, band in enumerate(BANDS)})
    height = pl.when(pl.col("letter") == "X").then(12.0).otherwise(8.0)
    in_band = pl.col("lat").is_between(lowest - EDGE_DEG, lowest + height + EDGE_DEG)
    half = pl.when(pl.col("letter") == "N").then(pl.col("lat") >= 0).otherwise(pl.col("lat") <= 0)
    fits = pl.when(pl.col("hemisphere") | (pl.col("letter") == "N")).then(half).otherwise(in_band)
    boxed = pl.col("lon").is_between(scope.west, scope.east) & pl.col("lat").is_between(scope.south, scope.north)
    read = pl.concat(parts).drop_nulls().filter(fits).sort("position", ~boxed, "hemisphere")
    return _stepped(read.unique("position", keep="first", maintain_order=True), pl.col("step"))


def _stepped(places: pl.DataFrame, metres: pl.Expr) -> pl.DataFrame:
    """Places with a step in metres as one in degrees on each axis."""
    step = metres / METRES_PER_DEGREE
    shrink = pl.col("lat").radians().cos().clip(1e-6)
    return places.select("position", "lon", "lat", lon_step=step / shrink, lat_step=step)


@cache
def degrees_of(code: int) -> Transformer:
    """From easting and northing of a projected grid, by its EPSG code, to longitude and latitude of WGS84.

    Raises:
        ValueError: there is no such grid, or no known way from its datum to WGS84.
    """
    from pyproj import CRS, Transformer, network  # noqa: PLC0415  slow to load
    from pyproj.exceptions import CRSError, ProjError  # noqa: PLC0415

    network.set_network_enabled(active=False)  # type: ignore[attr-defined]  # the same on every machine
    try:
        grid = CRS.from_epsg(code)
        if not grid.is_projected:
            raise ValueError(f"EPSG:{code} ({grid.name}) has no eastings and northings")
        return Transformer.from_crs(grid, 4326, always_xy=True, allow_ballpark=False)
    except (CRSError, ProjError):
        raise ValueError(f"EPSG:{code} is no grid that is known, or none with a known way to WGS84") from None


def _unprojected(places: pl.DataFrame, code: int) -> pl.DataFrame:
    """``east`` and ``north`` of a grid, metres, as ``lon`` and ``lat``; null where they lie off it."""
    lon, lat = degrees_of(code).transform(places["east"].to_numpy(), places["north"].to_numpy())
    finite = np.isfinite(lon) & np.isfinite(lat)
    told = places.with_columns(lon=pl.Series(lon, dtype=pl.Float64), lat=pl.Series(lat, dtype=pl.Float64))
    return told.with_columns(pl.when(pl.Series(finite)).then(pl.col("lon", "lat")))


def from_grid(rows: Rows, code: int, *, heading: str) -> None:
    """Read ``easting`` and ``northing`` (null: none) of the grid EPSG ``code`` into ``lon`` and ``lat``, degrees."""
    half = pl.col("easting").is_null() != pl.col("northing").is_null()
    rows.set_aside(half, heading, "one of easting and northing is empty", "Give both, or none.")
    given = rows.frame["easting"].is_not_null()
    numbers = pl.col("easting", "northing").fill_null(0.0)
    placed = _unprojected(rows.frame.with_columns(numbers).rename({"easting": "east", "northing": "north"}), code)
    lon, lat = (pl.when(given).then(placed[axis]).alias(axis) for axis in ("lon", "lat"))
    rows.frame = rows.frame.with_columns(lon, lat)
    off = pl.col("easting").is_not_null() & pl.col("lat").is_null()
    what = pl.format("easting {} and northing {} lie off the grid EPSG:{}", "easting", "northing", pl.lit(code))
    rows.set_aside(off, heading, what, "Check the code under `grid`, and that the two columns are not exchanged.")


def rounded(rows: Rows, told_error: bool) -> None:
    """Join the error of the last digit to that of who tells a place, where a step is told.

    Who tells it errs by ``place_error_m`` where that is told, else as the profile says; but for what lies ``away`` from
    the place (:mod:`teisen.sources.away`), of which the profile says how far that is.
    Writes ``place_error_m``, ``place_error_minor_m``, ``place_azimuth_deg``.
    """
    profile = pl.lit(rows.source.profile.place_error_m.value)
    if "away" in rows.frame.columns:
        profile = pl.when(pl.col("away").is_null()).then(profile).otherwise(0.0)
    own = pl.coalesce("place_error_m", profile) if told_error else profile
    shrink = pl.col("lat").radians().cos() * METRES_PER_DEGREE * UNIFORM
    north = (own**2 + (pl.col("lat_step") * METRES_PER_DEGREE * UNIFORM) ** 2).sqrt()
    east = (own**2 + (pl.col("lon_step") * shrink) ** 2).sqrt()
    told = pl.col("lat_step").is_not_null() & pl.col("lon_step").is_not_null() & pl.col("lat").is_not_null()
    minor, azimuth = ELLIPSE
    rows.frame = rows.frame.with_columns(
        place_error_m=pl.when(told).then(pl.max_horizontal(east, north)).otherwise(own),
        **{
            minor: pl.when(told).then(pl.min_horizontal(east, north)),
            azimuth: pl.when(told).then(pl.when(east > north).then(90.0).otherwise(0.0)),
        },
    )
