"""The API's description (OpenAPI 3.1): served like any other route, with one form of problem for all refusals."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

from teisen.server.access.allowed import allowed
from teisen.server.api.rows import Problem


def describe(app: FastAPI, prefix: str) -> None:
    """Put the description of all routes so far at ``<prefix>/openapi.json``."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(title=app.title, version=app.version, routes=app.routes, summary=_SUMMARY)
            parts = found.setdefault("components", {}).setdefault("schemas", {})
            parts["Problem"] = Problem.model_json_schema()
            for unused in ("HTTPValidationError", "ValidationError"):
                parts.pop(unused, None)
            parts_of_security = found["components"].setdefault("securitySchemes", {})
            parts_of_security["token"] = {"type": "http", "scheme": "bearer"}
            found["security"] = [{}, {"token": []}]
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]

    @app.get(f"{prefix}/openapi.json", include_in_schema=False, dependencies=[allowed("read")])
    def openapi() -> JSONResponse:
        """The description."""
        return JSONResponse(described())


_SUMMARY = "What a ceasefire's monitoring knows, as far as it is released to whoever asks."
