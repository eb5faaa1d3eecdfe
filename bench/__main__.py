"""`make bench`: one interleaved run of everything that has a goal, each beside its goal.

make bench                          everything
make bench ARGS="--only copy talk"  a part
make bench ARGS="--rounds 11"       more rounds
"""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Final

from bench import (
    beyond,
    busy,
    commanding,
    copying,
    crowd,
    crowded,
    dialling,
    faulty_networks,
    finding,
    huge,
    living,
    people,
    slow,
    starting,
    talking,
    trees,
    window,
)
from bench.figures import ROUNDS, Figure

PARTS: Final[dict[str, tuple[str, Callable[[int], Iterator[Figure]]]]] = {
    "copy": ("A file of 1 GiB, loopback, tmpfs to tmpfs", copying.figures),
    "command": ("The whole of a command, 1 GiB", commanding.figures),
    "huge": ("A sparse file of 0.6 times the free space", huge.figures),
    "slow": ("A file to a disk that writes 8 MB a second", slow.figures),
    "trees": ("Ten thousand files of 4 KiB, tmpfs to tmpfs", trees.figures),
    "crowd": ("Several lanes at once, tmpfs to tmpfs", crowd.figures),
    "talk": ("Messages between two nodes, both histories written", talking.figures),
    "busy": ("Messages beside a transfer at full rate", busy.figures),
    "dial": ("From a dial to READY, loopback", dialling.figures),
    "start": ("Starting", starting.figures),
    "living": ("The whole program in its window", living.figures),
    "window": ("A conversation of 10,000 messages on the screen", window.figures),
    "people": ("A list of 1,000 people on the screen", people.figures),
    "beyond": ("The site's own DNS server, a round trip of 30 ms to it", beyond.figures),
    "find": ("Finding each other, hosts of the lab", finding.figures),
    "thousand": ("One among a thousand on one link", crowded.figures),
    "faulty": ("Faults of networks, in the lab", faulty_networks.figures),
}
_WITHIN: Final = "LANCHAT_BENCH_PART"  # set: another process wrote the heading


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    if len(arguments.only) == 1:
        return _run(arguments.only[0], arguments.rounds)
    print(_machine(arguments.rounds), flush=True)
    failed = 0
    for name in arguments.only:
        # A process for each: what one holds is not counted to the next, and Tk cannot leave
        # a display that is gone.
        words = [
            sys.executable,
            "-m",
            "bench",
            "--only",
            name,
            "--rounds",
            str(arguments.rounds),
        ]
        failed += subprocess.run(
            words, check=False, env={**os.environ, _WITHIN: "1"}
        ).returncode
    return min(failed, 1)


def _run(name: str, rounds: int) -> int:
    if _WITHIN not in os.environ:
        print(_machine(rounds))
    title, part = PARTS[name]
    print(f"\n{title}", flush=True)
    for figure in part(rounds):
        print(figure.line(), flush=True)
    return 0


def _machine(rounds: int) -> str:
    return (
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}; "
        f"median, p95 (least..most) of {rounds} interleaved rounds"
    )


if __name__ == "__main__":
    sys.exit(main())
