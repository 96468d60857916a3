from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from teisen.documents import fit
from teisen.observation import attack_kinds, compatibility, in_class, in_weapons, vocabulary
from teisen.observation.kinds import Vocabulary


def test_the_file_of_the_vocabulary_has_the_types_that_it_declares() -> None:
    assert fit(asdict(vocabulary()), Vocabulary, "kinds.yaml") == vocabulary()


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


def test_weapons_lie_within_words_of_the_vocabulary_and_names_state_their_calibre() -> None:
    weapons = vocabulary().weapons
    for name, weapon in weapons.items():
        assert set(weapon.within) <= set(weapons)
        told = [int(part) for part in name.split("-") if part.isdigit()]
        assert told in ([], [weapon.calibre_mm])
        assert name not in vocabulary().target_classes  # one word, one thing
    assert in_weapons("artillery-152", "artillery")
    assert not in_weapons("artillery", "artillery-152")
    assert not in_weapons("unheard-of", "artillery")


def test_vessels_have_classes_and_warships_are_none_of_them() -> None:
    assert in_class("grain-ship", "vessel")
    assert in_class("grain-ship", "merchant-vessel")
    assert not in_class("fishing-vessel", "merchant-vessel")
    assert "warship" not in vocabulary().target_classes


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
