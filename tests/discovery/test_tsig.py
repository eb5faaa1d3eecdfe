"""Key files for a DNS server: what tsig-keygen writes is read, and nothing that is weaker."""

import base64
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.discovery import tsig
from lanchat.discovery.registry import Registry
from lanchat.discovery.server import Server
from lanchat.errors import BadDnsKey

SECRET = "c2VjcmV0cyBhcmUgMzIgYnl0ZXMgYXQgdGhlIGxlYXN0"
FILE = f'key "lanchat" {{\n\talgorithm hmac-sha256;\n\tsecret "{SECRET}";\n}};\n'


def test_what_tsig_keygen_writes_is_read() -> None:
    key = tsig.parse(FILE.encode())
    assert (key.name, key.algorithm) == ("lanchat", "hmac-sha256")
    assert key.secret == b"secrets are 32 bytes at the least"
    assert "secret" not in repr(key)


def test_comments_and_missing_quotes_are_as_bind_reads_them() -> None:
    text = FILE.replace('"', "")
    assert tsig.parse(f"# ours\n{text}// end\n/* of\n it */".encode()) == tsig.parse(
        FILE.encode()
    )


@pytest.mark.parametrize("name", ["l" * 63, "ann.lan.chat.example.org.", ".".join("l" * 16)])
def test_every_name_that_is_taken_is_one_in_dns(name: str) -> None:
    key = tsig.parse(FILE.replace("lanchat", name).encode())
    Registry(Server("chat.example.org", "example.org", "10.0.0.53", 53), key)


@pytest.mark.parametrize("secret", ["//" * 16, "ab//cd/+ef+/" * 4, "+" * 32])
def test_a_secret_may_look_like_a_comment(secret: str) -> None:
    key = tsig.parse(FILE.replace(SECRET, secret).encode())
    assert base64.b64encode(key.secret).decode() == secret


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "tsig-keygen"),
        (FILE.encode() * 2, "tsig-keygen"),
        (FILE.replace("sha256", "md5").encode(), "algorithm"),
        (FILE.replace(SECRET, "c2VjcmV0").encode(), "16 to 128"),
        (FILE.replace(SECRET, SECRET[:-1]).encode(), "tsig-keygen"),
        (FILE.encode("utf-16"), "tsig-keygen"),
        (FILE.replace("lanchat", "lan..chat").encode(), "tsig-keygen"),
        (FILE.replace("lanchat", "l" * 64).encode(), "tsig-keygen"),
        (FILE.replace("lanchat", ".".join(["l" * 60] * 4)).encode(), "tsig-keygen"),
        (b"#" * 5000, "4 KiB"),
    ],
)
def test_anything_else_is_refused_and_the_hint_says_what_fits(data: bytes, why: str) -> None:
    with pytest.raises(BadDnsKey) as caught:
        tsig.parse(data)
    assert why in caught.value.hint
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("mode", "owner", "command"),
    [
        (0o600, 0, None),
        (0o400, 0, None),
        (0o640, 0, "chmod 600 '{file}'"),
        (0o604, 0, "chmod 600 '{file}'"),
        (0o666, 0, "chmod 600 '{file}'"),
        (0o640, 1, None),  # its group shares it, as its owner wants
        (0o644, 1, "sudo chgrp GROUP '{file}' && sudo chmod 640 '{file}'"),
    ],
)
def test_a_key_file_that_others_can_read_is_told_with_the_command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: int,
    owner: int,
    command: str | None,
) -> None:
    file = tmp_path / "a key"
    file.write_text(FILE)
    file.chmod(mode)
    uid = os.geteuid() + owner  # another one: then it is somebody else's file
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    told = tsig.exposed(file)
    if command is None:
        assert told is None
    else:
        assert told is not None
        assert told.hint.endswith(": " + command.format(file=file))
    assert tsig.exposed(tmp_path / "none") is None


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with pytest.raises(BadDnsKey):
        tsig.parse(data)
