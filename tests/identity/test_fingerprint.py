"""Fingerprints and invites, beyond the vectors."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis.strategies import binary, lists, text

from lanchat.errors import BadInvite, BadWords
from lanchat.identity.fingerprint import (
    Fingerprint,
    fingerprint,
    invite,
    invite_in,
    is_invite,
    parse_fingerprint,
    parse_invite,
    parse_words,
    spoken,
)
from lanchat.identity.keys import Identity
from lanchat.identity.words import EVEN, ODD

PRINT = Fingerprint(bytes(range(16)))
ANN = Identity(bytes(range(32))).peer_id

seeds = binary(min_size=32, max_size=32)
prints = binary(min_size=16, max_size=16).map(Fingerprint)


def test_a_fingerprint_is_shown_in_four_rows_and_eight_groups() -> None:
    assert PRINT.rows[0] == "aardvark adviser accrue aggregate"
    assert len(PRINT.rows) == 4
    assert PRINT.groups == ("0001", "0203", "0405", "0607", "0809", "0a0b", "0c0d", "0e0f")
    assert str(PRINT).split("\n") == list(PRINT.rows)
    assert "".join(PRINT.groups) == PRINT.hex


def test_a_fingerprint_has_16_bytes() -> None:
    with pytest.raises(ValueError, match="15 bytes"):
        Fingerprint(bytes(15))


def test_spoken_words_come_from_the_two_lists_in_turn() -> None:
    assert spoken(bytes([0, 255, 255, 0])) == (EVEN[0], ODD[255], EVEN[255], ODD[0])
    assert spoken(b"") == ()


@given(prints)
def test_a_fingerprint_survives_being_written_and_typed(printed: Fingerprint) -> None:
    assert parse_words(str(printed)) == printed
    assert parse_fingerprint(" ".join(printed.groups).upper()) == printed
    assert parse_fingerprint(str(printed).title()) == printed


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        (invite(ANN), True),
        (f" \n{invite(ANN).upper()}", True),
        ("lanchat:1:", True),
        ("lanchat:22:of a later version", True),
        ("lanchat:48321", False),  # a host of that name, and a port
        ("lanchat:", False),
        ("lanchat:\u0661:x", False),
        (f"see {invite(ANN)}", False),
        (str(ANN), False),
        ("", False),
    ],
)
def test_an_invite_is_told_from_a_host_and_from_a_name(text: str, *, begins: bool) -> None:
    assert is_invite(text) is begins


def test_two_keys_have_two_fingerprints() -> None:
    assert fingerprint(ANN) != fingerprint(Identity(bytes(32)).peer_id)


def test_the_hint_guesses_a_misspelt_word_and_the_log_does_not_hold_it() -> None:
    words = list(PRINT.words)
    words[2] = "acrue"
    with pytest.raises(BadWords) as caught:
        parse_words(" ".join(words))
    assert caught.value.hint == "word 3 is not one of the list; did you mean accrue?"
    assert str(caught.value) == "word 3"


def test_the_hint_tells_a_word_of_the_other_list() -> None:
    words = list(PRINT.words)
    with pytest.raises(BadWords) as caught:
        parse_words(" ".join(words[1:]))
    assert caught.value.hint.startswith("word 1 does not belong there")


@given(text(max_size=300))
def test_no_typed_text_breaks_the_reading_of_words(typed: str) -> None:
    with suppress(BadWords):
        assert len(parse_fingerprint(typed).words) == 16


@given(text(max_size=300))
def test_no_typed_text_breaks_the_reading_of_an_invite(typed: str) -> None:
    for written in (typed, "lanchat:1:" + typed, invite(ANN) + "?" + typed):
        with suppress(BadInvite):
            parse_invite(written)


PLAIN = invite(Identity(bytes(32)).peer_id)
WHOLE = invite(Identity(bytes(32)).peer_id, ["10.77.0.1:45993", "[2001:db8::7]:45993"])


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        (f"  {WHOLE}\n", WHOLE),
        (f"Here is my invite: {WHOLE} See you!", WHOLE),
        (f"Here it is:\r\n{WHOLE}\r\nSee you", WHOLE),
        (f"> {WHOLE[:40]}\n> {WHOLE[40:76]}\n> {WHOLE[76:]}\n> Ann", WHOLE),
        (f"{WHOLE[:80]}\n{WHOLE[80:]}", WHOLE),  # within a port, which is one in itself
        (f"{PLAIN}\nAnn", PLAIN),
        (f"{PLAIN[:30]}\n{PLAIN[30:]}", PLAIN),
        (f"{PLAIN[:30]} {PLAIN[30:]}", f"{PLAIN[:30]} {PLAIN[30:]}"),
        ("192.168.1.31:48321 ", "192.168.1.31:48321"),
        ("lanchat:1:x", "lanchat:1:x"),
        ("", ""),
    ],
)
def test_an_invite_is_found_in_what_was_pasted(pasted: str, meant: str) -> None:
    assert invite_in(pasted) == meant


@given(text())
def test_no_pasted_text_breaks_the_search_for_an_invite(pasted: str) -> None:
    for one in (pasted, f"lanchat:1:{pasted}", f"{PLAIN[:40]}\n{pasted}"):
        assert len(invite_in(one)) <= len(one)
    assert invite_in(f"{WHOLE}\n{pasted}").startswith(WHOLE[:70])


def test_a_pasted_novel_is_not_read_to_its_end() -> None:
    with pytest.raises(BadWords):
        parse_words("x" * 10_000_000)
    with pytest.raises(BadInvite):
        parse_invite("lanchat:1:" + "a" * 10_000_000)


@given(seeds, lists(text(alphabet="ab.:[]%,&?\x1b0123456789", max_size=20), max_size=12))
def test_an_invite_says_the_addresses_that_can_be_used(seed: bytes, tried: list[str]) -> None:
    peer_id = Identity(seed).peer_id
    read = parse_invite(invite(peer_id, tried))
    assert read.peer_id == peer_id
    assert set(read.addresses) <= set(tried)
    assert len(read.addresses) <= 8
    assert parse_invite(invite(read.peer_id, read.addresses)) == read


def test_an_address_with_a_zone_stays_at_home() -> None:
    assert "?" not in invite(ANN, ["[fe80::1%eth0]:4433"])
    assert invite(ANN, ["h:1", "[fe80::1%eth0]:4433"]).endswith("?a=h:1")


@given(seeds)
def test_one_changed_character_is_found(seed: bytes) -> None:
    written = invite(Identity(seed).peer_id)
    for at in range(len("lanchat:1:"), len(written)):
        other = "a" if written[at] != "a" else "b"
        with pytest.raises(BadInvite):
            parse_invite(written[:at] + other + written[at + 1 :])
