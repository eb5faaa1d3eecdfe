"""A peer for the lab: announces itself, and prints what it learns, one JSON line each.

    python tests/discovery/peer.py NUMBER [--interface NAME] [--known ADDRESS] [--silent]
                                   [--deaf]  (to what Linux says of its networks)

NUMBER makes its key, name and port.  Lines on standard input are orders: `verify LABEL`,
`ask`, `scan`, `cancel`, `withdraw`, `rename NAME`, `counts`, `stop`.  `at` is the monotonic
clock, one for all hosts.
"""

import argparse
import asyncio
import json
import socket
import sys
import time
from contextlib import aclosing, suppress

from lanchat.discovery.advert import Advert, Signed, label_of, sign
from lanchat.discovery.mdns import Mdns
from lanchat.errors import NoMulticast
from lanchat.identity.keys import Identity


def identity_of(number: int) -> Identity:
    return Identity(number.to_bytes(32, "big"))


def say(event: str, **more: object) -> None:
    line = {"event": event, "at": time.monotonic(), **more}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def on_advert(advert: Advert, source: str | None) -> None:
    say(
        "advert",
        name=advert.nickname,
        label=advert.label,
        addresses=advert.addresses,
        source=source,
    )


def on_removed(label: str) -> None:
    say("removed", label=label)


def on_trouble(trouble: NoMulticast | None) -> None:
    say("trouble", detail=None if trouble is None else str(trouble))


class Played:
    """The peer that is played, and the orders it takes."""

    def __init__(self, words: argparse.Namespace) -> None:
        self._identity = identity_of(words.number)
        self._name = f"peer {words.number}"
        self._port = 20_000 + words.number
        contacts = {label_of(identity_of(number).peer_id) for number in words.contact}
        self._mdns = Mdns(
            on_advert,
            on_removed,
            interfaces=words.interface,
            on_trouble=on_trouble,
            on_networks=self.on_networks,
            is_contact=contacts.__contains__,
            last_known=lambda: words.known,
        )

    def on_networks(self) -> None:
        ours = [own for one in self._mdns.interfaces for own in one.addresses]
        say("networks", addresses=[str(own.ip) for own in ours])

    def signed(self) -> Signed:
        return sign(self._identity, self._name, self._port, time.time_ns() // 1_000_000)

    async def play(self, *, silent: bool) -> None:
        lines = await _standard_input()
        say("starting")
        await self._mdns.start(None if silent else self.signed())
        say("started", label=label_of(self._identity.peer_id))
        while (line := (await lines.readline()).decode().strip()) and line != "stop":
            await self.obey(*line.split(" ", 1))
        await self._mdns.stop()
        say("stopped")

    async def _scan(self) -> None:
        async with aclosing(self._mdns.scan()) as steps:
            async for step in steps:
                say("scanned", asked=step.asked, total=step.total, found=step.found)
        say("scan over")

    async def obey(self, order: str, rest: str = "") -> None:
        if order == "verify":
            say("verified", label=rest, there=await self._mdns.verify(rest))
        elif order == "ask":
            await self._mdns.ask_now()
        elif order == "scan":
            self._scanning = asyncio.create_task(self._scan())
        elif order == "withdraw":
            await self._mdns.withdraw()
        elif order == "cancel":
            self._scanning.cancel()
            with suppress(asyncio.CancelledError):
                await self._scanning
            say("cancelled")
        elif order == "rename":
            self._name = rest
            await self._mdns.update(self.signed())
        elif order == "counts":
            say("counts", counts=self._mdns.counts)


async def _standard_input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("number", type=int)
    parser.add_argument("--interface", action="append", default=[])
    parser.add_argument("--known", action="append", default=[])
    parser.add_argument("--contact", action="append", type=int, default=[])
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("--deaf", action="store_true")
    words = parser.parse_args()
    if words.deaf:
        del socket.AF_NETLINK
    asyncio.run(Played(words).play(silent=words.silent))


if __name__ == "__main__":
    main()
