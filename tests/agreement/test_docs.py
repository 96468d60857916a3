"""The tutorial is a contract: its file loads, and every predicate stands in its table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import teisen
from teisen.agreement import PREDICATES, gaps, load_agreement, stated_allegations
from teisen.errors import BadInput

DOC = Path(teisen.__file__).parents[2] / "docs" / "writing-an-agreement.md"


def tutorial() -> str:
    blocks = re.findall(r"```yaml\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
    return "".join(blocks[1:])


def test_the_tutorial_s_agreement_loads_with_the_one_gap_that_it_tells_of() -> None:
    agreement = load_agreement(tutorial(), "river.yaml")
    assert [(gap.column, gap.row) for gap in gaps(agreement, ["river-zone"], "river.yaml", tutorial())] == [
        ("survey", 1 + tutorial()[: tutorial().index("{id: survey")].count("\n"))
    ]
    assert stated_allegations(agreement, "00")["components_gap"].to_list() == [-10]


def test_every_predicate_is_explained() -> None:
    table = DOC.read_text(encoding="utf-8").partition("## 4.")[2].partition("## 5.")[0]
    assert [p.__name__ for p in PREDICATES if f"`{next(iter(p.model_fields))}`" not in table] == []


def test_the_message_it_shows_is_the_message_given() -> None:
    with pytest.raises(BadInput) as caught:
        load_agreement(tutorial().replace("- during:", "- durring:"), "river.yaml")
    assert "'durring' is no predicate; write `during:`" in str(caught.value)
    assert f"`river.yaml, line {caught.value.problems[0].row}, ..." in DOC.read_text(encoding="utf-8")
