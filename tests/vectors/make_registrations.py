"""Make registrations.json: TXT records in a DNS zone, and what a reader makes of them.

Written from PROTOCOL.md, 6, alone; it imports nothing of lanchat.  Run it in this folder; it
writes the same file every time.

A case is {name, record, advert, expires}: the record as it stands in the zone and the advert
in it, both in hex, and the Unix seconds at which it runs out.  `expires` is 0 where the record
does not say so as it must; an `advert` that is empty is no advert.
"""

import json
from pathlib import Path
from typing import Any, Final

LONGEST: Final = 432  # bytes of a record: an advert of 400, and its expiry

cases: list[dict[str, Any]] = []


def strings(*texts: bytes) -> bytes:
    return b"".join(bytes((len(one),)) + one for one in texts)


def case(name: str, record: bytes, advert: bytes, expires: int) -> None:
    cases.append(
        {"name": name, "record": record.hex(), "advert": advert.hex(), "expires": expires}
    )


ADVERT: Final = (b"v=1", b"pk=key", b"n=Ann", b"e=1790000000000", b"s=signature")
PLAIN: Final = strings(*ADVERT)

case("plain", strings(*ADVERT, b"exp=1790003600"), PLAIN, 1_790_003_600)
case("in front", strings(b"exp=1790003600", *ADVERT), PLAIN, 1_790_003_600)
case("in capitals", strings(*ADVERT, b"EXP=1790003600"), PLAIN, 1_790_003_600)
case("the latest", strings(*ADVERT, b"exp=99999999999"), PLAIN, 99_999_999_999)
case("later than that", strings(*ADVERT, b"exp=100000000000"), PLAIN, 0)
case("missing", PLAIN, PLAIN, 0)
case("twice", strings(*ADVERT, b"exp=1790003600", b"exp=1790003600"), PLAIN, 0)
case("empty", strings(*ADVERT, b"exp="), PLAIN, 0)
case("without a value", strings(*ADVERT, b"exp"), strings(*ADVERT, b"exp"), 0)
case("negative", strings(*ADVERT, b"exp=-1"), PLAIN, 0)
case("with a leading zero", strings(*ADVERT, b"exp=01790003600"), PLAIN, 0)
case("not decimal", strings(*ADVERT, b"exp=0x6ab1"), PLAIN, 0)
case("nothing", b"", b"", 0)
case("cut short", strings(*ADVERT, b"exp=1790003600")[:-1], b"", 0)
case("too long", strings(*[b"x" * 200] * 2, b"x" * 15, b"exp=1790003600"), b"", 0)
longest = strings(b"x" * 200, b"x" * 200, b"x" * 14, b"exp=1790003600")
case("as long as may be", longest, strings(b"x" * 200, b"x" * 200, b"x" * 14), 1_790_003_600)
assert len(longest) <= LONGEST

Path("registrations.json").write_text(
    json.dumps(
        {"about": "TXT records of a zone, PROTOCOL.md 6; made by make_registrations.py",
         "cases": cases},
        indent=1,
    )
    + "\n"
)  # fmt: skip
