"""What can change while a node runs, and what is of a start."""

from dataclasses import fields, replace
from pathlib import Path

from lanchat.identity.trust import Trust
from lanchat.node import acts
from lanchat.node.events import OfferReceived
from lanchat.node.settings import Accepting, Settings
from tests.node.house import House, failure, make_file

ONE = Settings(Path("one"))
OTHER = Settings(
    Path("other"), ("eth0",), 4000, False, Accepting.ALL, True, 1, 2,
    read_receipts=True, limit_rate=3,
)  # fmt: skip


def test_networks_and_the_port_stay_and_all_that_is_asked_for_each_time_changes() -> None:
    stays = {
        one.name
        for one in fields(Settings)
        if getattr(ONE.meanwhile(OTHER), one.name) == getattr(ONE, one.name)
    }
    assert stays == {"interfaces", "port", "listening", "asks"}


async def test_files_go_where_the_user_wants_them_from_the_next_one_on(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    await ann.send(bob, make_file(tmp_path / "first", 100))
    elsewhere = tmp_path / "elsewhere"
    await acts.change(bob.node, replace(bob.settings, downloads=elsewhere))
    await ann.send(bob, make_file(tmp_path / "second", 100))
    assert [path.name for path in elsewhere.glob("*")] == ["second"]
    assert [path.name for path in bob.downloads.glob("*")] == ["first"]


async def test_whose_files_are_taken_counts_at_once(house: House, tmp_path: Path) -> None:
    ann, bob = await house.friends(accept=Accepting.NONE)
    file = make_file(tmp_path / "file", 100)
    await failure(ann.send(bob, file))
    await acts.change(bob.node, replace(bob.settings, accept=Accepting.VERIFIED))
    await bob.holds(ann, Trust.VERIFIED)
    await ann.send(bob, file)
    limited = replace(bob.settings, accept=Accepting.VERIFIED, offer_limit=99)
    await acts.change(bob.node, limited)
    await failure(ann.send(bob, make_file(tmp_path / "larger", 100)))
    assert [told.accepted for told in bob.told(OfferReceived)] == [False, True, False]
