"""The way in.  Words: the command line; none: the window.

`--version` alone must not wait for any import, nor the commands for the window's.
"""

import gc
import sys
from argparse import Namespace

from lanchat import __version__
from lanchat.errors import LauncherError, NoToolkit


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
        LauncherError: it was to change the menu of programs only, and that was not possible.
    """
    if action := getattr(arguments, "launcher", None):
        return launcher(action, as_json=arguments.json)
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


def launcher(action: str, *, as_json: bool) -> int:
    """Put lanchat into the menu of programs, or take it out; needs no screen.

    Raises:
        LauncherError: this system has none, or it could not be written.
    """
    from lanchat.cli.output import Output
    from lanchat.gui.launcher import add, possible, remove

    if not possible():
        error = LauncherError("no desktop entries on this system")
        error.hint = "only Linux and the BSDs have a menu that lanchat can write into"
        raise error
    path = str(add() if action == "install" else remove())
    output = Output(as_json=as_json)
    output.row({"path": path})
    output.line(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
