"""QR codes: the invite of a peer id, drawn with the blocks of a terminal."""

import io

from lanchat.cli.output import tell
from lanchat.identity.fingerprint import invite
from lanchat.identity.keys import PeerId


def invite_of(peer_id: str) -> str:
    """The text that a QR code of a peer id holds."""
    return invite(PeerId.parse(peer_id))


def drawn(text: str) -> list[str]:
    """The lines of a QR code of `text`; only the text itself where segno is not installed."""
    try:
        import segno
    except ImportError:
        tell("hint: for a QR code to scan, install the extra: pip install 'lanchat[gui]'")
        return [text]
    lines = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(lines, compact=True)
    return [*lines.getvalue().splitlines(), text]
