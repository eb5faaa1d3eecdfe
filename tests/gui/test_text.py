"""Texts of strangers and of widgets.  HOSTILE rows C10, C11 and C17 for what is drawn."""

import re
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lanchat.gui import text

ANY = st.text(st.characters(exclude_categories=()), max_size=200)
EMOJI = ("👍", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "❤️", "1️⃣", "☕", "🏳️‍🌈", "🫠")


@pytest.fixture(params=[True, False], ids=["emoji", "no-emoji"], autouse=True)
def drawn(request: pytest.FixtureRequest) -> Iterator[bool]:
    before = text._Display.emoji, text._Display.pairs
    text.learn(emoji=request.param, pairs=True)
    yield request.param
    text.learn(emoji=before[0], pairs=before[1])


@given(ANY)
@example("a\0b\x1b[31m\u202e\ud83dx\u2028\U000e0041")
def test_what_is_drawn_holds_no_control_no_half_and_nothing_that_reorders(raw: str) -> None:
    for drawn in (text.ui_text(raw), text.one_line(raw, 40), text.name_text(raw)):
        drawn.encode()
        kinds = {unicodedata.category(letter) for letter in drawn if letter not in "\n\t"}
        assert not kinds & {"Cc", "Cs"}
        assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069\0]", drawn)


@given(ANY)
def test_one_line_is_one_line_and_no_longer_than_asked(raw: str) -> None:
    line = text.one_line(raw, 12)
    assert len(line) <= 12
    assert "\n" not in line
    assert "\t" not in line


@given(ANY)
def test_what_leaves_a_widget_can_be_stored_and_sent(raw: str) -> None:
    cleaned = text.clean(raw)
    cleaned.encode()
    assert unicodedata.is_normalized("NFC", cleaned)
    assert text.clean(cleaned) == cleaned


def test_half_an_emoji_from_a_widget_becomes_a_replacement() -> None:
    assert text.clean("a\udcf0") == "a\ufffd"
    assert text.clean("\ud83d\ude00") == "😀"


@given(st.text(max_size=60), st.data())
def test_an_index_of_tk_and_a_place_of_ours_are_each_others_way_back(
    whole: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(whole)))
    index = text.to_tk(whole, place)
    assert text.from_tk(whole, index) == place
    assert index == sum(1 + (ord(letter) > 0xFFFF) for letter in whole[:place])


def test_half_a_character_counts_as_its_start() -> None:
    assert text.from_tk("👍👍 hi", 1) == 0
    assert text.from_tk("👍👍 hi", 5) == 3


def test_where_tk_counts_characters_indices_are_places() -> None:
    text.learn(emoji=True, pairs=False)
    assert text.to_tk("👍👍 hi", 3) == 3
    assert text.from_tk("👍👍 hi", 3) == 3


def test_emoji_are_spelled_out_where_drawing_them_kills(drawn: bool) -> None:
    assert text.ui_text("fine 👍 日本") == (
        "fine 👍 日本" if drawn else "fine :thumbs up sign: 日本"
    )
    assert text.name_text("😀.txt") == ("😀.txt" if drawn else ":grinning face:.txt")


@pytest.mark.parametrize("emoji", EMOJI)
def test_no_picture_is_left_once_emoji_are_spelled_out(emoji: str) -> None:
    spelled = text.spelled(f"x{emoji}y")
    assert spelled.startswith("x")
    assert spelled.endswith("y")
    assert not {unicodedata.category(letter) for letter in spelled} & {"So", "Sk", "Me"}


@given(st.lists(st.sampled_from(EMOJI), min_size=1, max_size=8))
def test_one_to_eight_emoji_alone_are_drawn_big(emoji: list[str]) -> None:
    assert "".join(text.big_emoji("".join(emoji))) == "".join(emoji)


@pytest.mark.parametrize(
    "plain", ["", "  ", "hi 👍", "👍" * 9, "12", "©", "\u200d", "👍\u200d"]
)
def test_anything_else_is_not_drawn_big(plain: str) -> None:
    assert text.big_emoji(plain) == ()


def test_a_name_shows_what_hides_in_it() -> None:
    assert text.name_text("photo\u202egpj.exe") == "photo[U+202E]gpj.exe"
    assert text.name_text("a\nb\0") == "a[U+000A]b[U+0000]"
    assert text.name_text("a\u3164.txt") == "a[U+3164].txt"


@given(ANY, st.integers(0, 40))
def test_a_shortened_name_is_as_short_as_asked(name: str, keep: int) -> None:
    assert len(text.middle(name, keep)) <= keep or name == text.middle(name, keep)
    assert len(text.middle(name, keep)) <= max(keep, len(name))


def test_a_shortened_name_keeps_its_ending() -> None:
    assert text.middle("quarterly report of the team, final.pdf", 20) == "quarterly re…nal.pdf"
    assert text.middle("short.pdf", 20) == "short.pdf"
    assert text.middle("no-ending-at-all-but-long", 11) == "no-endi…ong"


@given(st.text(st.sampled_from("ab\n"), max_size=120))
def test_a_message_is_cut_at_forty_lines(whole: str) -> None:
    head, was_cut = text.cut(whole)
    assert whole.startswith(head)
    assert head.count("\n") < text.MOST_LINES
    assert was_cut == (whole.count("\n") >= text.MOST_LINES)


def test_a_message_is_cut_at_four_thousand_characters() -> None:
    assert text.cut("x" * 4_000) == ("x" * 4_000, False)
    head, was_cut = text.cut("x" * 1_000_000)
    assert (len(head), was_cut) == (4_000, True)
    assert text.cut("\n" * 20_000)[0] == "\n" * 39


def test_hebrew_and_arabic_are_seen() -> None:
    assert text.right_to_left("abc שלום")
    assert text.right_to_left("مرحبا")
    assert not text.right_to_left("日本 abc 👍 ü")


PUT = (
    "👍🏽 and 👍", "❤ ❤\ufe0f", "\U0001fae8\U0001fae9", "1\ufe0f\u20e3 2\u20e3", "x\ufe0f",
    "👩\u200d👧", "\u200dx\u200d", "\u0dc1\u0dca\u200d\u0dbb", "日本語 caf\xe9",
    "\U0001d54f", ":heavy black heart:",
)  # fmt: skip


@pytest.mark.parametrize("put", PUT)
def test_what_is_spelled_in_a_field_can_be_had_again(put: str) -> None:
    known: dict[str, str] = {}
    held = text.spelled_for(put, known)
    assert not [one for one in held if text.spelled(one) != one and one != "\u200d"]
    names = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    meant = re.sub(names, lambda found: known[found.group()], held) if known else held
    assert meant == put
    assert text.spelled_for(put, known) == held
