from __future__ import annotations

from datetime import UTC, datetime

import pytest

from teisen.case import CaseFile
from teisen.documents import parse
from teisen.errors import BadInput
from tests.case import small


def case(text: str) -> CaseFile:
    return parse(text, CaseFile, "case.yaml")


def test_days_are_those_of_the_zone_up_to_but_without_the_last() -> None:
    scope = case(small.CASE.replace("box:", "zone: Asia/Tokyo\nbox:")).scope
    assert scope.start == datetime(2025, 4, 17, 15, tzinfo=UTC)
    assert scope.end == datetime(2025, 4, 22, 15, tzinfo=UTC)
    assert (scope.west, scope.south, scope.east, scope.north) == (29, 49, 32, 52)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("title: A", "titel: A", r"case.yaml, line 3, titel: .*Write `title:` instead"),
        ("to: 2025-04-23", "to: 2025-04-18", "line 4.*`to` is not after `from`"),
        ("[29, 49, 32, 52]", "[49, 29, 32, 52]", "line 5, box: the box is"),
        ("[29, 49, 32, 52]", "[178, 49, -178, 52]", "line 5, box: .*across 180 write west -180 and east 180"),
        ("[29, 49, 32, 52]", "[29, 49, 32]", "line 5, box: it has too few values"),
        ("[truce.yaml]", "truce.yaml", "line 9, agreements: a list is needed"),
        ("agreements:", "report: {level: regions}\nagreements:", "line 9, report.level: .*'region'"),
        ("box:", "zone: Asia/Tokio\nbox:", "line 5, zone: it is no time zone"),
        ("[truce.yaml]", "[../truce.yaml]", "line 9, agreements: .*folder agreements"),
        ("files: [claims.csv]", "files: [../claims.csv]", "line 26.*leads out"),
        ("  - id: claims", "  - id: news", "source 'news' stands twice"),
        ("about: party-b", "about: party-c", "about names 'party-c'"),
        ("id: small", "id: Small Case", "line 2, id:"),
        ("agreements:", "release: {public: {hide: [nothing]}}\nagreements:", "nothing is called 'nothing'"),
        ("agreements:", "release: {public: {place_km: -1}}\nagreements:", "line 9, release.public.place_km"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_to_write(old: str, new: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        case(small.CASE.replace(old, new))
