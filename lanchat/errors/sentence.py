"""Sentences with something in them, which a window can say in another language."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self


class Sentence(str):
    """Words for people.

    Commands print it as it is.  A window looks its `form` up among its words and puts what
    it `holds` in again.
    """

    __slots__ = ("form", "holds")

    form: str
    holds: Mapping[str, object]

    def __new__(cls, form: str, **holds: object) -> Self:
        """`form` with what it holds; without any, braces mean nothing in it."""
        made = super().__new__(cls, form.format(**holds) if holds else form)
        made.form, made.holds = form, MappingProxyType(holds)
        return made
