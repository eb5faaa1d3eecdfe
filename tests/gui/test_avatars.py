"""Avatars, icons and the app's own: what is drawn, without a display."""

import pytest
from PIL import Image

from lanchat.gui import app_icon, avatars, icons, lettering
from lanchat.gui.avatars import colour
from lanchat.gui.tokens import LIGHT
from lanchat.identity.keys import PeerId
from lanchat.node.events import Availability, Presence


def _drawn(letters: str, presence: str = "") -> Image.Image:
    return avatars._draw(letters, "#7c3aed", 80, presence, LIGHT, LIGHT.side)


def test_a_colour_belongs_to_a_key() -> None:
    found = {colour(PeerId(bytes([number]) * 32)) for number in range(64)}
    assert len(found) > 8
    assert colour(PeerId(b"a" * 32)) == colour(PeerId(b"a" * 32))


def test_each_presence_has_a_shape_of_its_own() -> None:
    masks = set()
    shown = (*Presence, Availability.AWAY, Availability.BUSY, Availability.INVISIBLE)
    for presence in shown:
        mark = _drawn("A", presence.value).crop((50, 50, 80, 80)).convert("RGB")
        behind = Image.new("RGB", mark.size, LIGHT.side)
        masks.add(bytes(
            one != two for one, two in zip(_pixels(mark), _pixels(behind), strict=True)
        ))  # fmt: skip
    assert len(masks) == len(shown)


def _pixels(picture: Image.Image) -> list[tuple[int, ...]]:
    data = picture.tobytes()
    return [tuple(data[at : at + 3]) for at in range(0, len(data), 3)]


@pytest.mark.parametrize("letters", ["AL", "Ж", "Ø", "?"])
def test_letters_of_everyday_are_drawn(letters: str) -> None:
    assert lettering.font(letters, 40) is not None


def test_letters_that_no_font_has_become_a_person() -> None:
    nobody = "\U0010fffd"
    assert lettering.font(nobody, 40) is None
    assert _drawn(nobody).tobytes() == _drawn("\U0010fffc").tobytes()
    assert _drawn(nobody).tobytes() != _drawn("A").tobytes()


def test_every_icon_is_in_the_font() -> None:
    font = icons._font(96)
    gap = bytes(font.getmask("\U0010ffff"))
    for name, glyph in icons.GLYPHS.items():
        assert bytes(font.getmask(chr(glyph))) != gap, name
        drawn = icons.draw(name, 24, "#000000", "#ffffff").tobytes()
        assert 0 < sum(level < 128 for level in drawn) < len(drawn) * 0.9, name


@pytest.mark.parametrize("size", app_icon.SIZES)
def test_the_app_icon_shows_that_something_is_unread(size: int) -> None:
    plain, dotted = app_icon.draw(size), app_icon.draw(size, unread=True)
    assert plain.size == dotted.size == (size, size)
    assert plain.getpixel((0, 0)) == (0, 0, 0, 0)
    assert plain.tobytes() != dotted.tobytes()
