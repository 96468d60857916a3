"""What each version of a plan and other budgets cost and see, drawn, with what nothing can pass by the same rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from teisen.languages import say, spoken
from teisen.planning.beside import Frontier
from teisen.release.report.drawing import rounded_up, tag
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


def chart(seen: Sequence[Point], here: int, frontier: Frontier | None = None) -> Markup:
    """The drawing, in the language that is being spoken; nothing where no version says what it reaches.

    Args:
        seen: of :func:`points`.
        here: number of the version that is shown.
        frontier: what other budgets would buy by the rules of that version; its line is drawn in place of the one
            through the best versions.
    """
    bought = frontier.rows if frontier else ()
    if not seen and not bought:
        return Markup()
    number = spoken().number
    costs = [one.millions for one in seen] + [one.cost / 1e6 for one in bought]
    most = rounded_up(max(costs) * 1.1)

    def x(millions: float) -> float:
        return LEFT + millions / most * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value * (HEIGHT - TOP - BOTTOM)

    def bar(at: float, value: float, bound: float) -> list[Markup]:
        return [
            tag("line", x1=at, x2=at, y1=value, y2=bound, class_="mark doubt"),
            tag("line", x1=at - 6, x2=at + 6, y1=bound, y2=bound, class_="mark"),
        ]

    title = say("Detection on average, by what is spent a year; the tables say the same")
    parts = [tag("title", Markup.escape(title), id="plan-chart")]
    for step in STEPS:
        parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y(step), y2=y(step), class_="grid"))
        label = Markup.escape(f"{number(step * 100, 0)} %")
        parts.append(tag("text", label, x=LEFT - 6, y=y(step) + 4, text_anchor="end"))
    for share in STEPS:
        label = Markup.escape(number(most * share, 0 if most >= 20 else 3))
        parts.append(tag("text", label, x=x(most * share), y=HEIGHT - BOTTOM + 16, text_anchor="middle"))
    parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y(0), y2=y(0), class_="axis"))
    below = Markup.escape(say("million US dollars a year"))
    parts.append(tag("text", below, x=(LEFT + WIDTH - RIGHT) / 2, y=HEIGHT - 8, text_anchor="middle"))
    best = [(one.millions, one.value) for one in seen if one.best]
    curve = [(one.cost / 1e6, one.value) for one in bought] or best
    if len(curve) > 1:
        line = "L".join(f"{x(millions):.1f} {y(value):.1f}" for millions, value in curve)
        parts.append(tag("path", d=f"M{line}", class_="mid"))
    for millions, value, bound in [(one.cost / 1e6, one.value, one.bound) for one in bought]:
        parts += bar(x(millions), y(value), y(bound))
        parts.append(tag("circle", cx=x(millions), cy=y(value), r=2.5, class_="dot"))
    for one in seen:
        at = x(one.millions)
        parts += bar(at, y(one.value), y(one.bound))
        parts.append(tag("circle", cx=at, cy=y(one.value), r=6.0 if one.version == here else 4.0, class_="dot"))
        name = Markup.escape(say("v{n}", n=one.version))
        parts.append(tag("text", name, x=at + 9, y=y(one.value) + 14))
    return tag("svg", *parts, viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", role="img", class_="chart",
               aria_labelledby="plan-chart")  # fmt: skip
