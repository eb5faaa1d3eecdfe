"""A LAN on one machine: several hosts, switches and faults, for tests.

Every host is a network namespace with its own interfaces, addresses, routes, host name,
home directory and /run.  Every network is a bridge.  The bridges live in one more
namespace (the switch room), so the machine's own interfaces, firewall and routes are
never touched, and nothing sent in the lab can leave it.

    with Lab(3) as lab:                              # h1, h2, h3 on network "lan"
        listener = lab.popen("h1", ["lanchat", "listen"])  # runs until the lab closes
        lab.exec("h2", ["lanchat", "peers"], timeout=10)
        lab.cable("h1", up=False)                    # pull the cable
        lab.partition(["h1"], ["h2", "h3"])          # split the switch; lab.heal()
        lab.impair("h3", delay_ms=40, loss=5)        # a bad cable
        lab.firewall("h2", udp=[5353], tcp=[4242])   # the host drops what comes in
        lab.suspend("h3")                            # lid closed; lab.resume("h3")

Leaving the block removes all of it and ends every process still running in the hosts; a
guard process does the same if the owner dies.
"""

import contextlib
import ipaddress
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Literal, Self

from tests.lab.namespaces import (
    REPOSITORY,
    ROOT,
    LabError,
    LabUnavailable,
    available,
    await_stopped,
    collect,
    have,
    in_ns,
    ip,
    netem_available,
    pids,
    sysctl,
    teardown,
    which,
)

MDNS_MACS: Final = "01:00:5e:00:00:fb, 33:33:00:00:00:fb"
LONGEST_SEGMENT: Final = 65_536  # bytes that the kernel hands to a link in one piece
BUCKET: Final = 0.005  # seconds' worth of bytes that may leave at once under a rate


@dataclass(slots=True)
class Link:
    """One interface of a host and the switch port it is plugged into."""

    name: str  # in the host: eth0
    port: str  # in the switch room
    uplink: str  # what sits in the bridge: the port, or the far end of a relay
    default: bool  # the host's default route leaves by it
    address: str = ""  # IPv4 with prefix length
    relay: subprocess.Popen[bytes] | None = None


@dataclass(slots=True)
class Host:
    ipv4: bool
    links: dict[str, Link] = field(default_factory=dict)  # by network


@dataclass(slots=True)
class Network:
    bridge: str
    subnet: ipaddress.IPv4Network
    next: int = 1
    extra: list[str] = field(default_factory=list)  # bridges of a partition
    multicast: Literal["mdns", "all"] | None = None  # what the switch swallows
    isolated: bool = False


class Lab:
    """Hosts, networks and faults.  Use it as a context manager.

    `hosts` says how many to make at once (h1, h2, ...), or their names; they join the
    first of `networks`.
    """

    def __init__(
        self, hosts: int | Iterable[str] = 0, *, networks: Sequence[str] = ("lan",)
    ) -> None:
        self.name: Final = f"{os.getpid():x}{random.randrange(16**3):03x}"
        self.folder: Final = ROOT / f"lab-{self.name}"
        self.networks: Final[dict[str, Network]] = {}
        self.hosts: Final[dict[str, Host]] = {}
        self._serials = itertools.count(1)
        self._guard: subprocess.Popen[bytes] | None = None
        self._processes: list[subprocess.Popen[bytes]] = []
        self._first_hosts = (
            [f"h{i + 1}" for i in range(hosts)] if isinstance(hosts, int) else hosts
        )
        self._first_networks = tuple(networks)

    # --- life ---------------------------------------------------------------------------

    def __enter__(self) -> Self:
        possible, why = available()
        if not possible:
            raise LabUnavailable(why)
        collect()
        self.folder.mkdir(parents=True)
        (self.folder / "owner").write_text(str(os.getpid()))
        self._guard = subprocess.Popen(
            [sys.executable, "-m", "tests.lab.guard", self.name],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            self._build()
        except BaseException:
            self.close()
            raise
        return self

    def _build(self) -> None:
        ip("netns", "add", self._switch_room)
        # Bridged frames must not pass the IP firewall, and the switch must stay silent.
        sysctl(
            self._switch_room,
            net__ipv6__conf__all__disable_ipv6=1,
            net__ipv6__conf__default__disable_ipv6=1,
            net__bridge__bridge_nf_call_iptables=0,
            net__bridge__bridge_nf_call_ip6tables=0,
        )
        for network in self._first_networks:
            self.add_network(network)
        for host in self._first_hosts:
            self.add_host(host)

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End what runs in the lab and remove all of it.  Safe to repeat."""
        teardown(self.name)
        for process in self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=2)
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream:
                    stream.close()
        self._processes.clear()
        if self._guard and self._guard.stdin:
            with contextlib.suppress(OSError):
                self._guard.stdin.write(b"done")
            with contextlib.suppress(OSError):
                self._guard.stdin.close()
            self._guard.wait(timeout=5)
        self._guard = None

    # --- building -----------------------------------------------------------------------

    def add_network(self, network: str) -> None:
        """A switch, with a /24 of its own."""
        if network in self.networks:
            raise LabError(f"network {network!r} exists already")
        subnet = ipaddress.IPv4Network(f"10.77.{len(self.networks)}.0/24")
        self.networks[network] = Network(self._add_bridge(), subnet)

    def add_host(
        self,
        host: str,
        network: str | None = None,
        *,
        ipv4: bool = True,
        ipv6: bool = True,
        forward: bool = False,
    ) -> None:
        """A host on `network`: the first one by default, none for "".

        With `forward` it is a router: attach it to a second network and point the others
        at it with `gateway`.
        """
        if host in self.hosts or not re.fullmatch(r"[a-z0-9]{1,12}", host):
            raise LabError(f"host {host!r}: exists already, or not a short plain name")
        ns = self._ns(host)
        ip("netns", "add", ns)
        for part in ("home", "run"):
            (self.folder / host / part).mkdir(parents=True, exist_ok=True)
        self.hosts[host] = Host(ipv4)
        sysctl(
            ns,
            net__ipv4__ip_forward=int(forward),
            net__ipv6__conf__all__forwarding=int(forward),
            net__ipv6__conf__default__accept_dad=0,  # link-local usable at once
            net__ipv6__conf__default__accept_ra=0,
            net__ipv6__conf__default__disable_ipv6=int(not ipv6),
            net__ipv6__conf__all__disable_ipv6=int(not ipv6),
            net__ipv4__igmp_max_memberships=1024,
        )
        ip("link", "set", "lo", "up", ns=ns)
        if network is None:
            network = next(iter(self.networks), "")
        if network:
            self.attach(host, network)

    def attach(
        self, host: str, network: str, *, address: str = "", multicast: bool = True
    ) -> str:
        """Give a host an interface on a network; returns its name (ethN).

        Without `multicast` it is like that of a VPN.  A host's default route leaves by its
        first interface.
        """
        there, net = self._host(host), self._network(network)
        if network in there.links:
            raise LabError(f"{host} is on {network} already")
        serial = next(self._serials)
        port, ns = f"p{serial}", self._ns(host)
        used = {link.name for link in there.links.values()}
        name = next(f"eth{i}" for i in itertools.count() if f"eth{i}" not in used)
        mac = f"02:00:00:00:{serial >> 8:02x}:{serial & 255:02x}"
        veth = ("type", "veth", "peer", "name", name, "netns", ns)
        ip("link", "add", port, *veth, ns=self._switch_room)
        flags = ("addrgenmode", "eui64", "multicast", "on" if multicast else "off")
        ip("link", "set", name, "address", mac, *flags, ns=ns)
        ip("link", "set", port, "master", net.bridge, "up", ns=self._switch_room)
        ip("link", "set", name, "up", ns=ns)
        link = Link(name, port, port, default=not there.links)
        there.links[network] = link
        if there.ipv4:
            self._set_address(ns, link, address or self._free_address(net))
        self._apply_faults(network)
        return name

    def detach(self, host: str, network: str) -> None:
        """Remove the interface: adapter unplugged, VPN closed."""
        self.clear_impair(host, network)
        ip("link", "del", self._link(host, network).port, ns=self._switch_room)
        del self._host(host).links[network]

    def gateway(self, host: str, via: str) -> None:
        """Send what leaves the host's networks through the address `via`."""
        ip("route", "replace", "default", "via", via, ns=self._ns(host))

    # --- running things -----------------------------------------------------------------

    def popen(
        self,
        host: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] | None = None,
        stderr: int | IO[bytes] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a command in a host.  It ends with the lab at the latest."""
        process = subprocess.Popen(
            self.wrap(host, command),
            env=self.environment(host, env),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        self._processes.append(process)
        return process

    def exec(
        self,
        host: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        timeout: float = 60,
        stdin: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a host and return its result."""
        return subprocess.run(
            self.wrap(host, command),
            env=self.environment(host, env),
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def wrap(self, host: str, command: Sequence[str]) -> list[str]:
        """The command line that runs `command` in the host, with its own /run and name."""
        self._host(host)
        setup = (
            'mount --bind "$1" /run && { hostname "$2" 2>/dev/null || '
            'echo "$2" > /proc/sys/kernel/hostname; }; shift 2; exec "$@"'
        )
        enter = [which("ip") or "ip", "netns", "exec", self._ns(host), "unshare", "--uts"]
        folder = str(self.folder / host / "run")
        return [*enter, "sh", "-c", setup, "sh", folder, host, *command]

    def environment(self, host: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """What a process in the host sees: its own home, nothing of the desktop here."""
        home = str(self.home(host))
        kept = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
        for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY"):
            kept.pop(name, None)
        own = {"HOME": home, "XDG_RUNTIME_DIR": home, "LAB_HOST": host}
        return {**kept, **own, **(more or {})}

    def namespace(self, host: str) -> str:
        """The name of the host's network namespace."""
        self._host(host)
        return self._ns(host)

    def pids(self, host: str) -> list[int]:
        return pids(self._ns(host))

    # --- asking -------------------------------------------------------------------------

    def home(self, host: str) -> Path:
        return self.folder / host / "home"

    def address(self, host: str, network: str | None = None) -> str:
        """The IPv4 address without the prefix length."""
        return self._link(host, network).address.split("/")[0]

    def link_local(self, host: str, network: str | None = None) -> str:
        """The IPv6 link-local address with its zone: fe80::...%eth0."""
        name = self._link(host, network).name
        shown = ip("-j", "-6", "addr", "show", "dev", name, "scope", "link", ns=self._ns(host))
        for item in json.loads(shown):
            for info in item.get("addr_info", ()):
                return f"{info['local']}%{name}"
        raise LabError(f"{host} has no IPv6 link-local address on {name}")

    # --- faults -------------------------------------------------------------------------

    def cable(self, host: str, *, up: bool, network: str | None = None) -> None:
        """Plug or pull the cable: the host loses its carrier."""
        link = self._link(host, network)
        ip("link", "set", link.port, "up" if up else "down", ns=self._switch_room)
        if up and link.address:
            self._set_address(self._ns(host), link, link.address)

    def interface(self, host: str, *, up: bool, network: str | None = None) -> None:
        """Switch the interface itself on or off, as Wi-Fi is."""
        link, ns = self._link(host, network), self._ns(host)
        ip("link", "set", link.name, "up" if up else "down", ns=ns)
        if up and link.address:
            self._set_address(ns, link, link.address)

    def readdress(self, host: str, address: str, network: str | None = None) -> None:
        """Another IPv4 address, as after a DHCP renewal: "10.77.0.99/24"."""
        if "/" not in address:
            raise LabError("write the address with its prefix length: 10.77.0.99/24")
        link, ns = self._link(host, network), self._ns(host)
        ip("-4", "addr", "flush", "dev", link.name, ns=ns)
        self._set_address(ns, link, address)

    def partition(self, *groups: Sequence[str], network: str | None = None) -> None:
        """Split a network: hosts reach only their own group.  `heal` undoes it.

        Hosts that are in no group stay with the first.
        """
        self.heal(network)
        key = network or next(iter(self.networks))
        for group in groups[1:]:
            bridge = self._add_bridge()
            self._network(key).extra.append(bridge)
            for host in group:
                self._plug(self._link(host, key), bridge)

    def heal(self, network: str | None = None) -> None:
        """Join what `partition` split."""
        key = network or next(iter(self.networks))
        net = self._network(key)
        for link in self._links_on(key):
            self._plug(link, net.bridge)
        for bridge in net.extra:
            ip("link", "del", bridge, ns=self._switch_room, check=False)
        net.extra.clear()
        self._apply_faults(key)

    def isolate(self, network: str | None = None, *, on: bool = True) -> None:
        """Wi-Fi client isolation: hosts of the network cannot reach each other."""
        key = network or next(iter(self.networks))
        self._network(key).isolated = on
        self._apply_isolation(key)

    def block_multicast(
        self, mode: Literal["mdns", "all"] | None = "mdns", network: str | None = None
    ) -> None:
        """Make the switch drop multicast; unicast goes on working.

        "mdns" drops what goes to 224.0.0.251 and ff02::fb.  "all" drops every group frame
        but broadcast (ARP) and IPv6 neighbour discovery, as some access points do.
        """
        key = network or next(iter(self.networks))
        self._network(key).multicast = mode
        self._apply_multicast(key)

    def firewall(self, host: str, *, udp: Sequence[int] = (), tcp: Sequence[int] = ()) -> None:
        """Drop what comes in for these ports on a host; none: open again."""
        if not have("nft"):
            raise LabUnavailable("the firewall needs the 'nft' command")
        rules = [
            f"{protocol} dport {{ {', '.join(map(str, ports))} }} drop"
            for protocol, ports in (("udp", udp), ("tcp", tcp))
            if ports
        ]
        text = "table inet labfw\ndelete table inet labfw\n"
        if rules:
            body = "\n".join(['iifname "lo" accept', *rules])
            chain = f"chain c {{ type filter hook input priority 0;\n{body}\n}}"
            text += f"table inet labfw {{ {chain}\n}}\n"
        in_ns(self._ns(host), "nft", "-f", "-", stdin=text)

    def impair(
        self,
        host: str,
        *,
        delay_ms: float = 0,
        jitter_ms: float = 0,
        loss: float = 0,
        rate_kbit: float = 0,
        duplicate: float = 0,
        network: str | None = None,
    ) -> None:
        """A bad cable, in each direction of a host's link; loss and doubles in percent."""
        self.clear_impair(host, network)
        link = self._link(host, network)
        if not netem_available():
            figures = (delay_ms, jitter_ms, loss, rate_kbit, duplicate)
            self._insert_relay(link, [str(figure) for figure in figures])
            return
        rule = ["netem", "delay", f"{delay_ms}ms", f"{jitter_ms}ms"]
        rule += ["loss", f"{loss}%"] if loss else []
        rule += ["duplicate", f"{duplicate}%"] if duplicate else []
        rule += ["rate", f"{rate_kbit}kbit"] if rate_kbit else []
        for ns, device in ((self._ns(host), link.name), (self._switch_room, link.port)):
            in_ns(ns, "tc", "qdisc", "replace", "dev", device, "root", *rule)

    def clear_impair(self, host: str, network: str | None = None) -> None:
        """A good cable again."""
        link = self._link(host, network)
        for ns, device in ((self._ns(host), link.name), (self._switch_room, link.port)):
            in_ns(ns, "tc", "qdisc", "del", "dev", device, "root", check=False)
        if link.relay is None:
            return
        link.relay.kill()
        link.relay.wait()
        link.relay = None
        bridge = self._bridge_of(link.uplink)
        ip("link", "del", link.uplink, ns=self._switch_room, check=False)
        ip("link", "set", link.port, "promisc", "off", ns=self._switch_room)
        link.uplink = link.port
        self._plug(link, bridge)

    def rate(self, host: str, mbit: float, network: str | None = None) -> None:
        """Let no more than so many Mbit/s leave a host; the cable is as good as before.

        The kernel's own bucket does it, at any speed; where it lacks, a bad cable without
        any fault but its speed takes its place.
        """
        link, ns = self._link(host, network), self._ns(host)
        burst = max(2 * LONGEST_SEGMENT, int(mbit * 1e6 / 8 * BUCKET))
        rule = ["tbf", "rate", f"{mbit}mbit", "burst", f"{burst}", "latency", "50ms"]
        try:
            in_ns(ns, "tc", "qdisc", "replace", "dev", link.name, "root", *rule)
        except LabError:
            self.impair(host, rate_kbit=mbit * 1000, network=network)

    def reset(self, host: str) -> int:
        """Reset every TCP connection of a host, as a router that restarts; how many."""
        done = in_ns(self._ns(host), "ss", "-K", "-H", "-t", "state", "established")
        return len(done.splitlines())

    def suspend(self, host: str) -> None:
        """The lid is closed: every process stops and the links go down."""
        for link in self._host(host).links.values():
            ip("link", "set", link.port, "down", ns=self._switch_room)
        self._signal(host, signal.SIGSTOP)
        await_stopped(self.pids(host))

    def resume(self, host: str) -> None:
        """The lid is opened."""
        for link in self._host(host).links.values():
            ip("link", "set", link.port, "up", ns=self._switch_room)
        self._signal(host, signal.SIGCONT)

    # --- inner parts --------------------------------------------------------------------

    @property
    def _switch_room(self) -> str:
        return f"lab-{self.name}-0sw"

    def _ns(self, host: str) -> str:
        return f"lab-{self.name}-{host}"

    def _host(self, host: str) -> Host:
        try:
            return self.hosts[host]
        except KeyError:
            raise LabError(f"no host {host!r}") from None

    def _network(self, network: str) -> Network:
        try:
            return self.networks[network]
        except KeyError:
            raise LabError(f"no network {network!r}") from None

    def _link(self, host: str, network: str | None) -> Link:
        links = self._host(host).links
        try:
            return links[network or next(iter(links))]
        except (KeyError, StopIteration):
            raise LabError(f"{host} has no link to {network or 'any network'}") from None

    def _links_on(self, network: str) -> list[Link]:
        return [h.links[network] for h in self.hosts.values() if network in h.links]

    def _signal(self, host: str, what: signal.Signals) -> None:
        for pid in self.pids(host):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, what)

    def _add_bridge(self) -> str:
        bridge = f"b{next(self._serials)}"
        plain = ("mcast_snooping", "0", "stp_state", "0", "forward_delay", "0")
        ip("link", "add", bridge, "type", "bridge", *plain, ns=self._switch_room)
        ip("link", "set", bridge, "up", ns=self._switch_room)
        return bridge

    def _plug(self, link: Link, bridge: str) -> None:
        ip("link", "set", link.uplink, "master", bridge, ns=self._switch_room)

    def _bridge_of(self, device: str) -> str:
        shown = json.loads(ip("-j", "link", "show", "dev", device, ns=self._switch_room))
        return str(shown[0]["master"])

    @staticmethod
    def _free_address(net: Network) -> str:
        address = f"{net.subnet[net.next]}/{net.subnet.prefixlen}"
        net.next += 1
        return address

    def _set_address(self, ns: str, link: Link, address: str) -> None:
        link.address = address
        ip("addr", "replace", address, "brd", "+", "dev", link.name, ns=ns)
        if link.default:
            # As on a real host: multicast sent with no interface chosen needs a route.
            ip("route", "replace", "default", "dev", link.name, ns=ns, check=False)

    def _insert_relay(self, link: Link, figures: Sequence[str]) -> None:
        # host -- port [relay] inner -- uplink -- bridge
        serial, room = next(self._serials), self._switch_room
        inner, uplink, bridge = f"r{serial}", f"u{serial}", self._bridge_of(link.port)
        ip("link", "add", inner, "type", "veth", "peer", "name", uplink, ns=room)
        ip("link", "set", link.port, "nomaster", ns=room)
        for device in (link.port, inner):
            ip("link", "set", device, "promisc", "on", "up", ns=room)
        ip("link", "set", uplink, "master", bridge, "up", ns=room)
        link.uplink = uplink
        enter = [which("ip") or "ip", "netns", "exec", room]
        process = subprocess.Popen(
            [*enter, sys.executable, "-m", "tests.lab.relay", link.port, inner, *figures],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._processes.append(process)
        link.relay = process
        if process.stdout is None or process.stdout.readline().strip() != b"ready":
            raise LabError("the relay process did not start")

    def _apply_faults(self, network: str) -> None:
        net = self._network(network)
        if net.isolated:
            self._apply_isolation(network)
        if net.multicast:
            self._apply_multicast(network)

    def _apply_isolation(self, network: str) -> None:
        state = "on" if self._network(network).isolated else "off"
        slave = ("type", "bridge_slave", "isolated", state)
        for link in self._links_on(network):
            ip("link", "set", link.uplink, *slave, ns=self._switch_room)

    def _apply_multicast(self, network: str) -> None:
        if not have("nft"):
            raise LabUnavailable("blocking multicast needs the 'nft' command")
        net = self._network(network)
        ports = ", ".join(link.uplink for link in self._links_on(network))
        table = f"table bridge mc_{net.bridge}"
        text = f"{table}\ndelete {table}\n"
        if net.multicast and ports:
            who = f"iifname {{ {ports} }}"
            drop = f"{who} ether daddr {{ {MDNS_MACS} }} drop"
            if net.multicast == "all":
                groups = "01:00:00:00:00:00"
                drop = (
                    "ether daddr ff:ff:ff:ff:ff:ff accept\n"
                    "ether daddr & ff:ff:ff:00:00:00 == 33:33:ff:00:00:00 accept\n"
                    f"{who} ether daddr & {groups} == {groups} drop"
                )
            chain = f"chain c {{ type filter hook forward priority 0;\n{drop}\n}}"
            text += f"{table} {{ {chain}\n}}\n"
        in_ns(self._switch_room, "nft", "-f", "-", stdin=text)
