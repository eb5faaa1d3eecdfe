"""Skipped: what did not travel because it was there already, in words."""

from collections.abc import Mapping


def at_the_end(row: Mapping[str, object]) -> list[str]:
    """What `listen` says of an offer that is done; nothing if all of it came."""
    skipped = row.get("skipped")
    if row.get("state") != "done" or not isinstance(skipped, int) or not skipped:
        return []
    files = "1 file was" if skipped == 1 else f"{skipped} files were"
    replaced = row.get("clash") == "overwrite"
    rest = "took the place of the older ones" if replaced else "lie beside the older ones"
    return [f"  {files} here already; changed ones {rest}"]


def of_the_sent(row: Mapping[str, object]) -> str:
    """What `send` says behind how much it sent; nothing if all of it went."""
    skipped = row.get("skipped")
    if not isinstance(skipped, int) or not skipped:
        return ""
    return f"; {skipped} of them {'was' if skipped == 1 else 'were'} there already"
