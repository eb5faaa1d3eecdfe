"""Faults: what a transfer waits for when the receiver's disk does not take it.  Pure."""

from collections.abc import Mapping
from typing import Final

from lanchat.gui import amounts
from lanchat.gui.translate import _, later
from lanchat.node.events import Fault, TransferView

_HERE: Final[Mapping[Fault, str]] = {
    Fault.FULL: later("The disk is full."),
    Fault.QUOTA: later("Your share of the disk is used up."),
    Fault.READ_ONLY: later("The disk can only be read now. Make it writable again."),
    Fault.FORBIDDEN: later("Nothing may be written into the folder now. Change its rights."),
    Fault.GONE: later("The folder is not there, or another one is. Plug its disk in again."),
    Fault.DEFECT: later("The disk answers with errors. Look at it and its cable."),
}
_THERE: Final[Mapping[Fault, str]] = {
    Fault.FULL: later("The other computer's disk is full."),
    Fault.QUOTA: later("The other person's share of their disk is used up."),
    Fault.READ_ONLY: later("The other computer's disk can only be read now."),
    Fault.FORBIDDEN: later("The other computer may not write into its folder now."),
    Fault.GONE: later("The folder for it is not there on the other computer."),
    Fault.DEFECT: later("The other computer's disk answers with errors."),
}


def sentence(view: TransferView) -> str:
    """What holds a transfer, how much room lacks, and what to do."""
    if view.fault is None:
        return view.reason
    said = _((_THERE if view.outgoing else _HERE)[view.fault])
    if not view.missing:
        return said
    lacks = _("{size} more are needed.").format(size=amounts.size(view.missing))
    return f"{said} {lacks}"
