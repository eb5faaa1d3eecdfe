"""Addresses as people type them and sockets give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.session.address import Address


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("10.0.0.1:4000", "10.0.0.1", 4000),
        ("ann.local:1", "ann.local", 1),
        ("[::1]:65535", "::1", 65535),
        ("[fe80::1%eth0]:4000", "fe80::1%eth0", 4000),
    ],
)
def test_an_address_is_read_and_written_the_same_way(text: str, host: str, port: int) -> None:
    assert Address.parse(text) == Address(host, port)
    assert str(Address(host, port)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", ":", "host", "host:", ":4000", "[]:1", "::1:4000", "h:0", "h:65536", "h:-1"),
        *("h:+1", "h:4 0", "h:٤", "h:99999999999999999999"),
        *("a\0b:1", "a\nb:1", "\u202ea:1"),
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"port|address"):
        Address.parse(text)


@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        address = Address.parse(text)
    except ValueError:
        return
    assert Address.parse(str(address)) == address


def test_an_address_of_a_socket_keeps_its_zone() -> None:
    assert Address.of(("127.0.0.1", 7)) == Address("127.0.0.1", 7)
    assert Address.of(("::1", 7, 0, 0)) == Address("::1", 7)
    assert Address.of(("fe80::1", 7, 0, 1)) == Address("fe80::1%lo", 7)
    assert Address.of(("fe80::1%eth9", 7, 0, 1)) == Address("fe80::1%eth9", 7)
    assert Address.of(("fe80::1", 7, 0, 2**31 - 1)) == Address("fe80::1", 7)


@pytest.mark.parametrize(
    ("host", "inner"),
    [("127.0.0.9", True), ("::1", True), ("10.0.0.5", False), ("fe80::1%eth0", False),
     ("localhost", None)],
)  # fmt: skip
def test_a_number_says_whether_it_leads_back_to_this_computer(
    host: str, inner: bool | None
) -> None:
    assert Address(host, 4000).is_inner is inner
