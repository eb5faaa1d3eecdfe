"""Another program's window:  python otherwindow.py TITLE GEOMETRY."""

import sys
import tkinter as tk


def main() -> None:
    root = tk.Tk(className="Other")
    root.title(sys.argv[1])
    root.geometry(sys.argv[2])
    root.configure(background="#404040")
    root.mainloop()


if __name__ == "__main__":
    main()
