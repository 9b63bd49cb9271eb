"""What the fixtures hold: virtual time with a guard, and a fake LLM behind the chosen door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kaizen_eval.fake import FakeLLM
from kaizen_eval.providers import use_llm
from kaizen_eval.pytest_plugin import hooks, options, stage
from kaizen_eval.pytest_plugin.virtual import CLOCK, SERVER, time_is_real
from kaizen_eval.resilience.clock import VirtualClock, virtual_time
from kaizen_eval.testing.network import network_guard

__all__ = ["clock", "llm"]


@contextmanager
def clock(request: pytest.FixtureRequest) -> Iterator[VirtualClock]:
    """Virtual time, and no way to a real host."""
    _refuse_beside_server(request)
    if options.read(request.config).is_on_real_time:  # a fixture that was asked for by its name, while the test ran
        pytest.skip(time_is_real(options.read(request.config).door))
    hooks.register(request.config)
    with virtual_time() as time, network_guard() as guard:
        stage.of(request.node).guards.append(guard)
        yield time


@contextmanager
def llm(request: pytest.FixtureRequest) -> Iterator[FakeLLM]:
    """A fake that every agent without a provider of its own asks, through the door that the settings name."""
    _refuse_beside_server(request)
    settings = options.read(request.config)
    if settings.has_cassette:
        from kaizen_eval.pytest_plugin import recorded  # noqa: PLC0415 - loads the SDK

        with recorded.llm(request) as llm:
            yield llm
        return
    if settings.is_on_real_time:
        from kaizen_eval.pytest_plugin import real_time  # noqa: PLC0415 - loads the server and the SDK

        with real_time.llm(request) as served:
            yield served
        return
    request.getfixturevalue(CLOCK)
    fake = FakeLLM(seed=settings.seed)
    with use_llm(fake if settings.door == "direct" else fake.sdk()):
        own = stage.of(request.node)
        own.llm, own.door = fake, settings.door
        yield fake


def _refuse_beside_server(request: pytest.FixtureRequest) -> None:
    if SERVER in request.fixturenames:
        from kaizen_eval.pytest_plugin.served import TWO_FAKES  # noqa: PLC0415 - loads the server

        pytest.fail(TWO_FAKES, pytrace=False)
