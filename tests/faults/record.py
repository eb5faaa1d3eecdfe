"""What the processes of a run wrote down (`recorder/`): what was sealed, opened, and where."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

CHUNK: Final = 2**20
#: By it the next key of a session is made, on both sides and never sent (PROTOCOL.md, 3).
NEXT_KEY: Final = "00000000ffffffffffffffff"


@dataclass
class Attempt:
    """One attempt of a transfer, as both sides wrote it down.  `offset` is START's."""

    transfer: str
    number: int
    offset: int
    sealed: dict[int, int] = field(default_factory=dict)  # chunk: bytes of it
    opened: dict[int, int] = field(default_factory=dict)

    @property
    def received(self) -> int:
        """Up to which byte of the stream this attempt brought it."""
        return self.offset + sum(self.opened.values())


@dataclass
class Report:
    """Everything that was written down."""

    seals: Counter[tuple[str, str]]  # by key and nonce
    attempts: list[Attempt]  # in the order of their numbers

    @property
    def repeats(self) -> int:
        """Keys and nonces that sealed more than once."""
        return sum(times > 1 for times in self.seals.values())

    @property
    def carried(self) -> int:
        """Bytes of files and manifests that were sealed for lanes."""
        return sum(sum(one.sealed.values()) for one in self.attempts)

    def sent_again(self, spare: int = 0) -> Iterator[str]:
        """Attempts that sent again what had been received whole, but for `spare` bytes."""
        reached: dict[str, int] = {}
        for one in self.attempts:
            behind = reached.get(one.transfer, 0)
            again = behind - one.offset
            if again > spare:
                yield f"attempt {one.number} begins {again:,} bytes before what had come"
            reached[one.transfer] = max(behind, one.received // CHUNK * CHUNK)


def read(folders: Iterable[Path]) -> Report:
    """Read what lies in these folders; a last line that was cut off counts for nothing."""
    seals: Counter[tuple[str, str]] = Counter()
    attempts: dict[str, Attempt] = {}
    moved: list[list[str]] = []
    for file in (path for folder in folders for path in folder.iterdir()):
        for line in file.read_text().splitlines(keepends=True):
            words = line.split()
            match words[0]:
                case _ if not line.endswith("\n"):
                    pass
                case "send" | "receive":
                    key, transfer, number, offset = words[1:]
                    attempts.setdefault(key, Attempt(transfer, int(number), int(offset)))
                case "seal":
                    whose = file.name if words[2] == NEXT_KEY else ""
                    seals[words[1], words[2] + whose] += 1
                    moved.append(words)
                case _:
                    moved.append(words)
    for kind, key, nonce, size in moved:
        if key in attempts:
            one = attempts[key]
            there = one.sealed if kind == "seal" else one.opened
            there[int(nonce[:22], 16)] = int(size)
    return Report(seals, sorted(attempts.values(), key=lambda one: (one.transfer, one.number)))
