"""A real client: the provider of QGIS for OGC API - Features reads collections, with paging and a filter by place."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("qgis_reads.py")
PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin")
"""QGIS comes with the system's Python, not from an index of packages."""


@cache
def installed() -> bool:
    found = PYTHON and subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True, check=False)
    return bool(found) and found.returncode == 0


@pytest.fixture(scope="module")
def read(address: str) -> dict[str, Any]:
    """What QGIS reads of the incidents, two a page."""
    if not installed():
        pytest.skip("QGIS is not installed")
    assert PYTHON
    done = subprocess.run([PYTHON, str(SCRIPT), address], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_it_reads_every_feature_over_several_pages(read: dict[str, Any]) -> None:
    assert read["valid"], read
    assert read["crs"] in {"EPSG:4326", "OGC:CRS84"}
    assert {"incident_id", "kind", "p_conflict"} <= set(read["fields"])
    assert len(read["ids"]) == len(set(read["ids"])) == read["count"] > 2


def test_it_filters_by_place_and_by_property(read: dict[str, Any]) -> None:
    assert 0 < len(read["inside"]) < len(read["ids"])
    assert set(read["inside"]) <= set(read["ids"])
    assert 0 < read["same_kind"] <= len(read["ids"])
