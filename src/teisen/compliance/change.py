"""Changes: what the daily watch rang for, when it came, and what else could explain it."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen.compliance.alarms import Alarm, alarms
from teisen.compliance.change_schema import CHANGE
from teisen.compliance.level import LOW, OCTAVES, SHOWS, Followed, follow
from teisen.compliance.lines import Lines
from teisen.geodesy import Floats

BEGINS = 3
"""First days of a fall of which the clearest tells its likeliest cause (assumed): the first is often half a day of the
time before."""
JUDGED = 14
"""First days of a fall of which one decides what explains it, as long as one cause is the likeliest (assumed)."""
SURE = 0.8
"""Probability of an explanation from which it is named; below it the word is cannot_tell (assumed)."""
LESS = 0.75
"""Share of its reference below which a source that changed shows less (assumed): about the middle, in octaves, between
the smallest fall that is followed and none."""
EXPLAINS = ("behaviour", "instrument", "access", "scatter")


def changes(of: Lines, followed: Followed | None = None) -> pl.DataFrame:
    """Changes of every line (CHANGE) with the probability of each explanation.

    A fall may be behaviour (independent sources fall alike, given their effort), an instrument (one of them falls
    alone), access (counts fell, but no more than effort did) or scatter. What hits all sources alike and leaves no
    trace in their stated effort cannot be told from behaviour.
    """
    if not of.groups:
        return CHANGE.empty()
    followed = followed or follow(of.counts, of.effort, of.weekday, of.begins)
    raw = follow(of.counts, unexplained(of.effort), of.weekday, of.begins)
    low, raw_low = (np.round(f.smooth[..., OCTAVES < LOW].sum(axis=-1), 4) for f in (followed, raw))
    rung = alarms(followed)
    quiet = [*_silenced(of, followed, low), *_unseen(raw, raw_low, low)]
    rows = [_row(of, followed, a, (low, raw_low), watched=n < len(rung)) for n, a in enumerate([*rung, *quiet])]
    rows = _of_falls(sorted(rows, key=lambda r: (r["agreement_id"], r["provision_id"], r["reading_id"], r["start"])))
    unique = {(r["agreement_id"], r["provision_id"], r["reading_id"], r["start"], r["what"]): r for r in reversed(rows)}
    return CHANGE.hand_over(CHANGE.build({c.name: [r[c.name] for r in unique.values()] for c in CHANGE.columns}))


def _of_falls(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows, in order, without the end of a fall of another cause: a source that works again is no return."""
    kept, likely = [], {}
    for row in rows:
        line = (row["agreement_id"], row["provision_id"], row["reading_id"])
        if row["what"] == "fall":
            likely[line] = row["p_behaviour"] >= 0.5
        if row["what"] == "fall" or likely.get(line, True):
            kept.append(row)
    return kept


def able(of: Lines, followed: Followed, line: int) -> NDArray[np.bool_]:
    """Which sources could have shown a change: days by sources."""
    return np.asarray(of.effort[line] * followed.reference.mean[line] >= SHOWS)


def unexplained(effort: Floats) -> Floats:
    """Effort as if it had always been the same: what counts alone would make of it."""
    looked = effort > 0
    mean = effort.sum(axis=1, keepdims=True) / np.maximum(looked.sum(axis=1, keepdims=True), 1)
    return np.asarray(np.broadcast_to(mean, effort.shape))


def _silenced(of: Lines, followed: Followed, low: Floats) -> list[Alarm]:
    """Falls of one source alone."""
    falls = []
    for line in range(len(of.keys)):
        off = (np.round(followed.smooth_off[line].max(axis=1), 4) >= 0.5) & (low[line] < 0.5)
        edges = np.flatnonzero(np.diff(off.astype(np.int8), prepend=0, append=0)).tolist()
        spells = zip(edges[::2], edges[1::2], strict=True)
        falls += [Alarm(line, "fall", a, a) for a, z in spells if _fell(of, followed, line, slice(a, z))]
    return falls


def _fell(of: Lines, followed: Followed, line: int, spell: slice) -> bool:
    """Whether the source that is off shows less than it did; it may as well show more."""
    source = int(followed.smooth_off[line, spell].sum(axis=0).argmax())
    usual = of.effort[line, spell, source] * followed.reference.mean[line, spell, source]
    return bool(of.counts[line, spell, source].sum() < usual.sum() * LESS)


def _unseen(raw: Followed, raw_low: Floats, low: Floats) -> list[Alarm]:
    """Falls of counts that effort explains."""
    return [
        alarm
        for alarm in alarms(raw)
        if alarm.what == "fall" and low[alarm.line, alarm.day] < 0.5 <= raw_low[alarm.line, alarm.day]
    ]


def _row(of: Lines, followed: Followed, alarm: Alarm, lows: tuple[Floats, Floats], *, watched: bool) -> dict[str, Any]:
    line, day = alarm.line, alarm.day
    end = day + JUDGED
    if not watched:  # a fall that the watch did not ring for ends, at the latest, where less happens
        end = min([end, *(day + np.flatnonzero(lows[0][line, day:] >= 0.5)).tolist()])
    judged = _clearest(alarm, lows[0][line], lows[1][line], followed.smooth_off[line], end)
    low, raw_low = (x[line, judged] for x in lows)
    off = followed.smooth_off[line, judged]
    if alarm.what == "fall":
        behaviour, instrument, access = _causes(low, raw_low, off.sum()).tolist()
        if able(of, followed, line)[max(day - 6, 0) : day + 7].any(axis=0).sum() < 2:
            behaviour = instrument = (behaviour + instrument) / 2  # one source alone tells neither from the other
    else:
        behaviour, instrument, access = 1 - float(low), 0.0, 0.0
    behaviour, instrument, access = round(behaviour, 4), round(instrument, 4), round(access, 4)
    p = (behaviour, instrument, access, round(max(1 - behaviour - instrument - access, 0.0), 4))
    best = int(np.argmax(p))
    word = EXPLAINS[best] if p[best] >= SURE else "cannot_tell"
    ratios = quantiles(followed.smooth[line, day])
    source = of.groups[int(off.argmax())] if p[1] >= 0.1 else None
    agreement, provision, reading = of.keys[line]
    return {
        "agreement_id": agreement,
        "provision_id": provision,
        "reading_id": reading,
        "start": of.starts[day],
        "end": of.starts[day + 1],
        "found": of.starts[alarm.found + 1] if watched else None,
        "what": alarm.what,
        "ratio_low": ratios[0],
        "ratio": ratios[1],
        "ratio_high": ratios[2],
        "p_behaviour": p[0],
        "p_instrument": p[1],
        "p_access": p[2],
        "p_scatter": p[3],
        "instrument": source,
        "word": word,
        "says": _sentence(alarm, word, p, source, ratios[1]),
    }


def quantiles(level: Floats) -> tuple[float, float, float]:
    """5 %, 50 % and 95 % quantiles of a distribution over the levels, as ratios to the reference."""
    cumulative = np.round(np.cumsum(level), 6)
    return tuple(  # type: ignore[return-value]
        round(float(np.exp2(OCTAVES[min(int(np.searchsorted(cumulative, q - 1e-9)), len(OCTAVES) - 1)])), 2)
        for q in (0.05, 0.5, 0.95)
    )


def _causes(low: Floats, raw_low: Floats, off: Floats) -> Floats:
    """P(behaviour), P(instrument), P(access) of a fall, along the first axis; scatter is the rest.

    Behaviour is a low level. Access is what counts alone would have called low and counts with effort do not. A source
    may be off all the same, above all where little effort is left to tell: what both would explain is halved.

    Args:
        low: P(the level is low).
        raw_low: the same as if effort had not changed.
        off: P(a source is off, and the level is not low).
    """
    access, instrument = np.maximum(raw_low - low, 0.0), np.minimum(off, 1 - low)
    half = np.maximum(access + instrument + low - 1, 0.0) / 2
    return np.stack([low, instrument - half, access - half])


def _clearest(alarm: Alarm, low: Floats, raw_low: Floats, off: Floats, end: int) -> int:
    """The day by which a fall is explained: of its days before ``end`` with one likeliest cause the one on which that
    is surest."""
    if alarm.what != "fall":
        return alarm.day
    days = slice(alarm.day, end)
    behaviour, instrument, access = _causes(low[days], raw_low[days], off[days].sum(axis=1))
    which = off[days] / np.maximum(off[days].sum(axis=1, keepdims=True), 1e-9)
    causes = np.round(np.column_stack([behaviour, instrument[:, None] * which, access]), 4)
    sure, likeliest = causes.max(axis=1), causes.argmax(axis=1)
    clear = int(sure[:BEGINS].argmax())
    other = np.flatnonzero((likeliest != likeliest[clear]) | (sure < 0.5))
    ends = int(other[other > clear].min(initial=len(sure)))
    return alarm.day + clear + int(sure[clear:ends].argmax())


def _sentence(alarm: Alarm, word: str, p: tuple[float, ...], source: str | None, ratio: float) -> str:
    if alarm.what == "return":
        return f"It came back to about {ratio:g} of the time of reference (P {p[0]:.2f})."
    match word:
        case "behaviour":
            return f"Independent sources fell alike, to about {ratio:g} of the time of reference (P {p[0]:.2f})."
        case "instrument":
            return f"Only {source} fell; what others show did not change (P {p[1]:.2f})."
        case "access":
            return f"Counts fell as the effort did: less could be seen (P {p[2]:.2f})."
        case "scatter":
            return f"A quiet day among others (P {p[3]:.2f})."
    named = zip(
        ("less happened", f"{source or 'a source'} alone fell", "less could be seen", "scatter"), p, strict=True
    )
    return "It cannot be told: " + ", ".join(f"{what} {x:.2f}" for what, x in named) + "."
