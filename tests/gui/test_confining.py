"""Workers that were taken over: real ones, which try to get out instead of decoding."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
#: A worker whose decoder is what it is asked to run, once all rights are given up.
TAKEN_OVER = {
    "thumbnailing": """
from lanchat.gui import thumbnailing as worker
decode = worker.shrink
worker.shrink = lambda file, box: decode(file, box) if box == (1, 1) else broken()
status = lambda: worker.main(["10", "10"])
""",
    "scanning": """
from lanchat.gui import scanning as worker
worker.read = lambda file: broken()
status = worker.main
""",
}
PROBES = """
import ctypes, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def broken():
    os.write(1, b"broken\\n")
    for number, call in enumerate(probes):
        ctypes.set_errno(0)
        try:
            done = call()
        except OSError:
            continue
        if done != -1:
            os.write(1, b"%d did %d\\n" % (number, done or 0))
    os.write(1, b"end\\n")
    raise ValueError
"""


def taken_over(worker: str, *probes: str) -> list[str]:
    """What a worker managed of the things it tried, each an expression of Python."""
    listed = f"probes = [{', '.join(f'lambda: {one}' for one in probes)}]"
    ended = subprocess.run(
        [
            sys.executable, "-P", "-c",
            f"{PROBES}\n{listed}\n{TAKEN_OVER[worker]}\nsys.exit(status())",
        ],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False, timeout=60, cwd="/",
        env={"PYTHONPATH": f"{CHECKOUT}:{':'.join(filter(None, sys.path))}"},
    )  # fmt: skip
    said = ended.stdout.decode().splitlines()
    assert said[:1] == ["broken"], said
    assert said[-1:] == ["end"], said
    assert ended.returncode == 1
    return [f"{probes[int(one.split()[0])]}: {one}" for one in said[1:-1]]


@pytest.mark.parametrize("worker", TAKEN_OVER)
def test_nothing_takes_the_place_of_what_a_worker_closes(worker: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    assert not taken_over(
        worker,
        f"os.close(2) or os.open({str(tmp_path / 'secret')!r}, os.O_RDONLY)",
        "socket.socket(socket.AF_UNIX).fileno()",
        "os.dup(1)",
        "libc.dup2(1, 2)",
        "os.pipe()[0]",
        "os.memfd_create('x')",
    )
