"""What a process holds of memory, as the kernel counts it."""

from pathlib import Path


def reset_peak(pid: int | str = "self") -> int:
    """Forget what a process took at its height (importing, deriving keys); bytes now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return resident(pid)


def resident(pid: int | str = "self") -> int:
    """Bytes held now."""
    return _count(pid, "VmRSS")


def peak(pid: int | str = "self") -> int:
    """Bytes held at the height since the start or `reset_peak`."""
    return _count(pid, "VmHWM")


def _count(pid: int | str, what: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name == what:
            return int(rest.split()[0]) * 1024
    return 0
