"""The way in.  Words: the command line.  `--version` alone must not wait for any import."""

import sys

from lanchat import __version__


def main() -> int:
    """Run lanchat with the arguments of this process; the exit status."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"lanchat {__version__}\n")
        return 0
    from lanchat.cli.main import main as command_line  # loaded when there is work to do

    return command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
