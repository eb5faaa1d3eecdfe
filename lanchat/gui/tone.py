"""Tone: what a line of our own says, apart from its words."""

from enum import StrEnum


class Tone(StrEnum):
    """What a line of our own says, for its colour and icon; never told by colour alone."""

    PLAIN = "plain"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
