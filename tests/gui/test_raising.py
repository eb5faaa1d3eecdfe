"""Raising: the keys come to a window, also where Tk itself would end in a fault of memory."""

import subprocess
import sys
import tkinter as tk
from collections.abc import Iterator
from pathlib import Path

import pytest

from lanchat.gui import raising
from tests.kit.display import Display, missing
from tests.kit.tkwait import settled, until

#: From Tk's own test of its ticket fdc0ed342d: the keys were come by because the pointer was
#: there, were lost as it left, and what had them is gone.
LOST = """
pack [button .b0]
toplevel .one
update
event generate .one <Motion> -warp 1 -x 175 -y 175
update idletasks
destroy {*}[winfo children .]
toplevel .t
pack [canvas .t.c]
update
destroy .t.c
pack [label .t.l]
update
destroy .t.l
destroy {*}[winfo children .]
proc go_on {} {
    pack [listbox .l]
    update
    take_keys
}
go_on
"""
PROGRAM = f"""
import tkinter
from lanchat.gui import raising
root = tkinter.Tk()
root.createcommand("take_keys", lambda: raising.take_keys(root, ".l"))
root.tk.eval('''{LOST}''')
raising.come_forward(root)
root.update()
print("alive")
"""


@pytest.mark.skipif(bool(missing()), reason="the window needs a display")
def test_taking_keys_that_were_lost_to_nobody_is_no_fault_of_memory(tmp_path: Path) -> None:
    with Display(tmp_path, manager=False) as display:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=display.env(), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr


@pytest.fixture
def entry(tk_root: tk.Tk, display: Display) -> Iterator[tk.Entry]:
    """A field that had the keys until another program came."""
    made = tk.Entry(tk_root, name="entry")
    made.pack()
    settled(tk_root)
    made.focus_force()
    settled(tk_root)
    with subprocess.Popen(
        [sys.executable, "-c", "import tkinter; tkinter.Tk().mainloop()"], env=display.env()
    ) as other:
        try:
            until(tk_root, lambda: not tk_root.tk.call("focus"), "the keys elsewhere")
            yield made
        finally:
            other.kill()


def test_the_keys_come_from_another_program(tk_root: tk.Tk, entry: tk.Entry) -> None:
    raising.take_keys(tk_root, str(entry))
    until(tk_root, lambda: tk_root.focus_get() is entry, "the keys back")


def test_a_window_that_is_called_comes_with_the_keys(tk_root: tk.Tk, entry: tk.Entry) -> None:
    raising.come_forward(tk_root)
    until(tk_root, lambda: tk_root.focus_get() is entry, "the keys back")
