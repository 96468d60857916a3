"""A real client: GDAL's driver for OGC API - Features reads collections, with filters and paging."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

OGRINFO = shutil.which("ogrinfo")
pytestmark = pytest.mark.skipif(OGRINFO is None, reason="GDAL is not installed")


def read(*arguments: str) -> str:
    assert OGRINFO
    done = subprocess.run([OGRINFO, "-ro", *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout


def count(text: str) -> int:
    return int(re.findall(r"Feature Count: (\d+)", text)[0])


def test_it_lists_the_collections(address: str) -> None:
    listed = read(f"OAPIF:{address}")
    assert "incident" in listed
    assert "area" in listed


def test_it_reads_every_feature_over_several_pages(address: str) -> None:
    whole = read("-al", f"OAPIF:{address}/collections/incident")
    paged = read("-al", "-oo", "PAGE_SIZE=2", f"OAPIF:{address}/collections/incident")
    ids = re.findall(r"incident_id \(String\) = (\S+)", paged)
    assert len(ids) == len(set(ids)) == count(whole) > 2
    assert re.search(r"GEOGCRS\[\"WGS 84", whole)


def test_it_filters_by_place_and_by_property(address: str) -> None:
    whole = read("-al", f"OAPIF:{address}/collections/incident")
    lon, lat = map(float, re.findall(r"POINT \((\S+) (\S+)\)", whole)[0])
    box = [str(value) for value in (lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01)]
    inside = read("-al", "-spat", *box, f"OAPIF:{address}/collections/incident")
    assert 0 < count(inside) < count(whole)
    kind = re.findall(r"  kind \(String\) = (\S+)", whole)[0]
    same = read("-al", "-where", f"kind = '{kind}'", f"OAPIF:{address}/collections/incident")
    assert count(same) == len(re.findall(rf"  kind \(String\) = {kind}\n", whole))
