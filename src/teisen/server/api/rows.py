"""Tables as answers: models from their declarations, rows as JSON, and pages of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Generic, TypeVar

import polars as pl
import shapely
from fastapi import Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, create_model

from teisen.languages import text
from teisen.server.problems import MEDIA_TYPE, Refusal
from teisen.server.view import View
from teisen.tables import Table

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
MOST = 1000
FURTHEST = 10_000_000
Item = TypeVar("Item")


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals that a route documents, beside those that every route has."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": "Problem details", "content": content} for status in statuses}


class Paging(BaseModel):
    """Parameters of every list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=100, ge=1, le=MOST, description="Most items in the answer.")
    offset: int = Field(default=0, ge=0, le=FURTHEST, description="Items to pass over.")
    lang: str | None = Field(default=None, max_length=20, description="Language of words, as pages have it.")


def _possible(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(text("it is no possible moment")) from None


Moment = Annotated[AwareDatetime, AfterValidator(_possible)]
"""A moment with a zone, as UTC has it."""


class Between(Paging):
    """Parameters of lists of what happens in time."""

    since: Moment | None = Field(default=None, description="Only what ends at this moment or later.")
    until: Moment | None = Field(default=None, description="Only what begins before this moment.")

    def times(self, start: str = "start", end: str = "end") -> list[pl.Expr]:
        """The condition on columns of times."""
        found = []
        if self.since is not None:
            found.append(pl.col(end) >= self.since)
        if self.until is not None:
            found.append(pl.col(start) < self.until)
        return found


class Page(BaseModel, Generic[Item]):
    """A part of a list. ``next`` leads to the part after it; ``ledger_size`` and ``as_of`` say which state it is of."""

    items: list[Item]
    count: int = Field(description="Items in the whole list.")
    limit: int
    offset: int
    next: str | None
    audience: str
    ledger_size: int
    as_of: datetime


def listed(request: Request, view: View, frame: pl.DataFrame, paging: Paging) -> Response:
    """A part of ``frame`` as a :class:`Page`."""
    part = plain(frame.slice(paging.offset, paging.limit))
    return page_of(request, view, part, frame.height, paging)


def page_of(request: Request, view: View, items: list[Any], count: int, paging: Paging) -> Response:
    """A part of a list as a :class:`Page`."""
    after = paging.offset + paging.limit
    url = request.url.include_query_params(limit=paging.limit, offset=after).replace(scheme="", netloc="")
    return answered(
        {
            "items": items,
            "count": count,
            "limit": paging.limit,
            "offset": paging.offset,
            "next": str(url) if after < count else None,
            "audience": view.audience,
            "ledger_size": view.size,
            "as_of": view.as_of.strftime(TIME_FORMAT),
        }
    )


def answered(values: Any) -> Response:
    """Values as JSON."""
    return Response(json.dumps(values, ensure_ascii=False, allow_nan=False), media_type="application/json")


def where(frame: pl.DataFrame, conditions: Iterable[pl.Expr | None]) -> pl.DataFrame:
    """The rows for which all conditions hold."""
    kept = [one for one in conditions if one is not None]
    return frame.filter(*kept) if kept else frame


def same(column: str, value: str | None) -> pl.Expr | None:
    """The condition that a column holds a value, where one is asked for."""
    return None if value is None else pl.col(column) == value


def one_of(frame: pl.DataFrame, column: str, value: str) -> dict[str, Any]:
    """The row of an id.

    Raises:
        Refusal: there is none that is released (404).
    """
    found = plain(frame.filter(pl.col(column) == value).head(1))
    if not found:
        raise Refusal(404, text("Nothing of that id is released to you."))
    row: dict[str, Any] = found[0]
    return row


def plain(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON has them: times in UTC (RFC 3339), shapes as GeoJSON geometries."""
    shapes = [name for name, dtype in frame.schema.items() if dtype == pl.Binary]
    times = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime)]
    said = frame.with_columns(pl.col(name).dt.strftime(TIME_FORMAT) for name in times)
    rows = said.to_dicts()
    for name in shapes:
        for row in rows:
            row[name] = None if row[name] is None else json.loads(shapely.to_geojson(shapely.from_wkb(row[name])))
    return rows


@cache
def row_model(table: Table) -> Any:
    """The model of a table's rows, with the meaning of each column."""
    columns: dict[str, Any] = {}
    for column in table.columns:
        kind = _kind(pl.DataFrame(schema={"x": column.dtype}).schema["x"], f"{_title(table.name)}{_title(column.name)}")
        columns[column.name] = (kind | None if column.nullable else kind, Field(description=column.doc))
    return create_model(_title(table.name), __doc__=table.doc, **columns)


def page_model(table: Table) -> Any:
    """The model of a part of a table."""
    return Page.__class_getitem__(row_model(table))


def whole_model(name: str, doc: str, **parts: Table | list[Table] | tuple[Table, None]) -> Any:
    """The model of one thing with what belongs to it: a row, a row or null (a pair with None), or rows (a list)."""
    kinds: dict[str, Any] = {}
    for part, table in parts.items():
        if isinstance(table, list):
            kinds[part] = (_list_of(row_model(table[0])), ...)
        elif isinstance(table, tuple):
            kinds[part] = (row_model(table[0]) | None, ...)
        else:
            kinds[part] = (row_model(table), ...)
    return create_model(name, __doc__=doc, **kinds)


def _list_of(model: Any) -> Any:
    return list.__class_getitem__(model)


def _kind(dtype: pl.DataType, name: str) -> Any:
    if isinstance(dtype, pl.List):
        return _list_of(_kind(_instance(dtype.inner), name))
    if isinstance(dtype, pl.Struct):
        parts: Mapping[str, Any] = {f.name: (_kind(_instance(f.dtype), name) | None, ...) for f in dtype.fields}
        return create_model(name, **parts)
    if isinstance(dtype, pl.Datetime):
        return datetime
    if dtype == pl.Binary:
        return dict[str, Any]
    if dtype.is_integer():
        return int
    if dtype.is_float():
        return float
    return bool if dtype == pl.Boolean else str


def _instance(dtype: Any) -> pl.DataType:
    return pl.DataFrame(schema={"x": dtype}).schema["x"]


def _title(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
