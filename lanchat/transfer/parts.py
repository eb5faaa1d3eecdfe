"""Parts: what has arrived of an offer, until it is whole.  PROTOCOL.md, 4.

    <downloads>/.lanchat-parts/        0700, ours, no symlink; removed when empty
        <random>/                      one part
            manifest                   as it came, once it was checked
            files/                     the files as they grow, plain bytes, 0600
            places                     once all is here: the names it will get

The stream is written in order, so what lies there tells by itself how far it came: after a
crash nothing has to be remembered but the name of the part.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Final

from lanchat.errors import BadManifest, DiskFailed, FolderGone, TransferAbandoned, UnsafeName
from lanchat.transfer import roots
from lanchat.transfer.manifest import Manifest, check, decode, layout
from lanchat.transfer.parts_folder import PARTS, new_part, opened
from lanchat.transfer.publish import Published, place, prepare, recall
from lanchat.transfer.roots import RootId
from lanchat.transfer.space import check_space, write_error
from lanchat.transfer.staging import FOLDER_MODE, Staging, open_folder
from lanchat.transfer.stream import stream_length
from lanchat.wire.payloads import CHUNK, NO_KEY, Offer

_MANIFEST: Final = "manifest"
_FILES: Final = "files"


class Incoming:
    """One offer on its way to the disk.

    Making one touches no disk.  One thread at a time works with it, and all its methods
    block: `check_space` and `resume_point` before ACCEPT, then the lane (`begin`, `write`),
    then `publish` and, once that is written down, `discard`; or `keep` for a later attempt.

    `part` is its name below `.lanchat-parts`: give that of an earlier one to go on with it.
    `folder` names the folder that holds everything when the offer has over 64 top-level
    entries.  `manifest` is known once the lane brought it or an earlier part kept it.
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
        self.manifest: Manifest | None = None
        self.position = 0  # bytes of the stream that lie here
        self._head = bytearray()  # the manifest as it comes
        self._paths: tuple[str, ...] = ()  # where its entries lie
        self._staging: Staging | None = None
        self._files = -1  # the folder of the staged files, open while there is a staging

    def check_space(self) -> None:
        """See that what is still to come leaves enough of the disk free.

        Raises:
            NoSpace: it does not; it says how many bytes are missing.
            DiskFailed: the disk cannot be asked.
        """
        check_space(self.downloads, stream_length(self.offer) - self.position)

    def lacking(self) -> tuple[int, int]:
        """Bytes of the stream, and files and folders, that are not here yet; hashes nothing.

        Raises:
            DiskFailed: the disk refused.
        """
        whole, entries = stream_length(self.offer), self.offer.files + self.offer.folders
        with self._translated(), self._closing():
            if not self._reopen() or self._staging is None or self.manifest is None:
                return whole, entries
            held = min(self._staging.held(), whole - 1) // CHUNK * CHUNK
        return whole - held, entries - self.manifest.entry_at(held)

    def placing(self) -> bool:
        """Whether all came and has its places: only `publish` may go on with it.

        Raises:
            DiskFailed: the disk refused.
        """
        try:
            with opened(str(self.downloads)) as goal, self._opened_part(goal) as part:
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
            held = min(self._staging.held(), stream_length(self.offer) - 1)
            offset = held - held % CHUNK
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
            if not offset:
                self._drop()
                self.manifest = None
                self._head = bytearray()
            elif self._reopen() and self._staging is not None and self.manifest is not None:
                self._staging.begin(offset)
                self._head = bytearray(self.manifest.encoded[:offset])
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
            lacking = self.offer.manifest_len - len(self._head)
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

    def discard(self) -> None:
        """Remove the part, and the parts folder if it is empty."""
        with self._translated():
            self._drop()

    def publish(self) -> tuple[Published, ...]:
        """Sync, then move each top-level entry to a free name in the download folder.

        Again after an interruption it goes on where it was; `discard` is for when the
        result is written down.

        Raises:
            NoSpace, DiskFailed: the disk refused; what was not moved stays in the part.
        """
        with self._translated():
            self._check_root()
            if not self.placing():
                self._prepare()
            self.keep()
            with opened(str(self.downloads)) as goal, self._opened_part(goal) as part:
                manifest = self.manifest or self._recall_whole(part)
                tops = _top_level(self._paths)
                return place(manifest, tops, part, goal, self.downloads, self.folder)

    def _prepare(self) -> None:
        if self.position != stream_length(self.offer) or not self._reopen():
            raise DiskFailed("the part is not whole")
        with self._closing():
            if self._staging is None or self.manifest is None:
                raise DiskFailed("the part is not whole")
            with opened(str(self.downloads)) as goal, self._opened_part(goal) as part:
                self._staging.restore_folder_times()
                tops = _top_level(self._paths)
                prepare(self.manifest, self._staging, tops, part, goal, self.folder)

    def _recall_whole(self, part: int) -> Manifest:
        try:
            self.manifest = self._recall(part)
        except (FileNotFoundError, BadManifest, UnsafeName) as error:
            raise DiskFailed("the part is damaged") from error
        return self.manifest

    def _read_manifest(self) -> None:
        if self.manifest is not None:  # kept from an earlier attempt, and the offer is the same
            if self.manifest.encoded != self._head:
                raise BadManifest("another manifest than at the last attempt")
            return
        manifest = decode(bytes(self._head))
        check(manifest, self.offer)
        self._paths = layout(manifest)
        self.check_space()
        self._create(manifest)
        self.manifest = manifest

    def _check_root(self) -> None:
        if self.root is not None:
            roots.find(self.downloads, self.part, self.root)

    def _create(self, manifest: Manifest) -> None:
        if self.root is None:
            self.downloads.mkdir(parents=True, exist_ok=True)
        with opened(str(self.downloads)) as goal, self._new_part(goal) as part:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(_MANIFEST, flags, 0o600, dir_fd=part)
            with os.fdopen(file, "wb") as kept:
                kept.write(manifest.encoded)
            os.mkdir(_FILES, FOLDER_MODE, dir_fd=part)
            self._files = open_folder(_FILES, part)
        self._staging = Staging(self._files, manifest, self._paths)
        self._staging.begin(0)

    def _reopen(self) -> bool:
        """Open the staged files of an earlier attempt; False if nothing usable is there."""
        self.keep()
        try:
            with opened(str(self.downloads)) as goal, self._opened_part(goal) as part:
                manifest = self.manifest or self._recall(part)
                self._files = open_folder(_FILES, part)
        except (FileNotFoundError, BadManifest, UnsafeName):
            return False
        self.manifest = manifest
        self._staging = Staging(self._files, manifest, self._paths)
        return True

    def _recall(self, part: int) -> Manifest:
        """The manifest that an earlier run of ours kept."""
        file = os.open(_MANIFEST, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=part)
        with os.fdopen(file, "rb") as kept:
            manifest = decode(kept.read(self.offer.manifest_len + 1))
        check(manifest, self.offer)
        self._paths = layout(manifest)
        return manifest

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

    @contextmanager
    def _opened_part(self, goal: int) -> Iterator[int]:
        with opened(PARTS, goal) as parts, opened(self.part, parts) as part:
            yield part

    def _drop(self) -> None:
        self.keep()
        with suppress(FileNotFoundError), opened(str(self.downloads)) as goal:
            with opened(PARTS, goal) as parts, suppress(FileNotFoundError):
                shutil.rmtree(self.part, dir_fd=parts)
            with suppress(OSError):  # others are under way, or it is gone
                os.rmdir(PARTS, dir_fd=goal)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            missing = stream_length(self.offer) - self.position
            raise write_error(error, missing=missing) from error


def _top_level(paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(path for path in paths if "/" not in path)
