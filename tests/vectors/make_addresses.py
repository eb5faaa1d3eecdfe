"""Make addresses.json: signed address records and what a reader makes of them.

Written from PROTOCOL.md, 6 alone with an Ed25519 of `cryptography`; it imports nothing of
lanchat, so that the code and the vectors cannot share a mistake.  Run it in this folder; it
writes the same file every time.

A case is {name, record, expect}, `record` in hex.  `expect` is "ok" (then `fields` say what
was read), "malformed" (refused before the signature is looked at) or "forged".  The "tags" are
{secret, binding, tag}: what stands for somebody in SEEK.
"""

import hashlib
import hmac
import json
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ANN: Final = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
BOB: Final = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
KEY: Final = ANN.public_key().public_bytes_raw()
EPOCH: Final = 1_790_000_000_000
UNTIL: Final = EPOCH + 10_800_000
PORT: Final = 41_000
LOW_ORDER: Final = bytes.fromhex("01" + "00" * 31)  # a key under which anybody can sign

cases: list[dict[str, Any]] = []


def separator(purpose: str) -> bytes:
    return b"lanchat/1 " + purpose.encode() + b"\0"


def packed(address: str) -> bytes:
    ip = ip_address(address)
    return bytes((ip.version,)) + ip.packed


def message(
    *addresses: str, form: int = 1, key: bytes = KEY, port: int = PORT, count: int | None = None
) -> bytes:
    number = len(addresses) if count is None else count
    head = bytes((form,)) + key + EPOCH.to_bytes(8, "big") + UNTIL.to_bytes(8, "big")
    places = b"".join(map(packed, addresses))
    return head + port.to_bytes(2, "big") + bytes((number,)) + places


def signed(said: bytes, key: Ed25519PrivateKey = ANN, purpose: str = "addresses") -> bytes:
    return said + key.sign(separator(purpose) + said)


def good(name: str, *addresses: str, port: int = PORT) -> None:
    fields = {"peer": KEY.hex(), "epoch": EPOCH, "until": UNTIL, "port": port}
    record = signed(message(*addresses, port=port)).hex()
    told = {**fields, "addresses": list(dict.fromkeys(addresses))}
    cases.append({"name": name, "record": record, "expect": "ok", "fields": told})


def bad(name: str, record: bytes, expect: str = "malformed") -> None:
    cases.append({"name": name, "record": record.hex(), "expect": expect})


def records() -> None:
    good("one address", "192.168.1.20")
    good("of both families", "192.168.1.20", "fd00::20", "2001:db8::20")
    good("eight addresses", *(f"10.0.0.{number}" for number in range(1, 9)))
    good("the same twice", "10.0.0.1", "10.0.0.1")
    good("the lowest port", "10.0.0.1", port=1024)
    good("the highest port", "10.0.0.1", port=65_535)
    bad("nothing", b"")
    bad("no address", signed(message()))
    nine = [f"10.0.0.{number}" for number in range(1, 10)]
    bad("nine addresses", signed(message(*nine)))
    bad("another format", signed(message("10.0.0.1", form=2)))
    bad("a port of the system", signed(message("10.0.0.1", port=1023)))
    bad("counts one too many", signed(message("10.0.0.1", count=2)))
    bad("counts one too few", signed(message("10.0.0.1", "10.0.0.2", count=1)))
    bad("a byte behind the signature", signed(message("10.0.0.1")) + b"\0")
    bad("its last byte missing", signed(message("10.0.0.1"))[:-1])
    bad("another family", signed(message(count=1) + b"\5" + bytes(4)))
    for what, address in (
        ("unspecified", "0.0.0.0"),
        ("loopback", "127.0.0.1"),
        ("multicast", "224.0.0.251"),
        ("broadcast", "255.255.255.255"),
        ("link-local", "169.254.1.1"),
        ("unspecified of IPv6", "::"),
        ("loopback of IPv6", "::1"),
        ("multicast of IPv6", "ff02::fb"),
        ("link-local of IPv6", "fe80::1"),
        ("IPv4-mapped", "::ffff:10.0.0.1"),
        ("site-local", "fec0::1"),
    ):
        bad(f"an address that is {what}", signed(message("10.0.0.1", address)))
    bad("signed by another key", signed(message("10.0.0.1"), BOB), "forged")
    bad("signed for another purpose", signed(message("10.0.0.1"), purpose="advert"), "forged")
    bad("a key of small order", signed(message("10.0.0.1", key=LOW_ORDER)), "forged")
    whole = signed(message("10.0.0.1"))
    for what, at in (
        ("epoch", 40),
        ("end", 48),
        ("port", 50),
        ("address", 56),
        ("signature", 60),
    ):
        changed = bytearray(whole)
        changed[at] ^= 1
        bad(f"another {what}", bytes(changed), "forged")


def tags() -> list[dict[str, str]]:
    made = []
    for number in (1, 2):
        secret, binding = bytes((number,)) * 32, bytes((number + 8,)) * 32
        said = separator("introduction") + binding
        tag = hmac.digest(secret, said, hashlib.sha256)[:16]
        made.append({"secret": secret.hex(), "binding": binding.hex(), "tag": tag.hex()})
    return made


def main() -> None:
    records()
    rows = ",\n".join("  " + json.dumps(case) for case in cases)
    lines = ",\n".join("  " + json.dumps(one) for one in tags())
    about = "address records and tags, PROTOCOL.md 6; made by make_addresses.py"
    target = Path(__file__).with_name("addresses.json")
    text = f'{{"about": "{about}",\n"cases": [\n{rows}\n],\n"tags": [\n{lines}\n]}}\n'
    target.write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
