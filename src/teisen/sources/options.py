"""A source's options, checked against the model that its reader declares."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from teisen.documents import fit
from teisen.sources.reader import Source

Model = TypeVar("Model", bound=BaseModel)


def options(source: Source, model: type[Model]) -> Model:
    """The options of ``source`` as ``model``.

    Raises:
        BadInput: with one problem for each option that is unknown, missing or wrong.
    """
    return fit(dict(source.options), model, f"case.yaml, options of source {source.source_id}")
