"""A field of a form."""

import tkinter as tk

from lanchat.gui.field import Field
from lanchat.gui.theme import Theme
from tests.kit.tkwait import until


def test_what_enter_comes_to_is_not_wiped_away_by_what_was_typed_before(
    tk_root: tk.Tk, theme: Theme
) -> None:
    told: list[str] = []

    def submit() -> None:
        told.append("entered")
        field.wrong("No.")

    field = Field(
        tk_root, theme, "Address", name="address",
        changed=lambda: told.append(field.text), submit=submit,
    )  # fmt: skip
    field.pack()
    field.entry.focus_force()
    until(tk_root, lambda: tk_root.focus_get() is field.entry, "the keys in the field")
    for key in ("a", "b", "Return"):  # so quickly that Tk had no time to itself
        field.entry.event_generate("<KeyPress>", keysym=key)
    tk_root.update()
    assert told == ["ab", "entered"]
    assert field.error == "No."
