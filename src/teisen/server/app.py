"""The app: routers, what stands around every answer, and the check that every route says what it does."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from teisen import __version__
from teisen.errors import BadInput, CaseBusy, NoKey, TeisenError
from teisen.languages import again, text
from teisen.server import feeds, live, ogc, webhooks
from teisen.server.access.allowed import undeclared
from teisen.server.access.gate import Gate
from teisen.server.access.headers import headers
from teisen.server.access.provider import Provider
from teisen.server.access.signing import Signing
from teisen.server.access.store import Store
from teisen.server.access.visitor import current_visitor
from teisen.server.api import PREFIX, api
from teisen.server.caching import Caching
from teisen.server.current import Current
from teisen.server.describing import describe
from teisen.server.live import Live
from teisen.server.pages import pages
from teisen.server.problems import Refusal, answer
from teisen.server.settings import Settings
from teisen.server.writing.deriving import Deriving, Word
from teisen.server.writing.desk import Desk

log = logging.getLogger("teisen.server")


def create_app(case_folder: Path, settings: Settings | None = None) -> FastAPI:
    """The server of one case.

    Args:
        case_folder: folder of the case. Where nothing is derived, it begins with that.
        settings: how it runs; by default from the environment.

    Raises:
        NotACase: there is none. BadInput: a setting is not safe, or accounts cannot be kept.
    """
    settings = settings or Settings()
    settings.check()
    app = FastAPI(
        title="Teisen",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    told, current = Live(), Current(case_folder)

    def done() -> None:
        state = current.refresh()
        told.tell(live.STATE, {"ledger_size": state.size if state else 0})
        if state:
            what = {"case": state.definitions.case.id, "ledger_size": state.size, "address": settings.address}
            hooks.tell(live.STATE, state.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"), what)

    def tell(word: Word, what: dict[str, object]) -> None:
        if word == "failed":
            log.error("the derivation failed: %s", what.get("why"))
            what = {}
        told.tell(word, what)

    deriving = Deriving(case_folder, done, tell)
    desk = Desk(case_folder, deriving.ask)
    store = Store(settings.accounts or case_folder.resolve().with_name(f"{case_folder.resolve().name}.accounts.sqlite"))
    file = store.path.with_name(f"{case_folder.resolve().name}.webhooks.sqlite")
    hooks = webhooks.Webhooks(webhooks.Hooks(file), inside=settings.webhooks_inside)
    app.state.settings, app.state.current, app.state.live = settings, current, told
    app.state.deriving, app.state.desk, app.state.webhooks = deriving, desk, hooks
    app.state.signing = Signing(store, desk, settings)
    app.state.provider = Provider(settings)
    app.include_router(api())
    app.include_router(live.router)
    app.include_router(ogc.router)
    app.include_router(feeds.router)
    app.include_router(webhooks.router)
    app.include_router(pages())
    describe(app, PREFIX)
    with as_file(files("teisen.server").joinpath("static")) as folder:
        app.mount("/static", StaticFiles(directory=folder), name="static")
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)
    app.add_middleware(Caching, current=current)
    app.add_middleware(Gate, settings=settings, sessions=app.state.signing.sessions)
    if missing := undeclared(app.routes):
        raise RuntimeError(f"routes without an action: {', '.join(missing)}")
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    deriving: Deriving = app.state.deriving
    deriving.start()
    app.state.webhooks.start()
    if app.state.current.stale:
        deriving.ask()
    yield
    app.state.live.end()
    deriving.end()
    app.state.webhooks.end()
    app.state.signing.store.close()


def _refused(request: Request, error: Any) -> Response:
    return answer(request, error)


def _http(request: Request, error: Any) -> Response:
    said = {404: text("There is nothing at this address."), 405: text("This address does not take that method.")}
    detail = said.get(error.status_code, str(error.detail))
    return answer(request, Refusal(error.status_code, detail, headers=dict(error.headers or {})))


def _unfit(request: Request, error: Any) -> Response:
    places = [{"where": ".".join(map(str, one["loc"])), "what": str(one["msg"])} for one in error.errors()]
    return answer(request, Refusal(422, text("What was sent does not fit."), errors=places))


def _bad_input(request: Request, error: Any) -> Response:
    language = current_visitor(request).language
    space = "。" if language == "ja" else ". "
    places = [
        {"where": one.column or one.file, "what": space.join(again(said, language) for said in (one.what, one.do))}
        for one in error.problems
    ]
    said = places[0]["what"] if places else text("What was sent does not fit.")
    return answer(request, Refusal(422, said, errors=places))


def _busy(request: Request, error: Any) -> Response:
    said = text("The case is busy. Nothing was changed; send it again.")
    return answer(request, Refusal(503, said, headers={"Retry-After": "5"}))


def _no_key(request: Request, error: Any) -> Response:
    log.error("nothing can be recorded: %s", error)
    return answer(request, Refusal(503, text("This server may only be read: it has no key to add to the ledger.")))


def _mistake(request: Request, error: Any) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    refused = Refusal(500, text("The server made a mistake. It is in its log."), headers=dict(headers(False)))
    return answer(request, refused)


_HANDLERS: dict[int | type[Exception], Any] = {
    Refusal: _refused,
    HTTPException: _http,
    RequestValidationError: _unfit,
    BadInput: _bad_input,
    CaseBusy: _busy,
    NoKey: _no_key,
    TeisenError: _mistake,
    Exception: _mistake,
}
