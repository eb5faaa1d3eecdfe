"""Given: what the command line says of a window."""

from dataclasses import dataclass, replace
from typing import Self

from lanchat.gui.preferences import Preferences
from lanchat.node import profiles
from lanchat.node.settings import Network, Site


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed after `lanchat`."""

    profile: str | None = None  # None: the one of last time, or ask
    passphrase_file: str | None = None
    interfaces: tuple[str, ...] = ()
    port: int = 0
    networks: tuple[Network, ...] = ()
    site: Site | None = None
    dns_every: float | None = None  # seconds between two looks into a domain
    log_file: str = ""  # "" if there is no log
    invite: str = ""  # to be shown once a profile is open

    def without(self, *names: str) -> Self:
        """The rest of it, once the user chose the fields of these names in the window."""
        plain = Given()
        return replace(self, **{name: getattr(plain, name) for name in names})


def last(preferences: Preferences) -> str:
    """The profile that was open last; where it is gone, nobody wants another one there."""
    found = preferences.last_profile
    return found if found and profiles.exists(found) else "default"
