"""Exchange the parties' ids in an agreement and in what happened, and the same is exchanged in every finding."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from teisen.agreement import Agreement, load_agreement
from teisen.judgement import Judged, judge
from teisen.library import library
from teisen.observation import vocabulary
from tests.agreement.cases import document
from tests.judgement.cases import allegations, ground, incident, incidents, square

SHIPPED = sorted(path.stem for path in library("agreements").glob("*.yaml"))
ONE_SIDED = document(
    rule="""{all_of: [{during: {from: 2030-05-01, to: 2030-05-11}}, {unless: {notified: {hours_before: 24}}},
        {bound_party: }]}""",
    notices="[{id: n, by: a, given: 2030-05-01, what: W, window: {from: 2030-05-03, to: 2030-05-08}, source: s}]",
    changes="""[{id: x, what: suspends, from: 2030-05-06, to: 2030-05-07, by: [a], source: s},
        {id: y, what: amends, at: 2030-05-04, by: [b], source: s, rule: {bound_party: [b]}},
        {id: z, what: extends, until: 2030-05-15, by: [a, b], source: s}]""",
    recognises="[x, y, z]",
    more="      - {id: two, title: Two, held_by: b, sources: [s], recognises: [z], inherits: one}",
)


def exchanged(text: str, one: str, other: str) -> str:
    """A text with two ids exchanged wherever they stand as words."""
    pairs = {one: other, other: one}
    return re.sub(rf"(?<![\w-])(?:{one}|{other})(?![\w-])", lambda found: pairs[found.group()], text)


def happened(agreement: Agreement, random: Random) -> list[dict[str, Any]]:
    """Incidents of every kind around the moments that the agreement's readings begin and end, by anybody or nobody."""
    spans = [agreement.rule(p, reading).span for p in agreement.provisions for reading in p.readings]
    moments = [us for span in spans for us in span if us is not None] or [0]
    kinds, classes = list(vocabulary().kinds), list(vocabulary().target_classes)
    rows = []
    for n in range(150):
        start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=random.choice(moments))
        start += timedelta(hours=random.uniform(-200, 200))
        sure = random.choice([0.4, 0.9, 1.0])
        actors = [{"party": random.choice(agreement.party_ids), "p": sure}] if random.random() < 0.8 else []
        kind = random.choice(kinds)
        rows.append(
            incident(
                f"inc-{n:03}",
                start=start,
                end=start + timedelta(hours=random.choice([0, 3, 30])),
                kind=kind,
                kinds=[{"kind": kind, "p": 1.0}],
                targets=[{"target_class": random.choice(classes), "p": 0.8}],
                actors=actors,
            )
        )
    return rows


def told(judged: Judged) -> str:
    """Findings and partings as text, without ids of findings, which are digests of others."""
    findings = judged.findings.drop("finding_id").sort("subject_id", "provision_id", "reading_id")
    rows = [*findings.to_dicts(), *judged.partings.sort("subject_id", "provision_id").to_dicts()]
    return "\n".join(json.dumps(row, default=str, sort_keys=True) for row in rows)


@pytest.mark.parametrize("name", [*SHIPPED, "one-sided"])
def test_parties_exchanged_in_are_parties_exchanged_out(name: str) -> None:
    path = library("agreements") / f"{name}.yaml"
    text = ONE_SIDED if name == "one-sided" else path.read_text(encoding="utf-8")
    ours = load_agreement(text, name)
    one, other, *_ = ours.party_ids
    theirs = load_agreement(exchanged(text, one, other), name)
    rows = happened(ours, Random(7))  # noqa: S311
    swapped = json.loads(exchanged(json.dumps([row["actors"] for row in rows]), one, other))
    land = ground([square(), square("sea", level="sea")], [{"target_class": "substation", "lon": 30.0, "lat": 50.0}])
    first = judge(incidents(*rows), allegations(), [ours], land)
    changed = incidents(*({**row, "actors": actors} for row, actors in zip(rows, swapped, strict=True)))
    second = judge(changed, allegations(), [theirs], land)
    assert exchanged(told(second), one, other) == told(first)
    assert len(first.findings) > 20 or name not in {"easter-2025", "energy-2025", "may-2025", "one-sided"}
