"""Inline SVG: elements whose texts are always escaped, short paths, and the symbols of kinds.

Colours are classes of the page's style sheet, so that a drawing follows dark and print; kinds differ by shape and by a
colour of Okabe and Ito's palette for colour-blind readers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import shapely
from markupsafe import Markup, escape
from numpy.typing import NDArray

Pixels = NDArray[np.float64]

SHAPES = {
    "circle": "M0-5A5 5 0 1 0 0 5A5 5 0 1 0 0-5Z",
    "up": "M0-6L5.5 4.2H-5.5Z",
    "down": "M0 6L5.5-4.2H-5.5Z",
    "square": "M-4.6-4.6H4.6V4.6H-4.6Z",
    "diamond": "M0-6.2L6.2 0 0 6.2-6.2 0Z",
    "cross": "M-1.8-5.5H1.8V-1.8H5.5V1.8H1.8V5.5H-1.8V1.8H-5.5V-1.8H-1.8Z",
    "star": "M0-6.5L1.7-2.1 6.3-2 2.6.9 3.9 5.4 0 2.8-3.9 5.4-2.6.9-6.3-2-1.7-2.1Z",
    "bar": "M-6-2H6V2H-6Z",
}
SYMBOLS = {
    "missile-strike": ("up", "vermilion"),
    "air-strike": ("down", "vermilion"),
    "drone-strike": ("diamond", "blue"),
    "shelling": ("square", "orange"),
    "small-arms-fire": ("bar", "orange"),
    "ground-assault": ("cross", "orange"),
    "mine-or-ied": ("star", "orange"),
    "naval-force": ("down", "blue"),
    "explosion": ("star", "vermilion"),
    "air-defence": ("cross", "sky"),
    "fire": ("circle", "purple"),
    "damage": ("square", "purple"),
    "casualties": ("cross", "purple"),
}
OTHER = ("circle", "grey")


def label(text: str, most: int) -> str:
    """A text cut to a number of letters, for a place beside a drawing."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def tag(name: str, *children: str | Markup, **attributes: object) -> Markup:
    """One element; ``class_`` stands for class, underscores for dashes, None for an attribute that is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = Markup("").join(children)
    return Markup(f"<{name}{written}>{inner}</{name}>") if inner else Markup(f"<{name}{written}/>")  # noqa: S704 - parts are escaped above


def _short(value: object) -> object:
    if isinstance(value, float | np.floating):
        text = f"{value:.1f}"
        return "0" if text == "-0.0" else text.removesuffix(".0")
    return value


def rounded_up(value: float) -> float:
    """Where an axis ends that has to hold ``value``: the next number whose halves and quarters are short to write."""
    size = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(size * step for step in (1, 1.2, 1.6, 2, 2.4, 3, 4, 6, 8, 10) if size * step >= value or step == 10)


def symbol(kind: str, x: float, y: float, opacity: float = 1.0, scale: float = 1.0) -> Markup:
    """The symbol of a kind at a place in pixels."""
    shape, colour = SYMBOLS.get(kind, OTHER)
    return tag(
        "path",
        d=SHAPES[shape],
        class_=f"sym {colour}",
        fill_opacity=f"{opacity:.2f}",
        transform=f"translate({_short(float(x))} {_short(float(y))})" + (f" scale({scale:g})" if scale != 1 else ""),
    )


def path(shape: shapely.Geometry) -> str:
    """Path data of lines or polygons in pixels, on a grid of a tenth of a pixel, relative so that it stays short."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    written = []
    for part in parts:
        rings: Iterable[shapely.Geometry] = [part]
        if part.geom_type == "Polygon":
            rings = [part.exterior, *part.interiors]
        written += [_ring(shapely.get_coordinates(r), closed=part.geom_type == "Polygon") for r in rings]
    return "".join(written)


def _ring(points: Pixels, *, closed: bool) -> str:
    tenths = np.round(points * 10).astype(int)
    if closed:
        tenths = tenths[:-1]
    steps = np.diff(tenths, axis=0)
    steps = steps[np.any(steps != 0, axis=1)]
    if len(tenths) < 2 or not len(steps):
        return ""
    first = f"M{_tenth(tenths[0][0])} {_tenth(tenths[0][1])}l"
    return first + _joined(steps) + ("z" if closed else "")


def _joined(steps: NDArray[np.int_]) -> str:
    numbers = [_tenth(v) for v in steps.ravel()]
    return numbers[0] + "".join(n if n.startswith("-") else f" {n}" for n in numbers[1:])


def _tenth(value: int | np.int_) -> str:
    text = f"{value / 10:.1f}".removesuffix(".0")
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
