from __future__ import annotations

import pytest

from teisen.case.definitions import parse_definitions
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
