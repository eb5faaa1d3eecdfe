"""What every test stands on: guards, a strict list of skips, hypothesis, the lab."""

import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings

from tests import guards, workers
from tests.lab.lab import Lab
from tests.lab.namespaces import available
from tests.skips import Skips

# A slow machine is no finding; in CI the same examples every time, so that a red run
# belongs to the change it is shown for.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci", parent=settings.get_profile("here"), derandomize=True, database=None, print_blob=True
)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_configure(config: pytest.Config) -> None:
    # For the many processes that tests start: compiling lanchat takes each half a second.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if "PYTEST_XDIST_WORKER" in os.environ:
        workers.move_into_own_network()
    config.pluginmanager.register(guards, "guards")
    config.pluginmanager.register(Skips(), "skips")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Whole programs and several hosts take long."""
    if "integration" in item.path.parts or item.get_closest_marker("netns"):
        item.add_marker("long")


@pytest.hookimpl(trylast=True)  # after the order was drawn
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest come first; tests that share one window, as they are written."""
    items.sort(key=lambda item: item.get_closest_marker("longest") is None)
    told = [place for place, item in enumerate(items) if item.get_closest_marker("in_order")]
    ordered = sorted((items[place] for place in told), key=_written)
    for place, item in zip(told, ordered, strict=True):
        items[place] = item


def _written(item: pytest.Item) -> tuple[str, int, list[int]]:
    if not isinstance(item, pytest.Function):
        return str(item.path), 0, []
    case = getattr(item, "callspec", None)  # the values of a test with parameters
    indices = list(case.indices.values()) if case else []
    return str(item.path), inspect.getsourcelines(item.function)[1], indices


def pytest_xdist_auto_num_workers() -> int:
    return workers.count()


@pytest.fixture
def lab_of() -> Iterator[Callable[..., Lab]]:
    """`lab_of(3)`: hosts h1, h2, h3 on one network, removed when the test ends."""
    possible, why = available()
    if not possible:
        pytest.skip(why)
    with ExitStack() as stack:
        yield lambda hosts, **more: stack.enter_context(Lab(hosts, **more))
