"""Go's transparency log and note packages read what Teisen wrote, and check its proofs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from teisen.ledger import Draft, Ledger
from teisen.ledger.note import to_base64

SOURCES = Path("/usr/share/gocode")
PROGRAM = Path(__file__).parent / "oracle" / "main.go"

Oracle = Callable[[Ledger], str]


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    if shutil.which("go") is None or not (SOURCES / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("no Go with golang.org/x/mod (Debian: golang-go golang-golang-x-mod-dev)")
    folder = tmp_path_factory.mktemp("oracle")
    environment = os.environ | {"GO111MODULE": "off", "GOPATH": str(SOURCES), "GOCACHE": str(folder / "cache")}
    program = folder / "oracle"
    subprocess.run(["go", "build", "-o", str(program), str(PROGRAM)], env=environment, check=True)

    def run(ledger: Ledger) -> str:
        size = len(ledger)
        proofs = {
            "Inclusion": {i: [to_base64(h) for h in ledger.inclusion_proof(i)] for i in range(0, size, 17)},
            "Consistency": {i: [to_base64(h) for h in ledger.consistency_proof(i)] for i in range(1, size, 13)},
        }
        done = subprocess.run(
            [str(program), str(ledger.folder)], input=json.dumps(proofs), capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    return run


@pytest.mark.parametrize("batches", [[1], [5, 3], [255, 1], [256, 1, 300], [1000]])
def test_go_verifies_notes_tiles_bundles_and_proofs(oracle: Oracle, ledger: Ledger, batches: list[int]) -> None:
    for count in batches:
        ledger.append([Draft("source-file", "f", "é.csv", b"%d %d" % (count, i)) for i in range(count)])
    size = sum(batches)
    wanted = f"{size} entries, {len(range(0, size, 17))} inclusion proofs, {len(range(1, size, 13))} consistency proofs"
    assert oracle(ledger) == wanted


def test_go_refuses_what_was_changed(oracle: Oracle, ledger: Ledger) -> None:
    ledger.append([Draft("decision", "x", body={"n": i}) for i in range(9)])
    path = ledger.folder / "tile/entries/000.p/9"
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"n":3', b'"n":4'))
    assert "checkpoint says" in oracle(ledger)
