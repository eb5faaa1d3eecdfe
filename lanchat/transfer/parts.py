"""Parts: what has arrived of an offer, until it is whole.  PROTOCOL.md, 4.

    <downloads>/.lanchat-parts/        0700, ours, no symlink; removed when empty
        <random>/                      one part
            manifest, held             what is known of it (`known.py`), once that was checked
            files/                     the files as they grow, plain bytes, 0600
            places                     once all is here: what gets which name
            aside/                     older files that changed places with new ones

The stream is written in order, so what lies there tells by itself how far it came: after a
crash nothing has to be remembered but the name of the part.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Final

from lanchat.errors import (
    BadManifest,
    DiskFailed,
    FolderGone,
    HeldChanged,
    TransferAbandoned,
    UnsafeName,
)
from lanchat.transfer import roots
from lanchat.transfer.ground import Ground, unchanged
from lanchat.transfer.known import Known
from lanchat.transfer.parts_folder import (
    holds_older,
    new_part,
    opened,
    opened_part,
    remove_part,
)
from lanchat.transfer.publish import Published, give_back, place, prepare, recall
from lanchat.transfer.roots import RootId
from lanchat.transfer.space import REFUSED, check_space, write_error
from lanchat.transfer.staging import FOLDER_MODE, Staging, open_folder
from lanchat.transfer.stream import stream_length
from lanchat.wire.payloads import CHUNK, NO_KEY, Offer

_FILES: Final = "files"


class Incoming:
    """One offer on its way to the disk.

    Making one touches no disk.  One thread at a time works with it, and all its methods
    block: `hold` after a survey, `check_space` and `resume_point` before ACCEPT, then the lane
    (`begin`, `write`), then `publish` and, once that is written down, `discard`; or `keep` for
    a later attempt.

    `part` is its name below `.lanchat-parts`: give that of an earlier one to go on with it.
    `folder` names the folder that holds everything when the offer has over 64 top-level
    entries.  `known` is what the lane, a survey or an earlier part told of it.
    `root` says which folder `downloads` has to be; none: whichever lies there, or is made.
    """

    def __init__(
        self,
        downloads: Path,
        offer: Offer,
        *,
        part: str = "",
        folder: str = "Received files",
        root: RootId | None = None,
    ) -> None:
        self.downloads: Final = downloads
        self.offer: Final = offer
        self.part: Final = part or secrets.token_hex(8)
        self.folder: Final = folder
        self.root: Final = root
        self.known: Known | None = None
        self.programs = False  # set if our user wants what was a program to be one here
        self.position = 0  # bytes of the stream that lie here
        self._head = bytearray()  # the manifest as it comes
        self._staging: Staging | None = None
        self._files = -1  # the folder of the staged files, open while there is a staging

    def check_space(self) -> None:
        """See that what is still to come leaves enough of the disk free.

        Raises:
            NoSpace: it does not; it says how many bytes are missing.
            DiskFailed: the disk cannot be asked.
        """
        check_space(self.downloads, self.length - self.position)

    @property
    def length(self) -> int:
        """Bytes of the whole stream, as far as is known."""
        return self.known.plan.length if self.known else stream_length(self.offer)

    def begun(self) -> bool:
        """Whether there is a part to go on with, so that nothing need be looked at.

        Raises:
            DiskFailed: the disk refused.
        """
        with self._translated(), self._closing():
            return self._reopen()

    def hold(self, ground: Ground) -> None:
        """Begin with what a survey found to be here: it fixes the stream from now on.

        Raises:
            NoSpace, DiskFailed: the disk refused.
        """
        held = ground.held()
        if held is None or ground.known is None:
            return
        with self._translated(), self._closing():
            self._drop()
            self.known = ground.known.holding(held)
            self.check_space()
            self._create(self.known)

    def lacking(self) -> tuple[int, int]:
        """Bytes of the stream, and files and folders, that are not here yet; hashes nothing.

        Raises:
            DiskFailed: the disk refused.
        """
        entries = self.offer.files + self.offer.folders
        with self._translated(), self._closing():
            if not self._reopen() or self._staging is None or self.known is None:
                return stream_length(self.offer), entries
            reached = self._reached(self._staging)
        return self.length - reached, entries - self.known.plan.entry_at(reached)

    def placing(self) -> bool:
        """Whether all came and has its places: only `publish` may go on with it.

        Raises:
            DiskFailed: the disk refused.
        """
        try:
            with opened(str(self.downloads)) as goal, opened_part(goal, self.part) as part:
                return recall(part) is not None
        except FileNotFoundError:
            return False
        except OSError as error:
            raise write_error(error) from error

    def resume_point(self, stop: Event) -> tuple[int, bytes]:
        """The offset to ask for in ACCEPT and the SHA-256 of what lies before it.

        (0, 32 zero bytes) when nothing usable is here.

        Raises:
            FolderGone: the download folder is not the one it was.
            DiskFailed: the disk refused.
            TransferAbandoned: `stop` was set.
        """

        def go_on() -> None:
            if stop.is_set():
                raise TransferAbandoned("stopped while hashing a prefix")

        self.position = 0
        with self._translated(), self._closing():
            self._check_root()
            if not self._reopen() or self._staging is None:
                return 0, NO_KEY
            offset = self._reached(self._staging)
            if not offset:
                return 0, NO_KEY
            prefix = self._staging.prefix_digest(offset, go_on)
        self.position = offset
        return offset, prefix

    def begin(self, offset: int) -> None:
        """Make ready for the stream from `offset` on; 0 drops what is here.

        Raises:
            DiskFailed: the disk refused.
        """
        with self._translated():
            self._check_root()
            if not offset and not (self.known and self.known.held):
                self._drop()
                self.known = None
                self._head = bytearray()
            elif self._reopen() and self._staging is not None and self.known is not None:
                self._staging.begin(offset, again=True)
                self._head = bytearray(self.known.plan.head[:offset])
            else:
                raise DiskFailed("the part is gone")
        self.position = offset

    def write(self, data: memoryview) -> None:
        """Take the next opened chunk.

        Raises:
            BadManifest, UnsafeName: the manifest is refused; nothing was created.
            NoSpace, DiskFailed: the disk refused; what is whole stays for a later attempt.
        """
        with self._translated():
            length = len(self.known.plan.head) if self.known else self.offer.manifest_len
            lacking = length - len(self._head)
            head = data[: max(0, lacking)]
            self._head += head
            if lacking > 0 and len(head) == lacking:
                self._read_manifest()
            if self._staging is not None:
                self._staging.write(data[len(head) :])
        self.position += len(data)

    def keep(self) -> None:
        """Close all files and keep the part for a later attempt."""
        if self._staging is not None:
            self._staging.close()
            self._staging = None
        if self._files >= 0:
            os.close(self._files)
            self._files = -1

    def discard(self, *, placed: bool = False) -> None:
        """Remove the part, and the parts folder if it is empty.

        Unless all is `placed`, and written down, older files that gave way go back.

        Raises:
            FolderGone: the download folder is not there, or another one: nothing was done.
            DiskFailed: the disk refused, or nobody can tell where older files belong.
        """
        with self._translated():
            roots.find(self.downloads, self.part, self.root)
            self._drop(placed=placed)

    def publish(self) -> tuple[Published, ...]:
        """Sync, then move each top-level entry to a free name in the download folder.

        Again after an interruption it goes on where it was; `discard` is for when the
        result is written down.

        Raises:
            NoSpace, DiskFailed: the disk refused; what was not moved stays in the part.
            HeldChanged: what was not sent is not here any more; the part is gone.
        """
        with self._translated():
            self._check_root()
            if not self.placing():
                self._prepare()
            self.keep()
            with opened(str(self.downloads)) as goal, opened_part(goal, self.part) as part:
                return place(self._recall(part), part, goal, self.downloads, self.folder)

    def _prepare(self) -> None:
        if self.position != self.length or not self._reopen():
            raise DiskFailed("the part is not whole")
        with self._closing():
            if self._staging is None or self.known is None:
                raise DiskFailed("the part is not whole")
            with opened(str(self.downloads)) as goal, opened_part(goal, self.part) as part:
                self._check_held(goal, self.known)
                self._staging.restore_folder_times()
                prepare(self.known, self._staging, part, goal, self.folder)

    def _check_held(self, goal: int, known: Known) -> None:
        """What was not sent has to lie there as it did when it was proven."""
        if known.held is not None and not unchanged(goal, known, known.held):
            self._drop()
            self.known = None
            raise HeldChanged("a file that was not sent is another one now")

    def _recall(self, part: int) -> Known:
        if self.known is None:
            try:
                self.known = Known.recall(part, self.offer)
            except (FileNotFoundError, BadManifest, UnsafeName) as error:
                raise DiskFailed("the part is damaged") from error
        return self.known

    def _reached(self, staging: Staging) -> int:
        """How much of the stream lies here, in whole chunks; the last is asked for anew."""
        return max(min(staging.held(), self.length - 1), 0) // CHUNK * CHUNK

    def _read_manifest(self) -> None:
        if self.known is not None:  # kept from before, and the offer is the same
            if self.known.manifest.encoded != self._head:
                raise BadManifest("another manifest than at the last attempt")
            return
        known = Known.of(bytes(self._head), self.offer)
        self.check_space()
        self._create(known)
        self.known = known

    def _check_root(self) -> None:
        if self.root is not None:
            roots.find(self.downloads, self.part, self.root)

    def _create(self, known: Known) -> None:
        """Make the part, with all that is known of it."""
        if self.root is None:
            self.downloads.mkdir(parents=True, exist_ok=True)
        with opened(str(self.downloads)) as goal, self._new_part(goal) as part:
            known.write(part)
            os.mkdir(_FILES, FOLDER_MODE, dir_fd=part)
            self._files = open_folder(_FILES, part)
        self._staging = Staging(self._files, known, programs=self.programs)
        self._staging.begin(0)

    def _reopen(self) -> bool:
        """Open the staged files of an earlier attempt; False if nothing usable is there."""
        self.keep()
        try:
            with opened(str(self.downloads)) as goal, opened_part(goal, self.part) as part:
                known = self.known or Known.recall(part, self.offer)
                self._files = open_folder(_FILES, part)
        except (FileNotFoundError, BadManifest, UnsafeName):
            return False
        self.known = known
        self._staging = Staging(self._files, known, programs=self.programs)
        return True

    @contextmanager
    def _new_part(self, goal: int) -> Iterator[int]:
        if self.root not in (None, RootId.of(os.fstat(goal))):
            raise FolderGone("another folder lies there")  # its disk went a moment ago
        with new_part(goal, self.part) as part:
            yield part

    @contextmanager
    def _closing(self) -> Iterator[None]:
        try:
            yield
        finally:
            self.keep()

    def _drop(self, *, placed: bool = False) -> None:
        self.keep()
        with suppress(FileNotFoundError), opened(str(self.downloads)) as goal:
            if not placed and holds_older(goal, self.part):
                with opened_part(goal, self.part) as part:
                    give_back(self._recall(part), part, goal)
            remove_part(goal, self.part)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except REFUSED as error:
            missing = self.length - self.position
            raise write_error(error, missing=missing) from error
