"""Amounts: how much, as people read it."""

from typing import Final

_UNITS: Final = ("KiB", "MiB", "GiB", "TiB")


def size(count: object) -> str:
    """A number of bytes as people read it."""
    if not isinstance(count, int):
        return "?"
    if count < 1024:
        return f"{count} bytes" if count != 1 else "1 byte"
    value, unit = float(count), "bytes"
    for unit in _UNITS:  # noqa: B007 - the last one reached
        value /= 1024
        if value < 1024:
            break
    return f"{value:.1f} {unit}"
