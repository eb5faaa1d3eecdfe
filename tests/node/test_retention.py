"""For how long what was said is kept, and what is left when it is deleted."""

import asyncio
import shutil
from pathlib import Path

import pytest

from lanchat.errors import BadRequest
from lanchat.identity.trust import Trust
from lanchat.node import acts, retention, views
from lanchat.node.events import (
    HistoryExpired,
    MessageAdded,
    MessageChanged,
    TransferEnded,
    TransferState,
)
from lanchat.node.fleeting import UNTIL_CLOSED
from lanchat.store import keyfile
from lanchat.store.connection import Connection
from lanchat.store.database import Database
from tests.node.house import PASSPHRASE, House, Resident, failure, make_file, until


async def aged(one: Resident, days: int) -> None:
    """Let everything that was said be so many days old."""
    by = days * retention.DAY

    def work(connection: Connection) -> None:
        connection.execute("UPDATE messages SET arrived_at = arrived_at - ?", (by,))
        connection.execute("UPDATE transfers SET changed_at = changed_at - ?", (by,))
        connection.execute("UPDATE arrivals SET came_at = came_at - ?", (by,))

    await one.opened.database.run(work)


async def test_what_is_older_than_the_user_wants_goes_at_once_and_is_told(
    house: House,
) -> None:
    ann, bob = await house.friends()
    await ann.say(bob, "of last year")
    await aged(bob, 8)
    await ann.say(bob, "of today")
    await acts.see(bob.node, ann.me)
    assert await acts.kept(bob.node) == 0
    await acts.keep(bob.node, 7)
    assert await bob.talk(ann) == [(False, "of today")]
    (told,) = bob.told(HistoryExpired)
    assert (told.peer_id, len(told.ids)) == (ann.me, 1)
    assert bob.trusts(ann) is Trust.KNOWN
    assert len(await ann.talk(bob)) == 2  # theirs is theirs


async def test_the_choice_is_kept_in_the_profile_and_looked_after_once_a_day(
    house: House,
) -> None:
    ann, bob = await house.friends()
    await acts.keep(bob.node, 30)
    await ann.say(bob, "old by then")
    await acts.see(bob.node, ann.me)
    await aged(bob, 31)
    await house.leaves(bob)
    bob = await house.returns(bob)
    assert await acts.kept(bob.node) == 30
    await bob.node._tidy()
    assert await bob.talk(ann) == []


async def test_until_it_is_closed_all_is_there_and_then_only_what_waits_or_is_unread(
    house: House,
) -> None:
    ann, bob = await house.friends()
    await acts.keep(bob.node, UNTIL_CLOSED)
    await ann.say(bob, "read by then")
    await acts.see(bob.node, ann.me)
    await acts.write(bob.node, ann.me, "delivered secret")
    await ann.hears(MessageAdded, lambda told: told.message.text == "delivered secret")
    await until(lambda: bob.told(MessageChanged))
    await ann.say(bob, "not read yet")
    await house.leaves(ann)
    await bob.ask("say", peer=str(ann.me), text="still waiting", queue=True)
    await acts.draft(bob.node, ann.me, "begun")
    await bob.node._tidy()
    assert len(await bob.talk(ann)) == 4
    assert await bob.node.history.drafts() == {ann.me: "begun"}
    await house.leaves(bob)

    def left(connection: Connection) -> list[object]:
        texts = connection.execute("SELECT text FROM messages ORDER BY place")
        found = connection.execute("SELECT rowid FROM words WHERE words MATCH 'secret'")
        waits = connection.execute("SELECT key FROM meta WHERE key = 'purging'")
        begun = connection.execute("SELECT text FROM drafts")
        return [*texts.fetchall(), *found.fetchall(), *waits.fetchall(), *begun.fetchall()]

    profile = bob.opened.profile  # looked at as it lies there, before anybody opens it
    sealed = await asyncio.to_thread(keyfile.read, profile.keyfile)
    secrets = await asyncio.to_thread(keyfile.open_key, sealed, PASSPHRASE)
    database = await Database.open(profile.database, secrets.master_key)
    try:
        assert await database.run(left) == [("not read yet",), ("still waiting",)]
    finally:
        await database.close()
    bob = await house.returns(bob)
    assert await acts.kept(bob.node) == UNTIL_CLOSED


async def test_what_a_program_left_that_was_killed_goes_when_the_profile_opens(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    await acts.keep(bob.node, UNTIL_CLOSED)
    await ann.say(bob, "read by then")
    await acts.see(bob.node, ann.me)
    place = bob.opened.profile.database
    left = [shutil.copy(one, tmp_path) for one in place.parent.glob(f"{place.name}*")]
    await house.leaves(bob)
    for one in left:  # as if it had not been closed
        shutil.copy(one, place.parent)
    bob = await house.returns(bob)
    assert await bob.talk(ann) == []


async def test_what_the_disk_does_not_let_go_keeps_nobody_out_and_goes_later(
    house: House,
) -> None:
    ann, bob = await house.friends()
    await acts.keep(bob.node, UNTIL_CLOSED)
    await ann.say(bob, "read by then")
    await acts.see(bob.node, ann.me)
    refuse = "BEGIN SELECT RAISE(FAIL, 'no'); END"
    await bob.opened.database.run(
        lambda one: one.execute(f"CREATE TRIGGER full BEFORE DELETE ON messages {refuse}")
    )
    await house.leaves(bob)
    bob = await house.returns(bob)
    assert await bob.talk(ann) == [(False, "read by then")]
    await bob.opened.database.run(lambda one: one.execute("DROP TRIGGER full"))
    await house.leaves(bob)
    bob = await house.returns(bob)
    assert await bob.talk(ann) == []


async def test_what_waits_for_somebody_is_sent_however_old_it_is(house: House) -> None:
    ann, bob = await house.friends()
    await house.leaves(bob)
    await ann.ask("say", peer=str(bob.me), text="still waiting", queue=True)
    await aged(ann, 400)
    await acts.keep(ann.node, 7)
    assert await ann.talk(bob) == [(True, "still waiting")]
    bob = await house.returns(bob)
    await ann.meet(bob)
    await until(lambda: ann.node.sessions.current(bob.me))
    await acts.write(ann.node, bob.me, "and this")
    await bob.hears(MessageAdded, lambda told: told.message.text == "and this")
    assert [text for _mine, text in await bob.talk(ann)] == ["still waiting", "and this"]


@pytest.mark.parametrize("days", [-1, retention.MOST_DAYS + 1])
async def test_a_number_of_days_that_makes_no_sense_changes_nothing(
    house: House, days: int
) -> None:
    ann = await house.lives("ann")
    await acts.keep(ann.node, 90)
    assert isinstance(await failure(acts.keep(ann.node, days)), BadRequest)
    assert await acts.kept(ann.node) == 90


async def test_deleting_everything_leaves_people_and_no_name_of_a_file(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    await ann.say(bob, "hello")
    file = make_file(tmp_path / "quokka.jpg", 1000)
    file.chmod(0o755)
    await ann.send(bob, file)
    await bob.hears(TransferEnded, lambda told: told.state is TransferState.DONE)
    for one in (ann, bob):
        await acts.clear_all(one.node)
        overview = await views.overview(one.node)
        assert overview.transfers == ()
        assert [person.last for person in overview.people] == [None]
        assert await one.opened.database.run(_all_of_transfers) == []
    assert bob.trusts(ann) is Trust.KNOWN
    assert (bob.downloads / "quokka.jpg").exists()


async def test_names_of_files_go_with_the_conversation_also_for_their_age(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    await ann.send(bob, make_file(tmp_path / "of last year.jpg", 1000))
    await bob.hears(TransferEnded, lambda told: told.state is TransferState.DONE)
    await acts.see(bob.node, ann.me)
    await aged(bob, 8)
    await ann.send(bob, make_file(tmp_path / "of today.jpg", 1000))
    await until(lambda: len(bob.told(TransferEnded)) == 2)
    await acts.keep(bob.node, 7)
    left = str(await bob.opened.database.run(_all_of_transfers))
    assert "of last year" not in left
    assert left.count("of today") == 3  # where it was to go, where it lies, and as an arrival


async def test_a_file_that_nobody_has_seen_can_be_opened_however_old_it_is(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends(keep_executable=False)
    file = make_file(tmp_path / "quokka", 1000)
    file.chmod(0o755)
    await ann.send(bob, file)
    ended = await bob.hears(TransferEnded, lambda told: told.state is TransferState.DONE)
    await aged(bob, 2)
    await acts.keep(bob.node, 1)
    (entry,) = await bob.history(ann)
    view = await bob.node.transfers.list.find(entry.id)
    assert view.paths == (str(bob.downloads / "quokka"),)
    assert len(view.programs) == ended.programs == 1
    await acts.see(bob.node, ann.me)
    await bob.node._tidy()
    assert await bob.history(ann) == ()
    assert await bob.opened.database.run(_all_of_transfers) == []


async def test_a_file_that_nobody_has_seen_can_be_opened_after_the_profile_was_closed(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    await acts.keep(bob.node, UNTIL_CLOSED)
    await ann.send(bob, make_file(tmp_path / "seen.jpg", 1000))
    await bob.hears(TransferEnded, lambda told: told.state is TransferState.DONE)
    await acts.see(bob.node, ann.me)
    await ann.send(bob, make_file(tmp_path / "quokka.jpg", 1000))
    await until(lambda: len(bob.told(TransferEnded)) == 2)
    for _ in range(2):
        await house.leaves(bob)
        bob = await house.returns(bob)
        (entry,) = await bob.history(ann)
        view = await bob.node.transfers.list.find(entry.id)
        assert view.paths == (str(bob.downloads / "quokka.jpg"),)
        left = str(await bob.opened.database.run(_all_of_transfers))
        assert "seen" not in left
        assert left.count("quokka") == 3  # its offer, where it lies, and as an arrival


async def test_the_same_files_can_be_sent_again_after_everything_was_deleted(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "quokka.jpg", 1000)
    await ann.send(bob, file)
    await acts.clear_all(ann.node)
    await acts.clear_all(bob.node)
    rows = await ann.send(bob, file)
    assert rows[-1]["state"] == "done"
    overview = await views.overview(bob.node)
    assert [view.state for view in overview.transfers] == [TransferState.DONE]
    assert sorted(path.name for path in bob.downloads.glob("*.jpg")) == [
        "quokka (2).jpg",
        "quokka.jpg",
    ]


def _all_of_transfers(connection: Connection) -> list[object]:
    told = "SELECT offer, sources, results, programs FROM transfers"
    rows = connection.execute(told).fetchall()
    came = connection.execute("SELECT wanted, root, '', '' FROM arrivals").fetchall()
    return [row for row in (*rows, *came) if row != (b"", "[]", "[]", "[]")]
