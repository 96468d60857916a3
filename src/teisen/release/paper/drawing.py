"""A drawing of a page as one that stands alone: the page's colours for print written into it."""

from __future__ import annotations

import re

RULE = re.compile(r"(?P<selectors>[^{}@]+){(?P<body>[^{}]*)}")
VARIABLE = re.compile(r"(--[\w-]+):([^;}]+)")
SIMPLE = re.compile(r"\.[\w-]+")
NAMESPACE = "http://www.w3.org/2000/svg"
FONT = "text{font-family:'Noto Sans','Noto Sans CJK JP'}"


def standalone(svg: str, css: str) -> str:
    """``svg`` with the rules of ``css`` that name one class each, and its variables' values in light colours.

    Args:
        svg: an inline drawing whose elements carry classes.
        css: the page's style sheet; its first ``:root`` block holds the light colours.
    """
    light = dict(VARIABLE.findall(css[: css.index("}")]))
    plain = re.sub(r"@media[^{]*{(?:[^{}]*{[^{}]*})*[^{}]*}", "", css)
    kept = []
    for rule in RULE.finditer(plain):
        selectors = [one for one in rule["selectors"].strip().split(",") if SIMPLE.fullmatch(one)]
        if selectors:
            body = re.sub(r"var\((--[\w-]+)\)", lambda name: light.get(name[1], "#000"), rule["body"])
            kept.append(f"{','.join(selectors)}{{{body}}}")
    style = f"<style>{FONT}{''.join(kept)}</style>"
    first, rest = svg.split(">", 1)
    return first.replace("<svg", f'<svg xmlns="{NAMESPACE}"', 1) + f">{style}{rest}"
