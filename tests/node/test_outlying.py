"""Outlying: what of us is told to other networks."""

import subprocess
import sys
from ipaddress import ip_interface

from lanchat.discovery.addresses import sign
from lanchat.discovery.nearby import Interface
from lanchat.identity.keys import Identity
from lanchat.node.outlying import addresses


def test_only_addresses_that_mean_something_elsewhere_are_registered() -> None:
    lan = ("10.0.0.5/24", "fe80::5/64", "169.254.3.4/16", "2001:db8::5/64", "fec0::5/64")
    vpn = ("172.16.0.2/31", "10.0.0.5/32")
    found = [
        Interface(name, number, tuple(map(ip_interface, own)))
        for number, (name, own) in enumerate({"eth0": lan, "tun0": vpn}.items(), 1)
    ]
    assert addresses(found) == ("10.0.0.5", "172.16.0.2", "2001:db8::5")
    assert addresses([]) == ()
    me = Identity(b"\x01" * 32)
    assert sign(me, 1, 2, 4000, addresses(found))  # nobody refuses a record with these


def test_of_very_many_as_many_are_as_others_take() -> None:
    many = tuple(ip_interface(f"10.0.{n}.1/24") for n in range(20))
    assert len(addresses([Interface("eth0", 1, many)])) == 8


def test_who_has_no_domain_does_not_load_what_asks_dns_servers() -> None:
    words = (
        "import sys, lanchat.node.requests; print([one for one in sys.modules if one == 'dns'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
