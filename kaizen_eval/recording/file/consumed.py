"""What an exchange used, as far as its answer tells: the model, and its tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kaizen_eval.messages import Usage
from kaizen_eval.recording.conversation.answers import spent
from kaizen_eval.recording.conversation.looking import json_of, mapping, text
from kaizen_eval.recording.conversation.streams import assembled, events
from kaizen_eval.recording.exchange import Exchange, Failure

__all__ = ["Consumed", "consumed"]


class Consumed(NamedTuple):
    asked: str
    """The model as the request names it."""
    answered: str
    """The model as the answer names it; as the request does where it does not."""
    usage: Usage | None
    """None where it may have been billed and nothing tells."""


def consumed(exchange: Exchange) -> Consumed | None:
    """None where no model was asked; nothing is billed for an error, or for a request that never got there."""
    asked = text(mapping(json_of(exchange.request.body.data)).get("model"))
    if not asked:
        return None
    if exchange.response is None:
        return Consumed(asked, asked, Usage() if _is_unsent(exchange.failure) else None)
    if exchange.response.status >= 400:
        return Consumed(asked, asked, Usage())
    answer = _answer(exchange.response.body.data)
    return Consumed(asked, text(answer.get("model")) or asked, spent(answer))


def _is_unsent(failure: Failure | None) -> bool:
    """Whether no service has seen the request; one that timed out may have been answered, and billed."""
    return failure is not None and failure.error in {"ConnectError", "ConnectTimeout", "PoolTimeout"}


def _answer(data: bytes) -> Mapping[str, Any]:
    """The answer, whole or streamed; empty where it is in no known shape."""
    return mapping(json_of(data, None) if data[:1] == b"{" else assembled(events(data)))
