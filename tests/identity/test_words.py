"""The word list, against another copy of it."""

from wormhole._wordlist import raw_words

from lanchat.identity.words import EVEN, ODD


def test_the_list_is_the_pgp_list() -> None:
    pairs = [raw_words[f"{value:02X}"] for value in range(256)]
    assert [list(pair) for pair in zip(EVEN, ODD, strict=True)] == pairs


def test_no_word_stands_twice_even_across_the_lists() -> None:
    assert len({word.lower() for word in (*EVEN, *ODD)}) == 512


def test_every_word_is_plain_letters() -> None:
    assert [word for word in (*EVEN, *ODD) if not (word.isascii() and word.isalpha())] == []
