"""The app: routers, what stands around every answer, and the check that every route says what it does."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from teisen import __version__
from teisen.server.access.allowed import undeclared
from teisen.server.api import PREFIX, api
from teisen.server.current import Current
from teisen.server.pages import pages
from teisen.server.problems import Refusal, answer
from teisen.server.settings import Settings


def create_app(case_folder: Path, settings: Settings | None = None) -> FastAPI:
    """The server of one case.

    Args:
        case_folder: folder of the case; its tables should be derived.
        settings: how it runs; by default from the environment.

    Raises:
        NotACase: there is none. BadInput: a setting is not safe.
    """
    settings = settings or Settings()
    settings.check()
    app = FastAPI(
        title="Teisen",
        version=__version__,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.current = Current(case_folder)
    app.include_router(api())
    app.include_router(pages())
    with as_file(files("teisen.server").joinpath("static")) as folder:
        app.mount("/static", StaticFiles(directory=folder), name="static")
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _unfit)
    if missing := sorted(undeclared(app.routes)):
        raise RuntimeError(f"routes without an action: {', '.join(missing)}")
    return app


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101  as it is registered
    return answer(request, error)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    return answer(request, Refusal(error.status_code, str(error.detail), headers=dict(error.headers or {})))


def _unfit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    places = [{"where": ".".join(map(str, one["loc"])), "what": str(one["msg"])} for one in error.errors()]
    return answer(request, Refusal(422, "What was sent does not fit.", errors=places))
