"""`python -m tests.faults`: seeded runs of files on their way, each with one fault.

python -m tests.faults                            200 runs, about an hour
python -m tests.faults --only cable --runs 20     of one kind
python -m tests.faults --seed 17 --runs 1         one run again
python -m tests.faults --cuts 100                 1 GiB, both killed, then 100 cuts: 20 minutes

Needs root, as it makes network namespaces and mounts a disk of its own.
"""

import argparse
import ctypes
import os
import subprocess
import sys
import time
from collections import Counter
from typing import Final

from tests.faults import cuts
from tests.faults.goods import MIB
from tests.faults.kinds import KINDS
from tests.faults.run import run
from tests.lab.namespaces import available

CLONE_NEWNS: Final = 0x0002_0000  # <sched.h>


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="of the first run; counts up")
    parser.add_argument("--only", choices=sorted(KINDS), default="", metavar="KIND")
    parser.add_argument(
        "--again", action="store_true", help="a fault while something is sent a second time"
    )
    parser.add_argument("--cuts", type=int, default=0, metavar="N")
    parser.add_argument("--mebibytes", type=int, default=1024, help="of the file that is cut")
    arguments = parser.parse_args()
    possible, why = available()
    if not possible:
        print(f"no run: {why}", file=sys.stderr)
        return 2
    own_mounts()
    if arguments.cuts:
        return cutting(arguments.cuts, arguments.mebibytes * MIB, arguments.seed)
    return many(arguments)


def many(arguments: argparse.Namespace) -> int:
    """All runs, a line each; 1 if any failed."""
    began = time.monotonic()
    failed: Counter[str] = Counter()
    first, runs = arguments.seed, arguments.runs
    given = f" --only {arguments.only}" * bool(arguments.only) + " --again" * arguments.again
    for seed in range(first, first + runs):
        outcome = run(seed, arguments.only, again=arguments.again)
        print(outcome, flush=True)
        if outcome.wrong:
            failed[outcome.kind] += 1
            print(
                f"    repeat: python -m tests.faults --seed {seed} --runs 1{given}", flush=True
            )
            print(outcome.logs, flush=True)
    taken = time.monotonic() - began
    print(f"{runs} runs in {taken:.0f} s, {failed.total()} failed {dict(failed) or ''}")
    return 1 if failed else 0


def cutting(cut: int, size: int, seed: int) -> int:
    """One large file; 1 if anything was wrong."""
    failed = 0
    for measured in cuts.measured(cut, size, seed):
        print(f"{measured.said}: {'; '.join(measured.wrong) or 'ok'}", flush=True)
        failed |= bool(measured.wrong)
    return failed


def own_mounts() -> None:
    """What is mounted from now on is seen by us alone, and gone when we are."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["mount", "--make-rslave", "/"], check=True)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


if __name__ == "__main__":
    sys.exit(main())
