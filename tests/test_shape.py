"""The shape of the project: sizes, names and manners that no other tool checks."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PACKAGES = ("lanchat", "tests", "bench", "tools")
SAYS_NOTHING = {"util", "utils", "helper", "helpers", "common", "misc", "base", "manager"}
FOREIGN_PATHS = re.compile(r"(?<![\w\"'])/(?:work|root|home|tmp)/[a-z]")


def _modules(*packages: str) -> list[Path]:
    return sorted(
        path
        for package in packages
        for path in (REPOSITORY / package).rglob("*.py")
        if "__pycache__" not in path.parts
    )


def _name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=False
    ).stdout
    paths = [REPOSITORY / name.decode() for name in listed.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_module_of_lanchat_is_longer_than_350_lines() -> None:
    sizes = {_name(path): path.read_text().count("\n") for path in _modules("lanchat")}
    assert {name: size for name, size in sizes.items() if size > 350} == {}


def test_no_module_of_the_tests_or_the_bench_is_longer_than_700_lines() -> None:
    sizes = {_name(path): path.read_text().count("\n") for path in _modules("tests", "bench")}
    assert {name: size for name, size in sizes.items() if size > 700} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [_name(path) for path in _modules(*PACKAGES) if path.stem in SAYS_NOTHING] == []


def test_each_package_introduces_itself_and_holds_no_code() -> None:
    for path in _modules("lanchat"):
        if path.name != "__init__.py":
            continue
        body = ast.parse(path.read_text()).body
        assert body, f"{_name(path)} is empty"
        assert ast.get_docstring(ast.Module(body, [])), f"{_name(path)} has no docstring"
        rest = [ast.unparse(node) for node in body[1:]]
        if path == REPOSITORY / "lanchat/errors/__init__.py":
            rest = [one for one in rest if not one.startswith("from lanchat.errors.")]
        allowed = path == REPOSITORY / "lanchat/__init__.py"
        assert rest == [] or (allowed and rest[0].startswith("__version__")), _name(path)


def test_each_module_says_what_it_is_for() -> None:
    silent = [
        _name(path)
        for path in _modules("lanchat", "bench", "tools")
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


@pytest.mark.parametrize("mark", ["# type: ignore\n", "# noqa\n", "raise NotImplementedError"])
def test_nothing_is_waved_through(mark: str) -> None:
    found = [
        _name(path)
        for path in _modules(*PACKAGES)
        if path != Path(__file__) and mark in path.read_text()
    ]
    assert found == []


def test_no_file_names_a_path_of_one_machine() -> None:
    found = [
        f"{_name(path)}: {line.strip()}"
        for path in _tracked()
        if path.suffix in {".py", ".md", ".toml", ".cfg", ".txt", ".json"}
        and path != Path(__file__)
        for line in path.read_text(errors="replace").splitlines()
        if FOREIGN_PATHS.search(line)
    ]
    assert found == []


def test_the_tests_mirror_the_package() -> None:
    parts = {path.parent.name for path in _modules("lanchat") if path.parent.parent.name}
    parts -= {"lanchat", "errors", "__pycache__"}  # errors are raised where they are tested
    assert {part for part in parts if not (REPOSITORY / "tests" / part).is_dir()} == set()
