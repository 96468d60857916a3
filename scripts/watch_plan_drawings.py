"""The drawings of docs/watch-plan.md, as SVG with a title and a description in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen.planning import Setting
from teisen.planning.frontier import items

Ints = NDArray[np.int64]


def million(value: float) -> str:
    return f"{value / 1e6:,.0f}" if value >= 1e7 else f"{value / 1e6:,.1f}"


def frontier_svg(curve: pl.DataFrame, points: Sequence[tuple[str, float, float]]) -> str:
    """Detection by budget, on a logarithmic scale, with the proposals as points."""
    wide, tall, left, low = 760, 400, 60, 350
    most = max(curve["budget"].max(), *(cost for _, cost, _ in points)) * 1.3  # type: ignore[type-var]
    least = min(curve["budget"].min(), *(cost for _, cost, _ in points)) / 1.3  # type: ignore[type-var]

    def x(cost: float) -> float:
        return left + (wide - left - 30) * np.log(cost / least) / np.log(most / least)

    def y(value: float) -> float:
        return low - (low - 20) * value

    told = "; ".join(f"{name}: {million(cost)} million, {value:.0%}" for name, cost, value in points)
    bought = "; ".join(f"{million(b)} million buy {v:.0%}" for b, v in curve.select("budget", "value").iter_rows())
    said = f"Mean detection within a day by US dollars a year. Placed by the search: {bought}. Proposals: {told}."
    out = [*_head(wide, tall, "What money buys", said)]
    out.append(f'<text x="{left - 50}" y="12">detected within a day, mean of all kinds and the whole line</text>')
    for n, (colour, dash, words) in enumerate(
        (("#0072b2", "none", "what the search finds"), ("#999", "4 3", "proven: nothing passes this"))
    ):
        y_of = low - 60 + n * 18
        out.append(f'<path d="M{wide - 250} {y_of}h30" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>')
        out.append(f'<text x="{wide - 212}" y="{y_of + 4}">{words}</text>')
    out.append(f'<circle cx="{wide - 235}" cy="{low - 24}" r="5" fill="#d55e00"/>')
    out.append(f'<text x="{wide - 212}" y="{low - 20}">a proposal</text>')
    for share in (0, 0.2, 0.4, 0.6, 0.8, 1):
        out.append(f'<path d="M{left} {y(share):.0f}H{wide - 30}" stroke="#ddd"/>')
        out.append(f'<text x="{left - 8}" y="{y(share) + 4:.0f}" text-anchor="end">{share:.0%}</text>')
    marks = (20e6, 50e6, 100e6, 200e6, 500e6, 1e9, 2e9)
    out += [
        f'<text x="{x(cost):.0f}" y="{low + 18}" text-anchor="middle">{million(cost)}</text>'
        for cost in marks
        if least < cost < most
    ]
    out.append(
        f'<text x="{(wide + left) / 2:.0f}" y="{tall - 8}" text-anchor="middle">million US dollars a year</text>'
    )
    for name, colour, dash in (("bound", "#999", "4 3"), ("value", "#0072b2", "none")):
        path = "L".join(f"{x(b):.1f} {y(v):.1f}" for b, v in curve.select("budget", name).iter_rows())
        out.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>')
    for name, cost, value in points:
        out.append(f'<circle cx="{x(cost):.1f}" cy="{y(value):.1f}" r="5" fill="#d55e00"/>')
        end = x(cost) > wide * 0.6
        out.append(f'<text x="{x(cost) + (-9 if end else 9):.0f}" y="{y(value) + 16:.0f}" '
                   f'text-anchor="{"end" if end else "start"}">{name}</text>')  # fmt: skip
    return "\n".join([*out, "</svg>\n"])


def map_svg(here: Setting, number: Ints) -> str:
    """The made-up line as it runs, and beside it how many of each sensor stand in each 50 km."""
    wide, left = 960, 130
    options = here.coverage.options.with_columns(n=pl.Series(number)).filter(pl.col("n") > 0)
    stands = options.join(here.ground.candidates.select("site_id", "along_m"), on="site_id")
    names = [name for name, *_ in items(here.coverage.options, number) if name in set(stands["sensor"])][:6]
    length = here.line.length_m
    nodes = here.line.lonlat[::10]
    scale = (wide - left - 20) / (nodes[:, 0].max() - nodes[:, 0].min())
    run = "L".join(
        f"{left + (lon - nodes[0, 0]) * scale:.1f} {50 - (lat - nodes[:, 1].mean()) * scale:.1f}" for lon, lat in nodes
    )
    counts = {name: stands.filter(pl.col("sensor") == name) for name in names}
    tall = 130 + 44 * len(counts) + 26
    told = "; ".join(f"{name}: {table['n'].sum():,}" for name, table in counts.items())
    said = (
        f"A made-up line of {length / 1000:,.0f} km, and below it the number of each sensor in every 50 km. {told}. "
        "They stand evenly, since the ground is alike everywhere."
    )
    out = [
        *_head(wide, tall, "Where the mixed plan puts what", said),
        f'<path d="M{run}" fill="none" stroke="#222" stroke-width="2"/>',
        '<text x="10" y="54">the line</text>',
    ]
    bins = int(np.ceil(length / 50_000))
    tall_row = 44
    for n, (name, table) in enumerate(counts.items()):
        base = 120 + n * tall_row
        at = np.bincount(
            (table["along_m"].to_numpy() // 50_000).astype(int), weights=table["n"].to_numpy(), minlength=bins
        )
        most = max(at.max(), 1)
        out.append(
            f'<text x="10" y="{base}">{name}</text><text x="10" y="{base + 13}" fill="#666">up to {most:.0f}</text>'
        )
        step = (wide - left - 20) / bins
        for b, count in enumerate(at[:bins]):
            high = 32 * count / most
            out.append(f'<rect x="{left + b * step:.1f}" y="{base + 12 - high:.1f}" width="{step - 2:.1f}" '
                       f'height="{high:.1f}" fill="#0072b2"/>')  # fmt: skip
    out.append(f'<text x="{left}" y="{tall - 8}">0 km</text>')
    out.append(
        f'<text x="{wide - 20}" y="{tall - 8}" text-anchor="end">{length / 1000:,.0f} km, in parts of 50 km</text>'
    )
    return "\n".join([*out, "</svg>\n"])


SHOWN = ("patrol", "post", "camera", "camera-thermal", "ground-radar", "uav", "acoustic-artillery", "acoustic-drone")
COLOURS = ("#000000", "#e69f00", "#56b4e9", "#009e73", "#d55e00", "#cc79a7", "#0072b2", "#999999")
STRETCH_KM = (400.0, 500.0)


def stretch_svg(plans: Sequence[tuple[str, Setting, Ints]]) -> str:
    """A map of 100 km of the line, plan by plan: what stands there, how far from it and on which side."""
    wide, left, high = 960, 20, 118
    tall = high * len(plans) + 50
    first, last = STRETCH_KM
    told, out = [], []
    used: list[str] = []
    for n, (name, here, number) in enumerate(plans):
        middle = 74 + n * high
        stands = (
            here.coverage.options.with_columns(n=pl.Series(number))
            .filter(pl.col("n") > 0)
            .join(here.ground.candidates.select("site_id", "along_m", "depth_m"), on="site_id")
            .filter(pl.col("along_m").is_between(first * 1000, last * 1000, closed="left"))
            .sort("along_m", "depth_m", "sensor", "option_id")
        )
        out.append(f'<path d="M{left} {middle}H{wide - left}" stroke="#222" stroke-width="2"/>')
        out.append(f'<text x="{left}" y="{middle - 46}" font-weight="bold">{name}</text>')
        counts: dict[str, int] = {}
        for at in stands.iter_rows(named=True):
            sensor = at["sensor"]
            counts[sensor] = counts.get(sensor, 0) + at["n"]
            shown = SHOWN.index(sensor)
            sign = -1 if at["side"] == here.brief.parties[0] else 1
            # The place itself; sensors of one site stand beside each other.
            x = left + (wide - 2 * left) * (at["along_m"] / 1000 - first) / (last - first) + (shown - 3.5) * 3.6
            y = middle + sign * (6 + at["depth_m"] / 1000 * 1.6)
            radius = 2.2 + 0.6 * min(at["n"] - 1, 5)
            out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{COLOURS[shown]}"/>')
            used += [sensor] if sensor not in used else []
        told.append(f"{name}: " + (", ".join(f"{count} {sensor}" for sensor, count in sorted(counts.items()))))
    key = [one for one in SHOWN if one in used]
    for n, sensor in enumerate(key):
        x, y = left + n * (wide - 2 * left) / len(key), tall - 12
        out.append(f'<circle cx="{x + 4:.0f}" cy="{y - 4}" r="4" fill="{COLOURS[SHOWN.index(sensor)]}"/>')
        out.append(f'<text x="{x + 12:.0f}" y="{y}">{sensor}</text>')
    said = (
        f"Kilometres {first:.0f} to {last:.0f} of the made-up line. Each dot is a site; a larger one holds more. "
        f"{'. '.join(told)}."
    )
    return "\n".join([*_head(wide, tall, "Who stands where on 100 km", said), *out, "</svg>\n"])


def _head(wide: int, tall: int, title: str, said: str) -> list[str]:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall}" role="img" font-family="sans-serif"'
    return [
        f'{svg} font-size="12"><title>{title}</title><desc>{said}</desc>',
        f'<rect width="{wide}" height="{tall}" fill="#fff"/>',
    ]
