"""A walk through the settings by keys alone: each page, and everything on it."""

import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tests.discovery.bind import write_key
from tests.kit.hands import Control, Hands, picks

PHRASE: Final = "granite otter paddles home"  # of the profile before
OTHER: Final = "violet heron counts stones"  # and after it was changed here
NAME: Final = "Ada King"
LEFT: Final = (
    "close",
    "lock_now",
    "add_by_address",
    "why_unseen",
)  # buttons that close the settings


class Settings:
    """Opens the settings and goes through them; `folder` is where files may go."""

    def __init__(self, hands: Hands, folder: Path) -> None:
        self._hands: Final = hands
        self._port: Final = _free_port()
        self._opens: Final[Mapping[str, Callable[[], None]]] = {
            "my_code": lambda: self._look("my_fingerprint"),
            "person": lambda: self._look("details"),
            "print": lambda: self._look("fingerprint"),
            "passphrase": self._another_passphrase,
            "erase_profile": self._nearly_erase,
            "delete_all": self._delete_all,
            "downloads": lambda: picks(hands, folder),
            "choose_key": lambda: picks(hands, write_key(folder / "lanchat.key")),
            "copy_details": lambda: hands.until(
                lambda: "Python" in hands.program.ask("clipboard"), "the details"
            ),
            "save_name": lambda: hands.program.wait_text("my_name", NAME),
            "use_network": lambda: hands.program.wait_text("my_address", self._port, 20),
        }

    def all_pages(self) -> None:
        """Turn to each page, use all that is there, and leave."""
        hands = self._hands
        hands.opens("ctrl+comma", "settings")
        pages = [one["name"] for one in hands.controls() if one["class"] == "TRadiobutton"]
        for page in pages:
            self._turn(page)
            self._change_texts()
            hands.tab_to(page)
            hands.tour(does=self._use, end="close")
        self._turn("privacy")
        hands.tab_to("keep")
        hands.press("Down")
        hands.wait_in("popdown")
        hands.press("Down", "Return")
        hands.wait_in("keeping")
        hands.tour()
        hands.tab_to("confirm_keep")
        hands.leaves("keeping")
        self._turn("network_page")
        hands.fill("dns", "chat.example.org@127.0.0.1")
        hands.push("use_dns")
        hands.program.wait_text("dns_state", "does not answer", 30)
        hands.push("why_unseen")
        hands.wait_in("doctor")
        hands.until(lambda: hands.usable("copy_report"), "the last check", 30)
        hands.push("look_again")
        hands.until(lambda: hands.usable("copy_report"), "the last check", 30)
        hands.tour()
        hands.push("copy_report")
        hands.push("search_all")
        hands.program.wait_text("search_said", "no network to search", 10)
        hands.leaves("doctor")
        hands.opens("ctrl+comma", "settings")
        self._turn("network_page")
        hands.push("add_by_address")
        hands.wait_in("adding")
        hands.leaves("adding")

    def _turn(self, page: str) -> None:
        hands = self._hands
        hands.tab_to(page)
        hands.press("space")
        hands.until(lambda: (hands.program.find(page) or {}).get("selected"), page)
        hands.controls()  # once they stand there

    def _change_texts(self) -> None:
        """Another name, another port: only then there is something to keep."""
        hands = self._hands
        for field, text, button in (
            ("own_name", NAME, "save_name"), ("port", self._port, "use_network")
        ):  # fmt: skip
            if hands.program.find(field) is not None:
                hands.fill(field, text)
                hands.until(lambda b=button: hands.usable(b), button)  # type: ignore[misc]

    def _use(self, control: Control) -> None:
        """Use what has the keys, so that it has them afterwards."""
        hands, name = self._hands, control["name"]
        match control["class"]:
            case "TCheckbutton":
                hands.press("space", "space")
            case "TCombobox":
                hands.press("Down")
                hands.wait_in("popdown")
                hands.press("Escape")
            case "TButton" if name not in LEFT:
                hands.press("Return")
                does = self._opens.get(name) or self._opens.get(name.partition("_")[0])
                if does is not None:
                    does()
            case _:
                return
        hands.wait_at(name)

    def _look(self, dialog: str) -> None:
        self._hands.wait_in(dialog)
        self._hands.leaves(dialog)

    def _another_passphrase(self) -> None:
        hands = self._hands
        hands.wait_at("old_passphrase")
        hands.tour()
        for field, text in (
            ("old_passphrase", PHRASE), ("new_passphrase", OTHER), ("new_again", OTHER)
        ):  # fmt: skip
            hands.tab_to(field)
            hands.type(text)
        hands.push("change")
        hands.until(lambda: "change_passphrase" not in hands.path, "it is changed", 30)

    def _nearly_erase(self) -> None:
        hands = self._hands
        hands.wait_at("erase_passphrase")
        hands.type(PHRASE)
        hands.fill("erase_name", NAME)
        hands.until(lambda: hands.usable("erase"), "everything that is asked for")
        hands.tour()
        hands.leaves("erasing")

    def _delete_all(self) -> None:
        self._hands.wait_in("deleting_all")
        self._hands.tour()
        self._hands.tab_to("confirm_delete_all")
        self._hands.press("Return")


def _free_port() -> str:
    """One that nobody listens at now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])
