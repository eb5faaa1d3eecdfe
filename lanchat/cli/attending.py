"""Attending: what somebody says of being there, as words of a line."""

from collections.abc import Mapping

from lanchat.conversation.text import shown_status, terminal

Row = Mapping[str, object]


def there(row: Row, presence: str) -> str:
    """How sure we are of somebody; their version, if it is another, or away or busy."""
    if row.get("version") in ("newer", "older"):
        return f"{presence}, {row['version']} lanchat"
    said = row.get("availability")
    return f"{presence}, {terminal(str(said))}" if said in ("away", "busy") else presence


def where(row: Row) -> str:
    """Where we listen, or that nobody is to see us."""
    port = row.get("port")
    return (
        f"port {terminal(str(port))}" if port else "invisible (whoami --be available ends that)"
    )


def quoted(row: Row) -> str:
    """The line beside a name, between quotation marks: it is anybody's words."""
    shown = terminal(shown_status(str(row.get("status") or "")))
    return f"\u201c{shown}\u201d" if shown else ""


def behind(row: Row) -> str:
    """The same line at the end of another one, if there is one."""
    line = quoted(row)
    return f", {line}" if line else ""


def mine(row: Row) -> list[str]:
    """What others see of me."""
    if not row.get("availability"):
        return []
    words = (terminal(str(row["availability"])), quoted(row))
    return [f"  shown as     {', '.join(word for word in words if word)}"]
