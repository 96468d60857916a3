from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict

from teisen.documents import parse
from teisen.errors import BadInput


class Window(BaseModel):
    model_config = ConfigDict(extra="forbid")
    start: int
    zone: str


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    windows: list[Window]


GOOD = "title: t\nwindows:\n  - start: 1\n    zone: UTC\n"
LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))


def problems(text: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        parse(text, Document, "case.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_a_good_document_is_read() -> None:
    assert parse(GOOD, Document, "case.yaml").windows[0].zone == "UTC"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            GOOD.replace("zone", "zona"),
            "line 4, windows[0].zona: the key 'zona' is not known here. Write `zone:` instead.",
        ),
        (
            GOOD + "zone: UTC\n",
            "line 5, zone: the key 'zone' is not known here. It stands further in, under another key",
        ),
        (GOOD.replace("    zone: UTC\n", ""), "line 3, windows[0]: the key 'zone' is missing. Add `zone:` here."),
        (GOOD.replace("start: 1", "start: soon"), "line 3, windows[0].start: Input should be a valid integer"),
        (GOOD.replace("  - start: 1", "  - start: [1"), "not readable as YAML"),
        (GOOD + "title: u\n", "line 5, title: the key 'title' stands twice"),
        ("", "the file is empty"),
        (
            GOOD.replace("start: 1", "start: 2025-02-30"),
            "line 3, windows[0].start: '2025-02-30' cannot be read as timestamp. Correct it, or put it in quotes",
        ),
        (GOOD.replace("title: t", "title: !word t"), "line 1, title: 't' cannot be read as !word"),
        (GOOD.replace("title: t", "title: !map {a: b}"), "line 1, title: the tag !map is not known here"),
        (GOOD.replace("title: t", "[title]: t"), "line 1: a key is a list or a mapping"),
        ("a: &a [1, *a]", "line 1: it is nested more than 100 levels deep"),
        (LAUGHS, "it has more than 200000 values"),
        ("title: " + "[" * 200_000 + "]" * 200_000, "line 1: it is nested more than 100 levels deep"),
    ],
)
def test_a_bad_document_is_answered_with_its_line(text: str, said: str) -> None:
    assert any(said in problem for problem in problems(text)), problems(text)


def test_an_alias_stands_for_what_it_repeats() -> None:
    text = "title: &t t\nwindows:\n  - &w {start: 1, zone: *t}\n  - *w\n"
    assert [window.zone for window in parse(text, Document, "case.yaml").windows] == ["t", "t"]


def test_all_problems_are_told_at_once() -> None:
    assert len(problems("titel: t\nwindows:\n  - start: x\n    zone: UTC\n")) == 3
