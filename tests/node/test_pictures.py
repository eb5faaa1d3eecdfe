"""What is opened as a picture, and what is not, whatever it is called."""

import os
from pathlib import Path

import pytest

from lanchat.node import pictures

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def descriptors() -> int:
    return sum(1 for _one in Path("/proc/self/fd").iterdir())


def test_the_first_bytes_say_what_it_is_and_not_its_name(tmp_path: Path) -> None:
    named = tmp_path / "holiday.exe"
    named.write_bytes(PNG)
    file = pictures.opened(named)
    assert file is not None
    with file:
        assert file.read() == PNG  # from its beginning on


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"\x89PN",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"II*\0" + bytes(60),  # TIFF
        b"8BPS" + bytes(60),  # Photoshop
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"BM, that was fun" + bytes(40),
        b"\0\0\0\x18ftypheic" + bytes(40),
        b"\0\0\x01\0" + bytes(40),  # an icon
        b" \x89PNG\r\n\x1a\n",
    ],
)
def test_nothing_else_is_a_picture_whatever_it_is_called(start: bytes, tmp_path: Path) -> None:
    named = tmp_path / "holiday.png"
    named.write_bytes(start)
    assert pictures.opened(named) is None


def test_a_symlink_a_pipe_a_folder_and_a_device_are_never_opened(tmp_path: Path) -> None:
    target = tmp_path / "target.png"
    target.write_bytes(PNG)
    link, pipe, folder = (tmp_path / name for name in ("link.png", "pipe.png", "folder.png"))
    link.symlink_to(target)
    os.mkfifo(pipe)
    folder.mkdir()
    before = descriptors()
    for path in (link, pipe, folder, Path("/dev/zero"), tmp_path / "gone", Path("nul\0.png")):
        assert pictures.opened(path) is None, path
    assert descriptors() == before  # and none is left open


def test_a_file_that_became_a_link_after_it_was_received_is_not_followed(
    tmp_path: Path,
) -> None:
    secret = tmp_path / "key"
    secret.write_bytes(PNG)
    received = tmp_path / "received.png"
    received.write_bytes(PNG)
    received.unlink()
    received.symlink_to(secret)
    assert pictures.opened(received) is None


def test_a_file_larger_than_is_shown_is_not_opened(tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(PNG)
    os.truncate(large, pictures.MOST)
    file = pictures.opened(large)
    assert file is not None
    file.close()
    os.truncate(large, 100 * 2**20)
    assert pictures.opened(large) is None
