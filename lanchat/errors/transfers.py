"""What can go wrong with files on their way."""

from typing import ClassVar

from lanchat.errors.root import LanchatError


class TransferError(LanchatError):
    """The files could not be passed on."""

    reason: ClassVar[str] = "TRANSFER"


class OfferDeclined(TransferError):
    """The other person declined the files."""

    reason = "DECLINED"


class TransferAbandoned(TransferError):
    """The transfer was stopped before its end."""


class DigestMismatch(TransferError):
    """What arrived is not what was sent; send the files again."""


class UnsafeName(TransferError):
    """The offer holds a file name that is not safe to write."""

    reason = "REJECTED_NAME"


class BadManifest(TransferError):
    """The list of offered files contradicts itself."""


class NoSpace(TransferError):
    """There is not enough free space for the files."""

    reason = "DISK"

    def __init__(self, missing: int) -> None:
        super().__init__(f"{missing} bytes missing")
        self.missing = missing


class QuotaUsedUp(NoSpace):
    """Your share of that disk is used up; delete something of yours there."""


class DiskFailed(TransferError):
    """The disk refused to read or write."""

    reason = "DISK"


class DiskReadOnly(DiskFailed):
    """That disk can only be read now; make it writable again."""


class WriteForbidden(DiskFailed):
    """Nothing may be written into that folder now; change who may write there."""


class FolderGone(DiskFailed):
    """The folder for the files is not there, or another one is; plug its disk in again."""


class DiskDefect(DiskFailed):
    """The disk answers with errors; look at it and its cable."""


class FileTooLarge(DiskFailed):
    """A file is larger than that disk can hold; choose a folder on another one."""


class FileChanged(TransferError):
    """A file changed while it was being sent; send it again."""

    reason = "CHANGED"


class HeldChanged(TransferError):
    """A file that was here already, and so was not sent, has changed; it is compared anew."""

    reason = "CHANGED"


class SourceMissing(TransferError):
    """A file or folder to send is not there or cannot be read."""


class NoProgram(TransferError):
    """No program is there as it came, so nothing was changed; look into its folder."""


class OfferTooLarge(TransferError):
    """These are more files or bytes than one offer can carry; send them in parts."""


class LaneLost(TransferError):
    """The connection broke during the transfer; it can go on from where it stopped."""

    reason = "LANE"


class LaneStalled(LaneLost):
    """The transfer stood still for too long."""

    reason = "LIMIT"
