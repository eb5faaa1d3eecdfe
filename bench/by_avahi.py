"""Avahi as a program uses it: its daemon runs already; avahi-publish and avahi-browse start.

    python bench/by_avahi.py NAME

What avahi-browse says becomes rows like those of `lanchat listen --json`.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import Final

TYPE: Final = "_byavahi._tcp"
PORT: Final = "30000"


def say(event: str, **more: object) -> None:
    row = {"event": event, "at": datetime.now(UTC).isoformat(), **more}
    os.write(1, json.dumps(row).encode() + b"\n")


def main(name: str) -> None:
    say("opening")
    publish = subprocess.Popen(
        ["avahi-publish", "-s", name, TYPE, PORT], stderr=subprocess.DEVNULL
    )
    browse = subprocess.Popen(
        ["stdbuf", "-oL", "avahi-browse", "-p", TYPE], stdout=subprocess.PIPE, text=True
    )
    say("ready")

    def end(*_signal: object) -> None:
        for one in (publish, browse):
            one.terminate()

    signal.signal(signal.SIGTERM, end)
    seen: Counter[str] = Counter()  # in how many IP versions each is there
    assert browse.stdout is not None
    with contextlib.suppress(ValueError):
        for line in browse.stdout:
            kind, _interface, _version, who, *_rest = line.rstrip("\n").split(";")
            seen[who] += {"+": 1, "-": -1}[kind]
            if kind == "+" and seen[who] == 1:
                say("peer-found", peer_id=who)
            elif kind == "-" and not seen[who]:
                say("peer-lost", peer_id=who)
    publish.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
