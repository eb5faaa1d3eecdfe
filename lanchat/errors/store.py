"""What can go wrong with a profile and what it remembers."""

from lanchat.errors.root import LanchatError


class StoreError(LanchatError):
    """What lanchat remembers cannot be used."""


class NoProfile(StoreError):
    """There is no such profile; run: lanchat register NAME."""


class ProfileExists(StoreError):
    """There is a profile already; nothing was changed."""


class WrongPassphrase(StoreError):
    """The passphrase is wrong."""


class BadPassphrase(StoreError):
    """A passphrase has 8 to 1,024 bytes; choose a longer or shorter one."""


class NoPassphrase(StoreError):
    """A passphrase is needed; give --passphrase-file FILE or run this at a terminal."""


class StoreDamaged(StoreError):
    """The profile is damaged; restore it from a backup."""


class StoreFull(StoreError):
    """There is no space left to remember this; free some on the disk and try again."""


class NotPrivate(StoreError):
    """The profile's folder belongs to another user of this computer; choose another folder."""


class NotEnoughMemory(StoreError):
    """There is not enough free memory to open the profile; close something and try again."""


class StoreTooNew(StoreError):
    """A newer lanchat wrote this profile; update this one."""


class AlreadyRunning(StoreError):
    """Another lanchat holds this profile."""

    raised: bool = False  # it has a window, which was brought to the front

    def __init__(self, pid: int | None = None) -> None:
        super().__init__(f"held by process {pid}" if pid else "held")
        self.pid = pid


class ProfileLocked(StoreError):
    """The window holds this profile and is locked; unlock it first."""
