import random

import pytest

from lanchat.gui.strength import (
    GUESSES_A_SECOND,
    SUGGESTED,
    WORDS,
    Level,
    Strength,
    suggest,
    weigh,
)

YEAR = 365.25 * 24 * 3600


def known(passphrase: str, *about: str) -> Strength:
    strength = weigh(passphrase, about)
    assert strength is not None
    return strength


def test_what_everybody_chooses_is_weak() -> None:
    for passphrase in ("password", "12345678", "qwertyuiop", "iloveyou", "aaaaaaaaaaaa"):
        assert known(passphrase).level is Level.WEAK


def test_the_own_name_is_weak() -> None:
    assert known("Ada Lovelace", "Ada Lovelace").level is Level.WEAK


def test_what_is_suggested_is_strong_and_counted() -> None:
    passphrase = suggest(random.Random(7).choice)
    strength = known(passphrase)
    assert strength.level is Level.STRONG
    assert strength.guesses == len(WORDS) ** SUGGESTED
    assert len(passphrase.split()) == SUGGESTED


def test_words_of_our_list_are_never_worth_more_than_their_number() -> None:
    assert known(f"{WORDS[3]}-{WORDS[300]}").guesses <= 352**2


def test_the_list_has_as_many_words_as_the_estimate_says() -> None:
    assert len(WORDS) == len(set(WORDS)) == 352
    assert all(word.isascii() and word.isalpha() and word.islower() for word in WORDS)


def test_a_suggestion_draws_each_word_by_itself() -> None:
    asked: list[int] = []

    def choose(words: object) -> str:
        assert words is WORDS
        asked.append(1)
        return WORDS[len(asked)]

    assert suggest(choose) == " ".join(WORDS[1:7])


def test_a_passphrase_of_any_length_can_be_weighed() -> None:
    assert known("").level is Level.WEAK
    assert known("tH4" * 2000).guesses > 0
    assert known("\U0001f600" * 20).guesses > 0


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        (0.0, "Weak · less than a minute to guess"),
        (90.0, "Weak · about 2 minutes to guess"),
        (3600.0, "Weak · about 1 hour to guess"),
        (3 * 24 * 3600.0, "Weak · about 3 days to guess"),
        (YEAR / 2, "Fair · about 6 months to guess"),
        (1.2 * YEAR, "Fair · about 1 year to guess"),
        (58 * YEAR, "Good · about 60 years to guess"),
        (28_500 * YEAR, "Strong · about 30,000 years to guess"),
        (1e300, "Strong · more than 100,000 years to guess"),
    ],
)
def test_the_sentence_says_level_and_time(seconds: float, sentence: str) -> None:
    assert Strength(seconds * GUESSES_A_SECOND).sentence == sentence


def test_the_bar_grows_with_the_time_and_ends_full() -> None:
    shares = [Strength(10.0**power).share for power in range(0, 40, 2)]
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.1
    assert shares[-1] == 1.0
