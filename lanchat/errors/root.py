"""The root of every error: what a front end may catch, and be sure the rest are bugs.

The first line of each docstring is the sentence the user reads: what happened, and what
to do where something can be done.  `str(error)` is the detail for the log and holds no
key, passphrase, name or text of anybody; numbers are attributes.
"""


class LanchatError(Exception):
    """Something went wrong."""

    # What to try, for people; may hold names, so it is never logged.  A `Sentence` where a
    # window may show it.
    hint: str = ""

    @property
    def sentence(self) -> str:
        """The sentence shown to the user: the first line of the class docstring."""
        return (type(self).__doc__ or "").partition("\n")[0]


class Unforeseen(LanchatError):
    """Something went wrong that should not be possible; the log has more."""
