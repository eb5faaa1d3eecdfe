"""The command line's way in: words become a command, its end an exit status."""

import asyncio
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Sequence
from types import FrameType
from typing import Final

from lanchat.cli import logs
from lanchat.cli.arguments import parse
from lanchat.cli.exits import Exit, exit_of
from lanchat.cli.output import Output, complain, leave_stdout, tell
from lanchat.errors import AlreadyRunning, LanchatError, NoDisplay, NoToolkit

Command = Callable[[Namespace, Output], Awaitable[Exit]]

Window = Callable[[Namespace], int]

_WITHOUT_WINDOW: Final = (
    "lanchat works without one by its commands, such as lanchat register NAME, lanchat"
    " listen or lanchat demo --headless; lanchat --help shows all of them"
)


def main(words: Sequence[str], window: Window) -> int:
    """Run one command, or `window` if there is none; the exit status."""
    _open_missing_streams()
    try:
        arguments = parse(words)
        logs.start(arguments.verbose, arguments.log_file)
        if arguments.command in (None, "gui"):
            return window(arguments)
        return _run(arguments.function, arguments, Output(as_json=arguments.json))
    except LanchatError as error:
        return _failed(error)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:  # nobody reads the --help
        leave_stdout()
        return Exit.DONE
    except Exception as error:
        return _unforeseen(error)


def _run(command: Command, arguments: Namespace, output: Output) -> int:
    """Run a command on a loop of its own; SIGTERM and SIGHUP end it as Ctrl-C does."""

    async def run() -> Exit:
        _end_on_signals()
        return await command(arguments, output)

    try:
        return asyncio.run(run())
    except asyncio.CancelledError:
        return Exit.INTERRUPTED
    except BaseExceptionGroup as group:
        known = group.subgroup(LanchatError)
        if known is None or group.split(LanchatError)[1] is not None:
            raise
        raise _first(known) from group


def _end_on_signals() -> None:
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()

    def end(_number: int, _frame: FrameType | None) -> None:
        if task is not None:
            loop.call_soon_threadsafe(task.cancel)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, end)


def _first(group: BaseExceptionGroup[LanchatError]) -> LanchatError:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


def _failed(error: LanchatError) -> int:
    import logging

    if isinstance(error, NoDisplay | NoToolkit) and not error.hint:
        error.hint = _WITHOUT_WINDOW
    if isinstance(error, AlreadyRunning) and error.pid and not error.hint:
        error.hint = f"it is process {error.pid}; end it, or use another --profile"
    logging.getLogger(__name__).debug("failed: %s: %s", type(error).__name__, error)
    complain(error)
    return exit_of(error)


def _unforeseen(error: Exception) -> int:
    """Last resort: a bug of ours shows as one sentence; the log has the rest at -vv."""
    import logging

    logging.getLogger(__name__).debug("unforeseen", exc_info=error)
    tell(f"something went wrong that should not be possible ({type(error).__name__})")
    tell("hint: run it again with -vv --log-file FILE, and report what FILE says")
    return Exit.FAILED


def _open_missing_streams() -> None:
    """Give a process that was started without stdout or stderr a place to write to."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, os.fdopen(descriptor, "w", encoding="utf-8"))
