"""So many of what: numbers with their units, in the form that each number takes.

Sources state units in their own words. Those that are common have forms in every language; of others the word stands
after the number as it was stated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from teisen.languages import counted, say_again
from teisen.release.report import words

FORMS: Mapping[str, Callable[[float], str]] = {
    "drones": lambda n: counted(n, "{n} drone", "{n} drones"),
    "missiles": lambda n: counted(n, "{n} missile", "{n} missiles"),
    "strikes": lambda n: counted(n, "{n} strike", "{n} strikes"),
    "violations": lambda n: counted(n, "{n} violation", "{n} violations"),
    "hits": lambda n: counted(n, "{n} hit", "{n} hits"),
    "regions": lambda n: counted(n, "{n} region", "{n} regions"),
    "shells": lambda n: counted(n, "{n} shell", "{n} shells"),
    "shots": lambda n: counted(n, "{n} shot", "{n} shots"),
    "explosions": lambda n: counted(n, "{n} explosion", "{n} explosions"),
    "alerts": lambda n: counted(n, "{n} alert", "{n} alerts"),
    "reports": lambda n: counted(n, "{n} report", "{n} reports"),
    "deliveries": lambda n: counted(n, "{n} delivery", "{n} deliveries"),
    "trucks": lambda n: counted(n, "{n} truck", "{n} trucks"),
    "casualties": lambda n: counted(n, "{n} casualty", "{n} casualties"),
    "sites": lambda n: counted(n, "{n} site", "{n} sites"),
}
"""How many of a unit that has forms."""


def amount(quantity: float | None, unit: str | None) -> str:
    """A number with its unit: 1 drone, 12 drones, 3 of whatever it was; empty where no number is known."""
    if quantity is None:
        return ""
    forms = FORMS.get(unit or "")
    return forms(quantity) if forms else f"{words.number(quantity)} {say_again(unit or '')}".strip()
