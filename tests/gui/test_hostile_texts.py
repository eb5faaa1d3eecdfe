"""Texts made to kill the window, shown as message, name, status and file name.

HOSTILE rows C10 (bidi, tags, selectors), C11 (NUL, ANSI, C1), C16 (links that pretend), C17
(markup and Tcl), D02 (a rename as an event) and F04 (file names as they are displayed), and
section G: no exception, and the window stays responsive.
"""

import subprocess
import sys

import pytest

from tests.kit.display import Display

pytestmark = pytest.mark.long


@pytest.mark.timeout(170)
@pytest.mark.parametrize("spelled", ["0", "1"], ids=["drawn", "spelled"])
def test_a_window_survives_everything_anybody_can_send(display: Display, spelled: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.gui.hostile_window", spelled],
        env=display.env(),
        capture_output=True,
        text=True,
        timeout=160,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "survived\n", "")
