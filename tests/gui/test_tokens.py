"""Colours that can be read, in both modes."""

import pytest

from lanchat.gui.avatars import COLOURS, initials
from lanchat.gui.tokens import EDGES, TEXTS, TOKENS, Mode, contrast


def test_black_on_white_has_the_most_contrast_there_is() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(("text", "behind"), TEXTS)
def test_every_text_can_be_read(mode: Mode, text: str, behind: str) -> None:
    tokens = TOKENS[mode]
    assert contrast(getattr(tokens, text), getattr(tokens, behind)) >= 4.5


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(("edge", "behind"), EDGES)
def test_every_control_stands_out(mode: Mode, edge: str, behind: str) -> None:
    tokens = TOKENS[mode]
    assert contrast(getattr(tokens, edge), getattr(tokens, behind)) >= 3


@pytest.mark.parametrize("colour", COLOURS)
def test_initials_can_be_read_on_every_avatar(colour: str) -> None:
    assert contrast("#ffffff", colour) >= 4.5


def test_initials_are_whole_letters() -> None:
    assert initials("Ada Lovelace") == "AL"
    assert initials("  ") == "?"
    assert initials("ß") == "SS"
    assert initials("1 · 2 3") == "13"
    assert initials("👍 bob") == "B"
