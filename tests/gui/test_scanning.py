"""The worker that reads codes in pictures: the real one, with codes and without."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import segno
from PIL import Image, ImageFilter, ImageOps

from lanchat.errors import NoInvite
from lanchat.gui import scanner, scanning, thumbnailing
from lanchat.identity.fingerprint import LONGEST_TYPED, invite
from lanchat.identity.keys import Identity
from tests.gui import rasters

ADDRESSES = ("192.168.1.31:48321", "[2001:db8::31]:48321", "10.8.0.2:48321", "ann.local:48321")
INVITE = invite(Identity(bytes(range(32))).peer_id, ADDRESSES)
CHECKOUT = Path(__file__).parents[2]
SECONDS = 20.0


def code(text: str = INVITE, scale: int = 4) -> Image.Image:
    held = io.BytesIO()
    segno.make(text, error="m", micro=False).save(held, kind="png", scale=scale)
    return Image.open(held).convert("L")


def photo() -> Image.Image:
    """Held at an angle, not quite sharp, in a corner of a large picture."""
    turned = code(scale=6).rotate(17, Image.Resampling.BICUBIC, expand=True, fillcolor=190)
    whole = Image.new("L", (3000, 2000), 190)
    whole.paste(turned, (1900, 700))
    return whole.filter(ImageFilter.GaussianBlur(1.2)).convert("RGB")


def see_through() -> Image.Image:
    ink = ImageOps.invert(code())
    return Image.merge("LA", (Image.new("L", ink.size, 0), ink))


async def of(image: Image.Image, kind: str = "PNG") -> str:
    return await scanner.in_bytes(rasters.saved(image, kind))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
async def test_an_invite_is_read_out_of_a_picture_of_each_format(
    kind: str, tmp_path: Path
) -> None:
    assert await of(code().convert("RGB"), kind) == INVITE
    path = tmp_path / "a picture"
    path.write_bytes(rasters.saved(code().convert("RGB"), kind))
    assert await scanner.in_file(path) == INVITE


async def test_also_as_a_photo_on_a_dark_window_and_without_a_background() -> None:
    for image in (photo(), ImageOps.invert(code()), see_through()):
        assert await of(image) == INVITE


async def test_of_several_codes_the_invite_counts() -> None:
    other = code("https://example.org/")
    both = Image.new("L", (other.width + code().width + 60, 400), 255)
    both.paste(other, (0, 0))
    both.paste(code(), (other.width + 60, 0))
    assert await of(both) == INVITE


@pytest.mark.parametrize(
    "text",
    ["https://example.org/", INVITE[:40], INVITE.replace("a", "b", 12), "lanchat:2:later",
     "lanchat:1:" + "a" * 2000, "\x1b[2J", "see " + INVITE],
)  # fmt: skip
async def test_a_code_that_says_something_else_is_none(text: str) -> None:
    with pytest.raises(NoInvite):
        await of(code(text))


async def test_nothing_hostile_becomes_an_invite(tmp_path: Path) -> None:
    for what, held in rasters.hostile():
        with pytest.raises(NoInvite):
            pytest.fail(f"{what}: {await scanner.in_bytes(held)}")
    link = tmp_path / "link"
    link.symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    for path in (link, tmp_path / "pipe", tmp_path, tmp_path / "nothing"):
        with pytest.raises(NoInvite):
            await scanner.in_file(path)
    with pytest.raises(NoInvite):
        await of(Image.effect_noise((1200, 900), 90))


@pytest.mark.parametrize(
    "lie",
    [b"", b"\xff\xfe", b"\0" + INVITE.encode(), b"lanchat:1:", INVITE.encode() + b" " * 2**15,
     b"https://example.org"],
)  # fmt: skip
async def test_what_a_worker_says_is_not_believed(
    lie: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    liar = tmp_path / "liar"
    liar.write_text(f"#!{sys.executable}\nimport os\nos.write(1, {lie!r})\n")
    liar.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(liar))
    with pytest.raises(NoInvite):
        await of(code())


async def test_of_a_code_nothing_is_left_that_is_no_part_of_an_invite() -> None:
    assert await of(code(f" {INVITE},\x1b[2J:1&b=<script>".upper())) == INVITE.replace(
        "ann.local", "ANN.LOCAL"
    ).replace("db8", "DB8")


def test_it_has_given_up_its_rights_before_it_reads_a_byte() -> None:
    """Looked at from outside, while it waits for the first byte of its picture."""
    paths = os.pathsep.join([str(CHECKOUT), *filter(None, sys.path)])
    worker = subprocess.Popen(
        [sys.executable, "-P", "-m", "lanchat.gui.scanning"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PYTHONPATH": paths}, cwd="/",
    )  # fmt: skip
    with worker:
        wanted = {
            "Max address space": str(thumbnailing.MEMORY), "Max cpu time": "5",
            "Max open files": "0", "Max file size": "0", "Max processes": "0",
        }  # fmt: skip
        until = time.monotonic() + SECONDS
        limits: dict[str, str] = {}
        while {name: limits.get(name) for name in wanted} != wanted:
            assert time.monotonic() < until, limits
            lines = Path(f"/proc/{worker.pid}/limits").read_text().splitlines()
            limits = {line[:26].strip(): line[26:].split()[0] for line in lines[1:]}
        said, _ = worker.communicate(b"no picture", SECONDS)
    assert said == b""
    assert worker.returncode == 1


def test_no_text_is_longer_than_what_a_person_may_paste() -> None:
    held = rasters.saved(code("lanchat:1:" + "a" * (LONGEST_TYPED - 2500)), "PNG")
    assert scanning.read(io.BytesIO(held)).startswith("lanchat:1:aaa")
