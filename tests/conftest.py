"""What every test may use; what acts by itself: no example has a wall-clock deadline, and coverage pauses."""

import signal
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from coverage_pauses import set_children, unmeasured
from hypothesis import settings

from kaizen_eval.generators import profiles

pytest_plugins = ["pytester"]

profiles.register()  # for --hypothesis-profile: `nightly` tries more of them
# No deadline: other work shares the machine, and first examples load libraries.
settings.register_profile("kaizen-eval", deadline=None, max_examples=50)
settings.load_profile("kaizen-eval")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "unmeasured: other tests run the same lines, so coverage is not measured here.")
    config.addinivalue_line("markers", "measured_children: coverage is measured in programs that the test starts, too.")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    set_children(item)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    with unmeasured() if item.get_closest_marker("unmeasured") else nullcontext():
        return (yield)


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt, also where a shell that started pytest in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
