from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from teisen.case import Case, derive, ingest_all
from teisen.library import data_folder
from tests.case import small

settings.register_profile("teisen", deadline=None)  # how long an example takes is no matter of right or wrong
settings.load_profile("teisen")


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
