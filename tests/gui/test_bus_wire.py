"""Messages of D-Bus: what goes out comes back, and no bytes do more than be refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.gui.bus_wire import (
    HEAD,
    LONGEST,
    BadBusMessage,
    Kind,
    Message,
    Variant,
    decode,
    encode,
    length,
    types,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
NUMBERS = st.integers(0, 2**32 - 1)
VALUES = st.one_of(
    TEXTS.map(lambda value: Variant("s", value)),
    st.booleans().map(lambda value: Variant("b", value)),
    st.integers(0, 255).map(lambda value: Variant("y", value)),
    st.integers(-(2**63), 2**63 - 1).map(lambda value: Variant("x", value)),
    st.lists(TEXTS, max_size=3).map(lambda value: Variant("as", value)),
    st.lists(st.tuples(st.integers(-9, 9), st.floats(-1, 1)), max_size=3).map(
        lambda value: Variant("a(id)", value)
    ),
)
MESSAGES = st.builds(
    lambda serial, member, body: Message(
        Kind.CALL, serial, path="/a/b", interface="a.b", member=member, destination=":1.5",
        signature="susas" + "a{sv}i", body=body,
    ),
    st.integers(1, 2**32 - 1),
    st.from_regex(r"[A-Z][a-z]{1,20}", fullmatch=True),
    st.tuples(
        TEXTS, NUMBERS, TEXTS, st.lists(TEXTS, max_size=4),
        st.dictionaries(TEXTS, VALUES, max_size=4), st.integers(-(2**31), 2**31 - 1),
    ),
)  # fmt: skip


@given(MESSAGES)
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    data = encode(message)
    assert length(data[:HEAD]) == len(data)
    assert decode(data) == message


@given(MESSAGES, st.data())
def test_a_message_that_was_changed_is_read_or_refused(
    message: Message, draw: st.DataObject
) -> None:
    data = bytearray(encode(message))
    for _change in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    with suppress(BadBusMessage):
        decode(bytes(data))
    with pytest.raises(BadBusMessage):
        decode(encode(message)[: draw.draw(st.integers(0, len(data) - 1))])


@given(st.binary(max_size=200))
def test_garbage_is_read_or_refused(data: bytes) -> None:
    with suppress(BadBusMessage):
        decode(b"l\x01\x00\x01" + data)
    with pytest.raises(BadBusMessage):
        decode(b"l\x01\x00\x02" + data)


@pytest.mark.parametrize("order", ["little", "big"])
def test_a_message_of_either_order_is_read(order: str) -> None:
    def number(value: int) -> bytes:
        return value.to_bytes(4, order)  # type: ignore[arg-type]  # little or big

    body = number(7) + number(2)
    field = b"\x08\x01g\x00\x02uu\x00"
    head = (
        (b"l" if order == "little" else b"B") + b"\x04\x00\x01" + number(len(body)) + number(9)
    )
    data = head + number(len(field)) + field + body
    assert decode(data) == Message(Kind.SIGNAL, 9, signature="uu", body=(7, 2))


def test_what_is_too_long_is_refused_by_its_head() -> None:
    head = b"l\x01\x00\x01" + LONGEST.to_bytes(4, "little") + bytes(8)
    with pytest.raises(BadBusMessage):
        length(head)


def test_a_signature_is_taken_apart() -> None:
    assert types("susssasa{sv}i") == ["s", "u", "s", "s", "s", "as", "a{sv}", "i"]
    assert types("(a(yv)u)aas") == ["(a(yv)u)", "aas"]
    for bad in ("a", "(", "(s", "a{s", "z", "a" * 40 + "s", "(" * 40, "s)"):
        with pytest.raises(BadBusMessage):
            types(bad)
