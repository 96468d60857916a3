"""What `teisen claims` shows: each party's totals with their arithmetic, as agreements of the library record them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from teisen.library import library
from tests.case import small
from tests.cli.test_commands import Shell, case, here, teisen

__all__ = ["case", "here", "teisen"]


@pytest.fixture
def spring(teisen: Shell, tmp_path: Path) -> Path:
    template = small.template(tmp_path / "template")
    listed = "agreements: [truce.yaml, easter-2025.yaml, may-2025.yaml]"
    template.write_text(small.CASE.replace("agreements: [truce.yaml]", listed), encoding="utf-8")
    for name in ("easter-2025", "may-2025"):
        shutil.copy(library("agreements") / f"{name}.yaml", template.parent / "agreements")
    folder = tmp_path / "spring"
    teisen("new", folder, "--template", template)
    teisen("ingest", "--all", "--data", small.data(tmp_path / "data"), "-c", folder)
    assert teisen("derive", "-c", folder)[0] == 0
    return folder


def test_parts_that_do_not_add_up_are_shown_party_by_party(teisen: Shell, spring: Path) -> None:
    code, out, _ = teisen("claims", "-c", spring)
    out = re.sub(r"(?<=\d)\s(?=\d{3}\b)", "", out)  # thousands stand apart
    assert code == 0
    one, _, other = out.partition("B alleges")
    assert "4900 violations; its parts leave 84 of its total unexplained." in one
    assert "14043 violations; its parts leave 109 of its total unexplained." in one
    assert "734 violations; its parts sum to 101 more than its total." in other
    assert "2935 violations; its parts leave 7 of its total unexplained." in other
    assert "12 violations" in other
    assert "statements against others in this case" in one
    assert "next to nothing can be said" in one


def test_as_json_every_row_is_there(teisen: Shell, spring: Path) -> None:
    values = teisen.json("claims", "-c", spring)
    gaps = {(row["quantity"], row["components_gap"]) for row in values["gaps"]}
    assert gaps == {(4900.0, 84.0), (14043.0, 109.0), (734.0, -101.0), (2935.0, 7.0)}
    assert len(values["totals"]) == 8
    assert {row["accuser"] for row in values["corroboration"]} == {"party-a", "party-b"}


def test_before_deriving_it_says_what_to_do(teisen: Shell, case: Path) -> None:
    code, _, err = teisen("claims", "-c", case)
    assert code == 2
    assert "teisen derive" in err
