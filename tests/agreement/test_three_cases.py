"""The three strikes on which the energy moratorium's readings part, each explained in one sentence in two languages.

The sentences are held word for word, as people read them.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from teisen.judgement import judge
from teisen.judgement.explain import sentences
from teisen.languages import words
from teisen.observation import ALLEGATION
from tests.judgement.cases import ground, incident, incidents, shipped


def strike(name: str, month: int, day: int, target: str) -> dict[str, object]:
    return incident(name, start=datetime(2025, month, day, 12, tzinfo=UTC), targets=[{"kind": target, "p": 1.0}])


STRIKES = {
    "20 March": strike("20 March", 3, 20, "substation"),
    "20 April": strike("20 April", 4, 20, "substation"),
    "rail bridge": strike("rail bridge", 4, 2, "bridge"),
}
IN = {
    "en": "In scope under this reading in all possible worlds.",
    "ja": "この解釈では、あり得るすべての場合で適用範囲に入ります。",
}
BEGAN_25_MARCH = {
    "en": "Outside the window: it began on 25 March 2025 00:00 (Europe/Kyiv).",
    "ja": "期間外：期間は2025年3月25日 0:00（Europe/Kyiv）に始まりました。",
}
ENDED_IN_MOSCOW = {
    "en": "Outside the window: it ended on 18 April 2025 00:00 (Europe/Moscow).",
    "ja": "期間外：期間は2025年4月18日 0:00（Europe/Moscow）に終わりました。",
}
ENDED_IN_KYIV = {
    "en": "Outside the window: it ended on 18 April 2025 00:00 (Europe/Kyiv).",
    "ja": "期間外：期間は2025年4月18日 0:00（Europe/Kyiv）に終わりました。",
}
NO_ENERGY = {
    "en": (
        "Out of scope: hit, as stated: bridge; no source says that energy infrastructure was hit, and it did not "
        "happen within 500 m of any oil refinery, oil depot, gas production or storage, pumping, compressor or "
        "metering station, power station or substation or transformer."
    ),
    "ja": (
        "適用範囲外：情報源によれば攻撃を受けたのは橋で、エネルギー施設が攻撃を受けたと述べる情報源はありません、また、"
        "製油所、石油貯蔵施設、ガスの生産・貯蔵施設、ポンプ・圧縮・計量施設、発電所または変電所または変圧器のいずれからも"
        "500m以内では起きていません。"
    ),
}
SAYS = {
    ("20 March", "list-from-18-march"): IN,
    ("20 March", "text-from-25-march"): BEGAN_25_MARCH,
    ("20 March", "wording-energy-and-infrastructure"): BEGAN_25_MARCH,
    ("20 April", "list-from-18-march"): ENDED_IN_MOSCOW,
    ("20 April", "text-from-25-march"): IN,
    ("20 April", "wording-energy-and-infrastructure"): ENDED_IN_KYIV,
    ("rail bridge", "list-from-18-march"): NO_ENERGY,
    ("rail bridge", "text-from-25-march"): NO_ENERGY,
    ("rail bridge", "wording-energy-and-infrastructure"): IN,
}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_each_is_explained_in_one_sentence(language: str) -> None:
    table, agreement = incidents(*STRIKES.values()), shipped("energy-2025")
    findings = judge(table, ALLEGATION.empty(), [agreement], ground()).findings
    said = sentences(findings, table.rename({"incident_id": "subject_id"}), [agreement], words(language))
    rows = findings.select("finding_id", "subject_id", "reading_id").join(said, on="finding_id")
    told = {(subject, reading): text for _, subject, reading, text in rows.iter_rows()}
    assert told == {key: texts[language] for key, texts in SAYS.items()}
