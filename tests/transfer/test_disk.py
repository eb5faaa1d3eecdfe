"""What is offered, and reading it as one stream.  PROTOCOL.md, 4; COMMANDS.md, send."""

import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lanchat.errors import FileChanged, OfferTooLarge, SourceMissing, TransferAbandoned
from lanchat.transfer.disk import Source, inspect
from lanchat.transfer.manifest import EXECUTABLE, check, make_offer
from lanchat.transfer.skips import pack
from lanchat.wire.payloads import TopKind
from tests.transfer.lanepair import MIB, grow


def _stream(source: Source, offset: int = 0, step: int = MIB) -> bytes:
    view = memoryview(bytearray(source.length - offset))
    with source.read(offset) as reading:
        for at in range(0, len(view), step):
            reading.readinto(view[at : at + step])
    return bytes(view)


def _paths(source: Source) -> list[str]:
    return [entry.path for entry in source.manifest.entries]


def test_a_tree_is_listed_with_empty_folders_times_and_programs(tmp_path: Path) -> None:
    root = grow(tmp_path / "t", {"b/c.txt": 3, "empty": -1, "a.sh": 5, "b-d": 0})
    (root / "a.sh").chmod(0o755)
    os.utime(root / "b/c.txt", ns=(0, 1_700_000_000_123_000_000))
    source = inspect([root])
    assert _paths(source) == ["t", "t/a.sh", "t/b", "t/b-d", "t/b/c.txt", "t/empty"]
    entries = {entry.path: entry for entry in source.manifest.entries}
    assert entries["t/a.sh"].flags == EXECUTABLE
    assert entries["t/b/c.txt"].flags == 0
    assert entries["t/b/c.txt"].mtime_ms == 1_700_000_000_123
    assert entries["t/empty"].kind is TopKind.FOLDER
    assert source.roots == (str(root),)
    assert source.skipped == ()
    check(source.manifest, make_offer(bytes(16), source.manifest))


def test_the_stream_is_the_manifest_and_then_the_files(tmp_path: Path) -> None:
    grow(tmp_path, {"a": 3 * MIB + 7, "b": 0, "c": 11, "d": MIB})
    source = inspect([tmp_path / name for name in "dcba"])
    whole = source.manifest.encoded + b"".join((tmp_path / n).read_bytes() for n in "abcd")
    assert source.length == len(whole)
    assert _stream(source) == whole
    assert _stream(source, step=4097) == whole
    for offset in (1, len(source.manifest.encoded), MIB, 4 * MIB, len(whole) - 1, len(whole)):
        assert _stream(source, offset) == whole[offset:]
    for length in (0, 1, MIB, len(whole)):
        expected = hashlib.sha256(whole[:length]).digest()
        assert source.prefix_digest(length, Event()) == expected


def test_what_has_another_name_in_the_offer_is_read_where_it_lies(tmp_path: Path) -> None:
    root = tmp_path / "t"
    inner = root / os.fsdecode(b"sub\xff")
    inner.mkdir(parents=True)
    held = {b"e\xcc\x81": b"one", b"\xc3\xa9": b"two", b"a\\b": b"three", b"plain": b"four"}
    for folder in (root, inner):
        for name, content in held.items():
            (folder / os.fsdecode(name)).write_bytes(content)
    source = inspect([root])
    assert len(source.manifest.entries) == 2 * len(held) + 2
    read = []
    for number, entry in enumerate(source.manifest.entries):
        if entry.kind is TopKind.FILE:
            with os.fdopen(source.open(number), "rb") as file:
                read.append(file.read())
    assert sorted(read) == sorted([*held.values()] * 2)
    assert b"".join(read) == _stream(source)[len(source.manifest.encoded) :]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=st.lists(st.integers(0, 40), min_size=1, max_size=8),
    offset=st.integers(0, 500),
    step=st.integers(1, 60),
)
def test_any_cut_of_the_stream_reads_the_same(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], offset: int, step: int
) -> None:
    root = grow(tmp_path_factory.mktemp("t"), {f"{n}": size for n, size in enumerate(sizes)})
    source = inspect([root])
    offset = min(offset, source.length)
    assert _stream(source, offset, step) == _stream(source)[offset:]


def test_links_and_special_files_are_left_out_and_said(tmp_path: Path) -> None:
    root = grow(tmp_path / "t", {"a": 1, ".lanchat-parts/x": 1})
    (root / "link").symlink_to("/etc/passwd")
    (root / "loop").symlink_to(root, target_is_directory=True)
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(root / "socket"))
        source = inspect([root])
    assert _paths(source) == ["t", "t/a"]
    assert {(Path(one.path).name, one.why) for one in source.skipped} == {
        ("link", "a symbolic link"),
        ("loop", "a symbolic link"),
        ("pipe", "not a file or folder"),
        ("socket", "not a file or folder"),
        (".lanchat-parts", "unfinished transfers"),
    }


def test_a_link_that_the_user_names_is_what_it_leads_to(tmp_path: Path) -> None:
    grow(tmp_path, {"real": 7})
    (tmp_path / "named").symlink_to("real")
    source = inspect([tmp_path / "named"])
    assert _paths(source) == ["named"]
    assert _stream(source).endswith((tmp_path / "real").read_bytes())


def test_equal_names_at_the_top_get_numbers(tmp_path: Path) -> None:
    grow(tmp_path, {"x/a.txt": 1, "y/a.txt": 2})
    source = inspect([tmp_path / "x/a.txt", tmp_path / "y/a.txt"])
    assert _paths(source) == ["a (2).txt", "a.txt"]


def test_names_that_are_no_text_can_be_sent(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/t"
    os.mkdir(raw)  # noqa: PTH102 - bytes
    for name in (b"\xff", b"\xfe", b"a\\b", b"c:d", "e\u0301".encode(), "\u00e9".encode()):
        Path(os.fsdecode(raw + b"/" + name)).write_bytes(name)
    source = inspect([Path(os.fsdecode(raw))])
    offer = make_offer(bytes(16), source.manifest)
    check(source.manifest, offer)
    assert sorted(_paths(source)) == sorted(
        ["t", "t/\ufffd", "t/\ufffd (2)", "t/a_b", "t/c_d", "t/\u00e9", "t/\u00e9 (2)"]
    )


@pytest.mark.parametrize("what", ["missing", "fifo"])
def test_what_is_not_there_is_named(tmp_path: Path, what: str) -> None:
    if what == "fifo":
        os.mkfifo(tmp_path / what)
    with pytest.raises(SourceMissing):
        inspect([tmp_path / what])


def test_nothing_to_send_is_an_error() -> None:
    with pytest.raises(SourceMissing):
        inspect([])


def test_more_than_an_offer_can_carry_is_refused(tmp_path: Path) -> None:
    for name in "ab":
        with (tmp_path / name).open("wb") as file:
            file.truncate(2**40 - 1)
    with pytest.raises(OfferTooLarge):
        inspect([tmp_path / "a", tmp_path / "b"])


def test_too_deep_a_tree_is_cut_and_said(tmp_path: Path) -> None:
    root = grow(tmp_path / "d", {"/".join("d" * 70) + "/f": 1})
    source = inspect([root])
    assert max(path.count("/") for path in _paths(source)) == 63
    assert [one.why for one in source.skipped] == ["its path is too long"]
    check(source.manifest, make_offer(bytes(16), source.manifest))


def test_looking_can_be_stopped(tmp_path: Path) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(TransferAbandoned):
        inspect([grow(tmp_path / "t", {"a": 1})], stop=stop)
    with pytest.raises(TransferAbandoned):
        inspect([tmp_path / "t"]).prefix_digest(10, stop)


def _replace(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)


def _swap_for_a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def _swap_for_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


CHANGES: list[Callable[[Path], object]] = [
    lambda path: path.write_bytes(b"other"),
    lambda path: os.truncate(path, 3),
    lambda path: os.truncate(path, 5 * MIB),
    lambda path: os.utime(path, ns=(0, 0)),
    lambda path: path.unlink(),
    _replace,
    _swap_for_a_pipe,
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changed_since_is_not_sent(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    grow(tmp_path, {"a": 3 * MIB})
    source = inspect([tmp_path / "a"])
    change(tmp_path / "a")
    with pytest.raises(FileChanged):
        _stream(source)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("sizes", [{}, {"b": 5, "c": 7}, {"Z": 2 * MIB}, {"Z": 5}])
def test_a_file_that_was_empty_is_looked_at_too(
    tmp_path: Path, sizes: dict[str, int], change: Callable[[Path], object]
) -> None:
    root = grow(tmp_path / "t", {"a": 0, **sizes, "f": -1})
    source = inspect([root])
    assert len(_stream(source)) == source.length
    change(root / "a")
    for step in (MIB, 7):
        with pytest.raises(FileChanged):
            _stream(source, step=step)
    with pytest.raises(FileChanged):
        source.prefix_digest(source.length, Event())
    spared = source.without(pack([_paths(source).index("t/a")]))
    assert len(_stream(spared)) == spared.length  # it is no part of what travels


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    grow(tmp_path, {"a": 10})
    source = inspect([tmp_path / "a"])
    _swap_for_a_link(tmp_path / "a")
    with pytest.raises(FileChanged):
        _stream(source)


@pytest.mark.parametrize("change", CHANGES[1:4])
def test_a_file_that_changes_meanwhile_is_noticed(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    grow(tmp_path, {"a": 3 * MIB})
    source = inspect([tmp_path / "a"])
    view = memoryview(bytearray(source.length))
    with source.read() as reading:
        reading.readinto(view[:MIB])
        change(tmp_path / "a")
        with pytest.raises(FileChanged):
            reading.readinto(view[MIB:])
