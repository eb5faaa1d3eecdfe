"""TSIG: the key file by which a DNS server lets us register.  RFC 8945.

It is what `tsig-keygen NAME` of BIND writes, and what BIND itself reads:

    key "lanchat" {
        algorithm hmac-sha256;
        secret "base64";
    };
"""

import base64
import binascii
import os
import re
import shlex
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lanchat.errors import BadDnsKey, ExposedDnsKey, Sentence

MAX_FILE: Final = 4096  # bytes
SHORTEST: Final = 16  # bytes of a secret
LONGEST: Final = 128
LONGEST_NAME: Final = 200  # characters; DNS takes 253
ALGORITHMS: Final = ("hmac-sha256", "hmac-sha384", "hmac-sha512")  # no MD5, no SHA-1

# A comment, or a quoted text: that may hold what else begins a comment, as base64 has "/".
_COMMENT: Final = re.compile(r'"[^"\n]*"|(?:#|//)[^\n]*|/\*.*?\*/', re.DOTALL)
_KEY: Final = re.compile(
    r"""\s*key\s+"?([A-Za-z0-9][A-Za-z0-9_-]{0,62}(?:\.[A-Za-z0-9_-]{1,63}){0,15}\.?)"?\s*\{
        \s*algorithm\s+"?([A-Za-z0-9-]{1,32})"?\s*;
        \s*secret\s+"?([A-Za-z0-9+/=]{1,400})"?\s*;\s*\}\s*;\s*""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class TsigKey:
    """A name, and the secret we share with the server under it."""

    name: str
    algorithm: str
    secret: bytes = field(repr=False)


def read(path: Path) -> TsigKey:
    """Read a key file.

    Raises:
        BadDnsKey: it cannot be read, or holds something else.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        failed = BadDnsKey(type(error).__name__)
        failed.hint = Sentence("it must be there, and you must be allowed to read it")
        raise failed from error
    return parse(data)


def exposed(path: Path) -> ExposedDnsKey | None:
    """What to tell of a key file that others on this computer can read; the key works.

    That the group of somebody else's file can is how several people share it.  None where
    the system has no such rights, and of a file that cannot be looked at.
    """
    if os.name != "posix":
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    ours = found.st_uid == os.geteuid()
    if not found.st_mode & (stat.S_IROTH | (stat.S_IRGRP if ours else 0)):
        return None
    told, file = ExposedDnsKey(stat.filemode(found.st_mode)), shlex.quote(str(path))
    if ours:
        command = f"chmod 600 {file}"
        told.hint = Sentence("keep it to yourself: {command}", command=command)
    else:
        command = f"sudo chgrp GROUP {file} && sudo chmod 640 {file}"
        told.hint = Sentence(
            "keep it to a group of those who use lanchat: {command}", command=command
        )
    return told


def parse(data: bytes) -> TsigKey:
    """Read a key file.

    Raises:
        BadDnsKey: it holds something else, or a secret that protects nothing.
    """
    if len(data) > MAX_FILE:
        raise _bad(f"{len(data)} bytes", Sentence("a key file has no more than 4 KiB"))
    try:
        text = _COMMENT.sub(_uncommented, data.decode("ascii"))
    except UnicodeDecodeError as error:
        raise _bad("not ASCII", _FORM) from error
    match = _KEY.fullmatch(text)
    if match is None:
        raise _bad("no key of that form", _FORM)
    name, algorithm = match[1].lower(), match[2].lower()
    if len(name) > LONGEST_NAME:
        raise _bad(f"name of {len(name)} characters", _FORM)
    if algorithm not in ALGORITHMS:
        raise _bad(
            "algorithm", Sentence("its algorithm must be hmac-sha256, -sha384 or -sha512")
        )
    try:
        secret = base64.b64decode(match[3], validate=True)
    except binascii.Error as error:
        raise _bad("secret is not base64", _FORM) from error
    if not SHORTEST <= len(secret) <= LONGEST:
        raise _bad(
            f"secret of {len(secret)} bytes", Sentence("its secret must have 16 to 128 bytes")
        )
    return TsigKey(name, algorithm, secret)


def _uncommented(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else " "


_FORM: Final = Sentence("it must be as `tsig-keygen NAME` of BIND writes it")


def _bad(detail: str, hint: Sentence) -> BadDnsKey:
    error = BadDnsKey(detail)
    error.hint = hint
    return error
