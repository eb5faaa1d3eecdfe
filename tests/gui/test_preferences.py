"""What the user chose, kept and read again."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import LanchatError
from lanchat.gui.kept import Kept
from lanchat.gui.preferences import Preferences, dump, load
from lanchat.node import choices

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def test_what_was_chosen_is_there_again(tmp_path: Path) -> None:
    chosen = Preferences(
        appearance="dark", zoom=125, interfaces=("lo",), lock_after=0, networks=("10.9.0.0/16",)
    )
    choices.write(tmp_path / "c" / "window.json", dump(chosen))
    assert load(choices.read(tmp_path / "c" / "window.json")) == chosen
    assert (tmp_path / "c" / "window.json").stat().st_mode & 0o777 == 0o600


def test_what_a_newer_lanchat_wrote_is_kept() -> None:
    assert dump(load({"zoom": 110, "sparkles": [1]}))["sparkles"] == [1]


def test_two_windows_each_keep_what_was_changed_in_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    failures: list[LanchatError] = []
    before = load({"read_receipts": True, "sparkles": 1})
    ours, theirs = Kept(before, failures.append), Kept(before, failures.append)
    ours.keep(replace(before, read_receipts=False))
    theirs.keep(replace(before, zoom=125))
    ours.keep(replace(before, read_receipts=False, geometry="800x600+1+1"))  # it is closed
    assert load(choices.read(choices.place("window"))) == replace(
        before, read_receipts=False, zoom=125, geometry="800x600+1+1"
    )
    choices.place("window").write_bytes(b"spoilt")
    theirs.keep(replace(before, zoom=125))
    assert load(choices.read(choices.place("window"))) == replace(before, zoom=125)
    assert not failures


def test_what_could_not_be_written_is_written_with_the_next_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    failures: list[LanchatError] = []
    (tmp_path / "lanchat").write_bytes(b"")  # where the folder is to be
    kept = Kept(Preferences(), failures.append)
    kept.keep(Preferences(zoom=125))
    assert len(failures) == 1
    (tmp_path / "lanchat").unlink()
    Kept(Preferences(), failures.append).keep(Preferences())
    kept.keep(Preferences(zoom=125, sound=True))
    assert load(choices.read(choices.place("window"))) == Preferences(zoom=125, sound=True)


def test_what_is_no_network_counts_as_none() -> None:
    assert load({"networks": ["10.9.0.0/16", "0.0.0.0/0"]}).networks == ()


def test_a_font_is_a_name_of_some_length() -> None:
    for name, read in (("Noto Serif", "Noto Serif"), ("x" * 101, ""), ("@Batang", "")):
        assert load({"font": name}).font == read


def test_a_file_that_makes_no_sense_counts_as_none(tmp_path: Path) -> None:
    for text in (b"", b"[]", b"\xff", b"{" * 10_000, b"null", b'{"zoom": "big"}'):
        (tmp_path / "window.json").write_bytes(text)
        assert load(choices.read(tmp_path / "window.json")) == Preferences()


@given(st.dictionaries(st.sampled_from(sorted(dump(Preferences()))) | st.text(), JSON))
def test_any_file_gives_preferences_of_the_right_kinds(held: dict[str, object]) -> None:
    read, plain = dump(load(held)), dump(Preferences())
    assert all(type(read[name]) is type(value) for name, value in plain.items())
