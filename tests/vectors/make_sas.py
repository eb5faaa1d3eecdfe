"""Make sas.json: spoken checks, record by record, and what becomes of each.

Written with `hashlib`, `hmac` and `struct` from PROTOCOL.md, 5 alone; it imports nothing of
lanchat, so that the code and the vectors cannot share a mistake.  Run it in this folder; it
writes the same file every time.

A case is one side of one session: {name, binding, mine, theirs, steps}.  A step is one of

    {"do": "begin", "run", "nonce"}  {"do": "agree", "nonce"}  {"do": "answer", "match"}
    {"do": "cancel"}  {"do": "time", "now"}  {"do": "lose"}
    {"hear": [type, body], "nonce"}      `nonce` is what we would draw for an answer

with what must follow: `says` (records as [type, body], in order), then `stage` (idle,
committed, invited, agreed, comparing, confirmed, awaited), `words` while they are known, and
`end` if the run is over; or `refused`, the reason for which the session is closed.
"""

import hashlib
import hmac
import json
import struct
from pathlib import Path
from typing import Any, Final

SMALL: Final = bytes([1]) + bytes(range(1, 32))  # two keys, the smaller first; any 32 bytes
LARGE: Final = bytes([9]) + bytes(range(31, 0, -1))
BINDING: Final = hashlib.sha256(b"a session").digest()
N1: Final = hashlib.sha256(b"nonce 1").digest()
N2: Final = hashlib.sha256(b"nonce 2").digest()
N3: Final = hashlib.sha256(b"nonce 3").digest()
RUN: Final = 0x01020304
OTHER: Final = 0xFFFFFFFF

Step = dict[str, Any]
cases: list[dict[str, Any]] = []


def label(purpose: str) -> bytes:
    return b"lanchat/1 " + purpose.encode() + b"\0"


def commitment(run: int, asker: bytes, other: bytes, nonce: bytes) -> bytes:
    parts = (label("sas-commit"), BINDING, struct.pack(">I", run), asker, other, nonce)
    return hashlib.sha256(b"".join(parts)).digest()


def four(run: int, asker: bytes, other: bytes, first: bytes, second: bytes) -> list[int]:
    """HKDF-SHA256 of one block, its first 4 bytes, as they index the word lists."""
    secret = hmac.digest(BINDING, first + second, "sha256")
    info = label("sas") + asker + other + struct.pack(">I", run)
    return list(hmac.digest(secret, info + b"\1", "sha256")[:4])


def record(kind: int, run: int, rest: bytes) -> list[Any]:
    return [kind, (struct.pack(">I", run) + rest).hex()]


def commit(asker: bytes, other: bytes, nonce: bytes, run: int = RUN) -> list[Any]:
    return record(48, run, commitment(run, asker, other, nonce))


def nonce(value: bytes, run: int = RUN) -> list[Any]:
    return record(49, run, value)


def reveal(value: bytes, run: int = RUN) -> list[Any]:
    return record(50, run, value)


def result(code: int, run: int = RUN) -> list[Any]:
    return record(51, run, bytes([code]))


def does(what: str, stage: str, *says: list[Any], **more: Any) -> Step:
    return {"do": what, "says": list(says), "stage": stage, **more}


def hears(what: list[Any], stage: str, *says: list[Any], **more: Any) -> Step:
    return {"hear": what, "nonce": N3.hex(), "says": list(says), "stage": stage, **more}


def refused(what: list[Any]) -> Step:
    return {"hear": what, "nonce": N3.hex(), "refused": "UNEXPECTED"}


def case(name: str, *steps: Step, larger: bool = False) -> None:
    mine, theirs = (LARGE, SMALL) if larger else (SMALL, LARGE)
    head = {"name": name, "binding": BINDING.hex(), "mine": mine.hex(), "theirs": theirs.hex()}
    cases.append({**head, "steps": list(steps)})


WORDS: Final = four(RUN, SMALL, LARGE, N1, N2)  # we asked
THEIRS: Final = four(RUN, LARGE, SMALL, N2, N1)  # they asked

ASK: Final = does("begin", "committed", commit(SMALL, LARGE, N1), run=RUN, nonce=N1.hex())
GET: Final = hears(nonce(N2), "comparing", reveal(N1), words=WORDS)
ASKED: Final = hears(commit(LARGE, SMALL, N2), "invited")
AGREE: Final = does("agree", "agreed", nonce(N1), nonce=N1.hex())
SHOWN: Final = hears(reveal(N2), "comparing", words=THEIRS)
YES: Final = does("answer", "confirmed", result(1), match=True)


def over(end: str) -> dict[str, str]:
    return {"end": end}


def good_ends() -> None:
    matched = hears(result(1), "idle", **over("matched"))
    case("we ask, we say yes first", ASK, GET, YES, matched)
    last_yes = does("answer", "idle", result(1), match=True, **over("matched"))
    awaited = hears(result(1), "awaited", words=WORDS)
    case("we ask, they say yes first", ASK, GET, awaited, last_yes)
    case("they ask, we say yes first", ASKED, AGREE, SHOWN, YES, matched)
    awaited = hears(result(1), "awaited", words=THEIRS)
    case("they ask, they say yes first", ASKED, AGREE, SHOWN, awaited, last_yes)


def failures() -> None:
    no = does("answer", "idle", result(0), match=False, **over("different"))
    differ = hears(result(0), "idle", **over("they-differ"))
    case("we say no", ASK, GET, no)
    case("we say no after their yes", ASK, GET, hears(result(1), "awaited"), no)
    case("they say no", ASKED, AGREE, SHOWN, differ)
    case("they say no after our yes", ASKED, AGREE, SHOWN, YES, differ)
    wrong = {"says": [result(0)], "stage": "idle", "words": [], **over("wrong-reveal")}
    for place in (0, 127, 255):
        forged = bytearray(N2)
        forged[place // 8] ^= 1 << place % 8
        step = {"hear": reveal(bytes(forged)), "nonce": N3.hex(), **wrong}
        case(f"bit {place} of the nonce is not what was committed to", ASKED, AGREE, step)
    for name, made in {
        "another run": commitment(OTHER, LARGE, SMALL, N2),
        "the other direction": commitment(RUN, SMALL, LARGE, N2),
        "another key": commitment(RUN, bytes(32), SMALL, N2),
        "the nonce alone": hashlib.sha256(N2).digest(),
    }.items():
        asked = hears(record(48, RUN, made), "invited")
        step = {"hear": reveal(N2), "nonce": N3.hex(), **wrong}
        case(f"a commitment to {name}", asked, AGREE, step)
    mirrored = {"hear": reveal(N1), "nonce": N3.hex(), **wrong}
    case("our own nonce comes back", ASKED, AGREE, mirrored)


def interruptions() -> None:
    cancelled, timeout = result(2), {"now": 120.0}
    stages = {
        "committed": [ASK],
        "invited": [ASKED],
        "agreed": [ASKED, AGREE],
        "comparing": [ASK, GET],
    }
    for name, steps in stages.items():
        case(
            f"we leave, {name}", *steps, does("cancel", "idle", cancelled, **over("cancelled"))
        )
        left = hears(cancelled, "idle", **over("they-cancelled"))
        case(f"they leave, {name}", *steps, left)
        late = does("time", "idle", cancelled, **timeout, **over("timeout"))
        early = does("time", name, now=119.9)
        case(f"two minutes are over, {name}", *steps, early, late)
        case(f"the session ends, {name}", *steps, does("lose", "idle", **over("lost")))
    for end, step in {
        "nothing is said twice": does("cancel", "idle", **over("cancelled")),
        "their answer is late": does("time", "idle", **timeout, **over("timeout")),
        "they leave": hears(cancelled, "idle", **over("they-cancelled")),
    }.items():
        case(f"after our yes, {end}", ASK, GET, YES, step)
    case("nobody is there", ASK, hears(result(3), "idle", **over("nobody")))
    case("they are busy", ASK, hears(result(4), "idle", **over("busy")))


def both_at_once() -> None:
    theirs = commit(LARGE, SMALL, N2, OTHER)
    stays = hears(theirs, "committed")
    case("both ask, our key is the smaller: ours stands", ASK, stays, GET)
    late = hears(result(2, OTHER), "comparing", words=WORDS)
    case("what still comes of the one that fell is nothing", ASK, stays, GET, late)
    ask = does("begin", "committed", commit(LARGE, SMALL, N1), run=RUN, nonce=N1.hex())
    falls = hears(commit(SMALL, LARGE, N2, OTHER), "agreed", nonce(N3, OTHER))
    words = four(OTHER, SMALL, LARGE, N2, N3)
    shown = hears(reveal(N2, OTHER), "comparing", words=words)
    case("both ask, our key is the larger: theirs stands", ask, falls, shown, larger=True)
    ours = hears(nonce(N2), "agreed")
    case("a nonce for the one that fell", ask, falls, ours, shown, larger=True)
    busy = hears(commit(LARGE, SMALL, N3, OTHER), "comparing", result(4, OTHER), words=WORDS)
    case("they ask again while words are compared", ASK, GET, busy)


def out_of_turn() -> None:
    case("a nonce without a start", refused(nonce(N2)))
    case("a nonce of another run", ASK, refused(nonce(N2, OTHER)))
    case("a nonce twice", ASK, GET, refused(nonce(N2)))
    case("a nonce for their own commitment", ASKED, refused(nonce(N2)))
    case("a reveal before our nonce", ASKED, refused(reveal(N2)))
    case("a reveal by who was asked", ASK, refused(reveal(N2)))
    case("a reveal twice", ASKED, AGREE, SHOWN, refused(reveal(N2)))
    case("a commitment twice", ASKED, refused(commit(LARGE, SMALL, N2)))
    case("another commitment in the same run", ASKED, refused(commit(LARGE, SMALL, N3)))
    case("a yes before the words", ASKED, AGREE, refused(result(1)))
    case("a no before the words", ASK, refused(result(0)))
    case("nobody, by who asked", ASKED, refused(result(3)))
    case("busy, when the words are known", ASK, GET, refused(result(4)))
    case("a second answer", ASK, GET, hears(result(1), "awaited"), refused(result(0)))
    left = hears(result(2), "idle", **over("they-cancelled"))
    case("a run that is over begins again", ASKED, left, refused(commit(LARGE, SMALL, N2)))


def of_no_run() -> None:
    case("a yes of no run", hears(result(1), "idle"))
    case("a reveal of no run", hears(reveal(N2), "idle"))
    case("a reveal of another run", ASKED, AGREE, hears(reveal(N2, OTHER), "agreed"), SHOWN)
    case("a yes of another run", ASK, GET, hears(result(1, OTHER), "comparing", words=WORDS))
    gone = does("cancel", "idle", result(2), **over("cancelled"))
    case(
        "a nonce that crossed our leaving",
        ASK,
        gone,
        hears(nonce(N2), "idle", **over("cancelled")),
    )


good_ends()
failures()
interruptions()
both_at_once()
out_of_turn()
of_no_run()


text = json.dumps({"cases": cases}, indent=1)
Path("sas.json").write_text(text + "\n", encoding="ascii")
