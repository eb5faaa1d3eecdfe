"""Nearby: an advert cannot send us just anywhere."""

from ipaddress import ip_interface, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.discovery.nearby import (
    Interface,
    dialable,
    is_local,
    needs_zone,
    ordered,
    reachable,
    scannable,
    typeable,
    within,
)

LO = Interface("lo", 1, (ip_interface("127.0.0.1/8"), ip_interface("::1/128")))
LAN = Interface(
    "eth0",
    2,
    (
        ip_interface("10.0.0.5/24"),
        ip_interface("2001:db8::5/64"),
        ip_interface("fe80::5/64"),
    ),
)
WIFI = Interface("wlan0", 3, (ip_interface("192.168.1.5/24"), ip_interface("fe80::6/64")))
TUNNEL = Interface("tun0", 4, (ip_interface("172.16.0.2/31"),))
ALL = (LO, LAN, WIFI, TUNNEL)


@pytest.mark.parametrize(
    "address", ["10.0.0.77", "2001:db8::77", "192.168.1.77", "172.16.0.3", "10.0.0.5"]
)
def test_an_address_on_one_of_our_networks_is_dialled(address: str) -> None:
    assert dialable(address, ALL) == address


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "10.0.1.1",
        "192.168.2.1",
        "2001:db8:1::1",
        "0.0.0.0",
        "::",
        "224.0.0.251",
        "ff02::fb",
        "ff02::fb%eth0",
        "255.255.255.255",
        "10.0.0.255",
        "10.0.0.0",
        "127.0.0.1",
        "127.9.9.9",
        "::1",
        "::ffff:10.0.0.77",
        "::ffff:127.0.0.1",
        "169.254.169.254",
        "fe80::77",
        "fe80::77%9",
        "fe80::77%lo",
        "",
        "ann.example",
        "10.0.0.77:80",
        "10.0.0",
        "%eth0",
        "10.0.0.77\n",
    ],
)
def test_no_other_is(address: str) -> None:
    assert dialable(address, ALL) is None
    assert dialable(address, ALL, source="10.0.0.9") is None


def test_what_came_in_on_one_interface_leads_to_its_networks_only() -> None:
    assert dialable("192.168.1.77", ALL, came_in_on="wlan0") == "192.168.1.77"
    assert dialable("192.168.1.77", ALL, came_in_on="eth0") is None
    assert dialable("192.168.1.77", ALL, came_in_on="gone") is None


def test_where_the_packet_came_from_is_dialled_though_it_is_off_link() -> None:
    assert dialable("10.9.9.9", ALL, source="10.9.9.9", came_in_on="eth0") == "10.9.9.9"
    assert dialable("10.9.9.9", ALL, source="10.9.9.8", came_in_on="eth0") is None


@pytest.mark.parametrize("source", ["127.0.0.1", "224.0.0.1", "0.0.0.0", "::ffff:10.0.0.7"])
def test_no_source_makes_a_forbidden_address_good(source: str) -> None:
    assert dialable(source, ALL, source=source, came_in_on="eth0") is None


def test_loopback_is_dialled_only_if_it_came_over_loopback() -> None:
    assert dialable("127.0.0.1", ALL, came_in_on="lo") == "127.0.0.1"
    assert dialable("::1", ALL, came_in_on="lo") == "::1"
    assert dialable("127.0.0.1", [LO]) == "127.0.0.1"
    assert dialable("127.0.0.1", []) is None


@pytest.mark.parametrize("address", ["fe80::77%2", "fe80::77%eth0"])
def test_a_link_local_address_keeps_the_zone_it_came_with(address: str) -> None:
    assert dialable(address, ALL) == "fe80::77%eth0"
    assert dialable(address, ALL, came_in_on="eth0") == "fe80::77%eth0"
    assert dialable(address, ALL, came_in_on="wlan0") is None


def test_without_a_zone_it_is_good_where_there_is_one_network_only() -> None:
    assert dialable("fe80::77", [LO, LAN]) == "fe80::77%eth0"
    assert dialable("fe80::77", ALL, came_in_on="wlan0") == "fe80::77%wlan0"


def test_our_own_address_with_our_own_port_leads_nowhere() -> None:
    assert dialable("10.0.0.5", ALL, own_port=4000) is None
    assert dialable("10.0.0.77", ALL, own_port=4000) == "10.0.0.77"


@given(address=st.text(max_size=60), source=st.none() | st.text(max_size=20))
def test_no_text_raises(address: str, source: str | None) -> None:
    assert dialable(address, ALL, source=source) != ""
    is_local(address, ALL)


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("10.99.0.1", True),
        ("fd00::1", True),
        ("fe80::1%eth0", True),
        ("2001:db8::9", True),
        ("8.8.8.8", False),
        ("2606:4700::1", False),
        ("224.0.0.251", False),
        ("ann.example", False),
    ],
)
def test_a_remembered_address_is_asked_if_private_or_on_link(address: str, asked: bool) -> None:
    assert is_local(address, ALL) is asked


def test_what_we_announce_is_ipv4_then_link_local_and_no_loopback() -> None:
    announced = ("10.0.0.5", "192.168.1.5", "fe80::5", "fe80::6", "2001:db8::5")
    assert ordered((LO, LAN, WIFI), most=8) == announced
    assert ordered((LO, LAN, WIFI), most=3) == announced[:3]
    assert ordered((LO,), most=8) == ("127.0.0.1", "::1")
    assert ordered((), most=8) == ()


@pytest.mark.parametrize(
    ("address", "counts"),
    [
        ("10.200.0.1", True),
        ("192.168.77.1", True),
        ("172.31.0.9", True),
        ("fd00::1", True),
        ("2001:db8::77", True),  # in a network of ours
        ("10.0.0.255", False),
        ("8.8.8.8", False),
        ("2001:db8:1::1", False),
        ("172.32.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("fe80::77%eth0", False),
        ("::ffff:10.0.0.77", False),
        ("0.0.0.0", False),
        ("255.255.255.255", False),
        ("", False),
    ],
)
def test_of_what_dns_names_only_private_addresses_and_our_own_networks_count(
    address: str, counts: bool
) -> None:
    assert reachable(address, ALL, source=address) == (address if counts else None)


def test_dns_does_not_lead_us_back_to_ourselves() -> None:
    assert reachable("10.0.0.5", ALL, own_port=4000) is None
    assert reachable("10.0.0.5", ALL) == "10.0.0.5"


NAMED = (
    ip_network("10.20.0.0/16"),
    ip_network("2001:db8:1::/48"),
    ip_network("169.254.0.0/16"),
)


@pytest.mark.parametrize(
    ("address", "counts"),
    [
        ("10.20.3.4", True),
        ("2001:db8:1::77", True),
        ("10.21.0.1", False),
        ("169.254.3.4", False),
        ("127.0.0.1", False),
        ("ann.example", False),
    ],
)
def test_networks_that_the_user_named_count_too(address: str, counts: bool) -> None:
    assert within(address, NAMED, ALL) == (address if counts else None)
    assert within(address, (), ALL) is None


def test_no_network_that_was_named_leads_us_back_to_ourselves() -> None:
    named = (ip_network("10.0.0.0/8"),)
    assert within("10.0.0.5", named, ALL, own_port=4000) is None
    assert within("10.0.0.6", named, ALL, own_port=4000) == "10.0.0.6"


@pytest.mark.parametrize(
    "host",
    ["10.0.0.77", "8.8.8.8", "2001:db8:1::1", "fe80::1%eth0"],
)
def test_what_a_person_was_given_may_lie_anywhere(host: str) -> None:
    assert typeable(host, ALL)


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255", "::ffff:127.0.0.1", "ann.lan"],
)
def test_but_not_where_nobody_can_be(host: str) -> None:
    assert not typeable(host, ALL)
    assert not typeable(host, [LO])


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_is_meant_only_where_we_are_alone_on_it(host: str) -> None:
    assert not typeable(host, ALL)
    assert not typeable(host, [LAN])
    assert typeable(host, [LO])


def test_link_local_addresses_of_ipv6_alone_need_a_zone() -> None:
    assert needs_zone("fe80::5")
    for address in ("169.254.1.1", "2001:db8::5", "10.0.0.5", "ann.example", ""):
        assert not needs_zone(address)


def test_all_of_a_small_network_is_in_reach_but_its_ends_and_ourselves() -> None:
    asked_from = {str(to): str(own) for own, to in scannable(ALL, most=1024)}
    assert {to for to in asked_from if to.startswith("10.")} == {
        f"10.0.0.{at}" for at in range(1, 255) if at != 5
    }
    assert asked_from["10.0.0.77"] == "10.0.0.5"
    assert asked_from["192.168.1.77"] == "192.168.1.5"
    assert asked_from["172.16.0.3"] == "172.16.0.2"
    assert not any(to.startswith("127.") for to in asked_from)


def test_of_a_large_network_only_the_part_around_us_is() -> None:
    large = Interface("eth0", 2, (ip_interface("10.1.130.9/8"),))
    found = [to for _own, to in scannable([large], most=1024)]
    assert len(found) == 1023
    assert (str(min(found)), str(max(found))) == ("10.1.128.0", "10.1.131.255")


@given(
    st.lists(
        st.builds(
            lambda ip, prefix: Interface("x", 1, (ip_interface((ip, prefix)),)),
            st.integers(2**24, 2**32 - 2**29), st.integers(0, 32),
        ),
        max_size=40,
    ),
    st.integers(1, 1024),
)  # fmt: skip
def test_whatever_our_networks_are_no_more_are_asked_than_that(
    interfaces: list[Interface], most: int
) -> None:
    found = scannable(interfaces, most=most)
    ours = {own.ip for one in interfaces for own in one.addresses}
    assert len(found) <= most
    for own, to in found:
        assert own in ours
        assert to not in ours
        assert any(one.holds(to) for one in interfaces)
