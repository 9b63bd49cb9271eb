"""Asking a fake through the real OpenAI SDK on virtual time: what it gives or raises, how often it asks, and when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any, NamedTuple

import openai

from kaizen_eval.fake import FakeLLM
from kaizen_eval.resilience.clock import virtual_time

__all__ = ["READ_TIMEOUT", "Came", "Use", "chat", "chat_stream", "responses_stream", "sdk_use"]

READ_TIMEOUT = 30.0
"""Seconds that the client waits for each part of a response."""
Use = Callable[[openai.AsyncOpenAI], Awaitable[Any]]


class Came(NamedTuple):
    """What came of one call of the SDK."""

    what: Any
    """What it gave, or what was raised."""
    gaps: tuple[float, ...]
    """Seconds between the end of each attempt and the beginning of the next."""
    elapsed: float

    @property
    def attempts(self) -> int:
        return len(self.gaps) + 1

    @property
    def kind(self) -> str:
        """The class of what was raised, and what it is, if anything was."""
        return type(self.what).__name__


def sdk_use(fake: FakeLLM, use: Use, **options: Any) -> Came:
    """Let a client do something; the options are the client's."""
    with virtual_time() as clock:
        began = clock.elapsed
        what = clock.run(_used(fake, use, {"max_retries": 0, "timeout": READ_TIMEOUT} | options))
        elapsed = round(clock.elapsed - began, 6)
    tried = fake.journal.exchanges
    gaps = (round(then.started - (first.ended or 0), 6) for first, then in pairwise(tried))
    return Came(what, tuple(gaps), elapsed)


async def _used(fake: FakeLLM, use: Use, options: dict[str, Any]) -> Any:
    http = openai.DefaultAsyncHttpxClient(transport=fake.transport())
    async with openai.AsyncOpenAI(api_key="sk-fake", http_client=http, **options) as client:
        try:
            return await use(client)
        except Exception as error:  # noqa: BLE001 - whatever the SDK lets through is the fact that is wanted
            return error


def chat(**asked: Any) -> Use:
    """A chat completion."""

    async def use(client: openai.AsyncOpenAI) -> Any:
        return await client.chat.completions.create(**_ASKED | asked)

    return use


def chat_stream(**asked: Any) -> Use:
    """A stream of one, to its end: the texts of its chunks, and what was raised last."""

    async def use(client: openai.AsyncOpenAI) -> list[Any]:
        said: list[Any] = []
        try:
            async for chunk in await client.chat.completions.create(**_ASKED | asked, stream=True):
                said += [choice.delta.content for choice in chunk.choices if choice.delta.content]
        except Exception as error:  # noqa: BLE001 - as above
            said.append(error)
        return said

    return use


def responses_stream(**asked: Any) -> Use:
    """A stream of the Responses API, to its end: the types of its events, and what was raised last."""

    async def use(client: openai.AsyncOpenAI) -> list[Any]:
        seen: list[Any] = []
        try:
            async for event in await client.responses.create(model="m", input="Hi", stream=True, **asked):
                seen += [event.type]
        except Exception as error:  # noqa: BLE001 - as above
            seen.append(error)
        return seen

    return use


_ASKED = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
