"""What a provider gave, held against what one must give."""

from __future__ import annotations

from collections.abc import Awaitable

from kaizen_eval.errors import UsageError
from kaizen_eval.messages import ChatReply
from kaizen_eval.provider import Provider

__all__ = ["as_awaitable", "as_reply"]


def as_awaitable(answer: Awaitable[ChatReply], provider: Provider) -> Awaitable[ChatReply]:
    if not isinstance(answer, Awaitable):
        raise UsageError(f"{type(provider).__name__}.complete must be `async def`; it returned {answer!r} at once.")
    return answer


def as_reply(given: object, provider: Provider) -> ChatReply:
    if not isinstance(given, ChatReply):
        raise UsageError(f"{type(provider).__name__}.complete must return a ChatReply, not {given!r}.")
    return given
