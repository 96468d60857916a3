"""A real server with a small case and real accounts, and a real Chromium that watches what each page does."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from teisen.case import Case, derive, ingest
from teisen.server import Settings, create_app
from teisen.server.access.signing import New
from teisen.server.access.visitor import Visitor
from tests.case import small
from tests.server.test_plan import on_record

api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (requirements/dev.txt)")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
BUILT = Path(__file__).parents[3] / "src" / "teisen" / "server" / "static" / "built" / "situation.js"
AXE = Path(__file__).parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-component-update"),
    *("--disable-background-networking", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
)
PASSWORD = "several plain words together"  # noqa: S105  of the test's own accounts
INTAKE = "intake: {reports: [news], allegations: {party-a: claims}, files: [news]}\n"
PEOPLE = {
    "ana": ("analyst", ""),
    "duty": ("duty-officer", ""),
    "olena": ("observer", ""),
    "lia": ("party-liaison", "party-a"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say why browser tests cannot run here."""
    why = "there is no Chromium on this machine" if CHROMIUM is None else ""
    why = why or ("" if BUILT.is_file() else "the front end is not built (pip install -e .)")
    for item in items:
        if why and Path(item.fspath).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.skip(reason=why))


@dataclass
class Site:
    """The server: its address, its app, and the first account's one-time text."""

    address: str
    app: FastAPI


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The small case with its intake, served, with an account for every role that the tests need."""
    folder = tmp_path_factory.mktemp("browser")
    patch = pytest.MonkeyPatch()
    patch.setenv("TEISEN_KEYS", str(folder / "keys"))
    template, data = small.template(folder / "template"), small.data(folder / "data")
    template.write_text(template.read_text(encoding="utf-8") + INTAKE, encoding="utf-8")
    case = Case.create(folder / "case", template)
    ingest(case, "regions", [folder / "template" / "regions.geojson"])
    ingest(case, "news", [data / "news-1.csv", data / "news-2.csv"])
    ingest(case, "claims", [data / "claims.csv"])
    derive(case)
    on_record(folder / "case")
    app = create_app(folder / "case", Settings(requests_per_minute=100_000))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Site(f"http://127.0.0.1:{port}", app)
    server.should_exit = True
    thread.join(15)
    patch.undo()


@pytest.fixture(scope="package")
def browser() -> Iterator[api.Browser]:
    """One Chromium for all tests."""
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


@dataclass
class Person:
    """Somebody at a browser; ``troubles`` are errors of pages, and requests to other hosts."""

    site: Site
    context: api.BrowserContext
    troubles: list[str] = field(default_factory=list)

    def page(self, path: str = "/") -> api.Page:
        """A new page, watched."""
        page = self.context.new_page()
        page.set_default_timeout(25_000)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.troubles.append(f"error: {page.url} {error} {error.stack}"))
        page.on("request", self._asked)
        page.goto(self.site.address + path)
        return page

    def _said(self, message: api.ConsoleMessage) -> None:
        if message.type == "error":
            self.troubles.append(f"console: {message.text} {message.location}")

    def _asked(self, request: api.Request) -> None:
        if not request.url.startswith((self.site.address, "data:", "blob:")):
            self.troubles.append(f"another host: {request.url}")

    def sign_in(self, name: str) -> Person:
        """Sign in through the form. The page stays open until the context ends: closed while it still loads what it was
        sent on to, Chromium at times never says that it is closed, and nothing limits how long that is waited for."""
        page = self.page("/sign-in")
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.wait_for_url(self.site.address + "/")
        return self


@pytest.fixture
def person(site: Site, browser: api.Browser) -> Iterator[Person]:
    """Somebody who is not signed in; the test fails where a page had an error or asked another host."""
    context = browser.new_context(locale="en-GB", reduced_motion="reduce")
    somebody = Person(site, context)
    yield somebody
    context.close()
    assert somebody.troubles == []


@pytest.fixture(scope="package")
def accounts(site: Site) -> Site:
    """The site with its accounts: the first by the terminal's text, the others by invitation."""
    signing = site.app.state.signing
    signing.make_first(signing.setup, "admin", PASSWORD)
    admin = Visitor("administrator", "admin")
    for name, (role, party) in PEOPLE.items():
        signing.accept(signing.make(New(name, role, party, ""), admin), PASSWORD)
    return site
