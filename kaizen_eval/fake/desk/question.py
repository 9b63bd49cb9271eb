"""What makes two requests the same question: a digest of the messages and settings, never of who asks."""

from __future__ import annotations

from hashlib import blake2b

from kaizen_eval.messages import ChatRequest

__all__ = ["digest"]


def digest(request: ChatRequest, seed: int) -> bytes:
    """Sixteen bytes, the same in every process and behind every door.

    The output schema and the tools are left out: they are long, and the messages tell questions apart.
    """
    said = [
        (message.role, message.content, message.tool_call_id, *((c.name, c.arguments) for c in message.tool_calls))
        for message in request.messages
    ]
    settings = (request.model, request.temperature, request.top_p, request.max_tokens, request.seed, request.stop)
    return blake2b(repr((seed, said, settings)).encode(), digest_size=16).digest()
