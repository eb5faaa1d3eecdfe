"""What strangers write, made safe to keep, to show and to print."""

# ruff: noqa: RUF001  (letters that are drawn alike are part of the subject)

import unicodedata

import pytest
from hypothesis import given
from hypothesis.strategies import characters, integers, lists, sampled_from, text

from lanchat.conversation.text import (
    MAX_MESSAGE,
    MAX_NAME,
    clean_message,
    clean_name,
    clean_status,
    for_terminal,
    isolated,
    shown,
    shown_name,
    shown_status,
    terminal,
)
from lanchat.errors import BadRequest
from lanchat.identity.trust import fold

JOINERS = "\u200c\u200d"
DRAWN = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
# Every control, format character, space and enclosing mark; the ends of the longer ranges.
SUSPECTS = [
    letter
    for letter in map(chr, range(0x110000))
    if unicodedata.category(letter) in ("Cc", "Cf", "Me", "Zs", "Zl", "Zp")
] + list("\ud800\udbff\udc00\udfff\ue000\uf8ff\ufdd0\ufdef\ufffe\uffff\U0001ffff\U0010fffe")
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

nasty = sampled_from(
    "\0\a\b\t\n\v\f\r\x1b\x7f\x85\x9b\u00ad\u034f\u0301\u0323\u20dd\u2028\u2029\ufeff\ufe0f\ufffc"
    "\ufffe\U000e0041\U000e0101\U0001fffe\ue000\ud800\udc00\u3164\u2714\u2705\U0001f512"
    " ()[]-_|." + JOINERS + DRAWN + BIDI
)
pieces = sampled_from(["System", "verified", "lan", "chat", "ЅуЅtеm", "sys", "tem", "\x1b[31m"])
hostile = text(characters() | nasty, max_size=60)


# --- messages ---------------------------------------------------------------------------


def test_plain_text_stays_as_it_is() -> None:
    written = "Grüße!\n\tפרשת שלום, می‌خواهم, 👩‍💻👍🏽 <b>not markup</b> [bold]nor this[/]"
    assert shown(written) == written
    assert for_terminal(written, multiline=True) == written.replace("\t", "    ")


@pytest.mark.parametrize(
    ("written", "on_screen"),
    [
        ("a\x1b[31mb", "a\ufffd[31mb"),
        ("\x1b]52;c;cm0=\x07", "\ufffd]52;c;cm0=\ufffd"),
        ("\x1b]8;;http://x\x1b\\y", "\ufffd]8;;http://x\ufffd\\y"),
        ("a\x9b31m", "a\ufffd31m"),
        ("a\rb", "a\ufffdb"),
        ("a\r\nb", "a\nb"),
        ("a\u2028b\u2029c", "a\nb\nc"),
        ("a\x85b\x0bc\x0cd\x00e", "a\ufffdb\ufffdc\ufffdd\ufffde"),
        ("a\u202etxt.exe\u202cb", "atxt.exeb"),
        ("\u2067a\u2069\u200f\u061c", "a"),
        ("a\u200bb\ufeffc\u00add", "abcd"),
        ("hi\U000e0068\U000e0069\U000e0101", "hi"),
        ("a\ud83d", "a\ufffd"),
        ("a\ufffcb\uffffc\U0010ffff", "a\ufffdb\ufffdc\ufffd"),
        ("\u2764\ufe0f", "\u2764\ufe0f"),
        ("o" + "\u0336" * 500, "o" + "\u0336" * 8),
    ],
)
def test_a_message_gives_no_orders(written: str, on_screen: str) -> None:
    assert shown(written) == on_screen


def test_every_character_is_harmless_by_itself() -> None:
    left = set(shown("".join(SUSPECTS))) & set(SUSPECTS)
    assert {c for c in left if unicodedata.category(c)[0] == "C"} == set(
        "\n\t\ue000\uf8ff" + JOINERS + DRAWN
    )


def test_every_character_is_harmless_on_a_terminal() -> None:
    everything = "".join(SUSPECTS)
    many, one = for_terminal(everything, multiline=True), terminal(everything)
    assert {c for c in many if unicodedata.category(c) in ("Cc", "Zl", "Zp")} == {"\n"}
    assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in one)
    assert not set(BIDI) & set(many + one)


@given(hostile)
def test_showing_twice_is_showing_once(written: str) -> None:
    assert shown(shown(written)) == shown(written)
    assert terminal(terminal(written)) == terminal(written) == terminal(shown(written))


@given(hostile)
def test_what_is_shown_can_be_encoded_and_fits_a_line(written: str) -> None:
    shown(written).encode()
    assert len(terminal(written).splitlines()) <= 1


# --- our own messages -------------------------------------------------------------------


def test_our_message_is_brought_to_normal_form() -> None:
    assert clean_message("e\u0301\r\nx\ny") == "\u00e9\nx\ny"


@pytest.mark.parametrize("written", ["", " ", "\n\t \u00a0", "a\0b", "\0"])
def test_a_message_of_nothing_and_one_with_a_nul_are_refused(written: str) -> None:
    with pytest.raises(BadRequest):
        clean_message(written)


@pytest.mark.parametrize("letter", ["a", "é", "€", "😀"])
def test_a_message_of_60000_bytes_is_the_longest(letter: str) -> None:
    longest = letter * (MAX_MESSAGE // len(letter.encode()))
    assert clean_message(longest) == longest
    with pytest.raises(BadRequest):
        clean_message(longest + "a")


def test_a_message_far_too_long_is_refused_before_any_work_on_it() -> None:
    with pytest.raises(BadRequest):
        clean_message("\u0301\u0323" * 5_000_000)


def test_a_tower_of_marks_is_cut_before_its_normal_form_is_made() -> None:
    assert (
        clean_message("a" + "\u0301\u0323" * 25_000) == "\u1ea1" + "\u0323" * 3 + "\u0301" * 4
    )


def test_halves_of_surrogate_pairs_cannot_be_sent() -> None:
    assert clean_message("\ud83dx\ude00 \ud83d\ude00") == "\ufffdx\ufffd 😀"


@given(hostile)
def test_a_clean_message_is_what_the_wire_takes(written: str) -> None:
    try:
        cleaned = clean_message(written)
    except BadRequest:
        return
    assert unicodedata.is_normalized("NFC", cleaned)
    assert 1 <= len(cleaned.encode()) <= MAX_MESSAGE
    assert clean_message(cleaned) == cleaned


# --- names ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Ann",
        "Ann Lee-O'Neill",
        "_ann_",
        "José",
        "Миша",
        "王伟",
        "رضا",
        "प्रिया",
        "Ann 🙂",
        "C3PO",
    ],
)
def test_an_honest_name_stays_as_it_is(name: str) -> None:
    assert shown_name(name) == name
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("name", "on_screen"),
    [
        ("\u202eAnn", "Ann"),
        ("\u2067A\u2069n\u200bn\ufeff\u00ad", "Ann"),
        ("Ann\U000e0041\ufe0f\U000e0101\u034f", "Ann"),
        ("A\u200dn\u200cn", "Ann"),
        ("Ann\x1b[31m", "Ann\ufffd[31m"),
        ("An\nn\tn\0", "An\ufffdn\ufffdn\ufffd"),
        ("Ann\x9b\x07", "Ann\ufffd\ufffd"),
        ("Ann\ue000\uffff", "Ann\ufffd\ufffd"),
        ("Ann\ud800", "Ann\ufffd"),
        ("  Ann \u3000\u00a0 Lee\u2029", "Ann Lee"),
        ("\u3164Ann\u2800", "Ann"),
        ("\u0301Ann", "Ann"),
        ("A\u20ddnn", "Ann"),
        ("e\u0301", "\u00e9"),
        ("A" + "\u0336" * 30, "A" + "\u0336" * 8),
        ("Ann \u2713", "Ann"),
        ("\u2705 Ann \u2714\ufe0f", "Ann"),
        ("Ann \U0001f512\U0001f6e1\ufe0f\U0001f7e2", "Ann"),
        ("System", ""),
        ("S y s t e m", ""),
        ("Ѕуstеm", ""),
        ("\uff33\uff39\uff33\uff34\uff25\uff2d", ""),
        ("systern", ""),
        ("LanChat", ""),
        ("lan-chat", ""),
        ("Verified", ""),
        ("Ann (verified)", "Ann"),
        ("Verified: Ann", "Ann"),
        ("[VERIFIED] Ann", "Ann"),
        ("Ann \u2014 verified", "Ann \u2014"),
        ("lan verified chat", ""),
        ("Sys(verified)tem", ""),
        ("Systemtechnik", "Systemtechnik"),
        ("\ufffd\ufffd", ""),
        ("\x00\x1b", ""),
        ("\u200b\u3164 \ufe0f", ""),
    ],
)
def test_a_name_cannot_play_tricks(name: str, on_screen: str) -> None:
    assert shown_name(name) == on_screen


@pytest.mark.parametrize(
    ("line", "on_screen"),
    [
        ("in a meeting", "in a meeting"),
        ("for the system, by lanchat", "for the system, by lanchat"),
        ("\u2705 Verified \U0001f512", "Verified"),
        ("\u202egpj.exe\u2069", "gpj.exe"),
        ("a\n  b\tc\r\nd", "a b c d"),
        ("\x1b[31mred\x07", "\ufffd[31mred\ufffd"),
        ("Z" + "\u0301" * 50, "\u0179" + "\u0301" * 8),
        ("\u0301 floating", "floating"),
        ("\u200b\u3164\ufe0f", ""),
        ("x" * 1_000_000, "x" * 140),
        ("\u20ac" * 1_000_000, "\u20ac" * 46),
        ("\U0001f469\u200d\U0001f680 away", "\U0001f469\U0001f680 away"),
    ],
)
def test_a_status_line_cannot_play_tricks(line: str, on_screen: str) -> None:
    assert shown_status(line) == on_screen
    assert shown_status(shown_status(line)) == shown_status(line)


@pytest.mark.parametrize("line", ["x" * 141, "\u20ac" * 47, "x" * 1_000_000])
def test_our_own_status_line_is_refused_and_not_cut(line: str) -> None:
    with pytest.raises(BadRequest):
        clean_status(line)


def test_our_own_status_line_is_what_others_see() -> None:
    assert clean_status("  back\nat three\u202e ") == "back at three"
    assert clean_status(" \n ") == ""
    assert clean_status("\u20ac" * 46) == "\u20ac" * 46
    assert clean_status("half \ud83d") == "half \ufffd"


def test_a_long_name_is_cut_between_letters() -> None:
    assert shown_name("é" * 40) == "é" * 31
    assert shown_name("a" * 62 + "é") == "a" * 62
    assert shown_name("Ann Lee", limit=4) == "Ann"


def test_no_name_is_too_long_to_be_shown() -> None:
    assert shown_name("a" * 10_000_000) == "a" * MAX_NAME


@given(hostile, integers(1, 63))
def test_a_shown_name_is_one_harmless_line(name: str, limit: int) -> None:
    out = shown_name(name, limit)
    assert len(out.encode()) <= limit
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for c in out)
    assert out == out.strip()
    assert unicodedata.is_normalized("NFC", out)
    assert shown_name(out, limit) == out


@given(lists(pieces | sampled_from(" ()-_.\u2713\u200b"), max_size=12).map("".join))
def test_no_arrangement_makes_a_name_that_speaks_for_the_program(name: str) -> None:
    assert fold(shown_name(name)) not in {
        fold(word) for word in ("System", "Verified", "lanchat")
    }


def test_no_single_character_makes_a_harmful_name() -> None:
    for letter in SUSPECTS:
        out = shown_name(f"A{letter}b")
        assert out[0] + out[-1] == "Ab"
        assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") for c in out)


@pytest.mark.parametrize("name", ["", " ", "\u202e", "System", "\u2713", "a" * 41, "王" * 22])
def test_our_own_name_has_to_be_one_that_can_be_shown(name: str) -> None:
    with pytest.raises(BadRequest):
        clean_name(name)


def test_a_name_inside_a_sentence_keeps_its_direction_to_itself() -> None:
    assert isolated("רות") == "\u2068רות\u2069"
