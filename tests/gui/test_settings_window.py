"""Settings that reach the node and the disk: a real window over a real profile."""

import socket
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tkinter import ttk

from lanchat.conversation.message import State
from lanchat.gui import changing, erasing, privacy_page, settings_window
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.preferences import load
from lanchat.identity.trust import Trust
from lanchat.node import acts, choices, networks, profiles
from lanchat.node.node import Node
from lanchat.node.settings import Settings
from tests.discovery.bind import DOMAIN, Bind, registration
from tests.gui.windows import PHRASE, Seat, below
from tests.kit.people import peer

BOB = peer(2)


def invoke(seat: Seat, name: str) -> None:
    seat.find(name).invoke()  # type: ignore[attr-defined]  # a button or a box
    seat.settle()


def put(seat: Seat, name: str, text: str) -> None:
    entry = seat.find(name)
    entry.delete(0, "end")  # type: ignore[attr-defined]  # an entry
    entry.insert(0, text)  # type: ignore[attr-defined]
    seat.settle()


def show(seat: Seat, page: str) -> None:
    settings_window.show(seat.window, page)
    seat.until(lambda: seat.has("close"), "the settings")


def told(seat: Seat) -> Settings:
    """What the node goes by."""
    found: list[Settings] = []

    async def settings(node: object) -> Settings:
        return node.settings  # type: ignore[attr-defined, no-any-return]  # a node

    seat.window.ask(settings, found.append)
    seat.until(lambda: found, "the node's settings")
    return found[0]


def know_bob(seat: Seat) -> None:
    """Somebody who was written to and is not here."""
    seat.window.ask(lambda node: acts.call(node, BOB, "Bob"))
    seat.until(lambda: BOB in seat.window.screen.people, "Bob on the list")
    seat.window.ask(lambda node: acts.trust(node, BOB, "known"))
    seat.window.ask(lambda node: acts.write(node, BOB, "are you there?"))
    seat.until(lambda: seat.window.screen.people[BOB].last is not None, "a message")


def test_another_name_is_taken_at_once_and_a_friends_is_refused(seat: Seat) -> None:
    know_bob(seat)
    show(seat, "profile")
    assert not seat.enabled("save_name")
    put(seat, "own_name", "b\u043eb")
    invoke(seat, "save_name")
    seat.until(lambda: "somebody you know" in seat.says("own_name_note"), "why not")
    put(seat, "own_name", "Ada  Lovelace")
    assert seat.says("own_name_note") == "Others see: Ada Lovelace"
    seat.find("own_name").focus_force()
    seat.press("<Return>")
    seat.until(lambda: (now := seat.window.screen.me) and now.name == "Ada Lovelace", "it")
    seat.until(lambda: not seat.enabled("save_name"), "nothing left to save")
    assert [one.info.name for one in profiles.listed()] == ["Ada Lovelace"]


def test_a_download_folder_and_who_is_taken_from_count_at_once(seat: Seat, home: Path) -> None:
    window = seat.window
    window.prefer(replace(window.preferences, downloads=str(home), accept_verified=2**30))
    now = told(seat)
    assert (now.downloads, now.accept.value, now.offer_limit) == (home, "verified", 2**30)
    assert now.interfaces == ("lo",)
    show(seat, "files_page")
    assert str(home) in seat.says("download_folder")


def test_another_port_is_taken_while_the_conversation_stays_open(seat: Seat) -> None:
    know_bob(seat)
    seat.window.do(PeerChosen(BOB))
    seat.until(lambda: (one := seat.window.screen.conversation) and one.loaded, "it read")
    page, talk = seat.window.page, seat.window.screen.conversation
    show(seat, "network_page")
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        put(seat, "port", str(taken.getsockname()[1]))
        invoke(seat, "use_network")
        seat.until(lambda: seat.says("port_note").startswith("Another program"), "why not")
        port = taken.getsockname()[1]
    assert seat.window.preferences.port == 0
    invoke(seat, "use_network")
    seat.until(lambda: (me := seat.window.screen.me) and me.port == port, "the port")
    seat.until(lambda: f"127.0.0.1:{port}" in seat.says("reached_0"), "the page says so")
    assert (seat.window.preferences.port, seat.window.settings.port) == (port, port)
    every = [one.name for one in networks.usable()] == ["lo"]  # then new ones are to count
    assert seat.window.preferences.interfaces == (() if every else ("lo",))
    assert (seat.window.page, seat.window.screen.conversation) == (page, talk)
    seat.window.ask(lambda node: acts.write(node, BOB, "still here"))
    seat.until(lambda: len(_texts(seat)) == 2, "both messages")


def test_what_is_chosen_while_the_node_starts_again_stays_chosen(seat: Seat) -> None:
    window = seat.window
    window.prefer(replace(window.preferences, read_receipts=True))
    show(seat, "network_page")
    with socket.socket() as free:
        free.bind(("", 0))
        port = free.getsockname()[1]
    put(seat, "port", str(port))
    seat.find("use_network").invoke()  # type: ignore[attr-defined]  # a button
    wanted = replace(window.preferences, read_receipts=False, zoom=110, limit_rate=2**20)
    window.prefer(wanted)
    seat.until(lambda: window.preferences.port == port, "the port")
    assert window.preferences == replace(
        wanted, port=port, interfaces=window.preferences.interfaces
    )
    assert load(choices.read(choices.place("window"))) == window.preferences
    assert told(seat).limit_rate == 2**20


def test_a_domain_brings_who_is_named_there_and_says_when_its_server_is_gone(
    seat: Seat, tmp_path: Path
) -> None:
    bind = Bind(tmp_path / "bind", records="".join(registration(n) for n in range(1, 4)))
    bind.start()
    try:
        show(seat, "network_page")
        bind.key.chmod(0o644)
        put(seat, "dns", f"{DOMAIN}@{bind.server}")
        put(seat, "dns_key", str(bind.key))
        invoke(seat, "use_dns")
        seat.until(lambda: len(seat.window.screen.people) == 3, "the people there")
        said = "3 people are named there."
        open_to_all = (
            f"{said} Others on this computer can read the DNS key, and so change what the"
            f" domain names. Keep it to yourself: chmod 600 {bind.key}."
        )
        seat.until(lambda: seat.says("dns_state") == open_to_all, "who can read the key")
        bind.key.chmod(0o600)
        seat.until(lambda: seat.says("dns_state") == said, "how many there are")
    finally:
        bind.stop()
    seat.window.ask(_moved)
    seat.until(lambda: "does not answer" in seat.says("dns_state"), "that it is gone")
    assert len(seat.window.screen.people) == 3
    assert seat.window.preferences.dns == f"{DOMAIN}@{bind.server}"
    put(seat, "dns", "")
    put(seat, "dns_key", "")
    invoke(seat, "use_dns")
    seat.until(lambda: told(seat).site is None, "none")


async def _moved(node: Node) -> None:
    """Look again at once, as after a change of networks."""
    node.doors.moved()


def _texts(seat: Seat) -> list[str]:
    talk = seat.window.screen.conversation
    return [one.text for one in talk.items if hasattr(one, "text")] if talk else []


def test_what_is_kept_is_asked_about_only_where_something_may_go(seat: Seat) -> None:
    show(seat, "privacy")
    box = seat.find("keep")
    assert isinstance(box, ttk.Combobox)
    seat.until(lambda: box.get() == "forever", "what the profile says")

    def choose(place: int) -> None:
        box.current(place)
        box.event_generate("<<ComboboxSelected>>")
        seat.settle()

    choose(3)
    seat.until(lambda: seat.has("confirm_keep"), "the question")
    seat.press("<Escape>")
    seat.until(lambda: box.get() == "forever", "as it was")
    choose(3)
    invoke(seat, "confirm_keep")
    days: list[int] = []
    seat.window.ask(acts.kept, days.append)
    seat.until(lambda: days, "the profile's word")
    assert days == [30]
    choose(1)  # longer: nothing goes
    assert not seat.has("confirm_keep")


def test_until_it_is_locked_all_is_there_and_afterwards_only_what_waits(seat: Seat) -> None:
    know_bob(seat)  # by a message that waits for him
    show(seat, "privacy")
    box = seat.find("keep")
    assert isinstance(box, ttk.Combobox)
    seat.until(lambda: box.get() == "forever", "what the profile says")
    box.current(len(privacy_page.KEPT) - 1)
    assert box.get() == "until it is locked"
    box.event_generate("<<ComboboxSelected>>")
    seat.until(lambda: seat.has("confirm_keep"), "the question")
    invoke(seat, "confirm_keep")
    for place in (1, len(privacy_page.KEPT) - 1):  # longer, which deletes nothing; and back
        box.current(place)
        box.event_generate("<<ComboboxSelected>>")
        seat.settle()
        assert seat.has("confirm_keep") == (place != 1)
    invoke(seat, "confirm_keep")
    delivered: list[None] = []

    async def also_one_that_came(node: Node) -> None:
        to = peer(3)
        await acts.write(node, to, "delivered")
        (one,) = await node.history.undelivered(to)
        await node.history.mark(to, [one.id], State.DELIVERED)

    seat.window.ask(also_one_that_came, delivered.append)
    seat.until(lambda: delivered, "a message that came")
    seat.window.lock()
    seat.window.open("ada", PHRASE, seat.window.tell)
    seat.until(lambda: (me := seat.window.screen.me) and me.port, "open once more")
    people = seat.window.screen.people
    assert people[BOB].last is not None
    assert peer(3) not in people or people[peer(3)].last is None


def test_all_conversations_are_deleted_and_people_stay(seat: Seat) -> None:
    know_bob(seat)
    seat.window.do(PeerChosen(BOB))
    seat.until(lambda: _texts(seat), "the message")
    show(seat, "privacy")
    invoke(seat, "delete_all")
    seat.until(lambda: seat.focus() == "cancel", "the keys on the safe answer")
    seat.press("<Escape>")
    assert _texts(seat)
    invoke(seat, "delete_all")
    invoke(seat, "confirm_delete_all")
    seat.until(lambda: not _texts(seat), "nothing said")
    person = seat.window.screen.people[BOB]
    assert (person.last, person.trust) == (None, Trust.KNOWN)


def test_a_profile_is_deleted_with_its_passphrase_and_its_name(seat: Seat) -> None:
    folder = profiles.place("ada")
    show(seat, "profile")
    assert seat.says("profile_folder") == str(folder)
    invoke(seat, "erase_profile")
    seat.until(lambda: seat.focus() == "erase_passphrase", "the keys on the first field")
    put(seat, "erase_passphrase", "not this one")
    put(seat, "erase_name", "Eve")
    assert not seat.enabled("erase")
    put(seat, "erase_name", "Ada")
    invoke(seat, "erase")
    seat.until(lambda: "wrong" in seat.says("erase_passphrase_note"), "that it is another one")
    assert (folder / "key.lc").exists()
    put(seat, "erase_passphrase", PHRASE)
    seat.find("erase_name").focus_force()
    seat.press("<Return>")  # Enter only comes to the button
    assert seat.has("erasing")
    invoke(seat, "erase")
    seat.until(lambda: seat.has("create"), "the way in for somebody new")
    assert not folder.exists()
    assert seat.window.screen.me is None
    assert not seat.has("settings")


def test_what_nothing_takes_back_cannot_be_left_while_it_goes_on(seat: Seat) -> None:
    asks: tuple[tuple[Callable[[], None], str, tuple[str, ...], str], ...] = (
        (
            lambda: changing.show(seat.window),
            "change_passphrase",
            ("not it", "new", "new"),
            "change",
        ),
        (lambda: erasing.ask(seat.window, seat.root), "erasing", ("not it", "Ada"), "erase"),
    )
    for ask, name, fields, button in asks:
        ask()
        seat.until(partial(seat.has, name), "the dialog")
        dialog = seat.find(name)
        entries = [one for one in below(dialog) if isinstance(one, ttk.Entry)]
        for entry, text in zip(entries, fields, strict=True):
            entry.insert(0, text)
        seat.settle()
        seat.find(button).invoke()  # type: ignore[attr-defined]  # a button
        assert not seat.enabled("cancel")
        dialog.event_generate("<Escape>")
        dialog.tk.call(
            *dialog.tk.splitlist(dialog.tk.call("wm", "protocol", dialog, "WM_DELETE_WINDOW"))
        )
        assert dialog.winfo_exists()
        seat.until(partial(seat.enabled, "cancel"), "that it was wrong")
        seat.press("<Escape>")
        assert not seat.has(name)
