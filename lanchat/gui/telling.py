"""Telling: the toast about somebody who wrote or offers files, while one looks elsewhere.

It leads to the conversation.  An offer of somebody we know can be answered on the spot, where
a plain yes is all there is to say: it fits, nothing of it came before, and none of it is a
program.  Until it was looked whether it fits, it can only be declined.  Whoever is new here is
looked at first.
"""

from typing import Final

from lanchat.gui import amounts, chat_words, files, news, row_words
from lanchat.gui.cards import Transfer, card
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.items import Act, CardState
from lanchat.gui.news import News
from lanchat.gui.shell import Shell
from lanchat.gui.state import Screen
from lanchat.gui.toast import Answer, Lead
from lanchat.gui.tone import Tone
from lanchat.gui.translate import ngettext
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust

_FRIENDS: Final = (Trust.KNOWN, Trust.VERIFIED)


class Told:
    """What toasts told of, until that needs nobody any more.  Lives on the Tk thread."""

    def __init__(self, shell: Shell) -> None:
        self._shell: Final = shell
        self._held: dict[str, News] = {}  # of each toast

    def show(self, heard: News) -> None:
        """Say it in the window, which is not seen from elsewhere but is there."""
        shell = self._shell
        if _over(shell.screen, heard):
            return  # answered while it waited for its turn
        lines = [news.headline(heard, shell.screen.people.values(), apart=False)]
        lines.append(news.body(heard, wanted=shell.preferences.notify_text))
        one = _offer(shell.screen, heard)
        if one is not None and heard.trust in _FRIENDS:
            lines.append(_carries(one))
        key = f"{heard.key} {heard.offer.hex()}".rstrip()
        self._held[key] = heard
        lead = Lead(key, lambda: open_conversation(shell, heard.peer), self._answers(heard))
        shell.toasts.show("\n".join(filter(None, lines)), Tone.PLAIN, lead)

    def follow(self, screen: Screen) -> None:
        """After each change of the screen: what was answered, seen or muted is told no more."""
        toasts = self._shell.toasts
        toasts.attend(here=screen.focused)
        for key in [key for key in self._held if key not in toasts.leads]:
            del self._held[key]
        for key, heard in tuple(self._held.items()):
            person = screen.people.get(heard.peer)
            seen = screen.focused and screen.chosen == heard.peer
            if seen or _over(screen, heard) or (person is not None and person.muted):
                toasts.withdraw(key)
            else:
                toasts.answer(key, self._answers(heard))

    def _answers(self, heard: News) -> tuple[Answer, ...]:
        """What can be said to it on the spot, as far as is known now."""
        one = _offer(self._shell.screen, heard)
        if one is None or heard.trust not in _FRIENDS:
            return ()
        return _answers(self._shell, one, heard.trust)


def open_conversation(shell: Shell, peer: PeerId) -> None:
    """Show what was told of, if they are still on the list."""
    if peer in shell.screen.people:
        shell.do(PeerChosen(peer))


def _offer(screen: Screen, heard: News) -> Transfer | None:
    return screen.transfers.get((heard.peer, heard.offer)) if heard.offer else None


def _over(screen: Screen, heard: News) -> bool:
    """Whether that is an offer which waits for no answer any more."""
    one = _offer(screen, heard)
    return one is not None and one.state is not CardState.ASKING


def _carries(one: Transfer) -> str:
    """What is offered, and how much that is."""
    name, more = row_words.file(one.names[0][0]) if one.names else "", one.count - 1
    if more and len(one.names) > 1:
        name = ngettext("{name} and {number} more", "{name} and {number} more", more).format(
            name=name, number=amounts.grouped(more)
        )
    return " · ".join(filter(None, (name, amounts.size(one.total))))


def _answers(shell: Shell, one: Transfer, trust: Trust) -> tuple[Answer, ...]:
    landing = shell.screen.landing
    acts = card(one, trust, landing).acts
    program = any(chat_words.program(name) for name, _size in one.names)
    looked = landing is not None and one.which in landing.offers
    found: list[Answer] = []
    if Act.ACCEPT in acts and looked and not program:
        found.append(_answer(shell, one, "toast_accept", Act.ACCEPT))
    if Act.DECLINE in acts:
        found.append(_answer(shell, one, "toast_decline", Act.DECLINE))
    return tuple(found)


def _answer(shell: Shell, one: Transfer, name: str, act: Act) -> Answer:
    def does() -> None:
        now = shell.screen.transfers.get(one.which)
        if now is not None and now.state is CardState.ASKING:
            files.act_on(shell, now, act)

    return Answer(name, files.label(act), does)
