"""YAML documents checked against a model, with messages that name file, line and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from teisen.errors import BadInput, Problem

Model = TypeVar("Model", bound=BaseModel)
Path = tuple[str | int, ...]
_NOWHERE = object()


def parse(text: str, model: type[Model], file: str) -> Model:
    """Read a YAML document into ``model``.

    Args:
        text: the document.
        model: the pydantic model it has to fit.
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
    lines = lines or {}
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise BadInput(*sorted({_problem(e, data, lines, model, file) for e in error.errors()})) from None


def load(text: str, file: str) -> tuple[Any, Mapping[Path, int]]:
    """Plain values of a YAML document, and the line of every path in it (from 1).

    Raises:
        BadInput: it is no YAML, holds an anchor, tag or duplicate key, or is empty.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
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
    _walk(node, (), lines, file)
    return yaml.safe_load(text), lines


def line_of(path: Path, lines: Mapping[Path, int]) -> int:
    """The line of a path, or of the nearest that stands above it; 0: of none."""
    return next((lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines), 0)


def dotted(path: Path) -> str:
    """A path as messages write it: provisions[0].readings[1].rule."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _walk(node: yaml.Node, path: Path, lines: dict[Path, int], file: str) -> None:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                raise BadInput(
                    Problem(
                        file,
                        key.start_mark.line + 1,
                        dotted((*path, name)),
                        f"the key {name!r} stands twice",
                        "Keep one of the two.",
                    )
                )
            seen.add(name)
            _walk(value, (*path, name), lines, file)
            lines[(*path, name)] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, (*path, index), lines, file)


def _problem(error: Any, data: Any, lines: Mapping[Path, int], model: type[BaseModel], file: str) -> Problem:
    path = _known(tuple(error["loc"]), data)
    line = line_of(path, lines)
    kind, key = error["type"], str(error["loc"][-1]) if error["loc"] else ""
    if kind == "missing":
        return Problem(file, line, dotted(path), f"the key {key!r} is missing", f"Add `{key}:` here.")
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(key, _words(model.model_json_schema()), n=1)
        hint = f"Write `{near[0]}:` instead." if near else "Remove it."
        return Problem(file, line, dotted(path), f"the key {key!r} is not known here", hint)
    message = str(error["msg"]).removeprefix("Value error, ")
    return Problem(file, line, dotted(path), f"{message} (it says {_short(error.get('input'))})", "Correct this value.")


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
