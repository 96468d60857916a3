"""The app as a whole: what it serves to whoever comes by."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from teisen.errors import BadInput, NotACase
from teisen.server import Settings, create_app


def test_the_first_page_says_what_is_served_in_the_language_asked_for(folder: Path) -> None:
    client = TestClient(create_app(folder), base_url="http://127.0.0.1")
    page = client.get("/", params={"lang": "ja"})
    assert page.status_code == 200
    assert '<html lang="ja">' in page.text
    assert "A small case" in page.text


def test_a_folder_without_a_case_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotACase):
        create_app(tmp_path)


def test_nothing_is_served_to_the_network_without_tls(folder: Path) -> None:
    with pytest.raises(BadInput, match="without TLS"):
        create_app(folder, Settings(host="0.0.0.0"))  # noqa: S104  it is refused
    create_app(folder, Settings(host="0.0.0.0", address="https://watch.example.org"))  # noqa: S104
