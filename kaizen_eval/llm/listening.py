"""Listening: one streamed attempt, each part within its time, told to the reader and put together into a reply."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from kaizen_eval.errors import AttemptTimeout, ProviderError, UsageError
from kaizen_eval.llm.in_time import in_time
from kaizen_eval.llm.streaming.accumulator import Accumulator
from kaizen_eval.llm.streaming.billing import usage_of_part
from kaizen_eval.llm.telling import Telling
from kaizen_eval.messages import ChatDelta, ChatReply, ChatRequest, Usage
from kaizen_eval.provider import Provider, StreamingProvider
from kaizen_eval.resilience.clock import now_ns

__all__ = ["Listening"]


class Listening:
    """Hears one reply out. The time that the reader takes between two parts is not the provider's."""

    def __init__(self, provider: StreamingProvider, request: ChatRequest, *, seconds: float, telling: Telling) -> None:
        self._provider = provider
        self._request = request
        self._seconds = seconds
        self._telling = telling
        self._heard = Accumulator()
        self._has_begun = False
        self.first_ns: int | None = None
        """When the first part came that says something."""

    async def reply(self) -> ChatReply:
        """The whole reply.

        Raises:
            AttemptTimeout: the first part, or one after another, did not come in time.
            ProviderError: with what had come as `received`, where the stream had begun.
        """
        parts = _parts(self._provider.stream(self._request), self._provider)
        try:
            while (part := await self._next(parts)) is not None:
                await self._take(part)
            return self._heard.reply()
        except ProviderError as error:
            if self._has_begun and error.received is None:
                error.received = self._heard.text
            raise
        finally:
            await _closed(parts)

    def billed(self) -> tuple[Usage | None, bool]:
        """What a reply that broke off used, and whether that is our own count; None where nothing had come."""
        if self._heard.usage is not None:
            return self._heard.usage, False
        if not self._has_begun:
            return None, False
        heard = self._heard
        used = usage_of_part(self._request, heard.text, heard.tool_calls, refusal=heard.refusal, model=heard.model)
        return used, True

    @property
    def model(self) -> str | None:
        """The model that answers, once it is known."""
        return self._heard.model

    async def _next(self, parts: AsyncIterator[ChatDelta]) -> ChatDelta | None:
        part = await in_time(anext(parts, None), self._seconds, self._late)
        return _delta(part, self._provider)

    async def _take(self, part: ChatDelta) -> None:
        self._has_begun = True
        if self.first_ns is None and (part.text or part.tool_calls or part.refusal):
            self.first_ns = now_ns()
        self._heard.add(part)
        if part.text:
            await self._telling.say(part.text)

    def _late(self) -> AttemptTimeout:
        limit = f"within request_timeout ({self._seconds:g} s)"
        if not self._has_begun:
            return AttemptTimeout(f"No answer {limit}.")
        return AttemptTimeout(f"The answer broke off: no more of it came {limit}.", received=self._heard.text)


def _parts(given: object, provider: Provider) -> AsyncIterator[ChatDelta]:
    if not isinstance(given, AsyncIterator):
        if asyncio.iscoroutine(given):
            given.close()
        raise UsageError(
            f"{type(provider).__name__}.stream must return an async iterator of ChatDeltas, as an `async def` with "
            f"`yield` does, not {given!r}."
        )
    return given


def _delta(given: object, provider: Provider) -> ChatDelta | None:
    if given is not None and not isinstance(given, ChatDelta):
        raise UsageError(f"{type(provider).__name__}.stream must give ChatDeltas, not {given!r}.")
    return given


async def _closed(parts: AsyncIterator[ChatDelta]) -> None:
    """End the request, where the iterator can."""
    close = getattr(parts, "aclose", None)
    if close is not None:
        await close()
