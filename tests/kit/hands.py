"""Hands: somebody at a keyboard who has no mouse, and looks at where the keys are."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageChops, ImageColor, ImageGrab

from lanchat.gui.tokens import LIGHT
from tests.kit.display import wait_for
from tests.kit.program import Program

MOST: Final = 60  # stops of Tab until it must have come round
AROUND: Final = 14  # px around a control in which its ring is drawn
LEAST: Final = 40  # px of a ring
WITHIN: Final = 0.3  # seconds after which a Tab that leads nowhere stays within a control
SMOOTHED: Final = 16  # of 255, that smoothing changes in a colour
EDGE: Final = 4  # px of a field in which its ring is drawn

Control = dict[str, Any]
#: What can be clicked and not reached, and the key that does the same.
BY_KEYS_TOO: Final = {
    "my_face": "Ctrl+Shift+M",
    "clear_search": "Escape",
    "search_hint": "Ctrl+K",
    "search_keys": "Ctrl+K",
    "composer_hint": "Escape",
    "new_messages": "End",
}


class Hands:
    """Presses keys in a program's window.  Its display has no mouse any more."""

    def __init__(self, program: Program) -> None:
        self.program: Final = program
        self._ringed: set[str] = set()  # controls whose ring was seen
        self.toured: set[str] = set()  # names of the windows and parts that were gone round
        self.display: Final = program.display
        self.display.unplug()
        program.focus()

    # --- keys ---------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, wherever the keys are."""
        self._waits_for_keys()
        self.display.key(*keys)

    def type(self, text: str) -> None:
        """Type text where the keys are."""
        self._waits_for_keys()
        self.display.type(text)

    def tab_to(self, name: str, back: str = "Tab") -> None:
        """Go on by Tab until a control has the keys."""
        for _time in range(MOST):
            if self.at == name:
                return
            self._tab(back)
        raise AssertionError(f"Tab never comes to {name!r}; it is at {self.path}")

    def push(self, name: str, key: str = "Return") -> None:
        """Go to a button by Tab, and press it."""
        wait_for(lambda: self.usable(name), f"{name!r} to be pressed")
        self.tab_to(name)
        self.press(key)

    def fill(self, name: str, text: str) -> None:
        """Go to a field by Tab, and type over what is there."""
        self.tab_to(name)
        self.clear()
        self.type(text)

    def clear(self) -> None:
        """Delete all that is written where the keys are."""
        self.press("ctrl+Home", "Home", "ctrl+shift+End", "shift+End", "BackSpace")

    def choose(self, label: str) -> None:
        """Choose an entry of the menu that is open."""
        labels = wait_for(lambda: self.program.ask("menu"), "a menu")
        at = next((at for at, one in enumerate(labels) if one.startswith(label)), None)
        assert at is not None, f"no {label!r} among {labels}"
        self.press(*["Down"] * (at + 1), "Return")
        wait_for(lambda: not self.program.ask("menu"), "the menu closed")

    # --- where the keys are -------------------------------------------------------------

    @property
    def path(self) -> str:
        """The widget that has the keys."""
        found: str = self.program.ask("focus")
        return found

    @property
    def at(self) -> str:
        """Its name."""
        return self.path.rpartition(".")[2]

    def wait_at(self, name: str) -> None:
        """Wait until a control has the keys."""
        self._waits(lambda: self.at == name, f"at {name!r}")

    def opens(self, key: str, name: str) -> None:
        """Press keys that open a dialog, and wait until it has the keys."""
        self.press(key)
        self.wait_in(name)

    def wait_in(self, name: str) -> None:
        """Wait until something in a dialog has the keys; `name` is how its name begins."""
        self._waits(lambda: self._is_in(name) is True, f"in {name!r}")

    def leaves(self, name: str, key: str = "Escape") -> None:
        """Press the key that closes a dialog, and wait until it is gone."""
        self.press(key)
        self._waits(lambda: self._is_in(name) is False, f"out of {name!r}")

    def _is_in(self, name: str) -> bool | None:
        """Whether the keys are there; None if they are between two windows."""
        path = self.path
        return any(part.startswith(name) for part in path.split(".")[:-1]) if path else None

    def _waits_for_keys(self) -> None:
        """When a dialog is gone, the desktop gives them to the window below a moment later."""
        wait_for(lambda: self.path, "the keys in the window")

    def _waits(self, there: Callable[[], bool], where: str) -> None:
        try:
            wait_for(there, f"the keys {where}")
        except TimeoutError as error:
            holds, people = self.program.find(self.at), self.program.find("people")
            raise AssertionError(
                f"the keys are at {self.path!r}, not {where}; there: {holds}; list: {people}"
            ) from error

    def until(self, seen: Callable[[], object], what: str, seconds: float = 15.0) -> None:
        """Wait until something is so."""
        wait_for(seen, what, seconds)

    def usable(self, name: str) -> bool:
        """Whether there is such a control that can be used now."""
        one = self.program.find(name)
        return one is not None and one["state"] != "disabled"

    def gone(self, name: str) -> None:
        """Wait until a window or a control is gone."""
        wait_for(lambda: self.program.find(name) is None, f"{name!r} is gone")

    # --- a look at every control --------------------------------------------------------

    def tour(
        self,
        *,
        ring: str = LIGHT.ring,
        does: Callable[[Control], None] | None = None,
        end: str = "",
    ) -> list[str]:
        """Go round by Tab: every control is reached, has a name, and shows a ring.

        `does` is called at each that was not seen before, and leaves the keys there; `end` is
        the last stop, behind which those come that were seen.  Gives the names of the stops.
        """
        controls = {one["path"]: one for one in self.controls()}
        nameless = [one["path"] for one in controls.values() if not one["said"].strip()]
        assert not nameless, f"no name that can be heard: {nameless}"
        unnamed = [one["path"] for one in controls.values() if one["name"].startswith("!")]
        assert not unnamed, f"no widget name: {unnamed}"
        pointed = [
            path
            for path in self.program.ask("pointed")
            if not _has_key(path) and path.rpartition(".")[0] not in controls
        ]
        assert not pointed, f"only by the mouse: {pointed}"
        order = []
        for path, new in self._round(controls, ring):
            order.append(path)
            if does is not None and new:
                does(controls[path])
            if end == path.rpartition(".")[2]:
                break
        self.toured.update(*(path.split(".") for path in order))
        missed = [path for path in controls if path not in order and path not in self._ringed]
        assert not missed, f"Tab never comes to {missed}; it goes to {order}"
        return [path.rpartition(".")[2] for path in order]

    def controls(self) -> list[Control]:
        """What can be used here, once it stands where it stays."""
        seen: list[list[Control]] = [[]]

        def stands() -> bool:
            seen.append(self.program.ask("controls"))
            return seen[-1] == seen[-2] and all(one["w"] + one["h"] > 2 for one in seen[-1])

        wait_for(stands, "controls that stand still")
        return seen[-1]

    def _round(self, controls: dict[str, Control], ring: str) -> Iterator[tuple[str, bool]]:
        """Each stop of Tab; whose ring was not seen yet is looked at with and without keys."""
        start = path = self.path
        assert path in controls, f"the keys are nowhere: {path!r}, of {list(controls)}"
        for _time in range(MOST):
            here, new = controls[path], path not in self._ringed
            self._ringed.add(path)
            if new:
                colour = LIGHT.text if here["style"].startswith("Accent") else ring
                with_keys = self._shows(path, partial(_wears, colour), f"a ring at {path}")
            yield path, new
            if len(controls) == 1:  # Tab has nowhere else to go
                return
            before, path = path, self._tab()
            if path not in controls:  # something came meanwhile
                controls.update({one["path"]: one for one in self.controls()})
            assert path in controls, f"behind {before} the keys are nowhere: {path!r}"
            if new:
                self._shows(before, partial(_differs, with_keys), f"{before} without a ring")
            if path == start:
                return
        raise AssertionError("Tab never comes round")

    def _shows(self, path: str, fits: Callable[[Image.Image], bool], what: str) -> Image.Image:
        """Wait until a control looks so; gives the picture."""
        seen: list[Image.Image] = []

        def look() -> bool:
            seen[:] = [self._picture(self.program.ask("look", path=path))]
            return fits(seen[0])

        wait_for(look, what, 3)
        return seen[0]

    def _tab(self, key: str = "Tab") -> str:
        """To the next stop; within one that has several, such as a card, to its end."""
        before = self.path
        for _time in range(8):
            self.press(key)
            for _time in range(3):  # it has heard of the key then, however slow it is
                self.program.ask("sync")
            with suppress(TimeoutError):  # it has another stop of its own
                wait_for(lambda: self.path != before, "the next stop", WITHIN)
                return self.path
        raise AssertionError(f"Tab stays at {before}")

    def _picture(self, control: Control) -> Image.Image:
        """A control and a little around it; of a field, not what is written in it."""
        left, top, wide, high = (control[key] for key in ("x", "y", "w", "h"))
        box = (left - AROUND, top - AROUND, left + wide + AROUND, top + high + AROUND)
        picture = ImageGrab.grab(self._on_screen(box), xdisplay=self.display.name)
        if control["class"] in ("TEntry", "TCombobox", "Text"):  # selected text is lit, too
            x, y = left - max(box[0], 0) + EDGE, top - max(box[1], 0) + EDGE
            picture.paste("white", (x, y, x + wide - 2 * EDGE, y + high - 2 * EDGE))
        return picture.convert("RGB")

    def _on_screen(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        wide, high = map(int, self.display.size.split("x"))
        return max(box[0], 0), max(box[1], 0), min(box[2], wide), min(box[3], high)


def _has_key(path: str) -> bool:
    """Whether a key does what a click does there: Escape at a toast, Tab to a field."""
    name = path.rpartition(".")[2]
    return name in BY_KEYS_TOO or name.endswith("_label") or ".toast" in path


def picks(hands: Hands, path: Path) -> None:
    """Type a path into Tk's own dialog."""
    hands.until(lambda: hands.at == "ent", "the picker")
    hands.clear()
    hands.type(str(path))
    hands.press(*["Return"] * (2 if path.is_dir() else 1))  # one goes into a folder
    hands.until(lambda: ".__tk_" not in hands.path, "the picker is gone")


def _wears(colour: str, picture: Image.Image) -> bool:
    """Whether there is enough of the colour of a ring, or of what smoothing makes of it."""
    wanted = ImageColor.getrgb(colour)
    lit = sum(
        count
        for count, one in picture.getcolors(picture.width * picture.height) or []
        if isinstance(one, tuple)
        and all(abs(a - b) <= SMOOTHED for a, b in zip(one, wanted, strict=True))
    )
    return lit >= LEAST


def _differs(one: Image.Image, other: Image.Image) -> bool:
    """Whether two pictures differ by as much as a ring; one of them may be cut by an edge."""
    if one.size != other.size:
        return True
    apart = ImageChops.difference(one, other).convert("L").point(lambda value: value and 255)
    return apart.histogram()[255] >= LEAST
