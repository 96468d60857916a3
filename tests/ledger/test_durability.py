"""What a killed process, a lost write or a second writer leaves behind."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from teisen.ledger import Draft, Ledger, disk

KILLS = 25

WRITER = """
import sys
from pathlib import Path
from teisen.ledger import Draft, Ledger
ledger = Ledger.open(Path(sys.argv[1]))
name, count = sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
for n in range(count):
    batch = [Draft("source-file", name, "f", b"%d of " % (n * 40 + i) + name.encode()) for i in range(1 + n * 7 % 40)]
    for appended in ledger.append(batch):
        print(appended.index, flush=True)
"""


def start(ledger: Ledger, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(ledger.folder), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_killed_at_any_moment_it_opens_and_keeps_all_that_was_acknowledged(ledger: Ledger) -> None:
    draw = random.Random(7)  # noqa: S311
    acknowledged: dict[int, str] = {}
    for kill in range(KILLS):
        process = start(ledger, f"run {kill}", 1_000_000)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        read = "".join(process.stdout.readline() for _ in range(draw.randint(0, 4)))  # however slow the machine is
        time.sleep(draw.uniform(0.0, 0.12))
        process.kill()
        lines = read + process.communicate()[0]
        whole = lines[: lines.rfind("\n") + 1].split()
        acknowledged |= {int(index): f"run {kill}" for index in whole}
        opened = Ledger.open(ledger.folder)
        subjects = [entry.subject for entry in opened.entries()]
        assert all(index < len(subjects) and subjects[index] == run for index, run in acknowledged.items())
    assert Ledger.open(ledger.folder).verify().size >= len(acknowledged) > KILLS
    ledger.append([Draft("decision", "after", body={})])
    assert ledger.verify().types["decision"] == 1


@pytest.mark.parametrize("before", [0, 254])
def test_cut_off_after_any_single_write_it_shows_the_old_state_or_the_new(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    if before:
        ledger.append([Draft("decision", "x", body={"n": i}) for i in range(before)])
    states: list[Path] = []
    replace, unlink = Path.replace, Path.unlink

    def keep() -> None:
        states.append(tmp_path / f"state {len(states)}")
        shutil.copytree(ledger.folder, states[-1])

    def watched_replace(self: Path, target: Path) -> Path:
        result = replace(self, target)
        keep()
        return result

    def watched_unlink(self: Path, missing_ok: bool = False) -> None:
        unlink(self, missing_ok)
        keep()

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", watched_replace)
        patch.setattr(Path, "unlink", watched_unlink)
        keep()
        ledger.append([Draft("source-file", "f", "f", b"%d" % i) for i in range(4)])
    sizes = set()
    for state in states:
        opened = Ledger.open(state)
        assert opened.verify().size == len(opened.entries())
        sizes.add(len(opened))
        # Appends over the leftovers, of other lengths, must not mix with them.
        for count in (3, 10):
            opened.append([Draft("decision", "y", body={"n": i}) for i in range(count)])
            assert Ledger.open(state).verify().size == len(opened)
    assert sizes == {before, before + 4}


def test_every_name_is_durable_before_the_checkpoint_is(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    unsettled: set[Path] = set()
    at_checkpoint: list[set[Path]] = []
    replace, mkdir, sync = Path.replace, Path.mkdir, disk.sync_folder

    def watched_replace(self: Path, target: Path) -> Path:
        if target.name == "checkpoint":
            at_checkpoint.append(set(unsettled))
        unsettled.add(target.parent)
        return replace(self, target)

    def watched_mkdir(self: Path, *args: Any, **kwargs: Any) -> None:
        if not self.exists():
            unsettled.add(self.parent)
        mkdir(self, *args, **kwargs)

    def watched_sync(folder: Path) -> None:
        unsettled.discard(folder)
        sync(folder)

    monkeypatch.setattr(Path, "replace", watched_replace)
    monkeypatch.setattr(Path, "mkdir", watched_mkdir)
    monkeypatch.setattr(disk, "sync_folder", watched_sync)
    ledger.append([Draft("source-file", "f", "f", b"%d" % i) for i in range(300)])
    assert at_checkpoint == [set()]
    assert not unsettled


def test_two_writers_at_once_both_end_and_nothing_is_lost(ledger: Ledger) -> None:
    processes = [start(ledger, name, 25) for name in ("first", "second")]
    indexes = []
    for process in processes:
        lines, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        indexes += [int(line) for line in lines.split()[1:]]
    assert sorted(indexes) == list(range(len(indexes)))
    opened = Ledger.open(ledger.folder)
    assert opened.verify().size == len(indexes)
    assert {entry.subject for entry in opened.entries()} == {"first", "second"}


def test_a_reader_during_writing_always_sees_a_whole_ledger(ledger: Ledger) -> None:
    process = start(ledger, "writer", 60)
    seen = [0]
    while process.poll() is None:
        seen.append(Ledger.open(ledger.folder).verify().size)
    process.communicate()
    assert seen == sorted(seen)
    assert len(set(seen)) > 2


def test_a_partial_tile_that_a_writer_removes_while_it_is_looked_at_is_not_a_broken_ledger(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer removes partial tiles after its checkpoint: a reader that listed one finds it gone."""
    partial = ledger.folder / "tile" / "0" / "000.p" / "196"
    read_bytes = Path.read_bytes
    removed = []

    def overtaken(self: Path) -> bytes:
        if self == partial and self.exists():
            self.unlink()
            removed.append(self)
        return read_bytes(self)

    ledger.append([Draft("source-file", "f", "f", b"%d" % i) for i in range(196)])
    kept = partial.read_bytes()
    ledger.append([Draft("source-file", "f", "f", b"%d" % i) for i in range(196, 300)])
    partial.parent.mkdir(exist_ok=True)
    partial.write_bytes(kept)
    before = Ledger.open(ledger.folder)
    monkeypatch.setattr(Path, "read_bytes", overtaken)
    assert before.verify().size == 300
    assert len(before.entries()) == 300
    assert removed == [partial]
