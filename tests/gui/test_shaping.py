"""Lines from right to left, for labels of a display that cannot order letters."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.gui.shaping import on_paper

# Hebrew and Arabic are written with escapes here: an editor would turn them around.
NOA = "\u05e0\u05d5\u05e2\u05d4"


@pytest.mark.parametrize("line", ["", "plain", "Zoë 🎉", "a (b)", "日本語"])
def test_a_line_from_left_to_right_stays(line: str) -> None:
    assert on_paper(line) == line


def test_hebrew_begins_at_the_right() -> None:
    assert on_paper(NOA) == NOA[::-1]


def test_a_name_within_a_sentence_is_turned_and_the_sentence_is_not() -> None:
    assert on_paper(f"Verify {NOA}?") == f"Verify {NOA[::-1]}?"


def test_numbers_and_brackets_keep_their_order() -> None:
    assert on_paper(f"{NOA} (12)") == f"(12) {NOA[::-1]}"


def test_arabic_letters_join_each_other() -> None:
    drawn = on_paper("\u0628\u0628\u0628")  # beh three times: first, middle, last
    assert [unicodedata.name(one).split()[-2] for one in drawn] == [
        "FINAL",
        "MEDIAL",
        "INITIAL",
    ]


def test_a_letter_that_joins_nothing_behind_it_leaves_the_next_alone() -> None:
    drawn = on_paper("\u0627\u0628")  # alef joins nothing that follows
    assert drawn == "\ufe8f\ufe8d"


def test_lam_and_alef_are_one_sign() -> None:
    assert on_paper("\u0644\u0627") == "\ufefb"
    assert on_paper("\u0628\u0644\u0627") == "\ufefc\ufe91"


def test_signs_stay_on_their_letter() -> None:
    assert on_paper("\u05d0\u05b8\u05d1") == "\u05d1\u05d0\u05b8"


@given(st.text(alphabet="ab \u05d0\u05d1\u0628\u0644\u0627\u064b12().,\U0001f389"))
def test_nothing_is_lost(line: str) -> None:
    whole = unicodedata.normalize("NFKC", on_paper(line))
    assert sorted(whole.translate(str.maketrans(")", "("))) == sorted(
        line.translate(str.maketrans(")", "("))
    )
