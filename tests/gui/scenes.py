"""Every page and dialog of the window with something in it, to be looked at and measured.

`python -m tests.gui.scenes FOLDER [LANGUAGE [MODE [DOTS [SIZE]]]]` takes a picture of each:
de light 96 1000x700.  The window is the real one over a real node; who is there and what they
do is told to it as a node would tell it.
"""

import asyncio
import os
import sys
import tempfile
import time
import tkinter as tk
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from ipaddress import ip_interface
from pathlib import Path
from tkinter import ttk
from typing import Any, Final

from lanchat.conversation.message import Message, State
from lanchat.discovery import diagnosis
from lanchat.discovery.findings import Adapter, Asked, Hearing, Local, Reply
from lanchat.discovery.nearby import Interface
from lanchat.discovery.remedies import System
from lanchat.errors import UnconfirmedPeer, VerificationFailed
from lanchat.gui import (
    adding,
    blocking,
    changing,
    chat_whole,
    details,
    drop,
    erasing,
    files,
    fingerprints,
    languages,
    opening,
    privacy_page,
    quitting,
    settings_window,
    several,
    shortcuts,
    transfers_pane,
    translate,
    unspoken,
)
from lanchat.gui.chat_view import ChatView
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.given import Given
from lanchat.gui.links import find
from lanchat.gui.main_page import MainPage
from lanchat.gui.settings_rows import Rows
from lanchat.gui.theme import Mode
from lanchat.gui.tone import Tone
from lanchat.gui.verify import VerifyDialog
from lanchat.identity.fingerprint import fingerprint, invite
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node import outcomes, profiles
from lanchat.node.events import (
    CheckChanged,
    CheckState,
    ContactChanged,
    Fault,
    MessageAdded,
    NodeEvent,
    OfferReceived,
    PeerAppeared,
    PeerView,
    Presence,
    TransferMoved,
    TransferState,
    TransferView,
)
from lanchat.node.settings import Clash
from tests.gui.measures import cut
from tests.gui.windows import Seat
from tests.kit.display import Display
from tests.kit.people import peer
from tests.kit.tkwait import settled

PHRASE: Final = "granite otter paddles home"
ADA, BOB, EVE, MAX, NEW, OLD = (peer(number) for number in range(101, 107))
DAY: Final = 86_400_000  # ms
HOST: Final = "192.168.1.31"
WORDS: Final = ("waffle", "Montana", "regain", "hurricane")


@dataclass
class Stage:
    """A seat before the window, and what is told to it."""

    seat: Seat
    now: int  # ms since 1970

    def hear(self, *events: NodeEvent) -> None:
        for event in events:
            self.seat.window._heard(event)
        self.seat.settle()

    def open(self, who: PeerId) -> None:
        """Open the conversation with somebody."""
        self.seat.window.do(PeerChosen(who))

        def loaded() -> bool:
            talk = self.seat.window.screen.conversation
            return talk is not None and talk.loaded and talk.peer_id == who

        self.seat.until(loaded, "the conversation")
        self.seat.settle()

    def invoke(self, name: str) -> None:
        self.seat.find(name).invoke()  # type: ignore[attr-defined]  # a button
        self.seat.settle()

    def clear(self) -> None:
        """No dialog, no toast, nothing typed."""
        for child in self.seat.root.winfo_children():
            if isinstance(child, tk.Toplevel):
                child.destroy()
        self.seat.window.toasts.clear()
        self.seat.settle()


Scene = Callable[[Stage], object]

# --- the way in ---------------------------------------------------------------------------


def register(stage: Stage) -> None:
    stage.seat.window.show_register()
    stage.seat.settle()


def register_filled(stage: Stage) -> None:
    seat = stage.seat
    seat.type("Ada", "name")
    seat.find("suggest").invoke()  # type: ignore[attr-defined]  # a button
    seat.find("repeat").insert(0, "else")  # type: ignore[attr-defined]  # an entry
    seat.find("where").invoke()  # type: ignore[attr-defined]  # a button
    seat.until(lambda: "·" in seat.says("passphrase_note"), "how strong it is")


def visibility(stage: Stage) -> None:
    page = stage.seat.window.page
    page._made("another", PHRASE)  # type: ignore[union-attr]  # a register page
    stage.seat.settle()


def login(stage: Stage) -> None:
    stage.seat.window.show_login()
    stage.seat.settle()


def login_refused(stage: Stage) -> None:
    stage.seat.type("something else", "passphrase")
    stage.seat.press("<Return>")
    stage.seat.until(lambda: not stage.seat.enabled("unlock"), "a wait")
    stage.seat.until(lambda: stage.seat.says("passphrase_note"), "a word")


WAY_IN: Final[Mapping[str, Scene]] = {
    "register": register,
    "register-filled": register_filled,
    "visibility": visibility,
    "login": login,
    "login-refused": login_refused,
}

# --- the main page ------------------------------------------------------------------------


def unlock(stage: Stage) -> None:
    """Open the profile: everything below needs that."""
    seat = stage.seat
    seat.window.open("ada", PHRASE, seat.window.tell)
    seat.until(lambda: (me := seat.window.screen.me) is not None and me.port, "a node")


def nobody(stage: Stage) -> None:
    unlock(stage)
    stage.seat.find("looking").lose_patience()  # type: ignore[attr-defined]  # the pane
    stage.seat.settle()


def nothing_found(stage: Stage) -> None:
    stage.seat.type("quux", "search")
    stage.seat.until(lambda: stage.seat.says("looking_text").endswith("."), "nothing found")


def conversation(stage: Stage) -> None:
    stage.seat.find("search").delete(0, "end")  # type: ignore[attr-defined]  # an entry
    cast(stage)
    stage.open(ADA)
    stage.hear(*talk(stage, ADA, "Ada Lovelace"), *carried(stage))


def above(stage: Stage) -> None:
    view = stage.seat.find("messages")
    assert isinstance(view, ChatView)
    view.canvas.focus_force()
    stage.seat.root.update()
    view.canvas.event_generate("<Prior>")
    stage.seat.settle()


def again(stage: Stage) -> None:
    """What came before: it is asked about, it came, programs are among it."""
    cast(stage)
    stage.open(BOB)
    folder = (("photos", 9_000_000_000),)
    ways: tuple[tuple[bool, dict[str, Any]], ...] = (
        (True, {"skipped": 9_997}),
        (False, {"skipped": 1, "clash": Clash.OVERWRITE, "programs": ("/d/photos/run",)}),
        (False, {"skipped": 9_997, "clash": Clash.SKIP}),
        (False, {"earlier": True}),
    )
    for number, (mine, more) in enumerate(ways, 200):
        state = TransferState.ASKED if "earlier" in more else TransferState.DONE
        stage.hear(TransferMoved(TransferView(
            BOB, bytes([number]) * 16, mine, state, folder, 10_000, 9_000_000_000, 0,
            at=stage.now - 1000 + number, **more,
        )))  # fmt: skip


def bar_of(who: PeerId) -> Scene:
    return lambda stage: stage.open(who)


def dialog(show: Callable[[Stage], object]) -> Scene:
    def scene(stage: Stage) -> None:
        show(stage)
        stage.seat.settle()

    return scene


def page_of_settings(name: str) -> Scene:
    def scene(stage: Stage) -> None:
        settings_window.show(stage.seat.window)
        stage.invoke(name)

    return scene


def rows(stage: Stage, page: str) -> Rows:
    """A page of the settings."""
    settings_window.show(stage.seat.window, page)
    stage.seat.settle()
    found = stage.seat.find("rows")
    assert isinstance(found, Rows)
    return found


def quiet(stage: Stage) -> None:
    rows(stage, "notifications_page")
    stage.invoke("quiet")


def keeping(place: int) -> Scene:
    """What is asked before less is kept."""

    def scene(stage: Stage) -> None:
        rows(stage, "privacy")
        box = stage.seat.find("keep")
        assert isinstance(box, ttk.Combobox)
        stage.seat.until(lambda: not box.instate(["disabled"]), "for how long now")
        box.current(place)
        box.event_generate("<<ComboboxSelected>>")
        stage.seat.settle()

    return scene


def question(name: str, who: PeerId) -> Scene:
    def scene(stage: Stage) -> None:
        details.show(stage.seat.window, who)
        stage.seat.settle()
        stage.invoke(name)

    return scene


def check(state: CheckState, reason: str = "") -> Scene:
    def scene(stage: Stage) -> None:
        VerifyDialog(stage.seat.window, ADA)
        said = CheckChanged(ADA, "Ada Lovelace", Trust.KNOWN, CheckState.WORDS, 1, WORDS)
        stage.hear(said)
        if state is not CheckState.WORDS:
            stage.hear(replace(said, state=state, reason=reason))

    return scene


def asked(stage: Stage) -> None:
    stage.hear(CheckChanged(ADA, "Ada Lovelace", Trust.KNOWN, CheckState.ASKED, 1))


#: An invite with as many addresses as are taken, none of them short.
INVITED = invite(NEW, [f"[2001:db8:1:2:3:4:5:{at}]:48321" for at in range(8)])


def answered(stage: Stage) -> None:
    adding.show(stage.seat.window)
    stage.seat.settle()
    found = UnconfirmedPeer(str(NEW), "Grace", fingerprint(NEW).words)
    stage.seat.root.nametowidget("adding")._failed(found)
    stage.seat.settle()


def examined(stage: Stage) -> None:
    """The doctor, with a cause of each kind; what it looks at here is a test of its own."""
    stage.seat.window.command("doctor")
    stage.seat.until(lambda: stage.seat.has("check_port"), "the first checks")
    dialog = stage.seat.root.nametowidget("doctor")
    dialog._turn += 1  # what else comes in is dropped
    dialog._work(looking=False)
    lan = Interface("eth0", 2, (ip_interface("192.168.1.20/24"),))
    found = Local(System.UFW, (Adapter(lan, True, True, True),), port_taken=True)
    for check in (
        diagnosis.hearing(found, [Hearing("eth0")]),
        diagnosis.multicast(found, [Hearing("eth0", True)], frozenset({HOST}), ()),
        *diagnosis.peer(found, Asked("10.1.2.3", Reply.SILENT, port=48321), ()),
    ):
        assert check is not None
        dialog._came(dialog._turn, check)
    stage.seat.settle()


def compared(text: str, seen: str) -> Scene:
    """Without a call: what came of comparing that."""

    def scene(stage: Stage) -> None:
        unspoken.show(stage.seat.window, ADA)
        stage.seat.settle()
        stage.seat.find("their_fingerprint").insert(0, text)  # type: ignore[attr-defined]
        stage.seat.settle()
        stage.invoke("compare_print")
        stage.seat.until(lambda: stage.seat.says(seen), "what came of it")

    return scene


def cancelling(stage: Stage) -> None:
    one = next(one for one in stage.seat.window.screen.transfers.values() if one.done > 10**8)
    files._cancel(stage.seat.window, one)
    stage.seat.settle()


def veil(stage: Stage) -> None:
    talk_frame = stage.seat.find("talk")
    zone = drop._Zone(talk_frame, stage.seat.window, lambda _x, _y: ADA, None)
    zone._show_veil()
    stage.seat.settle()


def toasts(stage: Stage) -> None:
    stage.seat.find("drop_veil").destroy()
    stage.open(MAX)
    window = stage.seat.window
    failed = VerificationFailed()
    failed.hint = "this is the fingerprint of another key"
    window.tell(failed)
    window.say(translate._("You verified {name}.").format(name="Ada"), Tone.GOOD)
    stage.hear(OfferReceived(
        BOB, "Bob Hale", Trust.VERIFIED, b"toast", (("Holiday in Norway.zip", 1_300_000_000),),
        1, 1_300_000_000, False,
    ))  # fmt: skip
    stage.seat.until(lambda: stage.seat.has("toast_accept"), "an offer")
    stage.seat.until(lambda: stage.seat.enabled("toast_accept"), "it wakes")


PAGES: Final[Mapping[str, Scene]] = {
    "nobody": nobody,
    "nothing-found": nothing_found,
    "conversation": conversation,
    "conversation-above": above,
    "conversation-higher": above,
    "conversation-again": again,
    "bar-request": bar_of(NEW),
    "bar-conflict": bar_of(EVE),
    "bar-failed": bar_of(MAX),
    "bar-blocked": bar_of(OLD),
    "bar-verified": bar_of(BOB),
    "veil": veil,
    "toasts": toasts,
}
DIALOGS: Final[Mapping[str, Scene]] = {
    **{
        f"settings-{name}": page_of_settings(name) for name, _text, _build
        in settings_window._PAGES
    },
    "settings-quiet": quiet,
    "deleting-all": dialog(lambda stage: privacy_page._ask_all(rows(stage, "privacy"))),
    "keeping": keeping(3),
    "keeping-nothing": keeping(len(privacy_page.KEPT) - 1),
    "erasing": dialog(lambda stage: erasing.ask(stage.seat.window, stage.seat.root)),
    "passphrase": dialog(lambda stage: changing.show(stage.seat.window)),
    "details": dialog(lambda stage: details.show(stage.seat.window, ADA)),
    "details-verified": dialog(lambda stage: details.show(stage.seat.window, BOB)),
    "details-blocked": dialog(lambda stage: details.show(stage.seat.window, OLD)),
    **{
        f"details-{name}": question(name, BOB)
        for name in ("unverify", "block", "clear", "forget")
    },
    "verify": dialog(lambda stage: VerifyDialog(stage.seat.window, ADA)),
    "verify-words": check(CheckState.WORDS),
    "verify-answered": check(CheckState.ANSWERED),
    "verify-failed": check(CheckState.FAILED, "different"),
    "verify-ended": check(CheckState.INTERRUPTED, "busy"),
    "verify-asked": asked,
    "fingerprint": compared("waffle Montana", "their_fingerprint_note"),
    "fingerprint-same": compared(" ".join(fingerprint(ADA).words), "verdict"),
    "fingerprint-other": compared(INVITED, "verdict"),
    "my-code": dialog(lambda stage: fingerprints.show_mine(stage.seat.window)),
    "doctor": examined,
    "adding": dialog(lambda stage: adding.show(stage.seat.window)),
    "adding-answered": answered,
    "adding-invited": dialog(lambda stage: adding.show(stage.seat.window, INVITED)),
    "blocking": dialog(lambda stage: blocking.ask(stage.seat.window, ADA)),
    "several": dialog(lambda stage: several.ask(stage.seat.window, [Path("report.pdf")], ADA)),
    "send": dialog(lambda stage: files._sure(stage.seat.window, NEW, lambda: None)),
    "cancel": cancelling,
    "link": dialog(lambda stage: opening.open_link(
        stage.seat.window, find("https://bank.example@other.example/")[0])),
    "quitting": dialog(lambda stage: quitting.ask(stage.seat.window)),
    "shortcuts": dialog(lambda stage: shortcuts.show(stage.seat.window)),
    "transfers": dialog(lambda stage: transfers_pane.toggle(stage.seat.window)),
    "whole": dialog(lambda stage: chat_whole.show(
        stage.seat.root, stage.seat.window.theme, "All of it.")),
}  # fmt: skip

# --- who is there and what they do --------------------------------------------------------


def cast(stage: Stage) -> None:
    """Somebody of every kind."""
    day = stage.now - DAY
    here, away = Presence.ONLINE, Presence.OFFLINE
    rows: tuple[tuple[PeerId, str, Trust, Presence, dict[str, Any]], ...] = (
        (ADA, "Ada Lovelace", Trust.KNOWN, here, {}),
        (BOB, "Bob Hale", Trust.VERIFIED, Presence.DOUBTFUL,
         {"verified_at": day, "verified_how": "words", "claimed_name": "Robert"}),
        (EVE, "Ada Lovelace", Trust.CONFLICT, here, {}),
        (MAX, "Max", Trust.KNOWN, away, {"failed_at": day, "last_seen": day, "muted": True}),
        (NEW, "Grace", Trust.NEW, Presence.SEEN, {}),
        (OLD, "Linus", Trust.BLOCKED, away, {"last_seen": day}),
    )  # fmt: skip
    for who, name, trust, presence, more in rows:
        held = Trust.NEW if trust is Trust.CONFLICT else trust
        contact = Contact(who, name, trust=held, first_seen=day, **more)
        view = PeerView(who, name, trust, presence, (HOST,), 48321)
        stage.hear(PeerAppeared(view), ContactChanged(who, contact))
    stage.hear(*talk(stage, NEW, "Grace"), *talk(stage, BOB, "Bob Hale"))
    stage.hear(*talk(stage, MAX, "Max"))
    page = stage.seat.window.page
    assert isinstance(page, MainPage)
    stage.seat.until(lambda: not page._notifier._jobs, "all of it to be told")
    stage.seat.window.toasts.clear()  # else one comes up later, over what is looked at


def talk(stage: Stage, who: PeerId, name: str) -> Iterator[NodeEvent]:
    for number, (mine, text, ago) in enumerate((
        (False, "Good morning!", DAY + 60_000),
        (True, "Hello. I send you the report.", 40_000),
        (False, "word " * 900, 30_000),
        (False, "Thanks", 20_000),
    )):  # fmt: skip
        at = stage.now - ago
        ident = number.to_bytes(8, "big") + who.key[:8]
        state = State.DELIVERED if mine else State.RECEIVED
        sent = at - 3 * DAY if number == 0 else at
        yield MessageAdded(Message(ident, who, mine, text, sent, at, state), name, Trust.KNOWN)


def carried(stage: Stage) -> Iterator[NodeEvent]:
    """A transfer in every state that a card shows."""
    names = (("report.pdf", 4_200_000), ("setup.exe", 1_900_000_000))
    rows = (
        (False, TransferState.ASKED, names, 0, ""),
        (True, TransferState.OFFERED, names[:1], 0, ""),
        (True, TransferState.CHECKING, names, 9 * 10**8, ""),
        (False, TransferState.RUNNING, names, 12 * 10**8, ""),
        (False, TransferState.PAUSED, names[:1], 2_000_000, ""),
        (False, TransferState.DONE, names, 0, ""),
        (True, TransferState.DECLINED, names, 0,
         outcomes.LACKING.format(missing=10**9)),
        (False, TransferState.FAILED, names[:1], 0, "The disk refused to read or write."),
    )  # fmt: skip
    for number, (mine, state, shown, done, reason) in enumerate(rows):
        total = sum(size for _name, size in shown)
        rate = 86_000_000 if state is TransferState.RUNNING else 0
        view = TransferView(
            ADA, bytes([number]) * 16, mine, state, shown, len(shown), total, done, rate,
            None, reason, (), stage.now - 1000 * (10 - number),
        )  # fmt: skip
        yield TransferMoved(view)
    faults: tuple[tuple[bool, Fault], ...] = ((False, Fault.FULL), (True, Fault.QUOTA))
    for number, (mine, fault) in enumerate(faults, 100):
        yield TransferMoved(
            TransferView(
                ADA, bytes([number]) * 16, mine, TransferState.HELD, names[:1], 1, 4_200_000,
                1_200_000, at=stage.now - 500, fault=fault, missing=1_300_000_000,
            )
        )  # fmt: skip


# --- pictures -----------------------------------------------------------------------------


def take_seat(mode: Mode = Mode.LIGHT) -> Stage:
    """A window over a profile that is there already."""
    asyncio.run(profiles.register("ada", "Ada", PHRASE, profiles.QUICK))
    seat = Seat(Given(profile="ada", interfaces=("lo",)))
    seat.window.prefer(replace(seat.window.preferences, appearance=str(mode)))
    return Stage(seat, time.time_ns() // 10**6)


def resize(stage: Stage, size: str) -> None:
    """The window as large as that, in px at 100 %."""
    theme, root = stage.seat.window.theme, stage.seat.root
    wide, high = (theme.px(int(one)) for one in size.split("x"))
    root.minsize(1, 1)
    root.geometry(f"{wide}x{high}+40+20")
    stage.seat.until(lambda: (root.winfo_width(), root.winfo_height()) == (wide, high), size)
    stage.seat.settle()


def scenes(stage: Stage, *shown: Mapping[str, Scene]) -> Iterator[str]:
    """Show one after the other; gives the name of each when it is there."""
    for part in shown:
        for name, scene in part.items():
            stage.clear()
            scene(stage)
            yield name


def _shoot(folder: Path, language: str, mode: Mode, size: str, display: Display) -> None:
    languages.start(language)
    stage = take_seat(mode)
    resize(stage, size)
    known: set[str] = set()
    for number, name in enumerate(scenes(stage, WAY_IN, PAGES, DIALOGS)):
        settled(stage.seat.root)
        for fault in sorted({*cut(stage.seat.root)} - known):
            sys.stdout.write(f"{name}: {fault}\n")
            known.add(fault)
        display.picture(folder / f"{number:02}-{name}.png")
    stage.seat.leave()


def main(folder: str, *chosen: str) -> None:
    language, mode, dots, size = (*chosen, *("de", "light", "96", "1000x700")[len(chosen) :])
    times = int(dots) / 96
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        Path(folder).mkdir(parents=True, exist_ok=True)
        screen = f"{round(1366 * times)}x{round(768 * times)}"  # as small as they come
        display = stack.enter_context(Display(home, screen, int(dots)))
        os.environ.update(DISPLAY=display.name, TZ="UTC")
        for name in ("DATA_HOME", "CONFIG_HOME", "RUNTIME_DIR"):
            place = home / name
            place.mkdir(mode=0o700)
            os.environ[f"XDG_{name}"] = str(place)
        _shoot(Path(folder), language, Mode(mode), size, display)


if __name__ == "__main__":
    main(*sys.argv[1:])
