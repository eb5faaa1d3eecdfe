"""The doctor: each fault the lab can make is named, and a healthy network has none."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lanchat.identity.keys import PeerId
from lanchat.identity.trust import pin
from lanchat.node import profiles
from lanchat.store.contacts import Contacts
from tests.discovery.conftest import Play
from tests.discovery.playing import name_of
from tests.discovery.test_in_the_lab import ANSWERS_ONLY, HOG
from tests.lab.lab import Lab

pytestmark = [
    pytest.mark.netns,
    pytest.mark.long,
    pytest.mark.longest,
    pytest.mark.timeout(90),
]

Rows = dict[str, dict[str, str]]
Doctors = Callable[..., list[Rows]]
REPOSITORY = str(Path(__file__).parents[2])
SECONDS = 60.0
PHRASE = "granite otter paddles home"
NOTHING_IN = """
table inet firewall {
  chain input {
    type filter hook input priority 0; policy accept;
    iifname "lo" accept
    meta l4proto udp drop
  }
}
"""


@pytest.fixture
def lab(lab_of: Callable[..., Lab]) -> Lab:
    return lab_of(2)


@pytest.fixture
def doctors(lab: Lab) -> Doctors:
    """`doctors("h1 --peer …", "h2")` runs them at once: of each its rows by their check."""

    def run(*lines: str) -> list[Rows]:
        started = [started_on(lab, *line.split()) for line in lines]
        return [read(process) for process in started]

    return run


def started_on(lab: Lab, host: str, *words: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "lanchat", "doctor", "--json", *words]
    return lab.popen(host, command, env={"PYTHONPATH": REPOSITORY}, stdout=subprocess.PIPE)


def read(process: "subprocess.Popen[bytes]") -> Rows:
    said, _ = process.communicate(timeout=SECONDS)
    rows = [json.loads(line) for line in said.splitlines()]
    assert process.returncode == any(row["status"] == "fail" for row in rows)
    assert all(bool(row["advice"]) == (row["status"] != "ok") for row in rows), rows
    return {row["check"]: row for row in rows}


def amiss(rows: Rows) -> set[str]:
    return {f"{row['status']} {name}" for name, row in rows.items() if row["status"] != "ok"}


def test_on_a_healthy_network_nothing_is_amiss(
    lab: Lab, in_lab: Play, doctors: Doctors
) -> None:
    in_lab("h1", 1)
    in_lab("h2", 2).wait_for("advert", name=name_of(1))
    lab.add_network("vpn")
    tunnel = lab.attach("h1", "vpn", multicast=False)
    lab.exec("h1", ["ip", "route", "replace", "default", "dev", tunnel])
    well, towards, on_lo, astray = doctors(
        "h1",
        f"h1 --peer {lab.address('h2')}",
        "h2 --interface lo",
        "h2 --peer 198.51.100.7:4242",
    )
    for rows in (well, towards):
        assert amiss(rows) == set(), rows
        assert "heard, from" in rows["multicast"]["detail"]
        assert f"The VPN {tunnel} takes the way out" in rows["vpn"]["detail"]
    assert rows["peer"]["detail"] == f"{lab.address('h2')} answers at UDP 5353."
    assert amiss(on_lo) == {"fail interfaces"}
    assert "without --interface" in on_lo["interfaces"]["advice"]
    assert amiss(astray) == {"fail subnet", "fail peer"}
    assert "198.51.100.7 is in another network" in astray["subnet"]["detail"]
    assert lab.address("h2") in astray["subnet"]["detail"]
    assert "by address and port" in astray["subnet"]["advice"]


def test_faults_of_the_computer_itself_are_named(
    lab: Lab, in_lab: Play, doctors: Doctors
) -> None:
    for number in range(3, 7):
        lab.add_host(f"h{number}")
    in_lab("h2", 2)
    hog = lab.popen(
        "h1", [sys.executable, "-c", HOG], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert hog.stdout is not None
    assert hog.stdout.readline() == b"ready\n"
    lab.cable("h3", up=False)
    lab.detach("h4", "lan")
    lab.add_network("vpn")
    lab.detach("h5", "lan")
    tunnel = lab.attach("h5", "vpn", multicast=False)
    lab.firewall("h6", udp=[5353])
    held, unplugged, away, in_a_tunnel, walled = doctors(
        "h1", "h3", "h4", "h5", f"h6 --peer {lab.address('h2')}"
    )
    assert amiss(held) == {"fail port"}
    assert "sudo ss -ulpn 'sport = :5353'" in held["port"]["advice"]
    assert "disallow-other-stacks=no" in held["port"]["advice"]
    assert amiss(unplugged) == {"fail interfaces"}
    assert "Plug the cable in" in unplugged["interfaces"]["advice"]
    assert amiss(away) == {"fail interfaces"}
    assert "Connect this computer" in away["interfaces"]["advice"]
    assert amiss(in_a_tunnel) == {"fail interfaces"}
    assert in_a_tunnel["interfaces"]["detail"] == f"Only a VPN is there: {tunnel}."
    assert "add people by their address" in in_a_tunnel["interfaces"]["advice"]
    assert "fail hearing" in amiss(walled)
    assert "a firewall here drops" in walled["hearing"]["detail"]
    assert "5353" in walled["hearing"]["advice"]
    assert "multicast" not in walled  # whose fault that is cannot be told from here


def test_a_firewall_is_found_at_the_end_that_has_it(
    lab: Lab, in_lab: Play, doctors: Doctors
) -> None:
    in_lab("h1", 1)
    assert lab.exec("h2", ["nft", "-f", "-"], stdin=ANSWERS_ONLY).returncode == 0
    in_lab("h2", 2)
    here, there = doctors(f"h2 --peer {lab.address('h1')}", f"h1 --peer {lab.address('h2')}")
    assert "fail hearing" in amiss(here)
    assert here["peer"]["status"] == "ok"
    assert "hearing" not in {one.partition(" ")[2] for one in amiss(there)}
    assert "fail peer" in amiss(there)
    assert "Run lanchat doctor there" in there["peer"]["advice"]


@pytest.mark.timeout(60)  # three doctors in a row, who each listen to silence
def test_a_network_that_keeps_things_back_is_named(
    lab: Lab, in_lab: Play, doctors: Doctors
) -> None:
    in_lab("h2", 2)
    lab.block_multicast("all")
    (rows,) = doctors(f"h1 --peer {lab.address('h2')}")
    assert amiss(rows) == {"fail multicast"}
    assert "IGMP snooping" in rows["multicast"]["advice"]
    lab.block_multicast("mdns")
    (rows,) = doctors("h1")  # the neighbour table is all there is to go by
    assert amiss(rows) == {"warn multicast"}
    assert "may filter multicast" in rows["multicast"]["detail"]
    lab.block_multicast(None)
    lab.isolate()
    # Who is gone stays in the table, and is no reason to suspect the network.
    gone = ["lladdr", "02:00:00:00:99:99", "nud", "stale", "dev", "eth0"]
    lab.exec("h1", ["ip", "neigh", "replace", lab.address("h2"), *gone])
    rows, alone = doctors(f"h1 --peer {lab.address('h2')}:4242", "h1")
    assert amiss(alone) == set(), alone
    assert amiss(rows) == {"fail peer"}
    assert "isolation" in rows["peer"]["advice"]


def test_a_lanchat_that_runs_says_who_came_and_was_never_heard(
    lab: Lab, doctors: Doctors, tmp_path: Path
) -> None:
    first, _ = listening(lab, "h1", tmp_path)
    listening(lab, "h2", tmp_path)
    profile = f"--profile {tmp_path}/"
    well, _ = doctors(f"h1 {profile}h1", f"h2 {profile}h2")
    assert amiss(well) == set(), well
    assert {"one-sided", "tcp", "clock", "identity"} <= set(well)
    first.kill()
    first.wait()
    assert lab.exec("h1", ["nft", "-f", "-"], stdin=NOTHING_IN).returncode == 0
    _, port = listening(lab, "h1", tmp_path)
    words = ["say", f"{lab.address('h1')}:{port}", "hello", "--profile", f"{tmp_path}/h2"]
    lanchat = [sys.executable, "-m", "lanchat"]
    done = lab.exec("h2", [*lanchat, *words], env={"PYTHONPATH": REPOSITORY})
    assert done.returncode == 5  # a session stands, with a stranger
    deaf, named = doctors(f"h1 {profile}h1", f"h1 {profile}h1 --names")
    assert {"fail hearing", "fail one-sided"} <= amiss(deaf)
    assert lab.address("h2") in deaf["one-sided"]["detail"]
    assert "5353" in deaf["one-sided"]["advice"]
    assert "somebody at h2" in named["one-sided"]["detail"]
    assert "somebody" not in str(deaf)


KEEPS_OUT = """
table inet filter {
  chain input {
    type filter hook input priority 0; policy accept;
    iifname "lo" accept
    ct state established,related accept
    meta l4proto tcp drop
  }
}
"""


def test_a_firewall_that_keeps_others_out_is_found_by_somebody_on_the_other_side(
    lab: Lab, doctors: Doctors, tmp_path: Path
) -> None:
    """h1 hears h2 and dials it, and nobody can dial h1."""
    profile = f"--profile {tmp_path}/"
    known_to_each_other(tmp_path, "h1", "h2")
    assert lab.exec("h1", ["nft", "-f", "-"], stdin=KEEPS_OUT).returncode == 0
    running = [listening(lab, host, tmp_path)[0] for host in ("h1", "h2")]
    wait_for_session(running[0])
    walled, other = doctors(f"h1 {profile}h1", f"h2 {profile}h2")
    assert amiss(walled) == {"fail tcp"}
    places = {host: (lab.address(host), lab.link_local(host)) for host in ("h1", "h2")}
    detail = walled["tcp"]["detail"]  # of whichever address the session took
    assert any(f"{one} tried it and got no answer" in detail for one in places["h2"]), detail
    assert "sudo nft insert rule inet filter input tcp dport" in walled["tcp"]["advice"]
    assert walled["heard"]["status"] == "ok"
    assert amiss(other) == set(), other
    detail = other["tcp"]["detail"]
    assert any(f"answers on this computer, and to {one}" in detail for one in places["h1"])


def known_to_each_other(folder: Path, *hosts: str) -> None:
    """Profiles of people who know each other."""
    keys = {host: registered(folder, host) for host in hosts}
    for host in hosts:
        for other in hosts:
            if other != host:
                asyncio.run(knows(folder / host, keys[other]))


async def knows(place: Path, peer: PeerId) -> None:
    held = await asyncio.to_thread(profiles.hold, f"{place}/")
    opened = await profiles.unlock(held, PHRASE)
    await Contacts(opened.database).save(pin(None, peer, f"friend {peer.short}", 1))
    await opened.close()


def wait_for_session(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "session-opened":
            return
    raise AssertionError("it ended without a session")


def registered(folder: Path, host: str) -> PeerId:
    """A profile for a host."""
    (folder / "phrase").write_text(f"{PHRASE}\n")
    name = f"somebody at {host}"
    made = profiles.register(f"{folder / host}/", name, PHRASE, profiles.QUICK)
    return asyncio.run(made)[1]


def listening(lab: Lab, host: str, folder: Path) -> "tuple[subprocess.Popen[bytes], int]":
    """A lanchat that listens on a host, and its port."""
    place, phrase = folder / host, folder / "phrase"
    if not place.exists():
        registered(folder, host)
    words = ["listen", "--json", "--profile", str(place), "--passphrase-file", str(phrase)]
    process = lab.popen(
        host,
        [sys.executable, "-m", "lanchat", *words],
        env={"PYTHONPATH": REPOSITORY},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())["port"]
