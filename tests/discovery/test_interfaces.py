"""Interfaces: which of this machine's are used, and whether a port can be shared."""

import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_interface

import pytest

from lanchat.discovery.ask import Asker
from lanchat.discovery.interfaces import check_port, handles, is_running, routed, usable
from lanchat.discovery.nearby import Interface
from lanchat.discovery.station import Station
from lanchat.errors import NetworkAway, NoMulticast, PortHeld


def test_loopback_is_among_the_usable_ones() -> None:
    (lo,) = [one for one in usable() if one.is_loopback]
    assert ip_interface("127.0.0.1/8") in lo.addresses


@pytest.mark.parametrize("chosen", ["lo", "127.0.0.1", "::1", "::1%lo"])
def test_one_is_chosen_by_its_name_or_address(chosen: str) -> None:
    assert [one.is_loopback for one in usable([chosen])] == [True]


@pytest.mark.parametrize("chosen", [["eth77"], ["10.255.255.254"], [""]])
def test_what_is_not_there_cannot_be_chosen(chosen: list[str]) -> None:
    with pytest.raises(NetworkAway, match="no such interface"):
        usable(chosen)


def test_zeroconf_gets_an_address_for_ipv4_and_an_index_for_ipv6() -> None:
    lo = Interface("lo", 1, (ip_interface("127.0.0.1/8"), ip_interface("::1/128")))
    both = Interface("eth0", 2, (ip_interface("fe80::1/64"), ip_interface("10.0.0.5/24")))
    old = Interface("eth1", 3, (ip_interface("10.0.1.5/24"), ip_interface("10.0.1.6/24")))
    new = Interface("eth2", 4, (ip_interface("fe80::2/64"), ip_interface("fd00::2/64")))
    assert handles((lo, both, old, new)) == ["127.0.0.1", "10.0.0.5", 2, "10.0.1.5", 4]


def test_a_port_held_alone_cannot_be_shared() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("", 0))
        port = holder.getsockname()[1]
        with pytest.raises(PortHeld, match=f"port {port}"):
            check_port(port)
    check_port(port)


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """Nothing can be opened in this process; what is open stays so."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_where_no_socket_is_to_be_had_there_is_no_network_for_now_and_nothing_ends() -> (
    None
):
    asker, here = Asker(lambda _heard: None), usable(["lo"])
    with no_descriptor_left():
        assert not is_running("lo")
        assert routed() == ()
        with pytest.raises(NoMulticast):
            check_port(5353)
        with pytest.raises(NoMulticast):
            usable()
        asker.ask(here)
        asker.find("a" * 26, here, (), lambda: None)()
        with pytest.raises(NoMulticast):
            await Station.open(here, lambda _packet: None)
    await asker.stop()
    assert is_running("lo")
