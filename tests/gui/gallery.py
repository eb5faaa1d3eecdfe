"""Every style and icon, light and dark: `python -m tests.gui.gallery FOLDER`, on a display.

Not a test: pictures to look at after a change of the theme.
"""

import subprocess
import sys
import tkinter as tk
from pathlib import Path
from tkinter import ttk

from lanchat.gui import icons
from lanchat.gui.avatars import avatar
from lanchat.gui.dialog import Dialog
from lanchat.gui.items import Tone
from lanchat.gui.theme import Mode, Theme
from lanchat.gui.toast import Toasts
from lanchat.identity.keys import PeerId
from lanchat.node.events import Presence


def main(folder: Path) -> None:
    root = tk.Tk(className="Gallery")
    root.geometry("1000x760+0+0")
    for mode in Mode:
        theme = Theme(root, mode)
        page = _page(root, theme)
        page.pack(fill="both", expand=True)
        Toasts(root, theme).show("Something happened, and this says what.", Tone.GOOD)
        _shot(root, folder / f"gallery-{mode}.png")
        dialog = Dialog(root, theme, "Send to Ada Lovelace?", name="dialog")
        dialog.message("You have not compared words with this person. Anyone can use a name.")
        ttk.Entry(dialog.body, name="entry").pack(fill="x")
        dialog.buttons(("Cancel", None, "cancel"), ("Send", None, "send"))
        _shot(root, folder / f"dialog-{mode}.png")
        dialog.destroy()
        page.destroy()
    root.destroy()


def _page(root: tk.Tk, theme: Theme) -> ttk.Frame:
    px = theme.px
    page = ttk.Frame(root)
    left = ttk.Frame(page, style="Side.TFrame")
    left.pack(side="left", fill="both", expand=True)
    right = ttk.Frame(page)
    right.pack(side="left", fill="both", expand=True)
    for style in ("SideH2", "Side", "SideStrong", "SideMuted", "SideMeta", "SideWarn"):
        ttk.Label(left, text=f"{style}.TLabel", style=f"{style}.TLabel").pack(anchor="w")
    ttk.Entry(left, style="Side.TEntry").pack(fill="x", padx=px(12), pady=px(6))
    for style in ("Side.TButton", "Side.Quiet.TButton"):
        ttk.Button(left, text=style, style=style).pack(anchor="w", padx=px(12), pady=px(3))
    faces = ttk.Frame(left, style="Side.TFrame")
    faces.pack(anchor="w", padx=px(12), pady=px(8))
    for place, presence in enumerate(Presence):
        who = PeerId(bytes([place + 3]) * 32)
        picture = avatar(theme, who, f"Ada {presence.name}", 40, presence)
        ttk.Label(faces, image=picture, style="Side.TLabel").grid(
            row=0, column=place, padx=px(4)
        )
    grid = ttk.Frame(left, style="Side.TFrame")
    grid.pack(anchor="w", padx=px(12))
    for place, name in enumerate(icons.GLYPHS):
        row, column = divmod(place, 13)
        label = ttk.Label(grid, image=theme.icon(name, 18, on="side"), style="Side.TLabel")
        label.grid(row=row, column=column, padx=px(5), pady=px(5))
    for style in ("H1", "H2", "Strong", "Muted", "Meta", "Mono", "Ok", "Warn", "Bad", "Link"):
        ttk.Label(right, text=f"{style}.TLabel", style=f"{style}.TLabel").pack(
            anchor="w", padx=px(16), pady=px(1)
        )
    row = ttk.Frame(right)
    row.pack(anchor="w", padx=px(16), pady=px(6))
    for style in ("TButton", "Accent.TButton", "Danger.TButton", "Quiet.TButton"):
        ttk.Button(row, text=style.partition(".")[0], style=style).pack(side="left", padx=px(4))
    off = ttk.Button(row, text="Disabled", style="Accent.TButton")
    off.state(["disabled"])
    off.pack(side="left", padx=px(4))
    ttk.Button(row, image=theme.icon("gear", 18), style="Icon.TButton").pack(side="left")
    entry = ttk.Entry(right)
    entry.insert(0, "typed text")
    entry.pack(fill="x", padx=px(16), pady=px(6))
    entry.focus_force()
    ttk.Combobox(right, values=("System", "Light"), state="readonly").pack(
        anchor="w", padx=px(16), pady=px(6)
    )
    for kind in (ttk.Checkbutton, ttk.Radiobutton):
        for on in (True, False):
            mark = kind(right, text=f"{kind.__name__} {on}")
            mark.state(["!alternate", "selected" if on else "!selected"])
            mark.pack(anchor="w", padx=px(16))
    ttk.Progressbar(right, value=36).pack(fill="x", padx=px(16), pady=px(10))
    for kind_ in ("Plain", "Warn", "Bad"):
        bar = ttk.Frame(right, style=f"Bar.{kind_}.TFrame")
        bar.pack(fill="x", pady=px(1))
        ttk.Label(bar, text="Not verified. Anyone can use this name.",
                  style=f"Bar.{kind_}.TLabel").pack(side="left", padx=px(16), pady=px(9))  # fmt: skip
        ttk.Button(bar, text="Verify…", style="Bar.TButton").pack(side="right", padx=px(12))
    box = ttk.Frame(right, style="Field.TFrame")
    box.pack(fill="x", padx=px(16), pady=px(8))
    ttk.Label(box, text="Field.TFrame", style="Placeholder.TLabel").pack(anchor="w")
    return page


def _shot(root: tk.Tk, path: Path) -> None:
    root.update()
    root.after(300, root.quit)
    root.mainloop()
    subprocess.run(["import", "-window", "root", str(path)], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
