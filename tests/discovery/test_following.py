"""Following the networks: addresses, cables and interfaces that come and go, in the lab."""

import signal
import time

import pytest

from tests.discovery.conftest import Play
from tests.discovery.playing import Line, Peer, name_of
from tests.lab.lab import Lab

pytestmark = pytest.mark.netns
NEW = "10.77.0.99"


def at_address(peer: Peer, number: int, address: str) -> Line:
    """An advert of this peer that names `address`."""

    def found(lines: list[Line]) -> Line | None:
        return next(
            (
                line
                for line in lines
                if line["event"] == "advert"
                and line["name"] == name_of(number)
                and address in line["addresses"]
            ),
            None,
        )

    return peer.wait_until(found, f"{number} at {address}")


def test_a_new_address_is_known_to_others_and_to_newcomers(lab: Lab, in_lab: Play) -> None:
    watcher, moves = in_lab("h1", 1), in_lab("h2", 2)
    watcher.wait_for("advert", name=name_of(2))
    old = lab.address("h2")
    lab.readdress("h2", f"{NEW}/24")
    at_address(watcher, 2, NEW)
    newcomer = in_lab("h3", 3)
    line = newcomer.wait_for("advert", name=name_of(2))
    assert NEW in line["addresses"]
    assert old not in line["addresses"]
    moves.wait_for("advert", name=name_of(3))


def test_without_news_of_the_system_the_addresses_are_looked_at(lab: Lab, in_lab: Play) -> None:
    watcher = in_lab("h1", 1)
    in_lab("h2", 2, "--deaf")
    watcher.wait_for("advert", name=name_of(2))
    lab.readdress("h2", f"{NEW}/24")
    at_address(watcher, 2, NEW)


def test_on_a_second_network_both_are_found_too(lab: Lab, in_lab: Play) -> None:
    watcher = in_lab("h1", 1)
    in_lab("h2", 2)
    watcher.wait_for("advert", name=name_of(2))
    lab.add_network("side")
    for host in ("h1", "h2"):
        lab.attach(host, "side")
    lab.cable("h2", up=False)
    at_address(watcher, 2, lab.address("h2", "side"))


def test_who_came_while_the_cable_was_out_is_met(lab: Lab, in_lab: Play) -> None:
    apart = in_lab("h2", 2)
    lab.cable("h2", up=False)
    apart.wait_for("networks")
    newcomer = in_lab("h3", 3)
    apart.lines.clear()
    lab.cable("h2", up=True)
    apart.wait_for("networks")
    apart.wait_for("advert", name=name_of(3))
    newcomer.wait_for("advert", name=name_of(2))


def test_a_vpn_that_takes_the_default_route_hides_nobody(lab: Lab, in_lab: Play) -> None:
    watcher, away = in_lab("h1", 1), in_lab("h2", 2)
    watcher.wait_for("advert", name=name_of(2))
    lab.add_network("vpn")
    tunnel = lab.attach("h2", "vpn", multicast=False)
    done = lab.exec("h2", ["ip", "route", "replace", "default", "dev", tunnel])
    assert done.returncode == 0, done.stderr
    away.wait_for("networks")
    in_lab("h3", 3).wait_for("advert", name=name_of(2))
    away.wait_for("advert", name=name_of(3))
    addresses = away.wait_for("networks")["addresses"]
    assert lab.address("h2", "vpn") not in addresses
    lab.readdress("h2", f"{NEW}/24")
    at_address(watcher, 2, NEW)


def test_a_network_that_comes_to_a_machine_alone_is_joined(lab: Lab, in_lab: Play) -> None:
    other = in_lab("h2", 2)
    lab.interface("h1", up=False)
    alone = in_lab("h1", 1)
    lab.interface("h1", up=True)
    alone.wait_for("advert", name=name_of(2))
    at_address(other, 1, lab.address("h1"))


def test_where_only_ipv6_is_spoken_a_new_address_is_waited_for(lab: Lab, in_lab: Play) -> None:
    lab.add_host("h6", ipv4=False)
    other = in_lab("h1", 1)
    lab.interface("h6", up=False)
    done = lab.exec("h6", ["sysctl", "-w", "net.ipv6.conf.eth0.accept_dad=1"])
    assert done.returncode == 0, done.stderr
    peer = in_lab("h6", 6)
    lab.interface("h6", up=True)  # its address is tentative for a second: nothing can be sent
    other.wait_for("advert", name=name_of(6))
    peer.wait_for("advert", name=name_of(1))


def test_a_chosen_interface_is_followed_as_it_comes_and_goes(lab: Lab, in_lab: Play) -> None:
    other = in_lab("h1", 1)
    lab.add_network("side")
    lab.attach("h1", "side")
    chosen = in_lab("h2", 2, "--interface", "eth1")
    chosen.wait_for("trouble", detail="no such interface")
    for address in ("10.77.1.50", "10.77.1.50", "10.77.1.51"):
        chosen.lines.clear()
        other.lines.clear()
        lab.attach("h2", "side", address=f"{address}/24")
        chosen.wait_for("trouble", detail=None)
        chosen.wait_for("advert", name=name_of(1))
        at_address(other, 2, address)
        lab.detach("h2", "side")
        chosen.wait_for("trouble", detail="no such interface")


def test_an_adapter_that_is_changed_for_another_is_used(lab: Lab, in_lab: Play) -> None:
    watcher, peer = in_lab("h1", 1), in_lab("h2", 2)
    watcher.wait_for("advert", name=name_of(2))
    address = lab.address("h2")
    peer.process.send_signal(signal.SIGSTOP)  # it sees what was and what is, nothing between
    lab.detach("h2", "lan")
    lab.attach("h2", "lan", address=f"{address}/24")
    peer.process.send_signal(signal.SIGCONT)
    newcomer = in_lab("h3", 3)
    newcomer.wait_for("advert", name=name_of(2))
    peer.wait_for("advert", name=name_of(3))
    assert peer.verify(3) is True


def test_changes_without_end_are_told_once_a_second(lab: Lab, in_lab: Play) -> None:
    peer = in_lab("h1", 1)
    lines = ["addr add 10.9.9.9/24 dev eth0", "addr del 10.9.9.9/24 dev eth0"]
    done = lab.exec("h1", ["ip", "-batch", "-"], stdin="\n".join(lines * 1000) + "\n")
    assert done.returncode == 0, done.stderr
    lab.readdress("h1", f"{NEW}/24")
    peer.wait_until(
        lambda lines: next((x for x in lines if NEW in x.get("addresses", ())), None), NEW
    )
    told = [line["at"] for line in peer.lines if line["event"] == "networks"]
    assert len(told) <= 4 + (told[-1] - told[0])


@pytest.mark.timeout(60)  # ten seconds pass until nothing is announced without a cause
def test_who_was_missed_is_met_again_once_the_network_is_whole(lab: Lab, in_lab: Play) -> None:
    witness, missed = in_lab("h3", 3), in_lab("h2", 2)
    misses = in_lab("h1", 1)
    misses.wait_for("advert", name=name_of(2))
    begun = misses.wait_for("started")["at"]
    lab.partition(["h1", "h3"], ["h2"])
    heard_after(witness, 1, begun + 9, "the last that is announced without a cause")
    assert misses.verify(2) is False
    healed = time.monotonic()
    lab.heal()
    heard_after(missed, 1, healed, "an announcement for those who are missed")


def heard_after(peer: Peer, number: int, moment: float, what: str) -> None:
    """Wait until something is heard of a peer after a moment of the clock that all share."""

    def found(lines: list[Line]) -> Line | None:
        heard = (line for line in lines if line.get("name") == name_of(number))
        return next((line for line in heard if line["at"] > moment), None)

    peer.wait_until(found, what)
