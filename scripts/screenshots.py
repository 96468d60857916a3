"""Pictures of parts of a daily report for the documentation, with headless Chromium.

    python scripts/screenshots.py demo          after `make demo SERVE=0`

Each picture is one section of a page, alone in a page with the report's styles, so that nothing needs cropping.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

IMAGES = Path(__file__).parent.parent / "docs" / "images"
EASTER = "easter-2025/reports/public/2025-04-20/index.html"
PICTURES = (
    ("easter-chart.png", EASTER, "days", 1180, 820),
    ("easter-summary.png", EASTER, "summary", 1180, 1240),
    ("easter-map.png", EASTER, "map", 1180, 900),
    ("easter-phone.png", EASTER, "summary", 390, 1500),
)
"""File, page, section, and the width and height of the picture in pixels."""
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-quic"),
)


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


def main(demo: Path) -> None:
    """Take every picture."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for file, page, name, width, height in PICTURES:
            if not (demo / page).is_file():
                sys.exit(f"{demo / page} is not there. Run `make demo SERVE=0` with the folder of real data first.")
            part = Path(folder) / "part.html"
            part.write_text(section((demo / page).read_text(encoding="utf-8"), name), encoding="utf-8")
            size = f"--window-size={width},{height}"
            out = f"--screenshot={IMAGES / file}"
            command = [browser(), *QUIET, f"--user-data-dir={folder}/profile", size, out, part.as_uri()]
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603
            print(IMAGES / file)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
