"""Asking: what an answerer may do to a question, from answering it to flooding it."""

import asyncio
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from zeroconf._dns import DNSAddress, DNSService, DNSText
from zeroconf._protocol.outgoing import DNSOutgoing

from lanchat.discovery import ask
from lanchat.discovery.admission import Heard
from lanchat.discovery.ask import MAX_PACKETS, Asker
from lanchat.discovery.interfaces import usable
from lanchat.discovery.records import host_of, instance_of
from lanchat.discovery.sockets import GROUP4, PORT
from tests.discovery.packets import RESPONSE, noise

pytestmark = pytest.mark.multicast

LABEL = "answerer" + "a" * 18
OTHER = "answerer" + "b" * 18


def _answer(number: int, label: str = LABEL) -> bytes:
    out = DNSOutgoing(RESPONSE, multicast=False, id_=number)
    address = bytes((127, 0, 0, 1))
    for record in (
        DNSService(instance_of(label), 33, 1, 10, 0, 0, 4000, host_of(label)),
        DNSText(instance_of(label), 16, 1, 10, b"txt"),
        DNSAddress(host_of(label), 1, 1, 10, address),
    ):
        out.add_answer_at_time(record, 0)
    return out.packets()[0]


HEARD = Heard(LABEL, b"txt", 4000, ("127.0.0.1",), "127.0.0.1", "lo")


def _socket(port: int) -> socket.socket:
    answering = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    answering.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    answering.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    answering.bind(("127.0.0.1" if port != PORT else "", port))
    return answering


@contextmanager
def _answering(answers: Callable[[int], list[bytes]], port: int = PORT) -> Iterator[None]:
    """Answer each question of an ephemeral port with these, given its number."""

    def serve() -> None:
        while not ended.is_set():
            try:
                question, asker = listening.recvfrom(9000)
            except TimeoutError:
                continue
            if asker[1] != PORT and not question[2] & 0x80:
                for packet in answers(int.from_bytes(question[:2], "big")):
                    speaking.sendto(packet, asker)

    ended = threading.Event()
    with _socket(PORT) as listening, _socket(port) as speaking:
        group = struct.pack("4s4s", socket.inet_aton(GROUP4), socket.inet_aton("127.0.0.1"))
        listening.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        listening.settimeout(0.05)
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        ended.set()
        thread.join()


@asynccontextmanager
async def _asking() -> AsyncIterator[tuple[Asker, list[Heard]]]:
    """An asker and what it heard of our answerers, not of others on this machine."""
    heard: list[Heard] = []

    def hear(batch: list[Heard]) -> None:
        heard.extend(one for one in batch if one.label.startswith("answerer"))

    asker = Asker(hear)
    try:
        yield asker, heard
    finally:
        await asker.stop()


async def _end_of(asker: Asker) -> None:
    while any(one.is_alive() for one in asker._rounds):  # noqa: ASYNC110  # threads ring no bell
        await asyncio.sleep(0.01)
    await asyncio.sleep(0)


async def test_an_answer_is_heard_with_its_source_and_interface(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # far enough apart that each is answered before the next, on any machine
    monkeypatch.setattr(ask, "REPEATS", (0.0, 0.3, 0.6, 0.9, 1.6, 3.0))
    with _answering(lambda number: [_answer(number)]):
        async with _asking() as (asker, heard):
            asker.ask(usable(["lo"]))
            await _end_of(asker)
            assert set(heard) == {HEARD}
            assert len(heard) == 4  # the first question and its repetitions; then nothing new


async def test_it_is_asked_again_by_another_number_as_long_as_that_brings_somebody_new() -> (
    None
):
    asked: list[int] = []

    def answers(number: int) -> list[bytes]:
        if number not in asker._rounds[0]._numbers:
            return []  # others on this machine ask too
        asked.append(number)
        return [_answer(number, "answerer" + "_abcdef"[len(asked)] * 18)]

    async with _asking() as (asker, heard):
        with _answering(answers):
            asker.ask(usable(["lo"]))
            await _end_of(asker)
            assert [one.label[8] for one in heard] == list("abcdef")
            assert len(set(asked)) == 6


async def test_an_answer_to_another_question_is_no_answer() -> None:
    with _answering(lambda number: [_answer(number ^ 1)]):
        async with _asking() as (asker, heard):
            asker.ask(usable(["lo"]))
            await _end_of(asker)
            assert heard == []


async def test_an_answer_from_another_port_is_none_either() -> None:
    with _answering(lambda number: [_answer(number)], port=0):
        async with _asking() as (asker, heard):
            asker.ask(usable(["lo"]))
            await _end_of(asker)
            assert heard == []


async def test_noise_among_the_answers_does_no_harm() -> None:
    def answers(number: int) -> list[bytes]:
        head = number.to_bytes(2, "big")
        return [*(head + packet[2:] for packet in noise(60, number)), _answer(number)]

    with _answering(answers):
        async with _asking() as (asker, heard):
            asker.ask(usable(["lo"]))
            await _end_of(asker)
            assert HEARD in heard


async def test_a_flood_of_answers_ends_the_round() -> None:
    async with _asking() as (asker, _heard):
        asker.ask(usable(["lo"]))
        (one,) = asker._rounds
        one._packets = MAX_PACKETS
        await _end_of(asker)


async def test_one_peer_is_found_by_the_number_and_name_of_its_answer() -> None:
    with _answering(lambda number: [_answer(number, OTHER), _answer(number)]):
        async with _asking() as (asker, _heard):
            found, missed = asyncio.Event(), asyncio.Event()
            asker.find(LABEL, usable(["lo"]), (), found.set)
            asker.find("answerer" + "z" * 18, usable(["lo"]), (), missed.set)
            await found.wait()
            await _end_of(asker)
            assert not missed.is_set()


async def test_remembered_addresses_are_asked_too_and_names_are_never_looked_up() -> None:
    async with _asking() as (asker, _heard):
        known = ("127.0.0.1", "::1", "fe80::1%gone", "fe80::1%1", "ann.example", "8.8.8.8")
        asker.ask(usable(["lo"]), known)
        assert asker._rounds[0]._where.known == known[:4]
        await _end_of(asker)


async def test_stopping_ends_every_round_at_once_and_may_be_repeated() -> None:
    async with _asking() as (asker, _heard):
        asker.ask(usable(["lo"]))
        asker.ask(usable(["lo"]))
        asker.find(LABEL, usable(["lo"]), ("127.0.0.1",), lambda: None)
        rounds = list(asker._rounds)
        await asker.stop()
        assert not any(one.is_alive() for one in rounds)
        rounds[0].stop()
