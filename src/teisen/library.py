"""Where the agreements, case templates, scenarios and sensors that come with Teisen are, installed or in a checkout."""

from __future__ import annotations

import os
from pathlib import Path

DATA_VARIABLE = "TEISEN_DATA"
PACKAGE = Path(__file__).parent


def library(folder: str) -> Path:
    """The folder ``agreements``, ``cases``, ``scenarios`` or ``sensors`` that ships with Teisen."""
    installed = PACKAGE / "_library" / folder
    return installed if installed.is_dir() else PACKAGE.parent.parent / folder


def data_folder() -> Path | None:
    """The folder of real data: what ``TEISEN_DATA`` names, else ``shared/data`` beside the checkout; None if absent."""
    named = os.environ.get(DATA_VARIABLE)
    folder = Path(named) if named else PACKAGE.parent.parent.parent / "shared" / "data"
    return folder if folder.is_dir() else None
