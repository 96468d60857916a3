from __future__ import annotations

import re

import pytest

from teisen.case import doubts, parse_definitions
from teisen.errors import BadInput
from tests.case import small

TEXTS = {
    path: text.encode()
    for path, text in {
        "case.yaml": small.CASE,
        "agreements/truce.yaml": small.AGREEMENT,
        "mappings/news.yaml": small.NEWS_MAPPING,
        "mappings/claims.yaml": small.CLAIMS_MAPPING,
        "profiles/ground.yaml": small.profile("ground", "context"),
        "profiles/news.yaml": small.profile("news", "makes"),
        "profiles/claims.yaml": small.profile("claims", "context"),
    }.items()
}


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("start:", "begin:", r"mappings/news.yaml, line 4, fields.begin"),
        ("from: 2025-04-18, to: 2025-04-22", "from: 2025-04-22, to: 2025-04-18", "line 6.*`to` is before `from`"),
        (
            "fields: {",
            "fields: {actor_stated: {constant: party-z}, ",
            r"line 4, fields.actor_stated: 'party-z' is no party",
        ),
    ],
)
def test_a_mistake_in_a_mapping_is_told_with_its_file_and_line_before_anything_is_read(
    was: str, becomes: str, says: str
) -> None:
    path = "mappings/news.yaml"
    parse_definitions(TEXTS)
    with pytest.raises(BadInput, match=says):
        parse_definitions(TEXTS | {path: TEXTS[path].replace(was.encode(), becomes.encode(), 1)})


def told(path: str = "case.yaml", was: str = "", becomes: str = "") -> list[str]:
    texts = TEXTS | {path: TEXTS[path].replace(was.encode(), becomes.encode(), 1)}
    return [str(doubt) for doubt in doubts(parse_definitions(texts), texts)]


def test_parties_that_the_case_or_its_agreements_alone_name_are_told_and_all_others_are_well() -> None:
    assert told() == []
    third = "  - {id: party-c, name: C}\n"
    (more,) = told("agreements/truce.yaml", "statements:\n", f"{third}statements:\n")
    assert "line 6" in more
    assert "'party-c' is a party to truce and none of this case" in more
    (fewer,) = told("case.yaml", "agreements:", f"{third}agreements:")
    assert "line 9" in fewer
    assert "'party-c' is a party of this case and of no agreement" in fewer
    assert told("case.yaml", "agreements: [truce.yaml]", "agreements: []") == []


def test_two_sources_of_one_title_are_told_but_not_those_of_the_ground_nor_of_two_parties() -> None:
    another = "  - {id: %s, reader: %s, profile: %s, options: {%s}%s}\n"
    same = another % ("wire", "table", "news", "mapping: news.yaml", "")
    (one,) = told("case.yaml", "sources:\n", f"sources:\n{same}")
    assert "'news' and 'wire' are both called" in one
    assert "line 17" in one
    ground = another % ("seas", "areas", "ground", "id: id, name: name, level: sea", "")
    theirs = another % ("theirs", "table", "claims", "mapping: claims.yaml", ", reported_by: party-b")
    assert told("case.yaml", "sources:\n", f"sources:\n{ground}{theirs}") == []


def test_a_mapping_that_ships_is_taken_by_its_name_unless_the_case_has_its_own() -> None:
    texts = TEXTS | {"case.yaml": TEXTS["case.yaml"].replace(b"mapping: news.yaml", b"mapping: acled.yaml", 1)}
    (named,) = [s for s in parse_definitions(texts).sources.values() if s.options.get("mapping", {}).get("times")]
    assert named.options["mapping"]["fields"]["start"] == "event_date"
    own = parse_definitions(texts | {"mappings/acled.yaml": texts["mappings/news.yaml"]})
    assert own.sources[named.source_id].options["mapping"]["fields"]["start"] != "event_date"
    with pytest.raises(BadInput, match=r"mappings/alced.yaml.*acled.yaml, ucdp-ged.yaml"):
        parse_definitions(TEXTS | {"case.yaml": TEXTS["case.yaml"].replace(b"news.yaml}", b"alced.yaml}", 1)})


def test_rows_that_may_be_no_use_of_force_are_told_where_no_role_says() -> None:
    path, was = "mappings/news.yaml", "fields: {"
    assert "kind: " in TEXTS[path].decode()
    texts = TEXTS | {path: re.sub(rb"kind: \{[^}]*\}\}?|kind: \w+", b"kind: {constant: other}", TEXTS[path], count=1)}
    (doubt,) = doubts(parse_definitions(texts), texts)
    assert "counts as use of force of which nobody said the kind" in str(doubt)
    told_by_role = texts | {path: texts[path].replace(was.encode(), b"fields: {role: {constant: context}, ", 1)}
    assert not doubts(parse_definitions(told_by_role), told_by_role)


def test_a_kind_that_a_reading_asks_for_and_nobody_says_how_well_it_sees_is_told() -> None:
    path, agreement = "mappings/news.yaml", next(name for name in TEXTS if name.startswith("agreements/"))
    kinds = re.sub(rb"kind: \{[^}]*\}\}?|kind: \w+", b"kind: {constant: obstruction}", TEXTS[path], count=1)
    rules = re.sub(rb"is_kind: \[[^]]*\]", b"is_kind: [obstruction]", TEXTS[agreement])
    texts = TEXTS | {path: kinds, agreement: rules}
    (doubt,) = doubts(parse_definitions(texts), texts)
    assert "tells of 'obstruction', for which a reading asks, and not how well it sees it" in str(doubt)
    assert "Add `obstruction:` to the `detection:`" in str(doubt)
    assert doubts(parse_definitions(TEXTS | {path: kinds}), TEXTS | {path: kinds}) == []
