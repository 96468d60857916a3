"""Is it holding? One word a day under each reading, with its probability and one sentence of reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from teisen.compliance.change import SURE, able, quantiles
from teisen.compliance.change_schema import VERDICT
from teisen.compliance.level import LOW, OCTAVES, Followed, follow
from teisen.compliance.lines import EVERYTHING, Lines
from teisen.geodesy import Floats

BEFORE = 7
"""Days with effort before a reading begins without which there is nothing to compare with (assumed)."""
ERODES = 1.0
"""Octaves by which the level has to lie above the truce's quietest to be eroding (assumed): twice."""
QUIETEST = -4.0
"""The quietest that is looked back to (assumed): a sixteenth of the time before, so that a single act after silence is
no erosion."""
SETTLED = 3
"""Days of a truce before its quietest is looked for (assumed)."""
EARLY = 0.95
"""Probability that it takes to say collapsed on the first days of a truce (assumed): it has hardly begun."""
PART = 0.5
"""Share of a day in force below which its counts are mostly of another time (assumed)."""
BLIND = 0.1
"""Share of the effort of the time before below which nobody watched (assumed)."""
EXPECTED = 0.5
"""Acts expected in a week at the level of the time before, below which a quiet week says nothing (assumed)."""


def verdict(of: Lines, followed: Followed | None = None) -> pl.DataFrame:
    """The answer of every day in force (VERDICT); days on which a reading is not in force have no row.

    The level is that of what the reading forbids against the time before it began. *Holding*: a third and less;
    *eroding*: that, but twice the quietest of the truce so far; *collapsed*: more than a third, whether it came back or
    never fell. A word needs P >= 0.8, a day on which somebody looked, and a time before to compare with.
    """
    followed = followed or follow(of.counts, of.effort, of.weekday, of.begins, told=True)
    rows: list[dict[str, object]] = []
    for line, key in enumerate(of.keys):
        if key != EVERYTHING:
            rows += _of_line(of, followed, line)
    return VERDICT.hand_over(VERDICT.build({c.name: [r[c.name] for r in rows] for c in VERDICT.columns}))


def _of_line(of: Lines, followed: Followed, line: int) -> list[dict[str, object]]:
    begins = int(of.begins[line])
    counts, effort = of.counts[line], of.effort[line]
    looked = effort > 0
    shows = able(of, followed, line)
    earlier = slice(max(begins - 84, 0), begins)
    days_before = int(looked[earlier].any(axis=1).sum())
    usual = effort[earlier][looked[earlier].any(axis=1)].mean(axis=0) if days_before else np.zeros(effort.shape[1])
    per_day = float((followed.reference.mean[line, begins] * usual).sum()) if begins < len(effort) else 0.0
    found_before = float(counts[earlier].sum())
    rows, quietest = [], 0.0
    for day in np.flatnonzero(of.share[line] > 0).tolist():
        level = followed.level[line, day]
        centre = round(float((level * OCTAVES).sum()), 4)
        floor = max(quietest, QUIETEST) if day - begins >= SETTLED else None
        low = OCTAVES < LOW
        risen = low & (floor + ERODES <= OCTAVES) if floor is not None else np.zeros_like(low)
        only = shows[day].sum() == 1
        quiet, fault = float(level[low].sum()), float(followed.off[line, day][shows[day]].sum()) if only else 0.0
        part = min((quiet + fault) / 2 / max(quiet, 1e-9), 1.0) if only else 1.0  # one source cannot tell them apart
        held, rising = part * level[low & ~risen].sum(), part * level[risen].sum()
        p = np.array([held, rising, level[~low].sum() - fault, fault + (1 - part) * quiet])
        share = float((effort[day] * (usual > 0)).sum() / usual.sum()) if usual.sum() > 0 else None
        why = _nothing_to_say(days_before, found_before, share, per_day)
        if not why and not shows[day].any():
            why = "Too little of it was recorded before: its absence says nothing."
        if not why and of.share[line, day] < PART:
            why = "It is in force for a small part of this day only."
        if why:
            p = np.array([0.0, 0.0, 0.0, 1.0])
        if day - begins + 1 >= SETTLED:
            quietest = min(quietest, centre)
        answer = _Answer(
            np.round(np.maximum(p, 0.0), 4), level, share, int(shows[day].sum()), why, day - begins < SETTLED
        )
        rows.append(_row(of, line, day, answer))
    return rows


def _nothing_to_say(days_before: int, found_before: float, share: float | None, per_day: float) -> str:
    if days_before < BEFORE:
        return "Fewer than seven days before it are known: too little to compare with."
    if share is None or share < BLIND:
        return "Nobody could see on this day."
    if found_before < 3 or per_day * 7 < EXPECTED:
        return "Too little of it was recorded before: its absence says nothing."
    return ""


@dataclass(frozen=True)
class _Answer:
    """Probabilities of the four answers and what they rest on."""

    p: Floats
    level: Floats
    share: float | None
    sources: int
    why: str
    early: bool


def _row(of: Lines, line: int, day: int, answer: _Answer) -> dict[str, object]:
    p, why = answer.p, answer.why
    words = ("holding", "eroding", "collapsed")
    best = int(np.argmax(p[:3]))
    word = words[best] if p[best] >= (EARLY if answer.early and best == 2 else SURE) else "cannot_tell"
    low, middle, high = quantiles(answer.level)
    agreement, provision, reading = of.keys[line]
    return {
        "agreement_id": agreement,
        "provision_id": provision,
        "reading_id": reading,
        "start": of.starts[day],
        "end": of.starts[day + 1],
        "p_holding": float(p[0]),
        "p_eroding": float(p[1]),
        "p_collapsed": float(p[2]),
        "p_cannot_tell": float(p[3]),
        "ratio_low": None if why else low,
        "ratio": None if why else middle,
        "ratio_high": None if why else high,
        "effort": answer.share,
        "sources": float(answer.sources),
        "word": word,
        "p": float(p[3] if why else p[best]),
        "says": why or _sentence(word, p, (low, middle, high), answer.sources),
    }


def _sentence(word: str, p: Floats, ratio: tuple[float, float, float], sources: int) -> str:
    by = f"{sources} independent {'source' if sources == 1 else 'sources'}"
    level = f"{ratio[1]:g} ({ratio[0]:g} to {ratio[2]:g}) of the time before, by {by}"
    match word:
        case "holding":
            return f"What it forbids is at {level}."
        case "eroding":
            return f"What it forbids is at {level}: low, but twice the truce's quietest and more."
        case "collapsed":
            return f"What it forbids is at {level}: it did not fall, or came back."
    if p[3] >= 0.1:
        return f"It is at {level}, but a fall and a fault of the one source that looked look alike (P {p[3]:.2f})."
    chances = f"holding {p[0]:.2f}, eroding {p[1]:.2f}, collapsed {p[2]:.2f}"
    return f"It is at {level}; no answer is sure enough: {chances}."
