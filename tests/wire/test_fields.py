"""Numbers, bytes and texts: written, read back, and never beyond what is there."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import MalformedPayload
from lanchat.wire.fields import U8, U16, U32, U64, Reader, Writer

SIZES = (U8, U16, U32, U64)
sizes = st.sampled_from(SIZES)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(size=sizes, data=st.data())
def test_a_number_comes_back_as_it_was_written(size: int, data: st.DataObject) -> None:
    value = data.draw(st.integers(0, 256**size - 1))
    body = Writer().number(value, size).done()
    assert len(body) == size
    assert Reader(body).number(size) == value


@given(size=sizes, data=st.data())
def test_a_signed_number_comes_back_as_it_was_written(size: int, data: st.DataObject) -> None:
    value = data.draw(st.integers(-(256**size) // 2, 256**size // 2 - 1))
    assert Reader(Writer().signed(value, size).done()).signed(size) == value


@given(texts)
def test_a_text_comes_back_in_normal_form_c(text: str) -> None:
    body = Writer().text(text, U16, most=65_535).done()
    reader = Reader(body)
    assert reader.text(U16, most=65_535) == unicodedata.normalize("NFC", text)
    assert reader.left == 0


def test_integers_are_big_endian() -> None:
    assert Writer().number(0x0102, U16).number(3, U32).done() == bytes((1, 2, 0, 0, 0, 3))


@given(body=st.binary(max_size=80), wanted=st.integers(0, 200))
def test_a_reader_never_takes_more_than_is_there(body: bytes, wanted: int) -> None:
    reader = Reader(body)
    if wanted <= len(body):
        assert reader.take(wanted) == body[:wanted]
        assert reader.left == len(body) - wanted
    else:
        with pytest.raises(MalformedPayload):
            reader.take(wanted)
        assert reader.left == len(body)


@given(
    body=st.binary(max_size=300), prefix=st.sampled_from((U8, U16)), most=st.integers(0, 300)
)
def test_arbitrary_bytes_are_a_text_or_malformed(body: bytes, prefix: int, most: int) -> None:
    try:
        text = Reader(body).text(prefix, most=most)
    except MalformedPayload:
        return
    assert "\0" not in text
    assert len(text.encode()) == int.from_bytes(body[:prefix], "big") <= most


@pytest.mark.parametrize(
    "body", [b"", b"\3ab", b"\1\0", b"\2\xc0\xaf", b"\3\xed\xa0\x80", b"\1\xff", b"\4abcd"]
)
def test_a_text_cut_short_too_long_or_not_utf_8_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedPayload):
        Reader(body).text(U8, most=3)


def test_a_number_above_its_bound_is_malformed() -> None:
    assert Reader(b"\7").number(U8, most=7) == 7
    with pytest.raises(MalformedPayload, match="at most 7"):
        Reader(b"\x08").number(U8, most=7)


@pytest.mark.parametrize("text", ["", "abcd", "a\0"])
def test_a_writer_refuses_a_text_outside_its_bounds(text: str) -> None:
    with pytest.raises(ValueError, match="text of"):
        Writer().text(text, U8, least=1, most=3)


def test_a_writer_refuses_what_does_not_fit() -> None:
    with pytest.raises(OverflowError):
        Writer().number(256, U8)
    with pytest.raises(ValueError, match="32 wanted"):
        Writer().raw(b"short", 32)
