"""From an app to a running server: one process, one socket, until it is interrupted."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from teisen.errors import BadInput, Problem
from teisen.server.app import create_app
from teisen.server.settings import Settings

BACKLOG = 2048


def serve(
    case_folder: Path,
    settings: Settings,
    tell: Callable[[str], None],
    opened: Callable[[str], object] | None = None,
) -> None:
    """Serve a case until the process is interrupted.

    Args:
        case_folder: folder of the case.
        settings: how it runs.
        tell: takes a line for the terminal.
        opened: called with the address of the first page, once it can be reached.

    Raises:
        BadInput: a setting is not safe, or the port cannot be used.
    """
    app = create_app(case_folder, settings)
    listening = _listen(settings)
    host, port = listening.getsockname()[:2]
    address = settings.address or f"http://{host}:{port}"
    setup = app.state.signing.setup
    if setup:
        tell(f"No account yet. Make the first one at {address}/set-up?setup={setup}")
    tell(f"Serving {address}; Ctrl+C ends it.")
    listening.listen(BACKLOG)
    if opened:
        opened(address)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.address),
        forwarded_allow_ips=settings.proxy,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=5,
        backlog=BACKLOG,
        h11_max_incomplete_event_size=32_768,
    )
    uvicorn.Server(config).run([listening])


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((settings.host, settings.port))
    except OSError as error:
        found.close()
        what = f"{settings.host}:{settings.port} cannot be used: {error.strerror}"
        raise BadInput(Problem("--port", 0, "", what, "Choose another port, or 0 for any that is free.")) from None
    return found
