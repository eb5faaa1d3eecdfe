"""Remedies: what to do about a fault, with the exact command of the system at hand.  Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from lanchat.errors import Sentence


class System(StrEnum):
    """The system, or on Linux the firewall that is in charge of it."""

    UFW = "ufw"
    FIREWALLD = "firewalld"
    NFTABLES = "nftables"
    LINUX = "linux"  # with a firewall we do not know, or none
    WINDOWS = "windows"
    MACOS = "macos"
    OTHER = "other"


NO_NETWORK: Final = Sentence("Connect this computer to a network, by cable or Wi-Fi.")
NO_CARRIER: Final = Sentence("Plug the cable in, or join a Wi-Fi network.")
ONLY_VPN: Final = Sentence(
    "A VPN carries no multicast: join the local network too, or add people by their address."
)
UNUSED: Final = Sentence(
    "Choose a network in the settings, or start lanchat without --interface and without"
    " LANCHAT_INTERFACE."
)
FILTERED: Final = Sentence(
    "Turn off multicast filtering (IGMP snooping, client or AP isolation, guest mode) on the"
    " access point or switch; or search the network address by address (lanchat peers --scan),"
    " or add people by their invite."
)
ISOLATED: Final = Sentence(
    "Is that computer on? If so, the network keeps its computers apart: turn off client (AP)"
    " isolation, or leave the guest Wi-Fi."
)
NO_WAY: Final = Sentence(
    "Is that computer on? If so, no route leads there, or a firewall stands between; whoever"
    " runs the network can tell."
)
OTHER_NETWORK: Final = Sentence(
    "Add this person by address and port; people of another network do not appear by"
    " themselves."
)
BEYOND_A_ROUTER: Final = Sentence(
    "Add this person by address and port (lanchat say HOST:PORT TEXT) or by their invite; so"
    " that everybody of another network is seen, a DNS server of the site has to name them:"
    " see docs/DEPLOYMENT.md."
)
NO_NAME: Final = Sentence(
    "See how the name is written, or take the address and the port that stand in the window"
    " there."
)
OURSELVES: Final = Sentence(
    "Take the address and the port that stand in the window of the other computer."
)
NOT_RUNNING: Final = Sentence("Open lanchat there, and look up its address and port.")
THEIR_MDNS: Final = Sentence(
    "Add this person by address; and run lanchat doctor there, as its firewall may drop UDP"
    " port 5353."
)
THEY_ARE_DEAF: Final = Sentence(
    "Run lanchat doctor there: its firewall must let UDP port 5353 in. If it says that all is"
    " well, the network loses what this computer sends to everybody."
)
THEIR_FIREWALL: Final = Sentence(
    "Run lanchat doctor there: its firewall must let UDP port 5353 and the TCP port of lanchat"
    " in."
)
VPN_BLOCKS: Final = Sentence("Allow local network access in the VPN's settings, or pause it.")
DNS: Final = Sentence("Ask whoever looks after the DNS server, and see docs/DEPLOYMENT.md.")
OUR_CLOCK: Final = Sentence("Set the clock of this computer.")
THEIR_CLOCK: Final = Sentence(
    "Have the clock there set; until then lanchat does not connect to it by itself."
)
TWO_MACHINES: Final = Sentence(
    "Does this profile run on a second computer? End it there and register another one; else"
    " somebody tries to pass for you, without success."
)
BUFFERS: Final = Sentence(
    "Somebody sends more than this computer reads; if it lasts, find out who with the tools of"
    " the network."
)
INVISIBLE: Final = Sentence(
    "Be available, away or busy to be seen again: in the menu at your own picture, or by"
    " lanchat whoami --be available."
)
FLOOD: Final = Sentence(
    "Somebody sends forged or broken announcements; lanchat drops them, nothing need be done."
)

_MDNS: Final[Mapping[System, str]] = MappingProxyType({
    System.UFW: "sudo ufw allow 5353/udp",
    System.FIREWALLD: (
        "sudo firewall-cmd --permanent --add-service=mdns && sudo firewall-cmd --reload"
    ),
    System.NFTABLES: "sudo nft insert rule inet filter input udp dport 5353 accept",
    System.WINDOWS: (
        'netsh advfirewall firewall add rule name="lanchat mDNS" dir=in action=allow'
        " protocol=UDP localport=5353"
    ),
    System.MACOS: (
        "sudo /usr/libexec/ApplicationFirewall/socketfilterfw --setblockall off"
    ),
})  # fmt: skip
_TCP: Final[Mapping[System, str]] = MappingProxyType({
    System.UFW: "sudo ufw allow {port}/tcp",
    System.FIREWALLD: (
        "sudo firewall-cmd --permanent --add-port={port}/tcp && sudo firewall-cmd --reload"
    ),
    System.NFTABLES: "sudo nft insert rule inet filter input tcp dport {port} accept",
    System.WINDOWS: (
        'netsh advfirewall firewall add rule name="lanchat" dir=in action=allow protocol=TCP'
        " localport={port}"
    ),
    System.MACOS: (
        "sudo /usr/libexec/ApplicationFirewall/socketfilterfw --setblockall off"
    ),
})  # fmt: skip
_WHO_HOLDS: Final[Mapping[System, str]] = MappingProxyType({
    System.WINDOWS: "netstat -abno -p UDP",
    System.MACOS: "sudo lsof -nP -iUDP:5353",
    System.OTHER: "sockstat -l -p 5353",
})  # fmt: skip


def let_in(system: System, port: int = 0) -> Sentence:
    """How to let mDNS in, or with `port` lanchat's own TCP port."""
    what = f"TCP {port}" if port else "UDP 5353"
    command = (_TCP if port else _MDNS).get(system, "").format(port=port)
    match system:
        case System.NFTABLES:
            return Sentence(
                "Let {what} in: {command} (if the table or chain has another name, sudo nft"
                " list ruleset shows it).",
                what=what, command=command,
            )  # fmt: skip
        case System.WINDOWS:
            return Sentence(
                "Let {what} in, as an administrator: {command}. A network of the kind Public"
                " drops it too; in PowerShell: {private}.",
                what=what, command=command,
                private="Get-NetConnectionProfile | Set-NetConnectionProfile"
                " -NetworkCategory Private",
            )  # fmt: skip
        case System.MACOS:
            return Sentence(
                "Allow lanchat, or the terminal it runs in, under System Settings, Privacy &"
                " Security, Local Network; and stop blocking all connections: {command}.",
                command=command,
            )
        case System.UFW | System.FIREWALLD:
            return Sentence("Let {what} in: {command}.", what=what, command=command)
        case _:
            return Sentence("Let {what} in through the firewall of this computer.", what=what)


def port_taken(system: System) -> Sentence:
    """How to get a share of the mDNS port."""
    command = _WHO_HOLDS.get(system, "sudo ss -ulpn 'sport = :5353'")
    if system in _WHO_HOLDS:
        return Sentence(
            "End the program that holds it, or have it share the port; {command} shows which"
            " it is.",
            command=command,
        )
    return Sentence(
        "End the program that holds it; {command} shows which it is. If it is avahi-daemon,"
        " set disallow-other-stacks=no in {file} and start it anew.",
        command=command, file="/etc/avahi/avahi-daemon.conf",
    )  # fmt: skip


def blocked(system: System) -> Sentence:
    """What to do where the system lets nothing be sent to everybody."""
    if system is System.MACOS:
        return Sentence(
            "Allow lanchat, or the terminal it runs in, under System Settings, Privacy &"
            " Security, Local Network."
        )
    return Sentence(
        "A VPN or a firewall of this computer forbids it: allow local network access there."
    )
