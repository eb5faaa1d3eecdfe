"""One node among many, and the host on which they are played."""

import subprocess
import sys
from datetime import datetime
from typing import Final

from bench.contenders import CHECKOUT, Lanchat
from bench.memory import resident
from bench.starting import cpu_seconds
from tests.lab.lab import Lab

MOST: Final = 1000
PATIENCE: Final = 20.0  # seconds


class Many:
    """The host on which they are played."""

    def __init__(self, lab: Lab) -> None:
        lab.add_host("many", "")
        lab.attach("many", "lan", address="10.78.254.1/16")
        places = (divmod(number + 1, 256) for number in range(MOST))
        lines = (f"addr add 10.78.{high}.{low}/16 dev eth0\n" for high, low in places)
        lab.exec("many", ["ip", "-batch", "-"], stdin="".join(lines))
        self.process: Final = lab.popen(
            "many",
            [sys.executable, "-m", "bench.many", str(MOST)],
            env={"PYTHONPATH": str(CHECKOUT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.wait_for("ready")

    def order(self, *words: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(map(str, words)).encode() + b"\n")
        self.process.stdin.flush()

    def wait_for(self, word: str) -> None:
        assert self.process.stdout is not None
        while (line := self.process.stdout.readline().strip()) != word.encode():
            if not line:
                raise RuntimeError("the many have gone")

    def do(self, *words: object) -> None:
        self.order(*words)
        self.wait_for("done")


class Node:
    """The one that is measured, from its start to its end."""

    def __init__(self, lab: Lab, person: Lanchat) -> None:
        self._lab, self._host = lab, person.host
        self._before = self._traffic()
        self.listener: Final = person.listen()
        self.pid: Final = self.listener.process.pid
        self.opening: Final = moment(self.listener.all("opening")[0])
        self._cpu = cpu_seconds(self.pid)

    def full(self, count: int) -> float:
        """When so many were listed, in ms."""
        return moment(self.listener.wait_for("peer-found", after=count - 1, timeout=PATIENCE))

    def cost(self) -> tuple[float, float, float, float]:
        """Packets in and out, CPU seconds since the first socket, MiB."""
        came, went = self._traffic()
        spent = cpu_seconds(self.pid) - self._cpu
        into, out = came - self._before[0], went - self._before[1]
        return into, out, spent, resident(self.pid) / 2**20

    def _traffic(self) -> tuple[int, int]:
        for line in self._lab.exec(self._host, ["cat", "/proc/net/dev"]).stdout.splitlines():
            if "eth0:" in line:
                fields = line.split()
                return int(fields[2]), int(fields[10])
        raise RuntimeError("no eth0")


def moment(row: dict[str, str]) -> float:
    return datetime.fromisoformat(row["at"]).timestamp() * 1000
