"""Beyond one link: two subnets, a router between them, and the site's own DNS server."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import Final

import pytest

from tests.discovery.bind import DOMAIN, Bind
from tests.integration.cli_driver import InHost, Listener, Person
from tests.lab.lab import Lab

pytestmark = [pytest.mark.netns, pytest.mark.timeout(90)]

OFTEN: Final = ("--dns-every", "1")
NETWORKS: Final = {"left": "ann", "right": "bob", "core": "ns"}  # and who is there


@pytest.fixture
def site(lab_of: Callable[..., Lab]) -> Lab:
    """Three subnets that only a router joins; what is sent by multicast stays in each."""
    lab = lab_of(0, networks=tuple(NETWORKS))
    lab.add_host("router", "left", forward=True)
    lab.attach("router", "right")
    lab.attach("router", "core")
    for network, host in NETWORKS.items():
        lab.add_host(host, network)
        lab.gateway(host, lab.address("router", network))
    return lab


@pytest.fixture
def bind(site: Lab, tmp_path: Path) -> Iterator[Bind]:
    def spawn(command: Sequence[str]) -> "Popen[bytes]":
        return site.popen("ns", command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE)

    server = Bind(tmp_path / "bind", address=site.address("ns"), port=53, spawn=spawn)
    server.start()
    yield server
    server.stop()


class Settler:
    """Somebody of one subnet, who is or is not told of the server."""

    def __init__(self, site: Lab, bind: Bind, host: str, folder: Path) -> None:
        self.person = Person(host.capitalize(), InHost(site, host), folder).settle()
        self.address = site.address(host)
        self._dns = ("--dns", f"{DOMAIN}@{bind.address}")
        self._key = ("--dns-key", str(bind.key))

    def listen(self) -> Listener:
        return self.person.listen(*self._dns, *self._key, *OFTEN, "--accept", "all")

    def listed(self) -> set[str]:
        """Who is there, by one look without a key."""
        rows = self.person.run("peers", *self._dns, "--wait", "3").rows
        return {row["name"] for row in rows}


def test_people_of_two_subnets_find_each_other_talk_and_pass_files_and_go_on_without_the_server(
    site: Lab, bind: Bind, tmp_path: Path
) -> None:
    file = tmp_path / "photo.bin"
    file.write_bytes(bytes(range(256)) * 4096)
    with ExitStack() as stack:
        ann, bob = (Settler(site, bind, host, tmp_path / host) for host in ("ann", "bob"))
        for settler in (ann, bob):
            stack.callback(settler.person.leave)
        hears = ann.listen()
        newcomer = bob.listen()
        found = newcomer.wait_for("peer-found", peer_id=ann.person.peer_id)
        assert found["addresses"] == [ann.address]
        hears.wait_for("peer-found", peer_id=bob.person.peer_id)
        assert bob.person.run("say", ann.person.peer_id, "over the router").status == 0
        hears.wait_for("message", peer_id=bob.person.peer_id)
        assert ann.person.run("say", bob.person.peer_id, "and back").status == 0
        assert ann.person.run("send", bob.person.peer_id, str(file)).row["state"] == "done"
        assert (bob.person.downloads / file.name).read_bytes() == file.read_bytes()

        bind.stop()
        hears.wait_for("warning", code="dns")
        newcomer.wait_for("warning", code="dns")
        assert bob.person.run("say", "Ann", "the server is down").status == 0
        assert bob.person.run("send", "Ann", str(file)).row["state"] == "done"
        (row,) = ann.person.run("peers").rows
        assert row["peer_id"] == bob.person.peer_id
        assert not hears.all("peer-lost")

        bind.start()
        assert newcomer.stop() == 0
        hears.wait_for("peer-lost", peer_id=bob.person.peer_id)
        assert Settler(site, bind, "bob", tmp_path / "carol").listed() == {"Ann"}
