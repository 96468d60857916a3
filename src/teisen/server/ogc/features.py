"""Routes of OGC API - Features: landing page, conformance, collections, their items, and a description of it all."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from starlette.datastructures import URL

from teisen.languages import say, speaking, text
from teisen.release.outward import attributions, disclaimer
from teisen.release.tables import TABLES
from teisen.server.access import CurrentVisitor, allowed
from teisen.server.access.visitor import Visitor
from teisen.server.current import CurrentView
from teisen.server.ogc.asked import MOST, asked, chosen, described, queryables
from teisen.server.ogc.shaped import extent, features, identities
from teisen.server.problems import Refusal
from teisen.server.view import View

PREFIX = "/ogc"
JSON, GEOJSON = "application/json", "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
STAMP = "%Y-%m-%dT%H:%M:%SZ"
COLLECTIONS = ("incident", "finding", "allegation", "site", "area", "contact_line", "observation", "exposure", "rate")
"""Tables that are collections where they are released: those with places, and those that are told of them."""
Collection = Annotated[str, Path(pattern=r"^[a-z_]{1,40}$")]
Feature = Annotated[str, Path(max_length=200)]
router = APIRouter(prefix=PREFIX, tags=["ogc"], include_in_schema=False)


@router.get("", dependencies=[allowed("read")])
def landing(request: Request, view: CurrentView, visitor: CurrentVisitor) -> Response:
    """What this is, and where everything else is (section 7.2)."""
    _no_more(request)
    base = _base(request)
    links = [
        _link("self", base, JSON, view.about.title),
        _link("service-desc", f"{base}/api", OPENAPI, "The description of this interface"),
        _link("conformance", f"{base}/conformance", JSON, "What it conforms to"),
        _link("data", f"{base}/collections", JSON, "Its collections"),
    ]
    return _answered({"title": _title(view, visitor), "description": _about(view, visitor), "links": links})


@router.get("/conformance", dependencies=[allowed("read")])
def conformance(request: Request) -> Response:
    """What it conforms to (section 7.4)."""
    _no_more(request)
    return _answered({"conformsTo": [f"{CORE}{name}" for name in ("core", "oas30", "geojson")]})


@router.get("/collections", dependencies=[allowed("read")])
def collections(request: Request, view: CurrentView, visitor: CurrentVisitor) -> Response:
    """What there is (section 7.13)."""
    _no_more(request)
    base = _base(request)
    found = [_collection(base, view, name) for name in _released(view)]
    links = [_link("self", f"{base}/collections", JSON, "This document")]
    return _answered({"title": _title(view, visitor), "links": links, "collections": found})


@router.get("/collections/{collection}", dependencies=[allowed("read")])
def collection(request: Request, view: CurrentView, collection: Collection) -> Response:
    """One collection (section 7.14)."""
    _no_more(request)
    _known(view, collection)
    return _answered(_collection(_base(request), view, collection))


@router.get("/collections/{collection}/items", dependencies=[allowed("read")])
def items(request: Request, view: CurrentView, collection: Collection) -> Response:
    """Features of a collection, filtered, a part at a time (section 7.15)."""
    _known(view, collection)
    table = TABLES[collection]
    what = asked(table, request.query_params.multi_items())
    found = chosen(view.table(collection), what)
    part = found.slice(what.offset, what.limit)
    base = f"{_base(request)}/collections/{collection}"
    own = URL(f"{base}/items").include_query_params(**dict(request.query_params))
    links = [_link("self", str(own), GEOJSON, "This document"), _link("collection", base, JSON, "Its collection")]
    steps = {"next": what.offset + what.limit, "prev": max(what.offset - what.limit, 0)}
    there = {"next": steps["next"] < found.height, "prev": what.offset > 0}
    for rel, offset in steps.items():
        if there[rel]:
            address = own.include_query_params(limit=what.limit, offset=offset)
            links.append(_link(rel, str(address), GEOJSON, f"The {rel} part"))
    return _answered(
        {
            "type": "FeatureCollection",
            "features": features(table, part),
            "links": links,
            "timeStamp": view.as_of.strftime(STAMP),
            "numberMatched": found.height,
            "numberReturned": part.height,
        },
        GEOJSON,
    )


@router.get("/collections/{collection}/items/{feature:path}", dependencies=[allowed("read")])
def item(request: Request, view: CurrentView, collection: Collection, feature: Feature) -> Response:
    """One feature (section 7.16)."""
    _no_more(request)
    _known(view, collection)
    table, frame = TABLES[collection], view.table(collection)
    names = identities(table, frame)
    if feature not in names:
        raise Refusal(404, text("Nothing of that id is released to you."))
    (found,) = features(table, frame.slice(names.index(feature), 1))
    base = f"{_base(request)}/collections/{collection}"
    found["links"] = [
        _link("self", f"{base}/items/{feature}", GEOJSON, "This document"),
        _link("collection", base, JSON, "Its collection"),
    ]
    return _answered(found, GEOJSON)


@router.get("/api", dependencies=[allowed("read")])
def api(request: Request, view: CurrentView, visitor: CurrentVisitor) -> Response:
    """The description of this interface (OpenAPI 3.0; section 7.3)."""
    _no_more(request)
    paths: dict[str, Any] = {
        "/": _get("The landing page", JSON),
        "/conformance": _get("What it conforms to", JSON),
        "/collections": _get("The collections", JSON),
    }
    for name in _released(view):
        table = TABLES[name]
        filters = [
            {"name": one, "in": "query", "required": False, "schema": described(dtype), "style": "form"}
            for one, dtype in queryables(table).items()
        ]
        paths[f"/collections/{name}"] = _get(table.doc, JSON)
        paths[f"/collections/{name}/items"] = _get(table.doc, GEOJSON, [*_PARAMETERS, *filters])
        own = {"name": "feature", "in": "path", "required": True, "schema": {"type": "string"}}
        paths[f"/collections/{name}/items/{{feature}}"] = _get(f"One of: {table.doc}", GEOJSON, [own])
    info = {"title": _title(view, visitor), "version": view.about.code_version or "0", "description": view.about.title}
    return _answered({"openapi": "3.0.3", "info": info, "servers": [{"url": _base(request)}], "paths": paths}, OPENAPI)


_PARAMETERS = [
    {
        "name": "bbox",
        "in": "query",
        "required": False,
        "schema": {
            "type": "array",
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
            "items": {"type": "number"},
        },
        "style": "form",
        "explode": False,
    },
    {"name": "datetime", "in": "query", "required": False, "schema": {"type": "string"}, "style": "form"},
    {
        "name": "limit",
        "in": "query",
        "required": False,
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": 100},
        "style": "form",
    },
    {"name": "offset", "in": "query", "required": False, "schema": {"type": "integer", "minimum": 0, "default": 0}},
]


def _get(says: str, media: str, parameters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    problem = {"description": "A refusal (RFC 9457)", "content": {"application/problem+json": {"schema": {}}}}
    answers = {"200": {"description": says, "content": {media: {"schema": {"type": "object"}}}}, "default": problem}
    return {"get": {"summary": says, "parameters": parameters or [], "responses": answers}}


def _collection(base: str, view: View, name: str) -> dict[str, Any]:
    address = f"{base}/collections/{name}"
    found = extent(view, name)
    return {
        "id": name,
        "title": name.replace("_", " "),
        "description": TABLES[name].doc,
        "itemType": "feature",
        "crs": [CRS84],
        **({"extent": found} if found else {}),
        "links": [
            _link("self", address, JSON, "This document"),
            _link("items", f"{address}/items", GEOJSON, "Its features"),
        ],
    }


def _released(view: View) -> list[str]:
    return [name for name in COLLECTIONS if name in view.tables]


def _known(view: View, name: str) -> None:
    if name not in _released(view):
        raise Refusal(404, text("No collection of that name is released to you."))


def _no_more(request: Request) -> None:
    """Parameters that are not known are refused (section 7.8)."""
    if unknown := sorted(set(request.query_params) - {"f", "lang"}):
        raise Refusal(400, text("No parameter is called {name} here.").format(name=unknown[0]))
    if request.query_params.get("f", "json") != "json":
        raise Refusal(400, text("It comes as JSON alone: f=json."))


def _title(view: View, visitor: Visitor) -> str:
    return f"{visitor.words('SIMULATED')} – {view.about.title}" if view.about.simulated else view.about.title


def _about(view: View, visitor: Visitor) -> str:
    with speaking(visitor.words):
        simulated = [say("Simulated: nothing of this happened.")] if view.about.simulated else []
        return " ".join([*simulated, disclaimer(), *attributions(view.sources)])


def _base(request: Request) -> str:
    return f"{own_address(request)}{PREFIX}"


def own_address(request: Request) -> str:
    """The address that links lead to: the one that the server is told it has, else the one it was asked at."""
    told: str = request.app.state.settings.address
    return told or str(request.base_url).rstrip("/")


def _link(rel: str, href: str, kind: str, title: str) -> dict[str, str]:
    return {"rel": rel, "href": href, "type": kind, "title": title}


def _answered(values: dict[str, Any], media: str = JSON) -> Response:
    return Response(json.dumps(values, ensure_ascii=False, allow_nan=False), media_type=media)
