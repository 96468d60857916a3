from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from teisen.observation import attack_kinds, compatibility, in_class, vocabulary


def test_traces_and_wider_classes_are_words_of_the_vocabulary() -> None:
    words = vocabulary()
    for kind in words.kinds.values():
        assert set(kind.seen_as) <= set(words.kinds)
        assert all(0 < share <= 1 for share in kind.seen_as.values())
    for target in words.target_classes.values():
        assert set(target.within) <= set(words.target_classes)


def test_compatibility_is_symmetric_and_highest_with_itself() -> None:
    for one in vocabulary().kinds:
        assert compatibility(one, one) == 1
        for other in vocabulary().kinds:
            assert compatibility(one, other) == compatibility(other, one) <= 1


def test_attacks_and_classes() -> None:
    assert "drone-strike" in attack_kinds()
    assert "alert" not in attack_kinds()
    assert in_class("nuclear-plant", "energy")
    assert in_class("bridge", "bridge")
    assert not in_class("bridge", "energy")
    assert not in_class("unheard-of", "energy")


def test_the_page_about_kinds_says_what_the_vocabulary_says() -> None:
    root = Path(__file__).parents[2]
    made = subprocess.run(
        [sys.executable, "-c", "import scripts.kinds_page as p; print(p.page(), end='')"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout == (root / "docs" / "kinds.md").read_text(encoding="utf-8")
