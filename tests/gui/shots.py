"""The pictures of the README, taken of the real program: `make shots`.

People of their own on the loopback interface, each a real node; a window in the middle.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from tests.kit.display import Display, end, wait_for
from tests.kit.program import CHECKOUT, Program

PHRASE: Final = "granite otter paddles home"
OTHERS: Final = ("Grace Hopper", "Linus B.", "Margaret H.")
SIZE: Final = (1000, 700)


class Cast:
    """The people, each with a home of its own."""

    def __init__(self, display: Display, folder: Path) -> None:
        self.display = display
        self.folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def home(self, name: str) -> Path:
        return self.folder / name.split()[0].lower()

    def env(self, name: str) -> dict[str, str]:
        home = self.home(name)
        return self.display.env(
            HOME=str(home), XDG_DATA_HOME=str(home / "data"),
            XDG_CONFIG_HOME=str(home / "config"), PYTHONPATH=str(CHECKOUT),
            LANCHAT_INTERFACE="lo", LANCHAT_PASSPHRASE_FILE=str(home / "passphrase"),
        )  # fmt: skip

    def run(self, name: str, *words: str) -> list[dict[str, object]]:
        done = subprocess.run(
            [sys.executable, "-m", "lanchat", "--json", *words],
            env=self.env(name), capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        return [json.loads(line) for line in done.stdout.splitlines()]

    def join(self, name: str) -> str:
        """Register somebody; the peer id."""
        home = self.home(name)
        home.mkdir(parents=True)
        (home / "passphrase").write_text(PHRASE + "\n")
        return str(self.run(name, "register", name)[0]["peer_id"])

    def listen(self, name: str) -> None:
        downloads = self.home(name) / "Downloads"
        downloads.mkdir(exist_ok=True)
        self._running[name] = self.display.start(
            [sys.executable, "-m", "lanchat", "listen", "--accept", "trusted",
             "--downloads", str(downloads)],
            env=self.env(name), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def leave(self, name: str) -> None:
        end(self._running.pop(name))


@contextmanager
def staged(folder: Path, *, dpi: int = 96) -> Iterator[tuple[Display, Cast]]:
    with ExitStack() as stack:
        size = "1500x1100" if dpi == 96 else "2300x1600"
        display = stack.enter_context(Display(folder, size, dpi))
        yield display, Cast(display, folder)


def choose(cast: Cast, name: str, **chosen: object) -> None:
    place = cast.home(name) / "config" / "lanchat" / "window.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(chosen))


def talk(cast: Cast, ada: Program, ids: dict[str, str], me: str) -> None:
    """Some words, a file and a request, so that there is something to see."""
    for name in OTHERS:
        ada.wait_drawn(name, 20)
    for name in ("Grace Hopper", "Margaret H."):
        cast.run("Ada Lovelace", "trust", ids[name], "--verified")
        cast.run(name, "trust", me, "--verified")
    cast.run("Margaret H.", "say", me, "See you on Monday!")
    cast.run("Linus B.", "say", me, "Hello, is this the right Ada?")
    for mine, text in (
        (False, "Morning! Did the build finish on the lab machine?"),
        (True, "Yes, all green. I'll drop the report here in a second 👍"),
    ):
        if mine:
            cast.run("Ada Lovelace", "say", ids["Grace Hopper"], text)
        else:
            cast.run("Grace Hopper", "say", me, text)
    report = cast.folder / "Q3 report — final.pdf"
    report.write_bytes(os.urandom(4_200_000))
    cast.run("Ada Lovelace", "send", ids["Grace Hopper"], str(report))
    cast.run(
        "Grace Hopper",
        "say",
        me,
        "Got it, thanks. The minutes are on https://wiki.lan/1138",
    )
    cast.run(
        "Ada Lovelace", "say", ids["Grace Hopper"], "No hurry. Shall we have lunch at one?"
    )
    cast.leave("Margaret H.")


def take(target: Path, appearance: str, *, dpi: int = 96, extra: str = "") -> None:
    """One round of pictures in one appearance."""
    folder = Path(tempfile.mkdtemp(prefix="lanchat-shots-"))
    try:
        with staged(folder, dpi=dpi) as (display, cast):
            me = cast.join("Ada Lovelace")
            ids = {name: cast.join(name) for name in OTHERS}
            for name in OTHERS:
                cast.listen(name)
            choose(cast, "Ada Lovelace", appearance=appearance, lock_after=0)
            ada = Program(display, cast.home("Ada Lovelace"), "--interface", "lo")
            ada.widget("passphrase", 20)
            ada.display.place(ada.window, 40, 40)
            ada.picture(target / f"login-{appearance}{extra}.png")
            ada.write("passphrase", PHRASE)
            ada.display.key("Return")
            ada.widget("roster", 30)
            talk(cast, ada, ids, me)
            ada.click_drawn("Grace Hopper")
            ada.wait_drawn("lunch at one", 20)
            display.xdo("mousemove", 5, 5)
            wait_for(
                lambda: not any("toast" in one["name"] for one in ada.widgets()), "no toast", 30
            )
            ada.picture(target / f"window-{appearance}{extra}.png")
            errors = ada.errors()
            ada.close()
            if errors:
                raise RuntimeError("\n".join(errors))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for appearance in ("light", "dark"):
        take(target, appearance)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
