"""What can go wrong around all that: the network, the screen, what was asked for."""

from lanchat.errors.root import LanchatError


class NoDisplay(LanchatError):
    """There is no screen to open the window on."""


class NoToolkit(LanchatError):
    """The window needs tkinter and Pillow, and one of them is not installed."""


class LauncherError(LanchatError):
    """Nothing could be written where this desktop keeps what it starts."""


class NotForMenus(LauncherError):
    """The path of this lanchat has characters in it that a menu of programs cannot hold."""


class NotOurs(LauncherError):
    """A file of that name is there that lanchat did not write; it was not touched."""


class DiscoveryError(LanchatError):
    """Other computers cannot be looked for."""


class BadAdvert(DiscoveryError):
    """An announcement on the network was not put together as it must be."""


class NoMulticast(DiscoveryError):
    """Multicast is not available; people can still be reached by their address."""


class NotOnNetwork(NoMulticast):
    """This computer is on no network; people are looked for as soon as it is."""


class NetworkAway(NoMulticast):
    """The network that lanchat is to use is not there now; it is used as soon as it is."""


class PortHeld(NoMulticast):
    """Another program holds UDP port 5353 alone, so nobody is found until it ends."""


class BadRequest(LanchatError):
    """That request does not make sense."""


class BadWords(BadRequest):
    """These are not the words of a fingerprint."""

    def __init__(self, place: int, hint: str) -> None:
        super().__init__(f"word {place}")
        self.place = place  # of the first fault, counted from 1
        self.hint = hint


class BadPlace(BadRequest):
    """That does not say where to look."""


class BadInvite(BadRequest):
    """That is not an invite, or it was damaged on the way."""


class NoInvite(LanchatError):
    """There is no invite in this picture; it must show the whole code, and sharp."""


class PortTaken(LanchatError):
    """That port is in use; choose another with --port."""


class PictureUnreadable(LanchatError):
    """This picture cannot be shown: it is damaged, too large, or no picture at all."""


class BadInput(LanchatError):
    """A file that was named cannot be read or written."""


class OutputLost(LanchatError):
    """The output could not be written."""


class ControlLost(LanchatError):
    """The lanchat that holds this profile went away before it was done."""


class NotRead(LanchatError):
    """Nobody read what this command tells, and too much waited, so it ended."""


class NoRandomness(LanchatError):
    """This computer gives no good random numbers, so nothing can be kept secret now."""


class DemoFailed(LanchatError):
    """A step of the demo did not do what it should."""
