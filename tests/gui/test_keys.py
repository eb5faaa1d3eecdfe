"""The one table of commands and keys."""

import re
from pathlib import Path

from lanchat.gui import commands, keys


def test_no_two_commands_share_a_key() -> None:
    events = [one for command in keys.COMMANDS for one in keys.events(command.keys)]
    assert len(events) == len(set(events))


def test_every_command_of_the_table_does_something() -> None:
    source = Path(commands.__file__).read_text(encoding="utf-8")
    done = set(re.findall(r'^    "(\w+)": ', source, re.MULTILINE))
    assert done == set(keys.BY_NAME)


def test_keys_are_written_for_people_and_for_tk() -> None:
    assert keys.shown("Ctrl+comma") == "Ctrl+,"
    assert keys.shown("Ctrl+Shift+V", mac=True) == "⌘⇧V"
    assert keys.events("Ctrl+K") == ("<Control-k>", "<Control-K>")
    assert keys.events("F1") == ("<F1>",)
    assert "<Control-equal>" in keys.events("Ctrl+plus")


def test_several_keys_of_a_row_are_written_together() -> None:
    assert keys.all_shown(keys.Row(("Shift+Up", "Shift+Down"), "")) == "Shift+Up/Down"
    assert keys.all_shown(keys.Row(("C", "Ctrl+C"), "")) == "C, Ctrl+C"
    assert keys.events("Shift+Tab") == ("<Shift-Tab>", "<ISO_Left_Tab>")
