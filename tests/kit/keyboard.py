"""A keyboard: real key events by XTEST, as xdotool makes them, without a process for each."""

import ctypes
from typing import Final

_SHIFT: Final = 1  # the level of a key at which Shift is held
_MODIFIERS: Final = {"ctrl": "Control_L", "shift": "Shift_L", "alt": "Alt_L"}
_SIGNS: Final = {"\n": "Return", "\t": "Tab"}


class Keyboard:
    """The keys of one display."""

    def __init__(self, display: str) -> None:
        self._x11: Final = ctypes.CDLL("libX11.so.6")
        self._test: Final = ctypes.CDLL("libXtst.so.6")
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._x11.XStringToKeysym.restype = ctypes.c_ulong
        self._x11.XkbKeycodeToKeysym.restype = ctypes.c_ulong
        self._display: Final = display
        self._server = self._opened()

    def press(self, key: str) -> None:
        """Press a key by X's name for it, such as ctrl+shift+Tab, and let it go."""
        *held, last = key.split("+")
        code, shifted = self._key(self._x11.XStringToKeysym(last.encode()), key)
        codes = [self._code(_MODIFIERS[one]) for one in held]
        if shifted and "shift" not in held and not held:
            codes.append(self._code("Shift_L"))
        self._strike(*codes, code)

    def strike(self, place: int, *held: str) -> None:
        """Press the key at a place, by X's code of it, whatever the layout writes there."""
        self._strike(*(self._code(_MODIFIERS[one]) for one in held), place)

    def type(self, text: str) -> None:
        """Type a text, of signs that are on the keys."""
        for sign in text:
            keysym = ord(sign) if ord(sign) < 0x100 else 0x1000000 + ord(sign)
            if sign in _SIGNS:
                keysym = self._x11.XStringToKeysym(_SIGNS[sign].encode())
            code, shifted = self._key(keysym, sign)
            self._strike(*([self._code("Shift_L")] if shifted else []), code)

    def has(self, text: str) -> bool:
        """Whether all of a text is on the keys."""
        return all(self._found(ord(sign)) for sign in text if sign not in _SIGNS)

    def renew(self) -> None:
        """Look at the layout again: Xlib keeps the one that it asked for first."""
        self.close()
        self._server = self._opened()

    def goes_to(self) -> int:
        """The window that has the keys, as the display sees it."""
        window, back = ctypes.c_ulong(), ctypes.c_int()
        self._x11.XGetInputFocus(self._server, ctypes.byref(window), ctypes.byref(back))
        return window.value

    def close(self) -> None:
        """Take it away."""
        self._x11.XCloseDisplay(self._server)

    # --- within -------------------------------------------------------------------------

    def _opened(self) -> ctypes.c_void_p:
        server = ctypes.c_void_p(self._x11.XOpenDisplay(self._display.encode()))
        if not server.value:
            raise RuntimeError(f"no display {self._display}")
        return server

    def _strike(self, *codes: int) -> None:
        for code in codes:
            self._test.XTestFakeKeyEvent(self._server, code, 1, 0)
        for code in reversed(codes):
            self._test.XTestFakeKeyEvent(self._server, code, 0, 0)
        self._x11.XSync(self._server, 0)  # the display has them

    def _code(self, name: str) -> int:
        return self._key(self._x11.XStringToKeysym(name.encode()), name)[0]

    def _key(self, keysym: int, name: str) -> tuple[int, bool]:
        found = self._found(keysym)
        if found is None:
            raise ValueError(f"no key {name!r}")
        return found

    def _found(self, keysym: int) -> tuple[int, bool] | None:
        """The code of a key, and whether Shift is held for it."""
        code = self._x11.XKeysymToKeycode(self._server, ctypes.c_ulong(keysym))
        if not keysym or not code:
            return None
        for level in (0, _SHIFT):
            if self._x11.XkbKeycodeToKeysym(self._server, code, 0, level) == keysym:
                return code, level == _SHIFT
        return None
