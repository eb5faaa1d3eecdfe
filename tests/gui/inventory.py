"""An inventory of what there is to do in the window, read from its source."""

import ast
from collections.abc import Iterator
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


def controls() -> set[str]:
    """The name of every control that the source names."""
    return {name for call in _calls() for name in _named(call)}


def entries() -> set[str]:
    """The words of every entry of a menu."""
    says = (call.args[0] for call in _calls() if _called(call) == "Choice" and call.args)
    return {_text(one.args) for one in says if isinstance(one, ast.Call)} - {""}


def _calls() -> Iterator[ast.Call]:
    for path in sorted(GUI.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield node


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
        found.append(_text([given[name] for name in ("name",) if name in given]))
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
