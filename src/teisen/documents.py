"""YAML documents checked against a model, with messages that name file, line and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from yaml.constructor import SafeConstructor

from teisen.errors import BadInput, Problem
from teisen.shipped import FASTEST

Model = TypeVar("Model")
Path = tuple[str | int, ...]
_NOWHERE = object()
DEEPEST = 100
"""Levels of a document; a loader that calls itself for every level would run out of stack."""
MOST = 200_000
"""Values of a document with its aliases written out, of which a few lines can make millions."""
MAPPING, SEQUENCE = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"
WORDS = frozenset({"tag:yaml.org,2002:str", "tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"})
"""Tags of plain words; ``<<`` and ``=`` have no meaning of their own here."""
UNKNOWN_KEY = frozenset({"extra_forbidden", "unexpected_keyword_argument"})
"""What pydantic calls a key that is not known, of a model and of a dataclass."""


class Strict(BaseModel):
    """A model that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def parse(text: str, model: type[Model], file: str) -> Model:
    """Read a YAML document into ``model``.

    Args:
        text: the document.
        model: what it has to fit: a pydantic model or a dataclass.
        file: its name, for messages.

    Raises:
        BadInput: with one problem for each thing wrong, each with its line.
    """
    data, lines = load(text, file)
    return fit(data, model, file, lines)


def fit(data: Any, model: type[Model], file: str, lines: Mapping[Path, int] | None = None) -> Model:
    """Check plain values against ``model``; without ``lines`` messages name the key alone.

    Raises:
        BadInput: with one problem for each thing wrong.
    """
    lines, adapter = lines or {}, _adapter(model)  # type: ignore[arg-type]  # a type can be a key
    try:
        fitted: Model = adapter.validate_python(data)
    except ValidationError as error:
        raise BadInput(*sorted({_problem(e, data, lines, adapter, file) for e in error.errors()})) from None
    return fitted


@cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    """What checks values against a model."""
    return TypeAdapter(model)


def load(text: str, file: str) -> tuple[Any, Mapping[Path, int]]:
    """Plain values of a YAML document, and the line of every path in it (from 1).

    Raises:
        BadInput: it is no YAML, is nested too deeply or too large, holds a tag, a duplicate key or a value that there
            is not (a 30 February), or is empty.
    """
    try:
        node = _composed(text, file)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BadInput(
            Problem(
                file,
                mark.line + 1 if mark else 0,
                "",
                f"not readable as YAML: {error.problem or error}",
                "Check indentation, quotes and colons on this line and the one before.",
            )
        ) from None
    except yaml.YAMLError as error:
        raise BadInput(Problem(file, 0, "", f"not readable as YAML: {error}", "Save the file as UTF-8 text.")) from None
    if node is None:
        raise BadInput(Problem(file, 0, "", "the file is empty", "Write the document, or remove the file."))
    lines: dict[Path, int] = {}
    return _value(node, (), lines, file, SafeConstructor()), lines


def line_of(path: Path, lines: Mapping[Path, int]) -> int:
    """The line of a path, or of the nearest that stands above it; 0: of none."""
    return next((lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines), 0)


def dotted(path: Path) -> str:
    """A path as messages write it: provisions[0].readings[1].rule."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _composed(text: str, file: str) -> yaml.Node | None:
    """The document's nodes: by the compiled loader, or where that refuses by the other, whose messages say more."""
    try:
        _bounded(text, file, FASTEST)
        return yaml.compose(text, Loader=FASTEST)
    except yaml.YAMLError:
        _bounded(text, file, yaml.SafeLoader)
        return yaml.compose(text, Loader=yaml.SafeLoader)


def _bounded(text: str, file: str, loader: Any) -> None:
    """Refuse more levels than anybody writes, before a loader calls itself for each of them."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise _too_deep(file, event.start_mark)


def _too_deep(file: str, mark: Any) -> BadInput:
    do = "Write it flatter, or check brackets and aliases."
    return BadInput(
        Problem(file, mark.line + 1 if mark else 0, "", f"it is nested more than {DEEPEST} levels deep", do)
    )


def _value(node: yaml.Node, path: Path, lines: dict[Path, int], file: str, plain: SafeConstructor) -> Any:
    """The plain value of a node; notes the line of every path in it."""
    lines[path] = line = node.start_mark.line + 1
    if len(path) > DEEPEST:  # an alias may hold itself
        raise _too_deep(file, node.start_mark)
    if len(lines) > MOST:
        do = "Write fewer values, and check its aliases."
        raise BadInput(Problem(file, line, dotted(path), f"it has more than {MOST} values", do))
    if isinstance(node, yaml.MappingNode) and node.tag == MAPPING:
        found: dict[Any, Any] = {}
        for key, value in node.value:
            at, name = key.start_mark.line + 1, str(key.value)
            if not isinstance(key, yaml.ScalarNode):
                do = "Write a word before the colon."
                raise BadInput(Problem(file, at, dotted(path), "a key is a list or a mapping", do))
            step = (*path, name)
            if step in lines:
                do = "Keep one of the two."
                raise BadInput(Problem(file, at, dotted(step), f"the key {name!r} stands twice", do))
            found[_scalar(key, step, file, plain)] = _value(value, step, lines, file, plain)
            lines[step] = at
        return found
    if isinstance(node, yaml.SequenceNode) and node.tag == SEQUENCE:
        return [_value(value, (*path, index), lines, file, plain) for index, value in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, path, file, plain)
    raise BadInput(Problem(file, line, dotted(path), f"the tag {node.tag} is not known here", "Leave the tag out."))


def _scalar(node: yaml.ScalarNode, path: Path, file: str, plain: SafeConstructor) -> Any:
    if node.tag in WORDS:
        return node.value
    try:
        return plain.construct_object(node)
    except (yaml.YAMLError, ValueError):
        kind = node.tag.rpartition(":")[2]
        do = "Correct it, or put it in quotes if it is a text."
        problem = Problem(file, node.start_mark.line + 1, dotted(path), f"{node.value!r} cannot be read as {kind}", do)
        raise BadInput(problem) from None


def _problem(error: Any, data: Any, lines: Mapping[Path, int], adapter: TypeAdapter[Any], file: str) -> Problem:
    path = _known(tuple(error["loc"]), data)
    line = line_of(path, lines)
    kind, key = error["type"], str(error["loc"][-1]) if error["loc"] else ""
    if kind == "missing" and not isinstance(error["loc"][-1], int):
        return Problem(file, line, dotted(path), f"the key {key!r} is missing", f"Add `{key}:` here.")
    if kind in UNKNOWN_KEY:
        near = difflib.get_close_matches(key, _words(adapter.json_schema()), n=1)
        if near == [key]:
            hint = "It stands further in, under another key; see the documentation."
        else:
            hint = f"Write `{near[0]}:` instead." if near else "Remove it."
        return Problem(file, line, dotted(path), f"the key {key!r} is not known here", hint)
    message = _said(kind, error)
    return Problem(file, line, dotted(path), f"{message} (it says {_short(error.get('input'))})", "Correct this value.")


def _said(kind: str, error: Any) -> str:
    """What is wrong, in the words of a document's writer where pydantic speaks of Python."""
    if kind == "missing":
        return "it has too few values"
    if kind in ("tuple_type", "list_type"):
        return "a list is needed: write [one] or [one, another]"
    if kind == "string_pattern_mismatch" and error["ctx"]["pattern"].startswith("^[a-z0-9]["):
        return "an id has lower-case letters, digits and hyphens, and begins with a letter or digit"
    return str(error["msg"]).removeprefix("Value error, ")


def _known(loc: Path, data: Any) -> Path:
    """The part of pydantic's location that is a path in the document (it also names union members)."""
    path: list[str | int] = []
    for step in loc:
        inside = data.get(step, _NOWHERE) if isinstance(data, dict) else _item(data, step)
        if inside is not _NOWHERE:
            data = inside
            path.append(step)
    return tuple(path)


def _item(data: Any, step: str | int) -> Any:
    return data[step] if isinstance(data, list) and isinstance(step, int) and step < len(data) else _NOWHERE


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _words(schema: Any) -> list[str]:
    """All property names of a JSON schema, to suggest one for a misspelt key."""
    found: list[str] = []
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name == "properties" and isinstance(value, dict):
                found += value
            found += _words(value)
    elif isinstance(schema, list):
        for value in schema:
            found += _words(value)
    return found
