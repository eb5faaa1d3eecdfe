"""Two people talk: what is stored, shown and sent, and in which order."""

from lanchat.identity.trust import Trust
from lanchat.node.events import MessageAdded, MessageChanged
from tests.node.house import House


async def test_a_message_arrives_and_its_receipt_comes_back(house: House) -> None:
    ann, bob = await house.couple()
    row = await ann.say(bob, "hello")
    assert row["state"] == "delivered"
    assert await bob.talk(ann) == [(False, "hello")]
    assert await ann.talk(bob) == [(True, "hello")]
    assert ann.trusts(bob) is Trust.KNOWN
    assert bob.trusts(ann) is Trust.NEW
    assert len(bob.told(MessageAdded)) == 1
    changed = await ann.hears(MessageChanged)
    assert changed.message.id.hex() == row["id"]
