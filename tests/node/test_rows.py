"""What scripts read: the JSON keys of docs/COMMANDS.md, to the letter."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from lanchat.conversation.message import Message, State
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node import events, rows
from lanchat.node.events import (
    Availability,
    By,
    CheckChanged,
    CheckState,
    ContactChanged,
    FileReceived,
    HistoryExpired,
    MessageAdded,
    MessageChanged,
    NetworksChanged,
    NodeEvent,
    NodeReady,
    OfferReceived,
    PeerAppeared,
    PeerChanged,
    PeerLeft,
    PeerView,
    Presence,
    Renamed,
    SessionClosed,
    SessionOpened,
    Showing,
    ShowingChanged,
    TransferChanged,
    TransferEnded,
    TransferMoved,
    TransferState,
    TransferView,
    Warned,
)
from lanchat.node.presence import Said

COMMANDS = Path(__file__).parents[2] / "docs" / "COMMANDS.md"
ANN, BOB = PeerId(b"\1" * 32), PeerId(b"\2" * 32)
ID = bytes(range(16))
NOON = 1_700_000_000_123
VIEW = PeerView(BOB, "bob", Trust.KNOWN, Presence.ONLINE, ("10.0.0.2",), 4000)
THEIRS = Message(ID, BOB, False, "hi", NOON, NOON + 5, State.RECEIVED)
FILE = Message(ID, BOB, False, "", NOON, NOON, State.RECEIVED, file="a")
MINE = Message(ID, BOB, True, "hi", NOON, NOON, State.READ)

PEER = "peer_id name addresses port trust availability status version"
EVERY = [
    (NodeReady(ANN, "ann", 4000, ("10.0.0.1",)), "ready", "peer_id name port addresses"),
    (NetworksChanged(("10.0.0.9",)), "networks-changed", "addresses"),
    (Renamed(ANN, "anna"), "renamed", "peer_id name"),
    (PeerAppeared(VIEW), "peer-found", PEER),
    (PeerChanged(VIEW), "peer-changed", PEER),
    (PeerLeft(VIEW), "peer-lost", PEER),
    (SessionOpened(BOB, "bob", Trust.NEW), "session-opened", "peer_id name trust"),
    (
        SessionClosed(BOB, "bob", Trust.NEW, "GOODBYE"),
        "session-closed",
        "peer_id name trust reason",
    ),
    (MessageAdded(THEIRS, "bob", Trust.KNOWN), "message", "peer_id name trust id text sent_at"),
    (MessageChanged(MINE), "receipt", "peer_id id state"),
    (
        OfferReceived(BOB, "bob", Trust.NEW, ID, (("a", 3),), 2, 7, True),
        "offer",
        "peer_id name trust transfer files count bytes accepted",
    ),
    (
        TransferMoved(
            TransferView(BOB, ID, True, TransferState.PAUSED, (("a", 3),), 2, 7, 3, by=By.ME)
        ),
        "transfer-changed",
        "transfer peer_id direction state files count bytes total bytes_per_second"
        " seconds_left by reason paths offered_at fault missing",
    ),
    (
        TransferChanged(BOB, ID, 3, 7, 100),
        "progress",
        "transfer bytes total bytes_per_second seconds_left",
    ),
    (FileReceived(BOB, ID, "/somewhere/a", 3), "file-received", "peer_id transfer path size"),
    (
        TransferEnded(BOB, ID, False, TransferState.DONE),
        "transfer-ended",
        "transfer state reason",
    ),
    (
        CheckChanged(BOB, "bob", Trust.KNOWN, CheckState.WORDS, 7, ("a", "b", "c", "d"), "x"),
        "verification",
        "peer_id name trust state run words reason",
    ),
    (Warned("disk-full", "a sentence", BOB), "warning", "code detail peer_id"),
]


def table() -> dict[str, str]:
    """The table of events: what it says of each."""
    found: dict[str, str] = {}
    for line in COMMANDS.read_text().partition("## Events")[2].splitlines():
        cells = line.split("|")[1:-1]
        if len(cells) == 2:
            found |= dict.fromkeys(re.findall(r"`([a-z-]+)`", cells[0]), cells[1])
    return found


@pytest.mark.parametrize(("happened", "name", "keys"), EVERY)
def test_an_event_has_the_keys_that_scripts_were_promised(
    happened: NodeEvent, name: str, keys: str
) -> None:
    row = rows.event(happened, NOON)
    assert row is not None
    assert row["event"] == name
    assert row["at"] == "2023-11-14T22:13:20.123Z"
    assert set(keys.split()) <= row.keys()
    assert json.loads(json.dumps(row)) == row
    for key in keys.split():
        assert key in table()[name]


def test_the_table_names_every_event_and_no_other() -> None:
    assert {name for _, name, _ in EVERY} == table().keys()
    told = {type(happened) for happened, _, _ in EVERY}
    assert told == set(get_args(NodeEvent)) - {ContactChanged, HistoryExpired, ShowingChanged}


@pytest.mark.parametrize(
    "said", [MINE, Message(ID, BOB, False, "", 0, 0, State.RECEIVED, file="a")]
)
def test_what_scripts_do_not_see_is_no_row(said: Message) -> None:
    assert rows.event(MessageAdded(said, "bob", Trust.NEW), NOON) is None


def test_the_values_of_a_message() -> None:
    assert rows.event(MessageAdded(THEIRS, "bob", Trust.NEW), NOON) == {
        "event": "message",
        "at": "2023-11-14T22:13:20.123Z",
        "peer_id": str(BOB),
        "name": "bob",
        "trust": "new",
        "id": ID.hex(),
        "text": "hi",
        "sent_at": "2023-11-14T22:13:20.123Z",
    }


def test_the_values_of_an_offer() -> None:
    row = rows.event(
        OfferReceived(BOB, "bob", Trust.NEW, ID, (("a", 3), ("b", 4)), 9, 7, False), NOON
    )
    assert row is not None
    assert row["files"] == [{"path": "a", "size": 3}, {"path": "b", "size": 4}]
    assert (row["count"], row["bytes"], row["accepted"]) == (9, 7, False)


def test_the_values_of_progress() -> None:
    row = rows.progress(TransferChanged(BOB, ID, 3, 7, 100))
    assert row == {
        "event": "progress",
        "transfer": ID.hex(),
        "bytes": 3,
        "total": 7,
        "bytes_per_second": 100,
        "seconds_left": 1,
    }


@pytest.mark.parametrize("state", [TransferState.DONE, TransferState.FAILED])
def test_a_transfer_ends_with_a_state_and_a_reason(state: TransferState) -> None:
    row = rows.event(TransferEnded(BOB, ID, True, state, "why"), NOON)
    assert row is not None
    assert (row["transfer"], row["state"], row["reason"]) == (ID.hex(), state.value, "why")


def test_a_warning_names_a_peer_where_one_is_concerned() -> None:
    assert "peer_id" not in (rows.event(Warned("store", "why"), NOON) or {})


def test_i_am_a_name_a_peer_id_and_a_fingerprint() -> None:
    row = rows.me(ANN, "ann")
    assert row.keys() == {"peer_id", "name", "fingerprint"}
    printed = row["fingerprint"]
    assert isinstance(printed, dict)
    assert printed.keys() == {"hex", "words"}
    assert re.fullmatch("[0-9a-f]{32}", str(printed["hex"]))
    assert isinstance(printed["words"], list)
    assert len(printed["words"]) == 16


def test_who_i_am_says_what_i_chose_and_not_that_nobody_touches_anything() -> None:
    row = rows.me(ANN, "ann", Showing(Availability.AVAILABLE, "here", idle=True))
    assert (row["availability"], row["status"]) == ("available", "here")


def test_the_list_of_who_is_here() -> None:
    assert rows.peer(VIEW) == {
        "peer_id": str(BOB),
        "name": "bob",
        "addresses": ["10.0.0.2"],
        "port": 4000,
        "trust": "known",
        "presence": "online",
        "availability": None,
        "status": "",
        "version": "same",
    }
    told = rows.peer(replace(VIEW, said=Said(Availability.BUSY, "in a meeting")))
    assert (told["availability"], told["status"]) == ("busy", "in a meeting")
    assert {presence.value for presence in Presence} == {
        "seen", "online", "doubtful", "offline",
    }  # fmt: skip


def test_what_i_hold_of_a_peer() -> None:
    held = Contact(BOB, "bob", alias="bobby", trust=Trust.VERIFIED, first_seen=NOON)
    row = rows.contact(held, Trust.VERIFIED)
    assert row.keys() == {
        "peer_id", "name", "trust", "fingerprint", "first_seen", "last_seen",
        "verified_at", "verified_how", "failed_at", "addresses",
    }  # fmt: skip
    assert (row["name"], row["trust"]) == ("bobby", "verified")
    assert (row["first_seen"], row["last_seen"]) == ("2023-11-14T22:13:20.123Z", None)


@pytest.mark.parametrize(("said", "author"), [(MINE, ANN), (THEIRS, BOB)])
def test_a_message_of_a_history(said: Message, author: PeerId) -> None:
    assert rows.message(said, ANN) == {
        "id": ID.hex(),
        "author": str(author),
        "sent_at": "2023-11-14T22:13:20.123Z",
        "arrived_at": rows.moment(said.arrived_at),
        "text": "hi",
        "state": said.state.value,
    }


def test_files_of_a_history_have_a_name_and_no_text() -> None:
    row = rows.message(Message(ID, BOB, True, "", NOON, NOON, State.DELIVERED, file="a"), ANN)
    assert row["file"] == "a"
    assert "text" not in row


@pytest.mark.parametrize("claim", [2**63, 2**62, -1])
def test_any_claim_of_a_time_is_a_moment(claim: int) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", rows.moment(claim))


def test_the_states_of_a_transfer_are_those_that_scripts_know() -> None:
    final = {"done", "declined", "cancelled", "failed"}
    assert final <= {state.value for state in events.TransferState}


@pytest.mark.parametrize(
    ("done", "rate", "left"), [(0, 0, None), (0, 3, 3), (7, 3, 0), (1, 2, 3), (9, 3, 0)]
)
def test_how_long_a_transfer_takes_is_rounded_up(
    done: int, rate: int, left: int | None
) -> None:
    running = TransferView(BOB, ID, False, TransferState.RUNNING, (), 1, 7, done, rate)
    assert rows.transfer_row(running)["seconds_left"] == left
    assert replace(running, state=TransferState.PAUSED).seconds_left is None
