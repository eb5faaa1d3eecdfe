"""What must be true where the same was sent before, and came into what is there.

What is the same stays as it is.  A file that changed takes the place of its older self, or
lies beside it as " (2)"; what the sender has no more stays too.
"""

from collections.abc import Iterator

from tests.faults import goods
from tests.faults.goods import Portrait


def judge(
    found: Portrait, earlier: Portrait, sent: Portrait, *, overwrite: bool
) -> Iterator[str]:
    """What is wrong with `found`.  `earlier` is what came the first time."""
    names = {top: _name(earlier, top) for top in goods.TOPS.values()}
    called = {_there(path, names): path for path in sent}
    wanted = {path: sent[called[path]] for path in called}
    left = dict(found)
    for path, looks in earlier.items():
        after = wanted.get(path, looks)
        replaced = overwrite and not _same(looks, after)
        if left.pop(path, None) != (after if replaced else looks):
            yield f"{path!r} is {found.get(path)}, and was {looks}"
    for path, looks in wanted.items():
        older = earlier.get(path)
        if older is not None and (overwrite or _same(older, looks)):
            continue
        places = [path] if older is None else _beside(path, called[path])
        here = [place for place in places if left.get(place) == looks]
        if len(here) != 1:
            yield f"{len(here)} times {path!r}, of which there is one"
        for place in here:
            del left[place]
    if left:
        yield f"nobody sent {sorted(left)[:5]}"


def _name(earlier: Portrait, top: str) -> str:
    """Under which name a top came the first time."""
    names = (goods.numbered(top, number) for number in range(1, 9))
    return next((name for name in names if name in earlier), top)


def _there(path: str, names: dict[str, str]) -> str:
    top, slash, rest = path.partition("/")
    return f"{names[top]}{slash}{rest}"


def _beside(path: str, called: str) -> list[str]:
    """Where a file may lie that is `called` so, and whose older self is at `path`."""
    folder, slash, _name_there = path.rpartition("/")
    name = called.rpartition("/")[2]
    return [f"{folder}{slash}{goods.numbered(name, number)}" for number in range(1, 9)]


def _same(one: tuple[str, str, int], other: tuple[str, str, int]) -> bool:
    """Whether both are alike but for their times, which are not what is compared."""
    return one[:2] == other[:2]
