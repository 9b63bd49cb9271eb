"""What an attempt used, as far as its reply, or what was heard of a stream, tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaizen_eval.messages import ChatReply, Usage

if TYPE_CHECKING:
    from kaizen_eval.llm.listening import Listening

__all__ = ["answered_by", "tokens_billed", "used"]

_NOTHING = Usage()


def used(reply: ChatReply | None, listening: Listening | None) -> tuple[Usage | None, bool]:
    """What an attempt used, and whether that is our own count of what came of a stream before it broke off."""
    if reply is not None:
        return (None if reply.usage == _NOTHING else reply.usage), False
    return (None, False) if listening is None else listening.billed()


def answered_by(reply: ChatReply | None, listening: Listening | None) -> str | None:
    """The model that answered, as far as it is known."""
    if reply is not None:
        return reply.model
    return None if listening is None else listening.model


def tokens_billed(reply: ChatReply | None, usage: Usage | None) -> int | None:
    """Tokens; None where an answer came and nobody said what it used."""
    if usage is None:
        return 0 if reply is None else None
    return usage.total
