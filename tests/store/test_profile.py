import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lanchat.errors import AlreadyRunning, BadRequest, NotPrivate, ProfileExists
from lanchat.store.profile import Info, Profile, locate, profiles, profiles_folder

HOLD = """
import sys
from pathlib import Path
from lanchat.store.profile import Profile
lock = Profile(Path(sys.argv[1])).lock()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    made = Profile(tmp_path / "profile")
    made.create_folder()
    return made


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_bare_name_lies_under_the_users_data_and_a_path_where_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert locate("work") == profiles_folder() / "work" == tmp_path / "lanchat/profiles/work"
    assert locate(f"{tmp_path}/x") == tmp_path / "x"
    monkeypatch.chdir(tmp_path)
    assert locate("./x") == tmp_path / "x"


@pytest.mark.parametrize("name", ["", " ", ".", "..", ".hidden", "a\0b", "C:x"])
def test_a_name_that_is_no_folder_of_its_own_is_refused(name: str) -> None:
    with pytest.raises(BadRequest):
        locate(name)


def test_only_registered_profiles_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert profiles() == ()
    for name in ("b", "a", "empty"):
        Profile(locate(name)).create_folder()
    for name in ("a", "b"):
        Profile(locate(name)).keyfile.touch()
    assert [profile.folder.name for profile in profiles()] == ["a", "b"]


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o177])
def test_the_folder_and_its_files_are_the_owners_whatever_the_umask(
    tmp_path: Path, umask: int
) -> None:
    profile = Profile(tmp_path / "profile")
    before = os.umask(umask)
    try:
        profile.create_folder()
        profile.write_info(Info("Ann"))
        profile.lock().release()
    finally:
        os.umask(before)
    assert _mode(profile.folder) == 0o700
    assert {_mode(path) for path in profile.folder.iterdir()} == {0o600}


def test_a_folder_open_to_others_is_closed_and_a_warning_says_so(
    profile: Profile, caplog: pytest.LogCaptureFixture
) -> None:
    profile.keyfile.touch()
    profile.keyfile.chmod(0o644)
    profile.folder.chmod(0o777)
    with caplog.at_level(logging.WARNING):
        profile.tighten()
    assert (_mode(profile.folder), _mode(profile.keyfile)) == (0o700, 0o600)
    assert "others could reach" in caplog.text
    assert str(profile.folder) not in caplog.text


def test_a_folder_that_is_a_link_is_used_with_a_warning(
    profile: Profile, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    link = Profile(tmp_path / "link")
    link.folder.symlink_to(profile.folder)
    with caplog.at_level(logging.WARNING):
        link.tighten()
    assert "is a link" in caplog.text


def test_a_folder_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(NotPrivate):
        Profile(tmp_path).tighten()


def test_only_a_profile_without_a_key_is_unfinished(profile: Profile) -> None:
    wal = profile.folder / "lanchat.db-wal"
    profile.database.touch()
    wal.touch()
    profile.keyfile.touch()
    with pytest.raises(ProfileExists):
        profile.remove_unfinished()
    assert profile.database.exists()
    profile.keyfile.unlink()
    profile.remove_unfinished()
    assert list(profile.folder.iterdir()) == []


def test_the_info_comes_back_as_it_was_written(profile: Profile) -> None:
    info = Info("Änne ☃", "#336699", 1_700_000_000_000)
    profile.write_info(info)
    assert profile.read_info() == info
    assert profile.name == "Änne ☃"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"[" * 60_000,
        b'"' + b"x" * 70_000,
        b'{"name": 1, "colour": [], "last_used_at": "now"}',
        b'{"name": "a\\u001b[2Jb", "colour": "\\ud800", "last_used_at": -1}',
        json.dumps({"name": "x" * 64, "last_used_at": 1e30}).encode(),
    ],
)
def test_a_damaged_or_hostile_info_says_nothing(profile: Profile, content: bytes) -> None:
    profile.info.write_bytes(content)
    assert profile.read_info() == Info()
    assert profile.name == "profile"


def test_an_info_that_is_a_folder_says_nothing(profile: Profile) -> None:
    profile.info.mkdir()
    assert profile.read_info() == Info()


def test_a_held_profile_names_its_holder_and_a_crash_frees_it(profile: Profile) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(profile.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunning) as caught:
            profile.lock()
        assert caught.value.pid == holder.pid == profile.holder()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert profile.holder() is None
    with profile.lock():
        assert profile.lockfile.read_text() == str(os.getpid())


def test_a_lock_is_given_back_once_and_can_be_taken_again(profile: Profile) -> None:
    lock = profile.lock()
    with pytest.raises(AlreadyRunning):
        profile.lock()
    lock.release()
    lock.release()
    with profile.lock():
        assert profile.holder() == os.getpid()
    assert profile.holder() is None


def test_nobody_holds_what_was_never_locked(profile: Profile) -> None:
    assert profile.holder() is None
    assert not profile.lockfile.exists()


@pytest.mark.parametrize("content", [b"", b"-4", b"garbage", b"\xff" * 30])
def test_a_lock_file_with_nonsense_in_it_names_nobody(profile: Profile, content: bytes) -> None:
    with profile.lock():
        profile.lockfile.write_bytes(content)
        with pytest.raises(AlreadyRunning) as caught:
            profile.lock()
    assert caught.value.pid is None


def test_the_socket_lies_in_the_folder_while_its_path_is_short() -> None:
    folder = Path("/home/ann/.local/share/lanchat/profiles/default")
    assert Profile(folder).socket == folder / "control.sock"


def test_the_socket_of_a_deep_folder_lies_in_a_private_place_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = Path("/tmp") / f"lanchat-test-{os.getpid()}"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    deep, other = Profile(tmp_path / ("d" * 120)), Profile(tmp_path / ("e" * 120))
    try:
        place = deep.prepare_socket()
        assert place.parent.parent == runtime
        assert len(os.fsencode(place)) <= 100
        assert _mode(place.parent) == 0o700
        assert place == deep.prepare_socket() != other.socket
        place.parent.rmdir()
        place.parent.symlink_to(tmp_path)
        with pytest.raises(NotPrivate):
            deep.prepare_socket()
        place.parent.unlink()
    finally:
        runtime.rmdir()


def test_the_key_file_is_overwritten_before_it_goes_and_goes_first(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = os.urandom(150)
    profile.keyfile.write_bytes(secret)
    draft = profile.folder / ".key.lc.0123"
    draft.write_bytes(secret)
    profile.database.write_bytes(b"sealed")
    kept = profile.folder / "copy"
    kept.hardlink_to(profile.keyfile)
    order: list[str] = []
    unlink = Path.unlink

    def noted(path: Path, missing_ok: bool = False) -> None:
        order.append(path.name)
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", noted)
    with profile.lock():
        profile.erase()
    assert order[:2] == ["key.lc", ".key.lc.0123"]
    assert len(kept.read_bytes()) == len(secret)
    assert kept.read_bytes() != secret
    assert [path.name for path in profile.folder.iterdir()] == ["copy"]  # which is not ours


def test_a_profile_that_is_erased_leaves_no_folder(profile: Profile) -> None:
    profile.keyfile.touch()
    profile.write_info(Info("Ann"))
    for suffix in ("", "-wal", "-shm"):
        profile.database.with_name(profile.database.name + suffix).touch()
    (profile.pasted / "0123").mkdir(parents=True)
    (profile.pasted / "0123" / "Pasted.png").touch()
    with profile.lock():
        profile.erase()
    assert not profile.folder.exists()
