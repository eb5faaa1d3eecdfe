"""Addresses: a host and a port, as sockets give them and as people type them."""

import contextlib
import socket
from dataclasses import dataclass
from ipaddress import ip_address


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody listens, or calls from; `host` may hold a zone (`fe80::1%eth0`)."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_inner(self) -> bool | None:
        """Whether it leads back to this computer alone; None for a name, which may."""
        try:
            return ip_address(self.host.partition("%")[0]).is_loopback
        except ValueError:
            return None

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read `host:port` or `[v6]:port`; ValueError if it is neither."""
        host, colon, port = text.rpartition(":")
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        elif ":" in host:
            raise ValueError("an IPv6 address stands in brackets before its port")
        if not host or not colon or not (port.isascii() and port.isdecimal()):
            raise ValueError("an address is written host:port")
        if not host.isprintable():
            raise ValueError("an address holds no such characters")
        if len(port) > 5 or not 1 <= int(port) <= 65_535:
            raise ValueError("a port is a number from 1 to 65535")
        return cls(host, int(port))

    @classmethod
    def of(cls, sockaddr: tuple[str, int] | tuple[str, int, int, int]) -> "Address":
        """The address that a socket gave us."""
        host, port, *rest = sockaddr
        if rest and rest[-1] and "%" not in host:
            with contextlib.suppress(OSError):
                host = f"{host}%{socket.if_indextoname(rest[-1])}"
        return cls(host, port)
