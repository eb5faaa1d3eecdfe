import json
import os
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from hypothesis import given, settings
from hypothesis import strategies as st

from lanchat.errors import (
    BadPassphrase,
    LanchatError,
    NoProfile,
    NotEnoughMemory,
    ProfileExists,
    StoreDamaged,
    StoreTooNew,
    WrongPassphrase,
)
from lanchat.store import keyfile
from lanchat.store.keyfile import Params, Secrets

SMALL = Params(memory_kib=19 * 1024, passes=1, lanes=1)
PHRASE = "correct horse"
VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "keyfile.json").read_text(encoding="utf-8")
)
ERRORS = {
    "wrong passphrase": WrongPassphrase,
    "damaged": StoreDamaged,
    "too new": StoreTooNew,
}


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return keyfile.seal(b"s" * 32, b"m" * 32, PHRASE, SMALL)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_each_vector_ends_as_it_says(case: dict[str, str]) -> None:
    data = bytes.fromhex(case["file"])
    if case["expect"] == "success":
        expected = Secrets(bytes.fromhex(VECTORS["seed"]), bytes.fromhex(VECTORS["master_key"]))
        assert keyfile.open_key(data, case["passphrase"]) == expected
    else:
        with pytest.raises(ERRORS[case["expect"]]):
            keyfile.open_key(data, case["passphrase"])


def test_the_key_of_the_database_is_that_of_the_vectors() -> None:
    assert keyfile.db_key(bytes.fromhex(VECTORS["master_key"])).hex() == VECTORS["db_key"]


def test_what_was_sealed_opens_with_the_passphrase_alone(sealed: bytes) -> None:
    assert keyfile.open_key(sealed, PHRASE) == Secrets(b"s" * 32, b"m" * 32)
    with pytest.raises(WrongPassphrase):
        keyfile.open_key(sealed, PHRASE + " ")


def test_two_seals_of_the_same_secrets_share_no_salt_nonce_or_ciphertext(sealed: bytes) -> None:
    other = keyfile.seal(b"s" * 32, b"m" * 32, PHRASE, SMALL)
    assert other[:13] == sealed[:13]
    assert other[13:29] != sealed[13:29]
    assert other[29:41] != sealed[29:41]
    assert other[41:] != sealed[41:]


def test_every_byte_of_a_key_file_counts(
    sealed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyfile, "Argon2id", _remembering_argon2())
    assert len(sealed) == keyfile.SIZE
    for at in range(len(sealed)):
        for mask in (0x01, 0x80):
            data = bytearray(sealed)
            data[at] ^= mask
            with pytest.raises((WrongPassphrase, StoreDamaged, StoreTooNew)):
                keyfile.open_key(bytes(data), PHRASE)


def test_a_key_file_cut_at_any_length_is_damaged(sealed: bytes) -> None:
    for length in range(len(sealed)):
        with pytest.raises(StoreDamaged):
            keyfile.open_key(sealed[:length], PHRASE)


@given(data=st.binary(max_size=200) | st.binary(max_size=200).map(lambda b: b"LCKEY\0\x01" + b))
@settings(max_examples=200)
def test_bytes_of_anybody_are_damaged_or_wrong_and_nothing_else(data: bytes) -> None:
    with pytest.raises((StoreDamaged, StoreTooNew)):
        keyfile.open_key(data[: keyfile.SIZE - 1], PHRASE)


def test_a_cost_out_of_range_is_refused_before_argon2_runs(
    sealed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyfile, "Argon2id", None)  # a call of it would be a TypeError
    for cost in (b"\xff\xff\xff\xff\x01\x01", b"\0\0\x4c\0\xff\x01", b"\0\0\x4c\0\x01\xff"):
        with pytest.raises(StoreDamaged, match="cost"):
            keyfile.open_key(sealed[:7] + cost + sealed[13:], PHRASE)


@pytest.mark.parametrize("phrase", ["", "7 bytes", "x" * 1025, "x" * 100_000, "\ud800"])
def test_a_passphrase_out_of_range_is_refused(phrase: str) -> None:
    with pytest.raises(BadPassphrase):
        keyfile.seal(b"s" * 32, b"m" * 32, phrase, SMALL)


@pytest.mark.parametrize("phrase", ["8 bytes.", "x" * 1024, "☃☃☃"])
def test_a_passphrase_at_the_edge_of_the_range_is_taken(phrase: str) -> None:
    data = keyfile.seal(b"s" * 32, b"m" * 32, phrase, SMALL)
    assert keyfile.open_key(data, phrase).seed == b"s" * 32


def test_without_memory_for_the_default_a_cheaper_file_is_made_and_opens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limited = _argon2_with(at_most=keyfile.FALLBACK.memory_kib)
    monkeypatch.setattr(keyfile, "Argon2id", limited)
    data = keyfile.seal(b"s" * 32, b"m" * 32, PHRASE)
    assert int.from_bytes(data[7:11], "big") == 64 * 1024
    assert keyfile.open_key(data, PHRASE).seed == b"s" * 32


def test_without_memory_at_all_the_error_says_so(
    sealed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyfile, "Argon2id", _argon2_with(at_most=0))
    with pytest.raises(NotEnoughMemory):
        keyfile.seal(b"s" * 32, b"m" * 32, PHRASE)
    with pytest.raises(NotEnoughMemory):
        keyfile.open_key(sealed, PHRASE)


def test_the_default_cost_is_that_of_the_protocol() -> None:
    cost = keyfile.DEFAULT
    assert (cost.memory_kib, cost.passes, cost.lanes) == (262_144, 3, 4)


def test_no_key_file_is_no_profile(tmp_path: Path) -> None:
    with pytest.raises(NoProfile):
        keyfile.read(tmp_path / "key.lc")


def test_a_huge_key_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "key.lc"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(StoreDamaged):
        keyfile.read(path)


def test_a_folder_or_a_pipe_in_the_place_of_the_key_file_is_damage(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(StoreDamaged):
            keyfile.read(path)


def test_a_fresh_key_file_never_replaces_one(tmp_path: Path, sealed: bytes) -> None:
    path = tmp_path / "key.lc"
    keyfile.write(path, sealed, fresh=True)
    with pytest.raises(ProfileExists):
        keyfile.write(path, b"other", fresh=True)
    assert keyfile.read(path) == sealed


def test_a_changed_passphrase_opens_the_same_secrets_and_the_old_one_nothing(
    tmp_path: Path, sealed: bytes
) -> None:
    path = tmp_path / "key.lc"
    keyfile.write(path, sealed)
    keyfile.change_passphrase(path, PHRASE, "another horse", SMALL)
    assert keyfile.open_key(keyfile.read(path), "another horse") == Secrets(
        b"s" * 32, b"m" * 32
    )
    with pytest.raises(WrongPassphrase):
        keyfile.open_key(keyfile.read(path), PHRASE)
    assert [path.name for path in tmp_path.iterdir()] == ["key.lc"]


@pytest.mark.parametrize(("old", "new"), [("wrong horse", "another horse"), (PHRASE, "short")])
def test_a_passphrase_that_cannot_be_changed_leaves_the_file(
    tmp_path: Path, sealed: bytes, old: str, new: str
) -> None:
    path = tmp_path / "key.lc"
    keyfile.write(path, sealed)
    with pytest.raises((WrongPassphrase, BadPassphrase)):
        keyfile.change_passphrase(path, old, new, SMALL)
    assert keyfile.read(path) == sealed


def test_no_error_and_no_repr_holds_a_secret(sealed: bytes) -> None:
    opened = keyfile.open_key(sealed, PHRASE)
    assert "ssss" not in repr(opened)
    assert "mmmm" not in repr(opened)
    for phrase in ("planted passphrase", "planted\ud800passphrase"):
        with pytest.raises(LanchatError) as caught:
            keyfile.open_key(sealed, phrase)
        assert "planted" not in _everything(caught.value)


def _everything(error: BaseException | None) -> str:
    """An exception with all that hangs on it, as a crash report could write it."""
    text = ""
    while error is not None:
        text += f"{error!r} {error.args!r} {vars(error)!r}"
        error = error.__context__
    return text


def _argon2_with(*, at_most: int) -> type[object]:
    class Limited:
        def __init__(
            self, *, salt: bytes, length: int, iterations: int, lanes: int, memory_cost: int
        ) -> None:
            self._cost = (salt, length, iterations, lanes, memory_cost)

        def derive(self, phrase: bytes) -> bytes:
            salt, length, iterations, lanes, memory_cost = self._cost
            if memory_cost > at_most:
                raise MemoryError
            return Argon2id(
                salt=salt,
                length=length,
                iterations=iterations,
                lanes=lanes,
                memory_cost=memory_cost,
            ).derive(phrase)

    return Limited


def _remembering_argon2() -> object:
    """Argon2id that does not work twice for the same salt and cost."""

    @cache
    def derived(phrase: bytes, **cost: object) -> bytes:
        return Argon2id(**cost).derive(phrase)  # type: ignore[arg-type]  # as they came

    class Remembering:
        def __init__(self, **cost: object) -> None:
            self._cost = cost

        def derive(self, phrase: bytes) -> bytes:
            return derived(phrase, **self._cost)

    return Remembering
