"""The message itself: a value."""

from dataclasses import FrozenInstanceError

import pytest

from lanchat.conversation.message import Message, State
from lanchat.identity.keys import PeerId

ANN = PeerId(b"\2" * 32)


def test_a_message_is_a_value() -> None:
    message = Message(bytes(16), ANN, True, "hi", 1, 2, State.QUEUED)
    assert message == Message(bytes(16), ANN, True, "hi", 1, 2, State.QUEUED, 0, b"", "")
    assert len({message, message}) == 1
    with pytest.raises(FrozenInstanceError):
        message.text = "ho"  # type: ignore[misc]  # that it cannot be set is the point


def test_the_states_are_written_as_front_ends_print_them() -> None:
    assert [*State] == ["queued", "delivered", "read", "received"]
