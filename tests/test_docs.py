"""The documents are true: what they name exists, and what exists is documented."""

import inspect
import re
from pathlib import Path

import pytest

from lanchat import errors
from lanchat.cli.arguments import COMMANDS, parse

REPOSITORY = Path(__file__).parents[1]
DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
SOURCES = sorted(
    [*(REPOSITORY / "lanchat").rglob("*.py"), *(REPOSITORY / "tests").rglob("*.py")]
)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
NAMED_FILE = re.compile(r"`((?:docs|tests|lanchat|tools|bench)/[\w./-]+\.\w+)`")
SECTION = re.compile(r"PROTOCOL\.md, (\d+[a-z]?)")
HEADING = re.compile(r"^#+ (\d+[a-z]?)[. ]", re.MULTILINE)
#: Commands of the contract that are not built yet (docs/ROADMAP.md).
LATER = {"chat", "backup", "restore"}


def _text(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_each_link_of_a_document_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = [path.parent / link for link in LINK.findall(text) if "://" not in link]
    targets += [REPOSITORY / name for name in NAMED_FILE.findall(text)]
    assert [str(target) for target in targets if not target.exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_installs_lanchat_by_its_name_on_the_index(path: Path) -> None:
    found = re.findall(
        r"(?:pip3?|pipx|uv tool|uv pip) install [^\n`]*\blanchat\b(?![/\\-])",
        path.read_text(encoding="utf-8"),
    )
    assert found == []


def test_the_readme_gives_the_commands_that_the_makefile_has() -> None:
    readme, makefile = _text("README.md"), _text("Makefile")
    for target in ("run", "demo", "test"):
        assert f"make {target}" in readme
    for target in set(
        re.findall(r"(?:^|`)make ([a-z]+)", readme + _text("CONTRIBUTING.md"), re.M)
    ):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"


def test_the_checks_of_a_change_are_those_of_the_readme() -> None:
    script = _text(".ci/run")
    assert "make test" in script
    assert "make check" in script


def test_each_error_has_a_sentence_for_the_user() -> None:
    for name, error in vars(errors).items():
        if inspect.isclass(error) and issubclass(error, errors.LanchatError):
            sentence = (error.__doc__ or "").partition("\n")[0]
            assert re.fullmatch(r"[A-Z].*[.]", sentence), f"{name}: {sentence!r}"


def test_each_section_of_the_protocol_that_the_code_cites_exists() -> None:
    sections = set(HEADING.findall(_text("docs/PROTOCOL.md")))
    cited = {
        (section, path.name)
        for path in SOURCES
        for section in SECTION.findall(path.read_text(encoding="utf-8"))
    }
    assert {(section, name) for section, name in cited if section not in sections} == set()


def test_each_command_is_documented_and_each_documented_command_exists() -> None:
    documented = set(
        re.findall(r"^\| `lanchat ([a-z]+)", _text("docs/COMMANDS.md"), re.MULTILINE)
    )
    assert set(COMMANDS) == documented - LATER


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([command, "--help"])
    assert ended.value.code == 0
    assert f"Example: lanchat {command}" in capsys.readouterr().out


def test_the_changelog_tells_what_is_not_released_yet() -> None:
    assert re.search(r"^## Unreleased\n\n### \w+\n- ", _text("CHANGELOG.md"), re.MULTILINE)
