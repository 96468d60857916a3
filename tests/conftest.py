from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from teisen.case import Case, derive, ingest_all
from teisen.library import data_folder
from tests.case import small
from tests.together import FOLDERS, Together, unit

settings.register_profile("teisen", deadline=None)  # how long an example takes is no matter of right or wrong
settings.load_profile("teisen")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together | None:
    """Several processes share the tests in whole units."""
    return Together(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest units begin first, so that no process waits for one of them at the end."""
    items.sort(key=lambda item: FOLDERS.index(found) if (found := unit(item.nodeid)) in FOLDERS else len(FOLDERS))


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real data; tests that need it are skipped where it is absent."""
    folder = data_folder()
    if folder is None:
        pytest.skip("no folder of real data: set TEISEN_DATA")
    return folder


@pytest.fixture(scope="session")
def first_full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small case filled and derived, and its keys, made once."""
    folder = tmp_path_factory.mktemp("full")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TEISEN_KEYS", str(folder / "keys"))
        case = Case.create(folder / "full", small.template(folder / "template"))
        ingest_all(case, small.data(folder / "data"))
        derive(case)
    return folder
