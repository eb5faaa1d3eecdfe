"""The worker that decodes pictures: the real one, a process for each, with hostile files."""

import asyncio
import os
import resource
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from lanchat.errors import PictureUnreadable
from lanchat.gui import thumbnailing
from lanchat.gui.thumbnailer import Thumbnail, Thumbnailer
from lanchat.gui.thumbnailing import HEAD, MARK, fit
from tests.gui import rasters
from tests.gui.rasters import BLUE, GREEN, RED
from tests.node.house import until

BOX = (312, 240)
CHECKOUT = Path(__file__).parent.parent.parent

Make = Callable[[bytes], Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def written(held: bytes) -> Path:
        path = tmp_path / "received"
        path.write_bytes(held)
        return path

    return written


async def shrink(path: Path, box: tuple[int, int] = BOX, patience: float = 15) -> Thumbnail:
    with path.open("rb", buffering=0) as file:
        return await Thumbnailer(patience).shrink(file, box)


async def started(asks: Thumbnailer) -> asyncio.SubprocessTransport:
    await until(lambda: asks.worker is not None, "a worker")
    assert asks.worker is not None
    return asks.worker


def colour(made: Thumbnail, x: int, y: int) -> tuple[int, ...]:
    image = Image.frombytes("RGB", made.size, made.pixels)
    found = image.getpixel((x if x >= 0 else image.width + x, y))
    assert isinstance(found, tuple)
    return found


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("name", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
async def test_each_format_is_made_small_and_keeps_its_sides(name: str, make: Make) -> None:
    made = await shrink(make(rasters.saved(rasters.halves(1600, 800), name)))
    assert (made.width, made.height) == (1600, 800)
    assert made.size == (312, 156)
    assert near(colour(made, 2, 80), RED)
    assert near(colour(made, -3, 80), BLUE)


async def test_a_small_picture_is_not_made_larger(make: Make) -> None:
    made = await shrink(make(rasters.saved(rasters.halves(16, 9), "PNG")))
    assert made.size == (16, 9)


@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [
        (1, (64, 32), "left"), (2, (64, 32), "right"), (3, (64, 32), "right"),
        (5, (32, 64), "top"), (6, (32, 64), "top"), (8, (32, 64), "low"),
        (99, (64, 32), "left"),
    ],
)  # fmt: skip
async def test_a_photo_stands_upright(
    orientation: int, size: tuple[int, int], red: str, make: Make
) -> None:
    made = await shrink(make(rasters.turned(orientation)))
    assert made.size == (made.width, made.height) == size
    wide, high = size
    places = {"left": (4, 16), "right": (wide - 5, 16), "top": (16, 4), "low": (16, high - 5)}
    assert near(colour(made, *places[red]), RED)


async def test_only_the_first_frame_of_a_film_counts(make: Make) -> None:
    frames = [Image.new("RGB", (80, 60), one) for one in (GREEN, RED, BLUE)]
    for name in ("GIF", "WEBP"):
        held = rasters.saved(frames[0], name, save_all=True, append_images=frames[1:])
        assert near(colour(await shrink(make(held)), 40, 30), GREEN), name


async def test_what_is_transparent_shows_squares_and_what_is_on_it_both_ways(
    make: Make,
) -> None:
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (40, 40, 60, 60))
    made = await shrink(make(rasters.saved(image, "PNG")))
    assert colour(made, 2, 2) != colour(made, 12, 2)
    assert near(colour(made, 50, 50), (0, 0, 0))


async def test_nothing_hostile_becomes_a_picture_or_costs_us_memory(make: Make) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for what, held in rasters.hostile():
        path = make(held)
        del held
        with pytest.raises(PictureUnreadable):
            pytest.fail(f"{what}: {await shrink(path)}")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 32 * 1024  # KiB; one of them in this process would be gigabytes


async def test_a_picture_that_is_something_else_too_is_a_picture_only(make: Make) -> None:
    made = await shrink(make(rasters.saved(rasters.halves(64, 32), "PNG") + b"PK\3\4" * 100))
    assert made.size == (64, 32)


async def test_a_worker_that_takes_too_long_is_ended(make: Make) -> None:
    asks = Thumbnailer(patience=0.001)
    path = make(rasters.saved(rasters.halves(64, 32), "PNG"))
    with path.open("rb") as file, pytest.raises(PictureUnreadable):
        await asks.shrink(file, BOX)


async def test_a_worker_that_dies_dies_alone(make: Make) -> None:
    path = make(rasters.png(6000, 6000, rasters.zeros(6001 * 6000)))
    asks = Thumbnailer(patience=15)
    with path.open("rb") as file:
        asked = asyncio.create_task(asks.shrink(file, BOX))
        worker = await started(asks)
        worker.send_signal(9)
        with pytest.raises(PictureUnreadable):
            await asked
    assert worker.get_returncode() == -9
    made = await shrink(path)  # the next one works
    assert made.size == (240, 240)


async def test_a_worker_nobody_waits_for_any_more_is_ended(make: Make) -> None:
    path = make(rasters.png(6000, 6000, rasters.zeros(6001 * 6000)))
    asks = Thumbnailer(patience=15)
    with path.open("rb") as file:
        asked = asyncio.create_task(asks.shrink(file, BOX))
        worker = await started(asks)
        await asks.stop()
        with pytest.raises(asyncio.CancelledError):
            await asked
    assert worker.get_returncode() is not None


#: Said by a worker that was taken over, and not to be believed.
LIES = {
    "another mark": HEAD.pack(b"mark", 10, 10, 10, 10) + bytes(300),
    "no size": HEAD.pack(MARK, 0, 0, 0, 0),
    "more pixels than may be": HEAD.pack(MARK, 2**32 - 1, 2**32 - 1, 312, 240),
    "larger than the box": HEAD.pack(MARK, 4000, 4000, 65535, 65535),
    "another shape": HEAD.pack(MARK, 4000, 4000, 312, 100) + bytes(312 * 100 * 3),
    "too little": HEAD.pack(MARK, 10, 10, 10, 10) + bytes(299),
    "too much": HEAD.pack(MARK, 10, 10, 10, 10) + bytes(301),
    "no end": HEAD.pack(MARK, 10, 10, 10, 10) + bytes(2**20),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_what_a_worker_says_is_not_believed(
    lie: bytes, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    liar = tmp_path / "liar"
    liar.write_text(f"#!{sys.executable}\nimport os\nos.write(1, {lie!r})\n")
    liar.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(liar))
    with pytest.raises(PictureUnreadable):
        await shrink(make(b""))


def test_a_worker_can_open_nothing_reach_nobody_and_grow_no_further(make: Make) -> None:
    """Looked at from outside, while it waits for somebody to read what it made."""
    path = make(rasters.saved(rasters.halves(1600, 1200), "PNG"))
    with path.open("rb") as file:
        worker = subprocess.Popen(
            [sys.executable, "-P", "-m", "lanchat.gui.thumbnailing", "1600", "1200"],
            stdin=file, stdout=subprocess.PIPE, env={"PYTHONPATH": str(CHECKOUT)}, cwd="/",
        )  # fmt: skip
    with worker:
        assert worker.stdout is not None
        select.select([worker.stdout], [], [])  # a full pipe holds it here
        place = Path(f"/proc/{worker.pid}")
        limits = {
            line[:26].strip(): line[26:].split()[:2]
            for line in (place / "limits").read_text().splitlines()
        }
        status = dict(
            line.split(":\t", 1) for line in (place / "status").read_text().splitlines()
        )
        held = sorted(one.name for one in (place / "fd").iterdir())
        environment = (place / "environ").read_bytes()
        network = (place / "ns/net").readlink()
        made = worker.stdout.read()
    assert limits["Max address space"] == [str(thumbnailing.MEMORY)] * 2
    assert limits["Max cpu time"] == ["5", "5"]
    assert limits["Max open files"] == ["0", "0"]
    for nothing in ("Max file size", "Max core file size", "Max processes"):
        assert limits[nothing] == ["0", "0"], nothing
    assert held == ["0", "1", "2"]
    assert status["NoNewPrivs"] == "1"
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert environment.count(b"=") == 1
    allowed = Path("/proc/sys/user/max_net_namespaces")
    if os.geteuid() == 0 and allowed.exists() and allowed.read_text().strip() != "0":
        assert network != Path("/proc/self/ns/net").readlink()
    assert worker.returncode == 0
    assert len(made) == HEAD.size + 1600 * 1200 * 3


@pytest.mark.parametrize("words", [[], ["x", "1"], ["0", "1"], ["-5", "5"], ["2001", "9"]])
def test_a_worker_makes_nothing_of_another_size(words: list[str]) -> None:
    assert thumbnailing.main(words) in {1, 2}


def test_a_picture_fits_its_box_and_is_never_nothing() -> None:
    assert fit(4000, 3000, BOX) == (312, 234)
    assert fit(3000, 4000, BOX) == (180, 240)
    assert fit(40_000_000, 1, BOX) == (312, 1)
    assert fit(1, 40_000_000, BOX) == (1, 240)
    assert fit(3, 3, BOX) == (3, 3)
