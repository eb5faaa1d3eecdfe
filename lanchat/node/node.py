"""The node: it puts the parts together, and carries what happens from one to the other."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import Final

from lanchat.discovery.mdns import Mdns
from lanchat.errors import LanchatError
from lanchat.identity.keys import PeerId
from lanchat.node import dialler, introducing, neighbours, outlying, profiles, sessions
from lanchat.node.acquaintance import Acquaintance
from lanchat.node.alarms import Alarms
from lanchat.node.attendance import Attendance
from lanchat.node.checkup import Checkups
from lanchat.node.conversations import Conversations
from lanchat.node.dialler import Dialler
from lanchat.node.doors import Doors
from lanchat.node.epochs import next_epoch, secret
from lanchat.node.events import ContactChanged, NodeEvent, NodeReady
from lanchat.node.greeting import Greeter
from lanchat.node.hiding import Hiding
from lanchat.node.inbox import Inbox
from lanchat.node.introducing import Introductions
from lanchat.node.meeting import Meeting
from lanchat.node.neighbours import Neighbours
from lanchat.node.people import People
from lanchat.node.profiles import OpenProfile
from lanchat.node.quotas import Crowd
from lanchat.node.retention import Retention
from lanchat.node.roaming import Roaming
from lanchat.node.routing import Switch
from lanchat.node.sessions import Sessions
from lanchat.node.settings import Settings
from lanchat.node.standing import Standing
from lanchat.node.tasks import Tasks
from lanchat.node.transfers import Transfers
from lanchat.node.upkeep import Upkeep
from lanchat.node.verification import Verification
from lanchat.session.listen import Listener
from lanchat.session.tcp import Link
from lanchat.store.contacts import Contacts
from lanchat.store.history import History
from lanchat.store.transfers import Transfers as TransferTable

_log = logging.getLogger(__name__)

GOODBYE: Final = 1.0  # seconds to wait for the last words of sessions


class Node:
    """Our running lanchat.  Lives on the node thread.

    Between `start` and `stop` the parts below may be used by the requests of front ends
    (`requests.py`); whoever drives the node waits on `failed` beside its own work.
    """

    people: People
    acquaintance: Acquaintance
    attendance: Attendance
    neighbours: Neighbours
    sessions: Sessions
    dialler: Dialler
    conversations: Conversations
    transfers: Transfers
    verification: Verification
    checkups: Checkups
    history: History
    retention: Retention
    doors: Doors
    meeting: Meeting

    def __init__(self, opened: OpenProfile, settings: Settings) -> None:
        self.settings = settings
        self.me: Final = opened.identity.peer_id
        self.name = opened.name
        self.started_at = 0.0  # monotonic
        self._opened = opened
        self._subscribers: list[Callable[[NodeEvent], None]] = []
        self.alarms: Final = Alarms(self.publish)
        self._tasks = Tasks(self.alarms.met)
        self._crowd = Crowd()

    # --- for front ends -----------------------------------------------------------------

    def subscribe(self, callback: Callable[[NodeEvent], None]) -> Callable[[], None]:
        """Call `callback` with every event; the function returned ends that."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    async def failed(self) -> None:
        """Wait until the node has ended, and raise what ended it."""
        await self._tasks.failed()

    async def start(self) -> None:
        """Open the book, listen, announce ourselves and look around.

        Raises:
            PortTaken, StoreError.
        """
        db = self._opened.database
        epoch = await next_epoch(db)
        self.people = await People.open(Contacts(db), db, self.me, self.name)
        self.people.told = lambda peer, held: self.publish(ContactChanged(peer, held))
        self.attendance = Attendance(
            db, publish=self.publish, told=lambda: self.acquaintance.attending()
        )
        self.people.hidden = self.attendance.hidden
        self.acquaintance = Acquaintance(
            self.people,
            drawer=db,
            online=lambda: self.sessions.links(),
            showing=self.attendance.said,
            clock=now_ms,
            spawn=self._tasks.spawn,
            refresh=lambda peer: self.neighbours.refresh(peer),
        )
        await self.attendance.load()
        self.history = History(db)
        self._assemble(epoch, await self.history.waiting(), await secret(db, "parts"))
        self.retention = Retention(
            db, self.history, self.transfers, publish=self.publish, clock=now_ms
        )
        await self._tasks.start()
        self.started_at = asyncio.get_running_loop().time()
        try:
            await self._open_doors(epoch)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close the port, say goodbye to everybody, and end every task."""
        await self.doors.close()
        await self.transfers.stop()
        try:
            await asyncio.gather(self.sessions.stop(GOODBYE), self.doors.goodbye())
        finally:  # whatever failed there
            await self._tasks.stop()

    # --- for requests -------------------------------------------------------------------

    def publish(self, event: NodeEvent) -> None:
        """Tell every front end."""
        for callback in tuple(self._subscribers):
            callback(event)

    async def connect(self, peer: PeerId, looks: bool = False) -> Link:
        """The session with a peer, dialled at what is known of its addresses."""
        try:
            places = self.neighbours.addresses(peer)
            return await self.sessions.connect(peer, places, looks=looks)
        except LanchatError:
            self._introductions.failed(peer)
            raise

    def change(self, settings: Settings) -> None:
        """Go by other settings from now on; networks, port and listening are of a start."""
        self.settings = self.settings.meanwhile(settings)

    async def be_called(self, name: str) -> None:
        """Take another name: keep it, announce it, and tell it on every session."""
        await profiles.keep_name(self._opened, name)
        self.name = name
        self.people.rename(name)
        await self.doors.announce()
        self.acquaintance.renamed()

    async def seen(self, peer: PeerId) -> None:
        """The user looked at what a peer wrote: there is room for more."""
        await self.history.see(peer)
        self._inbox.left(peer)

    # --- assembling ---------------------------------------------------------------------

    def _assemble(self, epoch: int, waiting: Iterable[PeerId], parts_key: bytes) -> None:
        me, publish, spawn = self.me, self.publish, self._tasks.spawn
        greeter = Greeter(self.people, epoch, lambda: self.doors.port)
        self.neighbours = Neighbours(
            me,
            self.people,
            neighbours.Hooks(
                proven=lambda peer: self._standing.proven(peer),
                publish=publish,
                arrived=lambda peer: self.dialler.want(peer),
                gone=lambda peer: self.sessions.give_up(peer),
                probe=lambda peer: self._standing.probe(peer),
                rumoured=lambda peer: self._introductions.rumoured(peer),
                spawn=spawn,
            ),
            clock=now_ms,
        )
        self.sessions = Sessions(
            self._opened.identity,
            greeter,
            self.people,
            sessions.Hooks(
                welcome=lambda link: self._switch.welcome(link),
                route=lambda link, received: self._switch.route(link, received),
                opened=lambda link: self.meeting.opened(link),
                ended=lambda link: self._switch.ended(link),
                closed=lambda peer: self.meeting.closed(peer),
                spare=lambda peer, seconds: self.dialler.spare(peer, seconds),
                doubtful=lambda peer, doubt: self.neighbours.doubt(peer, doubtful=doubt),
                met=self.alarms.met,
                publish=publish,
                spawn=spawn,
            ),
        )
        self._standing = Standing(
            self.people, self.sessions, self.neighbours, settings=self.settings,
            hidden=self.attendance.hidden, said=self.acquaintance.said,
            rumoured=lambda peer: self._introductions.rumoured(peer),
        )  # fmt: skip
        self.dialler = Dialler(
            me,
            waiting,
            dialler.Hooks(
                may=lambda peer: self.meeting.may(peer) and self._standing.may_dial(peer),
                invited=self._standing.invited,
                reachable=self._standing.reachable,
                connect=self.connect,
                spawn=spawn,
                wrong=self.alarms.wrong_peer,
                remembered=lambda: self._standing.remembered(self.doors.mdns.interfaces),
            ),
        )
        self._inbox = Inbox(
            self.people, self.history, self._crowd, name_of=self._standing.claimed_name,
            source_of=self._standing.source, clock=now_ms,
        )  # fmt: skip
        self.conversations = Conversations(
            self.history,
            publish=publish,
            allow=self._inbox.may_store,
            name_of=lambda peer: self.people.name(peer, self._standing.claimed_name(peer)),
            trust_of=lambda peer: self.people.trust(peer, self._standing.claimed_name(peer)),
            clock=now_ms,
            read_receipts=lambda: self.settings.read_receipts,
        )
        self.transfers = Transfers(
            TransferTable(self._opened.database), self.people, lambda: self.settings,
            parts_key, self._opened.profile.pasted,
            current=self.sessions.current, publish=publish,
            record=self.conversations.record, spawn=spawn, keep=self._tasks.keep,
            awaits=self.dialler.wait_for,
            rests=lambda peer: self.meeting.reconsider(peer),
        )  # fmt: skip
        self._introductions = Introductions(
            self._opened.identity, self.people, self._crowd,
            introducing.Hooks(
                self.sessions.links, self.sessions.current,
                port=lambda: 0 if self.attendance.hidden() else self.doors.port,
                arrived=self.dialler.want, clock=now_ms,
            ),
            chosen=self.settings.interfaces,
        )  # fmt: skip
        self.meeting = Meeting(
            self.sessions, self.neighbours, self.acquaintance, self.dialler,
            talk=self.conversations, transfers=self.transfers, history=self.history,
            inbox=self._inbox, introductions=self._introductions, spawn=spawn,
            met=self.alarms.met,
        )  # fmt: skip
        self.verification = Verification(
            self.people, me=me, sessions=self.sessions, publish=publish, clock=now_ms,
            claimed_name=self._standing.claimed_name, refresh=self.neighbours.refresh,
            attended=self.settings.listening,
        )  # fmt: skip
        self.checkups = Checkups(self.people, self._crowd, self.neighbours.hears, spawn)
        self._switch = Switch(
            self.people, self._crowd, self.acquaintance, talk=self.conversations,
            files=self.transfers, check=self.verification,
            checkup=self.checkups.receive, introduce=self._introductions.receive,
            spoke=self.alarms.spoke, standing=self.sessions.links,
        )  # fmt: skip
        self.doors = Doors(
            self._opened.identity,
            lambda: self.name,
            self._opened.database,
            self.settings,
            listener=Listener(
                self._opened.identity,
                greeter.greeting(),
                self.sessions.admit,
                self.transfers.lane_arrived,
                known_tokens=self.transfers.expects,
                floor=self.people.floor,
            ),
            mdns=Mdns(
                self.neighbours.heard,
                self.neighbours.withdrawn,
                interfaces=self.settings.interfaces,
                networks=self.settings.networks,
                on_trouble=self.alarms.multicast,
                on_networks=lambda: self._roaming.changed(),
                is_contact=self.people.holds,
                last_known=self.acquaintance.last_known,
            ),
            beyond=outlying.source(
                self.settings, self.neighbours, self.people.holds, self.alarms
            ),
        )
        who = (self.doors, self.sessions, self.neighbours, self.dialler, self.transfers.moved)
        self._roaming = Roaming(*who, publish, spawn)
        self._hiding = Hiding(
            self.doors,
            self.sessions,
            self.neighbours,
            self.dialler,
            hidden=self.attendance.hidden,
            needed=lambda one: self.transfers.wants(one) or self.verification.under_way(one),
            spawn=spawn,
        )
        self.subscribe(self._hiding.heard)

    async def _open_doors(self, epoch: int) -> None:
        self._tasks.keep(self.conversations.run(), "conversations")
        self.neighbours.ear = self.doors.mdns
        await self._hiding.begin(epoch)
        self._tasks.keep_up(self._hiding.run, "hiding")
        self._tasks.keep_up(self.neighbours.sweep, "sweep")
        self._tasks.keep_up(self._introductions.run, "introductions")
        upkeep = Upkeep(
            self.sessions,
            spawn=self._tasks.spawn,
            announce=self.doors.announce,
            tidy=self._tidy,
            jumped=self.transfers.interrupt,
            busy=self.verification.under_way,
        )
        self._tasks.keep(upkeep.run(), "upkeep")
        self._tasks.keep(self.alarms.watch(lambda: self.doors.counts), "alarms")
        self._tasks.keep(self.dialler.run(), "dialler")
        self.transfers.begin()
        self._tasks.keep_up(self.transfers.run, "transfers")
        if self.settings.listening:
            self.publish(NodeReady(self.me, self.name, self.doors.port, self._roaming.begin()))

    async def _tidy(self) -> None:
        self._crowd.sweep(time.monotonic())
        await self.retention.expire()
        await self.history.sweep(now_ms())
        await self.transfers.tidy()


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000
