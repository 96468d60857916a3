from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from teisen.library import data_folder

settings.register_profile("teisen", deadline=None)  # how long an example takes is no matter of right or wrong
settings.load_profile("teisen")


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real data; tests that need it are skipped where it is absent."""
    folder = data_folder()
    if folder is None:
        pytest.skip("no folder of real data: set TEISEN_DATA")
    return folder
