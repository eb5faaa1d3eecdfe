"""What can change while a node runs, and what is of a start."""

import asyncio
import time
from dataclasses import fields, replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from lanchat.errors import BadRequest
from lanchat.identity.trust import Trust
from lanchat.node import acts
from lanchat.node.events import OfferReceived
from lanchat.node.settings import Accepting, Clash, Settings, Site, site_of
from lanchat.transfer.pacing import LEAST_RATE
from tests.node.house import MIB, House, failure, make_file, same, under_way

ONE = Settings(Path("one"))
OTHER = Settings(
    Path("other"), ("eth0",), 4000, False, Accepting.ALL, True, 1, 2, True,
    limit_rate=3, clash=Clash.SKIP, keep_executable=True,
    networks=(ip_network("10.20.0.0/16"),), site=Site("chat.example.org"),
)  # fmt: skip


def test_networks_and_the_port_stay_and_all_that_is_asked_for_each_time_changes() -> None:
    stays = {
        one.name
        for one in fields(Settings)
        if getattr(ONE.meanwhile(OTHER), one.name) == getattr(ONE, one.name)
    }
    assert stays == {"interfaces", "port", "listening", "asks", "networks", "site"}


def test_a_site_is_named_by_its_domain_and_a_key_alone_is_none() -> None:
    assert site_of(None, None) is None
    assert site_of("", "") is None
    assert site_of("auto@ns", None, 5.0) == Site("", "ns", None, 5.0)
    found = site_of("chat.example.org", "~/key")
    assert found == Site("chat.example.org", "", Path.home() / "key", 15.0)
    for domain, key in ((None, "key"), ("no domain", None)):
        with pytest.raises(BadRequest) as caught:
            site_of(domain, key)
        assert caught.value.hint


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


async def test_a_limit_of_speed_counts_until_it_is_lifted(house: House, tmp_path: Path) -> None:
    ann, bob = await house.friends(limit_rate=LEAST_RATE)
    file = make_file(tmp_path / "file", 12 * MIB)  # three minutes at that rate
    began = time.monotonic()
    sending = asyncio.ensure_future(ann.send(bob, file))
    await under_way(ann, LEAST_RATE // 8)
    (out,) = ann.node.transfers._sending.running()
    assert out.done <= LEAST_RATE * (time.monotonic() - began + 1.0)
    for one in (ann, bob):
        await acts.change(one.node, replace(one.settings, limit_rate=0))
    *_, row = await asyncio.wait_for(sending, 60)
    assert row["state"] == "done"
    assert await same(file, bob.downloads / "file")
