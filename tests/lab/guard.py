"""The guard process of a lab: `python -m tests.lab.guard NAME`.

It reads a pipe whose other end the lab's owner holds.  When the owner ends without a
word, even by SIGKILL, the guard takes the lab down.
"""

import signal
import sys

from tests.lab.namespaces import teardown


def main() -> None:
    for what in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(what, signal.SIG_IGN)
    if not sys.stdin.buffer.read():  # the end, and no "done" before it: the owner died
        teardown(sys.argv[1])


if __name__ == "__main__":
    main()
