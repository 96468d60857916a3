"""Write docs/kinds.md from the vocabulary, so that the page and the code say the same.

python scripts/kinds_page.py
"""

from __future__ import annotations

from pathlib import Path

from teisen.observation import vocabulary

PAGE = Path(__file__).parent.parent / "docs" / "kinds.md"
HEAD = """# Kinds, classes and weapons

What an observation or incident can be, what can be hit, and with what. Small on purpose: a finer word stays in the
source's own text. This page is written by `python scripts/kinds_page.py` from `src/teisen/observation/kinds.yaml`.

Mappings: ACLED sub-event types, PLOVER event types, and the words of the OSCE mission's daily reports (background
knowledge, to be checked against the codebooks before they are relied on). *Use of force*: counts as an attack in rules
(`is_kind: [attack]`); *a trace*: reports count it with fires and other traces, and all else with movements and other
things. *Seen as*: traces that such an incident leaves, and how compatible each is with it (1: as good as
the kind itself; assumed).

| kind | meaning | use of force | seen as | ACLED | PLOVER | OSCE mission |
|---|---|---|---|---|---|---|
"""
CLASSES = """
## Classes of protected things
A class lies within wider ones: a rule that names `energy` holds for a substation.

| class | meaning | lies within |
|---|---|---|
"""
WEAPONS = """
## Weapons
What was used or seen, as sources state it. A rule that names `mlrs` holds for a launcher of any calibre; a bound on
calibres holds for weapons whose name states one. *Reaches*: typical range, two of them sourced and the rest assumed
(see the file); nothing is computed from it.

| weapon | meaning | lies within | calibre, mm | reaches, km |
|---|---|---|---|---|
"""


def page() -> str:
    """The page."""
    words = vocabulary()
    lines = [HEAD]
    for name, kind in words.kinds.items():
        seen = ", ".join(f"{trace} {share:g}" for trace, share in kind.seen_as.items())
        cells = [f"`{name}`", kind.title, "yes" if kind.attack else "a trace" if kind.trace else "no", seen]
        cells += [", ".join(mapped) for mapped in (kind.acled, kind.plover, kind.osce)]
        lines.append(f"| {' | '.join(cell or '–' for cell in cells)} |\n")
    lines.append(CLASSES)
    for name, target in words.target_classes.items():
        lines.append(f"| `{name}` | {target.title} | {', '.join(target.within) or '–'} |\n")
    lines.append(WEAPONS)
    for name, weapon in words.weapons.items():
        figures = ["–" if figure is None else f"{figure:g}" for figure in (weapon.calibre_mm, weapon.range_km)]
        lines.append(f"| `{name}` | {weapon.title} | {', '.join(weapon.within) or '–'} | {' | '.join(figures)} |\n")
    return "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
