"""Pictures for the documentation, with headless Chromium: sections of a daily report, and pages of the situation room.

    python scripts/screenshots.py demo [NAME ...]          after `make demo SERVE=0`

Each picture of a report is one section alone with the report's styles. Pages of the situation room are those of a
server that runs while the pictures are taken, on a copy of the case, with an account made for it (needs `playwright`).
Names of pictures limit which are taken.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

IMAGES = Path(__file__).parent.parent / "docs" / "images"
CASE = "easter-2025"
EASTER = f"{CASE}/reports/public/2025-04-20/index.html"
PICTURES = (
    ("easter-chart.png", EASTER, "days", 1180, 820),
    ("easter-summary.png", EASTER, "summary", 1180, 1240),
    ("easter-map.png", EASTER, "map", 1180, 900),
    ("easter-phone.png", EASTER, "summary", 390, 1500),
)
"""File, page, section, and the width and height of the picture in pixels."""
INCIDENT = "/incidents/{incident}"
PAGES: tuple[tuple[str, str, int, int, str, str], ...] = (
    ("situation.png", "/?day=2025-05-09", 1200, 1000, "light", ""),
    ("situation-sight.png", "/?day=2025-04-17&layer=sight", 1200, 1000, "dark", "#map"),
    ("situation-phone.png", "/?day=2025-05-09", 390, 844, "light", ""),
    ("incident.png", INCIDENT, 1200, 900, "light", ""),
    ("provisions.png", "/provisions?day=2025-05-09", 1200, 900, "light", ""),
    ("allegations.png", "/allegations", 1200, 800, "light", ""),
    ("positions.png", "/positions", 1200, 800, "light", ""),
    ("compliance.png", "/compliance?reading=may-2025/hostilities/both-sides", 1200, 800, "light", ""),
    ("watch-plan.png", "/plan", 1200, 1480, "light", ""),
    ("reports.png", "/reports", 1200, 700, "light", ""),
    ("ledger.png", "/ledger", 1200, 800, "light", ""),
    ("review.png", "/review", 1200, 800, "light", ""),
    ("intake.png", "/intake", 390, 844, "light", ""),
)
"""File, address, width, height, scheme, and the part of the page (empty: what the screen shows)."""
INSIDE = ("/review", "/intake")
"""Pages that one signs in for."""
OFFICERS = """
  - {id: officers, reader: table, profile: patrols, options: {mapping: officers.yaml}}
intake: {reports: [officers]}
"""
"""What the case of the demonstration lacks for the form of observers; its file ends with its sources."""
OFFICERS_MAPPING = """\
format: teisen-table/1
fills: observation
zone: UTC
fields: {start: seen at, end: until, kind: what, lon: lon, lat: lat, place_error_m: error, text: words}
"""
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-quic"),
)
WEBGL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
PASSWORD = "words that only pictures need"  # noqa: S105  of an account that lives as long as the pictures take
COLOURS = 256


def browser() -> str:
    """The Chromium on this machine."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        sys.exit("There is no Chromium on this machine. Install the package chromium and run this again.")
    return found


def section(page: str, name: str) -> str:
    """A page that holds one section of a report, with the report's styles."""
    styles = "".join(re.findall(r"(?s)<style>.*?</style>", page))
    found = re.search(rf'(?s)<section id="{name}".*?</section>', page)
    if found is None:
        sys.exit(f"The report has no section {name!r}.")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">{styles}<body><main>{found.group()}</main></body></html>'
    )


def of_reports(demo: Path, wanted: set[str]) -> None:
    """Take the pictures of the daily report."""
    with tempfile.TemporaryDirectory() as folder:
        for file, page, name, width, height in PICTURES:
            if wanted and file not in wanted:
                continue
            part = Path(folder) / "part.html"
            part.write_text(section((demo / page).read_text(encoding="utf-8"), name), encoding="utf-8")
            size = f"--window-size={width},{height}"
            out = f"--screenshot={IMAGES / file}"
            command = [browser(), *QUIET, f"--user-data-dir={folder}/profile", size, out, part.as_uri()]
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603
            print(IMAGES / file)


def take_reports(case: Path) -> None:
    """Let a case take the reports of observers through a form."""
    from teisen.case import Case  # noqa: PLC0415

    with (case / "case.yaml").open("a", encoding="utf-8") as file:
        file.write(OFFICERS)
    (case / "mappings").mkdir(exist_ok=True)
    (case / "mappings" / "officers.yaml").write_text(OFFICERS_MAPPING, encoding="utf-8")
    Case.open(case).record_definitions()


@contextmanager
def served(demo: Path) -> Iterator[tuple[str, Any]]:
    """The case of the demonstration, served on a copy: its address and its app, with one analyst's account."""
    import uvicorn  # noqa: PLC0415

    from teisen.server import Settings, create_app  # noqa: PLC0415
    from teisen.server.access.signing import New  # noqa: PLC0415
    from teisen.server.access.visitor import Visitor  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(demo / CASE, Path(folder) / CASE)
        take_reports(Path(folder) / CASE)
        app = create_app(Path(folder) / CASE, Settings(requests_per_minute=100_000))
        app.state.deriving.ask = lambda: None  # what is derived is what the pictures show
        signing = app.state.signing
        signing.make_first(signing.setup, "admin", PASSWORD)
        signing.accept(signing.make(New("ana", "analyst", "", ""), Visitor("administrator", "admin")), PASSWORD)
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", app
        server.should_exit = True
        thread.join(15)


@contextmanager
def fonts() -> Iterator[dict[str, str]]:
    """What the browser's environment needs to have the Japanese font that papers are set in."""
    import noto_cjk_sans_jp_regular as font  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "fonts"
        place.mkdir()
        for file in Path(next(iter(font.__path__))).glob("*.otf"):
            shutil.copy(file, place)
        yield {"XDG_DATA_HOME": folder}


def of_pages(demo: Path, wanted: set[str]) -> None:
    """Take the pictures of the situation room."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    taken = [one for one in PAGES if not wanted or one[0] in wanted]
    if not taken:
        return
    with served(demo) as (address, app), fonts() as environment, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser(), args=[*QUIET, *WEBGL], env={**os.environ, **environment}
        )
        view = app.state.current.state.view("public")
        judged = view.table("finding").sort("p_violation", "subject_id", descending=True, nulls_last=True)
        incident = judged.filter(judged["subject"] == "incident")["subject_id"][0]
        for file, path, width, height, scheme, part in taken:
            context = chromium.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
            )
            page = context.new_page()
            page.set_default_timeout(120_000)
            if path in INSIDE:
                page.goto(f"{address}/sign-in")
                page.fill("#name", "ana")
                page.fill("#password", PASSWORD)
                page.click("main button")
                page.wait_for_url(f"{address}/", wait_until="commit")
            page.goto(address + path.format(incident=incident))
            if path.startswith("/?"):
                page.wait_for_selector("#map[data-ready]")
                page.wait_for_timeout(3_000)
            if path == "/plan":
                page.locator(".plan-map img").evaluate("one => { one.loading = 'eager'; return one.decode(); }")
            if "{incident}" in path:
                page.click("#check")
                page.wait_for_selector("[data-head-line]")
            target: Any = page.locator(part) if part else page
            target.screenshot(path=IMAGES / file)
            context.close()
            smaller(IMAGES / file)
            print(IMAGES / file)
        chromium.close()


def smaller(file: Path) -> None:
    """Write a picture with few colours, where Pillow is at hand."""
    try:
        from PIL import Image  # noqa: PLC0415
    except ImportError:
        return
    with Image.open(file) as picture:
        few = picture.convert("RGB").quantize(COLOURS)
    few.save(file, optimize=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    DEMO = Path(sys.argv[1])
    if not (DEMO / EASTER).is_file():
        sys.exit(f"{DEMO / EASTER} is not there. Run `make demo SERVE=0` with the folder of real data first.")
    IMAGES.mkdir(exist_ok=True)
    of_reports(DEMO, set(sys.argv[2:]))
    of_pages(DEMO, set(sys.argv[2:]))
