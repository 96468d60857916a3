from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from teisen.server import create_app


@pytest.fixture(scope="module")
def address(shown: Path) -> Iterator[str]:
    config = uvicorn.Config(create_app(shown), host="127.0.0.1", port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(200):
        if server.started:
            break
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/ogc"
    server.should_exit = True
    thread.join(10)
