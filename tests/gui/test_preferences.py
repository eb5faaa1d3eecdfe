"""What the user chose, kept and read again."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

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
