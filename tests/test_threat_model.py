"""The threat model names tests that exist, and has a row for each case it promises."""

import re
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parent
TEXT: Final = (TESTS.parent / "docs" / "THREAT_MODEL.md").read_text(encoding="utf-8")
ROWS: Final = re.findall(r"^\| ([A-H]\d\d\S*) \|.*\| (.+) \|$", TEXT, re.MULTILINE)
NAMED: Final = sorted(set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", TEXT)))


@pytest.mark.parametrize(("file", "test"), NAMED, ids=[test for _file, test in NAMED])
def test_each_test_that_the_threat_model_names_exists(file: str, test: str) -> None:
    assert re.search(rf"^(async )?def {test}\(", (TESTS / file).read_text(), re.MULTILINE)


def test_each_row_names_a_test_or_says_why_there_is_none() -> None:
    silent = [
        name
        for name, shown in ROWS
        if "::test_" not in shown and "not yet, because" not in shown
    ]
    assert silent == []


def test_no_two_rows_have_one_number() -> None:
    names = [name for name, _shown in ROWS]
    assert sorted(names) == sorted(set(names))


def test_no_case_of_the_handshake_and_the_records_is_left_out() -> None:
    numbers = {name for name, _shown in ROWS}
    handshake = {*range(1, 42)} - {4, 9, 17, 25, 33, 38}  # these were merged into others
    records = {*range(1, 20)} - {4, 8, 14, 16}
    assert {f"A{n:02}" for n in handshake} <= numbers
    assert {f"B{n:02}" for n in records} <= numbers
