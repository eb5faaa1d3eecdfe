"""Network namespaces: the commands a lab is built with, and taking one down.

A lab's parts are all named after it (lab-NAME-...), so that its name alone is enough to
end what runs in it and to remove it, even half made and with nobody left who made it.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(tempfile.gettempdir())
REPOSITORY: Final = Path(__file__).parents[2]
SYSTEM_PATH: Final = "/usr/sbin:/sbin:/usr/local/sbin"  # not on every user's own path


class LabError(RuntimeError):
    """A lab could not do what it was told."""


class LabUnavailable(LabError):
    """This machine or user cannot run a lab, or this feature of it."""


def which(tool: str) -> str | None:
    return shutil.which(tool, path=f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}")


def have(tool: str) -> bool:
    return which(tool) is not None


def run(args: Sequence[str], *, check: bool = True, stdin: str | None = None) -> str:
    done = subprocess.run(
        args, input=stdin, capture_output=True, text=True, errors="replace", check=False
    )
    if check and done.returncode:
        raise LabError(f"{shlex.join(args)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def ip(*args: str, ns: str | None = None, check: bool = True) -> str:
    inside = ["-n", ns] if ns else []
    return run([which("ip") or "ip", *inside, *args], check=check)


def in_ns(ns: str, *args: str, check: bool = True, stdin: str | None = None) -> str:
    tool = which(args[0]) or args[0]
    return run(
        [which("ip") or "ip", "netns", "exec", ns, tool, *args[1:]], check=check, stdin=stdin
    )


def sysctl(ns: str, **values: int) -> None:
    """Set sysctls in a namespace, `a__b` for a/b; ones this kernel lacks are passed over."""
    paths = {key.replace("__", "/"): value for key, value in values.items()}
    script = "".join(
        f"[ -e /proc/sys/{path} ] && echo {value} > /proc/sys/{path};"
        for path, value in paths.items()
    )
    in_ns(ns, "sh", "-c", script + "true", check=False)


def available() -> tuple[bool, str]:
    """(True, "") where a lab can be made, else (False, the reason)."""
    if not sys.platform.startswith("linux"):
        return False, "the lab needs Linux network namespaces"
    if not have("ip"):
        return False, "the lab needs iproute2 (the 'ip' command)"
    if os.geteuid() != 0:
        return False, "the lab needs root to make network namespaces"
    probe = f"lab-probe-{os.getpid()}"
    try:
        ip("netns", "add", probe)
        ip("link", "add", "b0", "type", "bridge", ns=probe)
        ip("link", "add", "p0", "type", "veth", "peer", "name", "p1", ns=probe)
    except LabError as error:
        return False, f"network namespaces can't be made here ({error})"
    finally:
        ip("netns", "del", probe, check=False)
    return True, ""


def netem_available() -> bool:
    """Whether the kernel has tc netem; else delay and loss take a relay process."""
    ns = f"lab-netem-{os.getpid()}"
    try:
        ip("netns", "add", ns)
        in_ns(ns, "tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms")
    except LabError:
        return False
    finally:
        ip("netns", "del", ns, check=False)
    return True


# --- taking down ------------------------------------------------------------------------


def pids(ns: str) -> list[int]:
    return [int(pid) for pid in ip("netns", "pids", ns, check=False).split()]


def await_stopped(found: Sequence[int]) -> None:
    """Wait until these processes stand or are gone: a signal to stop takes a moment."""
    deadline = time.monotonic() + 2.0
    while any(_moves(pid) for pid in found) and time.monotonic() < deadline:
        time.sleep(0.005)


def _moves(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "TZX"


def namespaces(name: str) -> list[str]:
    listed = [line.split()[0] for line in ip("netns", "list", check=False).splitlines() if line]
    return [ns for ns in listed if ns.startswith(f"lab-{name}-")]


def _send(spaces: Sequence[str], what: signal.Signals) -> bool:
    found = [pid for ns in spaces for pid in pids(ns) if pid != os.getpid()]
    for pid in found:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, what)
    return bool(found)


def teardown(name: str) -> None:
    """End what runs in the lab `name` and remove it; works on a half-made one too."""
    spaces = namespaces(name)
    if _send(spaces, signal.SIGTERM):
        _send(spaces, signal.SIGCONT)  # suspended ones must wake to end
        deadline = time.monotonic() + 1.5
        while time.monotonic() < deadline and any(pids(ns) for ns in spaces):
            time.sleep(0.05)
        if _send(spaces, signal.SIGKILL):
            time.sleep(0.1)
    for ns in spaces:
        ip("netns", "del", ns, check=False)
    shutil.rmtree(ROOT / f"lab-{name}", ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def collect() -> list[str]:
    """Remove the labs whose owner is gone; returns their names."""
    removed = []
    for owner in ROOT.glob("lab-*/owner"):
        with contextlib.suppress(OSError, ValueError):
            if not _alive(int(owner.read_text())):
                name = owner.parent.name.removeprefix("lab-")
                teardown(name)
                removed.append(name)
    return removed
