"""Safe names out of a stranger's text.  PROTOCOL.md, 4; hostile cases F01 to F07."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lanchat.errors import UnsafeName
from lanchat.transfer.names import (
    MAX_BYTES,
    Names,
    check_path,
    fold,
    numbered,
    offerable,
    safe_component,
    unique,
)
from lanchat.transfer.walk import wire_names

UNICODE = st.text(st.characters(codec="utf-8"), min_size=1, max_size=80)
NASTY = st.text(
    st.sampled_from("aA.-_ ~:\\/\0\x1b\u202e\u200d\u2215\uff0f\u2024eé\u0301ßﬀ"), max_size=12
)
ON_DISK = st.binary(min_size=1, max_size=255).map(
    lambda raw: raw.decode("utf-8", "surrogateescape")
)


def _safe(text: str, *, top: bool) -> str | None:
    try:
        return safe_component(text, top=top)
    except UnsafeName:
        return None


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "../../etc/passwd",
        "..\\..\\x",
        "a/../../b",
        "....//",
        "/etc/passwd",
        "C:\\Windows\\x",
        "C:x",
        "c:/x",
        "\\\\host\\share\\x",
        "\\\\?\\C:\\x",
        "//host/x",
        "file:///x",
        "a//b",
        "a/",
        "a/./b",
        "a/C:b",
        "a\0b",
        "x" * 256,
        "é" * 128,
        "/".join(["d"] * 65),
    ],
)
def test_a_path_that_could_lead_outside_is_refused(path: str) -> None:
    with pytest.raises(UnsafeName):
        check_path(path)


def test_a_path_is_cut_into_its_components() -> None:
    assert check_path("~/.ssh/authorized_keys") == ("~", ".ssh", "authorized_keys")
    assert check_path("/".join(["d"] * 64)) == ("d",) * 64


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "...", "   ", " . . ", "\u202e\u2066", "\t\n", f"{'.' * MAX_BYTES}x"],
)
def test_a_name_of_which_nothing_is_left_is_refused(text: str) -> None:
    with pytest.raises(UnsafeName):
        safe_component(text)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("a b", "a b"),
        ("%2e%2e%2fx", "%2e%2e%2fx"),
        ("a\x1b[31m\n\x7fb", "a[31mb"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\u2215b\uff0fc\u2044d", "a_b_c_d"),
        ("a\u2024\u2024", "a__"),
        ("file:stream", "file_stream"),
        ("file::$DATA", "file__$DATA"),
        ('a<b>|?*".txt', "a_b_____.txt"),
        ("x.exe.", "x.exe"),
        ("x.txt ", "x.txt"),
        (" x", "x"),
        ("-rf", "-rf"),
        ("e\u0301", "\u00e9"),
        ("a\u00a0b", "a b"),
        ("con", "_con"),
        ("NUL.tar.gz", "_NUL.tar.gz"),
        ("Com1 .txt", "_Com1 .txt"),
        ("lpt\u00b9", "_lpt\u00b9"),
        ("console", "console"),
        ("COM12", "COM12"),
        (".git", ".git"),
        ("日本語。txt", "日本語。txt"),
        ("🎉.png", "🎉.png"),
    ],
)
def test_a_name_is_cleaned(text: str, safe: str) -> None:
    assert safe_component(text) == safe


def test_a_leading_dot_hides_nothing_at_the_top() -> None:
    assert safe_component(".bashrc", top=True) == "_bashrc"
    assert safe_component(".bashrc") == ".bashrc"


def test_a_leading_dash_is_no_option_at_the_top() -> None:
    assert safe_component("-rf", top=True) == "_rf"
    assert safe_component("-", top=True) == "_"
    assert safe_component("-", top=False) == "-"


def test_a_name_that_is_too_long_keeps_its_extension() -> None:
    safe = safe_component("é" * 200 + ".jpeg")
    assert safe.endswith("é.jpeg")
    assert 250 <= len(safe.encode()) <= MAX_BYTES
    assert len(safe_component("CON." + "x" * 251)) == MAX_BYTES


@given(text=UNICODE | NASTY | ON_DISK.map(offerable), top=st.booleans())
def test_a_safe_name_is_one_plain_component(text: str, top: bool) -> None:
    safe = _safe(text, top=top)
    if safe is None:
        return
    assert 1 <= len(safe.encode("utf-8")) <= MAX_BYTES
    assert check_path(safe) == (safe,)
    assert not set(safe) & set('<>:"|?*/\\\0')
    assert not any(unicodedata.category(each) in ("Cc", "Cf", "Cs") for each in safe)
    assert safe == safe.strip(" ").rstrip(".")
    assert not (top and safe.startswith((".", "-")))


@given(text=UNICODE | NASTY, top=st.booleans())
@example(text="A\x1f\u0300", top=False)
def test_a_safe_name_stays_as_it_is(text: str, top: bool) -> None:
    safe = _safe(text, top=top)
    assert safe is None or safe_component(safe, top=top) == safe


@given(name=ON_DISK.filter(lambda name: "/" not in name and "\0" not in name))
def test_whatever_lies_on_our_disk_can_be_offered(name: str) -> None:
    wire = offerable(name)
    assert check_path(wire) == (wire,)
    assert safe_component(wire)
    assert unicodedata.normalize("NFC", wire) == wire


@given(names=st.lists(UNICODE | st.sampled_from(["a", "A", "a (2)", "a.b", "A.B", "ß", "ss"])))
def test_no_two_names_in_a_folder_are_alike(names: list[str]) -> None:
    safe = [name for name in (_safe(text, top=True) for text in names) if name]
    chosen = list(unique(safe))
    assert len({fold(name) for name in chosen}) == len(safe)
    assert all(len(name.encode()) <= MAX_BYTES for name in chosen)


def test_the_number_stands_before_the_extension() -> None:
    names = ["a.txt", "A.TXT", "a.txt", "a (2).txt", ".git", ".GIT", "x.tar.gz", "x.tar.gz"]
    assert list(unique(names)) == [
        "a.txt",
        "A (2).TXT",
        "a (3).txt",
        "a (2) (2).txt",
        ".git",
        ".GIT (2)",
        "x.tar.gz",
        "x.tar (2).gz",
    ]
    assert numbered("n" * 255, 12) == "n" * 250 + " (12)"
    assert numbered("a", 1) == "a"


def test_many_spellings_of_one_name_cost_no_more_than_others() -> None:
    folder = Names()
    names = [f"{n:018b}".replace("0", "a").replace("1", "A") for n in range(20_000)]
    assert len({folder.add(name) for name in names}) == len(names)


def test_many_names_that_a_number_makes_alike_cost_no_more_than_others() -> None:
    folder = Names()
    names = [f"{'n' * 251}{n:03x}{end}" for end in "aA" for n in range(0x1000)]
    chosen = {fold(folder.add(name)) for name in names}
    assert len(chosen) == len(names)


def test_many_names_of_ours_that_are_no_text_cost_no_more_than_others() -> None:
    assert wire_names(["a", "\udcff", "\udcfe", "\ufffd (2)", "\udcfd"]) == [
        "a",
        "\ufffd",
        "\ufffd (2)",
        "\ufffd (2) (2)",
        "\ufffd (3)",
    ]
    many = [
        "".join(chr(0xDC80 | n >> shift & 127) for shift in (14, 7, 0)) for n in range(2**15)
    ]
    assert len(set(wire_names(many))) == len(many)


def test_marks_that_pile_up_are_taken_away() -> None:
    assert safe_component("e" + "\u0323\u0302" * 60 + ".txt") == safe_component(
        "e" + "\u0323\u0302" * 4 + ".txt"
    )
    assert safe_component("བསྒྲུབས་.txt") == unicodedata.normalize("NFC", "བསྒྲུབས་.txt")
    high, low = "a" + "\u0301" * 7 + "\u0323", "a" + "\u0323" + "\u0301" * 7
    assert fold(safe_component(high)) == fold(safe_component(low))
