"""Why don't I see them?  A real window over a real node that may use loopback only."""

import tkinter as tk
from tkinter import ttk

from lanchat.identity.fingerprint import invite
from lanchat.identity.keys import Identity
from lanchat.node import networks
from tests.gui.test_details import free_port
from tests.gui.windows import Seat

SOMEBODY = Identity(bytes(range(32))).peer_id


def shown(seat: Seat, check: str) -> dict[str, str]:
    """What stands at one check, by the names of the labels."""
    dialog = seat.root.nametowidget("doctor")
    cell = next((one for one in below(dialog) if one.winfo_name() == f"check_{check}"), None)
    labels = below(cell) if cell is not None else []
    return {
        one.winfo_name(): str(one.cget("text")) for one in labels if isinstance(one, ttk.Label)
    }


def below(widget: tk.Misc) -> list[tk.Misc]:
    children = widget.winfo_children()
    return [*children, *(one for child in children for one in below(child))]


def test_by_keyboard_each_check_comes_and_the_report_is_copied(seat: Seat) -> None:
    seat.press("<Control-Shift-D>")
    seat.until(lambda: seat.has("doctor"), "the dialog")
    seat.until(lambda: seat.focus() == "missed", "the keys in it")
    seat.until(lambda: shown(seat, "interfaces"), "the first check")
    assert shown(seat, "interfaces")["how"] == "trouble"
    more = any(not one.loopback for one in networks.usable())
    wanted = "--interface" if more else "Connect this computer"
    assert wanted in shown(seat, "interfaces")["advice"]
    assert not seat.enabled("copy_report")  # it is not complete
    seat.until(lambda: seat.enabled("copy_report"), "the last check")
    assert shown(seat, "identity")["how"] == "fine"
    assert "only another computer can try" in shown(seat, "tcp")["detail"]
    seat.press("<Tab>")
    while seat.focus() != "copy_report":
        seat.press("<Tab>")
    seat.press("<space>")
    report = seat.root.clipboard_get()
    assert report.startswith("lanchat ")
    assert "Networks (trouble): " in report
    assert "Ada" not in report
    me = seat.window.screen.me
    assert me is not None
    assert str(me.peer_id) not in report
    seat.press("<Escape>")
    assert not seat.has("doctor")


def test_an_address_is_looked_at_and_who_closes_waits_for_nothing(seat: Seat) -> None:
    seat.window.command("doctor")
    seat.until(lambda: seat.has("doctor"), "the dialog")
    entry = seat.find("missed")
    assert isinstance(entry, ttk.Entry)

    def look_at(typed: str) -> None:
        entry.delete(0, "end")
        entry.insert(0, typed)
        seat.press("<Return>")

    look_at("nowhere:x")
    seat.until(lambda: "HOST" in seat.says("missed_note"), "what is wrong with it")
    look_at(invite(SOMEBODY))
    seat.until(lambda: "holds no address" in seat.says("missed_note"), "what is wrong with it")
    assert seat.says("missed_note").startswith("That does not say where to look.")
    assert not seat.enabled("copy_report")  # there is none
    me, shut = seat.window.screen.me, free_port()
    assert me is not None
    look_at(f"127.0.0.1:{shut}")
    seat.until(lambda: shown(seat, "peer"), "the check of the address")
    assert f"nobody listens at its port {shut}" in shown(seat, "peer")["detail"]
    look_at(f"127.0.0.1:{me.port}")
    seat.until(lambda: shown(seat, "peer").get("how") == "worth a look", "that it is our own")
    assert "is this computer itself" in shown(seat, "peer")["detail"]
    seat.press("<Return>")  # once more, and away while it looks
    seat.press("<Escape>")
    assert not seat.has("doctor")


def test_where_nobody_is_to_be_asked_a_search_says_so(seat: Seat) -> None:
    seat.window.command("doctor")
    seat.until(lambda: seat.has("search_all"), "the dialog")
    assert seat.says("search_all") == "Search this network"
    seat.find("search_all").focus_force()
    seat.press("<space>")
    seat.until(lambda: "no network to search" in seat.says("search_said"), "the end of it")
    assert seat.says("search_all") == "Search this network"
    assert not seat.has("search_bar")
