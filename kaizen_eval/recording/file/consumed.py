"""What an exchange used, as far as its answer tells: the model, and its tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from kaizen_eval.messages import Usage
from kaizen_eval.recording.exchange import Exchange, Failure
from kaizen_eval.recording.file.events import events_of

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
    request = _json(exchange.request.body.data)
    asked = request.get("model") if isinstance(request, dict) else None
    if not isinstance(asked, str):
        return None
    if exchange.response is None:
        return Consumed(asked, asked, Usage() if _is_unsent(exchange.failure) else None)
    if exchange.response.status >= 400:
        return Consumed(asked, asked, Usage())
    model, usage = asked, dict[str, Any]()
    for part in _parts(exchange.response.body.data):
        model = part["model"] if isinstance(part.get("model"), str) else model
        usage |= part["usage"] if isinstance(part.get("usage"), dict) else {}
    return Consumed(asked, model, _usage(usage) if usage else None)


def _is_unsent(failure: Failure | None) -> bool:
    """Whether no service has seen the request; one that timed out may have been answered, and billed."""
    return failure is not None and failure.error in {"ConnectError", "ConnectTimeout", "PoolTimeout"}


def _parts(data: bytes) -> Iterator[dict[str, Any]]:
    """The objects of an answer, of one piece or streamed, that may name the model and tell the usage."""
    whole = _json(data)
    for event in [whole] if isinstance(whole, dict) else events_of(data):
        yield event
        for name in ("response", "message"):
            if isinstance(event.get(name), dict):
                yield event[name]


def _json(data: bytes) -> Any:
    if data[:1] != b"{":
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _usage(told: dict[str, Any]) -> Usage:
    """From the names of chat completions, or those of responses and messages."""
    return Usage(
        prompt=_count(told, "prompt_tokens", "input_tokens"),
        completion=_count(told, "completion_tokens", "output_tokens"),
        cached=_count(_details(told, "prompt_tokens_details", "input_tokens_details"), "cached_tokens"),
        reasoning=_count(_details(told, "completion_tokens_details", "output_tokens_details"), "reasoning_tokens"),
    )


def _details(told: dict[str, Any], *names: str) -> dict[str, Any]:
    return next((told[name] for name in names if isinstance(told.get(name), dict)), {})


def _count(told: dict[str, Any], *names: str) -> int:
    return next((told[name] for name in names if type(told.get(name)) is int and told[name] >= 0), 0)
