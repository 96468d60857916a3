"""The published JSON Schema, as an editor uses it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from teisen.agreement import PREDICATES
from teisen.library import library
from tests.agreement.test_check import FULL
from tests.agreement.test_docs import tutorial

SCHEMA = json.loads((library("agreements") / "schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
LIBRARY = sorted(path.stem for path in library("agreements").glob("*.yaml"))


class Editor(yaml.SafeLoader):
    """YAML as editors read it: dates, yes and no stay text."""


Editor.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def wrong(text: str) -> list[str]:
    errors = VALIDATOR.iter_errors(yaml.load(text, Editor))  # noqa: S506  a SafeLoader with fewer types
    return [error.message for error in errors]


def test_it_is_sound() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", LIBRARY)
def test_every_agreement_of_the_library_fits(name: str) -> None:
    assert wrong((library("agreements") / f"{name}.yaml").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("text", [tutorial(), FULL], ids=["tutorial", "full"])
def test_one_with_everything_fits(text: str) -> None:
    assert wrong(text) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("clocks:", "clock:"),
        ("- after:", "- aftr:"),
        ("{event: start,", "{evnt: start,"),
        ("[attack]", "[atack]"),
        ("what: extends, until", "what: extends, at"),
        ("what: extends", "what: stretches"),
        ("hours_before: 24", "hours_before: soon"),
        ("words: X", "wrods: X"),
        ("- after: {event: start, to_days: 30}", "- {}"),
        ("recognises: [longer, other]", "recognizes: [longer, other]"),
    ],
)
def test_a_wrong_key_or_word_is_refused(old: str, new: str) -> None:
    assert wrong(FULL.replace(old, new, 1))


def test_every_predicate_is_described_and_takes_no_other_key() -> None:
    for predicate in PREDICATES:
        shown: dict[str, Any] = SCHEMA["$defs"][predicate.__name__]
        name = next(iter(predicate.model_fields))
        assert shown["additionalProperties"] is False
        assert shown["required"] == [name]
        assert shown["properties"][name]["description"] == shown["description"] != ""
