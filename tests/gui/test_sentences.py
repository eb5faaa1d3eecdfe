"""What an error and the node say, as the window shows it."""

import json

import pytest

from lanchat.errors import BadWords, LanchatError, NoSpace, Sentence
from lanchat.gui import sentences
from lanchat.identity.fingerprint import parse_words
from lanchat.node import outcomes
from lanchat.wire.payloads import Decline, DeclineCode


def test_a_sentence_is_plain_text_to_everybody_else() -> None:
    said = Sentence("word {place} is {word}", place=3, word="{odd}")
    assert said == "word 3 is {odd}"
    assert json.loads(json.dumps(said)) == "word 3 is {odd}"
    assert Sentence("no {field} here") == "no {field} here"


def test_an_error_is_told_with_what_to_try() -> None:
    with pytest.raises(BadWords) as caught:
        parse_words("adroitness " * 3)
    assert sentences.of(caught.value) == (
        "These are not the words of a fingerprint.\n"
        "Word 1 does not belong there; look for one missing or doubled."
    )
    assert sentences.of(NoSpace(5)) == "There is not enough free space for the files."


def test_an_error_of_another_process_that_says_nothing_says_nothing() -> None:
    class Silent(LanchatError):
        __doc__ = ""

    assert sentences.of(Silent()) == ""


def test_how_much_room_is_missing_is_told_in_a_unit_people_know() -> None:
    told = outcomes.declined(Decline(bytes(16), DeclineCode.NO_SPACE, 123_456_789))
    assert told.endswith("123456789 bytes are missing")
    assert sentences.reason(str(told)).endswith("123 MB are missing")


def test_every_way_to_decline_is_a_sentence() -> None:
    for code in DeclineCode:
        assert " " in outcomes.declined(Decline(bytes(16), code, 1))
        assert " " in outcomes.refused(code)


@pytest.mark.parametrize(
    ("text", "whole"),
    [("you declined", "You declined."), ("Done!", "Done!"), ("wait…", "Wait…"), ("", "")],
)
def test_a_sentence_that_stands_alone_has_a_capital_and_an_end(text: str, whole: str) -> None:
    assert sentences.finished(text) == whole
