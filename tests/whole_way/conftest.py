from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from teisen.case import Case
from tests.whole_way.cases import make, simulated_files


@pytest.fixture(scope="package", autouse=True)
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get("TEISEN_KEYS")
    os.environ["TEISEN_KEYS"] = str(tmp_path_factory.mktemp("keys"))
    yield
    if before is None:
        del os.environ["TEISEN_KEYS"]
    else:
        os.environ["TEISEN_KEYS"] = before


@pytest.fixture(scope="package")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulated_files(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="package")
def simulated(files: Path, tmp_path_factory: pytest.TempPathFactory, keys: None) -> Case:
    return make("simulated", files, tmp_path_factory.mktemp("simulated"))


@pytest.fixture(scope="package")
def easter(data: Path, tmp_path_factory: pytest.TempPathFactory, keys: None) -> Case:
    return make("easter-2025", data, tmp_path_factory.mktemp("easter"))


@pytest.fixture(scope="package")
def energy(data: Path, tmp_path_factory: pytest.TempPathFactory, keys: None) -> Case:
    return make("energy-2025", data, tmp_path_factory.mktemp("energy"))
