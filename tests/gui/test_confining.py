"""Workers that were taken over: real ones, which try to get out instead of decoding."""

import errno
import os
import platform
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from lanchat.gui import confining
from lanchat.gui.thumbnailing import HEAD, MARK
from tests.gui import rasters

CHECKOUT = Path(__file__).parents[2]
#: A worker whose decoder is what it is asked to run, once all rights are given up.
TAKEN_OVER = {
    "thumbnailing": """
from lanchat.gui import thumbnailing as worker
decode = worker.shrink
worker.shrink = lambda file, box: decode(file, box) if box == (1, 1) else broken()
sys.exit(worker.main(["10", "10"]))
""",
    "scanning": """
from lanchat.gui import scanning as worker
worker.read = lambda file: broken()
sys.exit(worker.main())
""",
}
#: Landlock alone.
NO_PATHS = """
from lanchat.gui import confining
known = confining.forbid_paths()
os.write(1, b"Landlock is here\\n" if known else b"no Landlock\\n")
try:
    broken()
except ValueError:
    sys.exit(1)
"""
PROBES = """
import ctypes, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def broken():
    for number, call in enumerate(probes):
        try:
            done = call()
        except OSError:
            continue
        if done != -1:
            os.write(1, b"%d did %d\\n" % (number, done or 0))
    os.write(1, b"end\\n")
    raise ValueError
"""


def run(program: str, picture: int = subprocess.DEVNULL) -> tuple[int, bytes]:
    """The status of a worker and what it said."""
    paths = os.pathsep.join([str(CHECKOUT), *filter(None, sys.path)])
    ended = subprocess.run(
        [sys.executable, "-P", "-c", program],
        stdin=picture, stdout=subprocess.PIPE, check=False, timeout=60, cwd="/",
        env={"PYTHONPATH": paths},
    )  # fmt: skip
    return ended.returncode, ended.stdout


def managed(worker: str, *probes: str, stdin: int = subprocess.DEVNULL) -> list[str]:
    """What a worker managed of the things it tried, each an expression of Python."""
    listed = f"probes = [{', '.join(f'lambda: {one}' for one in probes)}]"
    status, said = run(f"{PROBES}\n{listed}\n{worker}", stdin)
    lines = said.decode().splitlines()
    assert lines[-1:] == ["end"], lines
    assert status == 1
    return [probes[int(one.split()[0])] if " did " in one else one for one in lines[:-1]]


@pytest.mark.parametrize("worker", TAKEN_OVER.values(), ids=TAKEN_OVER)
def test_nothing_takes_the_place_of_what_a_worker_closes(worker: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    assert not managed(
        worker,
        f"os.close(2) or os.open({str(tmp_path / 'secret')!r}, os.O_RDONLY)",
        "socket.socket(socket.AF_UNIX).fileno()",
        "os.dup(1)",
        "libc.dup2(1, 2)",
        "os.pipe()[0]",
        "os.memfd_create('x')",
    )


@pytest.mark.parametrize("worker", TAKEN_OVER.values(), ids=TAKEN_OVER)
def test_a_worker_that_was_taken_over_reaches_no_path_and_no_process(
    worker: str, tmp_path: Path
) -> None:
    """Not even by calls that need no descriptor, or by one that it was given."""
    mine, door, new = (tmp_path / name for name in ("mine", "door", "new"))
    mine.write_bytes(b"mine")
    mine.chmod(0o600)
    where = struct.pack("=H", socket.AF_UNIX) + os.fsencode(door) + b"\0"
    with socket.socket(socket.AF_UNIX) as listens, socket.socket(socket.AF_UNIX) as held:
        listens.bind(str(door))
        listens.listen()
        assert not managed(
            worker,
            f"libc.connect(0, {where!r}, {len(where)})",  # the one it was given
            f"os.chmod({str(mine)!r}, 0o777)",
            "os.fchmod(0, 0o777)",
            f"os.truncate({str(mine)!r}, 0)",
            f"os.utime({str(mine)!r}, (1, 1))",
            f"os.stat({str(mine)!r}).st_size",
            f"os.access({str(mine)!r}, os.F_OK) or -1",
            f"os.symlink({str(mine)!r}, {str(new)!r})",
            f"os.link({str(mine)!r}, {str(new)!r})",
            f"os.mkdir({str(new)!r})",
            f"os.mkfifo({str(new)!r})",
            f"os.rename({str(mine)!r}, {str(new)!r})",
            f"os.unlink({str(mine)!r})",
            f"os.chdir({str(tmp_path)!r})",
            f"os.kill({os.getpid()}, 0)",
            f"libc.prlimit({os.getpid()}, 7, None, ctypes.create_string_buffer(16))",
            "libc.fcntl(1, 8, 1)",  # F_SETOWN: whom the kernel sends signals for it
            "libc.unshare(0x10000000)",
            "os.fork()",
            "os.execve('/bin/true', ['true'], {})",
            stdin=held.fileno(),
        )
    assert sorted(tmp_path.iterdir()) == [door, mine]
    assert mine.read_bytes() == b"mine"
    assert mine.stat().st_mode & 0o777 == 0o600


def test_landlock_alone_leaves_no_path_where_the_kernel_has_it(tmp_path: Path) -> None:
    mine, new = tmp_path / "mine", tmp_path / "new"
    mine.write_bytes(b"mine")
    tries = (
        f"os.open({str(mine)!r}, os.O_RDONLY)",
        f"os.open({str(new)!r}, os.O_WRONLY | os.O_CREAT)",
        f"os.mkdir({str(new)!r})",
        f"os.symlink('x', {str(new)!r})",
        f"os.rename({str(mine)!r}, {str(new)!r})",
        f"os.unlink({str(mine)!r})",
    )
    whether, *did = managed(NO_PATHS, *tries)
    if whether == "Landlock is here":
        assert did == []
        assert list(tmp_path.iterdir()) == [mine]
    else:
        assert tries[0] in did


def _decided(program: bytes, arch: int, number: int) -> int:
    """What the kernel does with a call: the filter, step by step.  0 if it lets it pass."""
    steps = list(struct.iter_unpack("=HBBI", program))
    word, at = 0, 0
    while True:
        code, yes, no, value = steps[at]
        at += 1
        if code == 0x20:
            word = {0: number, 4: arch}[value]
        elif code == 0x15:
            at += yes if word == value else no
        else:
            assert code == 0x06
            return 0 if value == 0x7FFF0000 else value & 0xFFFF


@pytest.mark.parametrize(
    ("machine", "column", "arch"), [("x86_64", 1, 0xC000003E), ("aarch64", 2, 0xC00000B7)]
)
def test_a_filter_lets_pass_what_is_on_its_list_and_of_this_machine_alone(
    machine: str, column: int, arch: int
) -> None:
    program = confining.filter_of(machine)
    numbers = {one[column] for one in confining.ALLOWED}
    assert len(numbers) == len(confining.ALLOWED)
    for number in (*range(600), *(0x40000000 + one for one in range(600)), 2**32 - 1):
        wanted = 0 if number in numbers else errno.EPERM
        assert _decided(program, arch, number) == wanted, number
        assert _decided(program, 0x40000003, number) == errno.EPERM, number  # i386


@pytest.mark.parametrize("machine", [platform.machine(), "riscv64"])
def test_every_kind_of_picture_is_read_with_a_filter_and_on_machines_without(
    machine: str, tmp_path: Path
) -> None:
    image = Image.effect_noise((400, 300), 60).convert("RGB")
    grey, palette = image.convert("L"), image.convert("P")
    pictures = [
        *(rasters.saved(image, kind) for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP")),
        rasters.saved(image, "JPEG", progressive=True),
        rasters.saved(image.convert("CMYK"), "JPEG"),
        rasters.saved(image.convert("RGBA"), "WEBP", lossless=True),
        rasters.saved(image, "WEBP", save_all=True, append_images=[image]),
        rasters.saved(grey.convert("I;16"), "PNG"),
        rasters.saved(palette, "PNG", transparency=3),
        rasters.saved(palette, "GIF", transparency=3),
    ]
    program = f"""
import platform, sys
platform.machine = lambda: {machine!r}
from lanchat.gui import thumbnailing
sys.exit(thumbnailing.main(["40", "30"]))
"""
    path = tmp_path / "picture"
    for number, held in enumerate(pictures):
        path.write_bytes(held)
        with path.open("rb") as file:
            status, said = run(program, file.fileno())
        assert status == 0, number
        assert said[: HEAD.size] == HEAD.pack(MARK, 400, 300, 40, 30), number
        assert len(said) == HEAD.size + 40 * 30 * 3
