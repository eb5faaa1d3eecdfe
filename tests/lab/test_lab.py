"""The lab does to its hosts what the tests believe it does."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from tests.lab.lab import Lab
from tests.lab.namespaces import REPOSITORY, ROOT, namespaces

pytestmark = pytest.mark.netns

PROBE = [sys.executable, "-I", str(Path(__file__).with_name("probe.py"))]
MDNS, MDNS6 = "224.0.0.251", "ff02::fb"


def _start(lab: Lab, host: str, *words: str) -> "subprocess.Popen[bytes]":
    process = lab.popen(host, [*PROBE, *words], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def _rtts(lab: Lab, source: str, to: str, count: int = 1) -> list[float]:
    done = lab.exec(source, [*PROBE, "rtt", lab.address(to), str(count)])
    return [float(ms) for ms in json.loads(done.stdout)]


def _reaches(lab: Lab, source: str, to: str) -> bool:
    return bool(_rtts(lab, source, to))


def _hears(lab: Lab, listener: str, speaker: str, group: str) -> bool:
    process = _start(lab, listener, "rx", group)
    lab.exec(speaker, [*PROBE, "tx", group])
    assert process.stdout is not None
    return process.stdout.readline() == b"heard\n"


@pytest.fixture
def lab(lab_of: Callable[..., Lab]) -> Iterator[Lab]:
    lab = lab_of(3)
    for host in lab.hosts:
        _start(lab, host, "echo")
    yield lab
    lab.close()
    assert not namespaces(lab.name)
    assert not lab.folder.exists()


def test_a_host_has_its_own_name_home_run_and_address(lab: Lab) -> None:
    lab.exec("h1", ["sh", "-c", "echo x > /run/x"])
    script = "cat /proc/sys/kernel/hostname; echo $HOME; cat /run/x; ip -br addr show eth0"
    name, home, kept, address = lab.exec("h1", ["sh", "-c", script]).stdout.splitlines()
    assert (name, home, kept) == ("h1", str(lab.home("h1")), "x")
    assert lab.address("h1") in address
    assert lab.exec("h2", ["cat", "/run/x"]).returncode != 0
    assert lab.link_local("h1").startswith("fe80::")


def test_hosts_reach_each_other_until_the_cable_is_pulled(lab: Lab) -> None:
    assert _reaches(lab, "h1", "h2")
    lab.cable("h1", up=False)
    assert not _reaches(lab, "h1", "h2")
    lab.cable("h1", up=True)
    assert _reaches(lab, "h1", "h2")


def test_a_partition_splits_a_network_until_it_heals(lab: Lab) -> None:
    lab.partition(["h1"], ["h2", "h3"])
    assert not _reaches(lab, "h1", "h2")
    assert _reaches(lab, "h2", "h3")
    lab.heal()
    assert _reaches(lab, "h1", "h2")


def test_isolated_hosts_reach_nobody(lab: Lab) -> None:
    lab.isolate()
    assert not _reaches(lab, "h1", "h2")
    lab.isolate(on=False)
    assert _reaches(lab, "h1", "h2")


@pytest.mark.parametrize("mode", ["mdns", "all"])
def test_blocked_multicast_leaves_unicast_alone(lab: Lab, mode: Literal["mdns", "all"]) -> None:
    assert _hears(lab, "h2", "h1", MDNS)
    assert _hears(lab, "h2", "h1", MDNS6)
    lab.block_multicast(mode)
    assert not _hears(lab, "h2", "h1", MDNS)
    assert not _hears(lab, "h2", "h1", MDNS6)
    assert _reaches(lab, "h1", "h2")
    lab.block_multicast(None)
    assert _hears(lab, "h2", "h1", MDNS)


def test_a_firewall_drops_what_comes_in_for_its_ports(lab: Lab) -> None:
    lab.firewall("h2", udp=[5353])
    assert not _hears(lab, "h2", "h1", MDNS)
    assert _reaches(lab, "h1", "h2")
    lab.firewall("h2")
    assert _hears(lab, "h2", "h1", MDNS)


def test_a_host_keeps_its_neighbours_under_another_address(lab: Lab) -> None:
    lab.readdress("h1", "10.77.0.99/24")
    assert lab.address("h1") == "10.77.0.99"
    assert _reaches(lab, "h2", "h1")


def test_a_router_joins_two_networks(lab: Lab) -> None:
    lab.add_network("other")
    lab.add_host("r1", forward=True)
    lab.attach("r1", "other")
    lab.add_host("w1", "other")
    _start(lab, "w1", "echo")
    lab.gateway("w1", lab.address("r1", "other"))
    lab.gateway("h3", lab.address("r1", "lan"))
    assert _reaches(lab, "h3", "w1")


def test_a_bad_cable_delays_and_loses(lab: Lab) -> None:
    lab.impair("h2", delay_ms=50)
    assert min(_rtts(lab, "h1", "h2", 3)) >= 99  # 50 ms each way
    lab.impair("h2", loss=30)
    assert 20 < len(_rtts(lab, "h1", "h2", 100)) < 80  # 49 are to be expected
    lab.clear_impair("h2")
    assert _reaches(lab, "h1", "h2")


def test_a_suspended_host_stops_and_wakes(lab: Lab) -> None:
    lab.suspend("h3")
    states = {Path(f"/proc/{pid}/stat").read_text().split()[2] for pid in lab.pids("h3")}
    assert states == {"T"}
    assert not _reaches(lab, "h2", "h3")
    lab.resume("h3")
    assert _reaches(lab, "h2", "h3")


def test_nothing_is_left_of_a_lab_whose_owner_was_killed(lab_of: Callable[..., Lab]) -> None:
    script = (
        "import os, signal; from tests.lab.lab import Lab\n"
        "lab = Lab(2).__enter__(); lab.popen('h1', ['sleep', '100'])\n"
        "print(lab.name, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    lab_of(0)  # where there can be no lab, this says so
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL
    name = done.stdout.decode().strip()
    deadline = time.monotonic() + 10
    while namespaces(name) or os.path.lexists(ROOT / f"lab-{name}"):
        assert time.monotonic() < deadline, "the guard did not clean up"
        time.sleep(0.05)
