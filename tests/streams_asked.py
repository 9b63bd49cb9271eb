"""Asking a provider for a stream: what came of it, as values that compare."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass

from kaizen_eval.fake import FakeLLM
from kaizen_eval.messages import ChatDelta, ChatRequest
from kaizen_eval.provider import StreamingProvider
from kaizen_eval.resilience.clock import current_clock, virtual_time

__all__ = ["Streamed", "stream_all", "streamed"]


@dataclass(frozen=True, slots=True)
class Streamed:
    """One stream, to its end or to where its reader left it."""

    deltas: tuple[ChatDelta, ...]
    error: Exception | None = None
    instants: tuple[float, ...] = ()
    """When each delta came, in seconds of virtual time."""

    @property
    def text(self) -> str:
        return "".join(delta.text for delta in self.deltas)

    @property
    def told(self) -> tuple[object, ...]:
        """What is the same at all doors."""
        received = getattr(self.error, "received", None)
        return self.deltas, type(self.error), received, getattr(self.error, "status", None)


async def streamed(
    provider: StreamingProvider, request: ChatRequest, *, leave: int | None = None, patience: float = 20.0
) -> Streamed:
    """What came within this time, until so many deltas were there."""
    deltas, instants, clock = list[ChatDelta](), list[float](), current_clock()
    try:
        async with asyncio.timeout(patience), aclosing(provider.stream(request)) as parts:
            while len(deltas) != leave and (delta := await anext(parts, None)) is not None:
                deltas.append(delta)
                instants.append(0.0 if clock is None else clock.now)
    except Exception as error:  # noqa: BLE001 - whatever it is, the doors are compared by it
        return Streamed(tuple(deltas), error, tuple(instants))
    return Streamed(tuple(deltas), None, tuple(instants))


def stream_all(
    fake: FakeLLM, *requests: ChatRequest, door: str = "direct", leave: int | None = None, patience: float = 5000.0
) -> list[Streamed]:
    """One after the other, on virtual time."""

    async def ask_them() -> list[Streamed]:
        provider = fake if door == "direct" else fake.sdk()
        try:
            return [await streamed(provider, request, leave=leave, patience=patience) for request in requests]
        finally:
            await provider.aclose()

    with virtual_time() as clock:
        return clock.run(ask_them())
