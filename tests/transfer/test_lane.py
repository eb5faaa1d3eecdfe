"""Whole lanes over loopback TCP.  PROTOCOL.md, 4; hostile cases F16, F21, G04 to G12."""

import asyncio
import hashlib
import json
import os
import socket
import threading
from pathlib import Path
from threading import Event
from typing import Any, Final

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lanchat.errors import (
    DiskFailed,
    FileChanged,
    LaneLost,
    LaneStalled,
    PeerUnreachable,
    SealBroken,
    TransferAbandoned,
    UnsafeName,
)
from lanchat.transfer import lane, pipe
from lanchat.transfer.disk import inspect
from lanchat.transfer.lane import Attempt
from lanchat.transfer.manifest import Entry, Manifest, make_offer
from lanchat.transfer.parts import Incoming
from lanchat.transfer.parts_folder import PARTS
from lanchat.transfer.pipe import Counters
from lanchat.wire import bodies
from lanchat.wire.payloads import Offer, TopKind
from tests.transfer.lanepair import (
    ID,
    MIB,
    Transfer,
    grow,
    in_thread,
    silent_host,
    tcp_pair,
    tree,
)

_FILE: Final = Path(__file__).parent.parent / "vectors" / "lanes.json"
VECTORS: Final = json.loads(_FILE.read_text(encoding="utf-8"))
LANES: Final = {case["name"]: case for case in VECTORS["lanes"]}
ERRORS: Final = {"seal broken": SealBroken, "cut short": LaneLost}
SEALED: Final = MIB + 16


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    (tmp_path / "downloads").mkdir()
    return tmp_path / "downloads"


def _transfer(tmp_path: Path, files: dict[str, int], *, part: str = "") -> Transfer:
    root = tmp_path / "t"
    if not root.exists():
        grow(root, files)
    return Transfer(inspect([root]), tmp_path / "downloads", part=part)


# --- the vectors --------------------------------------------------------------------------


def _content(case: dict[str, Any]) -> bytes:
    piece, _, times = case["content"].partition("*")
    return bytes.fromhex(piece) * int(times)


def _sealed(case: dict[str, Any]) -> bytes:
    """The lane of a vector, sealed here from its key and nonces."""
    stream = (bytes.fromhex(case["manifest"]) + _content(case))[case["offset"] :]
    seal, at, pieces = AESGCM(bytes.fromhex(case["key"])).encrypt, 0, []
    for chunk in case["chunks"]:
        piece = stream[at : at + chunk["size"]]
        pieces.append(seal(bytes.fromhex(chunk["nonce"]), piece, b""))
        at += chunk["size"]
    return b"".join(pieces)


def _attempt(case: dict[str, Any]) -> Attempt:
    return Attempt(ID, case["attempt"], bytes.fromhex(case["key"]), case["offset"])


def _arriving(case: dict[str, Any], downloads: Path) -> Incoming:
    offer = bodies.decode(32, bytes.fromhex(case["offer"]))
    assert isinstance(offer, Offer)
    incoming = Incoming(downloads, offer)
    incoming.begin(0)
    held = (bytes.fromhex(case["manifest"]) + _content(case))[: case["offset"]]
    for at in range(0, len(held), MIB):
        incoming.write(memoryview(held)[at : at + MIB])
    incoming.keep()
    return incoming


def _fed(data: bytes, attempt: Attempt, incoming: Incoming) -> lane.Carried:
    ours, theirs = tcp_pair()
    writer = threading.Thread(target=_write, args=(ours, data))
    writer.start()
    try:
        return lane.receive(theirs, attempt, incoming, Counters(), Event())
    finally:
        writer.join()


def _write(sock: socket.socket, data: bytes) -> None:
    with sock:
        try:
            sock.sendall(data)
        except OSError:  # the other side has heard enough
            return


@pytest.mark.parametrize("case", LANES.values(), ids=lambda case: case["name"])
def test_a_lane_of_the_vectors_is_received(case: dict[str, Any], downloads: Path) -> None:
    data = _sealed(case)
    assert hashlib.sha256(data).hexdigest() == case["lane_sha256"]
    incoming = _arriving(case, downloads)
    carried = _fed(data, _attempt(case), incoming)
    assert (carried.chunks, carried.digest.hex()) == (len(case["chunks"]), case["digest"])
    (published,) = incoming.publish()
    assert published.path.read_bytes() == _content(case)


@pytest.mark.parametrize("case", LANES.values(), ids=lambda case: case["name"])
def test_a_lane_of_the_vectors_is_sent(case: dict[str, Any], tmp_path: Path) -> None:
    place = tmp_path / "data.bin"
    place.write_bytes(_content(case))
    os.utime(place, ns=(0, case["mtime_ms"] * 10**6))
    source = inspect([place])
    assert source.manifest.encoded.hex() == case["manifest"]
    assert bodies.encode(make_offer(ID, source.manifest))[1].hex() == case["offer"]
    ours, theirs = tcp_pair()
    digest = hashlib.sha256()
    with (
        in_thread(lambda: lane.send(ours, _attempt(case), source, Counters(), Event())) as sent,
        theirs,
    ):
        while piece := theirs.recv(MIB):
            digest.update(piece)
        carried = sent.result()
    assert digest.hexdigest() == case["lane_sha256"]
    assert (carried.chunks, carried.digest.hex()) == (len(case["chunks"]), case["digest"])


def _edited(data: bytes, edit: list[Any]) -> bytes:
    chunks = [data[at : at + SEALED] for at in range(0, len(data), SEALED)]
    match edit:
        case ["flip", place]:
            altered = bytearray(data)
            altered[place] ^= 1
            return bytes(altered)
        case ["cut", size]:
            return data[:size]
        case ["append", more]:
            return data + bytes.fromhex(more)
        case ["swap", one, two]:
            chunks[one], chunks[two] = chunks[two], chunks[one]
        case ["repeat", index]:
            chunks.insert(index, chunks[index])
        case ["drop", index]:
            del chunks[index]
    return b"".join(chunks)


def _whole_chunks_in(part: Path) -> int:
    return sum(place.stat().st_size for place in (part / "files").rglob("*") if place.is_file())


@pytest.mark.parametrize("failure", VECTORS["failures"], ids=lambda failure: failure["name"])
def test_an_altered_lane_ends_and_keeps_only_whole_chunks(
    failure: dict[str, Any], downloads: Path
) -> None:
    case = LANES[failure["of"]]
    data, incoming = _edited(_sealed(case), failure["edit"]), _arriving(case, downloads)
    with pytest.raises(ERRORS[failure["expect"]]):
        _fed(data, _attempt(case), incoming)
    stream = bytes.fromhex(case["manifest"]) + _content(case)
    offset, prefix = incoming.resume_point(Event())
    if incoming.known is not None:
        held = _whole_chunks_in(downloads / PARTS / incoming.part)
        head = len(incoming.known.manifest.encoded)
        assert (held + head) % MIB == 0 or held + head == len(stream)
    assert prefix == (hashlib.sha256(stream[:offset]).digest() if offset else bytes(32))
    again = Attempt(ID, 9, b"\x09" * 32, offset)
    rest, seal = stream[offset:], AESGCM(again.key).encrypt
    pieces = [rest[at : at + MIB] for at in range(0, len(rest), MIB)]
    sealed = (
        seal(n.to_bytes(11, "big") + bytes([n == len(pieces) - 1]), piece, b"")
        for n, piece in enumerate(pieces)
    )
    _fed(b"".join(sealed), again, incoming)
    assert incoming.publish()[0].path.read_bytes() == _content(case)


# --- both ends ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 5])
def test_a_file_arrives_byte_for_byte(tmp_path: Path, downloads: Path, size: int) -> None:
    grow(tmp_path, {"one.bin": size})
    transfer = Transfer(inspect([tmp_path / "one.bin"]), downloads)
    sent, got = transfer.carry()
    assert sent == got
    assert transfer.sent.done == transfer.got.done == transfer.source.length
    (published,) = transfer.incoming.publish()
    transfer.incoming.discard()
    assert published.path == downloads / "one.bin"
    assert published.path.read_bytes() == (tmp_path / "one.bin").read_bytes()
    assert not (downloads / PARTS).exists()


@pytest.mark.parametrize("short", [-1, 0, 1])
def test_a_stream_of_a_chunk_more_or_less_arrives(
    tmp_path: Path, downloads: Path, short: int
) -> None:
    head = 4 + 20 + len("one.bin")
    grow(tmp_path, {"one.bin": MIB - head + short})
    transfer = Transfer(inspect([tmp_path / "one.bin"]), downloads)
    sent, got = transfer.carry()
    assert sent == got
    assert sent.chunks == (2 if short > 0 else 1)
    assert [place.name for place in downloads.iterdir()] == [PARTS]  # not shown before
    transfer.incoming.publish()
    assert (downloads / "one.bin").read_bytes() == (tmp_path / "one.bin").read_bytes()


def test_a_tree_with_empty_folders_arrives(tmp_path: Path, downloads: Path) -> None:
    files = {"a": MIB + 3, "b/c": 0, "d/e/f": -1, "g": 2 * MIB, "h/i": 17, "h-j": 4}
    transfer = _transfer(tmp_path, files)
    sent, got = transfer.carry()
    assert sent == got
    transfer.incoming.publish()
    assert tree(downloads / "t") == tree(tmp_path / "t")


def test_no_key_and_nonce_ever_seal_twice(
    tmp_path: Path, downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[tuple[bytes, bytes]] = []

    class Recording:
        def __init__(self, key: bytes) -> None:
            self._key = key
            self._cipher = AESGCM(key)

        def encrypt_into(self, nonce: bytes, data: Any, ad: Any, buf: Any) -> int:
            used.append((self._key, bytes(nonce)))
            return self._cipher.encrypt_into(nonce, data, ad, buf)

        def decrypt_into(self, nonce: bytes, data: Any, ad: Any, buf: Any) -> int:
            return self._cipher.decrypt_into(nonce, data, ad, buf)

    monkeypatch.setattr(lane, "AESGCM", Recording)
    transfer = _transfer(tmp_path, {"a": 3 * MIB})
    for cut in (0, SEALED + 5, 2 * SEALED + 5):
        data = transfer.lane()
        with pytest.raises(LaneLost):
            transfer.feed(data[:cut])
        offset, _ = transfer.incoming.resume_point(Event())
        transfer.carry(offset)
    assert len(used) == 4 + 4 + 4 + 3 + 4 + 2
    assert len(set(used)) == len(used)


def test_a_lane_goes_on_where_the_last_one_broke(tmp_path: Path, downloads: Path) -> None:
    transfer = _transfer(tmp_path, {"a": 2 * MIB, "b/c": 100, "d": 3 * MIB})
    data = transfer.lane()
    with pytest.raises(LaneLost):
        transfer.feed(data[: 3 * SEALED + 70])
    restarted = _transfer(tmp_path, {}, part=transfer.incoming.part)
    offset, prefix = restarted.incoming.resume_point(Event())
    assert offset == 3 * MIB
    assert restarted.source.prefix_digest(offset, Event()) == prefix
    restarted.number = transfer.number
    sent, got = restarted.carry(offset)
    assert sent == got
    assert sent.chunks == 3
    restarted.incoming.publish()
    assert tree(downloads / "t") == tree(tmp_path / "t")


def test_chunks_of_one_transfer_mean_nothing_to_another(
    tmp_path: Path, downloads: Path
) -> None:
    one = _transfer(tmp_path, {"a": 2 * MIB})
    data = one.lane()
    two = Transfer(one.source, downloads)
    two.number = one.number + 1
    with pytest.raises(SealBroken):
        two.feed(data)
    assert tree(downloads) == {}


def test_nothing_beyond_the_offer_is_written(tmp_path: Path, downloads: Path) -> None:
    grow(tmp_path, {"t": 100})
    small = Transfer(inspect([tmp_path / "t"]), downloads)
    small.number = 1
    grow(tmp_path, {"t": 5 * MIB})
    large = Transfer(inspect([tmp_path / "t"]), downloads)
    with pytest.raises(SealBroken):
        small.feed(large.lane())
    assert tree(downloads) == {}


def test_a_hostile_manifest_in_the_lane_creates_nothing(downloads: Path) -> None:
    manifest = Manifest((Entry(TopKind.FILE, 0, 3, 0, ".."),))
    incoming = Incoming(downloads, make_offer(ID, manifest))
    attempt = Attempt(ID, 1, bytes(32), 0)
    data = AESGCM(bytes(32)).encrypt(bytes(11) + b"\1", manifest.encoded + b"abc", b"")
    with pytest.raises(UnsafeName):
        _fed(data, attempt, incoming)
    assert list(downloads.iterdir()) == []


def test_a_file_that_changes_ends_the_attempt(tmp_path: Path, downloads: Path) -> None:
    transfer = _transfer(tmp_path, {"a": 3 * MIB})
    (tmp_path / "t/a").write_bytes(b"new")
    ours, theirs = tcp_pair()
    transfer.number = 1
    with in_thread(lambda: transfer.send(ours)) as sent:
        with pytest.raises(LaneLost):
            transfer.receive(theirs)
        with pytest.raises(FileChanged):
            sent.result()


def test_a_part_that_vanishes_ends_the_attempt(tmp_path: Path, downloads: Path) -> None:
    transfer = _transfer(tmp_path, {"a": 3 * MIB})
    transfer.number = 1
    with pytest.raises(DiskFailed):
        transfer.feed(b"", offset=MIB)


# --- ends and limits ----------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits of a fraction of a second, as the protocol's are too long to wait for."""
    monkeypatch.setattr(pipe, "WITHIN", 0.1)
    monkeypatch.setattr(pipe, "FAREWELL", 0.1)


@pytest.mark.usefixtures("quick")
def test_a_lane_that_stands_still_is_given_up(tmp_path: Path, downloads: Path) -> None:
    transfer = _transfer(tmp_path, {"a": 40 * MIB})
    ours, theirs = tcp_pair()
    with theirs, in_thread(lambda: transfer.send(ours)) as sent, pytest.raises(LaneStalled):
        sent.result()
    ours, theirs = tcp_pair()
    with ours, pytest.raises(LaneStalled):
        transfer.receive(theirs)


@pytest.mark.usefixtures("quick")
def test_a_sender_who_never_hangs_up_changes_nothing(tmp_path: Path, downloads: Path) -> None:
    transfer = _transfer(tmp_path, {"a": 100})
    data = transfer.lane()
    ours, theirs = tcp_pair()
    with ours:
        ours.sendall(data)
        assert transfer.receive(theirs).chunks == 1


@pytest.mark.parametrize("shut", [True, False], ids=["shut down", "only told"])
def test_a_sender_stops_when_told(tmp_path: Path, downloads: Path, *, shut: bool) -> None:
    transfer = _transfer(tmp_path, {"a": 40 * MIB})
    ours, theirs = tcp_pair()
    with theirs, in_thread(lambda: transfer.send(ours)) as sent:
        transfer.stop_sending.set()
        if shut:
            theirs.shutdown(socket.SHUT_RDWR)
        with pytest.raises(TransferAbandoned):
            sent.result()


@pytest.mark.parametrize("shut", [True, False], ids=["shut down", "only told"])
def test_a_receiver_stops_when_told(tmp_path: Path, downloads: Path, *, shut: bool) -> None:
    transfer = _transfer(tmp_path, {"a": 40 * MIB})
    ours, theirs = tcp_pair()
    with ours, in_thread(lambda: transfer.receive(theirs)) as got:
        transfer.stop_receiving.set()
        if shut:
            ours.shutdown(socket.SHUT_RDWR)
        with pytest.raises(TransferAbandoned):
            got.result()


def test_a_receiver_that_goes_away_breaks_the_lane(tmp_path: Path, downloads: Path) -> None:
    transfer = _transfer(tmp_path, {"a": 40 * MIB})
    ours, theirs = tcp_pair()
    theirs.close()
    with pytest.raises(LaneLost):
        transfer.send(ours)
    assert ours.fileno() == -1


async def test_a_lane_is_dialled_with_its_token() -> None:
    token = bytes(range(32))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with await lane.connect("127.0.0.1", port, token, source="127.0.0.1") as sock:
            other, _ = server.accept()
            with other:
                assert (
                    other.recv(40, socket.MSG_WAITALL if False else 0) == b"LANBULK\x01" + token
                )
            assert sock.gettimeout() is None
    with pytest.raises(PeerUnreachable):
        await lane.connect("127.0.0.1", port, token)
    with pytest.raises(PeerUnreachable):
        await lane.connect("host.invalid", port, token)


async def test_dialling_a_host_that_is_dead_ends_in_time_or_when_it_is_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with silent_host() as port:
        dialling = asyncio.ensure_future(lane.connect("127.0.0.1", port, b"t" * 32))
        await asyncio.sleep(0.05)
        assert not dialling.done()
        dialling.cancel()
        await asyncio.wait({dialling})
        assert dialling.cancelled()
        monkeypatch.setattr(lane, "DIAL_TIMEOUT", 0.05)
        with pytest.raises(PeerUnreachable):
            await lane.connect("127.0.0.1", port, b"t" * 32)


def test_progress_counts_what_was_resumed(tmp_path: Path, downloads: Path) -> None:
    transfer = _transfer(tmp_path, {"a": 3 * MIB})
    with pytest.raises(LaneLost):
        transfer.feed(transfer.lane()[:SEALED])
    assert transfer.got.done == MIB
    transfer.incoming.resume_point(Event())
    transfer.carry(MIB)
    assert transfer.got.done == transfer.sent.done == transfer.source.length


# --- the cipher in place ------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 4096, MIB - 1, MIB])
def test_the_cipher_works_in_place(size: int) -> None:
    """Observed and not promised by the library, so it is watched here."""
    key, nonce, plain = os.urandom(32), os.urandom(12), os.urandom(size)
    view = memoryview(bytearray(size + 16))
    view[:size] = plain
    assert AESGCM(key).encrypt_into(nonce, view[:size], None, view) == size + 16
    assert bytes(view) == AESGCM(key).encrypt(nonce, plain, None)
    sealed = bytes(view)
    assert AESGCM(key).decrypt_into(nonce, view, None, view[:size]) == size
    assert bytes(view[:size]) == plain
    view[:] = sealed
    view[-1] ^= 1
    with pytest.raises(InvalidTag):
        AESGCM(key).decrypt_into(nonce, view, None, view[:size])
