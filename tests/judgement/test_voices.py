from __future__ import annotations

import polars as pl

from teisen.judgement import own_voice, weigh
from teisen.observation import EXPOSURE, OBSERVATION
from tests.builders import source
from tests.judgement.cases import allegation, allegations, evidence, ground, incident, incidents

QUOTE = {"blob": "aa", "row": 7}


def observations(*rows: tuple[str, int]) -> pl.DataFrame:
    return pl.DataFrame(
        {"observation_id": [i for i, _ in rows], "blob": ["aa"] * len(rows), "row": [row for _, row in rows]},
        schema_overrides={"row": OBSERVATION.schema["row"]},
    )


def test_a_report_that_quotes_the_accuser_does_not_corroborate_it_and_another_does() -> None:
    said = allegations(allegation(source_id="officials", **QUOTE))
    seen = observations(("quoting", 7), ("own", 8))
    sources = {"officials": source("officials", reported_by="a"), "press": source("press")}

    def outcome(*members: str) -> tuple[str, float]:
        stands = evidence(*[{"incident_id": "inc-1", "source_id": "press", "observation_id": m} for m in members])
        heard = own_voice(stands, seen, said)
        row = weigh(said, incidents(incident()), heard, EXPOSURE.empty(), sources, ground()).row(0, named=True)
        return row["outcome"], row["p_corroborated"]

    assert outcome("quoting") == ("not_seen_blind", 0.0)
    assert outcome("own") == ("partly", 0.45)
    both = outcome("quoting", "own")
    assert both[0] == "partly"
    assert 0 < both[1] < 0.45


def test_it_touches_nothing_else() -> None:
    stands = evidence({"incident_id": "inc-1", "source_id": "press", "observation_id": "own"})
    assert own_voice(stands, observations(("own", 8)), allegations(allegation(**QUOTE))).equals(stands)
