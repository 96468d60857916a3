"""Command on inspections of what was declared: how many in a period, and what that guarantees."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Annotated, Any

import typer

from teisen.cli.terminal import AsJson, result
from teisen.planning import inspection
from teisen.planning.inspection import Regime, Timely


def inspections(
    *,
    slots: Annotated[
        int, typer.Option(help="Slots of a period, at most one inspection in each: days.", min=1, max=366)
    ],
    number: Annotated[int | None, typer.Option(help="Inspections in a period.", min=0)] = None,
    wanted: Annotated[
        float | None, typer.Option(help="Or as few as surely find a violation with this probability.", min=0, max=1)
    ] = None,
    missed: Annotated[
        float | None, typer.Option(help="P(an inspection misses a violation that is there).", min=0, max=1)
    ] = None,
    false_alarm: Annotated[
        float | None, typer.Option(help="P(an inspection raises an alarm where there is none).", min=0, max=1)
    ] = None,
    separation: Annotated[
        float | None, typer.Option(help="Or the test's separation, standard deviations.", min=0)
    ] = None,
    false_alarms: Annotated[
        float | None, typer.Option(help="With --separation: most false alarms a period on average.", min=0)
    ] = None,
    gain: Annotated[float, typer.Option(help="What a violation gains that is not found.", min=1e-9)] = 1.0,
    penalty: Annotated[float, typer.Option(help="What one costs that is found.", min=1e-9)] = 1.0,
    cost_of_alarm: Annotated[float, typer.Option(help="What a false alarm costs who keeps to it.", min=0)] = 0.0,
    prior: Annotated[
        float, typer.Option(help="P(violation in a slot), for how many alarms are true.", min=0, max=1)
    ] = 0.01,
    as_json: AsJson = False,
) -> None:
    """Say what inspections guarantee: found, false alarms, deterrence, time to detection, and on which days."""
    if (number is None) == (wanted is None):
        raise typer.BadParameter("Write --number, or --wanted.")
    if (separation is None) != (false_alarms is None) or (separation is not None and (missed or false_alarm)):
        raise typer.BadParameter("Write --missed and --false-alarm, or --separation and --false-alarms.")
    if number is not None and number > slots:
        raise typer.BadParameter("At most one inspection in a slot: --number is not above --slots.")

    def regime_of(n: int) -> Regime:
        if separation is not None and false_alarms is not None:
            return inspection.within_false_alarms(slots, n, separation, false_alarms)
        misses, alarms = missed or 0.0, false_alarm or 0.0
        return Regime(n, alarms, misses, inspection.guaranteed(n, slots, misses), n * alarms)

    numbers = range(slots + 1) if number is None else (number,)
    found = (regime_of(n) for n in numbers)
    regime = next((one for one in found if number is not None or one.found >= (wanted or 0.0) - 1e-12), None)
    if regime is None:
        said = f"No number of inspections finds a violation with {wanted:.1%}: not even one in every slot."
        result({"slots": slots, "wanted": wanted, "possible": False}, said, as_json)
        return
    needed = inspection.deterring(gain, penalty, regime.false_alarm, cost_of_alarm)
    left = inspection.gain_of_violating(regime.inspections, slots, penalty / gain, regime.missed) * gain
    countable = math.comb(slots, regime.inspections) <= inspection.MOST_SETS
    soonest = inspection.timely(slots, regime.inspections, regime.missed) if countable else None
    true = inspection.believed(prior, 1 - regime.missed, regime.false_alarm)
    values: dict[str, Any] = {
        "slots": slots,
        "possible": True,
        **asdict(regime),
        "deters_from": needed,
        "deters": regime.found >= needed,
        "gain_of_watcher": left,
        "alarms_true": true,
    }
    if soonest is not None:
        values |= {"mean_slots": soonest.mean_slots, "least_mean_slots": soonest.bound,
                   "sets": [{"slots": [n + 1 for n in one], "chance": chance}
                            for one, chance in zip(soonest.sets, soonest.chance, strict=True)]}  # fmt: skip
    result(values, "\n".join(_said(slots, regime, soonest, values)), as_json)


def _said(slots: int, regime: Regime, soonest: Timely | None, values: dict[str, Any]) -> list[str]:
    lines = [
        f"{regime.inspections} inspections in {slots} slots, drawn evenly.",
        f"A violation in one slot is found with {regime.found:.1%}, whatever the violator knows.",
        f"Each misses {regime.missed:.1%} and raises a false alarm with {regime.false_alarm:.2%}.",
        f"False alarms a period: {regime.false_alarms:.2f}; {values['alarms_true']:.0%} of alarms are true.",
    ]
    needed = values["deters_from"]
    if needed > 1:
        lines.append("No inspections deter: a violation gains too much for what it costs when found.")
    else:
        word = "deters" if values["deters"] else "does not deter"
        lines.append(f"Deterrence needs {needed:.1%}: this {word} who is told beforehand how it is inspected.")
    lines.append(f"Who sees each inspection and may wait gains {values['gain_of_watcher']:.3f} on average.")
    if soonest is None:
        lines.append("Time to detection is not reckoned: too many sets of slots; take longer slots.")
    else:
        lines.append(
            f"A violation that goes on is found after {soonest.mean_slots:.1f} slots on average at most, if drawn from"
        )
        lines += [
            f"  {chance:>6.1%}  " + (", ".join(str(n + 1) for n in one) or "none")
            for one, chance in zip(soonest.sets, soonest.chance, strict=True)
        ]
    return lines


COMMANDS = (inspections,)
