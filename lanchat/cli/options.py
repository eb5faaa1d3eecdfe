"""Options: what may be typed behind the larger commands, and what several share."""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from lanchat.cli import values

PEER_WAIT: Final = 5.0  # seconds a command looks for the peer it needs (COMMANDS.md)
CLASH: Final = ("rename", "skip", "overwrite")
PEER_HELP: Final = "a peer id or its beginning, a name, an invite, or HOST:PORT"


def listen(parser: ArgumentParser) -> None:
    """Those of `listen`."""
    parser.add_argument(
        "--accept",
        choices=("all", "trusted", "verified", "none"),
        default="none",
        help="whose files to take without asking (none)",
    )
    parser.add_argument(
        "--accept-limit",
        metavar="BYTES",
        type=values.size,
        help="take this much instead of 2 GiB an offer and 10 GiB a day (such as 20G)",
    )
    parser.add_argument(
        "--keep",
        metavar="DAYS",
        type=values.days,
        help="keep messages for so long, `forever` or `until-closed`; the profile remembers it",
    )
    parser.add_argument(
        "--downloads", metavar="DIR", type=Path, help="where files go (the Downloads folder)"
    )
    add_limit_rate(parser, "pass on no more than this a second, each way, all together")
    parser.add_argument(
        "--read-receipts", action="store_true", help="tell others that a message was read"
    )
    parser.add_argument(
        "--clash",
        choices=CLASH,
        help="what to do with files that come again; a friend may ask to skip if not given",
    )
    parser.add_argument(
        "--keep-executable",
        action="store_true",
        help="what was a program at the sender may be run here, too",
    )


def send(parser: ArgumentParser) -> None:
    """Those of `send`."""
    parser.add_argument("peer", metavar="PEER", help=PEER_HELP)
    parser.add_argument("paths", metavar="PATH", nargs="+", help="files and folders")
    parser.add_argument(
        "--to",
        metavar="PEER",
        action="append",
        default=[],
        type=values.not_empty,
        help="somebody else who gets them, too; may be repeated",
    )
    add_wait(parser, PEER_WAIT, "how long to look for the peer, and to try again")
    parser.add_argument(
        "--queue", action="store_true", help="leave it in the outbox if the peer is away"
    )
    add_limit_rate(parser, "send no more than this a second, to all of them together")
    parser.add_argument(
        "--skip-identical",
        action="store_true",
        help="send only what the peer does not have already from before",
    )


def transfers(parser: ArgumentParser) -> None:
    """Those of `transfers`."""
    parser.add_argument(
        "transfer", metavar="TRANSFER", nargs="?", help="an id of the list, or its beginning"
    )
    parser.add_argument(
        "--limit", metavar="N", type=values.count, help="the last N that are over"
    )
    parser.add_argument(
        "--folder", metavar="DIR", type=Path, help="with --accept: where it goes"
    )
    parser.add_argument(
        "--clash", choices=CLASH, help="with --accept: what to do if it came before"
    )
    _one_of(
        parser,
        {
            "accept": "take what is offered",
            "decline": "do not take it",
            "pause": "stop it and keep what is there",
            "resume": "go on where it stopped",
            "cancel": "end it on both sides",
            "retry": "once more what failed, was cancelled or declined",
            "make-executable": "let yourself run what were programs at the sender",
        },
    )


def add_invite(parser: ArgumentParser) -> None:
    """An invite that the window is to show."""
    parser.add_argument(
        "invite", metavar="INVITE", nargs="?", default="", help="show it, to add somebody by it"
    )


def add_limit_rate(parser: ArgumentParser, meaning: str) -> None:
    """How many bytes a second at the most."""
    parser.add_argument(
        "--limit-rate", metavar="BYTES", type=values.rate, help=f"{meaning} (such as 10M)"
    )


def add_wait(parser: ArgumentParser, default: float | None, meaning: str) -> None:
    """How long to look for somebody."""
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=values.seconds,
        default=default,
        help=meaning if default is None else f"{meaning} ({default:g})",
    )


def doctor(parser: ArgumentParser) -> None:
    """The options of `doctor`."""
    parser.add_argument(
        "--peer",
        metavar="HOST[:PORT]",
        default="",
        help="where somebody is who is not seen: as it stands in their window, or an invite",
    )
    parser.add_argument(
        "--names", action="store_true", help="call people by their names, not their addresses"
    )


def peers(parser: ArgumentParser) -> None:
    """The options of `peers`."""
    add_wait(parser, None, "how long to look around")
    parser.add_argument("--watch", action="store_true", help="go on: who comes and who goes")
    parser.add_argument(
        "--scan",
        action="store_true",
        help="first ask each address of our networks, 1024 at most, where multicast is dead",
    )


def whoami(parser: ArgumentParser) -> None:
    """The options of `whoami`."""
    parser.add_argument("--qr", action="store_true", help="also as a QR code to be scanned")
    parser.add_argument("--rename", metavar="NAME", help="be called NAME from now on")
    parser.add_argument(
        "--be",
        choices=("available", "away", "busy", "invisible"),
        help="what people I know see of me; invisible: nobody sees me",
    )
    parser.add_argument(
        "--status", metavar="TEXT", help="the line beside my name; an empty one takes it away"
    )


def verify(parser: ArgumentParser) -> None:
    """The options of `verify`."""
    parser.add_argument("peer", metavar="PEER", help=PEER_HELP)
    add_wait(parser, PEER_WAIT, "how long to look for the peer")
    parser.add_argument(
        "--fingerprint",
        metavar="TEXT",
        nargs="+",
        help="the 16 words, the 32 digits or the invite that they gave you",
    )


def trust(parser: ArgumentParser) -> None:
    """The options of `trust`."""
    parser.add_argument("peer", metavar="PEER", help=PEER_HELP)
    add_wait(parser, 0.0, "how long to look for a peer that is not a contact yet")
    _one_of(
        parser,
        {
            "verified": "I compared the fingerprint with this person",
            "known": "this is a contact of mine; takes `verified` back",
            "block": "nothing of this peer reaches me any more",
            "unblock": "takes that back",
            "forget": "remove the contact and what I hold of it",
        },
    )


def history(parser: ArgumentParser) -> None:
    """The options of `history`."""
    parser.add_argument("peer", metavar="PEER", help=PEER_HELP)
    parser.add_argument(
        "--search", metavar="TEXT", type=values.not_empty, help="only what holds this"
    )
    parser.add_argument(
        "--limit", metavar="N", type=values.count, help="only the last N messages"
    )
    parser.add_argument("--export", metavar="FILE", type=Path, help="write them to a new file")


def _one_of(parser: ArgumentParser, actions: Mapping[str, str]) -> None:
    """Options of which one may be given, each an action with what it means."""
    choice = parser.add_mutually_exclusive_group()
    for action, meaning in actions.items():
        choice.add_argument(
            f"--{action}", dest="action", action="store_const", const=action, help=meaning
        )
