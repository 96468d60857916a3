"""What pages weigh, and how soon they show something on a slow line: Chromium at 1.6 Mbit/s and 150 ms.

    python benchmarks/pages.py CASE    a derived case; prints the table and rewrites docs/benchmarks.md

A copy of the case is served over loopback. Each page is opened with an empty cache, five times, and left
until its map, if it has one, is drawn and nothing was sent for a second. Bytes are counted where they leave the server,
packed as they are sent, with the map's worker and all it asks for, without headers; the stream of events is left out.
The line is Chromium's own emulation (DevTools, Network.emulateNetworkConditions) of the page.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn
from page import rewrite
from playwright.sync_api import Browser, sync_playwright

from teisen.server import Settings, create_app

LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
RUNS = 5
QUIET_S = 1.0
PATHS = (("Situation", "/"), ("Incidents", "/incidents"), ("Compliance", "/compliance"), ("Provisions", "/provisions"))
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--use-gl=angle", "--use-angle=swiftshader",
         "--enable-unsafe-swiftshader")  # fmt: skip
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
HEADINGS = ("page", "requests", "kB sent", "of it the page", "first contentful paint, s", "slowest of the runs, s",
            "map drawn, s")  # fmt: skip


class Counted:
    """An app whose bytes are counted by path."""

    def __init__(self, app: Any) -> None:
        self.app, self.sent, self.last = app, dict[str, int](), time.monotonic()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One connection."""

        async def counting(message: Any) -> None:
            if message["type"] == "http.response.body" and scope["path"] != "/events":
                path = scope["path"]
                self.sent[path] = self.sent.get(path, 0) + len(message.get("body", b""))
                self.last = time.monotonic()
            await send(message)

        await self.app(scope, receive, counting)


def opened(browser: Browser, counted: Counted, address: str, path: str) -> tuple[float, float | None, dict[str, int]]:
    """Seconds to the first contentful paint, to the map (None: there is none), and bytes by path."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", LINE)
    counted.sent = {}
    begun = time.monotonic()
    page.goto(address + path, wait_until="load", timeout=120_000)
    drawn = None
    if page.locator("#map").count():
        page.wait_for_selector("#map[data-ready]", timeout=120_000)
        drawn = time.monotonic() - begun
    while time.monotonic() - counted.last < QUIET_S:
        page.wait_for_timeout(100)
    paint = page.evaluate(PAINT)
    sent = dict(counted.sent)
    context.close()
    if paint is None:
        raise SystemExit(f"{path}: Chromium tells of no paint")
    return paint / 1000, drawn, sent


def main() -> None:
    """Measure, and write the table."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "case"
        os.environ["TEISEN_KEYS"] = str(Path(temporary) / "keys")
        shutil.copytree(sys.argv[1], folder)
        app = create_app(folder, Settings(requests_per_minute=10**9))
        app.state.deriving.ask = lambda: None
        counted = Counted(app)
        server = uvicorn.Server(uvicorn.Config(counted, port=0, log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            for title, path in PATHS:
                opened(browser, counted, address, path)  # the server makes its answers once
                rows.append(row(title, path, [opened(browser, counted, address, path) for _ in range(RUNS)]))
            browser.close()
        server.should_exit = True
        thread.join(15)
    rewrite("pages", [f"| {' | '.join(HEADINGS)} |", f"|---|{'---:|' * (len(HEADINGS) - 1)}", *rows])


def row(title: str, path: str, runs: list[tuple[float, float | None, dict[str, int]]]) -> str:
    """A line of the table: medians of the runs, and the slowest."""
    paints = [paint for paint, _, _ in runs]
    maps = [drawn for _, drawn, _ in runs if drawn is not None]
    weights = [sum(sent.values()) for _, _, sent in runs]
    sent = runs[0][2]
    cells = (title, len(sent), f"{statistics.median(weights) / 1000:,.0f}", f"{sent[path] / 1000:,.0f}",
             f"{statistics.median(paints):.2f}", f"{max(paints):.2f}",
             f"{statistics.median(maps):.1f}" if maps else "")  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    main()
