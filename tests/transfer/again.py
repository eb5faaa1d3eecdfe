"""A folder that comes a second time, from its survey to its place, without a network."""

from pathlib import Path
from typing import Final

from lanchat.transfer.births import top_id
from lanchat.transfer.clash import Clash, Earlier, Merging, TopId
from lanchat.transfer.disk import Source, inspect
from lanchat.transfer.ground import Ground
from lanchat.transfer.manifest import make_offer
from lanchat.transfer.parts import Incoming
from lanchat.transfer.parts_folder import opened
from lanchat.transfer.proofs import prove
from lanchat.transfer.publish import Published
from lanchat.wire.payloads import CHUNK, PROOF_SIZE
from tests.transfer.lanepair import ID

KEY: Final = bytes(range(32))


def nothing(_size: int) -> None:
    """Nobody stops it."""


def id_of(path: Path) -> TopId:
    """Which very file or folder lies there."""
    with opened(str(path.parent)) as folder:
        return top_id(folder, path.name)


class Again:
    """One offer of `paths` to `downloads`, where `earlier` ones lie."""

    def __init__(
        self,
        downloads: Path,
        paths: list[Path],
        clash: Clash = Clash.SKIP,
        earlier: tuple[Published, ...] = (),
        *,
        part: str = "",
    ) -> None:
        left = {one.wanted: Earlier(one.path.name, one.kind, one.id) for one in earlier}
        self.source: Source = inspect(paths)
        self.offer = make_offer(ID, self.source.manifest)
        self.incoming = Incoming(downloads, self.offer, part=part)
        self.ground = Ground(downloads, self.offer, Merging(clash, left))

    def survey(self) -> "Again":
        """Find what is there; the part begins with it."""
        ground = self.ground
        ground.listed(self.source.manifest.encoded)
        for asked in tuple(ground.questions()):
            theirs = prove(self.source, asked, KEY, nothing)
            cut = [theirs[at : at + PROOF_SIZE] for at in range(0, len(theirs), PROOF_SIZE)]
            ground.compare(asked, ground.proofs(asked, KEY, nothing), cut)
        self.incoming.hold(ground)
        return self

    @property
    def skip(self) -> bytes:
        """The set of files that are here."""
        return self.incoming.known.plan.skip if self.incoming.known else b""

    @property
    def skipped(self) -> list[str]:
        """The files that are not sent."""
        plan = self.source.without(self.skip).plan
        entries = plan.manifest.entries
        return [entries[n].path for n, size in enumerate(plan.sizes) if size < 0]

    def stream(self) -> memoryview:
        """What is sent."""
        source = self.source.without(self.skip)
        view = memoryview(bytearray(source.length))
        with source.read() as reading:
            reading.readinto(view)
        return view

    def take(self, stop: int | None = None) -> "Again":
        """Receive it, up to `stop` bytes."""
        view = self.stream()[:stop]
        self.incoming.begin(0)
        for at in range(0, max(len(view), 1), CHUNK):
            self.incoming.write(view[at : at + CHUNK])
        self.incoming.keep()
        return self

    def publish(self) -> tuple[Published, ...]:
        """Bring it to its place."""
        published = self.incoming.publish()
        self.incoming.discard(placed=True)
        return published


def send(
    downloads: Path,
    paths: list[Path],
    clash: Clash = Clash.SKIP,
    earlier: tuple[Published, ...] = (),
) -> tuple[Published, ...]:
    """The whole of it."""
    return Again(downloads, paths, clash, earlier).survey().take().publish()
