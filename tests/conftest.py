"""What every test may use; all that acts by itself is that no example has a wall-clock deadline."""

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from kaizen_eval.generators import profiles

pytest_plugins = ["pytester"]

profiles.register()  # for --hypothesis-profile: `nightly` tries more of them
# No deadline: other work shares the machine, and first examples load libraries.
settings.register_profile("kaizen-eval", deadline=None, max_examples=50)
settings.load_profile("kaizen-eval")


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt, also where a shell that started pytest in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
