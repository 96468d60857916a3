"""What a browser needs to have the intake pages without a connection: the service worker and the manifest."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from teisen.languages import text
from teisen.server.access import allowed
from teisen.server.pages.rendering import asset
from teisen.server.problems import Refusal

router = APIRouter()


@router.get("/sw.js", dependencies=[allowed("read")])
def worker() -> Response:
    """The service worker; from here it may look after all pages.

    Raises:
        Refusal: the front end was not built (404).
    """
    file = files("teisen.server").joinpath("static", "built", "worker.js")
    if not file.is_file():
        raise Refusal(404, text("The front end was not built with this installation."))
    return Response(file.read_bytes(), media_type="text/javascript", headers={"cache-control": "no-cache"})


@router.get("/manifest.webmanifest", dependencies=[allowed("read")])
def manifest() -> Response:
    """How the pages look when they are kept on a phone's screen."""
    icon = {"src": asset("icon.svg"), "sizes": "any", "type": "image/svg+xml"}
    return JSONResponse(
        {"name": "Teisen", "short_name": "Teisen", "start_url": "/intake", "display": "standalone", "icons": [icon],
         "theme_color": "#163a5f", "background_color": "#f7f8f9"},
        media_type="application/manifest+json",
    )  # fmt: skip
