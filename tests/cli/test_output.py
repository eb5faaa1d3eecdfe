"""Output: whole lines of JSON, harmless lines for people, one voice on stderr."""

import json
import os
import pty
import re
import sys
import termios

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.cli.output import Output, as_json, complain, spoken, tell
from lanchat.errors import AmbiguousPeer, PeerNotFound

HARMLESS = re.compile("[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]*")


def test_a_row_is_one_line_that_reads_back_as_it_was(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    rows: list[dict[str, object]] = [
        {"text": "grüße 漢字 🎏 \x1b[2J \x9b \u2028 \u202e \x7f \\\x85", "n": 1.5},
        {"path": "not UTF-8: \udcff\udc80", "list": [None, True, {"a": "\n"}]},
    ]
    output = Output(as_json=True)
    for row in rows:
        output.row(row)
        output.line("for people only")
    lines = capfdbinary.readouterr().out.decode("utf-8").split("\n")
    assert [json.loads(line) for line in lines[:-1]] == rows
    assert "grüße 漢字 🎏" in lines[0]
    assert all(HARMLESS.fullmatch(line) for line in lines)


def test_a_long_line_is_broken_by_us_at_a_terminal_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    line = "12:00:00  (new abcdefgh) x: hi" + " " * 50 + "12:00:01  Bob: it is me"
    Output(as_json=False).line(line)
    assert capfdbinary.readouterr().out.decode() == line + "\n"
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with os.fdopen(theirs, "w") as terminal, os.fdopen(ours, "rb", buffering=0) as screen:
        monkeypatch.setattr(sys, "stdout", terminal)
        Output(as_json=False).line(line)
        shown = screen.read(1000).decode().splitlines()
        monkeypatch.undo()
    assert shown == [line[:79].rstrip(), "    12:00:01  Bob: it is me"]


@given(value=st.text())
def test_any_text_makes_a_harmless_line_of_json(value: str) -> None:
    line = as_json({"text": value})
    assert json.loads(line) == {"text": value}
    assert HARMLESS.fullmatch(line)
    assert "\n" not in line


def test_without_json_there_are_no_rows(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    output = Output(as_json=False)
    output.row({"a": 1})
    output.line("a line, \udcff and all")
    assert capfdbinary.readouterr().out == b"a line, ? and all\n"


def test_the_voice_is_lower_case_without_a_full_stop() -> None:
    assert spoken("Nobody was found.") == "nobody was found"
    assert spoken("A file is missing.") == "a file is missing"
    assert spoken("DNS does not answer.") == "DNS does not answer"
    assert spoken("") == ""


def test_an_error_is_its_sentence_and_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    complain(PeerNotFound("the detail is for the log"))
    error = AmbiguousPeer("two")
    error.hint = "These fit: Ann\x1b[2J\nlanchat: all is well; Ann\u202e."
    complain(error)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "lanchat: nobody of that name or id was found on the network"
    assert lines[1] == "lanchat: more than one person fits that name; use the peer id"
    assert lines[2].startswith("lanchat: hint: these fit: Ann")
    assert len(lines) == 3
    assert all(HARMLESS.fullmatch(line) for line in lines)


def test_a_closed_stderr_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        def write(self, text: str) -> int:
            raise BrokenPipeError(text)

    monkeypatch.setattr("sys.stderr", Closed())
    tell("nobody hears this")
