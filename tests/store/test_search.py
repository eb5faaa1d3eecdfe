import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanchat.store.database import Database
from lanchat.store.history import History
from tests.store.making import ANN, BOB, mine, theirs


async def test_words_are_found_from_their_beginning_whatever_case_and_accents(
    history: History,
) -> None:
    batch = [theirs("The Quick brown fox"), mine("quiche"), theirs("Ünïted naïve")]
    await history.append_many(batch)
    assert await history.search(ANN, "qui", 10) == tuple(batch[:2])
    assert await history.search(ANN, "BROWN quick", 10) == (batch[0],)
    assert await history.search(ANN, "united", 10) == (batch[2],)
    assert await history.search(ANN, "uick", 10) == ()
    assert await history.search(ANN, "qui", 1) == (batch[1],)


async def test_a_search_stays_in_its_conversation_unless_it_is_for_all(
    history: History,
) -> None:
    ann, bob = theirs("word"), theirs("word", BOB)
    await history.append_many([ann, bob])
    assert await history.search(ANN, "word", 10) == (ann,)
    assert await history.search(None, "word", 10) == (ann, bob)


async def test_file_names_and_signs_and_scripts_without_spaces_are_found(
    history: History,
) -> None:
    batch = [
        theirs("", file="Holiday-Photo.jpg"),
        theirs("see you 👍 soon"),
        theirs("今天天气很好"),
        theirs("100% sure_thing"),
        theirs("C:\\temp\\file"),
    ]
    await history.append_many(batch)
    for text, found in (
        ("photo", 0),
        ("holiday-photo.jpg", 0),
        ("👍", 1),
        ("天气", 2),
        ("%", 3),
        ("_", 3),
        ("\\", 4),
    ):
        assert await history.search(ANN, text, 10) == (batch[found],), text


async def test_a_search_for_nothing_finds_nothing(history: History) -> None:
    await history.append(theirs("word"))
    assert await history.search(ANN, " \n\0 ", 10) == ()


HOSTILE = [
    '"',
    "'",
    "NEAR(",
    "AND",
    "OR NOT",
    "text:x",
    "*",
    "^a",
    "a*",
    '"a" b',
    "a-b",
    ")",
    "{",
]


async def test_the_words_of_a_user_are_never_a_query_language(history: History) -> None:
    await history.append(theirs("word"))
    for text in (*HOSTILE, "\ud800", "a\ud800", "x" * 100_000, "a " * 50_000, "%_" * 5000):
        assert isinstance(await history.search(ANN, text, 10), tuple)


@given(text=st.text(max_size=30) | st.lists(st.sampled_from(HOSTILE), max_size=5).map(" ".join))
@settings(max_examples=60)
def test_no_text_makes_a_search_fail(text: str) -> None:
    async def search() -> None:
        history = History(_shared.database)
        assert isinstance(await history.search(ANN, text, 10), tuple)

    _shared.runner.run(search())


class _Shared:
    """One database for all examples of a property."""

    runner: asyncio.Runner
    database: Database


_shared = _Shared()


@pytest.fixture(autouse=True)
def _share(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> object:
    if request.node.originalname != "test_no_text_makes_a_search_fail":
        yield
        return
    path = tmp_path_factory.mktemp("search") / "lanchat.db"
    with asyncio.Runner() as _shared.runner:
        _shared.database = _shared.runner.run(Database.create(path, b"k" * 32))
        yield
        _shared.runner.run(_shared.database.close())
