"""Reading the open conversation: a real window over a real node, and its store."""

from functools import partial

from lanchat.conversation.message import Message, State
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.items import Said
from lanchat.node import acts
from lanchat.node.events import MessageAdded
from lanchat.node.node import Node, now_ms
from lanchat.node.retention import DAY
from tests.gui.test_details import BOB, know_bob
from tests.gui.windows import Seat


def store(seat: Seat, number: int, *, ago: int = 0, mine: bool = False) -> None:
    """A message with Bob, as if it had come or gone so many days ago."""

    async def put(node: Node) -> None:
        at, ident = now_ms() - ago * DAY, number.to_bytes(16, "big")
        state = State.DELIVERED if mine else State.RECEIVED
        one = Message(ident, BOB, mine, f"message {number}", at, at, state)
        await node.history.append(one)
        node.publish(MessageAdded(one, "Bob", node.people.trust(BOB, "Bob")))

    done: list[None] = []
    seat.window.ask(put, done.append)
    seat.until(lambda: done, "the message in the store")


def shown(seat: Seat) -> list[str]:
    """What stands in the open conversation."""
    talk = seat.window.screen.conversation
    return [one.text for one in talk.items if isinstance(one, Said)] if talk else []


def unread(seat: Seat) -> int:
    """How many of Bob's the store says that nobody has seen."""
    found: list[int] = []

    async def count(node: Node) -> int:
        return (await node.history.unread()).get(BOB, 0)

    seat.window.ask(count, found.append)
    seat.until(lambda: found, "what the store says")
    return found[0]


def alter(seat: Seat, what: str) -> None:
    """Change a table of the store while the node runs."""

    async def work(node: Node) -> None:
        await node.history._database.run(lambda one: one.execute(f"ALTER TABLE {what}"))

    done: list[None] = []
    seat.window.ask(work, done.append)
    seat.until(lambda: done, "the altered store")


def answered(seat: Seat) -> None:
    """Wait until the node has answered what it was asked before."""
    done: list[int] = []
    seat.window.ask(acts.kept, done.append)
    seat.until(lambda: done, "an answer")


def talk_with_bob(seat: Seat) -> None:
    know_bob(seat)
    seat.window.do(PeerChosen(BOB))
    seat.until(lambda: "are you there?" in shown(seat), "the conversation")


def test_what_is_too_old_goes_from_the_open_conversation_and_the_rest_stays(
    seat: Seat,
) -> None:
    talk_with_bob(seat)
    for days in (9, 5):  # twice, with nobody else opened in between
        store(seat, days, ago=days, mine=True)
        seat.until(lambda: len(shown(seat)) == 2, "an old one")
        seat.window.ask(partial(acts.keep, days=days - 1))
        seat.until(lambda: shown(seat) == ["are you there?"], "what is left")
    seat.window.ask(lambda node: acts.write(node, BOB, "still here"))
    seat.until(lambda: shown(seat)[-1:] == ["still here"], "what is said now")


def test_what_comes_while_one_looks_is_seen_in_the_store_too(seat: Seat) -> None:
    talk_with_bob(seat)
    assert seat.window.screen.focused
    store(seat, 1)
    seat.until(lambda: "message 1" in shown(seat), "it")
    seat.until(lambda: seat.window.screen.unread == 0, "seen on the screen")
    seat.until(lambda: unread(seat) == 0, "seen in the store")


def test_a_page_that_could_not_be_read_is_told_once_and_read_when_it_can_be(
    seat: Seat,
) -> None:
    know_bob(seat)
    alter(seat, "messages RENAME TO elsewhere")
    seat.window.do(PeerChosen(BOB))
    seat.until(lambda: seat.window.toasts.texts, "that it could not be read")
    seat.window.toasts.clear()
    seat.window.do(PeerChosen(BOB))
    answered(seat)
    assert seat.window.toasts.texts == ()
    alter(seat, "elsewhere RENAME TO messages")
    seat.window.do(PeerChosen(BOB))  # the user clicks them again
    seat.until(lambda: shown(seat) == ["are you there?"], "all of it")
