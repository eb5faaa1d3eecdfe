"""Whom a person means by PEER.  docs/COMMANDS.md, *Every command*."""

import pytest

from lanchat.errors import AmbiguousPeer
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node.events import PeerView, Presence
from lanchat.node.lookup import Found, address, find, whole_id
from lanchat.session.address import Address

BEGINNINGS = ("aaaa", "aaab", "cccc", "dddd", "eeee")
ANN, ABE, CY, DEE, EVE = (
    PeerId.parse(beginning + "a" * (52 - len(beginning))) for beginning in BEGINNINGS
)


def friend(peer: PeerId, name: str, alias: str = "", trust: Trust = Trust.KNOWN) -> Contact:
    return Contact(peer, name, alias=alias, trust=trust)


def seen(peer: PeerId, name: str, trust: Trust = Trust.NEW) -> PeerView:
    return PeerView(peer, name, trust, Presence.SEEN)


def test_a_whole_peer_id_is_that_peer_known_or_not() -> None:
    assert find(str(EVE), [], []) == Found(EVE, exact=True)
    assert find(str(ANN), [friend(ANN, "ann")], []) == Found(ANN, exact=True)


def test_a_whole_peer_id_is_nobody_who_took_it_for_a_name() -> None:
    assert find(str(EVE), [friend(ANN, str(EVE))], []) == Found(EVE, exact=True)


@pytest.mark.parametrize("query", ["ann", "Ann", "ANN"])
def test_a_name_is_its_bearer_in_whatever_case(query: str) -> None:
    assert find(query, [friend(ANN, "Ann")], []) == Found(ANN)


@pytest.mark.parametrize("trust", [Trust.KNOWN, Trust.VERIFIED, Trust.BLOCKED])
def test_a_contact_need_not_be_here(trust: Trust) -> None:
    assert find("ann", [friend(ANN, "ann", trust=trust)], []) == Found(ANN)


def test_ones_own_alias_is_what_a_contact_is_called() -> None:
    contacts = [friend(ANN, "ann", alias="boss"), friend(CY, "cy", alias="ann")]
    assert find("boss", contacts, []) == Found(ANN)
    assert find("ann", contacts, []) == Found(CY)


@pytest.mark.parametrize("query", ["ann", "cccc"])
def test_what_fits_a_contact_is_never_a_strangers(query: str) -> None:
    contacts = [friend(CY, "ann")]
    assert find(query, contacts, [seen(ANN, "ann"), seen(CY, "cccc")]) == Found(CY)


def test_a_contacts_prefix_comes_before_a_strangers_name() -> None:
    assert find("cccc", [friend(CY, "cy")], [seen(EVE, "cccc")]) == Found(CY)


def test_a_name_comes_before_a_prefix() -> None:
    contacts = [friend(ANN, "cccc"), friend(CY, "cy")]
    assert find("cccc", contacts, []) == Found(ANN)
    assert find("cccc", [], [seen(ANN, "cccc"), seen(CY, "cy")]) == Found(ANN)


@pytest.mark.parametrize(("query", "found"), [("aaaa", True), ("aaa", False), ("a", False)])
def test_a_prefix_has_four_characters_or_more(query: str, found: bool) -> None:
    assert (find(query, [friend(ANN, "ann")], []) is not None) is found
    assert (find(query, [], [seen(ANN, "ann")]) is not None) is found


def test_somebody_who_is_here_is_found_by_name_and_prefix() -> None:
    views = [seen(ANN, "ann"), seen(CY, "cy")]
    assert find("cy", [], views) == Found(CY)
    assert find("cccca", [], views) == Found(CY)


def test_a_stranger_who_wrote_is_found_while_away_and_is_no_contact() -> None:
    wrote = friend(EVE, "eve", trust=Trust.NEW)
    assert find("eve", [wrote], []) == Found(EVE)
    assert find("eve", [wrote, friend(ANN, "eve")], []) == Found(ANN)


def test_a_stranger_is_called_what_it_calls_itself_now() -> None:
    wrote = friend(EVE, "eve", trust=Trust.NEW)
    assert find("eva", [wrote], [seen(EVE, "eva")]) == Found(EVE)
    assert find("eve", [wrote], [seen(EVE, "eva")]) is None


def test_a_contact_who_calls_itself_otherwise_keeps_its_name() -> None:
    assert find("bob", [friend(ANN, "ann")], [seen(ANN, "bob", Trust.KNOWN)]) is None


def test_two_bearers_of_a_name_are_refused_with_a_list() -> None:
    for contacts, views in (
        ([friend(ANN, "x"), friend(CY, "X")], []),
        ([], [seen(ANN, "x"), seen(CY, "X")]),
        ([friend(ANN, "x", trust=Trust.NEW)], [seen(CY, "X")]),
    ):
        with pytest.raises(AmbiguousPeer) as refused:
            find("x", contacts, views)
        assert str(ANN) in refused.value.hint
        assert str(CY) in refused.value.hint
        assert "x" not in str(refused.value)  # names are not for the log


def test_a_prefix_of_two_is_refused() -> None:
    with pytest.raises(AmbiguousPeer):
        find("aaaa", [friend(ANN, "ann"), friend(PeerId.parse("aaaab" + "a" * 47), "b")], [])
    assert find("aaab", [friend(ANN, "ann"), friend(ABE, "abe")], []) == Found(ABE)


def test_nobody_fits_what_nobody_is_called() -> None:
    everybody = [friend(ANN, "ann", trust=Trust.NEW)], [seen(CY, "cy"), seen(DEE, "")]
    for query in ("eve", "eeee", "", "127.0.0.1:4000"):
        assert find(query, *everybody) is None


def test_a_peer_id_is_whole_or_none() -> None:
    assert whole_id(str(ANN)) == ANN
    for text in (str(ANN)[:-1], str(ANN) + "a", str(ANN).upper(), "", "1" * 52):
        assert whole_id(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10.0.0.1:4000", Address("10.0.0.1", 4000)),
        ("[fe80::1%eth0]:4000", Address("fe80::1%eth0", 4000)),
        ("host.example:80", Address("host.example", 80)),
        ("ann", None),
        ("ann:", None),
        ("ann:0", None),
        ("ann:65536", None),
        ("fe80::1:4000", None),
    ],
)
def test_an_address_is_written_host_and_port(text: str, found: Address | None) -> None:
    assert address(text) == found
