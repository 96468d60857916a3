"""The annex's map: the line, and on it the places of sensors that leave, in kilometres alike both ways, north up."""

from __future__ import annotations

import numpy as np

from teisen.geodesy import Floats, beside, stretch
from teisen.languages import say
from teisen.release.annex.cut import KM_PER_DEGREE, Cut

WIDE, TALL, ROOM = 640.0, 320.0, 20.0
MARKS = ("#1b6ca8", "#a8431b", "#3d7a2a", "#7a2a6e", "#8a6d00", "#00757a", "#5b5b5b", "#b0006a")
"""Colours of sensors on the map, dark enough on white; the list beside it names them."""
LINE = "#404040"


def drawing(found: Cut) -> str | None:
    """The map as SVG; None: neither a place nor the line leaves."""
    at = found.placed.drop_nulls(["lon", "lat"])
    places = at.select("lon", "lat").to_numpy()
    every = np.concatenate([places, *found.line]) if found.line else places
    if not len(every):
        return None
    west, east = stretch(every[:, 0], every[:, 0])
    north, middle = every[:, 1].max(), (west + east) / 2
    shrink = max(float(np.cos(np.radians(every[:, 1].mean()))), 1e-6)
    wide, tall = (east - west) * shrink, np.ptp(every[:, 1])
    scale = min((WIDE - 2 * ROOM) / max(wide, 1e-9), (TALL - 2 * ROOM) / max(tall, 1e-9))

    def put(lonlat: Floats) -> Floats:
        return np.asarray(
            np.column_stack([(beside(lonlat[:, 0], middle) - west) * shrink, north - lonlat[:, 1]]) * scale + ROOM
        )

    lines = "".join(
        f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in put(piece))}" fill="none" stroke="{LINE}" '
        f'stroke-width="1.5"/>'
        for piece in found.line
    )
    sensors = sorted(set(at["sensor"]))
    colour = {name: MARKS[n % len(MARKS)] for n, name in enumerate(sensors)}
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour[name]}"/>'
        for (x, y), name in zip(put(places), at["sensor"], strict=True)
    )
    below = 2 * ROOM + float(tall) * scale
    legend = "".join(
        f'<circle cx="{ROOM + 8:.0f}" cy="{below + 14 + 18 * n:.0f}" r="4" fill="{colour[name]}"/>'
        f'<text x="{ROOM + 20:.0f}" y="{below + 19 + 18 * n:.0f}" font-size="13" font-family="Noto Sans">{name}</text>'
        for n, name in enumerate(sensors)
    )
    legend += _bar(scale / KM_PER_DEGREE, below)
    size = f'viewBox="0 0 {WIDE:g} {below + 18 * len(sensors) + 12:g}" width="{WIDE:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{lines}{marks}{legend}</svg>'


def _bar(per_km: float, below: float) -> str:
    """A bar of so many kilometres, at most a quarter of the map, at its right below."""
    most = WIDE / 4 / per_km
    km = next((step * 10**n for n in range(5, -4, -1) for step in (5, 2, 1) if step * 10**n <= most), 0.0)
    x, y, long = WIDE - ROOM, below + 10, km * per_km
    return (
        f'<path d="M{x - long:.1f} {y - 4:.0f}v4h{long:.1f}v-4" fill="none" stroke="{LINE}" stroke-width="1.5"/>'
        f'<text x="{x:.1f}" y="{y + 16:.0f}" text-anchor="end" font-size="13" font-family="Noto Sans">'
        f"{say('{n} km', n=f'{km:g}')}</text>"
    )
