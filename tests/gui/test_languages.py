"""The window's words: every sentence in every catalogue, and the right one for the reader."""

import ast
import json
import string
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from babel.messages.catalog import Catalog, Message

from lanchat.errors import NoSpace, Sentence, WrongPassphrase
from lanchat.gui import amounts, keys, languages, moments, sentences, strength
from lanchat.gui.languages import NAMES
from lanchat.gui.translate import _, ngettext
from lanchat.node import outcomes
from tests.kit.program import Program
from tools import catalogue

CODES: Final = sorted(path.name for path in catalogue.FOLDER.iterdir())
MARKS: Final = ("_", "later", "ngettext", "Sentence")
VARIABLES: Final = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
NOW: Final = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _english_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    yield
    languages.start("en")


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


# --- the catalogues -----------------------------------------------------------------------


@cache
def template() -> Catalog:
    return catalogue.template()


@cache
def marked() -> tuple[tuple[Path, ast.Call], ...]:
    """What is marked for translation, and in which file."""
    return tuple(
        (path, node)
        for path in sorted((catalogue.ROOT / "lanchat").rglob("*.py"))
        if any(f"{mark}(" in path.read_text() for mark in MARKS) and "cli" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and node.args and _name(node) in MARKS
    )


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else str(message.id[0])


def forms(message: Message) -> tuple[str, ...]:
    said = message.string
    return tuple(said) if isinstance(said, list | tuple) else (str(said),)


def test_every_language_that_can_be_chosen_has_a_catalogue() -> None:
    assert {"en", *CODES} == set(NAMES)


def test_every_sentence_of_the_source_is_found() -> None:
    found = {first(one) for one in template()}
    said = {
        call.args[0].value: path.name
        for path, call in marked()
        if isinstance(call.args[0], ast.Constant)
    }
    assert {text: where for text, where in said.items() if text not in found} == {}
    assert WrongPassphrase().sentence in found
    assert str(outcomes.I_DECLINED) in found


def test_no_sentence_is_put_together_before_it_is_translated() -> None:
    wrong = [
        f"{path.name}:{call.lineno}"
        for path, call in marked()
        for said in call.args[: 2 if _name(call) == "ngettext" else 1]
        if isinstance(said, ast.JoinedStr | ast.BinOp)
    ]
    assert wrong == []


@pytest.mark.parametrize("code", CODES)
def test_a_catalogue_has_all_sentences_and_no_others(code: str) -> None:
    words = catalogue.read(catalogue.path_of(code))
    assert [first(one) for one in catalogue.missing(words)] == []
    held, wanted = ({one.id for one in them} for them in (words, template()))
    assert held == wanted, "make words"


@pytest.mark.parametrize("code", CODES)
def test_what_is_filled_in_is_named_as_in_the_source(code: str) -> None:
    for message in catalogue.read(catalogue.path_of(code)):
        one, many = (message.id,) * 2 if isinstance(message.id, str) else message.id
        for form in forms(message):
            assert fields(one) <= fields(form) <= fields(many), form


def fields(text: str) -> set[tuple[str, str]]:
    parts = string.Formatter().parse(text) if "{" in text else ()
    return {(name, spec or "") for _text, name, spec, _way in parts if name is not None}


@pytest.mark.parametrize("code", CODES)
def test_the_files_are_what_make_words_makes(code: str) -> None:
    path = catalogue.path_of(code)
    words = catalogue.read(path)
    words.update(template())
    assert catalogue.written(words) == path.read_bytes()
    assert catalogue.compiled(words) == path.with_suffix(".mo").read_bytes()


def test_german_dots_have_their_space_and_nobody_is_shouted_at() -> None:
    for message in catalogue.read(catalogue.path_of("de")):
        for form in forms(message):
            assert "!" not in form or not message.id
            if first(message).endswith("…"):
                assert form.endswith("\u00a0…"), form


# --- which one ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "system", "spoken"),
    [
        ("de", {}, "de"),
        ("en", {"LANG": "de_DE.UTF-8"}, "en"),
        ("", {}, "en"),
        ("", {"LANG": "de_AT.UTF-8"}, "de"),
        ("", {"LANG": "C.UTF-8"}, "en"),
        ("", {"LANGUAGE": "fr:de:en", "LANG": "en_GB.UTF-8"}, "de"),
        ("", {"LANGUAGE": "en:de", "LANG": "de_DE.UTF-8"}, "en"),
        ("", {"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, "en"),
        ("", {"LC_MESSAGES": "de_DE", "LANG": "en_GB.UTF-8"}, "de"),
        ("xx", {"LANG": "de_DE.UTF-8"}, "de"),
    ],
)
def test_the_choice_comes_first_and_then_the_system(
    chosen: str, system: dict[str, str], spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in system.items():
        monkeypatch.setenv(name, value)
    assert languages.start(chosen) == spoken
    assert _("Settings") == {"de": "Einstellungen", "en": "Settings"}[spoken]


@pytest.mark.parametrize("kept", ["", "en"])
def test_the_program_speaks_as_the_system_does_unless_it_was_told(
    launch: Callable[..., Program], tmp_path: Path, kept: str
) -> None:
    place = tmp_path / "ann/config/lanchat/window.json"
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps({"language": kept}))
    program = launch("ann", "--interface", "lo", env={"LANGUAGE": "de"})
    assert program.text("title") == ("Create your profile" if kept else "Profil erstellen")


def test_a_catalogue_that_was_cut_short_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = catalogue.path_of("de").with_suffix(".mo").read_bytes()
    head = whole.index(b"Language: ")
    broken = [whole[:size] for size in (0, 1, 3, 19, 28, 100, 5_000, len(whole) - 1)]
    broken += [
        whole[:head] + whole[head:].replace(b"utf-8", b"utf-0", 1),
        whole[:head] + whole[head:].replace(b"n != 1", b"n ?! 1", 1),
        whole.replace(b"\xc3\xbc", b"\xff\xff"),
        b"\xff" * len(whole),
    ]
    for number, data in enumerate(broken):
        folder = tmp_path / str(number)  # gettext keeps what it read once
        (folder / "de/LC_MESSAGES").mkdir(parents=True)
        (folder / "de/LC_MESSAGES/lanchat.mo").write_bytes(data)
        monkeypatch.setattr(languages, "FOLDER", folder)
        languages.start("en")
        assert languages.start("de") == "en", number
        assert _("Settings") == "Settings"


def test_nothing_is_nothing_in_every_language() -> None:
    languages.start("de")
    assert _("") == ""  # gettext itself would tell of the catalogue


# --- German -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 Dateien"), (1, "1 Datei"), (2, "2 Dateien")]
)
def test_one_is_not_many(number: int, said: str) -> None:
    languages.start("de")
    assert amounts.files(number) == said


def test_a_sentence_that_nobody_translated_is_told_in_english() -> None:
    languages.start("de")
    assert _("No such words") == "No such words"
    assert ngettext("{number} hat", "{number} hats", 2) == "{number} hats"


def test_numbers_are_written_as_germans_write_them() -> None:
    languages.start("de")
    assert amounts.size(4_200_000) == "4,2 MB"
    assert amounts.part(1_200_000_000, 3_400_000_000) == "1,2 von 3,4 GB"
    assert amounts.grouped(1_060_000) == "1.060.000"
    assert amounts.left(3_900) == "noch 1 h 5 min"
    year = 365.25 * 86_400 * strength.GUESSES_A_SECOND
    assert strength.Strength(5_000 * year).sentence == "Stark · etwa 5.000 Jahre zum Erraten"


def test_days_are_named_as_germans_name_them() -> None:
    languages.start("de")
    assert moments.day(date(2026, 3, 3), NOW.date()) == "Di, 3. Mär"
    assert moments.day(date(2025, 12, 24), NOW.date()) == "Mi, 24. Dez 2025"
    assert moments.when(ms(NOW - timedelta(days=1)), ms(NOW), UTC) == "gestern um 09:12"
    assert moments.when(ms(NOW - timedelta(days=3)), ms(NOW), UTC) == "am Fr, 20. Nov um 09:12"
    assert moments.brief(ms(NOW - timedelta(days=1)), ms(NOW), UTC) == "Gestern"


def test_keys_are_named_as_on_a_german_keyboard() -> None:
    languages.start("de")
    assert keys.shown("Ctrl+Shift+V") == "Strg+Umschalt+V"
    assert keys.beside(_("Send files"), "attach") == "Dateien senden (Strg+O)"
    assert keys.events("Ctrl+O") == ("<Control-o>", "<Control-O>")


def test_errors_speak_german_with_what_they_hold() -> None:
    languages.start("de")
    assert sentences.of(NoSpace(1)) == "Für die Dateien ist nicht genug Speicherplatz frei."
    hinted = WrongPassphrase()
    hinted.hint = Sentence("there are 16 words, not {number}", number=3)
    assert sentences.of(hinted, " ") == "Die Passphrase ist falsch. Es sind 16 Wörter, nicht 3."
    kept = str(outcomes.I_DECLINED)  # as the store gives it back
    assert sentences.reason(kept) == "du hast abgelehnt"
    lacking = outcomes.LACKING.format(missing=10**9)
    assert sentences.reason(lacking).endswith("1 GB fehlen")
