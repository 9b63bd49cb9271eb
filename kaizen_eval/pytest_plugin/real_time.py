"""A test with `kaizen_llm` behind the door "server": on real time, as far as that does."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any, NoReturn, TypeVar

import pytest

from kaizen_eval.fake.doors.server import ServerDoor
from kaizen_eval.messages import ChatDelta, ChatReply, ChatRequest
from kaizen_eval.providers import use_llm
from kaizen_eval.pytest_plugin import served, stage
from kaizen_eval.recording.in_use import outside
from kaizen_eval.resilience.patience import limited

__all__ = ["TOO_LONG", "llm", "no_long_waits"]

_T = TypeVar("_T")

TOO_LONG = 1.0
"""Seconds; a test that would really wait as long at one go is skipped. With the default policy no retry does."""


class _Unclocked(served.ServedLLM):
    """Has no virtual clock to show: whoever looks at it wants virtual time."""

    def __init__(self, refuse: Callable[[str], NoReturn], **place: Any) -> None:
        super().__init__(**place)
        self._refuse = refuse

    @property
    def clock(self) -> NoReturn:
        self._refuse("looks at kaizen_llm.clock")


class _Door(ServerDoor):
    """A cassette that the test's own clients use has no part in what it asks."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        with outside():
            return await super().complete(request)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta, None]:
        """Step by step: between two parts, whoever reads them is inside of its cassette."""
        deltas = super().stream(request)
        try:
            while (delta := await _outside(anext(deltas, None))) is not None:
                yield delta
        finally:
            await _outside(deltas.aclose())


async def _outside(step: Awaitable[_T]) -> _T:
    with outside():
        return await step


@contextmanager
def llm(request: pytest.FixtureRequest) -> Iterator[served.ServedLLM]:
    """A fake behind the server, asked through the OpenAI SDK by every agent without a provider of its own."""
    own = stage.of(request.node)
    with served.staged(request, partial(_Unclocked, own.refuse)) as fake:
        door = _Door(fake.base_url, fake.api_key, model=fake.model)
        with closing(door), no_long_waits(own), use_llm(door):
            yield fake


@contextmanager
def no_long_waits(own: stage.Stage) -> Iterator[None]:
    """In this block the test is skipped when it would really wait for long."""

    def refuse(seconds: float) -> NoReturn:
        own.refuse("would wait for ever" if math.isinf(seconds) else f"would wait for {_told(seconds)} s")

    with limited(TOO_LONG, refuse):
        yield


def _told(seconds: float) -> str:
    return f"{seconds:,.2f}".rstrip("0").rstrip(".")
