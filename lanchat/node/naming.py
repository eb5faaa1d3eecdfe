"""Naming: what we are called, and telling it when that changes.  PROTOCOL.md, 3a and 5."""

from lanchat.errors import OwnNameTaken
from lanchat.identity import trust as trusting
from lanchat.node import profiles
from lanchat.node.events import Renamed
from lanchat.node.node import Node


async def rename(node: Node, name: str) -> str:
    """Be called `name` from now on, kept and told to everybody; the name as others see it.

    Who holds our old name goes on to use it until their user agrees to the new one.

    Raises:
        BadRequest: nobody may be called that.
        OwnNameTaken: it looks like the name of somebody we know.
        StoreError: it could not be kept; nothing was changed.
    """
    name = profiles.own_name(name)
    if trusting.is_taken(name, node.me, node.people.taken()):
        raise OwnNameTaken("renaming ourselves")
    if name == node.name:
        return name
    await node.be_called(name)
    node.publish(Renamed(node.me, name))
    return name
