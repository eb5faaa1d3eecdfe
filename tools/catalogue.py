"""The window's words in other languages: `python -m tools.catalogue [CODE...]`, `make words`.

Reads every sentence out of the source, brings each catalogue up to date and compiles it.  A
sentence that is new comes without words, one that changed with its old ones, marked `fuzzy`
and not used; one that is gone goes.  A CODE begins a catalogue for that language.  The files
hold no dates and no line numbers: the same words make the same bytes everywhere.
"""

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).parent.parent
FOLDER: Final = ROOT / "lanchat/gui/locale"
WIDTH: Final = 96
NOTE: Final = "For translators:"  # begins a comment that goes with a sentence
_KEYWORDS: Final = {"_": None, "later": None, "Sentence": None, "ngettext": (1, 2)}
_ERRORS: Final = ROOT / "lanchat/errors"
_ENGLISH_ONLY: Final = (ROOT / "lanchat/cli", ROOT / "lanchat/errors/sentence.py")


class Words(Catalog):
    """A catalogue whose head says what its readers need, and nothing else."""

    @property  # type: ignore[misc]  # only read
    def mime_headers(self) -> list[tuple[str, str]]:
        """What stands at its head."""
        return [
            ("Language", str(self.locale_identifier)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]


def template() -> Catalog:
    """Every sentence of the source, without words."""
    found = Catalog(fuzzy=False)
    for path in sorted((ROOT / "lanchat").rglob("*.py")):
        if any(path.is_relative_to(one) for one in _ENGLISH_ONLY):
            continue
        place = [(path.relative_to(ROOT).as_posix(), 0)]
        for sentence in _told(path) if path.is_relative_to(_ERRORS) else ():
            found.add(sentence, locations=place)
        with path.open("rb") as file:
            for _line, said, comments, _context in extract("python", file, _KEYWORDS, [NOTE]):
                found.add(said, locations=place, auto_comments=comments)
    return found


def read(path: Path) -> Words:
    """A catalogue as it was written down."""
    with path.open("rb") as file:
        held = read_po(file)
    words = Words(path.parent.parent.name, header_comment=held.header_comment, fuzzy=False)
    for message in held:
        if message.id:
            words[message.id] = message
    return words


def written(words: Words) -> bytes:
    """The text of a catalogue."""
    file = io.BytesIO()
    write_po(file, words, width=WIDTH, include_lineno=False, ignore_obsolete=True)
    return file.getvalue()


def compiled(words: Words) -> bytes:
    """A catalogue as the window reads it."""
    file = io.BytesIO()
    write_mo(file, words)
    return file.getvalue()


def missing(words: Catalog) -> tuple[Message, ...]:
    """The sentences that have no words yet, or doubtful ones."""
    return tuple(one for one in words if one.id and (one.fuzzy or not _complete(one)))


def path_of(code: str) -> Path:
    """Where the catalogue of a language lies."""
    return FOLDER / code / "LC_MESSAGES/lanchat.po"


def main(codes: list[str]) -> int:
    """Bring every catalogue up to date, and begin one for each code."""
    sentences = template()
    paths = {path_of(code) for code in codes} | set(FOLDER.glob("*/LC_MESSAGES/*.po"))
    for path in sorted(paths):
        head = f"# lanchat in {path.parent.parent.name}"
        words = read(path) if path.exists() else Words(
            path.parent.parent.name, header_comment=head, fuzzy=False
        )  # fmt: skip
        words.update(sentences)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(words))
        path.with_suffix(".mo").write_bytes(compiled(words))
        lacking = missing(words)
        print(f"{path.relative_to(ROOT)}: {len(words) - len(lacking)} of {len(words)}")
        for one in lacking:
            print(f"  {one.id if isinstance(one.id, str) else one.id[0]}")
    return 0


def _complete(message: Message) -> bool:
    said = message.string
    return all(said) if isinstance(said, tuple) else bool(said)


def _told(path: Path) -> Iterator[str]:
    """What errors say: the first line of the docstring of each class (errors/root.py)."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef) and (told := ast.get_docstring(node)):
            yield told.partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
