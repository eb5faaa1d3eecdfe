"""What is pasted: files and pictures become an offer, text is left to the composer."""

import io
import os
import re
import tkinter as tk
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lanchat.gui import clipped, files, pasting
from lanchat.identity.keys import PeerId

BOB = PeerId(b"\2" * 32)
OWNER = Path(__file__).parent.parent / "kit" / "clipsource.py"


@pytest.mark.parametrize(
    "name", ["plain.txt", "with space", "ümläut", "100%", "a#b?c", "日本🎉", "-dash", "a\nb"]
)
def test_addresses_of_files_become_their_paths(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    assert clipped.paths_of(f"copy\n{path.as_uri()}\n") == [path]


@pytest.mark.parametrize(
    "line",
    ["https://example.org/x", "file://elsewhere/etc/passwd", "/etc/passwd", "copy", "",
     "file:///a%00b", "file://[::1/x"],
)  # fmt: skip
def test_what_is_no_file_of_this_computer_is_passed_over(line: str) -> None:
    assert clipped.paths_of(line) == []


@given(st.text())
def test_any_clipboard_at_all_is_no_trouble(held: str) -> None:
    for path in clipped.paths_of(held):
        assert isinstance(path, Path)
    picture = clipped.picture_of(held)
    assert picture is None or picture.startswith(b"\x89PNG")


def test_a_large_picture_is_read_byte_for_byte_and_without_many_times_its_size() -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4096
    held = " ".join(f"0x{one:x}" for one in picture)
    tracemalloc.start()
    try:
        assert clipped.picture_of(held) == picture
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 12 * len(picture)  # a word for each byte would be sixty times as much
    assert clipped.raw_of("0xFF 0x09 0xffffff89") == b"\xff\x09\x89"
    for wrong in (f"{held} 0x0x1", f"{held} and words", held + "0" * 2**17, "0x"):
        assert clipped.raw_of(wrong) is None


def test_a_name_that_is_not_utf8_keeps_its_bytes() -> None:
    found = clipped.paths_of("file:///srv/bad%ff.txt")
    assert os.fsencode(found[0]) == b"/srv/bad\xff.txt"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[list[Path]]:
    """What would be offered."""
    offered: list[list[Path]] = []
    monkeypatch.setattr(files, "send", lambda _shell, _peer, paths: offered.append(list(paths)))
    return offered


def paste(root: tk.Tk) -> bool:
    root.update()  # it hears that the clipboard is somebody else's now
    shell: Any = SimpleNamespace(root=root)
    return pasting.paste(shell, BOB)


def test_files_copied_in_a_file_manager_are_offered(
    tk_root: tk.Tk, owns: Callable[..., None], sent: list[list[Path]], tmp_path: Path
) -> None:
    paths = [tmp_path / "a b.txt", tmp_path / "party 🎉.bin"]
    for path in paths:
        path.write_bytes(b"x")
    owns("files", *paths)
    assert paste(tk_root)
    assert sent == [paths]


def test_a_picture_on_the_clipboard_is_offered_as_a_file(
    tk_root: tk.Tk,
    owns: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[str, bytes]] = []
    monkeypatch.setattr(files, "send_pasted", lambda *words: sent.append(words[2:]))
    source = tmp_path / "shot.png"
    Image.new("RGB", (40, 30), "#2563eb").save(source)
    owns("picture", source)
    assert paste(tk_root)
    ((name, picture),) = sent
    assert re.fullmatch(r"Pasted \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png", name)
    with Image.open(io.BytesIO(picture)) as kept:
        assert kept.size == (40, 30)
        assert kept.convert("RGB").getpixel((5, 5)) == (0x25, 0x63, 0xEB)


def test_text_is_left_to_the_composer(tk_root: tk.Tk, sent: list[list[Path]]) -> None:
    tk_root.clipboard_clear()
    tk_root.clipboard_append("https://example.org and words")
    assert not paste(tk_root)
    assert sent == []
