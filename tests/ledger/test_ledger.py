from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import filelock
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teisen.errors import BadInput, CaseBusy, LedgerBroken, NoKey, NotACase
from teisen.ledger import Appended, Draft, Ledger, Signer, merkle
from teisen.ledger.note import to_base64

NOON = datetime(2025, 4, 19, 12, tzinfo=UTC)


def file(subject: str, content: bytes, name: str = "a.csv") -> Draft:
    return Draft("source-file", subject, name, content, "text/csv")


def definition(content: bytes, name: str = "case.yaml", kind: str = "case") -> Draft:
    return Draft(kind, "truce", name, content, "application/yaml")


def decision(number: int) -> Draft:
    return Draft("decision", "truce", body={"n": number})


def test_what_was_appended_reads_back(ledger: Ledger) -> None:
    assert ledger.entries() == ()
    drafts = [definition(b"title: x"), file("firms", b"1,2")]
    assert ledger.append(drafts, now=NOON) == [Appended(0, new=True), Appended(1, new=True)]
    for opened in (ledger, Ledger.open(ledger.folder)):
        case, firms = opened.entries()
        assert (case.type, case.subject, case.time, case.index) == ("case", "truce", NOON, 0)
        assert firms.blob is not None
        assert (firms.blob.name, firms.blob.size, firms.blob.media_type) == ("a.csv", 3, "text/csv")
        assert opened.blob(firms.blob.sha256) == b"1,2"
        assert len(opened) == 2


def test_the_same_file_under_the_same_source_adds_nothing(ledger: Ledger) -> None:
    ledger.append([file("firms", b"x"), file("alerts", b"x"), file("firms", b"y")])
    before = ledger.checkpoint
    assert ledger.append([file("firms", b"x", "renamed.csv")]) == [Appended(0, new=False)]
    assert Ledger.open(ledger.folder).append([file("alerts", b"x")]) == [Appended(1, new=False)]
    assert Ledger.open(ledger.folder).checkpoint == before


def test_a_definition_is_added_when_it_differs_from_the_newest(ledger: Ledger) -> None:
    answers = [ledger.append([definition(c)])[0] for c in (b"a", b"a", b"b", b"a")]
    assert answers == [Appended(0, new=True), Appended(0, new=False), Appended(1, new=True), Appended(2, new=True)]
    assert ledger.append([definition(b"a", "other.yaml"), definition(b"a", kind="agreement")])[1] == Appended(
        4, new=True
    )


def test_repeats_within_one_append_are_seen(ledger: Ledger) -> None:
    answers = ledger.append([file("f", b"x"), file("f", b"x"), definition(b"a"), definition(b"a")])
    assert answers == [Appended(0, new=True), Appended(0, new=False), Appended(1, new=True), Appended(1, new=False)]


def test_acts_are_never_taken_for_repeats(ledger: Ledger) -> None:
    filing = Draft("allegation", "party-a", "letter.txt", b"text")
    assert [a.new for a in ledger.append([decision(1), decision(1), filing, filing])] == [True] * 4


def test_times_never_decrease(ledger: Ledger) -> None:
    for hours in (0, -5, 1):
        ledger.append([decision(hours)], now=NOON + timedelta(hours=hours))
    assert [e.time for e in ledger.entries()] == [NOON, NOON, NOON + timedelta(hours=1)]
    ledger.verify()


def test_the_clock_is_the_default_time(ledger: Ledger) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    ledger.append([decision(1)])
    assert before <= ledger.entries()[0].time <= datetime.now(UTC)


def test_an_author_other_than_the_ledger_signs_the_entry(ledger: Ledger) -> None:
    anna = Signer("Anna Example", Ed25519PrivateKey.generate())
    ledger.append([decision(1)], author=anna)
    assert ledger.entries()[0].author.name == "Anna Example"
    assert ledger.verify().size == 1


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.integers(1, 300), min_size=1, max_size=4))
def test_any_split_into_appends_gives_a_whole_ledger(
    tmp_path_factory: pytest.TempPathFactory, batches: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("split")
    ledger = Ledger.create(folder / "ledger", "truce", folder / "keys")
    points = [ledger.checkpoint]
    for number, count in enumerate(batches):
        opened = ledger if number % 2 else Ledger.open(folder / "ledger", folder / "keys")
        opened.append([decision(i) for i in range(count)])
        points.append(opened.checkpoint)
    ledger = Ledger.open(folder / "ledger")
    assert ledger.verify().size == sum(batches)
    for index in {0, len(ledger) // 2, len(ledger) - 1}:
        leaf = merkle.leaf_hash(ledger.entries()[index].encode())
        proof = ledger.inclusion_proof(index)
        assert merkle.verify_inclusion(leaf, index, len(ledger), proof, ledger.checkpoint.root)
    for point in points:
        proof = ledger.consistency_proof(point.size)
        assert merkle.verify_consistency(point.size, len(ledger), proof, point.root, ledger.checkpoint.root)


def test_the_private_key_is_kept_outside_the_case_for_its_owner_alone(ledger: Ledger, keys: Path) -> None:
    paths = sorted(keys.iterdir())
    assert [path.suffix for path in paths] == [".ids", ".key"]  # beside it the secret under which ids leave
    ledger.append([decision(1)])
    for path in paths:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        secret = path.read_text().strip()
        assert all(secret not in p.read_text(errors="replace") for p in ledger.folder.rglob("*") if p.is_file())


def test_without_the_private_key_one_can_read_and_verify_but_not_append(ledger: Ledger, keys: Path) -> None:
    ledger.append([file("f", b"x")])
    (path,) = keys.glob("*.key")
    text = path.read_text()
    path.unlink()
    opened = Ledger.open(ledger.folder)
    assert opened.verify().size == len(opened.entries()) == 1
    with pytest.raises(NoKey, match="TEISEN_KEYS"):
        opened.append([file("f", b"y")])
    path.write_text(text.replace("+", "-"))
    with pytest.raises(NoKey, match="not the key"):
        opened.append([file("f", b"y")])


def test_origins(tmp_path: Path) -> None:
    first, second = (Ledger.create(tmp_path / name, "truce") for name in ("a", "b"))
    assert first.origin.startswith("teisen.invalid/truce/")
    assert first.origin != second.origin
    assert Ledger.create(tmp_path / "c", "example.org/truce").origin == "example.org/truce"
    with pytest.raises(NoKey, match="Choose another origin"):
        Ledger.create(tmp_path / "d", "example.org/truce")
    with pytest.raises(BadInput, match="no name for a key"):
        Ledger.create(tmp_path / "e", "a truce")


def test_a_ledger_is_not_made_over_another_and_not_found_where_none_is(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="here already"):
        Ledger.create(ledger.folder, "truce")
    with pytest.raises(NotACase):
        Ledger.open(tmp_path / "nowhere")


def test_a_second_writer_is_told(ledger: Ledger) -> None:
    with filelock.FileLock(ledger.folder / "lock"), pytest.raises(CaseBusy, match="Wait until it has ended"):
        ledger.append([decision(1)], wait_s=0.1)
    assert ledger.append([decision(1)], wait_s=0.1) == [Appended(0, new=True)]


def test_two_open_ledgers_see_each_other_when_they_append(ledger: Ledger) -> None:
    other = Ledger.open(ledger.folder)
    ledger.append([file("f", b"x"), decision(1)])
    assert other.append([file("f", b"x"), decision(2)]) == [Appended(0, new=False), Appended(2, new=True)]
    assert ledger.append([decision(3)]) == [Appended(3, new=True)]
    assert [e.body.get("n") for e in ledger.entries()] == [None, 1, 2, 3]


def test_a_draft_that_cannot_be_recorded_adds_none_of_its_batch(ledger: Ledger) -> None:
    with pytest.raises(BadInput):
        ledger.append([decision(1), Draft("decision", "x", body={"n": float("nan")})])
    assert Ledger.open(ledger.folder).entries() == ()
    assert ledger.append([decision(1)]) == [Appended(0, new=True)]


def test_reading_and_verifying_write_nothing(ledger: Ledger) -> None:
    ledger.append([file("f", b"x"), decision(1)])
    paths = [ledger.folder, *ledger.folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = [(p, p.stat().st_mtime_ns, p.stat().st_size) for p in paths]
    try:
        opened = Ledger.open(ledger.folder)
        assert len(opened.entries()) == opened.verify().size == 2
        if os.geteuid() != 0:
            with pytest.raises(BadInput, match="cannot be written"):
                opened.append([decision(2)])
    finally:
        assert [(p, p.stat().st_mtime_ns, p.stat().st_size) for p in paths] == before
        assert sorted([ledger.folder, *ledger.folder.rglob("*")]) == sorted(paths)
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_an_older_copy_put_in_place_is_noticed(ledger: Ledger) -> None:
    old = (ledger.folder / "checkpoint").read_bytes()
    ledger.append([decision(1)])
    (ledger.folder / "checkpoint").write_bytes(old)
    with pytest.raises(LedgerBroken, match="older copy"):
        ledger.append([decision(2)])


def test_witness_signatures_are_kept(ledger: Ledger) -> None:
    ledger.append([decision(1)])
    path = ledger.folder / "checkpoint"
    line = "— witness.example.com/w1 " + to_base64(b"hash" + bytes(72)) + "\n"
    cosigned = path.read_bytes() + line.encode()
    path.write_bytes(cosigned)
    assert ledger.verify().witnesses == ("witness.example.com/w1",)
    ledger.append([decision(2)])
    ledger.append([decision(3)])
    assert (ledger.folder / "cosigned" / "1").read_bytes() == cosigned
    assert ledger.verify().witnesses == ("witness.example.com/w1",)
