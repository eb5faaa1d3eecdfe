"""Lines of mixed scripts, in the order in which they are read on paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.gui import bidi

# Capitals stand for letters from right to left, as in the standard's own examples.
HEBREW = {chr(ord("A") + at): chr(0x05D0 + at) for at in range(20)}
BACK = {hebrew: latin for latin, hebrew in HEBREW.items()}
MIXED = st.text(st.sampled_from("abא שل\u06612+,.- (\u0301\u200d\t"), max_size=30)


def _seen(pattern: str) -> str:
    text = "".join(HEBREW.get(letter, letter) for letter in pattern)
    base = int(bidi.rtl(text))
    pieces = []
    for run in bidi.runs(bidi.levels(text, base)):
        piece = text[run.start : run.end]
        pieces.append(piece[::-1] if run.rtl else piece)
    return "".join(BACK.get(letter, letter) for letter in "".join(pieces))


@pytest.mark.parametrize(
    ("stored", "seen"),
    [
        ("plain words.", "plain words."),
        ("car is THE CAR in hebrew", "car is RAC EHT in hebrew"),
        ("THE CAR is nice", "is nice RAC EHT"),
        ("ABC 123 DEF", "FED 123 CBA"),
        ("ABC 1.5 DEF", "FED 1.5 CBA"),
        ("ABC 10-20", "10-20 CBA"),
        ("he said ABC, DEF.", "he said FED ,CBA."),
        ("ABC!", "!CBA"),
        ("a ABC 5 b", "a 5 CBA b"),
    ],
)
def test_a_line_is_seen_as_it_is_read(stored: str, seen: str) -> None:
    assert _seen(stored) == seen


@given(MIXED, st.integers(0, 1))
def test_each_letter_is_seen_once(text: str, base: int) -> None:
    found = bidi.runs(bidi.levels(text, base))
    assert sorted(at for run in found for at in range(run.start, run.end)) == list(
        range(len(text))
    )


@given(st.text(st.sampled_from("abc12 .,é日"), min_size=1))
def test_a_line_of_one_direction_is_one_run(text: str) -> None:
    assert bidi.runs(bidi.levels(text, 0)) == (bidi.Run(0, len(text), rtl=False),)


@given(st.text(st.sampled_from("ab  א"), max_size=80), st.integers(1, 20))
def test_wrapped_lines_hold_everything_and_fit(text: str, width: int) -> None:
    lines = bidi.wrap([1.0] * len(text), text, width)
    pieces = [text[start:end] for start, end in lines]
    assert "".join(pieces) == text
    assert all(len(piece.rstrip()) <= width for piece in pieces)


def test_a_word_wider_than_a_line_is_broken() -> None:
    text = "aa bbbbbbb c"
    lines = bidi.wrap([1.0] * len(text), text, 4)
    assert [text[start:end] for start, end in lines] == ["aa ", "bbbb", "bbb ", "c"]
