"""Discovery between hosts: on a network as it should be, and on one that is not."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.discovery.conftest import Play
from tests.discovery.playing import Peer, label, name_of
from tests.lab.lab import Lab

pytestmark = [pytest.mark.netns, pytest.mark.long]

PACKETS = [sys.executable, str(Path(__file__).with_name("packets.py"))]
HOG = """
import socket, sys
taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
taken.bind(("", 5353))
print("ready", flush=True)
sys.stdin.read()
"""
# What stands before most desktops: nothing comes in but answers to what went out.
ANSWERS_ONLY = """
table inet firewall {
  chain input {
    type filter hook input priority 0; policy accept;
    iifname "lo" accept
    ct state established,related accept
    meta l4proto { tcp, udp } drop
  }
}
"""


@pytest.fixture
def throw(lab: Lab) -> Callable[..., None]:
    """`throw("h3", "goodbye", label)` sends packets from a host and waits for the end."""

    def throw(host: str, *words: str) -> None:
        env = {"PYTHONPATH": str(Path(__file__).parents[2])}
        done = lab.exec(host, [*PACKETS, *words], env=env)
        assert done.stdout == "done\n", done.stderr

    return throw


def test_a_start_is_seen_on_the_other_hosts_with_addresses_that_can_be_dialled(
    lab: Lab, in_lab: Play
) -> None:
    watchers = [in_lab("h1", 1), in_lab("h2", 2)]
    in_lab("h3", 3)
    for watcher in watchers:
        line = watcher.wait_for("advert", name=name_of(3))
        assert set(line["addresses"]) == {lab.address("h3"), lab.link_local("h3")}


def test_two_on_one_host_see_each_other_and_are_both_seen(lab: Lab, in_lab: Play) -> None:
    first, second = in_lab("h1", 1), in_lab("h1", 2)
    newcomer = in_lab("h2", 3)
    first.wait_for("advert", name=name_of(2))
    line = second.wait_for("advert", name=name_of(1))
    assert line["addresses"]
    newcomer.wait_for_names({name_of(1), name_of(2)})


def test_a_newcomer_has_the_full_list(in_lab: Play) -> None:
    for number in range(1, 9):
        in_lab("h1" if number % 2 else "h2", number)
    newcomer = in_lab("h3", 9)
    newcomer.wait_for_names({name_of(number) for number in range(1, 9)})


def test_who_leaves_is_told_of_and_does_not_answer(in_lab: Play) -> None:
    stays, leaves = in_lab("h1", 1), in_lab("h2", 2)
    stays.wait_for("advert", name=name_of(2))
    leaves.stop()
    stays.wait_for("removed", label=label(2))
    assert stays.verify(2) is False


def test_a_forged_goodbye_is_contradicted(
    lab: Lab, in_lab: Play, throw: Callable[..., None]
) -> None:
    watcher, victim = in_lab("h1", 1), in_lab("h2", 2)
    watcher.wait_for("advert", name=name_of(2))
    throw("h3", "goodbye", label(2))  # a Python start later than the last announcement
    watcher.wait_for("removed", label=label(2))
    watcher.lines.clear()
    watcher.wait_for("advert", name=name_of(2))
    assert watcher.verify(2) is True
    assert victim.counts() == {"goodbyes in our name": 1}


def test_a_killed_peer_says_nothing_and_does_not_answer(in_lab: Play) -> None:
    watcher, victim = in_lab("h1", 1), in_lab("h2", 2)
    watcher.wait_for("advert", name=name_of(2))
    victim.process.kill()
    victim.process.wait()
    assert watcher.verify(2) is False
    assert "removed" not in {line["event"] for line in watcher.lines}


def test_behind_a_firewall_a_question_to_a_known_address_is_answered(
    lab: Lab, in_lab: Play
) -> None:
    in_lab("h1", 1)
    done = lab.exec("h2", ["nft", "-f", "-"], stdin=ANSWERS_ONLY)
    assert done.returncode == 0, done.stderr
    deaf = in_lab("h2", 2)
    rescued = in_lab("h2", 3, "--known", lab.address("h1"))
    rescued.wait_for("advert", name=name_of(1), source=lab.address("h1"))
    assert rescued.verify(1) is True
    assert name_of(1) not in deaf.names()


def test_where_the_switch_swallows_multicast_known_addresses_are_asked(
    lab: Lab, in_lab: Play
) -> None:
    lab.block_multicast("all")
    in_lab("h1", 1)
    rescued = in_lab("h2", 2, "--known", lab.address("h1"))
    rescued.wait_for("advert", name=name_of(1))


def test_a_flood_of_forged_adverts_hides_nobody(
    lab: Lab, in_lab: Play, throw: Callable[..., None]
) -> None:
    watcher = in_lab("h1", 1, "--contact", "2")
    in_lab("h2", 2)
    watcher.wait_for("advert", name=name_of(2))
    throw("h3", "forge", "2000", "4000")
    throw("h3", "forge", "500", "4000", "2")
    watcher.lines.clear()
    in_lab("h2", 3)
    watcher.wait_for("advert", name=name_of(3))
    assert watcher.verify(2) is True
    assert not any(name.startswith("forged") for name in watcher.names())
    counts = watcher.counts()
    assert counts["forged"] > 0
    bounded = {"forged", "queue full", "source too fast", "bad advert"}
    assert set(counts) <= {*bounded, "renewed"}  # if all of it was read, zeroconf began anew


def test_a_flood_of_genuine_keys_leaves_room_for_who_comes_next(
    lab: Lab, in_lab: Play, throw: Callable[..., None]
) -> None:
    watcher = in_lab("h1", 1)
    throw("h3", "forge", "3000", "6000", "genuine")
    in_lab("h2", 2)
    watcher.wait_for("advert", name=name_of(2))
    assert len(watcher.names()) < 3000


def test_noise_on_the_port_does_no_harm(
    lab: Lab, in_lab: Play, throw: Callable[..., None]
) -> None:
    watcher = in_lab("h1", 1)
    for seed in (1, 2):
        throw("h3", "noise", "1000", str(seed), lab.address("h1"))
    in_lab("h2", 2)
    watcher.wait_for("advert", name=name_of(2))
    assert watcher.verify(2) is True
    assert "failed" not in watcher.counts()


def test_a_port_held_by_another_program_is_told_and_tried_again(lab: Lab, in_lab: Play) -> None:
    other = in_lab("h2", 2)
    hog = lab.popen(
        "h1",
        [sys.executable, "-c", HOG],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with hog:
        assert hog.stdout is not None
        assert hog.stdout.readline() == b"ready\n"
        peer = in_lab("h1", 1)
        peer.wait_for("trouble", detail="another program holds UDP port 5353 alone")
        peer.wait_for("advert", name=name_of(2))  # asking needs no port of that number
        hog.kill()
    peer.wait_for("trouble", detail=None)
    other.wait_for("advert", name=name_of(1))


def test_a_network_that_comes_later_is_joined(lab: Lab, in_lab: Play) -> None:
    other = in_lab("h2", 2)
    lab.exec("h1", ["ip", "link", "set", "lo", "down"])
    lab.interface("h1", up=False)
    peer = in_lab("h1", 1)
    peer.wait_for("trouble", detail="no interface with an address")
    lab.interface("h1", up=True)
    peer.wait_for("advert", name=name_of(2))
    other.wait_for("advert", name=name_of(1))


def _names_of(peers: list[Peer]) -> set[str]:
    return {name_of(peer.number) for peer in peers}


def test_eight_that_start_together_all_see_each_other(in_lab: Play) -> None:
    peers = [in_lab(f"h{number % 3 + 1}", number) for number in range(1, 9)]
    for peer in peers:
        peer.wait_for_names(_names_of(peers) - {name_of(peer.number)})
