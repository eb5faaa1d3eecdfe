"""The whole main page without a node: what happens is told to it by the bench."""

import tkinter as tk
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from lanchat.errors import LanchatError
from lanchat.gui.main_page import MainPage
from lanchat.gui.theme import Theme
from tests.gui.plain_shell import PlainShell

T = TypeVar("T")


class Told(PlainShell):
    """Whatever a node or a desktop would be asked for is left, and never answered."""

    def run(
        self,
        work: Callable[[], Coroutine[Any, Any, T]],
        then: Callable[[T], None],
        failed: Callable[[LanchatError], None],
    ) -> None:
        """Leave it."""


def whole(root: tk.Tk, theme: Theme) -> tuple[Told, MainPage]:
    """List, header, conversation and composer, as a window has them, filling the root."""
    shell = Told(root, theme)
    page = MainPage(root, shell)
    shell.pane = page
    page.pack(fill="both", expand=True)
    return shell, page
