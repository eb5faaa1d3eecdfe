"""Instance: one window for each profile.  Whoever starts another one is shown this one.

Found out before anything is drawn and before a passphrase is asked for.
"""

import asyncio
import logging
from contextlib import suppress

from lanchat.errors import AlreadyRunning, LanchatError
from lanchat.node import claims
from lanchat.node.claims import Claim

_log = logging.getLogger(__name__)


def take(profile: str, invite: str = "") -> Claim | None:
    """Become the window of a profile; None if that cannot be written down.

    Another window that is there shows the invite.

    Raises:
        AlreadyRunning: another window is, and came forward.
    """
    try:
        if asyncio.run(claims.show_holder(profile, invite)):
            raise _raised()
        for _turn in range(2):  # whoever had it may have gone meanwhile
            with suppress(AlreadyRunning):
                return claims.claim(profile)
            if asyncio.run(claims.show_claimer(profile, invite)):
                raise _raised()
    except AlreadyRunning:
        raise
    except LanchatError as error:
        _log.info("not claimed: %s", type(error).__name__)  # opening it will say why
    return None


def _raised() -> AlreadyRunning:
    error = AlreadyRunning(None)
    error.raised = True
    return error
