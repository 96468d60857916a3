"""What fusing does not need is not loaded for it: its start is told in its time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_NEEDED = {
    "pydantic",
    "pyarrow",
    "duckdb",
    "jinja2",
    "pyproj",
    "typer",
    "scipy",
}
"""Libraries of other stages, or of reading what people write, or slower to load than some thousand reports to fuse."""
FUSES = """
import sys
from teisen.fusion import fuse
from tests.fusion.worlds import GROUND, SOURCES, at, exposure, observations, seen, watch
rows = [
    seen(f"{name}:{n:02}", 30.2 + n % 9 / 10, 50.2 + n % 7 / 20 + off, start=at(n), end=at(n))
    for name, off in (("news", 0.0), ("paper", 0.001), ("fires", 0.002))
    for n in range(40)
]
fused = fuse(observations(*rows), exposure(watch("news"), watch("fires")), GROUND, SOURCES)
assert 0 < fused.incidents.height < len(rows)
print(*sys.modules)
"""


def test_fusing_loads_nothing_that_it_does_not_need() -> None:
    done = subprocess.run([sys.executable, "-c", FUSES], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not set(done.stdout.split()) & NOT_NEEDED
