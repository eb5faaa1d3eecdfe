"""python-zeroconf as most programs use it: its defaults, and nothing around them.

    python bench/plainly.py NAME ADDRESS

It registers a service and browses for others, and says what it learns in rows like those of
`lanchat listen --json`.  SIGTERM ends it as its documentation says.
"""

import json
import os
import signal
import sys
from datetime import UTC, datetime
from typing import Final

from zeroconf import ServiceBrowser, ServiceInfo, ServiceStateChange, Zeroconf

TYPE: Final = "_plainly._tcp.local."
EVENTS: Final = {
    ServiceStateChange.Added: "peer-found",
    ServiceStateChange.Removed: "peer-lost",
    ServiceStateChange.Updated: "peer-changed",
}


def say(event: str, **more: object) -> None:
    row = {"event": event, "at": datetime.now(UTC).isoformat(), **more}
    os.write(1, json.dumps(row).encode() + b"\n")


def changed(
    zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
) -> None:
    info = ServiceInfo(service_type, name)
    info.load_from_cache(zeroconf)
    say(EVENTS[state_change], peer_id=name.split(".")[0], addresses=info.parsed_addresses())


def main(name: str, address: str) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    say("opening")
    zeroconf = Zeroconf()
    ServiceBrowser(zeroconf, TYPE, handlers=[changed])
    info = ServiceInfo(TYPE, f"{name}.{TYPE}", port=30_000, parsed_addresses=[address])
    zeroconf.register_service(info)
    say("ready")
    signal.sigwait({signal.SIGTERM})
    zeroconf.unregister_service(info)
    zeroconf.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
