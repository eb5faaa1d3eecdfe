"""A node that dies takes `listen` with it: exit 1 and a sentence, never a half-dead peer."""

import subprocess
import sys

import pytest

from tests.cli.conftest import PersonOf
from tests.integration.cli_driver import PATIENCE

pytestmark = pytest.mark.timeout(60)

BROKEN = """
import asyncio, sys
from lanchat import errors
from lanchat.node.upkeep import Upkeep

async def dies(self):
    await asyncio.sleep(0.2)
    raise {error}

Upkeep.run = dies

from lanchat.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("ZeroDivisionError", "something went wrong that should not be possible"),
        ('errors.StoreError("x")', "cannot be used"),
    ],
)
def test_listen_ends_with_one_and_says_why(
    person_of: PersonOf, error: str, sentence: str
) -> None:
    ann = person_of("Ann")
    done = subprocess.run(
        [sys.executable, "-c", BROKEN.format(error=error), "listen", "--json"],
        env=ann.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert '"ready"' in done.stdout
