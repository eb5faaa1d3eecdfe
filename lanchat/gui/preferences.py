"""Preferences: what the user chose for the window on this computer.  Pure.

What a newer lanchat wrote and this one does not know is kept; what is of another kind than
it should be counts as not chosen.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from types import MappingProxyType
from typing import Final

from lanchat.node.settings import is_network, is_site

ZOOMS: Final = (80, 90, 100, 110, 125, 150, 175, 200)  # percent
LOWEST_PORT: Final = 1024  # nobody believes an advert of a lower one (PROTOCOL.md, 6)
LONGEST_FONT: Final = 100  # characters
APPEARANCES: Final = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the user chose."""

    appearance: str = "system"  # or light, dark
    desktop_dark: bool = False  # what the system was when it was heard of last (daylight.py)
    zoom: int = 100  # percent, one of ZOOMS
    font: str = ""  # a family; "" for the system's, and so where it is not installed
    language: str = ""  # "" for the system's
    geometry: str = ""  # of the window, as Tk writes it
    list_width: int = 288  # of the list of people, in px at 100 %
    last_profile: str = ""
    last_folder: str = ""  # in which files were chosen last
    enter_sends: bool = True  # else Ctrl+Enter does
    downloads: str = ""  # "" for the system's folder
    accept_verified: int = 0  # bytes taken from verified people unasked; 0 for none
    limit_rate: int = 0  # bytes a second of all files together, each way; 0 for no limit
    show_pictures: bool = True  # of people we know, unasked
    read_receipts: bool = False
    lock_after: int = 15  # minutes without a touch; 0 for never
    away_after: int = 5  # minutes without a touch of the computer; 0 for never
    notify: bool = True
    notify_busy: bool = False  # while one is busy, too
    notify_text: bool = False  # show what was written, not only by whom
    sound: bool = False
    quiet: str = ""  # "22:00-07:00"; "" for never
    reduced_motion: bool = False
    interfaces: tuple[str, ...] = ()  # empty for every usable one
    port: int = 0  # 0 for any free one
    dns: str = ""  # DOMAIN[@SERVER] that names people on other networks; "" for none
    dns_key: str = ""  # the file of its key; "": nobody finds us there
    networks: tuple[str, ...] = ()  # whose addresses are dialled, whoever named them
    unknown: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def load(held: Mapping[str, object]) -> Preferences:
    """What was chosen, out of what was kept; the defaults for the rest."""
    plain = Preferences()
    names = {one.name for one in fields(Preferences)} - {"unknown"}
    chosen = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in held.items()
        if name in names
        and _fits(getattr(plain, name), value)
        and _CHECKS.get(name, _any)(value)
    }
    unknown = {name: value for name, value in held.items() if name not in names}
    return replace(plain, unknown=unknown, **chosen)  # type: ignore[arg-type]  # kinds checked


def dump(preferences: Preferences) -> dict[str, object]:
    """What to keep."""
    chosen = asdict(replace(preferences, unknown={}))
    del chosen["unknown"]
    return {**preferences.unknown, **chosen}


def changes(before: Preferences, after: Preferences) -> dict[str, object]:
    """What of it was chosen otherwise, as it is kept."""
    was = dump(before)
    return {name: value for name, value in dump(after).items() if was.get(name) != value}


def _fits(default: object, value: object) -> bool:
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return type(value) is type(default)


def _any(_value: object) -> bool:
    return True


_CHECKS: Final[Mapping[str, Callable[[object], bool]]] = {
    "appearance": lambda value: value in APPEARANCES,
    "zoom": lambda value: value in ZOOMS,
    "font": lambda value: (
        isinstance(value, str) and len(value) <= LONGEST_FONT and not value.startswith("@")
    ),
    "list_width": lambda value: isinstance(value, int) and 220 <= value <= 420,
    "lock_after": lambda value: isinstance(value, int) and 0 <= value <= 24 * 60,
    "away_after": lambda value: isinstance(value, int) and 0 <= value <= 24 * 60,
    "accept_verified": lambda value: isinstance(value, int) and value >= 0,
    "limit_rate": lambda value: isinstance(value, int) and value >= 0,
    "dns": lambda value: not value or (isinstance(value, str) and is_site(value)),
    "networks": lambda value: isinstance(value, list) and all(map(is_network, value)),
    "port": lambda value: (
        value == 0 or (isinstance(value, int) and LOWEST_PORT <= value <= 65535)
    ),
}
