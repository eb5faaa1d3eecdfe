"""The program, which also tells when it begins to look for others.

`ready` comes when all is open; what is measured begins before that, with the first socket.
The interpreter's own start is not in it.
"""

import json
import os
import sys
from datetime import UTC, datetime
from typing import Any

from lanchat.__main__ import main
from lanchat.node.doors import Doors

_open = Doors.open


async def _told(doors: Doors, *given: Any, **named: Any) -> None:
    row = {"event": "opening", "at": datetime.now(UTC).isoformat()}
    os.write(1, json.dumps(row).encode() + b"\n")
    await _open(doors, *given, **named)


if __name__ == "__main__":
    Doors.open = _told  # type: ignore[assignment,method-assign]  # what it does is as before
    sys.exit(main())
