"""mDNS on the loopback interface: peers on one machine find, verify and lose each other."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from lanchat.discovery.advert import Advert, label_of, sign
from lanchat.discovery.mdns import Mdns
from lanchat.errors import NoMulticast
from lanchat.identity.keys import Identity
from tests.discovery.conftest import Play
from tests.discovery.packets import GROUP, goodbye, multicasting
from tests.discovery.playing import label, name_of

pytestmark = pytest.mark.multicast


class Watched:
    """An Mdns in this process and what it told."""

    def __init__(self, seed: bytes, *interfaces: str) -> None:
        self.identity = Identity(seed)
        self.label = label_of(self.identity.peer_id)
        self.adverts: list[Advert] = []
        self.removed: list[str] = []
        self.troubles: list[NoMulticast | None] = []
        self.mdns = Mdns(
            self._on_advert,
            self._on_removed,
            interfaces=interfaces or ("lo",),
            on_trouble=self.troubles.append,
        )
        self.fails = False
        self._news = asyncio.Event()

    def _on_removed(self, label: str) -> None:
        if self.fails:
            raise ZeroDivisionError(label)
        self.removed.append(label)

    def _on_advert(self, advert: Advert, source: str | None) -> None:
        if self.fails:
            raise ZeroDivisionError(advert.label)
        self.adverts.append(advert)
        self._news.set()

    async def start(self, name: str, port: int) -> None:
        await self.mdns.start(sign(self.identity, name, port, _epoch()))

    async def rename(self, name: str, port: int) -> None:
        await self.mdns.update(sign(self.identity, name, port, _epoch()))

    async def saw(self, nickname: str) -> Advert:
        while True:
            for advert in self.adverts:
                if advert.nickname == nickname:
                    return advert
            self._news.clear()
            await self._news.wait()


def _epoch() -> int:
    return time.time_ns() // 1_000_000


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  # counters ring no bell
        await asyncio.sleep(0.01)


Watch = Callable[..., Watched]


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    watching: list[Watched] = []

    def begin(seed: bytes, *interfaces: str) -> Watched:
        watching.append(Watched(seed, *interfaces))
        return watching[-1]

    yield begin
    stops: list[Awaitable[None]] = [one.mdns.stop() for one in watching]
    await asyncio.gather(*stops)


async def test_two_on_one_machine_find_each_other(watch: Watch) -> None:
    ann, bob = watch(b"discovery of ann, loopback test a"[:32]), watch(b"b" * 31 + b"1")
    await ann.start("Ann of loopback", 41_001)
    await bob.start("Bob of loopback", 41_002)
    seen = await ann.saw("Bob of loopback")
    assert (seen.peer_id, seen.port, seen.label) == (bob.identity.peer_id, 41_002, bob.label)
    assert set(seen.addresses) == {"127.0.0.1", "::1"}
    assert (await bob.saw("Ann of loopback")).peer_id == ann.identity.peer_id
    assert (ann.troubles, bob.troubles) == ([], [])


async def test_a_process_beside_ours_is_found(watch: Watch, on_loopback: Play) -> None:
    peer = await asyncio.to_thread(on_loopback, 11)
    ann = watch(b"c" * 31 + b"1")
    await ann.start("Ann of process", 41_003)
    assert (await ann.saw(name_of(11))).label == label(11)
    await asyncio.to_thread(peer.wait_for, "advert", name="Ann of process")


async def test_an_update_reaches_those_who_watch(watch: Watch) -> None:
    ann, bob = watch(b"d" * 31 + b"1"), watch(b"d" * 31 + b"2")
    await ann.start("Ann to rename", 41_004)
    await bob.start("Bob who watches", 41_005)
    before = await bob.saw("Ann to rename")
    await ann.rename("Anne renamed", 41_006)
    after = await bob.saw("Anne renamed")
    assert (after.peer_id, after.port) == (before.peer_id, 41_006)
    assert after.epoch > before.epoch


async def test_who_only_watches_is_not_seen(watch: Watch) -> None:
    ann, bob, eve = (watch(b"e" * 31 + bytes((n,))) for n in range(3))
    await eve.mdns.start()
    await ann.start("Ann unseen by none", 41_007)
    await bob.start("Bob unseen by none", 41_008)
    await eve.saw("Ann unseen by none")
    await ann.saw("Bob unseen by none")
    assert eve.label not in {advert.label for advert in ann.adverts + bob.adverts}
    await eve.rename("Eve who shows up", 41_009)
    await ann.saw("Eve who shows up")


async def test_a_goodbye_is_told_and_then_nobody_answers(watch: Watch) -> None:
    ann, bob = watch(b"f" * 31 + b"1"), watch(b"f" * 31 + b"2")
    await ann.start("Ann who stays", 41_010)
    await bob.start("Bob who leaves", 41_011)
    await ann.saw("Bob who leaves")
    await bob.mdns.stop()
    await _until(lambda: bob.label in ann.removed)
    assert await ann.mdns.verify(bob.label) is False


async def test_who_is_there_answers_and_who_never_was_does_not(watch: Watch) -> None:
    ann, bob = watch(b"g" * 31 + b"1"), watch(b"g" * 31 + b"2")
    await ann.start("Ann who asks", 41_012)
    await bob.start("Bob who answers", 41_013)
    nobody = label_of(Identity(b"nobody" * 5 + b"??").peer_id)
    answers = await asyncio.gather(
        ann.mdns.verify(bob.label), ann.mdns.verify(bob.label), ann.mdns.verify(nobody)
    )
    assert list(answers) == [True, True, False]


async def test_a_killed_process_says_nothing_and_does_not_answer(
    watch: Watch, on_loopback: Play
) -> None:
    peer = await asyncio.to_thread(on_loopback, 12)
    ann = watch(b"h" * 31 + b"1")
    await ann.start("Ann of the killed", 41_014)
    await ann.saw(name_of(12))
    peer.process.kill()
    peer.process.wait()
    assert await ann.mdns.verify(label(12)) is False
    assert label(12) not in ann.removed


async def test_a_goodbye_in_our_name_is_contradicted(watch: Watch) -> None:
    ann, bob = watch(b"i" * 31 + b"1"), watch(b"i" * 31 + b"2")
    await ann.start("Ann who is said to leave", 41_015)
    await bob.start("Bob who hears it", 41_016)
    await bob.saw("Ann who is said to leave")
    await asyncio.sleep(1.1)  # packets like those of the start are dropped for a second
    bob.adverts.clear()
    with multicasting("127.0.0.1") as sending:
        sending.sendto(goodbye(ann.label), GROUP)
    await _until(lambda: ann.label in bob.removed)
    assert (await bob.saw("Ann who is said to leave")).label == ann.label
    assert await bob.mdns.verify(ann.label) is True
    assert ann.mdns.counts["goodbyes in our name"] == 1


async def test_what_others_say_of_our_name_is_counted_and_changes_nothing(
    watch: Watch,
) -> None:
    ann = watch(b"j" * 31 + b"1")
    await ann.start("Ann, the true one", 41_017)
    double = watch(b"j" * 31 + b"1")
    await double.start("Ann, the double", 41_018)
    await _until(lambda: ann.mdns.counts["answers for our name"] > 0)
    assert ann.label not in {advert.label for advert in ann.adverts}


async def test_without_such_an_interface_the_trouble_is_told_and_nothing_raises(
    watch: Watch,
) -> None:
    ann = watch(b"k" * 31 + b"1", "no-such-interface")
    await ann.start("Ann without a network", 41_019)
    assert [str(trouble) for trouble in ann.troubles] == ["no such interface"]
    await ann.rename("Ann without a network", 41_020)
    await ann.mdns.ask_now()


async def test_an_interface_can_be_chosen_by_its_address(watch: Watch) -> None:
    ann = watch(b"l" * 31 + b"1", "127.0.0.1")
    await ann.start("Ann by address", 41_021)
    assert [one.name for one in ann.mdns.interfaces] == ["lo"]


@pytest.mark.logs_errors
async def test_a_failing_callback_is_counted_and_the_rest_goes_on(
    watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    ann, bob = watch(b"m" * 31 + b"1"), watch(b"m" * 31 + b"2")
    await ann.start("Ann with a bug", 41_022)
    await bob.start("Bob who leaves a bug", 41_023)
    await ann.saw("Bob who leaves a bug")

    ann.fails = True
    await bob.rename("Bob who meets a bug", 41_023)
    await _until(lambda: ann.mdns.counts["failed"] > 0)
    before = ann.mdns.counts["failed"]
    await bob.mdns.stop()
    await _until(lambda: ann.mdns.counts["failed"] > before)
    assert "ZeroDivisionError" in caplog.text
    assert bob.label not in caplog.text


async def test_stopping_before_anything_was_sent_is_clean(watch: Watch) -> None:
    ann = watch(b"n" * 31 + b"1")
    await ann.start("Ann in a hurry", 41_024)
    await ann.mdns.stop()


async def test_zeroconf_is_started_anew_when_it_was_flooded_and_nobody_notices(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = watch(b"o" * 31 + b"1"), watch(b"o" * 31 + b"2")
    await bob.start("Bob who notices nothing", 41_025)
    monkeypatch.setattr("lanchat.discovery.station.MAX_NAMES", -1)
    await ann.start("Ann in a flood", 41_026)
    await _until(lambda: ann.mdns.counts["renewed"] == 1)
    await ann.rename("Ann after the flood", 41_026)
    await bob.saw("Ann after the flood")
    assert await bob.mdns.verify(ann.label) is True
    assert ann.label not in bob.removed


async def test_who_is_verified_again_soon_waits_and_forgets_no_answer(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lanchat.discovery.liveness.AGAIN", 0.3)
    monkeypatch.setattr("lanchat.discovery.liveness.MAX_REMEMBERED", 1)
    ann, bob, eve = (watch(b"p" * 31 + bytes((n,))) for n in range(3))
    for number, one in enumerate((ann, bob, eve)):
        await one.start(f"Verified {number}", 41_027 + number)
    before = time.monotonic()
    answers = [await ann.mdns.verify(bob.label), await ann.mdns.verify(bob.label)]
    assert time.monotonic() - before >= 0.3
    assert [*answers, await ann.mdns.verify(eve.label)] == [True] * 3


async def test_stopping_gives_up_what_is_being_verified(watch: Watch) -> None:
    ann = watch(b"q" * 31 + b"1")
    await ann.start("Ann who gives up", 41_030)
    asked = asyncio.ensure_future(ann.mdns.verify("nobody" + "a" * 20))
    await asyncio.sleep(0)
    await ann.mdns.stop()
    with pytest.raises(asyncio.CancelledError):
        await asked
