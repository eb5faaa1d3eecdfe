"""What was found becomes checks, and the advice has the command of the system at hand."""

from ipaddress import ip_interface

import pytest

from lanchat.discovery import diagnosis, testimony
from lanchat.discovery.diagnosis import Check, Status
from lanchat.discovery.findings import Adapter, Asked, Hearing, Local, Reply, Running
from lanchat.discovery.nearby import Interface
from lanchat.discovery.remedies import System
from lanchat.errors import BadDnsKey, RegistrationRefused, Sentence

LAN = Adapter(
    Interface("eth0", 2, (ip_interface("192.168.1.20/24"),)),
    running=True, multicast=True, used=True,
)  # fmt: skip
VPN = Adapter(
    Interface("wg0", 3, (ip_interface("10.8.0.2/24"),)),
    running=True, multicast=False, used=False,
)  # fmt: skip


def a_local(system: System = System.LINUX, *adapters: Adapter, **more: frozenset[str]) -> Local:
    return Local(system, adapters or (LAN,), port_taken=False, **more)


def by_name(running: Running) -> dict[str, Check]:
    return {one.name: one for one in testimony.of_a_node(a_local(), running)}


def test_who_is_invisible_is_told_why_nobody_sees_them() -> None:
    (first, *_rest) = testimony.of_a_node(a_local(), Running(hidden=True))
    assert (first.name, first.status) == ("invisible", Status.WARN)
    assert "--be available" in str(first.advice)
    assert "invisible" not in {one.name for one in testimony.of_a_node(a_local(), Running())}


def test_who_connects_unheard_past_an_open_firewall_points_at_the_network() -> None:
    def advice(system: System, *heard: Hearing) -> str:
        found = testimony.of_a_node(a_local(system), Running(unheard=("10.0.0.2",)), heard)
        return str(next(one.advice for one in found if one.name == "one-sided"))

    hears, deaf = Hearing("eth0", itself=True), Hearing("wlan0")
    assert "IGMP snooping" in advice(System.UFW, hears)
    assert "sudo ufw allow 5353/udp" in advice(System.UFW, hears, deaf)
    assert "sudo ufw allow 5353/udp" in advice(System.UFW)
    assert "netsh" in advice(System.WINDOWS, hears)  # its own never pass the firewall there


def test_what_others_found_who_tried_to_connect_is_told_with_what_to_do() -> None:
    def checks(**found: object) -> dict[str, Check]:
        running = Running(port=48321, **found)  # type: ignore[arg-type]  # its own fields
        local = a_local(System.UFW)
        return {one.name: one for one in testimony.of_a_node(local, running)}

    nobody = checks()
    assert nobody["tcp"].status is Status.OK
    assert "only another computer can try" in nobody["tcp"].detail
    assert "heard" not in nobody
    well = checks(reached=("192.168.1.31",))
    assert (well["tcp"].status, well["heard"].status) == (Status.OK, Status.OK)
    assert "192.168.1.31" in well["tcp"].detail
    for refused, said in ((True, "was refused"), (False, "got no answer")):
        walled = checks(unreached=("192.168.1.31",), refused=refused)["tcp"]
        assert walled.status is Status.FAIL
        assert said in walled.detail
        assert "sudo ufw allow 48321/tcp" in str(walled.advice)
    some = checks(reached=("192.168.1.31",), unreached=("192.168.1.32",))["tcp"]
    assert some.status is Status.WARN
    assert "but not to 192.168.1.32" in some.detail
    deaf = checks(reached=("192.168.1.31",), deaf=("192.168.1.31",))["heard"]
    assert deaf.status is Status.FAIL
    assert "UDP port 5353" in str(deaf.advice)
    here = checks(closed=("192.168.1.20",), unreached=("192.168.1.31",))["tcp"]
    assert "does not answer at 192.168.1.20" in here.detail  # nearer to the cause


@pytest.mark.parametrize(
    ("system", "mdns", "tcp"),
    [
        (System.UFW, "sudo ufw allow 5353/udp", "sudo ufw allow 48321/tcp"),
        (System.FIREWALLD, "--add-service=mdns", "--add-port=48321/tcp"),
        (System.NFTABLES, "udp dport 5353 accept", "tcp dport 48321 accept"),
        (System.WINDOWS, "localport=5353", "localport=48321"),
        (System.MACOS, "Local Network", "Local Network"),
        (System.LINUX, "UDP 5353", "TCP 48321"),
    ],
)
def test_each_system_gets_its_own_command(system: System, mdns: str, tcp: str) -> None:
    deaf = diagnosis.hearing(a_local(system), [Hearing("eth0")])
    assert deaf is not None
    assert deaf.status is Status.FAIL
    assert mdns in str(deaf.advice)
    closed = Running(port=48321, closed=("192.168.1.20",))
    checks = {one.name: one for one in testimony.of_a_node(a_local(system), closed)}
    assert checks["tcp"].status is Status.FAIL
    assert tcp in str(checks["tcp"].advice)


def test_a_send_that_is_refused_is_a_vpn_or_a_permission() -> None:
    refused = [Hearing("eth0", blocked="No route to host")]
    mac = diagnosis.hearing(a_local(System.MACOS), refused)
    assert mac is not None
    assert "No route to host" in mac.detail
    assert "Local Network" in str(mac.advice)
    found = a_local(System.LINUX, LAN, VPN, routes=frozenset({"wg0"}))
    blocked = diagnosis.vpn(found, refused)
    assert blocked is not None
    assert blocked.status is Status.FAIL
    beside = diagnosis.vpn(found, [Hearing("eth0", itself=True)])
    assert beside is not None
    assert beside.status is Status.OK


def test_the_gateway_alone_says_nothing_of_a_filter() -> None:
    found = a_local(System.LINUX, gateways=frozenset({"192.168.1.1"}))
    heard = [Hearing("eth0", itself=True)]
    alone = diagnosis.multicast(found, heard, frozenset({"192.168.1.1"}), ())
    assert alone is not None
    assert alone.status is Status.OK
    other = diagnosis.multicast(found, heard, frozenset({"192.168.1.31"}), ())
    assert other is not None
    assert other.status is Status.WARN


def test_people_from_before_who_are_silent_are_no_failure() -> None:
    away = [Asked("192.168.1.31", Reply.SILENT, linked=False)]
    silent = diagnosis.known(away, [Hearing("eth0", itself=True)])
    assert silent is not None
    assert silent.status is Status.WARN
    assert silent.detail == "192.168.1.31, known from before, does not answer."
    heard = diagnosis.known(away, [Hearing("eth0", True, frozenset({"192.168.1.40"}))])
    assert heard is not None
    assert heard.status is Status.OK


def test_a_server_that_refuses_is_worth_a_look_and_one_that_is_not_set_is_left_out() -> None:
    assert "dns" not in by_name(Running())
    fine = by_name(Running(named=3))["dns"]
    assert (fine.status, fine.advice) == (Status.OK, None)
    assert fine.detail == "People whom the DNS server names: 3."
    assert "with yourself: 3" in by_name(Running(named=3, named_there=True))["dns"].detail
    assert "not answered yet" in by_name(Running(named=0, dns_answered=False))["dns"].detail
    refused = by_name(Running(named=3, dns_trouble=RegistrationRefused("REFUSED")))["dns"]
    assert refused.status is Status.WARN
    assert "let this computer register" in str(refused.detail)
    assert "DEPLOYMENT" in str(refused.advice)
    hinted = BadDnsKey("x")
    hinted.hint = Sentence("a hint")
    assert by_name(Running(named=0, dns_trouble=hinted))["dns"].advice == "a hint"


def test_our_own_address_is_no_sign_of_a_filter() -> None:
    found, me = a_local(), str(LAN.interface.addresses[0].ip)
    assert diagnosis.own(found, me)
    asked = Asked(me, Reply.ANSWERED, Reply.ANSWERED, 48321)  # another lanchat of ours
    heard = [Hearing("eth0", True, frozenset({"192.168.1.40"}))]
    checks = [diagnosis.multicast(found, heard, frozenset(), [asked])]
    checks += diagnosis.peer(found, asked, heard)
    assert [one.status for one in checks if one] == [Status.OK] * 3
    assert "itself" in diagnosis.ourselves(me).detail


def test_where_most_clocks_differ_ours_is_the_suspect() -> None:
    one = by_name(Running(clocks_off=("192.168.1.31",), present=2))["clock"]
    assert "192.168.1.31" in one.detail
    most = by_name(Running(clocks_off=("192.168.1.31", "192.168.1.32"), present=3))["clock"]
    assert "clock of this computer" in str(most.advice)


def test_what_others_do_to_us_is_told_and_fails_nothing() -> None:
    twice = by_name(Running(counts={"answers for our name": 1}))["identity"]
    assert twice.status is Status.WARN
    assert diagnosis.pressure(0, {"forged": 3}).status is Status.OK
    assert diagnosis.pressure(0, {"forged": 900}).status is Status.WARN
    assert diagnosis.pressure(7, {}).status is Status.WARN
