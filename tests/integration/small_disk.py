"""A disk of a few megabytes that can be filled, unplugged and made read-only, for one person.

It is a tmpfs in a mount namespace of its own: nobody else sees it, and it is gone with the
process that holds the namespace.  No memory is filled: its size is lowered and raised.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.integration.cli_driver import Here
from tests.lab.namespaces import which

MIB = 2**20
PLENTY = 1300  # MiB: what lanchat leaves free of any disk is 1 GiB, and no memory is used


@dataclass
class OnSmallDisk:
    """Where somebody's commands run; `folder` is where the disk is plugged in."""

    folder: Path
    here: Here = field(default_factory=Here)

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True)
        self._disk = self.folder.with_name(self.folder.name + ".disk")
        self._disk.mkdir()
        self._holder = subprocess.Popen(
            [_tool("unshare"), "--mount", "--propagation", "private", "sh", "-c",
             "echo ready; exec sleep 1000000"],
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"ready\n"
        self._in("mount", "-t", "tmpfs", "-o", f"size={PLENTY}m", "none", str(self._disk))
        self.plug_in()
        return self

    def __exit__(self, *_: object) -> None:
        self._holder.kill()
        self._holder.wait()
        assert self._holder.stdout is not None
        self._holder.stdout.close()

    # --- a place --------------------------------------------------------------------------

    def command(self, words: Sequence[str]) -> list[str]:
        return [_tool("nsenter"), "-t", str(self._holder.pid), "--mount", "--", *words]

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        return self.here.environment(more)

    # --- a disk ---------------------------------------------------------------------------

    def plug_in(self) -> None:
        self._in("mount", "--bind", str(self._disk), str(self.folder))

    def unplug(self) -> None:
        self._in("umount", "--lazy", str(self.folder))

    def fill(self) -> None:
        """Leave room for hardly a megabyte."""
        used = int(self._in("du", "-s", "--block-size=1M", str(self._disk)).split()[0])
        self._in("mount", "-o", f"remount,size={used + 2}m", str(self._disk))

    def empty(self) -> None:
        """Make room again."""
        self._in("mount", "-o", f"remount,size={PLENTY}m", str(self._disk))

    def only_read(self, really: bool) -> None:
        how = "ro" if really else "rw"
        self._in("mount", "-o", f"remount,{how}", str(self._disk))

    def read(self, path: str) -> bytes:
        return subprocess.run(
            self.command(["cat", str(self.folder / path)]), check=True, capture_output=True
        ).stdout

    def listing(self) -> list[str]:
        return sorted(self._in("ls", "-A", str(self.folder)).split("\n")[:-1])

    def _in(self, *words: str) -> str:
        done = subprocess.run(
            self.command([_tool(words[0]), *words[1:]]),
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, "LC_ALL": "C"},
        )
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout


def _tool(name: str) -> str:
    return which(name) or name
