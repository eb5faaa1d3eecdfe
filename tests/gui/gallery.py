"""Every style and icon, light and dark, at several sizes: `python -m tests.gui.gallery FOLDER`.

Not a test: pictures to look at after a change of the theme.  It has displays of its own.
"""

import subprocess
import sys
import tempfile
import tkinter as tk
from pathlib import Path
from tkinter import ttk

from lanchat.gui import icons
from lanchat.gui.app_icon import app_icons
from lanchat.gui.avatars import avatar
from lanchat.gui.dialog import Dialog
from lanchat.gui.theme import Mode, Theme
from lanchat.gui.toast import Toasts
from lanchat.gui.tone import Tone
from lanchat.gui.tooltip import Tip
from lanchat.identity.keys import PeerId
from lanchat.node.events import Presence
from tests.kit.display import Display
from tests.kit.tkwait import settled, until

SIZE = (1000, 860)  # px at 100 %
SHOWN = ((96, 1.0), (192, 1.0), (96, 0.8), (96, 2.0))  # dots an inch, zoom


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for dots, zoom in SHOWN:  # Tk cannot leave a display: a process for each
        words = (sys.executable, "-m", "tests.gui.gallery", str(folder), str(dots), str(zoom))
        subprocess.run(words, check=True)


def shoot(folder: Path, dots: int, zoom: float) -> None:
    wide, high = (round(length * dots / 96 * zoom) for length in SIZE)
    with (
        tempfile.TemporaryDirectory() as place,
        Display(Path(place), f"{wide}x{high}", dots) as display,
    ):
        root = tk.Tk(screenName=display.name, className="Gallery")
        root.attributes("-fullscreen", True)
        root.geometry(f"{wide}x{high}+0+0")
        for mode in Mode:
            _shoot(display, root, Theme(root, mode, zoom), f"{folder}/{mode}-{dots}-{zoom}")
        root.destroy()


def _shoot(display: Display, root: tk.Tk, theme: Theme, name: str) -> None:
    page = ttk.Frame(root)
    page.pack(fill="both", expand=True)
    page.columnconfigure((0, 1), weight=1)
    page.rowconfigure(0, weight=1)
    for column, part in enumerate((_side(page, theme), _main(page, theme))):
        part.grid(row=0, column=column, sticky="nsew")
    toasts = Toasts(root, theme)
    toasts.show("Something happened, and this says what.", Tone.GOOD)
    toasts.show("Something else went wrong; this is what can be done about it.", Tone.BAD)
    settled(root)
    display.picture(Path(f"{name}-all.png"))
    toasts.clear()
    menu = tk.Menu(root, tearoff=False)
    menu.add_command(label="Copy", accelerator="Ctrl+C")
    menu.add_command(label="Reply", state="disabled")
    menu.add_separator()
    menu.add_checkbutton(label="Muted", variable=tk.BooleanVar(root, True, "muted"))
    menu.post(theme.px(560), theme.px(60))
    tip = Tip(page.winfo_children()[0].winfo_children()[7], "Send files (Ctrl+O)")
    tip._show()
    settled(root)
    display.picture(Path(f"{name}-menu.png"))
    tip._hide(None)
    menu.destroy()
    dialog = Dialog(root, theme, "Send to Ada Lovelace?", name="dialog")
    dialog.message("You have not compared words with this person. Anyone can use a name.")
    ttk.Entry(dialog.body, name="entry").pack(fill="x")
    dialog.buttons(("Cancel", None, "cancel"), ("Send", None, "send"))
    until(root, dialog.winfo_viewable, "the dialog")
    settled(root)
    display.picture(Path(f"{name}-dialog.png"))
    dialog.destroy()
    page.destroy()


def _side(page: ttk.Frame, theme: Theme) -> ttk.Frame:
    px = theme.px
    side = ttk.Frame(page, style="Side.TFrame", padding=px(12))
    for style in ("SideH2", "Side", "SideStrong", "SideMuted", "SideMeta", "SideWarn"):
        ttk.Label(side, text=f"{style}.TLabel", style=f"{style}.TLabel").pack(anchor="w")
    ttk.Entry(side, style="Side.TEntry").pack(fill="x", pady=px(6))
    for style in ("Side.TButton", "Side.Quiet.TButton"):
        ttk.Button(side, text=style, style=style).pack(anchor="w", pady=px(3))
    faces = ttk.Frame(side, style="Side.TFrame")
    faces.pack(anchor="w", pady=px(8))
    pictures = [
        avatar(theme, PeerId(bytes([place + 3]) * 32), f"Ada {presence}", 40, presence)
        for place, presence in enumerate(Presence)
    ]
    for picture in (*pictures, *app_icons(theme, unread=True)[:3]):
        ttk.Label(faces, image=picture, style="Side.TLabel").pack(side="left", padx=px(4))
    grid = ttk.Frame(side, style="Side.TFrame")
    grid.pack(anchor="w")
    for place, name in enumerate(icons.GLYPHS):
        label = ttk.Label(grid, image=theme.icon(name, 18, on="side"), style="Side.TLabel")
        label.grid(row=place // 13, column=place % 13, padx=px(5), pady=px(5))
    return side


def _main(page: ttk.Frame, theme: Theme) -> ttk.Frame:
    px = theme.px
    main = ttk.Frame(page, padding=px(12))
    for style in ("H1", "H2", "Strong", "Muted", "Meta", "Mono", "Ok", "Warn", "Bad", "Link"):
        ttk.Label(main, text=f"{style}.TLabel", style=f"{style}.TLabel").pack(anchor="w")
    row = ttk.Frame(main)
    row.pack(anchor="w", pady=px(6))
    for style in ("TButton", "Accent.TButton", "Danger.TButton", "Quiet.TButton"):
        button = ttk.Button(row, text=style.partition(".")[0], style=style)
        button.pack(side="left", padx=(0, px(6)))
    off = ttk.Button(row, text="Disabled", style="Accent.TButton")
    off.state(["disabled"])
    off.pack(side="left", padx=(0, px(6)))
    ttk.Button(row, image=theme.icon("gear", 18), style="Icon.TButton").pack(side="left")
    entry = ttk.Entry(main)
    entry.insert(0, "typed text")
    entry.pack(fill="x", pady=px(6))
    entry.focus_force()
    chosen = ttk.Combobox(main, values=("System", "Light"), state="readonly")
    chosen.set("System")
    chosen.pack(anchor="w", pady=px(6))
    for kind in (ttk.Checkbutton, ttk.Radiobutton):
        for on in (True, False):
            mark = kind(main, text=f"{kind.__name__} {on}")
            mark.state(["!alternate", "selected" if on else "!selected"])
            mark.pack(anchor="w")
    ttk.Progressbar(main, value=36).pack(fill="x", pady=px(10))
    _boxes(main, theme)
    return main


def _boxes(main: ttk.Frame, theme: Theme) -> None:
    px = theme.px
    for kind in ("Plain", "Warn", "Bad"):
        bar = ttk.Frame(main, style=f"Bar.{kind}.TFrame")
        bar.pack(fill="x", pady=px(1))
        says = ttk.Label(bar, text="Anyone can use this name.", style=f"Bar.{kind}.TLabel")
        says.pack(side="left", padx=px(12), pady=px(9))
        ttk.Button(bar, text="Verify…", style=f"Bar.{kind}.TButton").pack(
            side="right", padx=px(12)
        )
    row = ttk.Frame(main)
    row.pack(anchor="w", pady=px(8))
    for word in ("acme", "adroitness"):
        card = ttk.Frame(row, style="Word.TFrame", padding=(px(14), px(8)))
        card.pack(side="left", padx=(0, px(8)))
        ttk.Label(card, text=word, style="Words.TLabel").pack()
    card = ttk.Frame(main, style="Card.TFrame", padding=(px(14), px(10)))
    card.pack(fill="x")
    ttk.Label(card, text="A card ", style="Card.TLabel").pack(side="left")
    ttk.Label(card, text="and what it adds", style="Card.Muted.TLabel").pack(side="left")
    box = ttk.Frame(main, style="Field.TFrame", padding=(px(10), px(7)))
    box.pack(fill="x", pady=px(8))
    ttk.Label(box, text="Field.TFrame", style="Placeholder.TLabel").pack(anchor="w")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        main(Path(sys.argv[1]))
    else:
        shoot(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
