"""Sockets: how ours listen, and how all of ours are set."""

import errno
import socket
import sys
from collections.abc import Sequence
from typing import Final

BACKLOG: Final = 128
EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - peers call from any network we are on
USER_TIMEOUT: Final = 8000  # milliseconds until TCP gives up what is not acknowledged


def tune(sock: socket.socket) -> None:
    """Small records leave at once; a peer that vanished is noticed."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT)


def bind(port: int, hosts: Sequence[str] | None) -> list[socket.socket]:
    """One listening socket for each host, all on one port; no hosts means everywhere.

    Raises:
        OSError: the port cannot be had for each of `hosts`.
    """
    sockets: list[socket.socket] = []
    try:
        for host in EVERYWHERE if hosts is None else hosts:
            try:
                sock = _listening(host, port)
            except OSError as error:
                if hosts is None and sockets and error.errno != errno.EADDRINUSE:
                    break  # no IPv6 here
                raise
            sockets.append(sock)
            port = sock.getsockname()[1]
    except OSError:
        for sock in sockets:
            sock.close()
        raise
    return sockets


def _listening(host: str, port: int) -> socket.socket:
    family, _, _, _, sockaddr = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICHOST
    )[0]
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let another program share the port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setblocking(False)
        sock.bind(sockaddr)
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock
