"""Drawings of the page on paper, each alone and with its text; and the parts that both reports share."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from markupsafe import Markup

from teisen.languages import say
from teisen.release.paper import Block, Figure, Grid, Heading, Lines, Text, standalone
from teisen.release.report.ahead import Ahead
from teisen.release.report.heat import Heat
from teisen.release.report.rate_map import RateMap
from teisen.release.report.totals import Totals


def figure(svg: Markup, caption: str = "") -> Figure:
    """A drawing of the page as one that stands alone, with the text that it carries for those who do not see it."""
    inside = str(svg).split("<desc>", 1)
    told = Markup(inside[1].split("</desc>", 1)[0]).striptags() if len(inside) == 2 else ""  # noqa: S704  put into no page
    return Figure(drawn(svg), told, caption)


def drawn(svg: Markup) -> str:
    """A drawing of the page as one that stands alone."""
    return standalone(str(svg), _style())


@cache
def _style() -> str:
    return files("teisen.release.report").joinpath("templates", "style.css").read_text(encoding="utf-8")


def where(heat: Heat, maps: RateMap) -> list[Block]:
    """Where, and how far it is known: the maps, then rates by area and day."""
    if not heat.rows:
        return []
    mapped = say(
        "Maps of violations a day, with what could not be seen taken into account, and of how far the interval leaves "
        "it open; the darker, the less is known. Hatched: nobody could see, so there is no number. A blank area was "
        "not released or not assessed. The numbers are in map.csv."
    )
    sides = say(
        "Left: violations a day by area, with what could not be seen taken into account. Right: how far the "
        "interval leaves it open; the darker, the less is known. A pale dashed cell: nobody could see. The "
        "numbers are in heat.csv."
    )
    drawings = [
        figure(svg, caption if svg is each[-1] else "")
        for each, caption in ((maps.each, mapped), (heat.each, sides))
        for svg in each
    ]
    return [Heading(say("Where, and how far it is known")), *drawings]


def in_all(totals: tuple[Totals, ...]) -> list[Block]:
    """How many there were in all, with what everybody missed."""
    if not totals:
        return []
    whole = say(
        "With what everybody missed, over all days in force that the case covers. By several ways that share no "
        "assumption: where they differ, trust none alone. What no source can see, whatever happens, "
        "is in none of them, and no data tells how much it is."
    )
    blocks: list[Block] = [Heading(say("How many there were in all")), Text(whole)]
    for one in totals:
        blocks += [
            Text(one.span, f"{one.label} {one.title}"),
            Lines(tuple((f"{way}:", says) for way, says in one.lines)),
        ]
    return blocks


def next_days(told: Ahead) -> list[Block]:
    """Where use of force is likeliest in the next days."""
    if not told.grid:
        return []
    whole = say(
        "Uses of force expected in the next days, recorded or not, where most are expected: from what happened before, "
        "there and near. To send patrols by; it knows nobody's intention."
    )
    caption = say("Expected uses of force a day. All areas: {file}.", file="ahead.csv")
    widths = (3.0, *(1.0 for _ in told.heads[1:]))
    grid = Grid(caption, told.heads, widths, told.grid, frozenset(range(1, len(told.heads))))
    return [Heading(say("Where to look next")), Text(whole), grid]
