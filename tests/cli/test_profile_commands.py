"""register, whoami, passwd: one's own profile, its passphrase and who it belongs to."""

import asyncio
import json
import os
import stat
from pathlib import Path

import pytest

from lanchat.identity.fingerprint import fingerprint, invite
from lanchat.identity.keys import PeerId
from lanchat.node import profiles
from lanchat.node.fleeting import UNTIL_CLOSED
from lanchat.node.retention import Retention
from lanchat.store.history import History
from lanchat.store.transfers import Transfers
from tests.cli.conftest import PersonOf, ScreenOf
from tests.discovery.bind import write_key
from tests.integration.cli_driver import PASSPHRASE, Person

pytestmark = pytest.mark.long


def _passphrase(person: Person, text: str) -> str:
    path = person.folder / "another passphrase"
    path.write_text(text + "\n")
    return str(path)


def test_registering_makes_a_sealed_profile_that_whoami_shows(newcomer: Person) -> None:
    row = newcomer.run("register", "Nova").row
    peer_id = PeerId.parse(row["peer_id"])
    assert row["name"] == "Nova"
    assert row["fingerprint"] == {
        "hex": fingerprint(peer_id).hex,
        "words": list(fingerprint(peer_id).words),
    }
    assert newcomer.run("whoami").row == {**row, "availability": "available", "status": ""}
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in newcomer.profile.iterdir()
    }
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(newcomer.profile.stat().st_mode) == 0o700
    assert PASSPHRASE.encode() not in b"".join(
        path.read_bytes() for path in newcomer.profile.iterdir()
    )


def test_a_new_name_is_kept_whether_or_not_somebody_holds_the_profile(
    person_of: PersonOf,
) -> None:
    ann = person_of("Ann")
    assert ann.run("whoami", "--rename", "Anna").row["name"] == "Anna"
    assert ann.run("whoami").row["name"] == "Anna"
    listener = ann.listen()
    assert ann.run("whoami", "--rename", "Annie").row["peer_id"] == ann.peer_id
    assert listener.wait_for("renamed")["name"] == "Annie"
    listener.stop()
    assert ann.run("whoami").row["name"] == "Annie"
    assert ann.run("whoami", "--rename", "\u2713").status == 2


def test_what_i_say_of_being_there_is_kept_whether_or_not_somebody_holds_the_profile(
    person_of: PersonOf,
) -> None:
    ann = person_of("Ann")
    row = ann.run("whoami", "--be", "busy", "--status", "back at  three").row
    assert (row["availability"], row["status"]) == ("busy", "back at three")
    listener = ann.listen()
    row = ann.run("whoami", "--be", "invisible", "--rename", "Anna").row
    assert (row["name"], row["availability"]) == ("Anna", "invisible")
    listener.stop()
    assert ann.run("whoami", "--status", "").row["status"] == ""
    assert ann.run("whoami").row["availability"] == "invisible"
    failed = ann.run("whoami", "--status", "x" * 141)
    assert failed.status == 2
    assert "140 bytes" in failed.err
    assert ann.run("whoami", "--be", "asleep").status == 2


async def _days_kept(person: Person) -> int:
    held = await asyncio.to_thread(profiles.hold, f"{person.profile}/")
    opened = await profiles.unlock(held, PASSPHRASE)
    try:
        held_by = opened.database
        keeping = Retention(
            held_by,
            History(held_by),
            Transfers(held_by),
            publish=lambda _event: None,
            clock=lambda: 0,
        )
        return await keeping.days()
    finally:
        await opened.close()


def test_the_profile_remembers_for_how_long_messages_are_kept(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    for said, days in (("30", 30), ("until-closed", UNTIL_CLOSED), ("forever", 0)):
        ann.listen("--keep", said).stop()
        assert asyncio.run(_days_kept(ann)) == days


def test_a_profile_is_never_overwritten(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    before = (ann.profile / "key.lc").read_bytes()
    done = ann.run("register", "Somebody")
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("lanchat: there is a profile already")
    assert (ann.profile / "key.lc").read_bytes() == before


@pytest.mark.parametrize("name", ["", " ", "x" * 41, "\u202e\u200b", "\u2713"])
def test_a_name_that_nobody_can_read_is_refused(newcomer: Person, name: str) -> None:
    done = newcomer.run("register", name)
    assert done.status == 2
    assert "lanchat: hint: a name has" in done.err
    assert not newcomer.profile.exists()


@pytest.mark.parametrize("phrase", ["short", "x" * 1025])
def test_a_passphrase_too_short_or_too_long_is_refused(newcomer: Person, phrase: str) -> None:
    done = newcomer.run("register", "Nova", "--passphrase-file", _passphrase(newcomer, phrase))
    assert done.status == 2
    assert "8 to 1,024" in done.err
    assert not (newcomer.profile / "key.lc").exists()


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe\x80 not text\n"])
def test_a_passphrase_file_that_holds_none_ends_with_2(
    person_of: PersonOf, content: bytes | None
) -> None:
    ann = person_of("Ann")
    path = ann.folder / "of no use"
    if content is not None:
        path.write_bytes(content)
    done = ann.run("whoami", "--passphrase-file", str(path))
    assert (done.status, done.out) == (2, "")
    assert "lanchat: a passphrase is needed" in done.err


def test_only_the_first_line_of_the_file_counts(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    path = _passphrase(ann, f"{PASSPHRASE}\r\nand a second line")
    assert ann.run("whoami", "--passphrase-file", path).status == 0


def test_a_wrong_passphrase_is_one_sentence(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    done = ann.run("whoami", "--passphrase-file", _passphrase(ann, "not this one"))
    assert (done.status, done.out, done.err) == (1, "", "lanchat: the passphrase is wrong\n")


@pytest.mark.parametrize("words", [("whoami",), ("peers",), ("listen",), ("passwd",)])
def test_without_a_profile_the_sentence_says_what_to_run(
    newcomer: Person, words: tuple[str, ...]
) -> None:
    done = newcomer.run(*words)
    assert done.status == 1
    assert done.err == "lanchat: there is no such profile; run: lanchat register NAME\n"


def test_a_damaged_profile_is_one_sentence(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    (ann.profile / "lanchat.db").write_bytes(os.urandom(8192))
    done = ann.run("history", "somebody")
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("lanchat: the profile is damaged")


def test_an_invite_stands_beside_a_qr_code(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    assert ann.run("whoami", "--qr").row["invite"] == invite(PeerId.parse(ann.peer_id))
    shown = ann.run("whoami", "--qr", as_json=False).out
    assert "▀" in shown
    assert invite(PeerId.parse(ann.peer_id)) in shown


def test_a_changed_passphrase_opens_the_same_identity(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    new = _passphrase(ann, "a completely different one")
    done = ann.run("passwd", "--new-passphrase-file", new)
    assert (done.status, done.out) == (0, "")
    assert ann.run("whoami").err == "lanchat: the passphrase is wrong\n"
    assert ann.run("whoami", "--passphrase-file", new).row["peer_id"] == ann.peer_id


def test_a_passphrase_that_is_refused_changes_nothing(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    before = (ann.profile / "key.lc").read_bytes()
    too_short = _passphrase(ann, "short")
    assert ann.run("passwd", "--new-passphrase-file", too_short).status == 2
    wrong = ann.run(
        "passwd", "--passphrase-file", too_short, "--new-passphrase-file", too_short
    )
    assert wrong.status != 0
    assert (ann.profile / "key.lc").read_bytes() == before


def test_the_passphrase_changes_while_somebody_listens(person_of: PersonOf) -> None:
    ann = person_of("Ann")
    ann.listen()
    new = _passphrase(ann, "a completely different one")
    assert ann.run("passwd", "--new-passphrase-file", new).status == 0
    assert ann.run("whoami").row["peer_id"] == ann.peer_id  # handed over: it needs none
    ann.leave()
    assert ann.run("whoami", "--passphrase-file", new).row["peer_id"] == ann.peer_id


# --- at a terminal ----------------------------------------------------------------------


def test_a_terminal_is_asked_twice_for_a_new_passphrase_and_shows_none(
    newcomer: Person, screen_of: ScreenOf
) -> None:
    screen = screen_of(newcomer, "register", "Nova", passphrase_file=False)
    screen.wait_for("Passphrase for this profile: ")
    assert not screen.echoes
    screen.type(f"{PASSPHRASE}\n")
    screen.wait_for("Once more: ")
    screen.type("something else\n")
    screen.wait_for("lanchat: the two are not the same")
    again = screen.shown.index("not the same")
    screen.wait_for("Passphrase for this profile: ", after=again)
    screen.type(f"{PASSPHRASE}\n")
    screen.wait_for("Once more: ", after=again)
    screen.type(f"{PASSPHRASE}\n")
    assert screen.end() == 0
    assert PASSPHRASE not in screen.shown
    assert newcomer.run("whoami").row["name"] == "Nova"


def test_a_mistyped_passphrase_is_asked_for_again(
    person_of: PersonOf, screen_of: ScreenOf
) -> None:
    screen = screen_of(person_of("Ann"), "whoami", "--json", passphrase_file=False)
    screen.wait_for("Passphrase: ")
    screen.type("mistyped\n")
    screen.wait_for("lanchat: the passphrase is wrong")
    screen.wait_for("Passphrase: ", after=screen.shown.index("wrong"))
    screen.type(f"{PASSPHRASE}\n")
    assert screen.end() == 0
    assert json.loads(screen.shown.splitlines()[-1])["name"] == "Ann"


def test_a_passphrase_mistyped_three_times_ends_with_1(
    person_of: PersonOf, screen_of: ScreenOf
) -> None:
    screen = screen_of(person_of("Ann"), "whoami", passphrase_file=False)
    said = 0
    for _ in range(3):
        screen.wait_for("Passphrase: ", after=said)
        screen.type("mistyped\n")
        screen.wait_for("passphrase is wrong", after=said)
        said = screen.shown.rindex("wrong")
    assert screen.end() == 1


def test_ctrl_c_at_the_prompt_ends_at_once_with_130_and_the_echo_back(
    person_of: PersonOf, screen_of: ScreenOf
) -> None:
    screen = screen_of(person_of("Ann"), "whoami", passphrase_file=False)
    screen.wait_for("Passphrase: ")
    assert not screen.echoes
    screen.type("\x03")
    assert screen.end() == 130
    assert screen.echoes


def test_ctrl_d_at_the_prompt_is_no_passphrase(
    person_of: PersonOf, screen_of: ScreenOf
) -> None:
    screen = screen_of(person_of("Ann"), "whoami", passphrase_file=False)
    screen.wait_for("Passphrase: ")
    screen.type("\x04")
    assert screen.end() == 2


def test_a_bare_name_lies_in_the_users_data_folder(newcomer: Person) -> None:
    assert newcomer.run("--profile", "work", "register", "Nova").status == 0
    keys = list(Path(newcomer.home).rglob("work/key.lc"))
    assert len(keys) == 1
    assert newcomer.run("whoami", "--profile", str(keys[0].parent)).row["name"] == "Nova"


def test_of_a_dns_key_that_others_can_read_it_is_told_once(
    newcomer: Person, tmp_path: Path
) -> None:
    key = write_key(tmp_path / "key")
    words = ["listen", "--dns", "chat.example.org", "--dns-key", str(key)]
    for mode, told in ((0o644, 1), (0o600, 0)):
        key.chmod(mode)
        done = newcomer.run(*words)
        assert done.status == 1  # as there is no profile: the key is no reason
        assert done.err.count("others on this computer can read the DNS key") == told
        assert done.err.count(f"hint: keep it to yourself: chmod 600 {key}") == told
        assert "there is no such profile" in done.err
