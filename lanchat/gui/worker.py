"""The worker: a process of its own for one file that a stranger may have made.

It knows of us what stands in that file and the words it is given: no profile, no environment,
no descriptor more.  What it says is as hostile as the file, and is bounded here.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO, Final

_KEPT: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT")
#: What it needs to find Python and its packages where we found them, and no more.
_ENVIRONMENT: Final = {
    **{name: os.environ[name] for name in _KEPT if name in os.environ},
    "PYTHONPATH": os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path),
}
_UNSEEN: Final = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # of Windows
_ALONE: Final = "/" if os.name == "posix" else None  # where it lives: in no folder of ours


class Worker:
    """Starts `python -m module` for each file.  Lives on the node thread."""

    def __init__(self, module: str) -> None:
        self._module = module
        self.process: asyncio.SubprocessTransport | None = None  # the last one

    async def ask(self, file: BinaryIO, *words: str, most: int) -> bytes:
        """What a worker says of a file, up to one byte more than `most`; it has ended then.

        Raises:
            OSError: it cannot be started.
        """
        process, ear = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Ear(most),
            sys.executable, "-P", "-m", self._module, *words,
            stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=_ALONE, env=_ENVIRONMENT, creationflags=_UNSEEN,
        )  # fmt: skip
        self.process = process
        try:
            await ear.enough.wait()
        finally:
            process.close()  # which ends it, if it goes on
            await ear.gone.wait()
        return bytes(ear.heard)


class _Ear(asyncio.SubprocessProtocol):
    """Hears what a worker says, until it said more than it may, or has ended."""

    def __init__(self, most: int) -> None:
        self.heard: Final = bytearray()
        self.enough: Final = asyncio.Event()
        self.gone: Final = asyncio.Event()
        self._most = most

    def pipe_data_received(self, _fd: int, data: bytes) -> None:
        self.heard.extend(data[: self._most + 1 - len(self.heard)])
        if len(self.heard) > self._most:
            self.enough.set()

    def connection_lost(self, _error: Exception | None) -> None:
        self.enough.set()
        self.gone.set()
