"""Catalogues: complete, with the same gaps and the same marks as the English text, and all forms that a plural has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from teisen.cli.languages import wanted_here
from teisen.languages import LANGUAGES, words
from teisen.languages.wanted import Wanted, gaps, wanted

OTHERS = [code for code in LANGUAGES if code != "en"]
FORMS = {"ja": 1, "uk": 3, "ru": 3}
ALPHABET = {"ja": r"[ぁ-んァ-ン一-龯]", "uk": r"[а-яґєії]", "ru": r"[а-яё]"}
FOREIGN = {"uk": r"[ыэъё]", "ru": r"[ґєії]", "ja": r"[а-яґєії]"}
SAME = {"of kind {kind}", "{one} {other}", "{n} km", "{n} m", ", "}
"""Texts that may read alike in every language."""


@pytest.fixture(scope="module")
def texts() -> Wanted:
    return wanted_here()


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_holds_every_text_and_none_beside(language: str, texts: Wanted) -> None:
    assert texts.missing(words(language)) == []
    assert texts.beside(words(language)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_gaps_and_marks_are_those_of_the_english_text(language: str, texts: Wanted) -> None:
    known = words(language)
    pairs = list(known.catalogue.items())
    pairs += [(english, form) for one, forms in known.plurals.items() for form in forms for english in [one]]
    for english, said in pairs:
        assert gaps(english) == gaps(said), english
        assert sorted(re.findall(r"</?\w+", english)) == sorted(re.findall(r"</?\w+", said)), english
        assert '"' not in said, "it would end an attribute of a page"
        assert said == said.strip() or english != english.strip(), english


@pytest.mark.parametrize("language", OTHERS)
def test_plurals_have_all_forms_of_the_language(language: str, texts: Wanted) -> None:
    assert {len(forms) for forms in words(language).plurals.values()} == {FORMS[language]}
    for one, many in texts.plural.items():
        assert gaps(one) == gaps(many)


@pytest.mark.parametrize("language", OTHERS)
def test_texts_are_in_the_script_of_the_language(language: str) -> None:
    for english, said in words(language).catalogue.items():
        if re.search(r"[a-z]{4}", re.sub(r"{\w+}|<[^>]*>", "", english)) and english not in SAME:
            assert re.search(ALPHABET[language], said.lower()), english
        assert not re.search(FOREIGN[language], said.lower()), said


def test_what_is_missing_is_found_and_written_as_entries(tmp_path: Path) -> None:
    (tmp_path / "said.py").write_text(
        'from teisen.languages import say\nsay("A text with {gap}" " in two parts")\n'
        'counted(n, "{n} owl", "{n} owls")\n',
        encoding="utf-8",
    )
    (tmp_path / "silent.py").write_text('say("not from this room")\n', encoding="utf-8")
    (tmp_path / "page.j2").write_text(
        "<p title=\"{{ say('Title') }}\">{{ counted(2, '{n} fox', '{n} foxes') }}{{ number(2) }}</p>", encoding="utf-8"
    )
    found = wanted(tmp_path, ["A title"])
    assert {"A text with {gap} in two parts", "Title", "A title"} <= found.single
    assert "not from this room" not in found.single
    assert found.plural == {"{n} owl": "{n} owls", "{n} fox": "{n} foxes"}
    assert "Title" in found.missing(words("uk"))
    entries = found.entries(["{n} owl", "Title"])
    assert 'msgid "{n} owl"\nmsgid_plural "{n} owls"\nmsgstr[0] ""' in entries
    assert 'msgid "Title"\nmsgstr ""' in entries
