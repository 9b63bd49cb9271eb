"""A test with `kaizen_llm` behind the door "server": on real time, as far as that does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

from kaizen_eval.errors import UsageError
from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.doors.server import ServerDoor
from kaizen_eval.providers import use_llm
from kaizen_eval.pytest_plugin import served, stage
from kaizen_eval.pytest_plugin.virtual import ON_REAL_TIME
from kaizen_eval.resilience.patience import limited
from kaizen_eval.testing.network import network_guard

__all__ = ["LONGEST_WAIT", "llm"]

LONGEST_WAIT = 0.5
"""Seconds; a test that would really wait longer at one go is skipped."""


class _Unclocked(served.ServedLLM):
    """Has no virtual clock to show."""

    @property
    def clock(self) -> NoReturn:
        """Whoever looks at it wants virtual time."""
        pytest.skip(ON_REAL_TIME)


@contextmanager
def llm(request: pytest.FixtureRequest) -> Iterator[FakeLLM]:
    """A fake behind the server, asked through the OpenAI SDK by every agent without a provider of its own."""
    own = stage.of(request.node)

    def refuse(seconds: float) -> None:
        own.waits_too_long = True
        raise UsageError(f"This would really wait for {seconds:g} s: the test {ON_REAL_TIME}.")

    with served.fake_behind_server(request, _Unclocked) as fake, network_guard() as guard:
        own.guards.append(guard)
        own.llm = fake
        own.door = "server"
        door = ServerDoor(fake.base_url, fake.api_key, model=fake.model)
        with limited(LONGEST_WAIT, refuse), use_llm(door):
            yield fake
        door.close()
