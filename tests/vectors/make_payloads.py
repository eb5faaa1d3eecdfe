"""Make payloads.json: bodies of records and what a receiver makes of them.

Written with `struct` from PROTOCOL.md, 3a alone; it imports nothing of lanchat, so that
the code and the vectors cannot share a mistake.  Run it in this folder; it writes the same
file every time.

A case is {name, type, body, expect}.  `body` is hex in runs parted by spaces; `61*60000` is
a run repeated.  `expect` is "ok" (then `payload` and `fields` say what was read, and unless
`canonical` is false a writer makes exactly this body of them), "ignored", or the reason code
of a refusal.  In `fields`, bytes are hex and a text may be [piece, times].
"""

import json
import struct
from pathlib import Path
from typing import Any, Final

Fields = dict[str, Any]
Sample = tuple[int, str, bytes, Fields]

ID: Final = bytes(range(16))
ID2: Final = bytes(range(16, 32))
D1: Final = bytes(range(0x40, 0x60))
D2: Final = bytes(range(0x60, 0x80))
ZERO16: Final = bytes(16)
ZERO32: Final = bytes(32)
MIB: Final = 2**20
KEYUPDATE: Final = 5
EXACT: Final = {
    KEYUPDATE,
    48,
    49,
    50,
    51,
}  # types where bytes behind the last field are refused
ADDED: Final = {33: b"\0\0"}  # a field that came later, and says nothing
UNKNOWN: Final = (0, 11, 15, *range(18, 32), 42, 47, 52, 127)

cases: list[dict[str, Any]] = []


def t8(data: bytes) -> bytes:
    return struct.pack(">B", len(data)) + data


def t16(data: bytes) -> bytes:
    return struct.pack(">H", len(data)) + data


def runs(body: bytes) -> str:
    """Hex of `body`; where one byte stands 64 times and more, as a repeated run."""
    out: list[str] = []
    at = 0
    while at < len(body):
        end = at
        while end < len(body) and body[end] == body[at]:
            end += 1
        if end - at >= 64:
            out.append(f"{body[at]:02x}*{end - at}")
        elif out and "*" not in out[-1]:
            out[-1] += body[at:end].hex()
        else:
            out.append(body[at:end].hex())
        at = end
    return " ".join(out)


def good(name: str, kind: int, body: bytes, payload: str, fields: Fields, **more: bool) -> None:
    case = {"name": name, "type": kind, "body": runs(body), "expect": "ok"}
    cases.append({**case, "payload": payload, "fields": fields, **more})


def bad(name: str, kind: int, body: bytes, reason: str = "BAD_MESSAGE") -> None:
    cases.append({"name": name, "type": kind, "body": runs(body), "expect": reason})


def ready(
    name: bytes = b"Ann", *, flags: int = 0, epoch: int = 1_790_000_000_000, dial: int = 7
) -> bytes:
    head = struct.pack(">HQIHIIQ", flags, epoch, dial, 40_000, 0, 60_000, 2**41)
    return head + D1 + D2 + t8(name)


def ready_fields(name: str = "Ann", **more: int) -> Fields:
    known = {"flags": 0, "epoch": 1_790_000_000_000, "dial": 7, "port": 40_000, "caps": 0}
    limits = {"max_text": 60_000, "max_stream": 2**41}
    keys = {"reach": D1.hex(), "beacon_key": D2.hex(), "name": name}
    return {**known, **limits, **keys, **more}


def info(more: bytes) -> bytes:
    return struct.pack(">H", 0) + D1 + D2 + t8(b"Ann") + more


def info_fields(**more: Any) -> Fields:
    known = {"flags": 0, "reach": D1.hex(), "beacon_key": D2.hex(), "name": "Ann"}
    return {**known, "availability": 0, "status": "", **more}


def text(words: bytes, *, sent_at: int = 1_790_000_000_123, reply_to: bytes = ZERO16) -> bytes:
    return ID + struct.pack(">QQB", 3, sent_at, 0) + reply_to + t16(words)


def text_fields(words: Any, **more: Any) -> Fields:
    known = {"id": ID.hex(), "seq": 3, "sent_at": 1_790_000_000_123, "flags": 0}
    return {**known, "reply_to": ZERO16.hex(), "text": words, **more}


def offer(
    files: int = 1,
    folders: int = 0,
    *,
    total: int = 4,
    length: int = 31,
    tops: int = 1,
    shown: tuple[bytes, ...] = (struct.pack(">BQ", 1, 4) + t8(b"a.txt"),),
    count: int | None = None,
) -> bytes:
    head = ID + struct.pack(">HIIQI", 0, files, folders, total, length)
    said = len(shown) if count is None else count
    return head + D1 + struct.pack(">IB", tops, said) + b"".join(shown)


def offer_fields(**more: Any) -> Fields:
    known = {"id": ID.hex(), "flags": 0, "files": 1, "folders": 0, "total": 4}
    listed = {"tops": 1, "shown": [{"kind": 1, "size": 4, "name": "a.txt"}]}
    return {**known, "manifest_len": 31, "manifest_sha256": D1.hex(), **listed, **more}


def top(kind: int, size: int, name: bytes) -> bytes:
    return struct.pack(">BQ", kind, size) + t8(name)


def accept(attempt: int = 1, offset: int = 0, prefix: bytes = ZERO32) -> bytes:
    return ID + struct.pack(">I", attempt) + D1 + struct.pack(">Q", offset) + prefix


def accept_fields(
    attempt: int = 1, offset: int = 0, prefix: bytes = ZERO32, skip: Any = ""
) -> Fields:
    known = {"id": ID.hex(), "attempt": attempt, "salt": D1.hex()}
    return {**known, "offset": offset, "prefix_sha256": prefix.hex(), "skip": skip}


def of_survey(attempt: int, place: int, more: bytes = b"") -> bytes:
    """LOOK, LISTING, PROVE, PROOF: they begin alike."""
    return ID + struct.pack(">II", attempt, place) + more


def survey_fields(attempt: int, name: str, place: int, **more: Any) -> Fields:
    return {"id": ID.hex(), "attempt": attempt, name: place, **more}


def done(attempt: int, stage: int, chunks: int = 5) -> bytes:
    return ID + struct.pack(">IBI", attempt, stage, chunks) + D2


SAMPLES: Final[tuple[Sample, ...]] = (
    (1, "Ready", ready(), ready_fields()),
    (2, "Close", struct.pack(">BH", 1, 0), {"code": 1, "retry_s": 0}),
    (3, "Ping", ID[:8], {"token": ID[:8].hex()}),
    (4, "Pong", ID[:8], {"token": ID[:8].hex()}),
    (5, "KeyUpdate", b"", {}),
    (
        6,
        "Info",
        info(b"\2" + t8(b"in a meeting")),
        info_fields(availability=2, status="in a meeting"),
    ),
    (7, "DialBack", ID[:8], {"token": ID[:8].hex()}),
    (
        8,
        "Dialled",
        ID[:8] + b"\1\1",
        {"token": ID[:8].hex(), "reached": 1, "heard": 1},
    ),
    (9, "Seek", b"\2" + ID + ID2, {"tags": [ID.hex(), ID2.hex()]}),
    (10, "Addresses", t16(D1), {"record": D1.hex()}),
    (16, "Text", text(b"hello"), text_fields("hello")),
    (17, "Receipt", b"\1\1" + ID, {"state": 1, "ids": [ID.hex()]}),
    (32, "Offer", offer(), offer_fields()),
    (33, "Accept", accept(), accept_fields()),
    (34, "Decline", ID + b"\1" + bytes(8), {"id": ID.hex(), "code": 1, "detail": 0}),
    (
        35,
        "Cancel",
        ID + struct.pack(">IBBQB", 1, 4, 1, 5 * MIB, 1),
        {
            "id": ID.hex(),
            "attempt": 1,
            "code": 4,
            "flags": 1,
            "missing": 5 * MIB,
            "fault": 1,
        },
    ),
    (
        36,
        "Done",
        done(1, 1),
        {"id": ID.hex(), "attempt": 1, "stage": 1, "chunks": 5, "digest": D2.hex()},
    ),
    (
        37,
        "Start",
        ID + struct.pack(">IQ", 1, MIB),
        {"id": ID.hex(), "attempt": 1, "offset": MIB},
    ),
    (38, "Look", of_survey(1, 60_000), survey_fields(1, "offset", 60_000)),
    (
        39,
        "Listing",
        of_survey(1, 60_000, t16(b"\0\0\0\1")),
        survey_fields(1, "offset", 60_000, data="00000001"),
    ),
    (40, "Prove", of_survey(2, 1024, t8(b"\5")), survey_fields(2, "first", 1024, asked="05")),
    (
        41,
        "Proof",
        of_survey(2, 1024, t16(D1 + D2)),
        survey_fields(2, "first", 1024, proofs=(D1 + D2).hex()),
    ),
    (48, "SasCommit", struct.pack(">I", 9) + D1, {"run": 9, "commitment": D1.hex()}),
    (49, "SasNonce", struct.pack(">I", 9) + D1, {"run": 9, "nonce": D1.hex()}),
    (50, "SasReveal", struct.pack(">I", 9) + D2, {"run": 9, "nonce": D2.hex()}),
    (51, "SasResult", struct.pack(">IB", 9, 1), {"run": 9, "code": 1}),
)


def every_type() -> None:
    """A plain body of each type, the same cut short, and the same with bytes behind it."""
    for kind, payload, body, fields in SAMPLES:
        good(f"{payload}, plain", kind, body, payload, fields)
        if body:
            bad(f"{payload}, empty", kind, b"")
            bad(f"{payload}, its last byte missing", kind, body[:-1])
        longer = body + (ADDED.get(kind, b"") + b"\xff" * 64)
        if kind in EXACT:
            reason = "BAD_RECORD" if kind == KEYUPDATE else "BAD_MESSAGE"
            bad(f"{payload}, bytes behind the last field", kind, longer, reason)
        else:
            name = f"{payload}, bytes behind the last field are ignored"
            good(name, kind, longer, payload, fields, canonical=False)
    for kind in UNKNOWN:
        bad(f"no such type: {kind}", kind, b"")
    for kind in (128, 200, 255):
        cases.append(
            {"name": f"type {kind} may come", "type": kind, "body": "00", "expect": "ignored"}
        )


def names_and_session() -> None:
    good("READY with REPLACE", 1, ready(flags=1), "Ready", ready_fields(flags=1))
    good("READY with LOOKS", 1, ready(flags=2), "Ready", ready_fields(flags=2))
    good(
        "READY with flags unknown", 1, ready(flags=0x8000), "Ready", ready_fields(flags=0x8000)
    )
    good("READY, no name", 1, ready(b""), "Ready", ready_fields(""))
    good("READY, the longest name", 1, ready(b"n" * 63), "Ready", ready_fields("n" * 63))
    good("READY, the highest epoch", 1, ready(epoch=2**63), "Ready", ready_fields(epoch=2**63))
    good("READY, Zoë", 1, ready("Zoë".encode()), "Ready", ready_fields("Zoë"))
    bad("READY, epoch above 2^63", 1, ready(epoch=2**63 + 1))
    bad("READY, name of 64 bytes", 1, ready(b"n" * 64))
    bad("READY, name longer than the body", 1, ready()[:-4] + b"\x3f" + b"Ann")
    for what, raw in (
        ("a NUL", b"A\0n"),
        ("a lone continuation byte", b"\x80"),
        ("an overlong slash", b"\xc0\xaf"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("a code point above U+10FFFF", b"\xf4\x90\x80\x80"),
        ("a sequence cut short", b"\xe2\x82"),
    ):
        bad(f"READY, a name with {what}", 1, ready(raw))
        bad(f"TEXT with {what}", 16, text(raw))
    for code in range(1, 10):
        body = struct.pack(">BH", code, 30)
        good(f"CLOSE code {code}", 2, body, "Close", {"code": code, "retry_s": 30})
    for code in (0, 10, 255):
        body = struct.pack(">BH", code, 1)
        fields = {"code": 5, "retry_s": 1}
        good(f"CLOSE code {code} means 5", 2, body, "Close", fields, canonical=False)
    huge = struct.pack(">BH", 1, 0) + bytes(60 * 1024)
    fields = {"code": 1, "retry_s": 0}
    good("CLOSE with 60 KiB behind it", 2, huge, "Close", fields, canonical=False)


def infos() -> None:
    for code, word in enumerate(("available", "away", "busy")):
        body = info(bytes((code, 0)))
        good(f"INFO, {word}", 6, body, "Info", info_fields(availability=code))
    for code in (3, 127, 255):
        body = info(bytes((code, 0)))
        name = f"INFO, availability {code} counts as available"
        good(name, 6, body, "Info", info_fields(), canonical=False)
    good("INFO of an older peer", 6, info(b""), "Info", info_fields(), canonical=False)
    alone = info_fields(availability=1)
    good("INFO that ends behind away", 6, info(b"\1"), "Info", alone, canonical=False)
    for line in ("a" * 140, "bei Zoë", "☕ until 15:00", "\u202egpj.exe", "a\nb"):
        fields = info_fields(availability=1, status=line)
        name = f"INFO, a line of {len(line.encode())} bytes"
        good(name, 6, info(b"\1" + t8(line.encode())), "Info", fields)
    bad("INFO, a line of 141 bytes", 6, info(b"\0" + t8(b"a" * 141)))
    bad("INFO, a line of 255 bytes", 6, info(b"\0" + t8(b"a" * 255)))
    bad("INFO, a line longer than the body", 6, info(b"\0\5abcd"))
    bad("INFO, a line with a NUL", 6, info(b"\0" + t8(b"a\0")))
    bad("INFO, a line that is not UTF-8", 6, info(b"\0" + t8(b"\xc0\xaf")))
    bad("INFO, a line cut inside a letter", 6, info(b"\0" + t8(b"\xe2\x82")))
    longer = "\u0958".encode() * 46  # 138 bytes, and twice as many in normal form C
    bad("INFO, a line too long in normal form C", 6, info(b"\0" + t8(longer)))
    bad("INFO, a name of 64 bytes", 6, struct.pack(">H", 0) + D1 + D2 + t8(b"n" * 64) + b"\0\0")


def checkups() -> None:
    token = {"token": ID[:8].hex()}
    for code in range(4):
        fields = {**token, "reached": code, "heard": 0}
        good(f"DIALLED, result {code}", 8, ID[:8] + bytes((code, 0)), "Dialled", fields)
    for code in (4, 255):
        fields = {**token, "reached": 0, "heard": 1}
        body = ID[:8] + bytes((code, 1))
        good(f"DIALLED, result {code} counts as 0", 8, body, "Dialled", fields, canonical=False)
    fields = {**token, "reached": 3, "heard": 254}
    good("DIALLED, bits without a name", 8, ID[:8] + b"\3\xfe", "Dialled", fields)
    most = [bytes((number,)) * 16 for number in range(64)]
    told = {"tags": [one.hex() for one in most]}
    good("SEEK of 64 people", 9, b"\x40" + b"".join(most), "Seek", told)
    bad("SEEK of 65 people", 9, b"\x41" + b"".join(most) + ID)
    bad("SEEK of nobody", 9, b"\0")
    bad("SEEK that counts one too many", 9, b"\2" + ID)
    good("ADDRESSES of 512 bytes", 10, t16(b"a" * 512), "Addresses", {"record": "61" * 512})
    bad("ADDRESSES of 513 bytes", 10, t16(b"a" * 513))
    bad("ADDRESSES of nothing", 10, t16(b""))
    bad("ADDRESSES longer than the body", 10, b"\0\5abcd")
    bad("DIALLED without heard", 8, ID[:8] + b"\1")
    bad("DIAL_BACK with a short token", 7, ID[:7])


def texts() -> None:
    good("TEXT of one byte", 16, text(b"a"), "Text", text_fields("a"))
    good("TEXT of 60,000 bytes", 16, text(b"a" * 60_000), "Text", text_fields(["a", 60_000]))
    good("TEXT, an emoji", 16, text("👋🏽".encode()), "Text", text_fields("👋🏽"))
    good("TEXT, lines", 16, text(b"a\n\tb"), "Text", text_fields("a\n\tb"))
    reply = text_fields("yes", reply_to=ID2.hex())
    good("TEXT, a reply", 16, text(b"yes", reply_to=ID2), "Text", reply)
    late = text_fields("x", sent_at=2**64 - 1)
    good("TEXT from the end of time", 16, text(b"x", sent_at=2**64 - 1), "Text", late)
    bad("TEXT of nothing", 16, text(b""))
    bad("TEXT of 60,001 bytes", 16, text(b"a" * 60_001))
    bad("TEXT longer than its body", 16, text(b"a")[:-3] + b"\xea\x60a")
    for state in (1, 2, 3):
        body = bytes((state, 2)) + ID + ID2
        fields = {"state": state, "ids": [ID.hex(), ID2.hex()]}
        good(f"RECEIPT state {state}", 17, body, "Receipt", fields)
    many = [struct.pack(">Q", n) * 2 for n in range(255)]
    fields = {"state": 1, "ids": [one.hex() for one in many]}
    good("RECEIPT of 255 ids", 17, b"\1\xff" + b"".join(many), "Receipt", fields)
    bad("RECEIPT of no id", 17, b"\1\0")
    bad("RECEIPT state 0", 17, b"\0\1" + ID)
    bad("RECEIPT state 4", 17, b"\4\1" + ID)
    bad("RECEIPT that counts one id too many", 17, b"\1\2" + ID)


def offers() -> None:
    for what, body, more in (
        ("of an empty file", offer(total=0, shown=(top(1, 0, b"a.txt"),)), {"total": 0}),
        (
            "of 2^40 bytes",
            offer(total=2**40, shown=(top(1, 2**40, b"a.txt"),)),
            {"total": 2**40},
        ),
        ("with a manifest of 2^25 bytes", offer(length=2**25), {"manifest_len": 2**25}),
    ):
        size = more.get("total", 4)
        listed = {"shown": [{"kind": 1, "size": size, "name": "a.txt"}]}
        good(f"OFFER {what}", 32, body, "Offer", offer_fields(**more, **listed))
    folder = offer(2, 1, total=9, shown=(top(2, 9, b"n" * 255),))
    shown = [{"kind": 2, "size": 9, "name": "n" * 255}]
    fields = offer_fields(files=2, folders=1, total=9, shown=shown)
    good("OFFER of a folder with a name of 255 bytes", 32, folder, "Offer", fields)
    rows = tuple(top(1, 0, b"%03d" % n) for n in range(64))
    shown = [{"kind": 1, "size": 0, "name": f"{n:03d}"} for n in range(64)]
    fields = offer_fields(files=200_000, total=0, tops=65, shown=shown)
    body = offer(200_000, total=0, tops=65, shown=rows)
    good("OFFER of 200,000 files, 64 shown", 32, body, "Offer", fields)
    bad("OFFER of 200,001 entries", 32, offer(200_000, 1))
    bad("OFFER of nothing", 32, offer(0, 0))
    bad("OFFER with more tops than entries", 32, offer(tops=2, shown=(top(1, 2, b"a"),) * 2))
    bad("OFFER without tops", 32, offer(tops=0, shown=()))
    bad("OFFER of 2^40 + 1 bytes", 32, offer(total=2**40 + 1))
    bad("OFFER of 2^64 - 1 bytes", 32, offer(total=2**64 - 1))
    bad("OFFER with a manifest of 2^25 + 1 bytes", 32, offer(length=2**25 + 1))
    bad("OFFER that shows fewer than it has", 32, offer(3, tops=2))
    bad("OFFER that shows 65", 32, offer(65, total=0, tops=65, shown=(*rows, rows[0])))
    bad("OFFER that counts rows it does not hold", 32, offer(64, tops=64, count=64))
    bad("OFFER of a top of kind 0", 32, offer(shown=(top(0, 4, b"a"),)))
    bad("OFFER of a top of kind 3", 32, offer(shown=(top(3, 4, b"a"),)))
    bad("OFFER of a top without a name", 32, offer(shown=(top(1, 4, b""),)))
    bad("OFFER of a top with a NUL", 32, offer(shown=(top(1, 4, b"a\0"),)))
    longer = "\u0958".encode() * 85
    bad("OFFER of a top too long in normal form C", 32, offer(shown=(top(1, 4, longer),)))


def transfers() -> None:
    resumed = accept_fields(2, 3 * MIB, D2)
    good("ACCEPT from 3 MiB on", 33, accept(2, 3 * MIB, D2), "Accept", resumed)
    bad("ACCEPT of attempt 0", 33, accept(0))
    bad("ACCEPT from an odd offset", 33, accept(1, MIB + 1, D2))
    bad("ACCEPT with a prefix digest at offset 0", 33, accept(1, 0, D2))
    bad("ACCEPT without a prefix digest at 1 MiB", 33, accept(1, MIB))
    for code in range(1, 8):
        body = ID + bytes((code,)) + struct.pack(">Q", 2**64 - 1)
        fields = {"id": ID.hex(), "code": code, "detail": 2**64 - 1}
        good(f"DECLINE code {code}", 34, body, "Decline", fields)
        body = ID + struct.pack(">IBB", 0, code, 1)
        fields = {"id": ID.hex(), "attempt": 0, "code": code, "flags": 1}
        said = {**fields, "missing": 0, "fault": 0}
        good(f"CANCEL code {code}, resumable", 35, body + bytes(9), "Cancel", said)
        name = f"CANCEL code {code}, as it was before it had a fault"
        good(name, 35, body, "Cancel", said, canonical=False)
        bad(f"CANCEL code {code}, cut in what is missing", 35, body + bytes(4))
    for fault in range(7):
        body = ID + struct.pack(">IBBQB", 3, 4, 1, 2**64 - 1, fault)
        fields = {"id": ID.hex(), "attempt": 3, "code": 4, "flags": 1}
        said = {**fields, "missing": 2**64 - 1, "fault": fault}
        good(f"CANCEL for fault {fault}", 35, body, "Cancel", said)
    for fault in (7, 255):
        body = ID + struct.pack(">IBBQB", 3, 4, 1, 0, fault)
        said = {**fields, "missing": 0, "fault": 6}
        good(f"CANCEL for fault {fault} means 6", 35, body, "Cancel", said, canonical=False)
    for code in (0, 8, 255):
        bad(f"DECLINE code {code}", 34, ID + bytes((code,)) + bytes(8))
        bad(f"CANCEL code {code}", 35, ID + struct.pack(">IBB", 1, code, 0))
    fields = {"id": ID.hex(), "attempt": 2, "stage": 2, "chunks": 0, "digest": D2.hex()}
    good("DONE, stored", 36, done(2, 2, 0), "Done", fields)
    bad("DONE of attempt 0", 36, done(0, 1))
    bad("DONE of stage 0", 36, done(1, 0))
    bad("DONE of stage 3", 36, done(1, 3))
    bad("START of attempt 0", 37, ID + struct.pack(">IQ", 0, 0))
    for code in range(5):
        body = struct.pack(">IB", 2**32 - 1, code)
        good(f"SAS_RESULT {code}", 51, body, "SasResult", {"run": 2**32 - 1, "code": code})
    bad("SAS_RESULT 5", 51, struct.pack(">IB", 9, 5))


def surveys() -> None:
    """What the receiver has already: LOOK to PROOF, and the set in ACCEPT."""
    for what, skip, said in (
        ("the first entry", b"\1", "01"),
        ("entries 1, 8 and 23", b"\2\1\x80", "020180"),
        ("the last of 200,000", bytes(24_999) + b"\x80", "00" * 24_999 + "80"),
    ):
        body = accept() + t16(skip)
        good(f"ACCEPT that skips {what}", 33, body, "Accept", accept_fields(skip=said))
    nothing = accept() + t16(b"")
    good("ACCEPT that skips nothing", 33, nothing, "Accept", accept_fields(), canonical=False)
    resumed = accept(2, 3 * MIB, D2) + t16(b"\1")
    fields = accept_fields(2, 3 * MIB, D2, "01")
    good("ACCEPT that skips and resumes", 33, resumed, "Accept", fields)
    bad("ACCEPT with a set cut short", 33, accept() + t16(b"\1\1")[:-1])
    bad("ACCEPT with half a length behind it", 33, accept() + b"\0")
    bad("ACCEPT with a set of zeros", 33, accept() + t16(bytes(3)))
    bad("ACCEPT with a set that ends in a zero byte", 33, accept() + t16(b"\1\0"))
    bad("ACCEPT with a set of 25,001 bytes", 33, accept() + t16(b"\1" * 25_001))
    good("LOOK at the beginning", 38, of_survey(1, 0), "Look", survey_fields(1, "offset", 0))
    most = survey_fields(1, "offset", 2**25)
    good("LOOK at 2^25", 38, of_survey(1, 2**25), "Look", most)
    bad("LOOK beyond 2^25", 38, of_survey(1, 2**25 + 1))
    bad("LOOK of attempt 0", 38, of_survey(0, 0))
    whole = survey_fields(1, "offset", 0, data="61" * 60_000)
    good("LISTING of 60,000 bytes", 39, of_survey(1, 0, t16(b"a" * 60_000)), "Listing", whole)
    bad("LISTING of 60,001 bytes", 39, of_survey(1, 0, t16(b"a" * 60_001)))
    bad("LISTING of nothing", 39, of_survey(1, 0, t16(b"")))
    bad("LISTING of attempt 0", 39, of_survey(0, 0, t16(b"a")))
    every = survey_fields(1, "first", 0, asked="ff" * 128)
    good("PROVE of 1,024 entries", 40, of_survey(1, 0, t8(b"\xff" * 128)), "Prove", every)
    bad("PROVE of 1,025 entries", 40, of_survey(1, 0, t8(b"\xff" * 128 + b"\1")))
    bad("PROVE of nothing", 40, of_survey(1, 0, t8(b"")))
    bad("PROVE with a zero byte at its end", 40, of_survey(1, 0, t8(b"\1\0")))
    bad("PROVE from entry 200,001 on", 40, of_survey(1, 200_001, t8(b"\1")))
    bad("PROVE of attempt 0", 40, of_survey(0, 0, t8(b"\1")))
    every = survey_fields(1, "first", 0, proofs="61" * 32_768)
    good("PROOF of 1,024 files", 41, of_survey(1, 0, t16(b"a" * 32_768)), "Proof", every)
    bad("PROOF of 1,025 files", 41, of_survey(1, 0, t16(b"a" * 32_800)))
    bad("PROOF of none", 41, of_survey(1, 0, t16(b"")))
    bad("PROOF of a file and a half", 41, of_survey(1, 0, t16(b"a" * 48)))
    fields = offer_fields(flags=1)
    good("OFFER that asks to skip", 32, ID + b"\0\1" + offer()[18:], "Offer", fields)


def main() -> None:
    talk = (names_and_session, infos, checkups, texts)
    for chapter in (every_type, *talk, offers, transfers, surveys):
        chapter()
    rows = ",\n".join("  " + json.dumps(case, ensure_ascii=True) for case in cases)
    about = "bodies of records, PROTOCOL.md 3a; made by make_payloads.py"
    target = Path(__file__).with_name("payloads.json")
    target.write_text(f'{{"about": "{about}",\n"cases": [\n{rows}\n]}}\n', encoding="ascii")


if __name__ == "__main__":
    main()
