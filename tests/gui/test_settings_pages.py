"""The pages of the settings, by themselves: what they show, what they choose, by keyboard."""

import tkinter as tk
from dataclasses import replace
from pathlib import Path
from tkinter import ttk

import pytest

from lanchat.gui import families, hours, network_page, settings_window
from lanchat.gui.appearance import settings
from lanchat.gui.given import Given
from lanchat.gui.network_page import port_of
from lanchat.gui.scrolled import Scrolled
from lanchat.gui.state import Me
from lanchat.gui.theme import Theme
from lanchat.identity.trust import Trust
from lanchat.node.events import NetworksChanged, Showing
from lanchat.node.networks import Network
from lanchat.node.settings import network_of, site_of
from tests.discovery.bind import write_key
from tests.gui.plain_shell import PlainShell
from tests.kit.people import Held, peer, person
from tests.kit.tkwait import settled, until

NETWORKS = (
    Network("eth0", ("192.168.1.20", "fe80::1"), loopback=False),
    Network("lo", ("127.0.0.1",), loopback=True),
)
PAGES = [name for name, _text, _fill in settings_window._PAGES]


@pytest.fixture
def shell(tk_root: tk.Tk, theme: Theme, monkeypatch: pytest.MonkeyPatch) -> PlainShell:
    monkeypatch.setattr(network_page, "usable", lambda: NETWORKS)
    tk_root.geometry("720x480")
    settled(tk_root)
    shell = PlainShell(tk_root, theme)
    people = (
        person(1, "Ada Lovelace", Held(Trust.VERIFIED)),
        person(2, "Bob Hale", Held()),
        person(3, "Eve", Held(Trust.BLOCKED)),
        person(4, "Nobody", Held(Trust.NEW)),
    )
    shell.people(*people)
    return shell


def opened(shell: PlainShell, page: str = "profile") -> tk.Toplevel:
    settings_window.show(shell, page)
    window = shell.root.nametowidget("settings")
    assert isinstance(window, tk.Toplevel)
    until(shell.root, lambda: grabbed(shell.root) == str(window), "the settings")
    return window


def grabbed(root: tk.Misc) -> str:
    return str(root.tk.call("grab", "current", root))


def below(widget: tk.Misc) -> list[tk.Misc]:
    found: list[tk.Misc] = []
    for child in widget.winfo_children():
        found += [child, *below(child)]
    return found


def find(window: tk.Misc, name: str) -> ttk.Widget:
    found = [one for one in below(window) if one.winfo_name() == name]
    assert found, f"no {name} among {[one.winfo_name() for one in below(window)]}"
    assert isinstance(found[-1], ttk.Widget)
    return found[-1]


def has(window: tk.Misc, name: str) -> bool:
    return any(one.winfo_name() == name for one in below(window))


def enabled(window: tk.Misc, name: str) -> bool:
    return not find(window, name).instate(["disabled"])


def press(window: tk.Misc, key: str) -> None:
    root = window.nametowidget(".")
    until(root, window.focus_get, "the keys in this window")  # the window manager gives them
    at = window.focus_get()
    assert at is not None
    at.event_generate(key)
    for _turn in range(3):
        root.update()


def write(window: tk.Misc, name: str, text: str) -> None:
    entry = find(window, name)
    assert isinstance(entry, ttk.Entry)
    entry.delete(0, "end")
    entry.insert(0, text)
    settled(window)


def note(window: tk.Misc, name: str) -> str:
    return str(find(window, name).cget("text"))


def invoke(window: tk.Misc, name: str) -> None:
    find(window, name).invoke()  # type: ignore[attr-defined]  # a button or a box
    settled(window)


# --- the window ---------------------------------------------------------------------------


def test_every_page_is_reached_by_keys_and_escape_closes(shell: PlainShell) -> None:
    window = opened(shell)
    find(window, "profile").focus_force()
    seen = []
    for _page in PAGES:
        at = window.focus_get()
        assert at is not None
        seen.append(at.winfo_name())
        assert find(window, "rows").winfo_children(), f"nothing on {seen[-1]}"
        press(window, "<Down>")
    assert seen == PAGES
    press(window, "<Escape>")
    assert not window.winfo_exists()


def test_tab_comes_by_every_control_of_a_page_and_scrolls_it_into_view(
    shell: PlainShell,
) -> None:
    window = opened(shell)
    scrolled = find(window, "scrolled_page")
    for page in PAGES:
        invoke(window, page)
        left = {str(one) for one in below(find(window, "rows")) if _usable(one)}
        assert left
        find(window, page).focus_force()
        for _step in range(60):
            press(window, "<Tab>")
            at = window.focus_get()
            assert at is not None
            if str(at) in left:
                left.remove(str(at))
                top = at.winfo_rooty() - scrolled.winfo_rooty()
                assert top >= 0, f"{at.winfo_name()} is above what is seen"
                assert top + at.winfo_height() <= scrolled.winfo_height(), at.winfo_name()
            if not left:
                break
        assert not left, page


def _usable(widget: tk.Misc) -> bool:
    kinds = ttk.Button | ttk.Entry | ttk.Checkbutton | ttk.Combobox
    return isinstance(widget, kinds) and not widget.instate(["disabled"])


def test_the_settings_fit_into_a_small_window_and_follow_the_zoom(shell: PlainShell) -> None:
    window = opened(shell, "network_page")
    scrolled = find(window, "scrolled_page")
    assert isinstance(scrolled, Scrolled)
    assert scrolled.scrolls
    assert window.winfo_height() <= shell.theme.px(500)
    before = find(window, "port").winfo_height()
    find(window, "port").focus_force()
    shell.theme.switch(zoom=1.5)
    until(window, lambda: find(window, "port").winfo_height() > before, "larger rows")
    settled(window)
    assert window.focus_get() is find(window, "port")
    assert window.winfo_height() <= window.winfo_screenheight()


def test_the_wheel_over_a_choice_scrolls_and_chooses_nothing(shell: PlainShell) -> None:
    window = opened(shell, "appearance_page")
    box = find(window, "zoom")
    assert isinstance(box, ttk.Combobox)
    for button in (4, 5):
        box.event_generate(f"<Button-{button}>", x=2, y=2)
        settled(window)
    assert box.get() == "100 %"
    assert shell.preferences.zoom == 100


def test_a_font_is_chosen_from_those_that_have_our_letters(shell: PlainShell) -> None:
    window = opened(shell, "appearance_page")
    box = find(window, "font")
    assert isinstance(box, ttk.Combobox)
    assert box.get() == "As the system"
    until(window, lambda: not shell.theme.families._left, "the last font")
    names = [str(one) for one in box["values"]]
    assert names[1:] == sorted(names[1:], key=str.casefold)
    assert {"DejaVu Sans", "DejaVu Serif"} <= set(names)
    unfit = ("Symbol", "Emoji", "Math", "Arabic", "Hebrew", "Thai", "D050000L", "@")
    assert [one for one in names if any(part in one for part in unfit)] == []
    assert len(names) <= families.MOST + 1
    box.current(names.index("DejaVu Serif"))
    box.event_generate("<<ComboboxSelected>>")
    assert shell.preferences.font == "DejaVu Serif"
    again = opened(shell, "appearance_page")
    shown = find(again, "font")
    assert isinstance(shown, ttk.Combobox)
    assert shown.get() == "DejaVu Serif"


def test_a_dialog_over_the_settings_gives_the_keys_back_to_them(shell: PlainShell) -> None:
    window = opened(shell, "people_page")
    name = f"print_{peer(1).short}"
    find(window, name).focus_force()
    settled(window)
    press(window, "<space>")
    dialog = shell.root.nametowidget("fingerprint")
    until(shell.root, lambda: grabbed(shell.root) == str(dialog), "the fingerprint")
    press(dialog, "<Escape>")
    assert grabbed(shell.root) == str(window)
    until(shell.root, lambda: window.focus_get() is find(window, name), "the keys back")


# --- the pages ----------------------------------------------------------------------------


def test_a_change_counts_at_once(shell: PlainShell) -> None:
    window = opened(shell, "appearance_page")
    box = find(window, "appearance")
    assert isinstance(box, ttk.Combobox)
    box.current(2)
    box.event_generate("<<ComboboxSelected>>")
    settled(window)
    assert shell.preferences.appearance == "dark"
    invoke(window, "enter_sends")
    assert not shell.preferences.enter_sends


def test_networks_and_port_count_once_the_user_says_so(shell: PlainShell) -> None:
    shell.settings = replace(shell.settings, interfaces=("192.168.1.20", "wlan7"))
    window = opened(shell, "network_page")
    boxes = [one for one in below(window) if one.winfo_name().startswith("network_")]
    ticked = [
        (str(one.cget("text")), one.instate(["selected"]))
        for one in boxes
        if isinstance(one, ttk.Checkbutton)
    ]
    assert ticked == [
        ("eth0 · 192.168.1.20, fe80::1", True),
        ("This computer only · 127.0.0.1", False),
        ("wlan7 · not there now", True),
    ]
    assert not enabled(window, "use_network")
    invoke(window, "network_1")
    invoke(window, "network_2")
    write(window, "port", "4567")
    assert enabled(window, "use_network")
    assert shell.preferences.interfaces == ()
    invoke(window, "use_network")
    assert shell.preferences.interfaces == ("eth0", "lo")  # type: ignore[comparison-overlap]  # changed since
    assert shell.preferences.port == 4567


def test_all_networks_are_chosen_by_none_so_that_new_ones_count(shell: PlainShell) -> None:
    shell.settings = replace(shell.settings, interfaces=("lo",))
    window = opened(shell, "network_page")
    invoke(window, "network_0")
    invoke(window, "use_network")
    assert shell.preferences.interfaces == ()


def test_without_a_network_nothing_can_be_used_and_the_page_says_why(
    shell: PlainShell,
) -> None:
    window = opened(shell, "network_page")
    invoke(window, "network_0")
    invoke(window, "network_1")
    assert not enabled(window, "use_network")
    assert note(window, "network_note") == "Choose at least one network."


@pytest.mark.parametrize(
    "text", ["80", "1023", "65536", "-1", "4567x", "\u0664\u0665\u0666\u0667"]
)
def test_a_port_that_cannot_be_had_is_said_beside_it(shell: PlainShell, text: str) -> None:
    assert port_of(text) is None
    window = opened(shell, "network_page")
    write(window, "port", text)
    assert note(window, "port_note") == "A port is a number from 1024 to 65535."
    assert not enabled(window, "use_network")


def test_own_addresses_are_shown_as_they_are_typed_and_copied(shell: PlainShell) -> None:
    shell.screen = replace(
        shell.screen, me=Me(peer(9999), "Ada", 48321, ("192.168.1.20", "fe80::1"), Showing())
    )
    window = opened(shell, "network_page")
    assert [note(window, f"reached_{number}") for number in range(2)] == [
        "192.168.1.20:48321",
        "[fe80::1]:48321",
    ]
    invoke(window, "copy_address_1")
    assert shell.root.clipboard_get() == "[fe80::1]:48321"


def test_own_addresses_follow_the_networks_and_nothing_typed_is_lost(
    shell: PlainShell,
) -> None:
    window = opened(shell, "network_page")
    moved(shell, "10.0.0.9")
    assert note(window, "reached_0") == "10.0.0.9:48321"
    write(window, "port", "4567")
    moved(shell, "10.0.0.7")
    assert enabled(window, "use_network")
    assert note(window, "reached_0") == "10.0.0.9:48321"
    write(window, "port", "")
    moved(shell, "10.0.0.7")
    assert note(window, "reached_0") == "10.0.0.7:48321"


def moved(shell: PlainShell, address: str) -> None:
    """This computer has another address."""
    shell.screen = replace(shell.screen, me=Me(peer(9999), "Ada", 48321, (address,), Showing()))
    for hear in tuple(shell.ears):
        hear(NetworksChanged((address,)))
    settled(shell.root)


def test_people_are_listed_by_what_they_are(shell: PlainShell) -> None:
    window = opened(shell, "people_page")
    said = [str(one.cget("text")) for one in below(window) if one.winfo_class() == "TLabel"]
    assert {"Verified · 1", "Known, not verified · 1", "Blocked · 1"} <= set(said)
    assert has(window, f"person_{peer(1).short}")
    assert not has(window, f"person_{peer(4).short}")  # a request is answered elsewhere
    assert not has(window, f"unblock_{peer(1).short}")
    invoke(window, f"unblock_{peer(3).short}")
    assert len(shell.asked) == 1


@pytest.mark.parametrize("trust", [Trust.KNOWN, Trust.BLOCKED])
def test_a_name_too_long_for_its_row_is_cut_and_no_button(
    shell: PlainShell, trust: Trust
) -> None:
    shell.people(person(5, "Wolfeschlegelsteinhausenbergerdorff WWWWWWW", Held(trust)))
    window = opened(shell, "people_page")
    settled(window)
    buttons = [one for one in below(window) if one.winfo_name().endswith(peer(5).short)]
    assert len(buttons) == (3 if trust is Trust.BLOCKED else 2)
    for button in buttons:
        assert button.winfo_width() >= button.winfo_reqwidth(), button
    (name,) = [one for one in buttons if one.winfo_name().startswith("person_")]
    assert str(name.cget("text")).strip().startswith("Wolfeschlegel")


def test_quiet_hours_are_what_was_typed_and_nothing_else(shell: PlainShell) -> None:
    window = opened(shell, "notifications_page")
    assert not enabled(window, "quiet_from")
    invoke(window, "quiet")
    assert shell.preferences.quiet == "22:00-07:00"
    for name, text in (("quiet_from", "9.15"), ("quiet_until", "17")):
        box = find(window, name)
        assert isinstance(box, ttk.Combobox)
        box.set(text)
        box.focus_force()
        settled(window)
        press(window, "<Return>")
    assert shell.preferences.quiet == "09:15-17:00"
    box = find(window, "quiet_until")
    assert isinstance(box, ttk.Combobox)
    for text in ("25:00", "9:15", "noon", ""):
        box.set(text)
        box.event_generate("<Return>")
        settled(window)
        assert str(find(window, "quiet_note").cget("style")) == "Bad.TLabel"
    assert shell.preferences.quiet == "09:15-17:00"
    invoke(window, "quiet")


@pytest.mark.parametrize(
    ("text", "moment"),
    [("7", "07:00"), ("07:30", "07:30"), (" 7.05 ", "07:05"), ("24:00", None), ("7:60", None),
     ("", None), ("7:5", None), ("\u0667", None), ("7:30\n1", None)],
)  # fmt: skip
def test_a_time_of_day_is_read_as_people_write_it(text: str, moment: str | None) -> None:
    assert hours.moment(text) == moment


def test_a_span_of_a_damaged_file_is_none() -> None:
    assert hours.parts("22:00-07:00") == ("22:00", "07:00")
    for text in ("", "22:00", "22:00-", "-07:00", "a-b", "22:00\u201307:00"):
        assert hours.parts(text) is None


def test_the_log_is_named_where_there_is_one(shell: PlainShell) -> None:
    window = opened(shell, "about")
    assert "MIT" in note(window, "licence")
    assert note(window, "versions").startswith("Python 3.")
    assert has(window, "no_log")
    window.destroy()
    shell.given = replace(shell.given, log_file="lanchat.log")
    assert note(opened(shell, "about"), "log_file").endswith("/lanchat.log")


def test_a_domain_counts_once_the_user_says_so_and_only_with_a_key_that_is_one(
    shell: PlainShell, tmp_path: Path
) -> None:
    window = opened(shell, "network_page")
    assert not enabled(window, "use_dns")
    write(window, "dns", "no domain")
    assert note(window, "dns_note").startswith("A domain is written like chat.example.org")
    assert not enabled(window, "use_dns")
    write(window, "dns", "")
    write(window, "dns_key", str(tmp_path / "key"))
    assert note(window, "dns_key_note") == "A key goes with a domain."
    assert not enabled(window, "use_dns")
    write(window, "dns", "chat.example.org@10.0.0.53")
    invoke(window, "use_dns")
    assert "cannot be used" in note(window, "dns_state")
    assert shell.preferences.dns == ""
    write_key(tmp_path / "key")
    invoke(window, "use_dns")
    chosen = shell.preferences
    assert (chosen.dns, chosen.dns_key) == ("chat.example.org@10.0.0.53", str(tmp_path / "key"))
    assert settings(chosen, Given()).site == site_of(chosen.dns, chosen.dns_key)
    often = site_of(chosen.dns, chosen.dns_key, 5.0)
    assert settings(chosen, Given(dns_every=5.0)).site == often


def test_a_domain_that_is_used_is_shown_and_taken_back_by_nothing(shell: PlainShell) -> None:
    shell.settings = replace(shell.settings, site=site_of("auto@10.0.0.53", None))
    shell.preferences = replace(shell.preferences, dns="auto@10.0.0.53")
    window = opened(shell, "network_page")
    assert not enabled(window, "use_dns")
    write(window, "dns", "")
    invoke(window, "use_dns")
    assert shell.preferences.dns == ""
    assert settings(shell.preferences, Given()).site is None


def test_networks_that_may_be_dialled_are_typed_and_wrong_ones_said(shell: PlainShell) -> None:
    named = ("198.51.100.0/24", "2001:db8::/32")
    shell.settings = replace(shell.settings, networks=(network_of("10.9.0.0/16"),))
    window = opened(shell, "network_page")
    assert find(window, "dialled").get() == "10.9.0.0/16"  # type: ignore[attr-defined]  # an entry
    for wrong, said in {
        "198.51.100.1/24": "A network is written like 10.20.0.0/16.",
        "10.9.0.0/16, lan": "A network is written like 10.20.0.0/16.",
        "0.0.0.0/0": "A network has a prefix of 8 bits or more.",
    }.items():
        write(window, "dialled", wrong)
        assert note(window, "dialled_note") == said
        assert not enabled(window, "use_dns")
    write(window, "dialled", f"{named[0]},{named[1]}")
    invoke(window, "use_dns")
    assert shell.preferences.networks == named
    assert shell.preferences.dns == ""
    assert settings(shell.preferences, shell.given).networks == tuple(map(network_of, named))


def test_what_the_command_line_says_counts_until_just_that_is_chosen(
    shell: PlainShell,
) -> None:
    site, networks = site_of("old.example.org", None), (network_of("10.9.0.0/16"),)
    typed = Given(interfaces=("lo",), port=4567, site=site, networks=networks)
    shell.given, shell.settings = typed, settings(shell.preferences, typed)
    window = opened(shell, "network_page")
    assert find(window, "dns").get() == "old.example.org"  # type: ignore[attr-defined]  # an entry
    write(window, "dns", "chat.example.org")
    invoke(window, "use_dns")
    found = settings(shell.preferences, shell.given)
    assert found.site == site_of("chat.example.org", None)
    assert (found.interfaces, found.port) == (("lo",), 4567)  # not on every network at once
    assert found.networks == networks
    write(window, "port", "4568")
    invoke(window, "use_network")
    found = settings(shell.preferences, shell.given)
    assert (found.interfaces, found.port) == (("lo",), 4568)
    assert found.site == site_of("chat.example.org", None)


def test_what_is_typed_beside_it_is_kept_when_one_of_two_is_used(shell: PlainShell) -> None:
    window = opened(shell, "network_page")
    write(window, "port", "4567")
    write(window, "dns", "chat.example.org")
    invoke(window, "use_network")
    assert shell.preferences.port == 4567
    assert enabled(window, "use_dns")
    write(window, "port", "4568")
    invoke(window, "use_dns")
    assert shell.preferences.dns == "chat.example.org"
    assert enabled(window, "use_network")
