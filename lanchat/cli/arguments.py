"""Arguments: what may be typed after `lanchat`.  docs/COMMANDS.md is the contract.

The global options stand before or after the command's name.  argparse reads the two
places into one namespace, so those before the name get names of their own here and
`parse` joins them.
"""

import os
import re
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace
from argparse import RawDescriptionHelpFormatter as AsWritten
from collections.abc import Callable, Sequence
from inspect import getdoc
from typing import Final, NoReturn, TypeVar

from lanchat import __version__
from lanchat.cli import (
    commands,
    demo,
    doctor,
    listen,
    options,
    sending,
    transfers,
    values,
    verify,
)
from lanchat.cli.exits import Exit
from lanchat.cli.options import PEER_HELP, PEER_WAIT, add_wait

_T = TypeVar("_T")
_BEFORE: Final = "before_"  # stands in front of what came before the command's name


class _Parser(ArgumentParser):
    """argparse in lanchat's voice."""

    def error(self, message: str) -> NoReturn:
        self.exit(
            Exit.USAGE,
            f"lanchat: {message}\nlanchat: hint: {self.prog} --help shows what fits\n",
        )


def parse(words: Sequence[str]) -> Namespace:
    """Read the command line; ends the process for --help, --version and wrong usage.

    Options that were not given are taken from the environment, then from the defaults.
    """
    parser = _parser()
    arguments = parser.parse_args(words)
    found = vars(arguments)
    before = {name: found.pop(_BEFORE + name) for name in _GLOBALS}
    for name, default in _GLOBALS.items():
        first, second = before[name], found.get(name, default)
        if name in ("interface", "network", "verbose"):  # these add up
            found[name] = first + second
        else:
            found[name] = second if second != default else first
    try:
        _from_environment(arguments)
    except ArgumentTypeError as error:
        parser.error(str(error))
    return arguments


_GLOBALS: Final[dict[str, str | int | bool | list[str] | None]] = {
    "profile": None,
    "passphrase_file": None,
    "interface": [],
    "port": None,
    "network": [],
    "dns": None,
    "dns_key": None,
    "dns_every": None,
    "json": False,
    "verbose": 0,
    "log_file": None,
}


#: What the environment can say of each option, and how that is read.
_ALONE: Final[dict[str, Callable[[str], object]]] = {
    "profile": str,
    "passphrase_file": str,
    "port": values.port,
    "dns": str,
    "dns_key": str,
    "dns_every": values.every,
}
_SEVERAL: Final[dict[str, Callable[[str], object]]] = {
    "network": values.network,
    "interface": str,
}


def _from_environment(arguments: Namespace) -> None:
    given = vars(arguments)
    for name, read in _ALONE.items():
        variable = f"LANCHAT_{name.upper()}"
        if given[name] is None and (text := os.environ.get(variable)):
            given[name] = _named(variable, read, text)
    for name, read in _SEVERAL.items():
        variable = f"LANCHAT_{name.upper()}"
        texts = re.split(r"[,\s]+", os.environ.get(variable, ""))
        if not given[name]:
            given[name] = [_named(variable, read, one) for one in texts if one]
    given["profile"] = given["profile"] or "default"


def _named(variable: str, read: Callable[[str], _T], text: str) -> _T:
    """What a variable of the environment says; what is wrong with it names it."""
    try:
        return read(text)
    except ArgumentTypeError as error:
        raise ArgumentTypeError(f"{variable}: {error}") from error


def _parser() -> ArgumentParser:
    parser = _Parser(
        prog="lanchat",
        description="Encrypted chat and file transfer between the computers of one network.",
        epilog="lanchat alone opens the window.  `lanchat COMMAND --help` says more.",
        formatter_class=AsWritten,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"lanchat {__version__}")
    _add_globals(parser, before=True)
    names = parser.add_subparsers(
        title="commands", metavar="COMMAND", dest="command", parser_class=_Parser
    )
    for name, (function, add_options) in COMMANDS.items():
        description = getdoc(function) or ""
        command = names.add_parser(
            name,
            help=_first_sentence(description),
            description=description,
            formatter_class=AsWritten,
            allow_abbrev=False,
        )
        command.set_defaults(function=function)
        add_options(command)
        _add_globals(command, before=False)
    return parser


def _first_sentence(description: str) -> str:
    line = description.partition("\n")[0].rstrip(".")
    return (line[:1].lower() + line[1:]).replace("%", "%%")


def _add_globals(parser: ArgumentParser, *, before: bool) -> None:
    group = parser.add_argument_group("options of every command")

    def add(*flags: str, dest: str, **options: object) -> None:
        default = _GLOBALS[dest] if before else SUPPRESS
        dest = _BEFORE + dest if before else dest
        group.add_argument(*flags, dest=dest, default=default, **options)  # type: ignore[arg-type]  # argparse types each keyword apart

    add(
        "--profile",
        dest="profile",
        metavar="NAME_OR_DIR",
        type=values.not_empty,
        help="which profile (LANCHAT_PROFILE; `default` if not given)",
    )
    add(
        "--passphrase-file",
        dest="passphrase_file",
        metavar="FILE",
        type=values.not_empty,
        help="read the passphrase from its first line (LANCHAT_PASSPHRASE_FILE)",
    )
    add(
        "--interface",
        dest="interface",
        metavar="NAME_OR_ADDRESS",
        action="append",
        type=values.not_empty,
        help="use this network interface only; may be repeated (LANCHAT_INTERFACE)",
    )
    add(
        "--port",
        dest="port",
        metavar="N",
        type=values.port,
        help="listen here; any free port if not given (LANCHAT_PORT)",
    )
    add(
        "--network",
        dest="network",
        metavar="PREFIX",
        action="append",
        type=values.network,
        help="people may be dialled there, too, whoever named the address; may be repeated"
        " (LANCHAT_NETWORK)",
    )
    add(
        "--dns",
        dest="dns",
        metavar="DOMAIN[@SERVER]",
        type=values.not_empty,
        help="find people of other networks in this DNS domain; `auto` for the network's own"
        " (LANCHAT_DNS)",
    )
    add(
        "--dns-key",
        dest="dns_key",
        metavar="FILE",
        type=values.not_empty,
        help="be found there, by the key in this file (LANCHAT_DNS_KEY)",
    )
    add(
        "--dns-every",
        dest="dns_every",
        metavar="SECONDS",
        type=values.every,
        help="look into it so often; 15 if not given (LANCHAT_DNS_EVERY)",
    )
    add("--json", dest="json", action="store_true", help="one JSON object a line on stdout")
    add("-v", dest="verbose", action="count", help="say more on stderr; -vv for all of it")
    add(
        "--log-file",
        dest="log_file",
        metavar="FILE",
        help="write the diagnostics there instead",
    )


def _no_options(parser: ArgumentParser) -> None:
    del parser


def _register(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what others see; it can be changed later")


def _passwd(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--new-passphrase-file",
        metavar="FILE",
        type=values.not_empty,
        help="read the new passphrase from its first line",
    )


def _say(parser: ArgumentParser) -> None:
    parser.add_argument("peer", metavar="PEER", help=PEER_HELP)
    parser.add_argument("text", metavar="TEXT", nargs="+", help="the message; - reads stdin")
    add_wait(parser, PEER_WAIT, "how long to look for the peer")
    parser.add_argument(
        "--queue", action="store_true", help="leave it in the outbox if the peer is away"
    )


def _demo(parser: ArgumentParser) -> None:
    parser.add_argument("--headless", action="store_true", help="open no window")


def _gui(parser: ArgumentParser) -> None:
    options.add_invite(parser)
    choice = parser.add_mutually_exclusive_group()
    for action, meaning in {
        "install": "put this lanchat into the menu of programs",
        "remove": "take it out of that menu",
    }.items():
        choice.add_argument(
            f"--{action}-launcher",
            dest="launcher",
            action="store_const",
            const=action,
            help=meaning,
        )


def gui() -> None:
    """Open the window, as lanchat alone does.

    Who is near is at the left; choose somebody, write, and drag files into the conversation.
    A second start shows the window that is open already.  With an invite the window shows whom
    it names; a press of a button there dials.  With one of its options it opens none, but
    puts this lanchat into the desktop's menu of programs, or takes it out.

    Example: lanchat gui --profile work
    """
    raise AssertionError("the way in opens the window")


_Function = Callable[..., object]

#: Every command there is: the function (its docstring is the help) and its options.
COMMANDS: Final[dict[str, tuple[_Function, Callable[[ArgumentParser], None]]]] = {
    "register": (commands.register, _register),
    "whoami": (commands.whoami, options.whoami),
    "invite": (commands.invite, _no_options),
    "passwd": (commands.passwd, _passwd),
    "peers": (commands.peers, options.peers),
    "listen": (listen.listen, options.listen),
    "say": (commands.say, _say),
    "send": (sending.send, options.send),
    "transfers": (transfers.transfers, options.transfers),
    "verify": (verify.verify, options.verify),
    "trust": (commands.trust, options.trust),
    "history": (commands.history, options.history),
    "doctor": (doctor.doctor, options.doctor),
    "demo": (demo.demo, _demo),
    "gui": (gui, _gui),
}
