"""Arguments: what may be typed, where, and what a mistake is answered with."""

import re
import shlex
from ipaddress import ip_network

import pytest

from lanchat.cli.arguments import COMMANDS, parse
from lanchat.cli.values import size


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "PROFILE",
        "PASSPHRASE_FILE",
        "INTERFACE",
        "PORT",
        "DNS",
        "DNS_KEY",
        "NETWORK",
    ):
        monkeypatch.delenv(f"LANCHAT_{name}", raising=False)


def _refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        parse(words)
    captured = capsys.readouterr()
    assert ended.value.code == 2
    assert captured.out == ""
    said = captured.err.splitlines()
    assert [line.partition(": ")[0] for line in said] == ["lanchat", "lanchat"]
    return said[0]


@pytest.mark.parametrize(
    "words",
    [
        ["--profile", "p", "--json", "-vv", "--port", "4000", "peers"],
        ["peers", "--profile", "p", "--json", "-vv", "--port", "4000"],
        ["--profile", "p", "-v", "peers", "-v", "--json", "--port", "4000"],
        ["--json", "peers", "--profile=p", "-v", "-v", "--port=4000"],
    ],
)
def test_the_options_of_every_command_stand_before_or_after_its_name(words: list[str]) -> None:
    found = parse(words)
    assert (found.command, found.profile, found.json) == ("peers", "p", True)
    assert (found.verbose, found.port) == (2, 4000)


def test_what_stands_after_the_name_wins() -> None:
    assert parse(["--profile", "first", "peers", "--profile", "second"]).profile == "second"


def test_a_domain_and_its_key_come_from_options_then_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (parse(["peers"]).dns, parse(["peers"]).dns_key) == (None, None)
    monkeypatch.setenv("LANCHAT_DNS", "chat.example.org")
    monkeypatch.setenv("LANCHAT_DNS_KEY", "key")
    monkeypatch.setenv("LANCHAT_DNS_EVERY", "60")
    found = parse(["peers"])
    assert (found.dns, found.dns_key, found.dns_every) == ("chat.example.org", "key", 60.0)
    found = parse(
        ["--dns", "lan@10.0.0.53", "listen", "--dns-key", "other", "--dns-every", "5"]
    )
    assert (found.dns, found.dns_key, found.dns_every) == ("lan@10.0.0.53", "other", 5.0)


def test_networks_that_may_be_dialled_are_prefixes_and_not_the_whole_world(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LANCHAT_NETWORK", "10.20.0.0/16, 2001:db8::/32")
    wanted = [ip_network("10.20.0.0/16"), ip_network("2001:db8::/32")]
    assert parse(["peers"]).network == wanted
    assert parse(["--network", "10.1.0.0/24", "peers"]).network == [ip_network("10.1.0.0/24")]
    for wrong in ("0.0.0.0/0", "::/0", "10.0.0.0/7", "10.0.0.1/24", "lan"):
        _refused(capsys, "peers", "--network", wrong)
    monkeypatch.setenv("LANCHAT_NETWORK", "lan")
    assert "LANCHAT_NETWORK" in _refused(capsys, "peers")


def test_nobody_looks_all_the_time_or_almost_never(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in ("0", "0.5", "3601", "often"):
        assert "seconds from" in _refused(capsys, "gui", "--dns-every", wrong)
    monkeypatch.setenv("LANCHAT_DNS_EVERY", "0")
    assert "LANCHAT_DNS_EVERY: seconds from" in _refused(capsys, "peers")


def test_interfaces_add_up_wherever_they_stand() -> None:
    words = ["--interface", "lo", "peers", "--interface", "eth0", "--interface", "::1"]
    assert parse(words).interface == ["lo", "eth0", "::1"]


def test_the_environment_stands_in_for_what_is_not_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LANCHAT_PROFILE", "theirs")
    monkeypatch.setenv("LANCHAT_PASSPHRASE_FILE", "secret.txt")
    monkeypatch.setenv("LANCHAT_INTERFACE", "lo, eth0")
    monkeypatch.setenv("LANCHAT_PORT", "4001")
    found = parse(["peers"])
    assert (found.profile, found.passphrase_file) == ("theirs", "secret.txt")
    assert (found.interface, found.port) == (["lo", "eth0"], 4001)
    found = parse(["peers", "--profile", "mine", "--interface", "wlan0"])
    assert (found.profile, found.interface) == ("mine", ["wlan0"])


def test_a_mistake_in_the_environment_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LANCHAT_PORT", "http")
    assert "LANCHAT_PORT" in _refused(capsys, "peers")


def test_without_any_of_it_there_are_defaults() -> None:
    found = parse(["say", "ann", "hi"])
    assert (found.profile, found.passphrase_file, found.interface) == ("default", None, [])
    assert (found.port, found.json, found.verbose, found.wait) == (None, False, 0, 5.0)


def test_a_message_is_all_the_words_and_a_dash_is_one_of_them() -> None:
    assert parse(["say", "ann", "see", "you", "-", "soon"]).text == ["see", "you", "-", "soon"]
    assert parse(["say", "ann", "-"]).text == ["-"]
    assert parse(["say", "ann", "--", "--json"]).text == ["--json"]
    assert parse(["say", "ann", "-- really?"]).text == ["-- really?"]


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["say"],
        ["say", "ann"],
        ["send", "ann"],
        ["register"],
        ["peers", "--wait", "soon"],
        ["peers", "--wait", "-1"],
        ["peers", "--wait", "nan"],
        ["peers", "--wait", "inf"],
        ["peers", "--port", "65536"],
        ["peers", "--port", "80"],
        ["peers", "--port", "-1"],
        ["peers", "--profile", ""],
        ["peers", "--js"],
        ["listen", "--accept", "some"],
        ["listen", "--accept-limit", "many"],
        ["listen", "--clash", "ask"],
        ["listen", "--keep", "0"],
        ["listen", "--keep", "always"],
        ["trust", "ann", "--block", "--unblock"],
        ["history", "ann", "--limit", "0"],
        ["history", "ann", "--limit", "1.5"],
        ["say", "ann", "hi", "--passphrase", "in clear"],
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_sentence_and_a_hint(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    said = _refused(capsys, *words)
    assert said == said.rstrip(".")
    assert "passphrase=" not in said


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0),
        ("500", 500),
        ("1k", 1024),
        ("20G", 20 * 2**30),
        ("3 MiB", 3 * 2**20),
        ("1tb", 2**40),
    ],
)
def test_a_size_is_bytes_or_has_a_unit(text: str, count: int) -> None:
    assert size(text) == count


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_holds_an_example_that_is_right(command: str) -> None:
    function, _ = COMMANDS[command]
    examples = re.findall(r"Example: lanchat (.*)", function.__doc__ or "")
    assert examples, "no example"
    for example in examples:
        assert parse(shlex.split(example)).command == command


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help_is_for_stdout_and_ends_with_0(
    command: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([command, "--help"] if command else ["--help"])
    captured = capsys.readouterr()
    assert (ended.value.code, captured.err) == (0, "")
    assert "--passphrase-file" in captured.out
