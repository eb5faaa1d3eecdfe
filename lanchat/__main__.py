"""The way in.  Words: the command line; none: the window.

`--version` alone must not wait for any import, nor the commands for the window's.
"""

import gc
import sys
from argparse import Namespace

from lanchat import __version__
from lanchat.errors import NoToolkit


def main() -> int:
    """Run lanchat with the arguments of this process; the exit status."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"lanchat {__version__}\n")
        return 0
    from lanchat.cli.main import main as command_line  # loaded when there is work to do

    return command_line(sys.argv[1:], window)


def window(arguments: Namespace) -> int:
    """Open the window; the exit status.

    Raises:
        NoToolkit: what it is made with is not installed.
        NoDisplay: there is no screen to show it on.
    """
    gc.disable()  # loading leaves no garbage, and looking for it takes long; app.py collects
    try:
        from lanchat.gui.app import main as gui
    except ModuleNotFoundError as error:
        missing = NoToolkit(error.name or "")
        known = {"tkinter": "python3-tk", "_tkinter": "python3-tk", "PIL": "python3-pil"}
        package = known.get((error.name or "").partition(".")[0])
        if package is None:
            raise
        missing.hint = f"on Debian and Ubuntu: apt-get install {package}"
        raise missing from error
    return gui(arguments)


if __name__ == "__main__":
    sys.exit(main())
