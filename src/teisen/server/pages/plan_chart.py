"""What each version of a plan costs and sees, drawn, with what nothing can pass by the same rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from teisen.languages import say, spoken
from teisen.release.report.drawing import tag
from teisen.server.plans import OnRecord

WIDTH, HEIGHT = 640.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 24.0, 22.0, 44.0
STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Point:
    """A version: millions of US dollars and people a year, what it sees on average, and the proven bound of that.

    ``best``: no other version sees as much for less, or more for as much.
    """

    version: int
    millions: float
    people: float
    value: float
    bound: float
    best: bool


def points(versions: Sequence[OnRecord]) -> tuple[Point, ...]:
    """The versions that say what they reach, by cost."""
    found = [
        (one.cut.spent / 1e6, -one.cut.plan.bound.value, one.version.version, one.cut.people, one.cut.plan.bound.bound)
        for one in versions
        if one.cut.plan.bound is not None
    ]
    out: list[Point] = []
    most = -1.0
    for millions, less, version, people, bound in sorted(found):
        out.append(Point(version, millions, people, -less, bound, -less > most))
        most = max(most, -less)
    return tuple(out)


def chart(seen: Sequence[Point], here: int) -> Markup:
    """The drawing, in the language that is being spoken; nothing where no version says what it reaches."""
    if not seen:
        return Markup()
    number = spoken().number
    most = max(one.millions for one in seen) * 1.15 or 1.0

    def x(millions: float) -> float:
        return LEFT + millions / most * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value * (HEIGHT - TOP - BOTTOM)

    title = say("Detection on average, by what a version costs a year; the table says the same")
    parts = [tag("title", Markup.escape(title), id="plan-chart")]
    for step in STEPS:
        parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y(step), y2=y(step), class_="grid"))
        label = Markup.escape(f"{number(step * 100, 0)} %")
        parts.append(tag("text", label, x=LEFT - 6, y=y(step) + 4, text_anchor="end"))
    for share in STEPS:
        label = Markup.escape(number(most * share, 0 if most >= 20 else 2))
        parts.append(tag("text", label, x=x(most * share), y=HEIGHT - BOTTOM + 16, text_anchor="middle"))
    parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y(0), y2=y(0), class_="axis"))
    below = Markup.escape(say("million US dollars a year"))
    parts.append(tag("text", below, x=(LEFT + WIDTH - RIGHT) / 2, y=HEIGHT - 8, text_anchor="middle"))
    best = [one for one in seen if one.best]
    if len(best) > 1:
        line = "L".join(f"{x(one.millions):.1f} {y(one.value):.1f}" for one in best)
        parts.append(tag("path", d=f"M{line}", class_="mid"))
    for one in seen:
        at, over = x(one.millions), y(one.bound)
        parts.append(tag("line", x1=at, x2=at, y1=y(one.value), y2=over, class_="mark doubt"))
        parts.append(tag("line", x1=at - 6, x2=at + 6, y1=over, y2=over, class_="mark"))
        parts.append(tag("circle", cx=at, cy=y(one.value), r=6.0 if one.version == here else 4.0, class_="dot"))
        name = Markup.escape(say("v{n}", n=one.version))
        parts.append(tag("text", name, x=at + 9, y=y(one.value) + 14))
    return tag("svg", *parts, viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", role="img", class_="chart",
               aria_labelledby="plan-chart")  # fmt: skip
