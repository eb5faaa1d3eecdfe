"""Proofs: that two people have the same file, told by a key that only they share.

    proof = SHA-256(LBL("file proof") || key || content)

Whoever makes one has the content: its plain digest is of no use.  PROTOCOL.md, 4.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from typing import Final

from lanchat.errors import FileChanged
from lanchat.identity.keys import label
from lanchat.transfer.disk import Source
from lanchat.transfer.space import disk_error
from lanchat.wire.payloads import CHUNK

_LABEL: Final = label("file proof")


class Prover:
    """Makes proofs under one key.  Belongs to one thread.

    `go_on` is told how many bytes were read, and may raise to stop it.
    """

    def __init__(self, key: bytes, go_on: Callable[[int], None]) -> None:
        self._begun = hashlib.sha256(_LABEL + key)
        self._go_on = go_on
        self._view = memoryview(bytearray(CHUNK))

    def prove(self, file: int, size: int) -> bytes | None:
        """The proof of the first `size` bytes of an open file; None if it has fewer."""
        digest, left, view = self._begun.copy(), size, self._view
        while left:
            got = os.readv(file, [view[:left]])
            if not got:
                return None
            left -= got
            digest.update(view[:got])
            self._go_on(got)
        return digest.digest()


def prove(
    source: Source, asked: Sequence[int], key: bytes, go_on: Callable[[int], None]
) -> bytes:
    """The proofs of some files of an offer of ours, in order.  Blocks.

    Raises:
        FileChanged: one is not as it was offered.
        DiskFailed: the disk refused.
    """
    prover, proofs = Prover(key, go_on), []
    for entry in asked:
        file = source.open(entry)
        try:
            proof = prover.prove(file, source.manifest.entries[entry].size)
            source.check(entry, file)
        except OSError as error:
            raise disk_error(error) from error
        finally:
            os.close(file)
        if proof is None:
            raise FileChanged("a file changed since it was offered")
        proofs.append(proof)
    return b"".join(proofs)
