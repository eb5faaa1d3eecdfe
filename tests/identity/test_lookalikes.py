"""Names compared by what they look like."""

# ruff: noqa: RUF001  (letters that are drawn alike are the subject)

import unicodedata

import pytest
from hypothesis import given
from hypothesis.strategies import characters, text

from lanchat.identity.lookalikes import skeletons
from lanchat.identity.trust import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna", "anna"),
        ("Anna", "Аnna"),  # Cyrillic A
        ("Anna", "ΑΝΝΑ"),  # all Greek
        ("Anna", "Ａｎｎａ"),
        ("Anna", "𝐀𝓷𝔫𝖺"),
        ("Anna", "ⒶⓃⓃⒶ"),
        ("Anna", "A\u200bn\u2060na\ufe0f"),
        ("Anna", "\u202eAnna"),
        ("Anna", "Ann\U000e0061a"),
        ("Anna", "Añna"),
        ("Anna", "An\u0323na"),
        ("Anna", " Anna."),
        ("Anna", "ᴀɴɴᴀ"),
        ("Anna", "ꓮꓠꓠꓮ"),
        ("Ann Lee", "Ann\u00a0\u2003Lee"),
        ("Ann Lee", "Ann-Lee"),
        ("Ann Lee", "AnnLee"),
        ("Vernon", "Vemon"),
        ("William", "VVilliam"),
        ("Olaf", "0laf"),
        ("Ian", "lan"),
        ("Ian", "1an"),
        ("Ian", "|an"),
        ("Ian", "Ιan"),
        ("Peter", "Реtеr"),
        ("Hope", "Норе"),
        ("Hope", "Ηοре"),
        ("Josef", "Јоѕеf"),
        ("Straße", "STRASSE"),
        ("Søren", "Soren"),
        ("Łukasz", "Lukasz"),
        ("Миша", "Мишa"),  # Latin a
        ("МИША", "миша"),
        ("Γιάννης", "ΓΙΑΝΝΗΣ"),
        ("Ali 3", "Ali ٣"),
        ("Ali ٤", "Ali ۴"),
        ("Cleo", "ϹӀео"),
    ],
)
def test_names_that_look_alike_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann", "Anne"),
        ("Dan", "Clan"),
        ("Ann", "Bob"),
        ("राम", "रामु"),
        ("か", "が"),
        ("김", "긴"),
        ("Ann 🙂", "Ann"),
        ("...", "!!!"),
        ("Ann 2", "Ann 3"),
        ("王伟", "王薇"),
    ],
)
def test_names_that_look_different_fold_differently(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_small_greek_letters_are_compared_as_they_look_when_small() -> None:
    assert fold("Anna") in skeletons("aηηa")
    assert fold("Vova") in skeletons("νονα")


def test_a_name_of_nothing_to_be_seen_folds_to_nothing() -> None:
    assert fold("") == fold(" \t\u200b\u3164\u2800\ufe0f\U000e0041\x00\ud800\u0301") == ""


def test_a_name_of_punctuation_is_compared_as_it_is() -> None:
    assert fold("?!") == "?!"


names = text(characters(), max_size=40)


@given(names)
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@given(names)
def test_case_makes_no_difference(name: str) -> None:
    assert fold(name.casefold()) == fold(name)


@given(names)
def test_what_cannot_be_seen_makes_no_difference(name: str) -> None:
    assert fold("\u200d".join(name)) == fold(name)


@given(names)
def test_a_folded_name_holds_no_spaces_and_no_controls(name: str) -> None:
    assert not any(unicodedata.category(letter)[0] in "CZ" for letter in fold(name))


def test_a_name_of_a_million_letters_is_not_read_to_its_end() -> None:
    assert len(fold("\ufdfa" * 1_000_000)) < 128 * 18
