from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.conversation.text import clean_name
from lanchat.errors import BadRequest
from lanchat.gui.form import Form, Place, place_for, shown_as

GOOD = Form(name="Ada", passphrase="eight letters", repeat="eight letters")


def place_of(form: Form) -> Place | None:
    return form.missing.place if form.missing else None


def test_a_full_form_misses_nothing() -> None:
    assert GOOD.missing is None


def test_what_is_missing_is_named_from_the_top_down() -> None:
    assert place_of(Form()) is Place.NAME
    assert place_of(Form(name="Ada")) is Place.PASSPHRASE
    assert place_of(Form(name="Ada", passphrase="eight letters")) is Place.REPEAT


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "lanchat", "verified", "\u2714"])
def test_a_name_of_which_nothing_can_be_shown_is_not_taken(name: str) -> None:
    assert place_of(replace(GOOD, name=name)) is Place.NAME


def test_a_name_has_forty_characters_and_sixty_three_bytes() -> None:
    assert replace(GOOD, name="a" * 40).missing is None
    assert place_of(replace(GOOD, name="a" * 41)) is Place.NAME
    assert replace(GOOD, name="ä" * 31).missing is None
    assert place_of(replace(GOOD, name="ä" * 32)) is Place.NAME


@given(st.text(max_size=80))
def test_the_form_takes_exactly_the_names_that_the_node_takes(name: str) -> None:
    try:
        cleaned = clean_name(name)
    except BadRequest:
        assert place_of(replace(GOOD, name=name)) is Place.NAME
    else:
        assert replace(GOOD, name=name).missing is None
        assert shown_as(name) == cleaned


def test_a_short_passphrase_is_missing_not_wrong_while_it_is_typed() -> None:
    missing = replace(GOOD, passphrase="seven77").missing
    assert missing is not None
    assert missing.place is Place.PASSPHRASE
    assert not missing.wrong


def test_a_passphrase_counts_as_the_key_file_counts_it() -> None:
    wide = "\uff41" * 8  # eight wide letters are eight bytes in normal form KC
    assert replace(GOOD, passphrase=wide, repeat=wide).missing is None
    assert place_of(replace(GOOD, passphrase="x" * 1025, repeat="x" * 1025)) is Place.PASSPHRASE


def test_a_repeat_on_its_way_is_not_wrong_and_another_one_is() -> None:
    halfway = replace(GOOD, repeat="eight").missing
    other = replace(GOOD, repeat="Eight").missing
    assert halfway is not None
    assert not halfway.wrong
    assert other is not None
    assert other.wrong


def test_a_suggestion_must_be_copied_or_typed_once() -> None:
    words = "one two three four five six"
    form = Form(name="Ada", passphrase=words, suggestion=words)
    assert place_of(form) is Place.REPEAT
    assert replace(form, copied=True).missing is None
    assert replace(form, repeat=words).missing is None


def test_a_copied_suggestion_that_was_changed_must_be_repeated() -> None:
    words = "one two three four five six"
    form = Form("Ada", words + " seven", suggestion=words, copied=True)
    assert not form.kept
    assert place_of(form) is Place.REPEAT


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Ada Lovelace", "ada-lovelace"),
        ("../../etc", "etc"),
        (".hidden", "hidden"),
        ("C:\\Users", "c-users"),
        ("\u202egpj.exe", "gpj-exe"),
        ("Zoë & Max", "zoë-max"),
        ("!!!", "profile"),
        ("", "profile"),
        ("NUL", "profile-nul"),
        ("x" * 60, "x" * 32),
    ],
)
def test_the_folder_of_a_profile_is_called_like_its_owner(name: str, place: str) -> None:
    assert place_for(name, lambda _place: False) == place


def test_a_folder_that_is_taken_gets_a_number() -> None:
    taken = {"ada", "ada-2"}
    assert place_for("Ada", taken.__contains__) == "ada-3"


@given(st.text(max_size=80))
def test_no_name_leads_out_of_the_folder_of_profiles(name: str) -> None:
    place = place_for(name, lambda _place: False)
    assert place
    assert not set(place) & set("/\\:.\0 ")
    assert len(place) <= 40
