"""Links in messages.  HOSTILE row C16."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.gui import links
from lanchat.identity.fingerprint import invite
from lanchat.identity.keys import Identity

PIECES = st.sampled_from(
    ["https://", "http://", "@", ".", ":", "/", "(", ")", "a", "é", "й", "%40", "\\", "[", "]",
     "?", "#", " ", "xn--", "-", "\ufffd", "8080", "[::1]"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "url", "host"),
    [
        ("see https://wiki.lan/build/1138.", "https://wiki.lan/build/1138", "wiki.lan"),
        ("(http://a.example/x_(y))", "http://a.example/x_(y)", "a.example"),
        ("HTTPS://Example.COM:8080/", "https://example.com:8080/", "example.com"),
        ("http://192.168.1.31:80", "http://192.168.1.31:80", "192.168.1.31"),
        ("http://[fe80::1]/", "http://[fe80::1]/", "[fe80::1]"),
        ("https://bücher.de/ß", "https://xn--bcher-kva.de/%C3%9F", "bücher.de"),
        ("https://пример.рф", "https://xn--e1afmkfd.xn--p1ai", "пример.рф"),
    ],
)
def test_a_link_is_found_with_its_host(text: str, url: str, host: str) -> None:
    (link,) = links.find(text)
    assert (link.url, link.host, link.plain) == (url, host, True)
    assert text[link.start : link.end].lower().startswith("http")


WHOLE = invite(Identity(bytes(range(32))).peer_id, ["10.0.0.5:48321", "[2001:db8::5]:48321"])


@pytest.mark.parametrize("around", ["{}", "Mine is {}.", "({})", "see\n{}\nand bye", "«{}»"])
def test_a_whole_invite_is_a_link_and_a_damaged_one_is_words(around: str) -> None:
    (link,) = links.find(around.format(WHOLE))
    assert (link.url, link.invite, link.plain) == (WHOLE, True, True)
    assert around.format(WHOLE)[link.start : link.end] == WHOLE
    for damaged in (
        WHOLE[:50],
        WHOLE[:20] + WHOLE[21:],
        f"x{WHOLE}",
        WHOLE.replace(":1:", ":2:"),
    ):
        assert links.find(around.format(damaged)) == ()
    (page,) = links.find(f"https://a.example/{WHOLE}")
    assert not page.invite


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://bank.com@evil.example/", "evil.example"),
        ("https://bank.com:pw@evil.example/", "evil.example"),
        ("https://a@bank.com@evil.example/", "evil.example"),
        ("https://%65vil.example/", "evil.example"),
        ("https://www.\u0430\u0440\u0440\u04cf\u0435.com/", "www.xn--80ak6aa92e.com"),
        ("https://\u0440\u0430ypal.com/", "xn--ypal-43d9g.com"),
        ("https://\uff45vil.example/", "evil.example"),
    ],
)
def test_a_link_that_pretends_shows_where_it_leads(text: str, host: str) -> None:
    (link,) = links.find(text)
    assert link.host == host
    assert not link.plain


def test_a_backslash_ends_the_host_as_it_does_in_a_browser() -> None:
    (link,) = links.find("https://evil.example\\@bank.com/")
    assert (link.url, link.host) == ("https://evil.example/@bank.com/", "evil.example")


@pytest.mark.parametrize(
    "text",
    ["javascript:alert(1)", "file:///etc/passwd", r"\\host\share", "data:text/html,x", "ftp://a.b",
     "https://", "http:///x", "http://a..b", "http://-a-.b", "xhttps://a.b", "mailto:a@b",
     "https://" + "a" * 300 + ".b", "http://a.b/" + "x" * 3000],
)  # fmt: skip
def test_nothing_else_is_a_link(text: str) -> None:
    assert links.find(text) == ()


@given(st.lists(PIECES, max_size=40).map("".join))
def test_a_link_gives_the_browser_ascii_of_http_and_no_blank(text: str) -> None:
    for link in links.find(text):
        assert link.url.isascii()
        assert link.url.startswith(("http://", "https://"))
        assert not set(link.url) & set(" \t\n\"'<>`\\") - {"'"}
        assert 0 <= link.start < link.end <= len(text)
        again = links.read(link.url)
        assert again is None or again.host == link.host


@pytest.mark.parametrize(
    "text",
    ["https://" * 20_000, "https://a" + "." * 60_000, "https://" + ")" * 60_000,
     "http://" + "a@" * 30_000, "http://a.b " * 6_000, "https://" + "й" * 60_000,
     "https://a.b/" + "(" * 1_000 + ")" * 900, f"{WHOLE} " * 500, f"{WHOLE[:-1]}, " * 500,
     "lanchat:1:" * 6_000, "lanchat:1:" + "a" * 60_000],
)  # fmt: skip
def test_a_text_made_to_take_long_is_done_soon(text: str) -> None:
    assert len(links.find(text)) <= links.MOST
