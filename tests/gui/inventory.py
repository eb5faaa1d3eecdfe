"""An inventory of what there is to do in the window, read from its source."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

import lanchat.gui
from lanchat.gui import gestures, keys
from lanchat.gui.chat_drawn import Hint, Target
from lanchat.gui.items import Act

GUI: Final = Path(lanchat.gui.__file__).parent
#: What makes a control that is named by its argument `name`; whatever takes the keys is one.
NAMED: Final = frozenset(
    ["Button", "Checkbutton", "Radiobutton", "Entry", "Combobox", "Text", "Field",
     "PassphraseEntry"]
)  # fmt: skip
#: What makes one that is named by its first argument.
FIRST: Final = frozenset(["_button", "tick", "choose", "choice", "act"])


def commands() -> set[str]:
    """Every command of the table."""
    return {*keys.BY_NAME, *keys.PERSONS}


def folded() -> set[str]:
    """Every gesture that the screen knows."""
    return {one.__name__ for one in get_args(gestures.Gesture)}


def acts() -> set[str]:
    """Every act of a card."""
    return {one.value for one in Act}


def targets() -> set[str]:
    """Every kind of thing within a message that does something."""
    return {one.__name__ for one in get_args(Target)} - {Hint.__name__}


@dataclass(frozen=True)
class Named:
    """A control where the source names it: many dialogs have a button "confirm"."""

    name: str
    file: str
    first: int  # line of the call that makes it, or that has it made
    last: int
    told: bool  # that call makes none: whoever draws a bar does

    def __str__(self) -> str:
        return f"{self.name} ({self.file}.py:{self.first})"

    def is_of(self, file: str, line: int) -> bool:
        """Whether a widget of that name comes from here, if that line led to it."""
        return self.told or (file == self.file and self.first <= line <= self.last)


def controls() -> list[Named]:
    """Every control that the source names."""
    return [
        Named(name, path.stem, call.lineno, call.end_lineno or call.lineno, _is_told(call))
        for path, call in _calls()
        for name in _named(call)
    ]


def unreached(seen: Iterable[str]) -> list[str]:
    """The controls that never had the keys, by what the witness says of those that had them."""
    made: dict[str, list[tuple[str, int]]] = {}
    for one in seen:
        name, _space, places = one.partition(" ")
        pairs = (place.partition(":") for place in places.split())
        made.setdefault(name, []).extend((file, int(line)) for file, _colon, line in pairs)
    return sorted(
        str(one)
        for one in controls()
        if not any(one.is_of(*place) for place in made.get(one.name, ()))
    )


def dialogs() -> set[str]:
    """The name of every dialog that is called alike for everybody."""
    made = {_text(_by_name(call)) for _path, call in _calls() if _called(call) == "Dialog"}
    for path in sorted(GUI.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any(
                isinstance(base, ast.Name) and base.id == "Dialog" for base in node.bases
            ):
                inner = (call for call in ast.walk(node) if isinstance(call, ast.Call))
                made |= {_text(_by_name(one)) for one in inner if _called(one) == "__init__"}
    return made - {""}


def entries() -> set[str]:
    """The words of every entry of a menu."""
    says = (call.args[0] for _path, call in _calls() if _called(call) == "Choice" and call.args)
    return {_text(one.args) for one in says if isinstance(one, ast.Call)} - {""}


def _calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted(GUI.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path, node


def _is_told(call: ast.Call) -> bool:
    if _called(call) == "_button" and len(call.args) == 1:
        return True  # it is only looked up
    return isinstance(call.func, ast.Name) and call.func.id == "Button"


def _by_name(call: ast.Call) -> list[ast.expr]:
    return [one.value for one in call.keywords if one.arg == "name"]


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def _named(call: ast.Call) -> Iterator[str]:
    called = _called(call)
    given = {one.arg: one.value for one in call.keywords}
    focus = given.get("takefocus")
    takes_keys = isinstance(focus, ast.Constant) and focus.value == 1
    found: list[str] = []
    if called in NAMED or takes_keys:
        found.append(_text(_by_name(call)))
    if called in FIRST:
        found.append(_text(call.args))
    if called in ("Button", "button"):  # of a bar: what it says, what it does; of a row
        found.append(_text(call.args[1:]))
    if called == "acts":  # of a row: the name, what it says, what it does, its style
        found += [_text(one.elts) for one in call.args if isinstance(one, ast.Tuple)]
    if called == "buttons":  # of a dialog: what it says, what it does, its name
        tuples = (node for node in ast.walk(call) if isinstance(node, ast.Tuple))
        found += [_text(one.elts[2:]) for one in tuples if len(one.elts) == 3]
    yield from filter(None, found)


def _text(nodes: list[ast.expr]) -> str:
    """The text that the first of them is; "" for none."""
    match nodes[:1]:
        case [ast.Constant(value=str(text))]:
            return text
        case _:
            return ""
