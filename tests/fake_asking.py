"""Asking a fake through either door: what came, as values that compare."""

from __future__ import annotations

import asyncio
from typing import Any

from kaizen_eval.fake import FakeLLM
from kaizen_eval.messages import ChatReply, ChatRequest, Message
from kaizen_eval.provider import Provider
from kaizen_eval.resilience.clock import virtual_time

__all__ = ["DOORS", "PATIENCE", "ask", "ask_all", "asking", "outcome_of", "said"]

DOORS = ("direct", "sdk")
PATIENCE = 5.0
"""Seconds after which a caller gives up."""


def asking(text: str = "hello", *earlier: Message, system: str | None = None, **fields: Any) -> ChatRequest:
    """A request whose last user message is this text."""
    instructions = () if system is None else (Message("system", system),)
    return ChatRequest(**{"model": None, "messages": (*instructions, *earlier, Message("user", text))} | fields)


def ask_all(fake: FakeLLM, *requests: ChatRequest, door: str = "direct", patience: float = PATIENCE) -> list[object]:
    """One after the other on virtual time: each reply, or what was raised."""

    async def ask_them() -> list[object]:
        provider = fake if door == "direct" else fake.sdk()
        try:
            return [await outcome_of(provider, request, patience=patience) for request in requests]
        finally:
            await provider.aclose()

    with virtual_time() as clock:
        return clock.run(ask_them())


def ask(fake: FakeLLM, text: str = "hello", *, door: str = "direct", **fields: Any) -> Any:
    """The reply to one question; what is raised is raised."""
    [came] = ask_all(fake, asking(text, **fields), door=door)
    if isinstance(came, BaseException):
        raise came
    return came


def said(fake: FakeLLM, *texts: str, **fields: Any) -> list[object]:
    """The reply's text for each question, or the class of what was raised."""
    came = ask_all(fake, *(asking(text, **fields) for text in texts))
    return [reply.text if isinstance(reply, ChatReply) else type(reply) for reply in came]


async def outcome_of(provider: Provider, request: ChatRequest, *, patience: float = PATIENCE) -> object:
    """The reply, or what is raised, a caller's own time-out included."""
    try:
        async with asyncio.timeout(patience):
            return await provider.complete(request)
    except Exception as error:  # noqa: BLE001 - whatever it is, the doors are compared by it
        return error
