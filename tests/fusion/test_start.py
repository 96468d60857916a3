"""What fusing does not need is not loaded for it: its start is told in its time."""

from __future__ import annotations

import subprocess
import sys

NOT_NEEDED = {"pydantic", "pyarrow", "duckdb", "jinja2", "pyproj", "typer"}
"""Libraries of other stages, or of reading what people write."""
FUSES = """
import sys
from teisen.fusion import fuse
from teisen.observation import EXPOSURE, OBSERVATION
from teisen.sources import Ground
assert fuse(OBSERVATION.empty(), EXPOSURE.empty(), Ground(), {}).incidents.is_empty()
print(*sys.modules)
"""


def test_fusing_loads_nothing_that_it_does_not_need() -> None:
    done = subprocess.run([sys.executable, "-c", FUSES], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & NOT_NEEDED
